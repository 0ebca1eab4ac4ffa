import { gammaTail, power } from '../arithmetic.ts';
import { tailOf } from './gamma-law.ts';
import type { Flat } from './flatten.ts';
import { BRANCH, CALL, DELAY, HOLD, LOOP, PARALLEL, SERVE } from './node-kinds.ts';
import { waitOf, waitVarianceOf } from './returns.ts';
import type { State } from './state.ts';

/** Mean and variance of each node's time, children before parents. A hold's variance leaves out its wait: stations need the law of holding times. */
export function addUpTimes(flat: Flat, state: State): void {
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
