import { gammaTail, power } from './arithmetic.ts';
import { BRANCH, CALL, DELAY, type Flat, HOLD, LOOP, PARALLEL, SERVE, SPAWN } from './flatten.ts';
import type { State } from './state.ts';
import { MOST_PLACES, type PoolsWait, type PoolVisitors, waitAmongPools } from './among-pools.ts';
import { waitOf, waitVarianceOf, weighReturns } from './returns.ts';
import { erlangB, type HolderWait, type Wait, variabilityFactor, variabilityWithin, waitAmongHolders, waitInQueue, waitInRoom, waitWithLimit } from './waits.ts';

const MOST_ROUNDS = 80;
const PRECISION = 1e-7;
/** An excess of offered work that no later round takes back. */
const CLEARLY = 1.2;
const wait: Wait = { mean: 0, square: 0, refused: 0, expired: 0, stable: true };
const plainWait: Wait = { mean: 0, square: 0, refused: 0, expired: 0, stable: true };
const amongPools: PoolsWait = { mean: 0, waits: 0 };
const visitors: PoolVisitors[] = [];
const among: HolderWait = { inner: 0, outer: 0, innerWaits: 1, outerWaits: 1, stable: true };

/**
 * Solves a flattened network at a load (requests a second that the sources share), writing into `state`.
 * Each round adds up times with the waits so far (backward), hands out rates (forward), and asks each station for its wait;
 * holding times depend on the waits inside them, so rounds repeat until nothing moves. Always from zero: the result never depends on an earlier call.
 * With `stopWhenOverloaded` it ends as soon as a station is offered more than it can do, with nothing but `overloaded` worth reading:
 * the first round knows no waits, so it never says so wrongly; later ones overshoot a little, so there only a clear excess counts.
 */
export function solveAt(flat: Flat, state: State, perSecond: number, stopWhenOverloaded = false): void {
  state.wait.fill(0);
  state.plain.fill(0);
  state.inside.fill(0);
  state.insideWaits.fill(0);
  state.plainSquare.fill(0);
  state.excess.fill(0);
  state.excessSquare.fill(0);
  state.memory.fill(0);
  state.meets.fill(0);
  state.waitSquare.fill(0);
  state.refused.fill(0);
  state.expired.fill(0);
  state.outer.fill(0);
  state.waitVariance.fill(0);
  state.lost.fill(0);
  state.attempts.fill(1);
  state.unstable.fill(0);
  state.rootRate.fill(0);
  state.hasMemory = false;
  for (let root = 0; root < flat.sources; root++) state.rootRate[root] = ((flat.rootBase[root] as number) + (flat.rootShare[root] as number) * perSecond) / 1000;
  for (state.rounds = 1; state.rounds <= MOST_ROUNDS; state.rounds++) {
    addUpTimes(flat, state);
    handOutRates(flat, state);
    if (stopWhenOverloaded && !flat.loses && isOverloaded(flat, state, state.rounds === 1 ? 1 : CLEARLY)) {
      state.stable = false;
      state.overloaded = true;
      return;
    }
    if (askStations(flat, state) < PRECISION && state.rounds > 1) break;
  }
  // A wait that never settles feeds on itself (a pool asked again inside its own hold): it has no steady state.
  if (state.rounds > MOST_ROUNDS) for (let s = 0; s < flat.servers.length; s++) if (flat.nested[s]) state.unstable[s] = 1;
  state.stable = !state.unstable.includes(1);
  state.overloaded = !state.stable || isOverloaded(flat, state);
}

function isOverloaded(flat: Flat, state: State, factor = 1): boolean {
  const { servers, instances, room } = flat;
  for (let s = 0; s < servers.length; s++) {
    if (room[s] !== Number.POSITIVE_INFINITY || servers[s] === Number.POSITIVE_INFINITY || (state.served[s] as number) <= 0) continue;
    // Offered work: arrivals, not those that were served before their limit.
    if (((state.work[s] as number) / (state.served[s] as number)) * (state.arrivals[s] as number) >= factor * (servers[s] as number) * (instances[s] as number)) return true;
  }
  return false;
}

