import type { Place } from '../../model/known.ts';
import type { DraftStep } from '../detector.ts';
import { sameWork } from './alternatives.ts';
import { lookup } from './execute.ts';
import { oncePer } from './once-per.ts';
import { hasWork, type Machine, placeOf } from './machine.ts';
import type { At, Expression, Statement } from './syntax.ts';
import type { Scope, Value } from './values.ts';

/** One way of a test that cannot be read: what it does, and whether code refuses there or is done without having asked anybody. */
export interface Way {
  steps: DraftStep[];
  failed: boolean;
  /** It returns or throws. */
  isDone: boolean;
  /** The rest of the program runs inside it. */
  goesOn: boolean;
  /** Where the test holds. */
  isFirst: boolean;
}

/**
 * What a test with two ways comes to where one of them works and the other doesn't: a guard is passed (who is refused, or has nothing to do, asks nobody); else the work is done
 * sometimes.
 */
export function oneSided(m: Machine, test: Expression, value: Value, working: Way, other: Way, place: Place, scope: Scope): DraftStep[] {
  const isGuard = other.failed || (other.isDone && !working.isDone) || working.goesOn || (working.isFirst && isPassed(test, scope));
  // A variable that nobody sets decides for the way without it.
  const isDefault = value.t === 'unset' && (value.holds === true) === working.isFirst;
  return isGuard || isDefault ? working.steps : sometimes(m, value, working.steps, other.steps, place);
}

/** Steps that run where a test holds that cannot be read, and those that run where it doesn't. */
export function sometimes(m: Machine, value: Value, steps: DraftStep[], otherwise: DraftStep[], place: Place): DraftStep[] {
  if (!hasWork(steps) || m.tracing === 0) return steps;
  return [{ kind: 'branch', label: value.t === 'unset' ? `${value.name} is set` : 'sometimes', isOptional: true, taken: steps, otherwise, place }];
}

/** Both ways of an expression: `wanted ? await load(id) : null`. */
export function eitherWay(m: Machine, e: Extract<Expression, { k: 'conditional' }>, value: Value, first: Way, second: Way, scope: Scope): DraftStep[] {
  const [worksFirst, worksSecond] = [hasWork(first.steps), hasWork(second.steps)];
  if (!worksFirst && !worksSecond) return second.steps;
  const place = placeIn(e, worksFirst ? first.steps : second.steps, scope);
  if (!worksFirst) return oneSided(m, e.test, value, second, first, place, scope);
  if (!worksSecond) return oneSided(m, e.test, value, first, second, place, scope);
  if (m.tracing === 0 || sameWork(first.steps, second.steps)) return first.steps;
  if (value.t === 'unset') return value.holds ? first.steps : second.steps;
  return [{ kind: 'branch', label: 'either way', taken: first.steps, otherwise: second.steps, place }];
}

/** Where the first call of an expression stands: its steps may stand in functions that others call as well. */
export function placeIn(e: Expression, steps: readonly DraftStep[], scope: Scope): Place {
  const at = callIn(e);
  return at ? placeOf(scope.file, at) : (steps[0] as DraftStep).place;
}

function callIn(node: unknown): At | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const it = node as { k?: string; at?: At };
  if (it.k === 'call' && it.at) return it.at;
  // What a function does, it does when it is called.
  if (it.k === 'function' || it.k === 'class') return undefined;
  for (const part of Object.values(node)) {
    const found = callIn(part);
    if (found) return found;
  }
  return undefined;
}

const COUNTS = new Set(['length', 'size']);
const isCount = (e: Expression): boolean => e.k === 'member' && COUNTS.has(e.p);
const isZero = (e: Expression): boolean => e.k === 'number' && e.v === 0;
const isNothing = (e: Expression): boolean => e.k === 'null' || (e.k === 'name' && e.n === 'undefined');
const isUnequal = (op: string): boolean => op === '!==' || op === '!=';

/** Tests that are passed as a rule: like the head of a loop, one whether there is anything (`ids.length > 0`) only spares who has nothing to do; and what code asked for it finds (`if (user)`). */
export function isPassed(e: Expression, scope: Scope): boolean {
  if (e.k === 'not') return e.e.k === 'not' && isPassed(e.e.e, scope);
  if (e.k === 'logic' && e.op === '&&') return isPassed(e.b, scope) && (isPassed(e.a, scope) || isOwner(e.a, e.b));
  if (e.k === 'binary') {
    const isAny = (['>', '!==', '!='].includes(e.op) && isCount(e.a) && isZero(e.b)) || (e.op === '<' && isZero(e.a) && isCount(e.b));
    return isAny || (isUnequal(e.op) && isNothing(e.b) && isFound(e.a, scope));
  }
  return isCount(e) || isFound(e, scope);
}

/** A row, or what else a query gave; not what stands in it. */
function isFound(e: Expression, scope: Scope): boolean {
  const it = e.k === 'name' ? lookup(scope, e.n) : undefined;
  return it?.t === 'data' && !it.request && it.from?.rows !== undefined;
}

/**
 * What the same work puts into a map and takes out again is there for as long as that work is under way: a test whether it is there lets pass whoever does not come meanwhile.
 * `if (!running.has(key)) { running.set(key, load().finally(() => running.delete(key))); }`
 */
export const isUnderWay: (block: readonly Statement[]) => boolean = oncePer((block) => {
  const calls: EntryCall[] = [];
  entryCallsIn(block, calls);
  const taken = new Set(calls.filter((it) => it.f.p === 'delete').map(entryOf));
  return taken.size > 0 && calls.some((it) => it.f.p === 'set' && taken.has(entryOf(it)));
});

type EntryCall = Extract<Expression, { k: 'call' }> & { f: Extract<Expression, { k: 'member' }> };

const entryOf = ({ f, a }: EntryCall): string => `${plain(f.o)} ${a[0] && plain(a[0])}`;

/** Calls that put an entry in or take it out. */
function entryCallsIn(it: unknown, found: EntryCall[]): void {
  if (typeof it !== 'object' || it === null) return;
  const { k, f, a } = it as EntryCall;
  if (k === 'call' && f.k === 'member' && (f.p === 'set' || f.p === 'delete') && a[0]) found.push(it as EntryCall);
  for (const name in it) entryCallsIn((it as Record<string, unknown>)[name], found);
}

/** `ids` of `ids && ids.length > 0`. */
function isOwner(e: Expression, test: Expression): boolean {
  const count = test.k === 'binary' ? (isCount(test.a) ? test.a : test.b) : test;
  return count.k === 'member' && isCount(count) && plain(count.o) === plain(e);
}

/** The same for the same words, wherever they stand. */
const plain = (it: Expression): string => JSON.stringify(it, (key, value) => (key === 'at' ? undefined : value));

/** The steps that a part of an expression has added since `start`, taken back. Undefined where it took or gave back a connection: then they stay where they are. */
export function takenSince(m: Machine, sink: DraftStep[], start: number): DraftStep[] | undefined {
  if (m.sink !== sink || !hasWork(sink.slice(start))) return undefined;
  return sink.splice(start);
}
