import type { Flat } from './flatten.ts';
import { BRANCH, CALL, HOLD, LOOP, PARALLEL, SERVE } from './node-kinds.ts';
import type { State } from './state.ts';

/**
 * Who comes back soon does not meet what a stranger meets.
 * Pollaczek and Khinchine's mean is for strangers (Poisson arrivals). Who returns at once to a station with one server finds what arrived during the visit before:
 * the newcomers of its wait and service, and those who stood before it and returned like itself. So after a long service one meets more than a stranger,
 * after a short one less; with exponential services of one mean, just as much (product form).
 * The longer the gap, the more is forgotten: weighed by memory ÷ (gap + memory), where the memory is the mean rest of a service.
 * With several servers what comes from the services before is shared by them, and met only when all are busy.
 */

/** For each node that asks for a station with a queue: the same request's visit before it, and in a loop the last visit of the round before; -1 for none. */
export interface Returns {
  before: Int32Array;
  lastRound: Int32Array;
}

/** Finds them; null where nobody comes back. */
export function findReturns(flat: Flat): Returns | null {
  const before = new Int32Array(flat.nodes).fill(-1);
  const lastRound = new Int32Array(flat.nodes).fill(-1);
  const stations = flat.servers.length;
  /** Per station: its last visit on the way here, the call that made it, and where in the journal that stands. */
  const last = new Int32Array(stations).fill(-1);
  const caller = new Int32Array(stations);
  const entry = new Int32Array(stations).fill(-1);
  /** What stood there before each change: station, visit, call, entry. */
  const journal: number[] = [];
  /** Nothing before this entry is seen: inside a loop only its own rounds count at first. */
  let floor = 0;
  let any = false;

  const set = (s: number, node: number, program: number): void => {
    journal.push(s, last[s] as number, caller[s] as number, entry[s] as number);
    last[s] = node;
    caller[s] = program;
    entry[s] = journal.length;
  };
  const undo = (to: number): void => {
    while (journal.length > to) {
      entry[journal[journal.length - 4] as number] = journal[journal.length - 1] as number;
      caller[journal[journal.length - 4] as number] = journal[journal.length - 2] as number;
      last[journal[journal.length - 4] as number] = journal[journal.length - 3] as number;
      journal.length -= 4;
    }
  };
  const queues = (s: number): boolean => Number.isFinite(flat.servers[s]) && !flat.sharing[s] && flat.room[s] === Number.POSITIVE_INFINITY;
  // Another call of a group may be at another of its instances.
  const isOwn = (s: number): boolean => (flat.instances[s] as number) > 1;

  /** Walks a subtree; returns the node behind it. */
  const walk = (node: number, program: number): number => {
    const kind = flat.kind[node] as number;
    if (kind === SERVE || kind === HOLD) {
      const s = flat.target[node] as number;
      const counts = queues(s);
      if (counts && (entry[s] as number) > floor && (!isOwn(s) || caller[s] === program)) {
        before[node] = last[s] as number;
        if (before[node] !== -1) any = true;
      }
      const next = walkInside(node, program);
      if (counts) set(s, node, program);
      return next;
    }
    if (kind === BRANCH || kind === PARALLEL) return walkArms(node, program);
    if (kind === LOOP && (flat.factor[node] as number) > 1) return walkLoop(node, program);
    if (kind !== CALL) return walkInside(node, program);
    const mark = journal.length;
    const next = walkInside(node, node);
    // The caller's own visits at stations of which each instance has one stand again.
    const kept: number[] = [];
    for (let at = mark; at < journal.length; at += 4)
      if (!isOwn(journal[at] as number)) kept.push(journal[at] as number, last[journal[at] as number] as number, caller[journal[at] as number] as number);
    undo(mark);
    for (let at = 0; at < kept.length; at += 3) set(kept[at] as number, kept[at + 1] as number, kept[at + 2] as number);
    return next;
  };
  const walkInside = (node: number, program: number): number => {
    let child = node + 1;
    while (child < flat.nodes && flat.parent[child] === node) child = walk(child, program);
    return child;
  };
  const walkArms = (node: number, program: number): number => {
    const mark = journal.length;
    let likely: number[] = [];
    let most = -1;
    let arm = node + 1;
    while (arm < flat.nodes && flat.parent[arm] === node) {
      const often = flat.kind[node] === BRANCH ? (flat.factor[arm] as number) : 0;
      arm = walk(arm, program);
      // What follows a branch follows its likelier arm.
      if (often > most) {
        most = often;
        likely = [];
        for (let at = mark; at < journal.length; at += 4) likely.push(journal[at] as number, last[journal[at] as number] as number, caller[journal[at] as number] as number);
      }
      undo(mark);
    }
    for (let at = 0; at < likely.length; at += 3) set(likely[at] as number, likely[at + 1] as number, likely[at + 2] as number);
    return arm;
  };
  const walkLoop = (node: number, program: number): number => {
    const mark = journal.length;
    const outside = floor;
    floor = mark;
    const next = walkInside(node, program);
    floor = outside;
    for (let at = node + 1; at < next; at++) {
      if (flat.kind[at] !== SERVE && flat.kind[at] !== HOLD) continue;
      const s = flat.target[at] as number;
      // First visits of the body follow what came before the loop, or the round before.
      if (before[at] !== -1 || lastRound[at] !== -1 || (entry[s] as number) <= mark || !seenHere(flat, at, node)) continue;
      lastRound[at] = last[s] as number;
      any = true;
      for (let first = mark; first < journal.length; first += 4) {
        if (journal[first] !== s) continue;
        if ((journal[first + 3] as number) > floor && (!isOwn(s) || journal[first + 2] === program)) before[at] = journal[first + 1] as number;
        break;
      }
    }
    return next;
  };
  for (const root of flat.rootNode) {
    walk(root, root);
    undo(0);
  }
  return any ? { before, lastRound } : null;
}

