import type { ChangedFunction } from './assemble/tracing.ts';
import { declaredBy, namesOf } from './code/declarations.ts';
import type { At, FunctionSyntax, ModuleSyntax, Statement } from './code/syntax.ts';
import { isSame } from './moved-places.ts';

/** What a save did to a file of which everything is as it was but the bodies of some functions, and names that nobody else in it has. */
export interface Patch {
  changed: readonly ChangedFunction[];
  /** Statements that declare a name which the file did not have, and names that it has no more. */
  added: readonly Statement[];
  gone: readonly string[];
  /** Puts the new bodies into the syntax that there was, in whose places they speak from then on. To be done once. */
  apply(): void;
}

/**
 * How a file became another by changes inside of functions, and by names that were declared or taken away while nothing else spoke of them; undefined where anything else changed.
 * New lines get numbers between those of the old ones around them, fractions where there are more of them, so that the order of lines stays what it is;
 * `moveBetween` then leads from these places to the real ones, as for any file that moved.
 */
export function patchBetween(before: ModuleSyntax, after: ModuleSyntax): Patch | undefined {
  if (before.brokenAt !== null || after.brokenAt !== null || before.file !== after.file || !isSame(before.imports, after.imports)) return undefined;
  const found: Found = { changed: [], pairs: [], around: [] };
  const whole = isSameButNames(before.body, after.body, found);
  if (!whole || found.changed.length + whole.gone.length + whole.added.size === 0) return undefined;
  const lineOf = linesBetween(found.pairs);
  const move = (at: At): At => [lineOf(at[0]), at[1], lineOf(at[2]), at[3]];
  const added = new Map([...whole.added].map((it) => [it, restated(it, move) as Statement]));
  return {
    changed: found.changed.map(({ f, around }) => ({ f, around })),
    added: [...added.values()],
    gone: whole.gone,
    apply: () => {
      for (const { f, next } of found.changed) (f as { body: readonly Statement[] }).body = restated(next.body, move) as Statement[];
      if (added.size + whole.gone.length > 0) (before as { body: readonly Statement[] }).body = whole.body.map((it) => added.get(it) ?? it);
    },
  };
}

interface Whole {
  /** Statements of the file as it was, and those that are new. */
  body: readonly Statement[];
  added: ReadonlySet<Statement>;
  gone: readonly string[];
}

/** Like `isSameBut` for a whole file: a name that is new to it, or that it has no more, changes nothing of what does not speak of it. */
function isSameButNames(before: readonly Statement[], after: readonly Statement[], found: Found): Whole | undefined {
  let had: ReadonlyMap<string, number> | undefined;
  let has: ReadonlyMap<string, number> | undefined;
  const body: Statement[] = [];
  const added = new Set<Statement>();
  const gone: string[] = [];
  let at = 0;
  const isGone = (it: Statement | undefined): boolean => {
    const name = it && declaredBy(it);
    if (name === undefined) return false;
    has ??= namesOf(after);
    if (has.has(name)) return false;
    gone.push(name);
    at += 1;
    return true;
  };
  const isNew = (it: Statement): boolean => {
    const name = declaredBy(it);
    if (name === undefined) return false;
    had ??= namesOf(before);
    if (!had.has(name)) added.add(it);
    return added.has(it);
  };
  const isAnother = (it: Statement | undefined, next: Statement): boolean => {
    const name = declaredBy(next);
    if (name === undefined || !it || declaredBy(it) !== name) return false;
    had ??= namesOf(before);
    has ??= namesOf(after);
    // Nothing but its own declaration speaks of it.
    if (had.get(name) !== namesOf([it]).get(name) || has.get(name) !== namesOf([next]).get(name)) return false;
    added.add(next);
    gone.push(name);
    at += 1;
    return true;
  };
  for (const next of after) {
    while (!isSameStatement(before[at], next, found) && !isNew(next) && !isAnother(before[at], next)) if (!isGone(before[at])) return undefined;
    body.push(added.has(next) ? next : (before[at] as Statement));
    if (!added.has(next)) at += 1;
  }
  while (at < before.length) if (!isGone(before[at])) return undefined;
  return { body, added, gone };
}

function isSameStatement(a: Statement | undefined, b: Statement, found: Found): boolean {
  const [changes, pairs] = [found.changed.length, found.pairs.length];
  if (isSameBut(a, b, found)) return true;
  found.changed.length = changes;
  found.pairs.length = pairs;
  return false;
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
