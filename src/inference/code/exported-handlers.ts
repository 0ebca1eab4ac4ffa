import type { Mounted } from '../detectors/libraries/express.ts';
import { callFunction, callResource, construct } from './call.ts';
import { member } from './evaluate.ts';
import { askedApps } from '../detectors/libraries/lambda-adapters.ts';
import { apart, hasWork, type Machine, unfailing } from './machine.ts';
import { listedHandlers } from './listed-routes.ts';
import type { Place } from '../../model/known.ts';
import type { Expression, Pattern, Statement } from './syntax.ts';
import { loadFile } from './modules.ts';
import type { FunctionEvent } from '../detector.ts';
import { DATA, isCallable, NOTHING, numberOf, object, propertyOf, REQUEST, type Resource, text, textOf, UNKNOWN, type Value } from './values.ts';

type PathHandler = Extract<ExportedHandler, { path: string }>;

/** A function that a framework or a platform finds by its file and its name, without any call that says so. */
export type ExportedHandler = {
  file: string;
  /** `default`, or the method that the export is called after. */
  export: string;
} & (
  | {
      /** Null: whatever methods its code asks for. */
      method: string | null;
      path: string;
      /** Files whose loaders run beside it: of the layouts around a page. */
      beside?: readonly string[];
      /** Its file is a page where it has a default export: that is rendered behind it. */
      renders?: true;
      /** A page that says itself that it is made for every request; others may be made once. */
      only?: 'dynamic';
      /** Found by its name in a folder of routes: not there where a file lists the routes. */
      byName?: true;
      /** Served only where the program asks the framework for a handler. */
      ifAsked?: true;
      /** A platform's gateway calls it with an event. */
      byEvent?: true;
    }
  /** A plug-in that a framework's command registers on an app of its own. */
  | { plugin: 'fastify' }
  /** A class whose `run` a program of commands calls. */
  | { plugin: 'oclif' }
  /** A file that lists the routes. */
  | { lists: 'routes'; ifAsked?: true }
  | { event: Exclude<FunctionEvent, { kind: 'http' }> }
);

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What Bun, Deno and workers of a platform serve: an app as the default export of the file that is started, or its `fetch`. */
export function serveExported(m: Machine, exports: Value): void {
  const own = propertyOf(exports, 'default');
  const fetch = propertyOf(own, 'fetch');
  const app = own?.t === 'resource' && own.type === 'App' ? own : fetch?.t === 'resource' ? (fetch.data.app as Resource | undefined) : undefined;
  if (app?.library !== 'hono' || m.claims.some((it) => it.kind === 'listens')) return;
  m.claims.push({ kind: 'route', app, method: '', path: '', handlers: [], place: app.place }, { kind: 'listens', place: app.place });
}

/** Mounts the handlers that a framework finds by file and name on an app of their own. A file that lacks the export has no such route. */
export function mountExported(m: Machine, all: readonly ExportedHandler[]): void {
  const mounted: Mounted[] = [];
  const asked = m.claims.flatMap((it) => (it.kind === 'fileRoutes' ? [it.handler] : []));
  const given = all.filter((it) => asked.length > 0 || !('ifAsked' in it));
  const listed = given.flatMap((it) => ('lists' in it ? listedHandlers(m, it.file) : []));
  const handlers = [...given.filter((it) => !(listed.length > 0 && 'byName' in it)), ...listed];
  for (const it of handlers) {
    if ('lists' in it) continue;
    if ('plugin' in it) {
      startPlugin(m, it);
      continue;
    }
    const exports = loadFile(m, it.file, true);
    const own = unwrapped(propertyOf(exports, it.export));
    const behind = 'byEvent' in it && it.byEvent ? appBehind(m, own, it.file) : undefined;
    const handler = behind ?? (own && 'path' in it && isCallable(own) ? asPage(m, it, exports, own) : own);
    if ('path' in it && it.only === 'dynamic' && !isDynamic(exports)) continue;
    if (handler?.t === 'resource' && handler.type === 'App') {
      if (!m.claims.some((claim) => claim.kind === 'route' && claim.app === handler))
        m.claims.push({ kind: 'route', app: handler, method: '', path: '', handlers: [], place: handler.place }, { kind: 'listens', place: handler.place });
      continue;
    }
    if (!handler || !isCallable(handler)) continue;
    if ('event' in it) {
      claimEvent(m, it.event, it.event.kind === 'message' ? withEvent(m, handler, messageEvent(it.event)) : handler);
      continue;
    }
    const place = placeOf(m, it, own);
    if (it.method === null) m.heap.questions.set(`methods ${it.file}`, ({ file, body }) => (file === it.file ? methodsIn(body) : null));
    for (const method of it.method === null ? methodsIn(m.program.modules.get(it.file)?.body) : [it.method])
      mounted.push({ path: it.path, method: method.toLowerCase(), handlers: [it.byEvent ? withEvent(m, handler, requestEvent(method, it.path)) : handler], place });
  }
  const [first] = mounted;
  if (!first) return;
  // Where the handler is mounted itself, what stands before it runs before these routes, too.
  const behind = asked.filter((it) => m.claims.some((claim) => claim.kind === 'route' && isMountedIn(claim.app, it)));
  for (const it of behind) it.data.mounted = mounted;
  if (behind.length > 0) return;
  const app: Resource = { t: 'resource', library: 'express', type: 'App', id: 0, data: { mounted }, place: first.place };
  m.claims.push({ kind: 'route', app, method: '', path: '', handlers: [], place: first.place }, { kind: 'listens', place: first.place });
}