/** The innermost loop of several rounds around a node is this one. */
function seenHere(flat: Flat, node: number, loop: number): boolean {
  for (let at = flat.parent[node] as number; at >= 0; at = flat.parent[at] as number) if (flat.kind[at] === LOOP && (flat.factor[at] as number) > 1) return at === loop;
  return false;
}

/**
 * Writes what each returning visit waits more or less than a stranger (`offset` − `slope` · the stranger's wait: kept apart so that the wait itself can be solved for), and the covariance of its wait with those before it (`together`).
 */
export function weighReturns(flat: Flat, state: State, returns: Returns): void {
  const { kind, parent, target, loop } = flat;
  const { mean, cursor, offset, slope, together, carried, rate, returning, returnProduct, nextReturning, nextReturnProduct } = state;
  nextReturning.fill(0);
  nextReturnProduct.fill(0);
  for (let node = 0; node < flat.nodes; node++) {
    const up = parent[node] as number;
    let start = 0;
    if (up >= 0) {
      start = cursor[up] as number;
      // Who waited for a place got it when its last holder left the loop, so waiting makes no gap.
      const active = (mean[node] as number) - (kind[node] === HOLD ? waitOf(state, node, target[node] as number) : 0);
      if (kind[up] !== BRANCH && kind[up] !== PARALLEL) cursor[up] = start + active;
    }
    cursor[node] = start;
    const what = kind[node] as number;
    if (what === LOOP) {
      // Seen in its last round, so that what follows has the right gap.
      const rounds = flat.factor[node] as number;
      if (rounds > 1) cursor[node] = start + (mean[node] as number) * (1 - 1 / rounds);
      state.leaveOf[node] = state.startOf[node] as number;
      state.startOf[node] = cursor[node] as number;
      continue;
    }
    if (what !== SERVE && what !== HOLD) continue;
    const before = returns.before[node] as number;
    const round = returns.lastRound[node] as number;
    const s = target[node] as number;
    state.startOf[node] = start;
    state.leaveOf[node] = start + (mean[node] as number) - (what === HOLD ? waitOf(state, node, s) : 0);
    if (before < 0 && round < 0) continue;
    const memory = MEMORY * (state.restMs[s] as number);
    if (!(memory > 0)) continue;
    met.extra = met.slope = met.carry = met.kept = met.product = 0;
    let weight = 1;
    if (round >= 0) {
      const around = loop[node] as number;
      const rounds = Math.max(1, flat.factor[around] as number);
      weight = 1 / rounds;
      // The visit of the round before was looked at in the last pass over the tree, counted from where the loop stood then.
      const left = (state.leaveOf[round] as number) - (state.leaveOf[around] as number);
      const gap = (mean[around] as number) / rounds - left + start - (state.startOf[around] as number);
      meet(flat, state, round, s, 1 - weight, memory / (memory + Math.max(0, gap)));
    }
    if (before >= 0) meet(flat, state, before, s, weight, memory / (memory + Math.max(0, start - (state.leaveOf[before] as number))));
    offset[node] = met.extra;
    slope[node] = met.slope;
    carried[node] = met.carry;
    state.remembered[node] = met.kept;
    together[node] = 2 * met.carry * Math.sqrt(ownWaitVariance(state, node, s));
    const work = ((rate[node] as number) * heldBy(flat, state, node)) / ((flat.servers[s] as number) * (flat.instances[s] as number));
    nextReturning[s] = (nextReturning[s] as number) + work * met.kept;
    nextReturnProduct[s] = (nextReturnProduct[s] as number) + work * met.product;
  }
  returning.set(nextReturning);
  returnProduct.set(nextReturnProduct);
}

