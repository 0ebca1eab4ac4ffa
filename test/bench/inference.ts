import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ts } from 'ts-morph';
import { type FactCache, infer, readyForSaves } from '../../src/inference/infer.ts';
import { nodeCache } from '../../src/inference/node-cache.ts';
import { type Listing, nodeWorkspace, relisted } from '../../src/inference/node-workspace.ts';
import type { Workspace } from '../../src/workspace.ts';
import type { Row } from './timing.ts';

/**
 * Cold, warm and after a save, beside yardsticks of the same run: reading and hashing the same files, and parsing those source files that the prefilter let through, and all.
 * Cold, and the yardsticks that it is held against, take turns in fresh processes, as a first answer does: what one of them has had compiled would help the next. Of several rounds the medians count.
 * Times are a process's processor time, all threads: other programs on the machine count little in it, and what the engine compiles and collects beside the program counts too.
 * Who waits sees the clock, which says something on a quiet machine only. Memory is the most that was ever held.
 */
export async function benchInference(folder: string): Promise<Row[]> {
  const first = alone('cold', { folder, passed: [] });
  const { passed } = first;
  const colds = [first];
  const yardsticks: Yardstick[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    yardsticks.push(alone('yardstick', { folder, passed }));
    if (round > 0) colds.push(alone('cold', { folder, passed: [] }));
  }
  const cold = median(colds.map((it) => it.cold));
  const write = median(colds.map((it) => it.write));
  const hash = median(yardsticks.map((it) => it.hash));
  const parse = median(yardsticks.map((it) => it.parse));
  const yardstick = together(hash, parse);
  const times = (of: Spent): string => `${(of.workMs / yardstick.workMs).toFixed(2)} × (hash + parse what passed), ${(of.ms / yardstick.ms).toFixed(2)} × by the clock`;
  const ofCold = (it: Spent): string => `${(it.workMs / cold.workMs).toFixed(2)} × cold`;
  const { files } = await nodeWorkspace(folder).list();
  const all = files.map((it) => it.path).filter(isSource);
  return [
    row(`read and hash ${files.length} files`, hash),
    row(`parse the ${passed.length} source files that passed`, parse),
    row(`parse all ${all.length} source files`, await parsing(folder, all)),
    row(`infer, cold, median of ${ROUNDS}`, cold, times(cold)),
    row('writing the cache, behind the answer', write, `with the answer ${times(together(cold, write))}`),
    ...(await again(folder, passed)).map(([what, it]) => row(`infer, ${what}`, it, ofCold(it))),
    { what: 'most memory until the cold answer', value: Math.max(...colds.map((it) => it.peakMb)), unit: 'MB' },
  ];
}

const ROUNDS = 5;

interface Task {
  folder: string;
  /** Source files to parse. */
  passed: readonly string[];
}

interface Cold {
  cold: Spent;
  write: Spent;
  peakMb: number;
  passed: string[];
}

interface Yardstick {
  hash: Spent;
  parse: Spent;
}

/** What is done in a process of its own. */
export const PARTS = {
  cold: ({ folder }: Task): Promise<Cold> =>
    withCache(folder, async (make) => {
      const passed: string[] = [];
      const cache = noting(make(), passed);
      const cold = await working(() => infer(nodeWorkspace(folder), { cache }));
      const peakMb = process.resourceUsage().maxRSS / 1024;
      const write = await working(async () => cache.write());
      return { cold, write, peakMb, passed: [...new Set(passed.map((it) => it.replace(/^(asks|code) /, '')))].filter(isSource) };
    }),
  yardstick: async ({ folder, passed }: Task): Promise<Yardstick> => {
    const { files } = await nodeWorkspace(folder).list();
    const hash = await working(async () => {
      for (const it of files)
        createHash('sha256')
          .update(readFileSync(join(folder, it.path)))
          .digest();
    });
    return { hash, parse: await parsing(folder, passed) };
  },
};

