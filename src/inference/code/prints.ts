import type { Resource } from './values.ts';

/** Fields that a handler sets before anybody reads them, and what says the same whoever asks first; schemas fill in the last two. */
const OF_REQUEST: ReadonlySet<string> = new Set(['response', 'rest', 'isGuarded', 'upkeep', 'engine', 'address']);
/** Written by `heap.ts`, which can take them back. */
const isNoted = (name: string): boolean => name === 'kept' || name.startsWith('set ');

/** All that a detector may change of what it made: names, counts, and the values themselves as far as they hold nothing of its own. */
export function printOf({ data }: Resource): readonly unknown[] {
  const print: unknown[] = [];
  const seen = new Set<object>();
  for (const name of Object.keys(data)) {
    if (OF_REQUEST.has(name) || isNoted(name)) continue;
    print.push(name);
    add(print, data[name], seen);
  }
  return print;
}

/** The same of what calls of a library share. */
export function printOfShared(it: unknown): readonly unknown[] {
  const print: unknown[] = [];
  add(print, it, new Set());
  return print;
}

export const isSamePrint = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((it, at) => it === b[at]);

function add(print: unknown[], it: unknown, seen: Set<object>): void {
  // Values of the program are told apart by themselves: `heap.ts` notes what is set in them.
  if (typeof it !== 'object' || it === null || 't' in it || seen.has(it)) {
    print.push(it);
    return;
  }
  seen.add(it);
  if (Array.isArray(it)) {
    print.push(it.length);
    for (const part of it) add(print, part, seen);
  } else if (it instanceof Map) {
    print.push(it.size);
    for (const [key, value] of it) {
      print.push(key);
      add(print, value, seen);
    }
  } else if (it instanceof Set) print.push(it.size, ...it);
  else
    for (const [name, value] of Object.entries(it)) {
      print.push(name);
      add(print, value, seen);
    }
}
