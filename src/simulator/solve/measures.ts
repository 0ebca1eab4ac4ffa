import type { Limiter } from '../../model/network-policies.ts';
import type { Criterion } from '../../model/outcome.ts';
import { boundPopulations } from './bounds.ts';
import { type Flat, HOLD, SERVE } from './flatten.ts';
import { quantile } from './gamma-law.ts';
import { errorShareOf } from './solve.ts';
import { solveAt } from './solve-at.ts';
import { type State, stateFor } from './state.ts';

/** A flattened network with what counts as working: all that "holds at this load?" needs. */
export interface Question {
  flat: Flat;
  state: State;
  /** Per source: p95 objective in ms. */
  p95Ms: Float64Array;
  unloadedP95Ms: Float64Array;
  patienceMs: (number | null)[];
  errorShare: number;
  messageAgeMs: number;
  /** Roots that are channels' programs, with the station where messages wait (-1: none). */
  channelRoots: readonly { root: number; station: number }[];
  /** Limiters whose refusals are what their clients asked for: no error of the system. */
  blameless: readonly number[];
}

/** The search ends here: "does not break". */
const MOST_PER_SECOND = 1e6;
const LEAST_PER_SECOND = 0.1;
/** Waits at the light loads make the bound a little too low. */
const SLACK = 1.01;
/** First step down from the bound; each further one is its square. */
const FIRST_STEP = 0.9;
/** For draws of a range, which are coarse anyway. */
export const COARSE = 1.01;
/** Ten times finer than the 1% of the definition: differences between what-ifs must not drown in it. */
const PRECISION = 1.001;

/** An endpoint without a declared objective may take this long, or `SLOW_FACTOR` times its unloaded p95 if that is more. */
const LEAST_OBJECTIVE_MS = 500;
const SLOW_FACTOR = 4;

/** Fills in the objectives of a question whose sources declare none. */
export function questionOf(
  flat: Flat,
  declared: {
    p95Ms: readonly (number | null)[];
    patienceMs: (number | null)[];
    errorShare: number;
    messageAgeMs: number;
    channelRoots: Question['channelRoots'];
    blameless: Question['blameless'];
  },
): Question {
  const state = stateFor(flat);
  solveAt(flat, state, 1e-6);
  const unloadedP95Ms = new Float64Array(flat.sources);
  for (let root = 0; root < flat.sources; root++) {
    const node = flat.rootNode[root] as number;
    unloadedP95Ms[root] = quantile(state.answered[node] as number, state.answeredVariance[node] as number, 0.05);
  }
  const p95Ms = unloadedP95Ms.map((unloaded, root) => declared.p95Ms[root] ?? Math.max(LEAST_OBJECTIVE_MS, SLOW_FACTOR * unloaded));
  return {
    flat,
    state,
    p95Ms,
    unloadedP95Ms,
    patienceMs: declared.patienceMs,
    errorShare: declared.errorShare,
    messageAgeMs: declared.messageAgeMs,
    channelRoots: declared.channelRoots,
    blameless: declared.blameless,
  };
}

/** The first criterion that fails at this load; null when it holds. Leaves the solution in `question.state` only when it is null or another than stability. */
export function failing(question: Question, perSecond: number): Criterion | null {
  const { flat, state } = question;
  solveAt(flat, state, perSecond, true);
  if (state.overloaded) return 'stability';
  let offered = 0;
  let errors = 0;
  let slow = false;
  for (let root = 0; root < flat.sources; root++) {
    const rate = state.rootRate[root] as number;
    if (rate <= 0 || !(flat.rootShare[root] as number)) continue;
    offered += rate;
    errors += rate * errorShareOf(flat, state, root, question.patienceMs[root] ?? null);
    const node = flat.rootNode[root] as number;
    const mean = state.answered[node] as number;
    const objective = question.p95Ms[root] as number;
    // The p95 of a positive law can't reach twenty times its mean: skip the quantile where it can't matter.
    if (mean * 20 > objective && quantile(mean, state.answeredVariance[node] as number, 0.05) > objective) slow = true;
  }
  for (const s of question.blameless) errors -= (state.arrivals[s] as number) * (state.refused[s] as number);
  if (slow) return 'latency';
  if (offered > 0 && errors > question.errorShare * offered) return 'errors';
  for (const { station } of question.channelRoots) {
    if (station < 0 || (state.wait[station] as number) <= 0) continue;
    const mean = state.wait[station] as number;
    if (quantile(mean, Math.max(0, (state.waitSquare[station] as number) - mean * mean), 0.01) > question.messageAgeMs) return 'messageAge';
  }
  return null;
}