/** Runs a part in a fresh process. */
function alone<Part extends keyof typeof PARTS>(part: Part, task: Task): Awaited<ReturnType<(typeof PARTS)[Part]>> {
  const module = JSON.stringify(import.meta.url);
  const program = `import { readFileSync } from 'node:fs'; import { PARTS } from ${module}; console.log(JSON.stringify(await PARTS.${part}(JSON.parse(readFileSync(0, 'utf8')))));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { input: JSON.stringify(task), encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${part}: ${stderr}`);
  return JSON.parse(stdout);
}

const isSource = (it: string): boolean => /\.[cm]?[jt]sx?$/.test(it);

const parsing = (folder: string, paths: readonly string[]): Promise<Spent> =>
  working(async () => {
    for (const it of paths) ts.createSourceFile(it, readFileSync(join(folder, it), 'utf8'), ts.ScriptTarget.Latest, true);
  });

/** Whoever has an answer asks again: with nothing changed, and after saves. */
const again = (folder: string, sources: readonly string[]): Promise<[what: string, spent: Spent][]> =>
  withCache(folder, async (make) => {
    const before = make();
    await infer(nodeWorkspace(folder), { cache: before });
    before.write();
    const cache = make();
    const warm = await working(() => infer(nodeWorkspace(folder), { cache }));
    const same = await working(() => infer(nodeWorkspace(folder), { cache }));
    const listing = await nodeWorkspace(folder).list();
    const main = sources.find((it) => it.endsWith('/main.ts')) ?? sources[0] ?? '';
    const [handler, call] = await handlerIn(folder, sources);
    let time = 1;
    const save = (path: string, edit: (text: string) => string): Promise<Spent> => working(() => infer(saved(folder, listing, path, edit, time++), { cache }));
    await save(main, (text) => `${text}\n`);
    const readied = await working(async () => readyForSaves(cache));
    const edits: [what: string, path: string, edit: (text: string) => string][] = [
      ['a statement of a handler', handler, (text) => text.replace(call, (it) => `${it}await fetch('http://elsewhere/');\n`)],
      ['a line at the end', sources[Math.floor(sources.length / 2)] ?? main, (text) => `${text}\n`],
      ['a remark at the top', main, (text) => `// remark\n\n${text}`],
      ['a statement outside of functions', main, (text) => `${text}\nconst added = 1;\n`],
    ];
    const saves: [string, Spent][] = [];
    for (const [what, path, edit] of edits) saves.push([`after a save: ${what} of ${path.split('/').at(-1)}`, await save(path, edit)]);
    // What such a save runs was compiled by then, as it is after some minutes of work.
    const more: Spent[] = [];
    for (let rounds = 2; rounds < 2 + MORE_SAVES; rounds++)
      more.push(await save(handler, (text) => text.replace(call, (it) => `${it}${"await fetch('http://elsewhere/'); ".repeat(rounds)}\n`)));
    return [
      ['nothing changed, from disk', warm],
      ['nothing changed, from memory', same],
      ['readied for saves, behind the answer', readied],
      ...saves,
      [`after a save: the handler's, median of ${MORE_SAVES} more`, median(more)],
    ];
  });

async function withCache<T>(folder: string, run: (make: () => ReturnType<typeof nodeCache>) => Promise<T>): Promise<T> {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  try {
    return await run(() => nodeCache(cacheFolder, folder, 'bench'));
  } finally {
    rmSync(cacheFolder, { recursive: true, force: true });
  }
}

const row = (what: string, { workMs, ms }: Spent, ratio?: string): Row => ({
  what,
  value: workMs,
  unit: 'ms',
  ratio: [...(ratio ? [ratio] : []), `${ms.toFixed(0)} ms by the clock`].join('; '),
});

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

/** Each of both by itself. */
const median = (all: readonly Spent[]): Spent => {
  const middle = (of: keyof Spent): number => all.map((it) => it[of]).sort((a, b) => a - b)[Math.floor(all.length / 2)] as number;
  return { workMs: middle('workMs'), ms: middle('ms') };
};

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
