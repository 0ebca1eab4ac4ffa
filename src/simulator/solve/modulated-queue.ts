import { exp } from '../arithmetic.ts';

type Matrix = number[][];

const times = (a: Matrix, b: Matrix): Matrix => a.map((row) => (b[0] as number[]).map((_, j) => row.reduce((sum, it, k) => sum + it * ((b[k] as number[])[j] as number), 0)));
const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((it, j) => it + ((b[i] as number[])[j] as number)));
const unit = (n: number): Matrix => Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => (i === j ? 1 : 0)));
const minus = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((it, j) => it - ((b[i] as number[])[j] as number)));

/** Solves a·x = b for a matrix x, by Gauss and Jordan with the largest pivot. */
function solveLinear(a: Matrix, b: Matrix): Matrix {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...(b[i] as number[])]);
  for (let at = 0; at < n; at++) {
    let best = at;
    for (let i = at + 1; i < n; i++) if (Math.abs((rows[i] as number[])[at] as number) > Math.abs((rows[best] as number[])[at] as number)) best = i;
    [rows[at], rows[best]] = [rows[best] as number[], rows[at] as number[]];
    const pivot = (rows[at] as number[])[at] as number;
    rows[at] = (rows[at] as number[]).map((it) => it / pivot);
    for (let i = 0; i < n; i++) {
      if (i === at) continue;
      const factor = (rows[i] as number[])[at] as number;
      if (factor !== 0) rows[i] = (rows[i] as number[]).map((it, j) => it - factor * ((rows[at] as number[])[j] as number));
    }
  }
  return rows.map((row) => row.slice(n));
}

/** What MMPP/M/1 comes to. */
export interface ModulatedQueue {
  /** Mean number present. */
  mean: number;
  /** Chance that an arrival stays longer than `ms`. */
  tail(ms: number): number;
}

const MOST_PRESENT = 100_000;

/**
 * MMPP/M/1: Poisson arrivals whose rate goes round a list of states (rate a ms, mean stay in ms), one exponential server.
 * A quasi birth and death process; its G by logarithmic reduction (Latouche and Ramaswami 1993), from it R and the geometric law of the number present.
 * Null where it has no steady state.
 */
export function modulatedQueue(states: readonly { rate: number; stayMs: number }[], serviceMs: number): ModulatedQueue | null {
  const n = states.length;
  const mu = 1 / serviceMs;
  const stay = states.reduce((sum, it) => sum + it.stayMs, 0);
  const rate = states.reduce((sum, it) => sum + (it.rate * it.stayMs) / stay, 0);
  if (rate * serviceMs >= 1) return null;
  const up: Matrix = unit(n).map((row, i) => row.map((it) => it * (states[i]?.rate ?? 0)));
  const down: Matrix = unit(n).map((row) => row.map((it) => it * mu));
  const change: Matrix = unit(n).map((row, i) =>
    row.map((it, j) => (n > 1 && j === (i + 1) % n ? 1 / (states[i]?.stayMs ?? 1) : 0) - it * (n > 1 ? 1 / (states[i]?.stayMs ?? 1) : 0)),
  );
  const level = minus(change, plus(up, down));
  const negative = level.map((row) => row.map((it) => -it));
  let high = solveLinear(negative, up);
  let low = solveLinear(negative, down);
  let g = low;
  let t = high;
  for (let round = 0; round < 60; round++) {
    const inner = minus(unit(n), plus(times(high, low), times(low, high)));
    const nextHigh = solveLinear(inner, times(high, high));
    const nextLow = solveLinear(inner, times(low, low));
    g = plus(g, times(t, nextLow));
    t = times(t, nextHigh);
    high = nextHigh;
    low = nextLow;
    if (Math.max(...t.flat().map(Math.abs)) < 1e-15) break;
  }
  // R = up · (−level − up·G)⁻¹, transposed to fit `solveLinear`.
  const inverse = solveLinear(minus(negative, times(up, g)), unit(n));
  const r = times(up, inverse);
  // Nobody present: π₀ (change − up + R·down) = 0 and π₀ (I − R)⁻¹ 1 = 1.
  const empty = plus(minus(change, up), times(r, down));
  const sums = solveLinear(
    minus(unit(n), r),
    unit(n).map(() => [1]),
  );
  const equations = unit(n).map((_, j) => (j === n - 1 ? sums.map((it) => it[0] as number) : empty.map((row) => row[j] as number)));
  const first = solveLinear(
    equations,
    unit(n).map((_, j) => [j === n - 1 ? 1 : 0]),
  ).map((it) => it[0] as number);
  const step = (law: readonly number[]): number[] => r.map((_, j) => law.reduce((sum, it, i) => sum + it * ((r[i] as number[])[j] as number), 0));
  // What arrivals find, and the mean number present.
  const found: number[] = [];
  let law = first;
  let mean = 0;
  for (let present = 0; present < MOST_PRESENT; present++) {
    const total = law.reduce((sum, it) => sum + it, 0);
    mean += present * total;
    found.push(law.reduce((sum, it, i) => sum + (it * (states[i]?.rate ?? 0)) / rate, 0));
    if (present > 10 && total * present < 1e-13) break;
    law = step(law);
  }
  const atLeast = found.slice();
  for (let k = atLeast.length - 2; k >= 0; k--) atLeast[k] = (atLeast[k] as number) + (atLeast[k + 1] as number);
  return {
    mean,
    // k services done by then leave whoever found at least k.
    tail(ms) {
      const done = mu * ms;
      let sum = 0;
      // From the middle of the Poisson law outwards nothing underflows that matters.
      let p = done < 700 ? exp(-done) : 0;
      if (p === 0) return 0;
      for (let k = 0; k < atLeast.length; k++) {
        sum += p * (atLeast[k] as number);
        p *= done / (k + 1);
        if (k > done && p < 1e-18) break;
      }
      return sum;
    },
  };
}