const isUnstable = (question: Question, perSecond: number): boolean => {
  solveAt(question.flat, question.state, perSecond, true);
  return question.state.overloaded;
};

/** Where to look for a load first. */
export interface SearchFrom {
  /** A load that is known to hold. */
  holds?: number;
  /** What came out for a network much like this one: a wrong guess costs time and moves the result by less than the precision. */
  near?: number | null | undefined;
}

/**
 * The load at which `fails` begins to say yes, to 0.1%; null if it never does below 10⁶ a second, 0 if it does at once.
 * Supposes that more load is never better. Work without waits grows in proportion to the load, so a first bound is known
 * and the search goes down from there.
 */
function firstFailing(question: Question, fails: (perSecond: number) => boolean, precision: number, { holds: from = 0, near }: SearchFrom = {}): number | null {
  const likely = Math.min(MOST_PER_SECOND, boundOf(question));
  // Who gives up in a queue has overloaded that queue first; what thins the load otherwise may keep a bound from being reached.
  const isBound = !question.flat.thins;
  const bound = isBound ? Math.max(likely, from * precision) : MOST_PER_SECOND;
  if (bound === MOST_PER_SECOND && !fails(MOST_PER_SECOND)) return null;
  if (from > 0 && fails(from * precision)) return from;
  const guess = near || (isBound || from > 0 ? 0 : likely * FIRST_STEP);
  const { holds, breaks } = guess > 0 ? around(guess, from, bound, fails, precision) : below(from, bound, fails);
  return between(holds, breaks, fails, precision);
}

/** Halves what lies between a load that holds (0: none is known to) and one that does not. */
function between(holding: number, failing: number, fails: (perSecond: number) => boolean, precision: number): number {
  let holds = holding;
  let breaks = failing;
  if (holds <= LEAST_PER_SECOND) {
    if (fails(LEAST_PER_SECOND)) return 0;
    holds = LEAST_PER_SECOND;
  }
  while (breaks > holds * precision) {
    const middle = Math.sqrt(holds * breaks);
    if (fails(middle)) breaks = middle;
    else holds = middle;
  }
  return holds;
}

/** Steps down from the bound, each the square of the one before. */
function below(from: number, bound: number, fails: (perSecond: number) => boolean): { holds: number; breaks: number } {
  if (from > 0) return { holds: from, breaks: bound };
  let breaks = bound;
  let step = FIRST_STEP;
  let holds = breaks * step;
  while (holds > LEAST_PER_SECOND && fails(holds)) {
    breaks = holds;
    step *= step;
    holds = breaks * Math.max(step, 1e-3);
  }
  return { holds: holds <= LEAST_PER_SECOND ? 0 : holds, breaks };
}

/** Steps away from a guess, each the fourth power of the one before: where the guess is right, two questions are all. */
function around(near: number, from: number, bound: number, fails: (perSecond: number) => boolean, precision: number): { holds: number; breaks: number } {
  let step = precision;
  let at = Math.min(Math.max(near, from, LEAST_PER_SECOND), bound / precision);
  if (at <= from || !fails(at)) {
    for (let holds = at; ; step *= step * step * step) {
      const next = holds * Math.min(step, MOST_STEP);
      if (next >= bound) return { holds, breaks: bound };
      if (fails(next)) return { holds, breaks: next };
      holds = next;
    }
  }
  for (;;) {
    const next = at / Math.min(step, MOST_STEP);
    if (next <= Math.max(from, LEAST_PER_SECOND)) return { holds: from, breaks: at };
    if (!fails(next)) return { holds: next, breaks: at };
    at = next;
    step *= step * step * step;
  }
}

const MOST_STEP = 1e3;

/** Breaking point and saturation of a network are searched for from the same bound. */
const bounds = new WeakMap<Flat, number>();

/** A load at which some station with unbounded room is offered more than it can do if nobody ever waited, gave up or was turned away; Infinity where none is known. */
function boundOf({ flat, state }: Question): number {
  const known = bounds.get(flat);
  if (known !== undefined) return known;
  const bound = searchBound(flat, state);
  bounds.set(flat, bound);
  return bound;
}

