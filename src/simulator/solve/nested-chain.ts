import { power } from '../arithmetic.ts';

/** A pool whose holders ask for a second place of it while they keep the first. Times ms, rates per ms. */
export interface NestedPool {
  places: number;
  /** Requests that take a first place. */
  perMs: number;
  /** Mean time that a request holds one place before it asks for the second. */
  aloneMs: number;
  /** Mean time that it holds both; what it does with one place afterwards counts half. */
  bothMs: number;
  /** Chance that it asks once more after giving the second place back. */
  again: number;
}

/** Chains of more places take too long. */
const MOST_CHAINED = 8;
/** A smaller pool under the same load a place: what four places less make of the rate, four more make again. */
const STEP = 3;
const MOST_SWEEPS = 400;
const SETTLED = 1e-7;

/** Where a state leads: the state (−1: dead) and the rate, one after the other. */
type Ways = number[];

/**
 * How often such a pool comes to a standstill, per ms: all places held by requests that still want one more. Markov chain over how many hold one place, wait for their
 * second, hold two, and wait for their first; times are taken as exponential, the line is served in random order, and a line much longer than the places is cut.
 * Larger pools follow from two small ones under the same load a place, for such rates fall by the same factor with each place more.
 * Dead states lead back to an empty pool, so their rate is one over the mean time to the first standstill.
 */
export function deadlockRate(pool: NestedPool): number {
  const { places, perMs } = pool;
  if (perMs <= 0) return 0;
  if (places <= MOST_CHAINED) return chained(pool);
  const ofSize = (size: number): number => chained({ ...pool, places: size, perMs: (perMs * size) / places });
  const large = ofSize(MOST_CHAINED);
  const small = ofSize(MOST_CHAINED - STEP);
  return large > 0 && small > 0 ? large * power(Math.min(1, large / small), (places - MOST_CHAINED) / STEP) : 0;
}

function chained(pool: NestedPool): number {
  const { places, perMs, aloneMs, bothMs } = pool;
  // Held by no more than one request each way through.
  if (places < 2) return perMs;
  const index = new Map<number, number>();
  const states: number[][] = [];
  const longest = places + 2;
  const find = (alone: number, wanting: number, both: number, queued: number): number => {
    if (alone + wanting >= places) return -1;
    const key = ((alone * 64 + wanting) * 64 + both) * 64 + queued;
    const known = index.get(key);
    if (known !== undefined) return known;
    index.set(key, states.length);
    states.push([alone, wanting, both, queued]);
    return states.length - 1;
  };
  const ways: Ways[] = [];
  find(0, 0, 0, 0);
  /** Hands out freed places to the line, each by chance to one of those in it. */
  const handOut = (into: Ways, rate: number, freed: number, alone: number, wanting: number, both: number, queued: number): void => {
    const line = wanting + queued;
    if (freed === 0 || line === 0) {
      into.push(find(alone, wanting, both, queued), rate);
      return;
    }
    if (wanting > 0) handOut(into, (rate * wanting) / line, freed - 1, alone, wanting - 1, both + 1, queued);
    if (queued > 0) handOut(into, (rate * queued) / line, freed - 1, alone + 1, wanting, both, queued - 1);
  };
  for (let at = 0; at < states.length; at++) {
    const [alone, wanting, both, queued] = states[at] as [number, number, number, number];
    const isFull = alone + wanting + 2 * both >= places;
    const out: Ways = [];
    if (!isFull) out.push(find(alone + 1, 0, both, 0), perMs);
    else if (queued < longest) out.push(find(alone, wanting, both, queued + 1), perMs);
    if (alone > 0) out.push(isFull ? find(alone - 1, wanting + 1, both, queued) : find(alone - 1, 0, both + 1, 0), alone / aloneMs);
    if (both > 0) {
      if (pool.again > 0) handOut(out, (both / bothMs) * pool.again, 1, alone + 1, wanting, both - 1, queued);
      if (pool.again < 1) handOut(out, (both / bothMs) * (1 - pool.again), 2, alone, wanting, both - 1, queued);
    }
    ways.push(out);
  }
  return fluxToDeath(ways);
}

/** Stationary rate into the dead states, which start anew at state 0 (Gauss and Seidel's iteration). */
function fluxToDeath(ways: readonly Ways[]): number {
  const count = ways.length;
  const from: number[][] = Array.from({ length: count }, () => []);
  const leave = new Float64Array(count);
  const dies = new Float64Array(count);
  ways.forEach((out, at) => {
    for (let n = 0; n < out.length; n += 2) {
      const to = out[n] as number;
      const rate = out[n + 1] as number;
      leave[at] = (leave[at] as number) + rate;
      if (to < 0) dies[at] = (dies[at] as number) + rate;
      (from[Math.max(0, to)] as number[]).push(at, rate);
    }
  });
  const share = new Float64Array(count).fill(1 / count);
  let flux = 0;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let total = 0;
    for (let at = 0; at < count; at++) {
      const into = from[at] as number[];
      let sum = 0;
      for (let n = 0; n < into.length; n += 2) sum += (share[into[n] as number] as number) * (into[n + 1] as number);
      share[at] = sum / (leave[at] as number);
      total += share[at] as number;
    }
    let next = 0;
    for (let at = 0; at < count; at++) {
      share[at] = (share[at] as number) / total;
      next += (share[at] as number) * (dies[at] as number);
    }
    const moved = Math.abs(next - flux);
    flux = next;
    if (sweep > 8 && moved <= SETTLED * flux) break;
  }
  return flux;
}
