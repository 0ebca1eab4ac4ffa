import { exp } from '../arithmetic.ts';
import { weighBalance } from './balance.ts';
import { askLimiter } from './ask-limiters.ts';
import { askBeside, askInside, longestInside, roomAmong, variationAt } from './ask-inside.ts';
import type { Flat } from './flatten.ts';
import { weighShared } from './shared-waits.ts';
import { weighSiblings } from './siblings.ts';
import { weighRegulars } from './regulars.ts';
import { waitOf, weighReturns } from './returns.ts';
import type { State } from './state.ts';
import { HOLD, SERVE } from './node-kinds.ts';
import { erlangC, type Wait, variabilityWithin, waitInQueue, waitInRoom, waitWithLimit } from './waits.ts';

/** A wait that has grown so long in the rounds of solving goes on growing: years. */
const BEYOND_MS = 1e12;

const wait: Wait = { mean: 0, square: 0, refused: 0, expired: 0, stable: true };

/** New waits at every station; returns the largest relative move, Infinity where a wait has left all bounds. */
export function askStations(flat: Flat, state: State): number {
  let moved = 0;
  for (let root = flat.sources; root < flat.rootNode.length; root++) {
    const next = state.nextRootRate[root] as number;
    moved = Math.max(moved, Math.abs(next - (state.rootRate[root] as number)) / (next + 1e-12));
    state.rootRate[root] = next;
  }
  if (flat.balance) weighBalance(state, flat.balance);
  if (flat.returns) weighReturns(flat, state, flat.returns);
  if (flat.regulars) weighRegulars(flat, state, flat.regulars);
  if (flat.siblings) weighSiblings(flat, state, flat.siblings);
  if (flat.returns || flat.regulars || flat.siblings) addUpOffsets(flat, state);
  state.outer.fill(0);
  for (let s = 0; s < flat.firstLimiter; s++) {
    if (flat.population[s] !== Number.POSITIVE_INFINITY) askInside(flat, state, s);
    else if (isBeside(flat, s)) state.beside[s] = askBeside(flat, state, s);
  }
  for (let s = 0; s < flat.firstLimiter; s++) moved = Math.max(moved, askStation(flat, state, s));
  for (let s = flat.firstLimiter; s < flat.servers.length; s++) moved = Math.max(moved, askLimiter(flat, state, s));
  // With the waits of this round: where they are known at once there is no third one.
  if (flat.siblings) weighShared(flat, state, flat.siblings.shared);
  return moved;
}

