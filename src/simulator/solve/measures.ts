import { log } from '../arithmetic.ts';
import type { Limiter } from '../../model/network-policies.ts';
import type { Criterion } from '../../model/outcome.ts';
import { boundPopulations } from './bounds.ts';
import { type Flat, HOLD, SERVE } from './flatten.ts';
import { quantile } from './gamma-law.ts';
import { responseQuantile } from './response-law.ts';
import { errorShareOf } from './solve.ts';
import { highestHolding, LEAST_PER_SECOND, MOST_PER_SECOND, type SearchFrom } from './search.ts';
import { offeredOf, solveAt } from './solve-at.ts';
import { type State, stateFor } from './state.ts';

/** A flattened network with what counts as working: all that "holds at this load?" needs. */
export interface Question {
  flat: Flat;
  state: State;
  /** Per source: p95 objective in ms. */
  p95Ms: Float64Array;
  /** Of responses when hardly anybody is there: mean and variance, of which `unloadedP95Of` makes the p95. */
  unloaded: { mean: Float64Array; variance: Float64Array };
  patienceMs: (number | null)[];
  errorShare: number;
  messageAgeMs: number;
  /** Roots that are channels' programs, with the station where messages wait (-1: none). */
  channelRoots: readonly { root: number; station: number }[];
  /** Limiters whose refusals are what their clients asked for: no error of the system. */
  blameless: readonly number[];
  /** Of the load that was asked last: how far work, response times, errors and ages of messages are beyond their limits (see `search.ts`); NaN where nobody knows, and where there is no steady state. */
  beyond: Float64Array;
  /** The lowest load that was seen to fail in the search so far, and why. */
  failed: { perSecond: number; why: Criterion };
}

/** Fewer errors than this, of those that are allowed, tell nothing of where there will be too many. */
const LEAST_ERRORS = 1e-6;
/** Places in `Question.beyond`. */
const WORK = 0;
const TIMES = 1;
const ERRORS = 2;
const AGES = 3;
const LIMITS = 4;

/** A load at which nobody meets another. */
const HARDLY_ANY = 1e-6;
/** Waits at the light loads make the bound a little too low. */
const SLACK = 1.01;
/** For draws of a range, which are coarse anyway. */
export const COARSE = 1.01;
/** Twenty times finer than the 1% of the definition: differences between what-ifs must not drown in it, and two systems that break at one load may come out a step apart. */
export const PRECISION = 1.0005;

/** An endpoint without a declared objective may take this long, or `SLOW_FACTOR` times its unloaded p95 if that is more. */
const LEAST_OBJECTIVE_MS = 500;
const SLOW_FACTOR = 4;

/** No law exceeds its mean by more of its deviations than this in 5% of all cases (Cantelli): cheap to ask before the quantile is worked out. */
const MOST_DEVIATIONS = Math.sqrt(19);
const p95AtMost = (mean: number, variance: number): number => mean + MOST_DEVIATIONS * Math.sqrt(Math.max(0, variance));

/** The share of responses that come later than `limitMs`, at most (Cantelli). */
function lateAtMost(mean: number, variance: number, limitMs: number): number {
  const room = limitMs - mean;
  return room <= 0 ? 1 : variance / (variance + room * room);
}

const objectiveOf = (mean: number, variance: number): number =>
  SLOW_FACTOR * p95AtMost(mean, variance) <= LEAST_OBJECTIVE_MS ? LEAST_OBJECTIVE_MS : Math.max(LEAST_OBJECTIVE_MS, SLOW_FACTOR * quantile(mean, variance, 0.05));