/** Mean and variance of each node's time, children before parents. A hold's variance leaves out its wait: stations need the law of holding times. */
function addUpTimes(flat: Flat, state: State): void {
  const { kind, parent, target, mean: ownMean, ownVariance, factor, after, splits } = flat;
  const { mean, variance, answered, answeredVariance, fails, lost, holdMean } = state;
  mean.fill(0);
  variance.fill(0);
  fails.fill(0);
  if (splits) {
    answered.fill(0);
    answeredVariance.fill(0);
  }
  for (let node = flat.nodes - 1; node >= 0; node--) {
    const what = kind[node] as number;
    let m = mean[node] as number;
    let v = variance[node] as number;
    let a = splits ? (answered[node] as number) : m;
    let av = splits ? (answeredVariance[node] as number) : v;
    let f = fails[node] as number;
    let seen = v;
    if (what === SERVE) {
      const s = target[node] as number;
      m = ownMean[node] as number;
      let queued = waitOf(state, node, s);
      // Processor sharing slows everybody in proportion to the work brought.
      if (flat.sharing[s] && (state.work[s] as number) > 0) queued *= (m * (state.served[s] as number)) / (state.work[s] as number);
      m += queued;
      a = m;
      v = seen = av = waitVarianceOf(state, node, s) + (ownVariance[node] as number);
      f = lost[s] as number;
    } else if (what === HOLD) {
      const s = target[node] as number;
      const queued = waitOf(state, node, s);
      const queuedVariance = waitVarianceOf(state, node, s);
      holdMean[node] = m;
      m += queued;
      a += queued;
      seen = v + queuedVariance;
      av += queuedVariance;
      const gone = lost[s] as number;
      if (gone > 0) f = gone + (1 - gone) * f;
    } else if (what === DELAY) {
      m = a = ownMean[node] as number;
      v = seen = av = ownVariance[node] as number;
    } else if (what === CALL) {
      if (flat.limit[node] !== Number.POSITIVE_INFINITY || (f > 0 && (flat.retries[node] as number) > 0)) {
        f = callTime(flat, state, node, a, av, f);
        m = a = call.mean;
        v = seen = av = call.variance;
      } else {
        m = a;
        v = seen = av;
      }
    } else if (what === LOOP) {
      const rounds = factor[node] as number;
      m *= rounds;
      v *= rounds;
      a *= rounds;
      av *= rounds;
      seen = v;
      if (f > 0) f = 1 - power(1 - f, rounds);
    } else if (what === BRANCH) {
      // Second moments were added up: take the square of the mean away.
      v = seen = Math.max(0, v - m * m);
      av = Math.max(0, av - a * a);
    }
    mean[node] = m;
    variance[node] = v;
    if (splits) {
      answered[node] = a;
      answeredVariance[node] = av;
    }
    fails[node] = f;
    const up = parent[node] as number;
    if (up < 0) continue;
    const above = kind[up] as number;
    if (above === BRANCH) {
      const p = factor[node] as number;
      mean[up] = (mean[up] as number) + p * m;
      variance[up] = (variance[up] as number) + p * (seen + m * m);
      if (f > 0) fails[up] = (fails[up] as number) + p * f;
    } else if (above === PARALLEL) {
      later(mean, variance, up, m, seen);
      if (f > 0) fails[up] = 1 - (1 - (fails[up] as number)) * (1 - f);
    } else {
      mean[up] = (mean[up] as number) + m;
      variance[up] = (variance[up] as number) + seen;
      if (f > 0) fails[up] = 1 - (1 - (fails[up] as number)) * (1 - f);
    }
    if (!splits || after[node]) continue;
    if (above === BRANCH) {
      const p = factor[node] as number;
      answered[up] = (answered[up] as number) + p * a;
      answeredVariance[up] = (answeredVariance[up] as number) + p * (av + a * a);
    } else if (above === PARALLEL) later(answered, answeredVariance, up, a, av);
    else {
      answered[up] = (answered[up] as number) + a;
      answeredVariance[up] = (answeredVariance[up] as number) + av;
    }
  }
}

/**
 * The later of two: both taken as a fixed part (mean less deviation) and an exponential part (the deviation), exact for two exponentials.
 */
