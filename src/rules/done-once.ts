import { valueIn } from '../model/known.ts';
import { type CacheStep, type Endpoint, innerSteps, type QueryStep, type Step, type Table, type Topology, walkSteps } from '../model/topology.ts';
import { tableNamed } from './few-rows.ts';
import { columnOf } from './index-cover.ts';

/** Something that is there twice when it is done twice. */
export interface Effect {
  kind: 'create' | 'send' | 'charge';
  step: QueryStep | Extract<Step, { kind: 'request' }>;
}

/** Vendors' calls that move money, by the client's name and the end of the call's. A customer, a price or a page to pay on is only a record at Stripe. */
const CHARGES = [
  /^stripe ([\w.]*\.)?(charges|paymentIntents|refunds|transfers|payouts|topups|subscriptions|invoices)\.(create|capture|confirm|pay)$/i,
  /^(braintree|razorpay|square|@mollie\/api-client|@adyen\/api-library|@paypal\/[\w-]+) .*\b(create|capture|sale|refund|charge|payments|submitForSettlement)$/i,
];
const SENDS = ['mail', 'push', 'sms', 'chat'];

export function effectOf(step: Step): Effect | undefined {
  if (step.kind === 'query') return step.statement?.adds && step.operation === 'write' ? { kind: 'create', step } : undefined;
  if (step.kind !== 'request') return undefined;
  if (CHARGES.some((it) => it.test(step.label))) return { kind: 'charge', step };
  return step.errand && SENDS.includes(step.errand.purpose) ? { kind: 'send', step } : undefined;
}

/** What keeps an effect from being there twice; `perhaps`: something looks like it, and is not certain. */
export type Guard =
  | { by: 'key'; key: CacheStep; ttlMs: number | undefined }
  /** The row itself, or one that is written before it, can be there only once. */
  | { by: 'row' }
  /** Whoever is asked knows the request by its key. */
  | { by: 'request' }
  | { by: 'perhaps' };

export interface Guarded {
  effect: Effect;
  guard?: Guard;
  /** Others are asked after it: when that fails, the effect is there and the message is not done. */
  isFollowed: boolean;
}

/** Each effect of a program in its order, with what guards it. */
export function effectsOf(topology: Topology, endpoint: Endpoint): Guarded[] {
  const all: { step: Step; around: readonly Step[] }[] = [];
  const walk = (steps: readonly Step[], around: readonly Step[]): void => {
    for (const step of steps) {
      all.push({ step, around });
      for (const inner of innerSteps(step)) walk(inner, [...around, step]);
    }
  };
  walk(endpoint.steps, []);
  const steps = all.map((it) => it.step);
  return all.flatMap(({ step, around }, at) => {
    const effect = effectOf(step);
    if (!effect) return [];
    const guard = guardOf(topology, effect, steps, at, around);
    return [{ effect, ...(guard && { guard }), isFollowed: steps.slice(at + 1).some(asksOthers) }];
  });
}

function asksOthers(it: Step): boolean {
  if (it.kind === 'cache') return it.awaited && it.serviceMs.state === 'known';
  return (it.kind === 'query' || it.kind === 'request' || it.kind === 'publish') && it.awaited;
}

function guardOf(topology: Topology, { step }: Effect, steps: readonly Step[], at: number, around: readonly Step[]): Guard | undefined {
  if (step.kind === 'request' && step.hasKey) return { by: 'request' };
  const key = keyBefore(topology, steps, at, around);
  if (key) return key;
  const claimed = steps.slice(0, at).some((it) => it.kind === 'query' && isOnce(topology, it) === true);
  if (claimed) return { by: 'row' };
  if (step.kind === 'query') {
    const once = isOnce(topology, step);
    if (once !== false) return { by: once ? 'row' : 'perhaps' };
  }
  // Looked up first and written then: two at once both find nothing, but somebody has thought of it.
  const looked = tablesOf(steps.slice(0, at), (it) => it.operation === 'read' && it.statement?.where?.some((one) => !one.isConstant) !== false);
  const written = tablesOf(steps, (it) => it.operation === 'write' && it !== step);
  const own = step.kind === 'query' ? [step.statement?.table ?? ''] : [];
  return [...written, ...own].some((it) => looked.includes(it)) ? { by: 'perhaps' } : undefined;
}

function tablesOf(steps: readonly Step[], fits: (it: QueryStep) => boolean): string[] {
  return steps.flatMap((it) => (it.kind === 'query' && fits(it) ? [it.statement?.table ?? it.label] : []));
}

/** A key of the message that is written where it is not there yet, or looked for before and written after. */
function keyBefore(topology: Topology, steps: readonly Step[], at: number, around: readonly Step[]): Guard | undefined {
  const isMiss = (it: Step): it is CacheStep => it.kind === 'cache' && it.operation === 'read' && around.includes(it);
  const found = steps.slice(0, at).findLast((it): it is CacheStep => it.kind === 'cache' && it.keyVaries && (it.ifAbsent === true || isMiss(it)));
  if (!found) return undefined;
  const later = steps.slice(at).filter((it): it is CacheStep => it.kind === 'cache' && it.target === found.target && it.key === found.key);
  const marks = later.filter((it) => it.operation === 'write');
  // What is given back afterwards is a lock: it keeps two from doing it at once, no more.
  const isLock = found.ifAbsent === true && marks.length === 0 && later.some((it) => it.operation === 'delete');
  if (isLock) return { by: 'perhaps' };
  // What nobody ever writes tells nothing.
  if (found.ifAbsent !== true && marks.length === 0) return isWritten(topology, found) ? { by: 'perhaps' } : undefined;
  const times = [...(found.ifAbsent ? [found] : []), ...marks].map((it) => (it.ttlMs.state === 'none' ? Number.POSITIVE_INFINITY : valueIn(it.ttlMs)));
  const ttlMs = times.every((it) => it !== undefined) ? Math.max(...(times as number[])) : undefined;
  return { by: 'key', key: found, ttlMs };
}

function isWritten({ endpoints }: Topology, { target, key }: CacheStep): boolean {
  let found = false;
  for (const it of endpoints)
    walkSteps(it.steps, (step) => {
      found ||= step.kind === 'cache' && step.operation === 'write' && step.target === target && step.key === key;
    });
  return found;
}

/** Whether a second row of the same message would be refused; undefined where the schema or what is set is not known. */
function isOnce(topology: Topology, { statement }: QueryStep): boolean | undefined {
  if (!statement?.adds) return false;
  if (statement.keepsOne) return true;
  const table = tableNamed(topology, statement.table);
  if (!statement.sets || !table?.isWhole) return undefined;
  return table.indexes.some((it) => it.kind !== 'plain' && isSet(table, it.columns, statement.sets ?? []));
}

function isSet(table: Table, columns: readonly string[], sets: readonly string[]): boolean {
  const set = sets.map((it) => (columnOf(table, it)?.name ?? it).toLowerCase());
  // An index over an expression may be of anything.
  return columns.every((it) => set.includes(it.toLowerCase()));
}
