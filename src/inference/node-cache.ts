import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FactCache } from './infer.ts';

interface Entry {
  stamp: string;
  hash: string;
  facts: unknown;
}

/** Raised whenever the form of the facts changes. */
const VERSION = 5;

/**
 * Facts per file by content hash, and the last answer by everything that was read for it; kept in memory and (with a folder) on disk.
 * What goes in was reduced before: it holds no value of a password, key or token. A damaged cache is an empty one.
 * `program` tells one build of this code from another: without it answers stay in memory, because other code may answer otherwise.
 */
export function nodeCache(folder: string | null, root: string, program: string | null = null): FactCache {
  const name = hashOf(root).slice(0, 16);
  const facts = folder === null ? null : { folder, file: join(folder, `facts-${name}.json`) };
  const answers = folder === null || program === null ? null : { folder, file: join(folder, `answer-${name}.json`) };
  const identity = (inputs: string): string => hashOf(`${VERSION} ${program} ${inputs}`);
  let loaded: Map<string, Entry> | undefined;
  // Megabytes that an answer spares.
  const entries = (): Map<string, Entry> => {
    loaded ??= new Map(entriesIn(facts?.file));
    return loaded;
  };
  let last: Answer | undefined;
  let changed = false;
  return {
    byStamp: (path, stamp) => {
      const it = entries().get(path);
      return it && it.stamp === stamp ? it.facts : undefined;
    },
    byText: (path, stamp, text) => {
      const it = entries().get(path);
      if (!it || it.hash !== hashOf(text)) return undefined;
      entries().set(path, { ...it, stamp });
      changed = true;
      return it.facts;
    },
    keep: (path, stamp, text, facts) => {
      entries().set(path, { stamp, hash: hashOf(text), facts });
      changed = true;
    },
    settle: (paths) => {
      for (const path of entries().keys())
        if (!paths.has(path)) {
          entries().delete(path);
          changed = true;
        }
      if (changed && facts) save(facts, { version: VERSION, entries: [...entries()] });
      changed = false;
    },
    answer: (inputs) => {
      last ??= load(answers?.file) as Answer | undefined;
      return last?.identity === identity(inputs) ? last.answer : undefined;
    },
    keepAnswer: (inputs, answer) => {
      last = { identity: identity(inputs), answer };
      if (answers) save(answers, last);
    },
  };
}

interface Answer {
  identity?: string;
  answer?: unknown;
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

function entriesIn(file: string | undefined): [string, Entry][] {
  const read = load(file) as { version?: number; entries?: [string, Entry][] } | undefined;
  return read?.version === VERSION && Array.isArray(read.entries) ? read.entries : [];
}

/** Written beside and moved over, so that a crash leaves the old cache. A full disk costs speed, not the analysis. */
function save({ folder, file }: { folder: string; file: string }, content: object): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(content));
    renameSync(`${file}.new`, file);
  } catch {
    // The next analysis reads the files again.
  }
}