function later(mean: Float64Array, variance: Float64Array, into: number, m: number, v: number): void {
  const m0 = mean[into] as number;
  if (m0 === 0) {
    mean[into] = m;
    variance[into] = v;
    return;
  }
  const d0 = Math.min(m0, Math.sqrt(variance[into] as number));
  const d1 = Math.min(m, Math.sqrt(v));
  const start0 = m0 - d0;
  const start1 = m - d1;
  const [earlyStart, earlyDeviation, lateStart, lateDeviation] = start0 <= start1 ? [start0, d0, start1, d1] : [start1, d1, start0, d0];
  // Whoever starts first may already be done when the other starts.
  const pending = earlyDeviation > 0 ? 1 - gammaBelowOne((lateStart - earlyStart) / earlyDeviation) : 0;
  const both = earlyDeviation > 0 && lateDeviation > 0 ? (earlyDeviation * lateDeviation) / (earlyDeviation + lateDeviation) : 0;
  const extra = pending * (earlyDeviation + lateDeviation - both) + (1 - pending) * lateDeviation;
  const square = pending * 2 * (earlyDeviation * earlyDeviation + lateDeviation * lateDeviation - both * both) + (1 - pending) * 2 * lateDeviation * lateDeviation;
  mean[into] = lateStart + extra;
  variance[into] = Math.max(0, square - extra * extra);
}

const gammaBelowOne = (x: number): number => 1 - gammaTail(1, x);

const call = { mean: 0, variance: 0 };

/** A call's time with its timeout and attempts, from those of one attempt; returns the share that fails for good. */
function callTime(flat: Flat, state: State, node: number, m: number, v: number, fails: number): number {
  const limit = flat.limit[node] as number;
  const late = limit < Number.POSITIVE_INFINITY ? tailOf(m, v, limit) : 0;
  const failing = fails + (1 - fails) * late;
  const retries = flat.retries[node] as number;
  let attempts = 1;
  let all = failing;
  for (let n = 0; n < retries; n++) {
    attempts += all;
    all *= failing;
  }
  state.attempts[node] = attempts;
  const lost = late > 0 ? limit : m;
  // What is kept of the successful attempt is cut at the limit.
  const kept = late > 0 ? Math.min(m, limit) : m;
  call.mean = kept + (attempts - 1) * (lost + (flat.backoff[node] as number));
  call.variance = v + (attempts - 1) * lost * lost;
  return all;
}

/** Share of a time with this mean and variance that exceeds `limit`, by a gamma law. */
export function tailOf(mean: number, variance: number, limit: number): number {
  if (mean <= 0) return 0;
  const spread = variance / (mean * mean);
  if (spread < 1e-6) return mean > limit ? 1 : 0;
  return gammaTail(1 / spread, limit / (mean * spread));
}

/** Starts per ms of every node, parents before children, and what they bring to the stations. */
function handOutRates(flat: Flat, state: State): void {
  const { kind, parent, target, mean: ownMean, square: ownSquare, factor, after, nested } = flat;
  const { rate, flow, arrivals, served, work, square, nextRootRate, fails, lost, holdMean, variance } = state;
  arrivals.fill(0);
  served.fill(0);
  work.fill(0);
  square.fill(0);
  state.cube.fill(0);
  state.outerWork.fill(0);
  state.innerWork.fill(0);
  state.outerRate.fill(0);
  nextRootRate.fill(0);
  state.pairRate.fill(0);
  state.pairWork.fill(0);
  const nodes = flat.nodes;
  let root = -1;
  for (let node = 0; node < nodes; node++) {
    const up = parent[node] as number;
    let starts: number;
    if (up < 0) starts = state.rootRate[++root] as number;
    else {
      const above = kind[up] as number;
      if (above === BRANCH) starts = (rate[up] as number) * (factor[node] as number);
      else if (above === PARALLEL) starts = rate[up] as number;
      else {
        starts = flow[up] as number;
        const f = fails[node] as number;
        if (f > 0 && !after[node]) flow[up] = starts * (1 - f);
      }
    }
    rate[node] = starts;
    flow[node] = starts;
    const what = kind[node] as number;
    if (what === SERVE || what === HOLD) {
      const s = target[node] as number;
      const gets = starts * (1 - (lost[s] as number));
      arrivals[s] = (arrivals[s] as number) + starts;
      served[s] = (served[s] as number) + gets;
      const held = what === SERVE ? (ownMean[node] as number) : (holdMean[node] as number);
      work[s] = (work[s] as number) + gets * held;
      const pair = flat.pair[node] as number;
      if (pair >= 0) {
        state.pairRate[pair] = (state.pairRate[pair] as number) + gets;
        state.pairWork[pair] = (state.pairWork[pair] as number) + gets * held;
      }
      if (nested[s]) {
        if (flat.inner[node]) state.innerWork[s] = (state.innerWork[s] as number) + gets * held;
        else {
          state.outerWork[s] = (state.outerWork[s] as number) + gets * held;
          state.outerRate[s] = (state.outerRate[s] as number) + gets;
        }
      }
      square[s] = (square[s] as number) + gets * (what === SERVE ? (ownSquare[node] as number) : (variance[node] as number) + held * held);
      if (flat.servers[s] === 1) {
        const third = what === SERVE ? (flat.cube[node] as number) : cubeOf(held, variance[node] as number);
        state.cube[s] = (state.cube[s] as number) + gets * third;
      }
      flow[node] = gets;
    } else if (what === CALL) flow[node] = starts * (state.attempts[node] as number);
    else if (what === LOOP) flow[node] = starts * (factor[node] as number);
    else if (what === SPAWN) {
      const to = target[node] as number;
      nextRootRate[to] = (nextRootRate[to] as number) + starts;
    }
  }
}