/** A queue without end, some of whose visitors hold places. */
const isBeside = (flat: Flat, s: number): boolean =>
  (flat.bounders[s] as readonly number[]).length > 0 &&
  flat.servers[s] !== Number.POSITIVE_INFINITY &&
  flat.room[s] === Number.POSITIVE_INFINITY &&
  flat.stationLimit[s] === Number.POSITIVE_INFINITY;

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
  const limit = (flat.stationLimit[s] as number) < Number.POSITIVE_INFINITY ? (state.limits[s] as number) / rate : Number.POSITIVE_INFINITY;
  const room = flat.room[s] as number;
  const population = flat.population[s] as number;
  state.utilisation[s] = (rate * held) / places;
  let unstable = 0;
  if (population <= servers) {
    wait.mean = wait.square = wait.refused = wait.expired = 0;
  } else if (room < Number.POSITIVE_INFINITY) waitInRoom(wait, servers, room, each, held);
  else if (limit < Number.POSITIVE_INFINITY) waitWithLimit(wait, servers, limit, each, held);
  else if (population < Number.POSITIVE_INFINITY) {
    // Never unstable: its queue is bounded, and what does not fit makes the pools unstable.
    wait.mean = (state.inside[s] as number) * variabilityWithin(servers, (rate * held) / places, cv2, roomAmong(flat, state, s));
    wait.square = (2 * wait.mean * wait.mean) / Math.max(1e-9, state.insideWaits[s] as number);
    wait.refused = wait.expired = 0;
  } else {
    waitInQueue(wait, servers, each, held, cv2, (state.cube[s] as number) / got);
    if (!wait.stable) unstable = 1;
  }
  const beside = state.beside[s] as number;
  if (beside < 1) {
    wait.mean *= beside;
    wait.square *= beside;
  }
  const balanced = state.balanced[s] as number;
  if (balanced < 1) {
    wait.mean *= balanced;
    wait.square *= balanced;
  }
  const offset = state.offsetWork[s] as number;
  const slope = state.slopeWork[s] as number;
  if ((offset !== 0 || slope !== 0) && !unstable && room === Number.POSITIVE_INFINITY && limit === Number.POSITIVE_INFINITY) {
    // Who waits longer than a stranger makes others wait too: their work stands in the queue.
    const idle = unamplified(flat, state, s, wait.mean, each * held);
    const amplified = Math.max(LEAST_OF_WAIT * wait.mean, (wait.mean + offset / idle) / (1 + slope / idle));
    const longer = Math.min(amplified, Math.max(wait.mean, longestInside(flat, state, s)));
    // Where servers are free for strangers, who waits more than they waits for those of his own: about as long as they take.
    const strangers = servers === 1 ? 1 : erlangC(servers, each * held);
    const waits = Math.max(1e-9, strangers + (1 - strangers) * Math.min(1, Math.max(0, longer - wait.mean) / held));
    // Takács: what one server's slow services add to twice the square of the mean grows as the queue does.
    const slow = servers === 1 && wait.mean > 0 ? Math.max(0, wait.square - 2 * wait.mean * wait.mean) : 0;
    const alone = (2 * longer * longer) / waits + (slow > 0 ? (slow * longer) / wait.mean : 0);
    const together = squareInBatches(wait.mean, longer, servers === 1 ? each * held : strangers, Math.min(MOST_BUSY, (each * held) / servers), held);
    const part = population === Number.POSITIVE_INFINITY ? Math.min(1, Math.max(0, (state.aheadWork[s] as number) / Math.max(1e-300, Math.abs(offset)))) : 0;
    wait.square = alone + part * Math.max(0, together - alone);
    wait.mean = longer;
  }
  if (room < Number.POSITIVE_INFINITY && limit < Number.POSITIVE_INFINITY) wait.expired = 0;
  // A queue behind a bounded station backs up to here.
  const behind = state.outer[s] as number;
  if (!unstable && behind > wait.mean && room === Number.POSITIVE_INFINITY) {
    if (limit === Number.POSITIVE_INFINITY) {
      wait.square = Math.max(wait.square, state.outerSquare[s] as number);
      wait.mean = behind;
    } else cutAtLimit(wait, limit, behind, state.outerSquare[s] as number);
  }
  const isBeyond = !(wait.mean < BEYOND_MS) || Number.isNaN(wait.square + wait.refused + wait.expired);
  if (isBeyond) unstable = 1;
  if (unstable) wait.mean = wait.square = wait.refused = wait.expired = 0;
  const old = state.wait[s] as number;
  const oldLost = (state.refused[s] as number) + (state.expired[s] as number);
  if (!flat.returns && wait.mean - old > held && state.rounds < RESTLESS && isBeside(flat, s)) growWithin(flat, state, s, old);
  // Loss thins the flow that causes it: step half way so that it settles; and ever less where it does not.
  const blend = Math.min(limit < Number.POSITIVE_INFINITY || room < Number.POSITIVE_INFINITY ? 0.5 : 1, state.rounds > RESTLESS ? RESTLESS / state.rounds / 2 : 1);
  state.wait[s] = old + blend * (wait.mean - old);
  state.waitSquare[s] = (state.waitSquare[s] as number) + blend * (wait.square - (state.waitSquare[s] as number));
  state.refused[s] = (state.refused[s] as number) + blend * (wait.refused - (state.refused[s] as number));
  state.expired[s] = (state.expired[s] as number) + blend * (wait.expired - (state.expired[s] as number));
  state.waitVariance[s] = Math.max(0, (state.waitSquare[s] as number) - (state.wait[s] as number) * (state.wait[s] as number));
  state.lost[s] = (state.refused[s] as number) + (1 - (state.refused[s] as number)) * (state.expired[s] as number);
  state.unstable[s] = unstable;
  state.restMs[s] = (held * (1 + cv2)) / 2;
  state.waits[s] = servers === 1 ? Math.min(1, each * held) : erlangC(servers, each * held);
  const lost = (state.refused[s] as number) + (state.expired[s] as number);
  if (isBeyond) return Number.POSITIVE_INFINITY;
  return Math.max(Math.abs((state.wait[s] as number) - old) / (held + (state.wait[s] as number) + 1e-300), Math.abs(lost - oldLost));
}

/**
 * A queue grows no longer than the pools of its visitors let it, and what they hold is known only with its waits: on the way there a pool must not seem to overflow, or waits at the pool, which thin out
 * the visitors, and waits behind it follow each other up and down without end.
 */