/** A source's p95 when hardly anybody is there, ms. */
export const unloadedP95Of = ({ unloaded }: Question, root: number): number => quantile(unloaded.mean[root] as number, unloaded.variance[root] as number, 0.05);

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
  solveAt(flat, state, HARDLY_ANY);
  light.set(flat, state.utilisation.slice());
  const unloaded = { mean: new Float64Array(flat.sources), variance: new Float64Array(flat.sources) };
  for (let root = 0; root < flat.sources; root++) {
    const node = flat.rootNode[root] as number;
    unloaded.mean[root] = state.answered[node] as number;
    unloaded.variance[root] = state.answeredVariance[node] as number;
  }
  const p95Ms = unloaded.mean.map((mean, root) => declared.p95Ms[root] ?? objectiveOf(mean, unloaded.variance[root] as number));
  return {
    flat,
    state,
    p95Ms,
    unloaded,
    patienceMs: declared.patienceMs,
    errorShare: declared.errorShare,
    messageAgeMs: declared.messageAgeMs,
    channelRoots: declared.channelRoots,
    blameless: declared.blameless,
    beyond: new Float64Array(LIMITS).fill(Number.NaN),
    failed: { perSecond: Number.POSITIVE_INFINITY, why: 'stability' },
  };
}

/** The first criterion that fails at this load; null when it holds. Leaves the solution in `question.state` only when it is null or another than stability. */
export function failing(question: Question, perSecond: number): Criterion | null {
  const { flat, state } = question;
  const { beyond } = question;
  beyond.fill(Number.NaN);
  solveAt(flat, state, perSecond, true);
  if (state.overloaded) return 'stability';
  beyond[WORK] = offeredOf(flat, state) - 1;
  let slowest = Number.NEGATIVE_INFINITY;
  let offered = 0;
  let errors = 0;
  let late = 0;
  let slow = false;
  for (let root = 0; root < flat.sources; root++) {
    const rate = state.rootRate[root] as number;
    if (rate <= 0 || !(flat.rootShare[root] as number)) continue;
    offered += rate;
    const node = flat.rootNode[root] as number;
    const mean = state.answered[node] as number;
    const variance = state.answeredVariance[node] as number;
    const failed = state.unanswered[node] as number;
    const patience = question.patienceMs[root] ?? null;
    errors += rate * failed;
    if (patience !== null) late += rate * (1 - failed) * lateAtMost(mean, variance, patience);
    const objective = question.p95Ms[root] as number;
    // The p95 of a positive law can't reach twenty times its mean: skip the quantile where it can't matter.
    if (mean * 20 <= objective) continue;
    const reach = p95AtMost(mean, variance);
    if (reach <= objective && 1 - objective / reach <= slowest) continue;
    const p95 = responseQuantile(state, node, 0.05);
    if (p95 > objective) slow = true;
    slowest = Math.max(slowest, 1 - objective / p95);
  }
  // Exactly only where those who give up may be too many.
  if (errors + late > question.errorShare * offered * NEARLY_ALL) errors = errorsOf(question);
  beyond[TIMES] = slowest;
  for (const s of question.blameless) errors -= (state.arrivals[s] as number) * (state.refused[s] as number);
  // Errors begin from next to none and grow by factors.
  if (errors > 0 && question.errorShare > 0) beyond[ERRORS] = log(Math.max(LEAST_ERRORS, errors / (question.errorShare * offered)));
  if (slow) return 'latency';
  if (offered > 0 && errors > question.errorShare * offered) return 'errors';
  for (const { station } of question.channelRoots) {
    if (station < 0 || (state.wait[station] as number) <= 0) continue;
    const mean = state.wait[station] as number;
    const age = quantile(mean, Math.max(0, (state.waitSquare[station] as number) - mean * mean), 0.01);
    beyond[AGES] = Math.max(Number.isNaN(beyond[AGES]) ? Number.NEGATIVE_INFINITY : (beyond[AGES] as number), 1 - question.messageAgeMs / age);
    if (age > question.messageAgeMs) return 'messageAge';
  }
  return null;
}

/** Errors per ms, those of clients that give up among them. */
function errorsOf({ flat, state, patienceMs }: Question): number {
  let errors = 0;
  for (let root = 0; root < flat.sources; root++) {
    const rate = state.rootRate[root] as number;
    if (rate > 0 && (flat.rootShare[root] as number)) errors += rate * errorShareOf(flat, state, root, patienceMs[root] ?? null);
  }
  return errors;
}

/** Bounds are added up in another order than what they bound. */
const NEARLY_ALL = 1 - 1e-9;

function isUnstable(question: Question, perSecond: number): boolean {
  // Queues that feed on themselves grow without end at loads below others that are borne: a straight line would lead past them.
  question.beyond.fill(Number.NaN);
  solveAt(question.flat, question.state, perSecond, true);
  return question.state.overloaded;
}

