import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FactCache } from './infer.ts';

interface Entry {
  stamp: string;
  hash: string;
  facts: unknown;
}

/** As an entry waits to be written: no answer waits for thousands of hashes. */
interface Kept extends Omit<Entry, 'hash'> {
  text: string;
}

const hashed = (it: Entry | Kept): Entry => ('hash' in it ? it : { stamp: it.stamp, hash: hashOf(it.text), facts: it.facts });
const isOf = (it: Entry | Kept, text: string): boolean => ('hash' in it ? it.hash === hashOf(text) : it.text === text);

/** Raised whenever the form of the facts changes. */
const VERSION = 8;
/** A file of facts is written anew once so many of its lines are out of date, beyond one for each that counts. */
const MOST_STALE = 500;

/**
 * Facts per file by content hash, and the last answer by everything that was read for it; kept in memory and (with a folder) on disk.
 * What goes in was reduced before: it holds no value of a password, key or token. A damaged cache is an empty one.
 * `program` tells one build of this code from another: without it answers stay in memory, because other code may answer otherwise.
 * On disk a line is a file's facts and the last line of a file counts, so that a save adds one line.
 */
export function nodeCache(folder: string | null, root: string, program: string | null = null): FactCache {
  const name = hashOf(root).slice(0, 16);
  const facts = folder === null ? null : { folder, file: join(folder, `facts-${name}.jsonl`) };
  const answers = folder === null || program === null ? null : { folder, file: join(folder, `answer-${name}.json`) };
  let named = { inputs: '', identity: '' };
  // Hundreds of kilobytes, and who keeps an answer has asked for it before.
  const identity = (inputs: string): string => {
    if (named.inputs !== inputs || named.identity === '') named = { inputs, identity: hashOf(`${VERSION} ${program} ${inputs}`) };
    return named.identity;
  };
  let loaded: Loaded | undefined;
  // Megabytes that an answer spares.
  const all = (): Loaded => {
    loaded ??= entriesIn(facts?.file);
    return loaded;
  };
  const changed = new Set<string>();
  const set = (path: string, entry: Entry | Kept): void => {
    all().entries.set(path, entry);
    changed.add(path);
  };
  let last: Answer | undefined;
  let isWritten = true;
  let snapshot: unknown;
  return {
    byStamp: (path, stamp) => {
      const it = all().entries.get(path);
      return it && it.stamp === stamp ? it.facts : undefined;
    },
    byText: (path, stamp, text) => {
      const it = all().entries.get(path);
      if (!it || !isOf(it, text)) return undefined;
      set(path, { ...it, stamp });
      return it.facts;
    },
    keep: (path, stamp, text, facts) => set(path, { stamp, text, facts }),
    settle: (paths) => {
      for (const path of all().entries.keys())
        if (!paths.has(path)) {
          all().entries.delete(path);
          changed.add(path);
        }
    },
    answer: (inputs) => {
      last ??= load(answers?.file) as Answer | undefined;
      return last?.identity === identity(inputs) ? last.answer : undefined;
    },
    keepAnswer: (inputs, answer) => {
      last = { identity: identity(inputs), answer };
      isWritten = false;
    },
    recall: () => snapshot,
    remember: (it) => {
      snapshot = it;
    },
    write: () => {
      for (const path of changed) {
        const it = all().entries.get(path);
        if (it) all().entries.set(path, hashed(it));
      }
      if (facts && changed.size > 0) writeFacts(facts, all(), changed);
      changed.clear();
      if (answers && !isWritten) save(answers, [JSON.stringify(last)]);
      isWritten = true;
    },
  };
}

interface Answer {
  identity?: string;
  answer?: unknown;
}

interface Loaded {
  entries: Map<string, Entry | Kept>;
  /** In the file, those out of date too; null where it has to be written anew. */
  lines: number | null;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function load(file: string | undefined): object | undefined {
  if (file === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof read === 'object' && read !== null ? read : undefined;
  } catch {
    return undefined;
  }
}

const HEAD = JSON.stringify({ version: VERSION });

function entriesIn(file: string | undefined): Loaded {
  const entries = new Map<string, Entry | Kept>();
  if (file === undefined) return { entries, lines: null };
  try {
    const [head, ...lines] = readFileSync(file, 'utf8').split('\n');
    if (head !== HEAD || lines.pop() !== '') return { entries, lines: null };
    for (const line of lines) {
      const [path, entry] = JSON.parse(line) as [string, Entry | null];
      if (entry) entries.set(path, entry);
      else entries.delete(path);
    }
    return { entries, lines: lines.length };
  } catch {
    return { entries: new Map(), lines: null };
  }
}

/** What has changed is added; a file of mostly stale lines is written anew. */
function writeFacts(where: Where, all: Loaded, changed: ReadonlySet<string>): void {
  const { entries } = all;
  const line = (path: string): string => JSON.stringify([path, entries.get(path) ?? null]);
  const adds = all.lines !== null && all.lines + changed.size <= 2 * entries.size + MOST_STALE;
  const isKept = adds ? add(where, [...changed].map(line)) : save(where, [HEAD, ...[...entries.keys()].map(line), '']);
  all.lines = !isKept ? null : adds ? (all.lines ?? 0) + changed.size : entries.size;
}

interface Where {
  folder: string;
  file: string;
}

/** Written beside and moved over, so that a crash leaves the old cache. A full disk costs speed, not the analysis: the next one reads the files again. */
function save({ folder, file }: Where, lines: readonly string[]): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, lines.join('\n'));
    renameSync(`${file}.new`, file);
    return true;
  } catch {
    return false;
  }
}

function add({ file }: Where, lines: readonly string[]): boolean {
  try {
    // A file that was taken away meanwhile would begin without its head, and count as damaged.
    appendFileSync(file, `${lines.join('\n')}\n`);
    return true;
  } catch {
    return false;
  }
}