function isMountedIn(app: Resource, handler: Resource, depth = 0): boolean {
  const handlers = ((app.data.mounted as Mounted[] | undefined) ?? []).flatMap((it) => it.handlers);
  return handlers.includes(handler) || (depth < 4 && handlers.some((it) => it.t === 'resource' && isMountedIn(it, handler, depth + 1)));
}

function startPlugin(m: Machine, { file, plugin }: { file: string; plugin: 'fastify' | 'oclif' }): void {
  const exports = loadFile(m, file, true);
  const own = propertyOf(exports, 'default') ?? exports;
  const place = { file, line: 1 };
  if (plugin === 'oclif') {
    const command = own.t === 'class' ? construct(m, own, [], place) : UNKNOWN;
    for (const step of ['init', 'run']) callFunction(m, member(m, command, step), [], command);
    return;
  }
  const app = isCallable(own) ? m.run.use(plugin, plugin, [], place) : undefined;
  if (app?.t !== 'resource') return;
  callResource(m, app, 'register', [own], place);
  callResource(m, app, 'listen', [], place);
}

/** https://nextjs.org/docs/app/api-reference/file-conventions/route-segment-config */
const isDynamic = (exports: Value): boolean => textOf(propertyOf(exports, 'dynamic')) === 'force-dynamic' || numberOf(propertyOf(exports, 'revalidate')) === 0;

/** A page: the loaders of all its layouts and its own at once, then its rendering. */
function asPage(m: Machine, it: PathHandler, exports: Value, own: Value): Value {
  // What is no page has no layouts: it answers by itself.
  if (!it.renders || propertyOf(exports, 'default') === undefined) return own;
  const around = (it.beside ?? []).flatMap((file) => unwrapped(propertyOf(loadFile(m, file), 'loader')) ?? []).filter(isCallable);
  const place = placeOf(m, it, own);
  return {
    t: 'native',
    call: (args) => {
      const branches = [...around, own].map((one) => apart(m, () => void callFunction(m, one, args, undefined))).filter(hasWork);
      if (branches.length > 1) m.sink.push({ kind: 'parallel', branches, place });
      else m.sink.push(...branches.flat());
      m.sink.push({ kind: 'compute', label: 'rendering', work: 'render', where: 'eventLoop', place });
      return NOTHING;
    },
  };
}

/** The app that a handler makes when it is called first and then hands each event to: `server ??= await bootstrap(); return server(event)`. */
function appBehind(m: Machine, handler: Value | undefined, file: string): Value | undefined {
  const adapts = m.program.modules.get(file)?.imports.some((it) => m.byPackage.get(it)?.id === 'lambda-adapters');
  if (!adapts || handler?.t !== 'function') return undefined;
  const asked = askedApps(m.run);
  if (asked.length === 0) apart(m, () => void unfailing(m, () => callFunction(m, handler, [REQUEST, UNKNOWN], undefined)));
  const app = unwrapped(asked.at(-1));
  return app?.t === 'resource' && app.type === 'App' ? app : undefined;
}

/** What adapters and middleware engines are given: an app, or the handler inside. */
function unwrapped(it: Value | undefined): Value | undefined {
  for (let at = it, depth = 0; depth < 6; depth++) {
    if (at?.t !== 'resource' || at.type !== 'Wrapped') return at;
    at = at.data.inner as Value | undefined;
  }
  return undefined;
}

/** A handler that is called with an event of which some fields are known: one function may serve several routes, and messages too. */
const withEvent = (m: Machine, handler: Value, fields: ReadonlyMap<string, Value>): Value => ({
  t: 'native',
  call: ([event, ...rest]) =>
    callFunction(m, handler, [event?.t === 'data' ? { t: 'data', ...(event.request && { request: true }), fields } : (event ?? DATA), ...rest], undefined),
});