/** Third moment of a holding time, by a gamma law with this mean and variance. */
function cubeOf(mean: number, variance: number): number {
  if (mean <= 0) return 0;
  const cv2 = variance / (mean * mean);
  return mean * mean * mean * (1 + cv2) * (1 + 2 * cv2);
}

/** New waits at every station; returns the largest relative move. */
function askStations(flat: Flat, state: State): number {
  let moved = 0;
  for (let root = flat.sources; root < flat.rootNode.length; root++) {
    const next = state.nextRootRate[root] as number;
    moved = Math.max(moved, Math.abs(next - (state.rootRate[root] as number)) / (next + 1e-12));
    state.rootRate[root] = next;
  }
  if (state.hasMemory) weighReturns(flat, state);
  state.hasMemory = false;
  state.outer.fill(0);
  for (let s = 0; s < flat.servers.length; s++) askInner(flat, state, s);
  for (let s = 0; s < flat.servers.length; s++) moved = Math.max(moved, askStation(flat, state, s));
  return moved;
}

/**
 * Stations whose visitors all hold a place of some pool: the queue inside is bounded, and what does not fit waits for the pool.
 * Writes `inside` per station (mean wait with exponential service) and `outer` per pool.
 */
function askInner(flat: Flat, state: State, s: number): void {
  const population = flat.population[s] as number;
  if (population === Number.POSITIVE_INFINITY || (flat.servers[s] as number) === Number.POSITIVE_INFINITY || (flat.room[s] as number) < Number.POSITIVE_INFINITY) return;
  const rate = state.arrivals[s] as number;
  const places = (flat.servers[s] as number) * (flat.instances[s] as number);
  if (rate <= 0 || population <= places) return;
  const around = flat.bounders[s] as Int32Array;
  const held = heldAt(state, s);
  let behind = 0;
  let behindWaits = LEAST_WAITING;
  if (population <= MOST_PLACES && (around.length > 1 || (flat.instances[around[0] as number] as number) > 1)) {
    const count = gatherVisitors(flat, state, s);
    waitAmongPools(amongPools, places, held, held + (state.wait[s] as number), visitors, count);
    state.inside[s] = amongPools.mean;
    state.insideWaits[s] = amongPools.waits;
  }
  if (population > MOST_PLACES || around.length === 1) {
    let holding = 0;
    for (let index = 0; index < around.length; index++) holding += state.work[around[index] as number] as number;
    const elsewhere = Math.max(0, holding / rate - held - (state.wait[s] as number));
    waitAmongHolders(among, places, population, rate, held, elsewhere);
    if (population > MOST_PLACES || flat.instances[around[0] as number] === 1) {
      state.inside[s] = among.inner;
      state.insideWaits[s] = among.innerWaits;
    }
    if (!among.stable) return;
    // The queue in front of several pools is not known.
    if (around.length === 1) behind = among.outer;
    behindWaits = Math.max(behindWaits, among.outerWaits);
  }
  const utilisation = (rate * held) / places;
  if (utilisation < 1) {
    const cv2 = variationAt(flat, state, s);
    const lacking = variabilityFactor(places, utilisation, cv2) - variabilityWithin(places, utilisation, cv2, roomAmong(flat, state, s));
    behind += Math.max(0, lacking) * (state.inside[s] as number);
  }
  for (let index = 0; index < around.length; index++) {
    const pool = around[index] as number;
    const pair = (flat.pairStart[s] as number) + index;
    const each = (behind * (state.pairRate[pair] as number)) / Math.max(1e-300, state.arrivals[pool] as number);
    if (each <= (state.outer[pool] as number)) continue;
    state.outer[pool] = each;
    // Who waits in front of the pool waits for a geometric number of departures.
    state.outerSquare[pool] = (2 * each * each) / behindWaits;
  }
}

