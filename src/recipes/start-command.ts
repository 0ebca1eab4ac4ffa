import { parse } from 'jsonc-parser';
import type { Workspace } from '../workspace.ts';
import type { Manifest } from './manifest.ts';
import { joined } from './modules.ts';
import { cannot } from './recipe.ts';

/** The command that starts a source file the way the package starts its own entry: built output, a loader, or node itself. */
export async function startCommand(workspace: Workspace, manifest: Manifest, file: string): Promise<string> {
  const own = manifest.folder === '' ? file : file.slice(manifest.folder.length + 1);
  if (!/\.[cm]?tsx?$/.test(own)) return `node ${own}`;
  const started = [await dockerCommand(workspace, manifest), manifest.scripts.start, manifest.scripts['start:prod']].filter((it): it is string => it !== undefined);
  for (const it of started) {
    if (/\btsx\b/.test(it)) return `npx tsx ${own}`;
    if (/\bts-node\b/.test(it)) return `npx ts-node ${own}`;
    if (/\bnode\b[^&|;]*\.[cm]?tsx?\b/.test(it)) return `node ${own}`;
    const built = /\bnode\b[^&|;]*?\s(?:\.\/)?([\w.-]+)\/([\w./-]+?)(?:\.[cm]?js)?(?:\s|$)/.exec(it);
    if (built) return `node ${compiled(own, built[1] as string, (built[2] as string).startsWith('src/'))}`;
  }
  const read = await workspace.read(joined(manifest.folder, 'tsconfig.json'));
  const options = 'text' in read ? (parse(read.text) as { compilerOptions?: { outDir?: unknown } } | undefined)?.compilerOptions : undefined;
  if (typeof options?.outDir === 'string') return `node ${compiled(own, options.outDir.replace(/^\.\//, '').replace(/\/$/, ''), false)}`;
  return cannot('no script shows how this package starts its TypeScript');
}

/** `src/queues/x.ts` as the compiler writes it: below the output folder, without `src` unless the entry keeps it. */
const compiled = (own: string, output: string, keepsSource: boolean): string => `${output}/${(keepsSource ? own : own.replace(/^src\//, '')).replace(/\.([cm]?)tsx?$/, '.$1js')}`;

async function dockerCommand(workspace: Workspace, manifest: Manifest): Promise<string | undefined> {
  const read = await workspace.read(joined(manifest.folder, 'Dockerfile'));
  const line = 'text' in read ? read.text.match(/^(?:CMD|ENTRYPOINT)\s+(.*)$/gm)?.at(-1) : undefined;
  return line?.replace(/^(CMD|ENTRYPOINT)\s+/, '').replace(/[[\]",]+/g, ' ');
}
