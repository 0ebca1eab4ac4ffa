import { exp } from '../arithmetic.ts';
import type { Flat } from './flatten.ts';
import { BRANCH, CALL, HOLD, LOOP, PARALLEL, SERVE } from './node-kinds.ts';
import { type SharedWaits, sharedBy } from './shared-waits.ts';
import type { State } from './state.ts';
import { longestInside } from './ask-inside.ts';
import { erlangC } from './waits.ts';

/**
 * Branches that run side by side and visit the same station: they come together, and so stand in each other's way.
 * Branches that are alike are looked at once.
 */
export interface Siblings {
  /** Visits, each with its range of `others`; in order of their fork. */
  visits: Int32Array;
  forks: Int32Array;
  from: Int32Array;
  /** Visits by sibling branches, and how many of that sort there are. */
  others: Int32Array;
  weights: Float64Array;
  /** Visits of further branches that are like one above: pairs of node and the node it is like. */
  alike: Int32Array;
  shared: SharedWaits;
}

/**
 * More pairs than this are left out: a round of solving takes a tenth longer for as many. With a seventh of it the forks of a large workspace's last routes were not seen at all, and the wait at the pool
 * that they share was told as a ninth of what is played.
 */
const MOST_PAIRS = 4000;

/** Finds them; null where nothing runs side by side. */
export function findSiblings(flat: Flat): Siblings | null {
  const visits: number[] = [];
  const forks: number[] = [];
  const from: number[] = [];
  const others: number[] = [];
  const weights: number[] = [];
  const alike: number[] = [];
  const shared: SharedWaits['forks'][number][] = [];
  for (let fork = 0; fork < flat.nodes; fork++) {
    if (flat.kind[fork] !== PARALLEL) continue;
    const sorts = branchSorts(flat, fork);
    const here = sharedBy(flat, fork, sorts);
    if (here) shared.push(here);
    for (const sort of sorts) {
      for (const visit of sort.visits) {
        const first = others.length;
        for (const other of sorts) {
          // The rate of a visit counts the copies of its branch.
          const all = other.starts.reduce((sum, start) => sum + (flat.factor[start] as number), 0);
          const count = (other === sort ? all - 1 : all) / (flat.factor[other.starts[0] as number] as number);
          for (const node of other.visits) {
            if (count === 0 || flat.target[node] !== flat.target[visit] || others.length >= MOST_PAIRS) continue;
            others.push(node);
            weights.push(callsBelow(flat, node, fork) ? count / (flat.instances[flat.target[node] as number] as number) : count);
          }
        }
        if (others.length === first) continue;
        visits.push(visit);
        forks.push(fork);
        from.push(first);
        for (const start of sort.starts.slice(1)) alike.push(visit - (sort.starts[0] as number) + start, visit);
      }
    }
  }
  if (visits.length === 0) return null;
  return {
    visits: new Int32Array(visits),
    forks: new Int32Array(forks),
    from: new Int32Array([...from, others.length]),
    others: new Int32Array(others),
    weights: new Float64Array(weights),
    alike: new Int32Array(alike),
    shared: { forks: shared },
  };
}

/** Branches of a fork by what they do: where each of a sort begins, and the visits of the first. */
function branchSorts(flat: Flat, fork: number): { starts: number[]; visits: number[] }[] {
  const sorts: { starts: number[]; visits: number[] }[] = [];
  for (let branch = fork + 1, end = branch; branch < flat.nodes && flat.parent[branch] === fork; branch = end) {
    end = branch + 1;
    while (end < flat.nodes && (flat.parent[end] as number) >= branch) end++;
    const like = sorts.find((it) => isLike(flat, it.starts[0] as number, branch, end - branch));
    if (like) {
      like.starts.push(branch);
      continue;
    }
    const visits: number[] = [];
    for (let node = branch + 1; node < end; node++)
      if ((flat.kind[node] === SERVE || flat.kind[node] === HOLD) && Number.isFinite(flat.servers[flat.target[node] as number])) visits.push(node);
    sorts.push({ starts: [branch], visits });
  }
  return sorts;
}

/** Two subtrees of the same fork do the same, `size` being that of the second. */
function isLike(flat: Flat, one: number, other: number, size: number): boolean {
  for (let at = 1; at < size; at++) {
    const [a, b] = [one + at, other + at];
    if ((flat.parent[a] as number) - one !== (flat.parent[b] as number) - other || flat.kind[a] !== flat.kind[b] || flat.target[a] !== flat.target[b]) return false;
    if (flat.mean[a] !== flat.mean[b] || flat.square[a] !== flat.square[b] || flat.factor[a] !== flat.factor[b]) return false;
  }
  // The first must end where the second does.
  const behind = one + size;
  return behind >= flat.nodes || (flat.parent[behind] as number) < one;
}

/** A call picks its own instance: siblings that call need not meet. */
function callsBelow(flat: Flat, node: number, fork: number): boolean {
  for (let at = flat.parent[node] as number; at > fork; at = flat.parent[at] as number) if (flat.kind[at] === CALL) return true;
  return false;
}

/**
 * What each such visit finds of its siblings, per node: `ahead`, ms of their work before it, shared by the servers where none is free.
 */