/** Fewer than this never wait in front of a pool together, when any do. */
const LEAST_WAITING = 0.1;

const heldAt = (state: State, s: number): number => (state.work[s] as number) / Math.max(1e-300, state.served[s] as number);

/** Squared coefficient of variation of holding times. A shared processor does not care about the law of service, only about its mean. */
function variationAt(flat: Flat, state: State, s: number): number {
  const held = heldAt(state, s);
  if (flat.sharing[s]) return 1;
  return held > 0 ? Math.max(0, (state.square[s] as number) / Math.max(1e-300, state.served[s] as number) / (held * held) - 1) : 0;
}

/** How many can wait at a station before the first of its pools is full, their visitors growing in proportion to the work they bring. */
function roomAmong(flat: Flat, state: State, s: number): number {
  const around = flat.bounders[s] as Int32Array;
  let most = Number.POSITIVE_INFINITY;
  for (let index = 0; index < around.length; index++) {
    const pool = around[index] as number;
    const share = (state.pairWork[(flat.pairStart[s] as number) + index] as number) / Math.max(1e-300, state.work[s] as number);
    if (share > 0) most = Math.min(most, ((flat.servers[pool] as number) * (flat.instances[pool] as number)) / share);
  }
  return Math.max(0, Math.min(most, flat.population[s] as number) - (flat.servers[s] as number) * (flat.instances[s] as number));
}

function gatherVisitors(flat: Flat, state: State, s: number): number {
  const around = flat.bounders[s] as Int32Array;
  const queued = state.wait[s] as number;
  while (visitors.length < around.length) visitors.push({ places: 0, units: 0, work: 0, here: 0 });
  for (let index = 0; index < around.length; index++) {
    const pool = around[index] as number;
    const pair = (flat.pairStart[s] as number) + index;
    const total = state.work[pool] as number;
    const at = visitors[index] as PoolVisitors;
    at.places = flat.servers[pool] as number;
    at.units = flat.instances[pool] as number;
    at.work = total / at.units;
    at.here = total > 0 ? Math.min(1, ((state.pairWork[pair] as number) + (state.pairRate[pair] as number) * queued) / total) : 0;
  }
  return around.length;
}