/** Mean rests of a service for which a visit is remembered; between a half and four it makes little difference to the networks that were played. */
const MEMORY = 1;
const met = { extra: 0, slope: 0, carry: 0, kept: 0, product: 0 };

const heldBy = (flat: Flat, state: State, node: number): number => (flat.kind[node] === SERVE ? (flat.mean[node] as number) : (state.holdMean[node] as number));

/** Adds to `met` what follows from the visit `before`, of which `kept` is remembered. */
function meet(flat: Flat, state: State, before: number, s: number, weight: number, kept: number): void {
  const utilisation = Math.max(1e-12, state.utilisation[s] as number);
  const back = Math.min(utilisation, state.returning[s] as number);
  const fresh = Math.min(1, utilisation) - back;
  const persists = Math.min(MOST_PERSISTENT, fresh + back / utilisation);
  const shared = (state.waits[s] as number) / (Math.min(1, utilisation) * (flat.servers[s] as number));
  const served = heldBy(flat, state, before);
  const deviation = Math.sqrt(ownWaitVariance(state, before, s));
  // A stranger found one in service half done; who has returned before found all the others with their whole service before them.
  const again = state.remembered[before] as number;
  const first = (state.returnProduct[s] as number) + fresh * served - utilisation * (state.restMs[s] as number);
  met.extra += weight * kept * (persists * (state.offset[before] as number) + shared * ((1 - again) * first + again * fresh * served));
  const each = (flat.servers[s] as number) * Math.max(0, 1 - utilisation);
  met.slope += weight * kept * (persists * (state.slope[before] as number) + (shared * again * fresh * each) / Math.max(1e-12, state.waits[s] as number));
  const alike = deviation > 0 ? Math.min(1, (shared * fresh * (flat.ownVariance[before] as number)) / (deviation * deviation)) * deviation : 0;
  // What one waited for the service under way does not come back, only those who stood in line.
  const stranger = state.wait[s] as number;
  const line = deviation > 0 ? Math.min(1, stranger / Math.sqrt(state.waitVariance[s] as number)) : 0;
  const lasts = Math.min(MOST_PERSISTENT, fresh + (back / utilisation) * line);
  met.carry += weight * kept * (lasts * ((state.carried[before] as number) + deviation) + alike);
  met.kept += weight * kept;
  met.product += weight * kept * served;
}

const MOST_PERSISTENT = 0.95;

/** Mean wait of a node's visit. */
export const waitOf = (state: State, node: number, s: number): number =>
  Math.max(0, (state.wait[s] as number) * (1 - (state.slope[node] as number)) + (state.offset[node] as number)) * (state.relative[node] as number) + (state.ahead[node] as number);

/** Variance of the same, with its covariances with the waits of the visits before; those are estimates and may come out below what there is to take away. */
export const waitVarianceOf = (state: State, node: number, s: number): number =>
  Math.max(0, ownWaitVariance(state, node, s) + (state.together[node] as number) + (state.aheadSquare[node] as number));

/** Who waits less than a stranger meets a slow service less often; who waits more meets a longer queue. */
function ownWaitVariance(state: State, node: number, s: number): number {
  const stranger = state.wait[s] as number;
  const waited = state.waitedVariance[node] as number;
  if (waited > 0) return waited;
  const offset = (state.offset[node] as number) - (state.slope[node] as number) * stranger;
  if (offset === 0 || stranger <= 0) return state.waitVariance[s] as number;
  const ratio = Math.max(0, 1 + offset / stranger);
  if (ratio > 1) return (state.waitVariance[s] as number) * ratio * ratio;
  return Math.max(0, (state.waitSquare[s] as number) * ratio - stranger * stranger * ratio * ratio);
}
