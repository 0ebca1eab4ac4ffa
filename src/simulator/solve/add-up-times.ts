import { atLeastOnce, callTime } from './call-time.ts';
import type { Flat } from './flatten.ts';
import { latestOf } from './later-of-two.ts';
import { BRANCH, CALL, DELAY, FAIL, HOLD, LOOP, PARALLEL, SERVE } from './node-kinds.ts';
import { roundsUntilAnswer } from './answers.ts';
import { waitOf, waitVarianceOf } from './returns.ts';
import { addUpSpent } from './spent-times.ts';
import type { State } from './state.ts';

/**
 * Mean and variance of each node's time, children before parents: that of who comes through. A hold's variance leaves out its wait: stations need the law of holding times.
 * What failures spend is added up beside it (`spent-times.ts`) where there may be some.
 */
export function addUpTimes(flat: Flat, state: State): void {
  const { kind, parent, target, mean: ownMean, ownVariance, factor, after, splits } = flat;
  const { mean, variance, answered, answeredVariance, fails, lost, holdMean, unanswered, shared, sharedVariance, piled, latest } = state;
  mean.fill(0);
  variance.fill(0);
  fails.fill(0);
  latest.fill(0);
  if (splits) {
    answered.fill(0);
    answeredVariance.fill(0);
    unanswered.fill(0);
  }
  if (flat.fails) {
    state.spent.fill(0);
    state.spentVariance.fill(0);
  }
  for (let node = flat.nodes - 1; node >= 0; node--) {
    const what = kind[node] as number;
    let m = mean[node] as number;
    let v = variance[node] as number;
    let a = splits ? (answered[node] as number) : m;
    let av = splits ? (answeredVariance[node] as number) : v;
    let f = fails[node] as number;
    // Share that fails before it answers: later failures are nobody's but the program's own.
    let u = splits ? (unanswered[node] as number) : f;
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
      f = u = lost[s] as number;
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
      if (gone > 0) {
        f = gone + (1 - gone) * f;
        u = gone + (1 - gone) * u;
      }
    } else if (what === DELAY) {
      m = a = ownMean[node] as number;
      v = seen = av = ownVariance[node] as number;
    } else if (what === CALL) {
      f = u;
      if (flat.limit[node] !== Number.POSITIVE_INFINITY || (f > 0 && (flat.retries[node] as number) > 0)) {
        const call = callTime(flat, state, node, a, av, f);
        f = u = call.fails;
        m = a = call.mean;
        v = seen = av = call.variance;
      } else {
        state.attempts[node] = 1;
        m = a;
        v = seen = av;
      }
    } else if (what === LOOP) {
      const rounds = factor[node] as number;
      m *= rounds;
      v *= rounds;
      const answers = splits ? roundsUntilAnswer(flat.answers[node] as number, rounds) : rounds;
      a *= answers;
      av *= answers;
      seen = v;
      if (f > 0) {
        const all = atLeastOnce(f, rounds);
        state.attempts[node] = all / f;
        f = all;
        u = atLeastOnce(u, rounds);
      } else state.attempts[node] = rounds;
    } else if (what === FAIL) {
      f = u = 1;
    } else if (what === PARALLEL) {
      // Its branches' waits for the same strangers.
      // The last at a station has all its siblings' work before it: that is more than what the longest of independent times varies by.
      v = Math.max(v, latest[node] as number);
      av = Math.max(av, latest[node] as number);
      m += shared[node] as number;
      a += shared[node] as number;
      v = seen = v + (sharedVariance[node] as number);
      av += sharedVariance[node] as number;
    } else if (what === BRANCH) {
      // Times are those of who does not fail, where not everybody does.
      const well = f > 0 && f < 1 ? 1 - f : 1;
      m /= well;
      v /= well;
      a /= well;
      av /= well;
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
    if (splits) unanswered[node] = u;
    if (flat.fails) addUpSpent(flat, state, node);
    const up = parent[node] as number;
    if (up < 0) continue;
    const above = kind[up] as number;
    if (above === BRANCH) {
      const all = factor[node] as number;
      const p = all * (1 - f);
      mean[up] = (mean[up] as number) + p * m;
      variance[up] = (variance[up] as number) + p * (seen + m * m);
      if (f > 0) fails[up] = (fails[up] as number) + all * f;
    } else if (above === PARALLEL) {
      const copies = factor[node] as number;
      if (piled[node] !== 0) latest[up] = Math.max(latest[up] as number, seen - (sharedVariance[node] as number) + (piled[node] as number));
      latestOf(mean, variance, up, Math.max(0, m - (shared[node] as number)), Math.max(0, seen - (sharedVariance[node] as number)), copies);
      if (f > 0) fails[up] = 1 - (1 - (fails[up] as number)) * (1 - atLeastOnce(f, copies));
    } else {
      mean[up] = (mean[up] as number) + m;
      variance[up] = (variance[up] as number) + seen;
      if (f > 0) fails[up] = 1 - (1 - (fails[up] as number)) * (1 - f);
    }
    if (!splits || after[node]) continue;
    if (above === BRANCH) {
      const p = (factor[node] as number) * (1 - f);
      answered[up] = (answered[up] as number) + p * a;
      answeredVariance[up] = (answeredVariance[up] as number) + p * (av + a * a);
      unanswered[up] = (unanswered[up] as number) + (factor[node] as number) * u;
      continue;
    }
    if (above === PARALLEL) {
      const copies = factor[node] as number;
      latestOf(answered, answeredVariance, up, Math.max(0, a - (shared[node] as number)), Math.max(0, av - (sharedVariance[node] as number)), copies);
      unanswered[up] = 1 - (1 - (unanswered[up] as number)) * (1 - atLeastOnce(u, copies));
    } else {
      // What follows counts for those only who have no answer yet.
      const left = 1 - (flat.answers[node] as number);
      const rest = answered[up] as number;
      unanswered[up] = u + (1 - u) * left * (unanswered[up] as number);
      answered[up] = a + left * rest;
      answeredVariance[up] = av + left * ((answeredVariance[up] as number) + (1 - left) * rest * rest);
    }
  }
}