/** What API Gateway says of a request, in both of its forms (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html). */
function requestEvent(method: string, path: string): ReadonlyMap<string, Value> {
  const varies = /[:*]/.test(path);
  const isOne = !/^all$/i.test(method);
  const http: Value = isOne ? { t: 'data', request: true, fields: new Map([['method', text(method.toUpperCase())]]) } : REQUEST;
  return new Map<string, Value>([
    ['Records', NOTHING],
    ['detail-type', NOTHING],
    ['requestContext', { t: 'data', request: true, fields: new Map([['http', http], ...(isOne ? [['httpMethod', text(method.toUpperCase())] as const] : [])]) }],
    ...(isOne ? [['httpMethod', text(method.toUpperCase())] as const] : []),
    ...(varies ? [] : [['path', text(path)] as const]),
    ['pathParameters', varies ? { ...object([...path.matchAll(/:(\w+)/g)].map((it) => [it[1] as string, REQUEST])), open: new Set<string>() } : NOTHING],
  ]);
}

function messageEvent({ engine }: Extract<FunctionEvent, { kind: 'message' }>): ReadonlyMap<string, Value> {
  const absent = ['httpMethod', 'requestContext', 'pathParameters', ...(engine === 'eventbridge' ? ['Records'] : ['detail-type'])];
  return new Map(absent.map((name) => [name, NOTHING]));
}

/** A platform that hands messages over is the client of their broker. */
function claimEvent(m: Machine, event: Exclude<FunctionEvent, { kind: 'http' }>, handler: Value): void {
  const { place } = event;
  if (event.kind === 'schedule') {
    m.claims.push({ kind: 'timer', handler, ...(event.everyMs && { everyMs: event.everyMs }), place });
    return;
  }
  const { engine, channel, channelKind, concurrency, failed } = event;
  // Of one engine there is one client: ids of the program's own begin at 1.
  const id = -1 - BROKERS.indexOf(engine);
  const client: Resource = { t: 'resource', library: 'lambda', type: 'EventSource', id, data: { engine, library: 'lambda', multiplexed: true }, place };
  m.claims.push({ kind: 'consumer', client, library: 'lambda', channel, channelKind, handler, ...(concurrency && { concurrency }), ...(failed && { failed }), place });
}

const BROKERS = ['sqs', 'sns', 'kinesis', 'dynamodb', 'kafka', 'eventbridge', 's3'];

/** Where a file gives a handler away: its function, or the call that makes it of a function of another file. */
function placeOf(m: Machine, { file, export: name }: ExportedHandler, own: Value | undefined): Place {
  const line = own?.t === 'function' && own.scope.file === file ? own.f.at[0] : lineOf(m.program.modules.get(file)?.body ?? [], name);
  return { file, line: line ?? 1 };
}

function lineOf(body: readonly Statement[], name: string, depth = 0): number | undefined {
  const at = (it: Expression | undefined): number | undefined => {
    if (it?.k === 'name') return depth < 4 ? lineOf(body, it.n, depth + 1) : undefined;
    return it?.k === 'function' ? it.f.at[0] : it && 'at' in it ? it.at?.[0] : undefined;
  };
  const isNamed = (it: Pattern): boolean => (it.k === 'bind' ? it.n === name : it.k === 'object' && it.ps.some(({ p }) => isNamed(p)));
  for (const it of body) {
    if (it.k === 'function' && it.n === name) return it.f.at[0];
    if (it.k === 'variable' && isNamed(it.p)) return at(it.v);
    if (it.k === 'exportDefault' && name === 'default') return at(it.e);
    const local = it.k === 'export' && !it.from ? it.names.find(([, exported]) => exported === name)?.[0] : undefined;
    if (local !== undefined && local !== name) return at({ k: 'name', n: local });
  }
  return undefined;
}

/** Methods that the code of a file names; a handler that names none is asked by GET. */
function methodsIn(body: unknown): string[] {
  const named = new Set<string>();
  const visit = (it: unknown): void => {
    if (Array.isArray(it)) for (const part of it) visit(part);
    else if (typeof it === 'object' && it !== null) {
      const { k, v } = it as { k?: unknown; v?: unknown };
      if (k === 'string' && METHODS.includes(v as string)) named.add(v as string);
      else for (const part of Object.values(it)) visit(part);
    }
  };
  visit(body);
  return named.size > 0 ? METHODS.filter((it) => named.has(it)) : ['GET'];
}