function askStation(flat: Flat, state: State, s: number): number {
  const servers = flat.servers[s] as number;
  const rate = state.arrivals[s] as number;
  if (servers === Number.POSITIVE_INFINITY || rate <= 0) {
    state.utilisation[s] = 0;
    state.unstable[s] = 0;
    return 0;
  }
  const instances = flat.instances[s] as number;
  const each = rate / instances;
  const got = Math.max(1e-300, state.served[s] as number);
  const held = (state.work[s] as number) / got;
  const cv2 = variationAt(flat, state, s);
  const places = servers * instances;
  const limit = flat.stationLimit[s] as number;
  const room = flat.room[s] as number;
  const population = flat.population[s] as number;
  state.utilisation[s] = (rate * held) / places;
  let unstable = 0;
  let memory = 0;
  let excess = 0;
  let excessSquare = 0;
  if (population <= places) {
    wait.mean = wait.square = wait.refused = wait.expired = 0;
  } else if (room < Number.POSITIVE_INFINITY) waitInRoom(wait, servers, room, each, held);
  else if (limit < Number.POSITIVE_INFINITY) waitWithLimit(wait, servers, limit, each, held);
  else if (population < Number.POSITIVE_INFINITY) {
    // Never unstable: its queue is bounded, and what does not fit makes the pools unstable.
    wait.mean = (state.inside[s] as number) * variabilityWithin(places, (rate * held) / places, cv2, roomAmong(flat, state, s));
    wait.square = (2 * wait.mean * wait.mean) / Math.max(1e-9, state.insideWaits[s] as number);
    wait.refused = wait.expired = 0;
  } else {
    waitInQueue(wait, servers, each, held, cv2, (state.cube[s] as number) / got);
    if (!wait.stable) unstable = 1;
    else if (servers === 1 && cv2 > 1) {
      waitInQueue(plainWait, 1, each, held, 1, 6 * held * held * held);
      memory = (state.cube[s] as number) / (3 * (state.square[s] as number));
      const share = state.memory[s] ? (state.met[s] as number) : 0;
      excess = wait.mean - plainWait.mean;
      excessSquare = Math.max(0, wait.square - plainWait.square);
      wait.mean = plainWait.mean + share * excess;
      wait.square = plainWait.square + share * excessSquare;
      // The rest of it is the longer queue, which all meet alike.
      excess *= 1 - each * held;
      excessSquare *= 1 - each * held;
    }
  }
  if (room < Number.POSITIVE_INFINITY && limit < Number.POSITIVE_INFINITY) wait.expired = 0;
  // A queue behind a bounded station backs up to here.
  const behind = state.outer[s] as number;
  if (!unstable && behind > wait.mean && limit === Number.POSITIVE_INFINITY && room === Number.POSITIVE_INFINITY) {
    wait.square = Math.max(wait.square, state.outerSquare[s] as number);
    wait.mean = behind;
    memory = excess = excessSquare = 0;
  }
  if (flat.nested[s] && limit === Number.POSITIVE_INFINITY && deadlocks(state, s, servers, instances)) unstable = 1;
  if (unstable) wait.mean = wait.square = wait.refused = wait.expired = memory = excess = excessSquare = 0;
  const old = state.wait[s] as number;
  const oldLost = (state.refused[s] as number) + (state.expired[s] as number);
  // Loss thins the flow that causes it: step half way so that it settles.
  const blend = limit < Number.POSITIVE_INFINITY || room < Number.POSITIVE_INFINITY ? 0.5 : 1;
  state.wait[s] = old + blend * (wait.mean - old);
  state.waitSquare[s] = (state.waitSquare[s] as number) + blend * (wait.square - (state.waitSquare[s] as number));
  state.refused[s] = (state.refused[s] as number) + blend * (wait.refused - (state.refused[s] as number));
  state.expired[s] = (state.expired[s] as number) + blend * (wait.expired - (state.expired[s] as number));
  state.waitVariance[s] = Math.max(0, (state.waitSquare[s] as number) - (state.wait[s] as number) * (state.wait[s] as number));
  state.lost[s] = (state.refused[s] as number) + (1 - (state.refused[s] as number)) * (state.expired[s] as number);
  state.unstable[s] = unstable;
  const share = state.memory[s] ? (state.met[s] as number) : 0;
  state.excess[s] = excess;
  state.excessSquare[s] = excessSquare;
  state.plain[s] = (state.wait[s] as number) - share * excess;
  state.plainSquare[s] = (state.waitSquare[s] as number) - share * excessSquare;
  state.memory[s] = memory;
  if (memory > 0) state.hasMemory = true;
  const lost = (state.refused[s] as number) + (state.expired[s] as number);
  return Math.max(Math.abs((state.wait[s] as number) - old) / (held + (state.wait[s] as number) + 1e-300), Math.abs(lost - oldLost));
}

/** A deadlock that is to be expected once in this time counts as certain. */
const DEADLOCK_MS = 3_600_000;

/**
 * All servers held by work that needs one more: nothing ever moves again. Expected time to that, taking the inner request to fall
 * in the middle of the outer hold's own work; a pool of one deadlocks at the first request.
 */
function deadlocks(state: State, s: number, servers: number, instances: number): boolean {
  const rate = (state.outerRate[s] as number) / instances;
  if (rate <= 0) return false;
  if (servers < 2) return true;
  const waiting = Math.max(0, ((state.outerWork[s] as number) - (state.innerWork[s] as number)) / 2 / instances);
  return rate * erlangB(servers, waiting) * DEADLOCK_MS * instances >= 1;
}
