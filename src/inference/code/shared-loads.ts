import type { DraftStep } from '../detector.ts';
import type { Machine } from './machine.ts';
import type { Expression } from './syntax.ts';
import type { Value } from './values.ts';

const mark = (it: DraftStep): void => {
  if (it.kind === 'query' || it.kind === 'request') it.mayShare = true;
};

/** A value that somebody keeps before it is there: who asks meanwhile may get the same one. */
export function notePromise(m: Machine, value: Value): void {
  const rows = value.t === 'data' ? value.from?.rows : undefined;
  if (!rows) return;
  for (const it of m.asked) if (it.place.file === rows.place.file && it.place.line === rows.place.line && it.place.column === rows.place.column) mark(it);
}

/** `loading = load()`, `loading ??= load()`: assigned without being awaited. `asked`: how many questions there were before it. */
export function noteKeptPromise(m: Machine, written: Expression, value: Value, asked: number): void {
  if (isAwaited(written)) return;
  for (const it of m.asked.slice(asked)) mark(it);
  notePromise(m, value);
}

function isAwaited(it: Expression): boolean {
  if (it.k === 'await') return true;
  if (it.k === 'member') return isAwaited(it.o);
  return it.k === 'other' && it.es.length === 1 && isAwaited(it.es[0] as Expression);
}
