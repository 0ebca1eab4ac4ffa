import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Page } from 'playwright-core';
import type { Report } from '../../src/model/advice.ts';
import { applyChanges } from '../../src/model/change.ts';
import type { HostMessage, WebviewMessage } from '../../src/protocol.ts';
import { scaffoldOf, scaffoldWith } from '../../src/scaffold/index.ts';
import { reportOf } from './shop.ts';
import { type Theme, themeCss } from './themes.ts';

const root = resolve(dirname(import.meta.filename), '../..');
const NONCE = 'bm9uY2UtZm9yLXRlc3Rz';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export type Bundle = 'webview' | 'document';

/** One browser and one page for all: a second start of either costs more than most tests. */
export interface Stand {
  open(options: { bundle?: Bundle; theme?: Theme; width?: number; height?: number; report?: Report | null; snapshot?: Partial<Snapshot>; document?: string }): Promise<Stage>;
  close(): Promise<void>;
}
type Snapshot = Extract<HostMessage, { kind: 'snapshot' }>;

/** One page with the panel in it, and what it has told its host. */
export interface Stage {
  page: Page;
  posted: WebviewMessage[];
  violations: string[];
  errors: string[];
  send(message: unknown): Promise<void>;
}

/** Bundles the panel, serves it under the editor's own policy, and answers it as the host does. */
export async function createStand(): Promise<Stand> {
  const files = new Map<string, { type: string; text: string }>();
  for (const [name, entry] of [
    ['webview', 'webview/main.tsx'],
    ['document', 'webview/document.ts'],
  ] as const) {
    const made = await build({
      entryPoints: [join(root, entry)],
      bundle: true,
      write: false,
      outfile: `/${name}.js`,
      format: 'iife',
      target: 'es2022',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'error',
    });
    for (const file of made.outputFiles) files.set(file.path, { type: file.path.endsWith('.css') ? 'text/css' : 'text/javascript', text: file.text });
  }
  files.set('/editor.js', { type: 'text/javascript', text: EDITOR });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const file = files.get(url.pathname);
    if (file) response.writeHead(200, { 'content-type': `${file.type}; charset=utf-8`, 'cache-control': 'max-age=600' }).end(file.text);
    else if (url.pathname === '/theme.css') response.writeHead(200, { 'content-type': 'text/css' }).end(themeCss(url.searchParams.get('theme') as Theme));
    else if (url.pathname === '/')
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html(url.searchParams.get('bundle') as Bundle, url.searchParams.get('theme') as Theme, server));
    else response.writeHead(url.pathname === '/favicon.ico' ? 204 : 404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = originOf(server);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  let now: Scene = NOTHING;
  let scenes = 0;
  page.on('pageerror', (it) => now.errors.push(it.message));
  page.on('console', (it) => it.type() === 'error' && now.errors.push(it.text()));
  await page.exposeFunction('tellHost', (message: WebviewMessage) => now.hear(message));
  return {
    open: async (options) => {
      const { bundle = 'webview', theme = 'vscode-dark', width = 1280, height = 800 } = options;
      // Nothing of the scene before may speak into the next one.
      await page.goto('about:blank');
      await page.setViewportSize({ width, height });
      now = sceneOf(page, options);
      const { posted, violations, errors, send } = now;
      await page.goto(`${origin}/?bundle=${bundle}&theme=${theme}&scene=${++scenes}`);
      return { page, posted, violations, errors, send };
    },
    close: async () => {
      await browser.close();
      await new Promise((done) => server.close(done));
    },
  };
}

type Scene = Omit<Stage, 'page'> & { hear(message: WebviewMessage): Promise<void> };
const NOTHING: Scene = { posted: [], violations: [], errors: [], send: async () => undefined, hear: async () => undefined };

/** A host for one loading of the page, and what it heard. */
function sceneOf(page: Page, options: Parameters<Stand['open']>[0]): Scene {
  const posted: WebviewMessage[] = [];
  const violations: string[] = [];
  let report = options.report ?? null;
  const send = (message: unknown): Promise<void> =>
    page.evaluate((it) => (globalThis as unknown as { postMessage(it: unknown, origin: string): void }).postMessage(it, '*'), message);
  const snapshot = (): Snapshot => {
    const plan = report && scaffoldOf(report.topology);
    return { kind: 'snapshot', workspace: 'shop', status: { kind: 'ready' }, report, scaffold: plan && 'npx' in plan ? plan : null, canRunScaffold: true, ...options.snapshot };
  };
  const hear = async (message: WebviewMessage): Promise<void> => {
    posted.push(message);
    if (message.kind === 'violation') violations.push(`${message.directive}: ${message.blocked}`);
    if (message.kind === 'ready') await send(options.bundle === 'document' ? { kind: 'document', text: options.document ?? '' } : snapshot());
    if (message.kind === 'setScenario' && report) {
      report = reportOf(report.topology, message.scenario);
      await send(snapshot());
    }
    if (message.kind === 'scaffold' && report) {
      const plan = scaffoldWith(applyChanges(report.topology, message.changes), message.lab);
      await send({ kind: 'reply', requestId: message.requestId, ...('npx' in plan ? { ok: true, scaffold: plan } : { ok: false, error: plan.cannot }) } satisfies HostMessage);
    } else if ('requestId' in message && message.kind !== 'svg') await send({ kind: 'reply', requestId: message.requestId, ok: true } satisfies HostMessage);
  };
  return { posted, violations, errors: [], send, hear };
}

/** What the editor puts into a webview: its interface, once, with a state that outlives a reload and is of no other scene: the one before writes its own to the end. */
const EDITOR = `
let taken = false;
window.acquireVsCodeApi = () => {
  if (taken) throw new Error('taken twice');
  taken = true;
  return {
    postMessage: (it) => { window.tellHost(it); },
    getState: () => JSON.parse(sessionStorage.getItem(location.search) ?? 'null') ?? undefined,
    setState: (it) => sessionStorage.setItem(location.search, JSON.stringify(it)),
  };
};
`;

function html(bundle: Bundle, theme: Theme, server: ReturnType<typeof createServer>): string {
  const source = originOf(server);
  const style = bundle === 'document' ? `${source} 'unsafe-inline'` : `'nonce-${NONCE}' ${source}`;
  const policy = `default-src 'none'; script-src 'nonce-${NONCE}'; style-src ${style}; img-src ${source} data:; font-src ${source}; worker-src blob:; connect-src ${source}`;
  return `<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Faultline</title>
<link rel="stylesheet" nonce="${NONCE}" href="/theme.css?theme=${theme}"><link rel="stylesheet" nonce="${NONCE}" href="/${bundle}.css"></head>
<body class="${theme}"><div id="root"></div><script nonce="${NONCE}" src="/editor.js"></script><script nonce="${NONCE}" src="/${bundle}.js"></script></body></html>`;
}

const originOf = (server: ReturnType<typeof createServer>): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
