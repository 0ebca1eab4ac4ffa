import type { At, ModuleSyntax } from './code/syntax.ts';

/** Where the places of a file went when only blanks, comments and types changed around them. */
export interface Move {
  /** By the line alone, by line and column, and by all four numbers. Whatever leads to two places is not in it. */
  lines: ReadonlyMap<number, number>;
  starts: ReadonlyMap<string, readonly [line: number, column: number]>;
  spans: ReadonlyMap<string, At>;
}

/**
 * How the places of a file moved between two readings of the same syntax; undefined where anything else changed,
 * or where lines were joined or split: what is on one line decides what counts as one place.
 */
export function moveBetween(before: ModuleSyntax, after: ModuleSyntax): Move | undefined {
  if (before.brokenAt !== null || after.brokenAt !== null) return undefined;
  const pairs: [At, At][] = [];
  if (!isSame(before, after, pairs)) return undefined;
  const lines = new Map<number, number>();
  const starts = new Map<string, [number, number]>();
  const spans = new Map<string, At>();
  for (const [a, b] of pairs) {
    if ((lines.get(a[0]) ?? b[0]) !== b[0] || (lines.get(a[2]) ?? b[2]) !== b[2]) return undefined;
    lines.set(a[0], b[0]).set(a[2], b[2]);
    const start = `${a[0]}:${a[1]}`;
    if ((starts.get(start)?.[1] ?? b[1]) !== b[1] || (spans.get(a.join())?.[3] ?? b[3]) !== b[3]) return undefined;
    starts.set(start, [b[0], b[1]]);
    spans.set(a.join(), b);
  }
  const inOrder = [...lines].sort(([a], [b]) => a - b);
  if (inOrder.some(([, line], at) => at > 0 && line <= (inOrder[at - 1]?.[1] ?? 0))) return undefined;
  return { lines, starts, spans };
}

export const isStill = ({ spans }: Move): boolean => [...spans].every(([before, after]) => before === after.join());

/** Whether two values of plain data are the same; with `moved`, places may differ and are noted. */
export function isSame(a: unknown, b: unknown, moved?: [At, At][]): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((it, at) => isSame(it, b[at], moved));
  const [first, second] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let more = 0;
  for (const name in second) if (second[name] !== undefined) more += 1;
  for (const name in first) {
    const it = first[name];
    if (it === undefined) continue;
    more -= 1;
    const other = second[name];
    if (moved && name === 'at' && other !== undefined) moved.push([it as At, other as At]);
    else if (!isSame(it, other, moved)) return false;
  }
  return more === 0;
}

/** Plain data with its places moved; undefined where one of them can't be told. What holds no such place stays the same object. */
export function withMoves<T>(it: T, moves: ReadonlyMap<string, Move>): T | undefined {
  let isTold = true;
  const still = new Set<object>();
  const mentions = [...moves.keys()].map((file) => `${file}:`);
  const move = (value: unknown): unknown => {
    if (typeof value === 'string') {
      // A line in a text can't be moved.
      if (mentions.some((mention) => value.includes(mention))) isTold = false;
      return value;
    }
    if (typeof value !== 'object' || value === null || !isTold) return value;
    if (Array.isArray(value)) {
      let made: unknown[] | undefined;
      for (let at = 0; at < value.length; at += 1) {
        const next = move(value[at]);
        if (next !== value[at]) made ??= [...value];
        if (made) made[at] = next;
      }
      return made ?? value;
    }
    // Numbers that are assumed are the same object at thousands of steps.
    if (still.has(value)) return value;
    const { file, line } = value as { file?: string; line?: number };
    const isPlace = typeof line === 'number' && typeof file === 'string';
    const own = isPlace ? moves.get(file) : undefined;
    let made: Record<string, unknown> | undefined;
    if (own) {
      const place = moved(value as Numbers, own);
      if (!place) isTold = false;
      else made = { ...value, ...place };
    }
    // Thousands of these hold nothing else; a problem also has its message.
    if (isPlace && !('message' in value)) return made ?? value;
    for (const name in value) {
      const before = (value as Record<string, unknown>)[name];
      if (typeof before !== 'object' && typeof before !== 'string') continue;
      const next = (name === 'key' || name === 'label') && typeof before === 'string' ? (movedText(before, moves) ?? move(before)) : move(before);
      if (next !== before) made = { ...(made ?? value), [name]: next };
    }
    if (!made && 'state' in value && !('place' in value)) still.add(value);
    return made ?? value;
  };
  const made = move(it) as T;
  return isTold ? made : undefined;
}

/** Files whose places plain data names, and its texts that may hold such a place. */
export interface Mentions {
  files: ReadonlySet<string>;
  texts: ReadonlySet<string>;
}

export function mentionsIn(it: unknown): Mentions {
  const files = new Set<string>();
  const texts = new Set<string>();
  const seen = new Set<object>();
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && value.includes(':')) texts.add(value);
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    const { file, line } = value as { file?: unknown; line?: unknown };
    const isPlace = typeof file === 'string' && typeof line === 'number';
    if (isPlace) files.add(file);
    // Thousands of these hold nothing else; a problem also has its message.
    if (isPlace && !('message' in value)) return;
    for (const name in value) walk((value as Record<string, unknown>)[name]);
  };
  walk(it);
  return { files, texts };
}

/** Whether moves may change it. */
export const speaksOf = ({ files, texts }: Mentions, moves: ReadonlyMap<string, Move>): boolean =>
  [...moves.keys()].some((file) => files.has(file) || [...texts].some((text) => text.includes(`${file}:`)));

/** The key of what the process keeps in a collection of its own begins with where that is made, and a wait of unknown length is called by its place. */
function movedText(text: string, moves: ReadonlyMap<string, Move>): string | undefined {
  const found = /^(wait at |)([^:\s]+):(\d+(?:\.\d+)?)(?= |$)/.exec(text);
  const line = found ? moves.get(found[2] as string)?.lines.get(Number(found[3])) : undefined;
  return line === undefined || !found ? undefined : `${found[1]}${found[2]}:${line}${text.slice(found[0].length)}`;
}

type Numbers = { line: number; column?: number; endLine?: number; endColumn?: number };

function moved({ line, column, endLine, endColumn }: Numbers, { lines, starts, spans }: Move): Numbers | undefined {
  if (column === undefined) {
    const to = lines.get(line);
    // The first line also stands for a file as a whole.
    if (line === 1) return to === undefined || to === 1 ? { line } : undefined;
    return to === undefined ? undefined : { line: to };
  }
  if (endLine === undefined || endColumn === undefined) {
    const to = starts.get(`${line}:${column}`);
    return to && { line: to[0], column: to[1] };
  }
  const to = spans.get([line, column, endLine, endColumn].join());
  return to && { line: to[0], column: to[1], endLine: to[2], endColumn: to[3] };
}
