import type { Place } from '../../model/known.ts';
import type { DraftStep } from '../detector.ts';
import type { Machine } from './machine.ts';
import type { Expression } from './syntax.ts';
import type { Scope, Value } from './values.ts';

const mark = (it: DraftStep): void => {
  if (it.kind === 'query' || it.kind === 'request') it.mayShare = true;
};

/** A value that somebody keeps before it is there: who asks meanwhile may get the same one. */
export function notePromise(m: Machine, value: Value): void {
  const rows = value.t === 'data' ? value.from?.rows : undefined;
  if (!rows) return;
  const { asked, askedAt } = m;
  // A handler may ask thousands of times and assign as often.
  for (; askedAt.upTo < asked.length; askedAt.upTo += 1) {
    const step = asked[askedAt.upTo] as DraftStep;
    const same = askedAt.steps.get(keyOf(step.place));
    if (same) same.push(step);
    else askedAt.steps.set(keyOf(step.place), [step]);
  }
  for (const it of askedAt.steps.get(keyOf(rows.place)) ?? []) mark(it);
}

const keyOf = ({ file, line, column }: Place): string => `${file}:${line}:${column}`;

/** `loading = load()`, `loading ??= load()`: assigned without being awaited. `asked`: how many questions there were before it. */
export function noteKeptPromise(m: Machine, written: Expression, value: Value, asked: number): void {
  if (isAwaited(written)) return;
  for (const it of m.asked.slice(asked)) mark(it);
  notePromise(m, value);
}

/** `const loaded = load();`: a promise under a name, with what was asked for it. */
export function notePromised(m: Machine, name: string, written: Expression, scope: Scope, asked: number): void {
  if (isAwaited(written) || asked === m.asked.length) return;
  const all = m.promised.get(scope) ?? new Map<string, readonly DraftStep[]>();
  m.promised.set(scope, all.set(name, m.asked.slice(asked)));
}

/** `loading.set(key, loaded)`: whoever asks for the key meanwhile finds the promise. */
export function noteStored(m: Machine, written: Expression | undefined, scope: Scope, asked: number): void {
  if (!written || isAwaited(written)) return;
  for (const it of m.asked.slice(asked)) mark(it);
  if (written.k !== 'name') return;
  let at: Scope | null = scope;
  while (at && !at.names.has(written.n)) at = at.parent;
  for (const it of (at && m.promised.get(at)?.get(written.n)) ?? []) mark(it);
}

function isAwaited(it: Expression): boolean {
  if (it.k === 'await') return true;
  if (it.k === 'member') return isAwaited(it.o);
  return it.k === 'other' && it.es.length === 1 && isAwaited(it.es[0] as Expression);
}