function growWithin(flat: Flat, state: State, s: number, old: number): void {
  const around = flat.bounders[s] as readonly number[];
  let longest = (old + wait.mean) / 2;
  for (let index = 0; index < around.length; index++) {
    const pool = around[index] as number;
    const rate = state.pairRate[(flat.pairStart[s] as number) + index] as number;
    const free = NEARLY_FULL * (flat.servers[pool] as number) * (flat.instances[pool] as number) - (state.work[pool] as number);
    if (rate > 0) longest = Math.min(longest, old + Math.max(0, free) / rate);
  }
  // Never a standstill, which would pass for the answer.
  longest = Math.max(longest, old + (wait.mean - old) / 4);
  if (longest >= wait.mean) return;
  wait.square *= (longest / wait.mean) * (longest / wait.mean);
  wait.mean = longest;
}
const NEARLY_FULL = 0.95;

/**
 * Second moment of the wait of a batch whose first waits `longer` in the mean, and would `alone` if its visits came one by one. Who waits, does so for a geometric number of residual batches
 * (Pollaczek and Khinchine), which are exponential for visits alone and the nearer to those of equal batches the larger they are: exact for batches of one size and exponential services at one
 * server. Of several servers all are busy as often as strangers find them so, or as one would be where batches are long.
 */
function squareInBatches(alone: number, longer: number, strangers: number, utilisation: number, held: number): number {
  if (longer <= alone) return 0;
  const all = strangers + Math.max(0, utilisation - strangers) * Math.min(1, (longer - alone) / held);
  const residual = 2 - (2 / 3) * (1 - alone / longer);
  return (longer * longer * (residual * (1 - utilisation) + 2 * utilisation)) / Math.max(1e-9, all);
}

/**
 * What of more work in a queue comes to more wait is 1 ÷ this: in an open queue the share of the time that it is idle. In a bounded one waits grow less, for those who are
 * made to wait do not come meanwhile: in proportion to its whole wait.
 */
function unamplified(flat: Flat, state: State, s: number, waitMs: number, work: number): number {
  const servers = flat.servers[s] as number;
  const utilisation = Math.min(MOST_BUSY, state.utilisation[s] as number);
  if (flat.population[s] === Number.POSITIVE_INFINITY) return Math.min(1, (1 - utilisation) / Math.max(1e-9, state.beside[s] as number));
  const first = (erlangC(servers, work) * (work > 0 ? (state.restMs[s] as number) : 0)) / servers;
  return waitMs > 0 ? Math.max(1 - utilisation, Math.min(1, first / waitMs)) : 1 - utilisation;
}

/** A wait with these moments, exponential for those who wait, whose longest give up; those who are served have what is below the limit. */
function cutAtLimit(into: Wait, limit: number, mean: number, square: number): void {
  // At the lightest loads squares sink into rounding.
  if (mean < NO_WAIT_MS) return;
  const waits = Math.min(1, (2 * mean * mean) / square);
  const each = mean / waits;
  const x = limit / each;
  const past = exp(-x);
  const served = 1 - waits * past;
  const cut = (mean * (1 - past * (1 + x))) / served;
  if (cut <= into.mean) return;
  into.mean = cut;
  into.square = (2 * mean * each * (1 - past * (1 + x + (x * x) / 2))) / served;
  into.expired = Math.max(into.expired, waits * past);
}

const NO_WAIT_MS = 1e-9;

/** Rounds after which steps become smaller. */
const RESTLESS = 16;

/** Offsets never take more of a stranger's wait than this leaves. */
const LEAST_OF_WAIT = 0.1;
const MOST_BUSY = 0.98;

/** What visits wait more or less than strangers, per station. */
function addUpOffsets(flat: Flat, state: State): void {
  const { target, kind, servers, instances } = flat;
  const { offset, slope, ahead, offsetWait, offsetWork, aheadWork, slopeWork, rate, arrivals } = state;
  offsetWait.fill(0);
  offsetWork.fill(0);
  aheadWork.fill(0);
  slopeWork.fill(0);
  for (let node = 0; node < flat.nodes; node++) {
    const s = target[node] as number;
    if ((kind[node] !== SERVE && kind[node] !== HOLD) || ((offset[node] as number) === 0 && (ahead[node] as number) === 0 && (slope[node] as number) === 0)) continue;
    const starts = rate[node] as number;
    const held = kind[node] === SERVE ? (flat.mean[node] as number) : (state.holdMean[node] as number);
    if (starts <= 0) continue;
    const work = (starts * held) / ((servers[s] as number) * (instances[s] as number));
    offsetWait[s] = (offsetWait[s] as number) + (starts * (waitOf(state, node, s) - (state.wait[s] as number))) / (arrivals[s] as number);
    offsetWork[s] = (offsetWork[s] as number) + work * ((offset[node] as number) + (ahead[node] as number));
    aheadWork[s] = (aheadWork[s] as number) + work * (ahead[node] as number);
    slopeWork[s] = (slopeWork[s] as number) + work * (slope[node] as number);
  }
}
