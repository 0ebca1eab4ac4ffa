/** Answers without a closed form, worked out numerically for the tests alone: nothing here is shared with what is tested. Mean service is 1 unless said. */

import { meanOf, poisson } from './formulas.ts';

/** Sweeps until nothing moves: `next(n)` is the value of a state by the values of the others; normalised at the end. */
function settled(states: number, next: (p: Float64Array, n: number) => number, most = 200_000): Float64Array {
  const p = new Float64Array(states).fill(1 / states);
  for (let sweep = 0, moved = 1; sweep < most && moved > 1e-12; sweep++) {
    moved = 0;
    let total = 0;
    for (let n = 0; n < states; n++) {
      const value = next(p, n);
      moved = Math.max(moved, Math.abs(value - (p[n] as number)) * states);
      p[n] = value;
      total += value;
    }
    for (let n = 0; n < states; n++) p[n] = (p[n] as number) / total;
  }
  return p;
}
const sum = (count: number, term: (n: number) => number): number => Array.from({ length: count }, (_, n) => term(n)).reduce((a, b) => a + b, 0);

/** M/D/c (Crommelin 1932): who is there one service later are those who found no server and those who came meanwhile. */
export function mdc(rate: number, servers: number, last = 600) {
  const came = poisson(rate, 120);
  let p = new Float64Array(last + 1).fill(1 / (last + 1));
  for (let round = 0, moved = 1; round < 20_000 && moved > 1e-13; round++) {
    const next = new Float64Array(last + 1);
    for (let n = 0; n <= last; n++) {
      const left = Math.max(0, n - servers);
      for (let k = 0; k < came.length; k++) {
        const to = Math.min(last, left + k);
        next[to] = (next[to] as number) + (p[n] as number) * (came[k] as number);
      }
    }
    moved = next.reduce((most, it, n) => Math.max(most, Math.abs(it - (p[n] as number))), 0);
    p = next;
  }
  const L = meanOf([...p]);
  return { L, Lq: L - rate, Wq: (L - rate) / rate };
}

/** M/M/c+D (Barrer 1957): customers leave the queue after exactly `patience`. Density of the wait one would have: λ·p(c − 1)·exp(−(c − λ)v) up to the patience, falling by exp(−c v) beyond it. */
export function fixedPatience(rate: number, servers: number, patience: number) {
  const weights = [1];
  for (let n = 1; n < servers; n++) weights.push(((weights[n - 1] as number) * rate) / n);
  const slack = servers - rate;
  const start = rate * (weights[servers - 1] as number);
  const end = Math.exp(-slack * patience);
  const within = slack === 0 ? patience : (1 - end) / slack;
  const total = sum(servers, (n) => weights[n] as number) + start * within + (start * end) / servers;
  const P_timeout = (start * end) / servers / total;
  const throughput = rate * (1 - P_timeout);
  return { P_timeout, throughput, utilisation: throughput / servers };
}

/**
 * A bucket of `burst` tokens that gets one per unit of time: what it lacks is the work of M/D/1 whose customers go away where they find more than burst − 1. Up to there the law is that of M/D/1
 * (Erlang 1909) times a constant; above it only customers who came from less than one below lead.
 */
export function tokenBucket(rate: number, burst: number) {
  const law = (v: number): number =>
    v < 0
      ? 0
      : sum(Math.floor(v) + 1, (k) => {
          const x = rate * (v - k);
          let term = Math.exp(x);
          for (let i = 1; i <= k; i++) term *= -x / i;
          return term;
        });
  const limit = burst - 1;
  const STEPS = 2000;
  // Simpson's rule over the last unit.
  const above = (x: number): number => rate * (law(limit) - law(limit - 1 + x));
  const beyond = sum(STEPS + 1, (i) => above(i / STEPS) * (i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2)) / 3 / STEPS;
  const P_reject = beyond / (law(limit) + beyond);
  return { P_reject, accepted_rate: rate * (1 - P_reject) };
}