/** Breaking point and saturation of a network are searched for from the same bound. */
const bounds = new WeakMap<Flat, number>();
/** Utilisation of the stations when hardly anybody is there. */
const light = new WeakMap<Flat, Float64Array>();

/** A load at which some station with unbounded room is offered more than it can do if nobody ever waited, gave up or was turned away; Infinity where none is known. */
export function boundOf({ flat, state }: Question): number {
  const known = bounds.get(flat);
  if (known !== undefined) return known;
  const bound = searchBound(flat, state);
  bounds.set(flat, bound);
  return bound;
}

function searchBound(flat: Flat, state: State): number {
  const utilisationAt = (perSecond: number): Float64Array => {
    solveAt(flat, state, perSecond, true);
    return state.utilisation.slice();
  };
  const hardlyAny = light.get(flat) ?? utilisationAt(HARDLY_ANY);
  // Timers work whatever the load is: without them what hardly anybody brings tells what all will.
  const isTimed = flat.rootBase.some((it) => it > 0);
  const more = isTimed ? utilisationAt(LEAST_PER_SECOND) : hardlyAny;
  let bound = Number.POSITIVE_INFINITY;
  for (let s = 0; s < flat.servers.length; s++) {
    const before = isTimed ? (hardlyAny[s] as number) : 0;
    const each = ((more[s] as number) - before) / (isTimed ? LEAST_PER_SECOND - HARDLY_ANY : HARDLY_ANY);
    if (flat.room[s] !== Number.POSITIVE_INFINITY || each < LEAST_WORK) continue;
    bound = Math.min(bound, (1 - before) / each);
  }
  return Math.max(LEAST_PER_SECOND, bound * SLACK);
}

/** Seconds of work a request below which a station is taken to get none. */
const LEAST_WORK = 1e-11;

/** A load beyond which no search says that anything holds; Infinity where none is known. */
export function highestOf(question: Question): number {
  const bound = boundOf(question);
  return question.flat.thins || bound >= MOST_PER_SECOND ? Number.POSITIVE_INFINITY : bound;
}

function searched(question: Question, fails: (perSecond: number) => boolean, precision: number, from: SearchFrom): number | null {
  // Who gives up in a queue has overloaded that queue first; what thins the load otherwise may keep a bound from being reached.
  return highestHolding({ ...from, fails, margins: () => question.beyond, precision, bound: () => boundOf(question), isBound: !question.flat.thins });
}

/** The load at which the objective begins to fail, on the grid of `precision`; null if it never does below 10⁶ a second, 0 if it does at once. */
export function breaksAtOf(question: Question, precision = PRECISION, from: SearchFrom = {}): number | null {
  question.failed = { perSecond: Number.POSITIVE_INFINITY, why: 'stability' };
  const fails = (perSecond: number): boolean => {
    const why = failing(question, perSecond);
    if (why !== null && perSecond < question.failed.perSecond) question.failed = { perSecond, why };
    return why !== null;
  };
  return searched(question, fails, precision, from);
}

/** The stability criterion alone; never below the breaking point, which may be given to save the search. */
export function saturatesAtOf(question: Question, breaksAt: number | null = 0, precision = PRECISION): number | null {
  if (breaksAt === null) return null;
  // The search for the breaking point has mostly ended at the load next to it.
  const { perSecond, why } = question.failed;
  const isKnown = Math.abs(perSecond / (breaksAt * precision) - 1) < ROUNDING;
  question.beyond.fill(Number.NaN);
  return searched(question, (rate) => isUnstable(question, rate), precision, { holds: breaksAt, ...(isKnown && { isNextFailing: why === 'stability' }) });
}

/** Two ways to the same load of a grid differ by less. */
const ROUNDING = 1e-9;

const JUST_PAST = 1.002;

/** What gives way just past a breaking point. */
export function criterionAt(question: Question, breaksAt: number | null): Criterion | null {
  if (breaksAt === null) return null;
  const past = Math.max(LEAST_PER_SECOND, breaksAt * JUST_PAST);
  return question.failed.perSecond <= past ? question.failed.why : failing(question, past);
}

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