function searchBound(flat: Flat, state: State): number {
  // Two light loads, for timers work whatever the load is.
  solveAt(flat, state, LEAST_PER_SECOND);
  const light = state.utilisation.slice();
  solveAt(flat, state, 2 * LEAST_PER_SECOND);
  let bound = Number.POSITIVE_INFINITY;
  for (let s = 0; s < flat.servers.length; s++) {
    const idle = 1 - (light[s] as number);
    const perLeast = (state.utilisation[s] as number) - (light[s] as number);
    if (flat.room[s] !== Number.POSITIVE_INFINITY || perLeast < 1e-12) continue;
    bound = Math.min(bound, LEAST_PER_SECOND * (1 + idle / perLeast));
  }
  return Math.max(LEAST_PER_SECOND, bound * SLACK);
}

/** A load that is known to hold saves the search below it. */
export const breaksAtOf = (question: Question, precision = PRECISION, from: SearchFrom = {}): number | null =>
  firstFailing(question, (rate) => failing(question, rate) !== null, precision, from);
/** The stability criterion alone; never below the breaking point, which may be given to save the search. */
export const saturatesAtOf = (question: Question, breaksAt: number | null = 0, precision = PRECISION, near?: number | null): number | null =>
  breaksAt === null ? null : firstFailing(question, (rate) => isUnstable(question, rate), precision, { holds: breaksAt, near });

/** What gives way just past a breaking point. */
export const criterionAt = (question: Question, breaksAt: number | null): Criterion | null =>
  breaksAt === null ? null : failing(question, Math.max(LEAST_PER_SECOND, breaksAt * PRECISION * PRECISION));

/** Below this, one server more is too coarse a step: speed stands for capacity. */
const FEW_SERVERS = 4;

/** The same question with one station's capacity raised; Infinity takes the station away. Servers of holds come whole, so the true factor is returned. */
export function withCapacity(question: Question, station: number, factor: number): { question: Question; factor: number } {
  const flat = question.flat;
  if (factor === Number.POSITIVE_INFINITY) {
    const servers = flat.servers.slice();
    const room = flat.room.slice();
    const stationLimit = flat.stationLimit.slice();
    servers[station] = room[station] = stationLimit[station] = Number.POSITIVE_INFINITY;
    const nested = flat.nested.slice();
    nested[station] = 0;
    return { question: { ...question, flat: rebound({ ...flat, servers, room, stationLimit, nested }) }, factor };
  }
  if (station >= flat.firstLimiter) {
    const limiters = flat.limiters.map((it, index) => (index === station - flat.firstLimiter ? widened(it, factor) : it));
    return { question: { ...question, flat: { ...flat, limiters } }, factor };
  }
  // Many servers: capacity is one more of them. A faster server would also shorten what everybody else holds meanwhile,
  // and blame the database for its client's pool.
  if (servesOnly(flat, station) && (flat.servers[station] as number) < FEW_SERVERS) {
    const mean = flat.mean.slice();
    const square = flat.square.slice();
    const cube = flat.cube.slice();
    for (let node = 0; node < flat.nodes; node++) {
      if (flat.kind[node] !== SERVE || flat.target[node] !== station) continue;
      mean[node] = (mean[node] as number) / factor;
      square[node] = (square[node] as number) / (factor * factor);
      cube[node] = (cube[node] as number) / (factor * factor * factor);
    }
    const ownVariance = mean.map((it, node) => (square[node] as number) - it * it);
    return { question: { ...question, flat: { ...flat, mean, square, cube, ownVariance } }, factor };
  }
  const servers = flat.servers.slice();
  const old = servers[station] as number;
  servers[station] = old + Math.max(1, Math.round(old * (factor - 1)));
  return { question: { ...question, flat: rebound({ ...flat, servers }) }, factor: (servers[station] as number) / old };
}

const widened = (it: Limiter, factor: number): Limiter =>
  it.kind === 'fixedWindow' || it.kind === 'slidingWindow' ? { ...it, limit: it.limit * factor } : { ...it, perSecond: it.perSecond * factor };

function rebound(flat: Flat): Flat {
  boundPopulations(flat);
  return flat;
}

function servesOnly(flat: Flat, station: number): boolean {
  for (let node = 0; node < flat.nodes; node++) if (flat.target[node] === station && flat.kind[node] !== SERVE && isVisit(flat, node)) return false;
  return true;
}

const isVisit = (flat: Flat, node: number): boolean => flat.kind[node] === SERVE || flat.kind[node] === HOLD;