/** M/M/c/K whose refused customers try again after an exponential pause with probability `again`, each time: Markov chain of (there, pausing). */
export function retrials(rate: number, servers: number, capacity: number, pause: number, again: number, last = 120) {
  const width = capacity + 1;
  const at = (n: number, j: number): number => j * width + n;
  const p = settled((last + 1) * width, (q, state) => {
    const n = state % width;
    const j = Math.floor(state / width);
    const full = n === capacity;
    // A try of who is refused and stays changes nothing.
    const out = (full ? (j < last ? rate * again : 0) : rate) + Math.min(n, servers) + (j / pause) * (full ? 1 - again : 1);
    let into = 0;
    if (n > 0) into += rate * (q[at(n - 1, j)] as number);
    if (n > 0 && j < last) into += ((j + 1) / pause) * (q[at(n - 1, j + 1)] as number);
    if (n < capacity) into += Math.min(n + 1, servers) * (q[at(n + 1, j)] as number);
    if (full && j > 0) into += rate * again * (q[at(n, j - 1)] as number);
    if (full && j < last) into += ((j + 1) / pause) * (1 - again) * (q[at(n, j + 1)] as number);
    return into / out;
  });
  const share = (n: number, j: number): number => p[at(n, j)] as number;
  const over = (term: (n: number, j: number) => number): number => sum(last + 1, (j) => sum(width, (n) => share(n, j) * term(n, j)));
  const mean_orbit = over((_, j) => j);
  return {
    mean_orbit,
    busy: over((n) => Math.min(n, servers)),
    P_full_seen_by_fresh: over((n) => (n === capacity ? 1 : 0)),
    attempt_rate: rate + mean_orbit / pause,
  };
}

/** MMPP/M/1 with two states: arrivals at `rates`, each state left at `leave`. Of a level the next one is the same times R (Neuts 1981), which n rounds find. */
export function modulated(rates: readonly [number, number], leave: readonly [number, number]) {
  type Pair = readonly [number, number];
  type Square = readonly [Pair, Pair];
  const times = (a: Square, b: Square): Square => {
    const cell = (i: 0 | 1, j: 0 | 1): number => a[i][0] * b[0][j] + a[i][1] * b[1][j];
    return [
      [cell(0, 0), cell(0, 1)],
      [cell(1, 0), cell(1, 1)],
    ];
  };
  const inverse = ([[a, b], [c, d]]: Square): Square => {
    const size = a * d - b * c;
    return [
      [d / size, -b / size],
      [-c / size, a / size],
    ];
  };
  // Leaving a level at which somebody is served, by state; R = (up + R² down) · inverse of that.
  const stay = inverse([
    [rates[0] + 1 + leave[0], -leave[0]],
    [-leave[1], rates[1] + 1 + leave[1]],
  ]);
  let R: Square = [
    [0, 0],
    [0, 0],
  ];
  for (let round = 0; round < 200_000; round++) {
    const [[a, b], [c, d]] = times(R, R);
    R = times(
      [
        [a + rates[0], b],
        [c, d + rates[1]],
      ],
      stay,
    );
  }
  // Nobody there: p0 (what changes the state, plus R for those who leave level 1) = 0.
  const out: Square = [
    [R[0][0] - rates[0] - leave[0], R[0][1] + leave[0]],
    [R[1][0] + leave[1], R[1][1] - rates[1] - leave[1]],
  ];
  const raw: Pair = [out[1][0], -out[0][0]];
  const all = inverse([
    [1 - R[0][0], -R[0][1]],
    [-R[1][0], 1 - R[1][1]],
  ]);
  const row = (x: Pair, m: Square): Pair => [x[0] * m[0][0] + x[1] * m[1][0], x[0] * m[0][1] + x[1] * m[1][1]];
  const total = row(raw, all).reduce((a, b) => a + b, 0);
  const p0: Pair = [raw[0] / total, raw[1] / total];
  const L = row(row(row(p0, R), all), all).reduce((a, b) => a + b, 0);
  const rate = (rates[0] * leave[1] + rates[1] * leave[0]) / (leave[0] + leave[1]);
  return { L, T: L / rate, P_empty: p0[0] + p0[1] };
}

