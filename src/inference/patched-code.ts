import type { ChangedFunction } from './assemble/tracing.ts';
import type { At, FunctionSyntax, ModuleSyntax, Statement } from './code/syntax.ts';
import { isSame } from './moved-places.ts';

/** What a save did to a file of which everything but the bodies of some functions is as it was. */
export interface Patch {
  changed: readonly ChangedFunction[];
  /** Puts the new bodies into the syntax that there was, in whose places they speak from then on. To be done once. */
  apply(): void;
}

/**
 * How a file became another by changes inside of functions alone; undefined where anything else changed.
 * New lines get numbers between those of the old ones around them, fractions where there are more of them, so that the order of lines stays what it is;
 * `moveBetween` then leads from these places to the real ones, as for any file that moved.
 */
export function patchBetween(before: ModuleSyntax, after: ModuleSyntax): Patch | undefined {
  if (before.brokenAt !== null || after.brokenAt !== null || before.file !== after.file || !isSame(before.imports, after.imports)) return undefined;
  const found: Found = { changed: [], pairs: [], around: [] };
  if (!isSameBut(before.body, after.body, found) || found.changed.length === 0) return undefined;
  const lineOf = linesBetween(found.pairs);
  const move = (at: At): At => [lineOf(at[0]), at[1], lineOf(at[2]), at[3]];
  return {
    changed: found.changed.map(({ f, around }) => ({ f, around })),
    apply: () => {
      for (const { f, next } of found.changed) (f as { body: readonly Statement[] }).body = restated(next.body, move) as Statement[];
    },
  };
}

interface Found {
  changed: { f: FunctionSyntax; next: FunctionSyntax; around: readonly FunctionSyntax[] }[];
  pairs: [At, At][];
  around: FunctionSyntax[];
}

/** Like `isSame`; where a function differs in its body alone, the innermost such function is noted instead. */
function isSameBut(a: unknown, b: unknown, found: Found): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((it, at) => isSameBut(it, b[at], found));
  if (isFunction(a) && isFunction(b)) return isSameFunction(a, b, found);
  return hasSameFields(a, b, found);
}

function hasSameFields(a: object, b: object, found: Found, except?: string): boolean {
  const [first, second] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let more = 0;
  for (const name in second) if (second[name] !== undefined && name !== except) more += 1;
  for (const name in first) {
    const it = first[name];
    if (it === undefined || name === except) continue;
    more -= 1;
    const other = second[name];
    if (name === 'at' && other !== undefined) found.pairs.push([it as At, other as At]);
    else if (!isSameBut(it, other, found)) return false;
  }
  return more === 0;
}

function isSameFunction(a: FunctionSyntax, b: FunctionSyntax, found: Found): boolean {
  // Whoever calls it looks at its parameters.
  if (!hasSameFields(a, b, found, 'body')) return false;
  const [changes, pairs] = [found.changed.length, found.pairs.length];
  found.around.push(a);
  const isSameBody = isSameBut(a.body, b.body, found);
  found.around.pop();
  if (isSameBody) return true;
  found.changed.length = changes;
  found.pairs.length = pairs;
  found.changed.push({ f: a, next: b, around: [...found.around] });
  return true;
}

const isFunction = (it: object): it is FunctionSyntax => 'params' in it && 'body' in it && 'isArrow' in it;

/** A number for each new line: that of the old line which it was, else one between those of its neighbours. */
function linesBetween(pairs: readonly [At, At][]): (line: number) => number {
  const known = new Map<number, number>();
  for (const [a, b] of pairs) known.set(b[0], a[0]).set(b[2], a[2]);
  const lines = [...known.keys()].sort((a, b) => a - b);
  return (line) => {
    const same = known.get(line);
    if (same !== undefined) return same;
    const behind = lines.findIndex((it) => it > line);
    const above = lines[(behind < 0 ? lines.length : behind) - 1] ?? 0;
    const start = known.get(above) ?? 0;
    const below = lines[behind];
    const end = below === undefined ? undefined : known.get(below);
    if (below === undefined || end === undefined) return start + line - above;
    return start + ((end - start) * (line - above)) / (below - above);
  };
}

/** Syntax with other places. */
function restated(it: unknown, move: (at: At) => At): unknown {
  if (typeof it !== 'object' || it === null) return it;
  if (Array.isArray(it)) return it.map((part) => restated(part, move));
  return Object.fromEntries(Object.entries(it).map(([name, value]) => [name, name === 'at' && value !== undefined ? move(value as At) : restated(value, move)]));
}
