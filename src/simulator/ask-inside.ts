import { MOST_PLACES, type PoolsWait, type PoolVisitors, waitAmongPools } from './among-pools.ts';
import type { Flat } from './flatten.ts';
import type { State } from './state.ts';
import { type HolderWait, variabilityFactor, variabilityWithin, waitAmongHolders } from './waits.ts';

const amongPools: PoolsWait = { mean: 0, waits: 0 };
const visitors: PoolVisitors[] = [];
const among: HolderWait = { inner: 0, outer: 0, innerWaits: 1, outerWaits: 1, stable: true };

/**
 * Stations whose visitors all hold a place of some pool: the queue inside is bounded, and what does not fit waits for the pool.
 * Writes `inside` per station (mean wait with exponential service) and `outer` per pool.
 */
export function askInside(flat: Flat, state: State, s: number): void {
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
export function variationAt(flat: Flat, state: State, s: number): number {
  const held = heldAt(state, s);
  if (flat.sharing[s]) return 1;
  return held > 0 ? Math.max(0, (state.square[s] as number) / Math.max(1e-300, state.served[s] as number) / (held * held) - 1) : 0;
}

/** How many can wait at a station before the first of its pools is full, their visitors growing in proportion to the work they bring. */
export function roomAmong(flat: Flat, state: State, s: number): number {
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