/** M/M/c from empty under a rate that changes in steps: `L(t)` and `Lq(t)` by Runge and Kutta's fourth order. */
export function fromEmpty(servers: number, load: readonly (readonly [from: number, rate: number])[], times: readonly number[], last = 250): Record<string, number> {
  let p = new Float64Array(last + 1);
  p[0] = 1;
  const change = (q: Float64Array, rate: number): Float64Array =>
    q.map((it, n) => {
      const up = n < last ? rate : 0;
      return (n > 0 ? rate * (q[n - 1] as number) : 0) + (n < last ? Math.min(n + 1, servers) * (q[n + 1] as number) : 0) - (up + Math.min(n, servers)) * it;
    });
  const moved = (q: Float64Array, by: Float64Array, step: number): Float64Array => q.map((it, n) => it + step * (by[n] as number));
  const PER_UNIT = 100;
  const found: Record<string, number> = {};
  for (let tick = 0; tick <= Math.max(...times) * PER_UNIT; tick++) {
    const now = tick / PER_UNIT;
    if (times.includes(now)) {
      found[`L(${now})`] = meanOf([...p]);
      found[`Lq(${now})`] = sum(last + 1, (n) => Math.max(0, n - servers) * (p[n] as number));
    }
    const rate = load.filter(([from]) => from <= now).at(-1)?.[1] ?? 0;
    const a = change(p, rate);
    const b = change(moved(p, a, 0.5 / PER_UNIT), rate);
    const c = change(moved(p, b, 0.5 / PER_UNIT), rate);
    const d = change(moved(p, c, 1 / PER_UNIT), rate);
    p = p.map((it, n) => it + ((a[n] as number) + 2 * (b[n] as number) + 2 * (c[n] as number) + (d[n] as number)) / 6 / PER_UNIT);
  }
  return found;
}

/** Share of hits of an LRU cache under independent references by Zipf's law (Che et al. 2002): a key stays for one characteristic time after each look. */
export function che(items: number, zipf: number, room: number): number {
  const weights = Array.from({ length: items }, (_, n) => 1 / (n + 1) ** zipf);
  const total = weights.reduce((a, b) => a + b, 0);
  const kept = (time: number): number => weights.reduce((all, it) => all + 1 - Math.exp((-it / total) * time), 0);
  let [low, high] = [0, 1];
  while (kept(high) < room) high *= 2;
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2;
    if (kept(middle) < room) low = middle;
    else high = middle;
  }
  return weights.reduce((all, it) => all + (it / total) * (1 - Math.exp((-it / total) * low)), 0);
}

/** Mean response at one of very many servers, of which each customer takes the shorter queue of two picked at random (Mitzenmacher 1996). */
export const shorterOfTwoPicked = (load: number): number => sum(12, (i) => load ** (2 ** (i + 1) - 2));

/** Gaps of two exponential laws with balanced means: Laplace transform. */
export function balancedGaps(rate: number, cv2: number): (s: number) => number {
  const p = (1 + Math.sqrt((cv2 - 1) / (cv2 + 1))) / 2;
  const [fast, slow] = [2 * p * rate, 2 * (1 - p) * rate];
  return (s) => (p * fast) / (fast + s) + ((1 - p) * slow) / (slow + s);
}

/** 1 + ½ + … + 1/n: the mean of the slowest of n exponential times. */
export const slowestOf = (n: number): number => sum(n, (i) => 1 / (i + 1));

/** M/M/1 whose refused customers come back after exponential pauses for as long as it takes (Falin and Templeton 1997). */
export const retrialOrbit = (rate: number, pause: number): number => (rate * (rate * pause + rate)) / (1 - rate);
