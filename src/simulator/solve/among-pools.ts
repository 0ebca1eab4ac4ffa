import { exp } from '../arithmetic.ts';

/** Visitors of a station that hold a place of one pool. */
export interface PoolVisitors {
  /** Places of one unit, and how many such units there are (one per instance). */
  places: number;
  units: number;
  /** Mean number of places of one unit that are asked for; past `places` all are always taken. */
  work: number;
  /** Share of the holding time that is spent at the station, waiting there included. */
  here: number;
}

/** Visitors that hold no place: a Poisson number if nobody ever waited for another. */
export interface FreeVisitors {
  /** Mean number at the station, waiting included. */
  present: number;
  /** More than this at a time are not looked at. */
  most: number;
}

/** Result of `waitAmongPools`. */
export interface PoolsWait {
  mean: number;
  /** Share of visitors that wait. */
  waits: number;
  /** Mean wait of those who hold no place: they meet everybody, while holders do not meet themselves. */
  free: number;
}

/** More places than this together: their bound is no longer worth the work. */
export const MOST_PLACES = 192;
const ofOne = new Float64Array(MOST_PLACES + 1);
const exactly = new Float64Array(MOST_PLACES + 1);
const upTo = new Float64Array(MOST_PLACES + 1);
let together = new Float64Array(MOST_PLACES + 1);
let before = new Float64Array(MOST_PLACES + 1);

/**
 * Mean wait at a station (`servers`, `serviceMs`) whose visitors hold places of several pools, which fill and empty on their own:
 * pools of 5 and 5 are not one pool of 10, for one may be full while the other is idle.
 * How many each pool sends at a time comes from M/M/c for its places; together they give the rate at which visitors come to a station
 * where n already are; birth and death at that rate gives the queue. Never more than the places together, and M/M/c where they are many.
 * `sojournMs` is the time at the station that `here` was reckoned with.
 */
export function waitAmongPools(into: PoolsWait, servers: number, serviceMs: number, sojournMs: number, pools: readonly PoolVisitors[], count: number, free?: FreeVisitors): void {
  let most = 0;
  together[0] = 1;
  if (free) {
    most = free.most;
    for (let n = 1; n <= most; n++) together[n] = ((together[n - 1] as number) * free.present) / n;
  }
  for (let index = 0; index < count; index++) {
    const pool = pools[index] as PoolVisitors;
    sentBy(pool);
    for (let unit = 0; unit < pool.units; unit++) {
      [before, together] = [together, before];
      together.fill(0, 0, most + pool.places + 1);
      for (let n = 0; n <= most; n++) {
        const p = before[n] as number;
        // However seldom: where they queue, the factors below make much of the tail.
        if (p === 0) continue;
        for (let m = 0; m <= pool.places; m++) together[n + m] = (together[n + m] as number) + p * (ofOne[m] as number);
      }
      most += pool.places;
    }
  }
  // Turned from "served at once" into "served by so many": a factor per visitor, which grows where they queue.
  const quicker = serviceMs / sojournMs;
  let factor = 1;
  let queue = 0;
  let served = 0;
  let waiting = 0;
  let coming = 0;
  let total = 0;
  let ahead = 0;
  for (let n = 0; n <= most; n++) {
    if (n > 0) factor *= quicker * (n > servers ? n / servers : 1);
    const weight = (together[n] as number) * factor;
    served += weight * Math.min(n, servers);
    total += weight;
    if (n >= servers) ahead += weight * (n - servers + 1);
    if (n > servers) queue += weight * (n - servers);
    const next = n < most ? (together[n + 1] as number) * (n + 1) * factor : 0;
    coming += next;
    if (n >= servers) waiting += next;
  }
  into.mean = served > 0 ? (queue * serviceMs) / served : 0;
  into.free = total > 0 ? (ahead / total) * (serviceMs / servers) : 0;
  into.waits = coming > 0 ? waiting / coming : 0;
}

/** Writes the law of the number that one unit of a pool has at the station into `ofOne`. */
function sentBy({ places, work, here }: PoolVisitors): void {
  // Past saturation only the share matters.
  const taken = Math.min(work, places);
  const x = taken * here;
  const z = taken * (1 - here);
  // All places taken, with a queue behind them: M/M/c without end. Past saturation nothing else happens.
  const full = work < places ? places / (places - work) : 1;
  const free = work < places ? 1 : 0;
  // Partial sums of z^k / k!; relative to exp(z), so that nothing overflows.
  let term = exp(-z);
  let sum = 0;
  for (let k = 0; k <= places; k++) {
    exactly[k] = term;
    sum += term;
    upTo[k] = sum;
    term *= z / (k + 1);
  }
  let total = 0;
  let sent = exp(-x);
  for (let n = 0; n <= places; n++) {
    const left = places - n;
    const below = left > 0 ? (upTo[left - 1] as number) : 0;
    const p = sent * (free * below + full * (exactly[left] as number));
    ofOne[n] = p;
    total += p;
    sent *= x / (n + 1);
  }
  for (let n = 0; n <= places; n++) ofOne[n] = (ofOne[n] as number) / total;
}
