import { type FreeVisitors, MOST_PLACES, type PoolsWait, type PoolVisitors, waitAmongPools } from './among-pools.ts';
import { exp } from '../arithmetic.ts';
import { unitsMet } from './bounds.ts';
import type { Flat } from './flatten.ts';
import type { State } from './state.ts';
import { erlangB, erlangC, type HolderWait, variabilityFactor, variabilityWithin, waitAmongHolders } from './waits.ts';

const amongPools: PoolsWait = { mean: 0, waits: 0, free: 0 };
const visitors: PoolVisitors[] = [];
const among: HolderWait = { inner: 0, outer: 0, innerWaits: 1, outerWaits: 1, stable: true };

/**
 * Stations whose visitors all hold a place of some pool: the queue inside is bounded, and what does not fit waits for the pool.
 * Writes `inside` per station (mean wait with exponential service) and `outer` per pool.
 */
export function askInside(flat: Flat, state: State, s: number): void {
  const population = flat.population[s] as number;
  if (population === Number.POSITIVE_INFINITY || (flat.servers[s] as number) === Number.POSITIVE_INFINITY || (flat.room[s] as number) < Number.POSITIVE_INFINITY) return;
  // Of one instance, as all instances are alike.
  const rate = (state.arrivals[s] as number) / (flat.instances[s] as number);
  const places = flat.servers[s] as number;
  if (rate <= 0 || population <= places) return;
  const around = flat.bounders[s] as readonly number[];
  const isOnePool = around.length === 1 && isMetWhole(flat, around[0] as number, s);
  const held = heldAt(state, s);
  let behind = 0;
  let behindWaits = LEAST_WAITING;
  if (population <= MOST_PLACES && !isOnePool) {
    const count = gatherVisitors(flat, state, s);
    waitAmongPools(amongPools, places, held, held + meetsOf(state, s), visitors, count);
    state.inside[s] = amongPools.mean;
    state.insideWaits[s] = amongPools.waits;
  }
  // Of several pools the queue in front is known where the station keeps up (`queueBeforePools`).
  if (population > MOST_PLACES || isOnePool || (around.length === 1 && rate * held >= places)) {
    let holding = 0;
    for (let index = 0; index < around.length; index++) holding += state.work[around[index] as number] as number;
    const elsewhere = Math.max(0, holding / (state.arrivals[s] as number) - held - meetsOf(state, s));
    waitAmongHolders(among, places, population, rate, held, elsewhere);
    if (population > MOST_PLACES || isOnePool) {
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
    if (population <= MOST_PLACES && !isOnePool) queueBeforePools(flat, state, s, places, utilisation, cv2);
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

const free: FreeVisitors = { present: 0, most: 0 };
/** A pool that turns away fewer than this share bounds nothing. */
const NEVER_FULL = 1e-3;
/** Most visitors of a station that are looked at one by one (factorials must not overflow), of them at least so many that hold nothing. */
const MOST_BESIDE = 140;
const LEAST_FREE = 24;
const MOST_PRESENT = 300;

/**
 * The same where others visit who hold no place: how much shorter than an open queue theirs is, as a factor of the wait. What does not fit waits for the pool here, too.
 * An event loop is such a station, with new requests beside those that hold a connection.
 */
export function askBeside(flat: Flat, state: State, s: number): number {
  const around = flat.bounders[s] as readonly number[];
  const instances = flat.instances[s] as number;
  const servers = flat.servers[s] as number;
  const rate = (state.arrivals[s] as number) / instances;
  const held = heldAt(state, s);
  const work = rate * held;
  if (work <= 0 || work >= servers) return 1;
  let bounded = 0;
  let binds = false;
  for (let index = 0; index < around.length; index++) {
    const pool = around[index] as number;
    bounded += (flat.servers[pool] as number) * unitsMet(flat, pool, s);
    const places = flat.servers[pool] as number;
    const taken = (state.work[pool] as number) / (flat.instances[pool] as number);
    if (taken > 0 && erlangB(places, Math.min(taken, places)) > NEVER_FULL) binds = true;
  }
  if (!binds || bounded > MOST_BESIDE - LEAST_FREE) return 1;
  let rateOfHolders = 0;
  let workOfHolders = 0;
  for (let pair = flat.pairStart[s] as number, end = pair + around.length; pair < end; pair++) {
    rateOfHolders += state.pairRate[pair] as number;
    workOfHolders += state.pairWork[pair] as number;
  }
  const meets = meetsOf(state, s);
  const freeWork = Math.max(0, (state.work[s] as number) - workOfHolders) / instances;
  const freeRate = Math.max(0, rate - rateOfHolders / instances);
  free.present = Math.min(MOST_PRESENT, freeWork + (flat.sharing[s] ? freeWork / held : freeRate) * meets);
  free.most = Math.min(MOST_BESIDE - bounded, Math.ceil(servers + TAIL / (1 - freeWork / servers)));
  const count = gatherVisitors(flat, state, s);
  waitAmongPools(amongPools, servers, held, held + meets, visitors, count, free);
  const open = (erlangC(servers, work) * held) / (servers - work);
  if (!(open > 0)) return 1;
  const all = amongPools.mean;
  if (all > 0 && freeRate > 0 && rateOfHolders > 0) {
    // Not more than all the waiting there is.
    const longer = Math.min(amongPools.free / all, rate / freeRate);
    relate(flat, state, s, longer, (rate - freeRate * longer) / (rateOfHolders / instances));
  }
  queueBeforePools(flat, state, s, servers, work / servers, variationAt(flat, state, s));
  const shorter = Math.min(1, amongPools.mean / open);
  return flat.returns ? shorter : shorter * slowWithin(flat, state, s, work / servers, variationAt(flat, state, s));
}

/**
 * What slow visits add to a queue has room only as far as places reach, the rest stands in front of the pools; what those add who hold no place has all the room. As a factor of the wait.
 * Where returns are looked at one by one their shorter waits tell this already.
 */
function slowWithin(flat: Flat, state: State, s: number, utilisation: number, cv2: number): number {
  if (cv2 <= 1) return 1;
  const servers = flat.servers[s] as number;
  let ofHolders = 0;
  for (let pair = flat.pairStart[s] as number, end = pair + (flat.bounders[s] as readonly number[]).length; pair < end; pair++) ofHolders += state.pairWork[pair] as number;
  const bounded = Math.min(1, ofHolders / Math.max(1e-300, state.work[s] as number));
  return 1 - bounded * (1 - variabilityWithin(servers, utilisation, cv2, roomAmong(flat, state, s)) / variabilityFactor(servers, utilisation, cv2));
}

/** Writes how much longer or shorter than the mean those wait who hold no place, and those who do. */
function relate(flat: Flat, state: State, s: number, free: number, holding: number): void {
  const nodes = flat.nodesOf[s] as readonly number[];
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as number;
    state.relative[node] = (flat.pair[node] as number) < 0 ? free : holding;
  }
}

/** Of a queue that thins out by a factor e for each of 1 / (1 − utilisation). */
const TAIL = 12;

/**
 * The queue that would stand at the station if nobody needed a place: who finds no place of theirs waits for it instead.
 * Of M/M/c's queue each pool has its share, again a geometric number; those it has in service or elsewhere are a Poisson number.
 */
function queueBeforePools(flat: Flat, state: State, s: number, places: number, utilisation: number, cv2: number): void {
  const rate = state.arrivals[s] as number;
  const waits = erlangC(places, places * utilisation);
  const queue = (utilisation / (1 - utilisation)) * variabilityFactor(places, utilisation, cv2);
  const around = flat.bounders[s] as readonly number[];
  for (let index = 0; index < around.length; index++) {
    const pool = around[index] as number;
    const pair = (flat.pairStart[s] as number) + index;
    const units = flat.instances[pool] as number;
    const most = flat.servers[pool] as number;
    const working = state.pairWork[pair] as number;
    const share = (flat.sharing[s] ? working / (state.work[s] as number) : (state.pairRate[pair] as number) / rate) / units;
    // Its part of the queues at all instances.
    const each = share * queue * (flat.instances[s] as number);
    const ratio = each / (1 + each);
    const queued = meetsOf(state, s) * (flat.sharing[s] ? working / heldAt(state, s) : (state.pairRate[pair] as number));
    const other = Math.max(0, ((state.work[pool] as number) - queued) / units);
    const lacking = excessOf(other, waits, ratio, most);
    if (lacking.mean <= 0) continue;
    const mean = (lacking.mean * units) / Math.max(1e-300, state.arrivals[pool] as number);
    if (mean <= (state.outer[pool] as number)) continue;
    state.outer[pool] = mean;
    state.outerSquare[pool] = (2 * mean * mean) / Math.max(LEAST_WAITING, lacking.share);
  }
}

const lackingPlaces = { mean: 0, share: 0 };

/** Mean of what a Poisson number (mean `other`) and, with probability `waits`, a geometric one (`ratio`) together exceed `most` by, and the chance that they do. */
function excessOf(other: number, waits: number, ratio: number, most: number): { mean: number; share: number } {
  let p = exp(-other);
  let below = 0;
  let mean = 0;
  let share = 0;
  const tail = ratio / (1 - ratio);
  // Ratio to the number of places that a Poisson number leaves: from the last place back.
  let reach = 1;
  for (let n = 0; n < most; n++) reach *= ratio;
  for (let n = 0; n <= most; n++) {
    mean += p * waits * reach * tail;
    share += p * waits * reach;
    below += p;
    if (n < most) reach = ratio > 0 ? reach / ratio : n === most - 1 ? 1 : 0;
    p *= other / (n + 1);
  }
  const above = Math.max(0, 1 - below);
  // Past the places by its own number already: of a Poisson number E(N − most)⁺ = other·P(N ≥ most) − most·P(N > most).
  lackingPlaces.share = share + above;
  lackingPlaces.mean = mean + (above > 1e-12 ? above * waits * tail + Math.max(0, other * (above + (p * (most + 1)) / Math.max(other, 1e-300)) - most * above) : 0);
  return lackingPlaces;
}

/** Fewer than this never wait in front of a pool together, when any do. */
const LEAST_WAITING = 0.1;

/** Mean wait of visits, who come back included. */
const meetsOf = (state: State, s: number): number => Math.max(0, (state.wait[s] as number) + (state.offsetWait[s] as number));

/** The mean wait at a station while all who may be there are there: each place of a pool comes round once in places ÷ servers services (Little). Infinity where its population has no bound. */
export const longestInside = (flat: Flat, state: State, s: number): number =>
  flat.population[s] === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : heldAt(state, s) * Math.max(0, (flat.population[s] as number) / (flat.servers[s] as number) - 1);

const heldAt = (state: State, s: number): number => (state.work[s] as number) / Math.max(1e-300, state.served[s] as number);

/** Squared coefficient of variation of holding times. A shared processor does not care about the law of service, only about its mean. */
export function variationAt(flat: Flat, state: State, s: number): number {
  const held = heldAt(state, s);
  if (flat.sharing[s]) return 1;
  return held > 0 ? Math.max(0, (state.square[s] as number) / Math.max(1e-300, state.served[s] as number) / (held * held) - 1) : 0;
}

/** How many can wait at a station before the first of its pools is full, their visitors growing in proportion to the work they bring. */
export function roomAmong(flat: Flat, state: State, s: number): number {
  const around = flat.bounders[s] as readonly number[];
  let most = Number.POSITIVE_INFINITY;
  for (let index = 0; index < around.length; index++) {
    const pool = around[index] as number;
    const share = (state.pairWork[(flat.pairStart[s] as number) + index] as number) / Math.max(1e-300, state.work[s] as number);
    if (share > 0) most = Math.min(most, ((flat.servers[pool] as number) * unitsMet(flat, pool, s)) / share);
  }
  return Math.max(0, Math.min(most, flat.population[s] as number) - (flat.servers[s] as number));
}

/** One instance of the station meets all holders of one unit of the pool, wherever they are at the station. */
const isMetWhole = (flat: Flat, pool: number, s: number): boolean => unitsMet(flat, pool, s) === 1 && (flat.instances[pool] as number) === (flat.instances[s] as number);

function gatherVisitors(flat: Flat, state: State, s: number): number {
  const around = flat.bounders[s] as readonly number[];
  const queued = meetsOf(state, s);
  while (visitors.length < around.length) visitors.push({ places: 0, units: 0, work: 0, here: 0 });
  for (let index = 0; index < around.length; index++) {
    const pool = around[index] as number;
    const pair = (flat.pairStart[s] as number) + index;
    const total = state.work[pool] as number;
    const at = visitors[index] as PoolVisitors;
    at.places = flat.servers[pool] as number;
    at.units = unitsMet(flat, pool, s);
    at.work = total / (flat.instances[pool] as number);
    const waiting = flat.sharing[s] ? ((state.pairWork[pair] as number) * queued) / heldAt(state, s) : (state.pairRate[pair] as number) * queued;
    // Holders of elsewhere are spread over the instances.
    const met = (flat.instances[pool] as number) === at.units ? (flat.instances[s] as number) : 1;
    at.here = total > 0 ? Math.min(1, ((state.pairWork[pair] as number) + waiting) / total) / met : 0;
  }
  return around.length;
}
