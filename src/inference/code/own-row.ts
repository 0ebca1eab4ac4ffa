import type { Place } from '../../model/known.ts';
import { evaluate } from './evaluate.ts';
import type { Machine } from './machine.ts';
import { originOf } from './origins.ts';
import type { Expression } from './syntax.ts';
import type { Scope, Value } from './values.ts';

/** What names a row and nothing else. */
const IDS = /^(id|_id|uid|uuid)$/;

/** A test by which a round of a loop finds out whether its row is the one that is asked about: at most one row of all is. */
export interface OwnRow {
  loops: readonly Place[];
  /** What the test gives for that row. */
  when: boolean;
}

/** `if (row.id !== me.id) return;`, where the other side is the same in every round. Undefined: another test, or none inside a loop. */
export function ownRowIn(m: Machine, test: Expression, scope: Scope): OwnRow | undefined {
  if (m.tracing === 0 || test.k !== 'binary' || !/^[!=]==?$/.test(test.op)) return undefined;
  const sides = [test.a, test.b] as const;
  for (const [row, other] of [sides, [sides[1], sides[0]]] as const) {
    if (row.k !== 'member' || row.o.k !== 'name' || !IDS.test(row.p)) continue;
    const loops = originOf(evaluate(m, row, scope)).loops ?? [];
    const told = evaluate(m, other, scope);
    if (loops.length > 0 && !isConstant(told) && (originOf(told).loops ?? []).length === 0) return { loops: loops.slice(-1), when: !test.op.startsWith('!') };
  }
  return undefined;
}

const isConstant = (it: Value): boolean => ['text', 'number', 'boolean', 'nothing', 'unset'].includes(it.t);

/** Runs what happens for that row alone. */
export function forOwnRow<T>(m: Machine, own: OwnRow | undefined, arm: boolean, body: () => T): T {
  const frame = own?.when === arm ? m.frames.at(-1) : undefined;
  if (!frame || !own) return body();
  const before = frame.ownRowOf;
  frame.ownRowOf = [...(before ?? []), ...own.loops];
  const result = body();
  frame.ownRowOf = before;
  return result;
}

/** A round of a loop: what the one before has found out about its row holds no longer. */
export function inRound<T>(m: Machine, body: () => T): T {
  const frame = m.frames.at(-1);
  const before = frame?.ownRowOf;
  const result = body();
  if (frame) frame.ownRowOf = before;
  return result;
}

/** All others have left: what follows in the function happens for that row alone. */
export function leaveToOwnRow(m: Machine, own: OwnRow): void {
  const frame = m.frames.at(-1);
  if (frame) frame.ownRowOf = [...(frame.ownRowOf ?? []), ...own.loops];
}
