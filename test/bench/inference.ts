import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ts } from 'ts-morph';
import { type FactCache, infer } from '../../src/inference/infer.ts';
import { nodeCache } from '../../src/inference/node-cache.ts';
import { type Listing, nodeWorkspace, relisted } from '../../src/inference/node-workspace.ts';
import type { Workspace } from '../../src/workspace.ts';
import type { Row } from './timing.ts';

/**
 * Cold, warm and after a save, beside yardsticks of the same run: reading and hashing the same files, and parsing those source files that the prefilter let through, and all.
 * Times are this process's processor time, all threads: other programs on the machine count little in it, and what the engine compiles and collects beside the program counts too.
 * Who waits sees the clock, which says something on a quiet machine only. Memory is the most that was ever held, the yardsticks' share in it.
 */
export async function benchInference(folder: string): Promise<Row[]> {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  try {
    const passed: string[] = [];
    const first = noting(nodeCache(cacheFolder, folder, 'bench'), passed);
    const cold = await working(() => infer(nodeWorkspace(folder), { cache: first }));
    const write = await working(async () => first.write());
    const peak = process.resourceUsage().maxRSS / 1024;
    const cache = nodeCache(cacheFolder, folder, 'bench');
    const warm = await working(() => infer(nodeWorkspace(folder), { cache }));
    const again = await working(() => infer(nodeWorkspace(folder), { cache }));
    const isSource = (it: string): boolean => /\.[cm]?[jt]sx?$/.test(it);
    const sources = [...new Set(passed.map((it) => it.replace(/^(asks|code) /, '')))].filter(isSource);
    const listing = await nodeWorkspace(folder).list();
    const main = sources.find((it) => it.endsWith('/main.ts')) ?? sources[0] ?? '';
    const [handler, call] = await handlerIn(folder, sources);
    const edits: [what: string, path: string, edit: (text: string) => string][] = [
      ['a line at the end', sources[Math.floor(sources.length / 2)] ?? main, (text) => `${text}\n`],
      ['a remark at the top', main, (text) => `// remark\n\n${text}`],
      ['a statement of a handler', handler, (text) => text.replace(call, (it) => `${it}await fetch('http://elsewhere/');\n`)],
      ['a statement outside of functions', main, (text) => `${text}\nconst added = 1;\n`],
    ];
    await infer(
      saved(folder, listing, main, (text) => `${text}\n`, 1),
      { cache },
    );
    const saves: [string, Spent][] = [];
    let time = 2;
    const save = (path: string, edit: (text: string) => string): Promise<Spent> => working(() => infer(saved(folder, listing, path, edit, time++), { cache }));
    for (const [what, path, edit] of edits) saves.push([`${what} of ${path.split('/').at(-1)}`, await save(path, edit)]);
    // What such a save runs was compiled by then, as it is after some minutes of work.
    const more: Spent[] = [];
    for (let rounds = 2; rounds < 2 + MORE_SAVES; rounds++)
      more.push(await save(handler, (text) => text.replace(call, (it) => `${it}${"await fetch('http://elsewhere/'); ".repeat(rounds)}\n`)));
    saves.push([`the handler's, median of ${MORE_SAVES} more`, more.sort((a, b) => a.workMs - b.workMs)[Math.floor(MORE_SAVES / 2)] as Spent]);
    const { files } = await nodeWorkspace(folder).list();
    const hash = await working(async () => {
      for (const it of files)
        createHash('sha256')
          .update(readFileSync(join(folder, it.path)))
          .digest();
    });
    const parsing = (paths: readonly string[]): Promise<Spent> =>
      working(async () => {
        for (const it of paths) ts.createSourceFile(it, readFileSync(join(folder, it), 'utf8'), ts.ScriptTarget.Latest, true);
      });
    const parse = await parsing(sources);
    const all = files.map((it) => it.path).filter(isSource);
    const parseAll = await parsing(all);
    const yardstick = together(hash, parse);
    const row = (what: string, { workMs, ms }: Spent, ratio?: string): Row => ({
      what,
      value: workMs,
      unit: 'ms',
      ratio: [...(ratio ? [ratio] : []), `${ms.toFixed(0)} ms by the clock`].join('; '),
    });
    const yardsticks = (of: Spent): string => `${(of.workMs / yardstick.workMs).toFixed(2)} × (hash + parse what passed), ${(of.ms / yardstick.ms).toFixed(2)} × by the clock`;
    const ofCold = (it: Spent): string => `${(it.workMs / cold.workMs).toFixed(2)} × cold`;
    return [
      row(`read and hash ${files.length} files`, hash),
      row(`parse the ${sources.length} source files that passed`, parse),
      row(`parse all ${all.length} source files`, parseAll),
      row('infer, cold', cold, yardsticks(cold)),
      row('writing the cache, behind the answer', write, `with the answer ${yardsticks(together(cold, write))}`),
      row('infer, nothing changed, from disk', warm, ofCold(warm)),
      row('infer, nothing changed, from memory', again, ofCold(again)),
      ...saves.map(([what, it]) => row(`infer after a save: ${what}`, it, ofCold(it))),
      { what: 'most memory until the cold answer', value: peak, unit: 'MB' },
    ];
  } finally {
    rmSync(cacheFolder, { recursive: true, force: true });
  }
}

/** A file with the handler of a route that waits for something, and where its body begins. */
async function handlerIn(folder: string, sources: readonly string[]): Promise<[file: string, begins: RegExp]> {
  const begins = /async [\w(][^;{}]*\{\n(?=[^}]*\bawait )/;
  for (const file of sources.filter((it) => /controller|route/.test(it))) {
    const read = await nodeWorkspace(folder).read(file);
    if ('text' in read && /@(Get|Post|Put|Patch)\(|\b(app|router)\.(get|post|put|patch)\(/.test(read.text) && begins.test(read.text)) return [file, begins];
  }
  return [sources[0] ?? '', begins];
}

const MORE_SAVES = 7;

/** Processor time and time by the clock. */
interface Spent {
  workMs: number;
  ms: number;
}

const together = (a: Spent, b: Spent): Spent => ({ workMs: a.workMs + b.workMs, ms: a.ms + b.ms });

async function working(run: () => Promise<unknown>): Promise<Spent> {
  const started = performance.now();
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return { workMs: (user + system) / 1000, ms: performance.now() - started };
}

const noting = (cache: FactCache, paths: string[]): FactCache => ({
  ...cache,
  keep: (path, ...rest) => {
    paths.push(path);
    cache.keep(path, ...rest);
  },
});

/** The folder as it were after `path` was saved, which the editor tells of; nothing is written. */
function saved(folder: string, listing: Listing, path: string, edit: (text: string) => string, time: number): Workspace {
  const workspace = nodeWorkspace(folder);
  return {
    ...workspace,
    list: async () => {
      const { files, problems } = relisted(folder, listing, [path]) ?? (await workspace.list());
      return { files: files.map((it) => (it.path === path ? { ...it, modifiedMs: it.modifiedMs + time } : it)), problems };
    },
    read: async (it) => {
      const read = await workspace.read(it);
      return it === path && 'text' in read ? { text: edit(read.text) } : read;
    },
  };
}
