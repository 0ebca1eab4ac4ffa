import type { Said } from '../detector.ts';
import { evaluate } from './evaluate.ts';
import { lookup } from './execute.ts';
import type { Machine } from './machine.ts';
import type { Expression, Statement } from './syntax.ts';
import { numberOf, type Scope, type Value } from './values.ts';

/** How often a loop runs where its head tells more than that there is data: a number, or which part of a list its rounds are. */
export type Rounds = { times: Said<number> } | Portion;

/** `chunks`: pieces of so many items; `groups`: what a list was parted into by a key; `group`: one of these. */
export interface Portion {
  portion: 'chunks' | 'groups' | 'group';
  size?: number;
}

const COMPARES = new Set(['<', '<=']);

/** `for (let i = 0; i < rows.length; i++)`: the rows, and the name that stands for one after the other. */
export function countedOver(m: Machine, it: Extract<Statement, { k: 'loop' }>, scope: Scope): { over: Value; counter: string } | undefined {
  // Steps by more than one go over batches.
  if (it.kind !== 'count' || it.parts.some((part) => part.k === 'assign')) return undefined;
  const [test] = it.parts;
  if (test?.k !== 'binary' || test.op !== '<' || test.a.k !== 'name' || test.b.k !== 'member' || test.b.p !== 'length') return undefined;
  return { over: evaluate(m, test.b.o, scope), counter: test.a.n };
}

/**
 * Rounds of `for (let i = 0; i < bound; i += step)`. Undefined where it goes over data one by one.
 * A step that is no number counts as chunks too: nobody steps by more than one through anything else.
 */
export function roundsOf(m: Machine, it: Extract<Statement, { k: 'loop' }>, scope: Scope): Rounds | undefined {
  if (it.kind !== 'count') return undefined;
  const test = it.parts.find((part) => part.k === 'binary' && COMPARES.has(part.op)) as Extract<Expression, { k: 'binary' }> | undefined;
  const stride = it.parts.find((part) => part.k === 'assign' && part.op === '+=') as Extract<Expression, { k: 'assign' }> | undefined;
  const step = stride ? numberOf(evaluate(m, stride.v, scope)) : 1;
  const bound = test && evaluate(m, test.b, scope);
  const start = test?.a.k === 'name' ? numberOf(lookup(scope, test.a.n)) : undefined;
  const most = numberOf(bound);
  if (bound?.t === 'number' && bound.place && most !== undefined && start !== undefined && step !== undefined && step > 0) {
    const times = Math.ceil((most - start + (test?.op === '<=' ? 1 : 0)) / step);
    return times >= 1 ? { times: { value: times, place: bound.place } } : undefined;
  }
  if (step === 1) return undefined;
  return { portion: 'chunks', ...(step !== undefined && step > 1 && { size: step }) };
}

/** Which part of a list a loop goes over, as the function that parted it said. */
export function portionOf(over: Value | undefined): Portion | undefined {
  if ((over?.t !== 'data' && over?.t !== 'list') || !over.portion) return undefined;
  return { portion: over.portion, ...(over.size !== undefined && { size: over.size }) };
}