export function weighSiblings(flat: Flat, state: State, siblings: Siblings): void {
  const { target, servers } = flat;
  const { ahead, aheadSquare, piled, rate } = state;
  findStarts(flat, state);
  ahead.fill(0);
  piled.fill(0);
  for (let index = 0; index < siblings.visits.length; index++) {
    const visit = siblings.visits[index] as number;
    const fork = siblings.forks[index] as number;
    const s = target[visit] as number;
    // What-ifs take stations away after siblings have been found.
    if ((rate[fork] as number) <= 0 || servers[s] === Number.POSITIVE_INFINITY) continue;
    let count = 0;
    let work = 0;
    let spread = 0;
    for (let at = siblings.from[index] as number; at < (siblings.from[index + 1] as number); at++) {
      const other = siblings.others[at] as number;
      const held = heldBy(flat, state, other);
      const there = (siblings.weights[at] as number) * ((rate[other] as number) / (rate[fork] as number)) * presence(state, visit, other, fork, held);
      count += there;
      work += there * held;
      spread += there * heldVarianceBy(flat, state, other);
    }
    if (count <= 0) continue;
    const before = inTheWay(servers[s] as number, Math.min(0.98, state.utilisation[s] as number), count);
    const each = (work / count / (servers[s] as number)) * before;
    ahead[visit] = Math.min((ahead[visit] as number) + each, roomInside(flat, state, s));
    aheadSquare[visit] = ((ahead[visit] as number) * (ahead[visit] as number)) / 3;
    const branch = branchOf(flat, visit, fork);
    // Those that are found are half of them in the mean, all for the last.
    const all = (2 * (spread / count) * before) / ((servers[s] as number) * (servers[s] as number));
    piled[branch] = (piled[branch] as number) + ((rate[visit] as number) / (rate[branch] as number)) * (all - (aheadSquare[visit] as number));
  }
  for (let at = 0; at < siblings.alike.length; at += 2) {
    ahead[siblings.alike[at] as number] = ahead[siblings.alike[at + 1] as number] as number;
    aheadSquare[siblings.alike[at] as number] = aheadSquare[siblings.alike[at + 1] as number] as number;
  }
}

/** Where all visitors hold places of pools, siblings that find none wait for those: of those inside at most so many stand before one, less who stands there anyway. */
const roomInside = (flat: Flat, state: State, s: number): number => Math.max(0, longestInside(flat, state, s) - (state.wait[s] as number));

/** The fork's branch that a node lies in. */
function branchOf(flat: Flat, node: number, fork: number): number {
  let at = node;
  while (flat.parent[at] !== fork) at = flat.parent[at] as number;
  return at;
}

const heldVarianceBy = (flat: Flat, state: State, node: number): number => (flat.kind[node] === SERVE ? (flat.ownVariance[node] as number) : (state.variance[node] as number));

const heldBy = (flat: Flat, state: State, node: number): number => (flat.kind[node] === SERVE ? (flat.mean[node] as number) : (state.holdMean[node] as number));

/** Mean and variance of each node's start after its program's, `cursor` and `startVariance`; inside a loop those of a round picked at random. */
function findStarts(flat: Flat, state: State): void {
  const { kind, parent, factor } = flat;
  const { cursor, startVariance, mean, variance, next, nextVariance } = state;
  for (let node = 0; node < flat.nodes; node++) {
    const up = parent[node] as number;
    const isFirst = up < 0;
    const start = isFirst ? 0 : (next[up] as number);
    const spread = isFirst ? 0 : (nextVariance[up] as number);
    if (!isFirst && kind[up] !== BRANCH && kind[up] !== PARALLEL) {
      next[up] = start + (mean[node] as number);
      nextVariance[up] = spread + (variance[node] as number);
    }
    cursor[node] = start;
    startVariance[node] = spread;
    next[node] = start;
    nextVariance[node] = spread;
    if (kind[node] !== LOOP || (factor[node] as number) <= 1) continue;
    const span = (mean[node] as number) * (1 - 1 / (factor[node] as number));
    next[node] = start + span / 2;
    nextVariance[node] = spread + (span * span) / 12;
  }
}

/** Chance that a sibling is at the station when a visit begins: the difference of their starts is taken as a Laplace law, the stay as an exponential one. */
function presence(state: State, visit: number, other: number, fork: number, heldMs: number): number {
  const d = (state.cursor[visit] as number) - (state.cursor[other] as number);
  const before = state.startVariance[fork] as number;
  const spread = Math.sqrt(Math.max(0, (state.startVariance[visit] as number) - before) + Math.max(0, (state.startVariance[other] as number) - before));
  const stay = Math.max(heldMs, (state.mean[other] as number) || 0);
  if (stay <= 0) return 0;
  if (spread < 1e-6 * stay) return Math.abs(d) < 1e-6 * stay ? 0.5 : d < 0 ? 0 : exp(-d / stay);
  if (d <= 0) return (0.5 * exp(d / spread) * stay) / (stay + spread);
  const left = exp(-d / stay);
  const gone = exp(-d / spread);
  const between = Math.abs(spread - stay) < 1e-6 * stay ? (0.5 * left * d) / stay : (0.5 * (left - gone)) / (1 - spread / stay);
  return between + (0.5 * left * stay) / (stay + spread);
}

/** Of so many siblings, how many find no free server: the n-th one does where at most n - 1 servers were free before (M/M/c). */
function inTheWay(servers: number, utilisation: number, count: number): number {
  if (servers === 1) return count;
  const work = utilisation * servers;
  if (work <= 0) return Math.max(0, count - servers + 1);
  let atLeast = erlangC(servers, work);
  let exactly = atLeast * (1 - utilisation);
  let sum = 0;
  for (let n = 1; n - 1 < count; n++) {
    const busy = servers - n;
    if (busy >= 0) {
      exactly *= (busy + 1) / work;
      atLeast = Math.min(1, atLeast + exactly);
    }
    sum += Math.min(1, count - n + 1) * atLeast;
  }
  return sum;
}
