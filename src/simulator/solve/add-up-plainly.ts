import { atLeastOnce, callTime } from './call-time.ts';
import type { Flat } from './flatten.ts';
import { latestOf } from './later-of-two.ts';
import { BRANCH, CALL, DELAY, FAIL, HOLD, LOOP, PARALLEL, SERVE } from './node-kinds.ts';
import { waitOf, waitVarianceOf } from './returns.ts';
import type { State } from './state.ts';

/** Whether `addUpPlainly` says the same as `addUpTimes`: nobody answers before the end of a program, and no visit of a request knows of another. */
export const isPlain = (flat: Flat): boolean => !flat.splits && flat.returns === null && flat.siblings === null;

/**
 * `addUpTimes` with `addUpSpent` for plain networks, written out: most workspaces come down to one, and half of all solving is this loop.
 * Each sum is made in the order of theirs, so the bits are theirs too (`test/simulator/solve/add-up-plainly.test.ts`).
 */
export function addUpPlainly(flat: Flat, state: State): void {
  const { kind, parent, target, mean: ownMean, ownVariance, factor, limit, retries, sharing } = flat;
  const { mean, variance, fails, lost, expired, holdMean, spent, spentVariance, attempts } = state;
  const mayFail = flat.fails;
  mean.fill(0);
  variance.fill(0);
  fails.fill(0);
  if (mayFail) {
    spent.fill(0);
    spentVariance.fill(0);
  }
  for (let node = flat.nodes - 1; node >= 0; node--) {
    const what = kind[node] as number;
    const up = parent[node] as number;
    let m = 0;
    // Without the wait of a hold, for stations need the law of holding times; what its parent sees has it.
    let v = 0;
    let f = 0;
    let seen = 0;
    // The same of all, whether they fail or not.
    let e = 0;
    let ev = 0;
    let eSeen = 0;
    let gone = 0;
    if (what === SERVE) {
      const s = target[node] as number;
      m = ownMean[node] as number;
      let queued = waitOf(state, node, s);
      // Processor sharing slows everybody in proportion to the work brought.
      if (sharing[s] && (state.work[s] as number) > 0) queued *= (m * (state.served[s] as number)) / (state.work[s] as number);
      m += queued;
      v = seen = waitVarianceOf(state, node, s) + (ownVariance[node] as number);
      f = gone = lost[s] as number;
      e = m;
      ev = eSeen = v;
      fails[node] = f;
    } else if (what === DELAY) {
      m = e = ownMean[node] as number;
      v = seen = ev = eSeen = ownVariance[node] as number;
    } else {
      m = mean[node] as number;
      v = seen = variance[node] as number;
      f = fails[node] as number;
      if (mayFail) {
        e = spent[node] as number;
        ev = eSeen = spentVariance[node] as number;
      }
      if (what === HOLD) {
        const s = target[node] as number;
        const queued = waitOf(state, node, s);
        const queuedVariance = waitVarianceOf(state, node, s);
        holdMean[node] = mayFail ? e : m;
        spent[node] = e;
        m += queued;
        seen = v + queuedVariance;
        e += queued;
        eSeen = ev + queuedVariance;
        gone = lost[s] as number;
        if (gone > 0) fails[node] = f = gone + (1 - gone) * f;
      } else if (what === LOOP) {
        const rounds = factor[node] as number;
        m *= rounds;
        v *= rounds;
        seen = v;
        let often = rounds;
        if (f > 0) {
          const all = atLeastOnce(f, rounds);
          often = all / f;
          fails[node] = f = all;
        }
        attempts[node] = often;
        e *= often;
        ev = eSeen = ev * often + (ownVariance[node] as number) * e * e;
      } else if (what === CALL) {
        if (limit[node] !== Number.POSITIVE_INFINITY || (f > 0 && (retries[node] as number) > 0)) {
          const call = callTime(flat, state, node, m, v, f);
          fails[node] = f = call.fails;
          m = call.mean;
          v = seen = call.variance;
          if (mayFail) {
            e = spent[node] as number;
            ev = eSeen = spentVariance[node] as number;
          }
        } else attempts[node] = 1;
        if (attempts[node] === 1 && !f) {
          e = m;
          ev = eSeen = v;
        }
      } else if (what === FAIL) fails[node] = f = 1;
      else if (what === BRANCH) {
        // Times are those of who does not fail, where not everybody does.
        const well = f > 0 && f < 1 ? 1 - f : 1;
        m /= well;
        v /= well;
        // Second moments were added up: take the square of the mean away.
        v = seen = Math.max(0, v - m * m);
        ev = eSeen = Math.max(0, ev - e * e);
      }
    }
    mean[node] = m;
    variance[node] = v;
    if (mayFail) {
      if (what !== HOLD) spent[node] = e;
      spentVariance[node] = ev;
    }
    if (up < 0) continue;
    const above = kind[up] as number;
    const factorOf = factor[node] as number;
    if (above === BRANCH) {
      const p = factorOf * (1 - f);
      mean[up] = (mean[up] as number) + p * m;
      variance[up] = (variance[up] as number) + p * (seen + m * m);
      if (f > 0) fails[up] = (fails[up] as number) + factorOf * f;
    } else if (above === PARALLEL) {
      latestOf(mean, variance, up, m, seen, factorOf);
      if (f > 0) fails[up] = 1 - (1 - (fails[up] as number)) * (1 - atLeastOnce(f, factorOf));
    } else {
      mean[up] = (mean[up] as number) + m;
      variance[up] = (variance[up] as number) + seen;
      if (f > 0) fails[up] = 1 - (1 - (fails[up] as number)) * (1 - f);
    }
    if (!mayFail) continue;
    if (gone > 0) {
      const patience = limit[node] as number;
      const waited = patience < Number.POSITIVE_INFINITY ? (expired[target[node] as number] as number) * patience : 0;
      const square = (1 - gone) * (eSeen + e * e) + (waited > 0 ? waited * patience : 0);
      e = (1 - gone) * e + waited;
      eSeen = Math.max(0, square - e * e);
    }
    if (above === BRANCH) {
      spent[up] = (spent[up] as number) + factorOf * e;
      spentVariance[up] = (spentVariance[up] as number) + factorOf * (eSeen + e * e);
    } else if (above === PARALLEL) latestOf(spent, spentVariance, up, e, eSeen, factorOf);
    else if (f > 0) {
      // Who comes through goes on with what follows, which has been added up before.
      const well = 1 - f;
      const rest = spent[up] as number;
      spent[up] = e + well * rest;
      spentVariance[up] = eSeen + well * ((spentVariance[up] as number) + (1 - well) * rest * rest);
    } else {
      spent[up] = e + (spent[up] as number);
      spentVariance[up] = eSeen + (spentVariance[up] as number);
    }
  }
}
