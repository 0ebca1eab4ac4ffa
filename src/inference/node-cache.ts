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
const VERSION = 4;

/**
 * Facts per file by content hash, kept in memory and (with a folder) on disk.
 * What goes in was reduced before: it holds no value of a password, key or token. A damaged cache is an empty one.
 */
export function nodeCache(folder: string | null, root: string): FactCache {
  const file = folder === null ? null : join(folder, `facts-${hashOf(root).slice(0, 16)}.json`);
  const entries = new Map<string, Entry>(load(file));
  let changed = false;
  return {
    byStamp: (path, stamp) => {
      const it = entries.get(path);
      return it && it.stamp === stamp ? it.facts : undefined;
    },
    byText: (path, stamp, text) => {
      const it = entries.get(path);
      if (!it || it.hash !== hashOf(text)) return undefined;
      entries.set(path, { ...it, stamp });
      changed = true;
      return it.facts;
    },
    keep: (path, stamp, text, facts) => {
      entries.set(path, { stamp, hash: hashOf(text), facts });
      changed = true;
    },
    settle: (paths) => {
      for (const path of entries.keys())
        if (!paths.has(path)) {
          entries.delete(path);
          changed = true;
        }
      if (changed && file && folder) save(folder, file, entries);
      changed = false;
    },
  };
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function load(file: string | null): [string, Entry][] {
  if (!file) return [];
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as { version?: number; entries?: [string, Entry][] };
    return read.version === VERSION && Array.isArray(read.entries) ? read.entries : [];
  } catch {
    return [];
  }
}

/** Written beside and moved over, so that a crash leaves the old cache. A full disk costs speed, not the analysis. */
function save(folder: string, file: string, entries: ReadonlyMap<string, Entry>): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify({ version: VERSION, entries: [...entries] }));
    renameSync(`${file}.new`, file);
  } catch {
    // The next analysis reads the files again.
  }
}
