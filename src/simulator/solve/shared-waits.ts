import type { Flat } from './flatten.ts';
import { CALL } from './node-kinds.ts';
import { waitOf } from './returns.ts';
import type { State } from './state.ts';

/**
 * Branches that run side by side and stand in the same queue wait for the same strangers: that part of their waits is one and the same, and the last of them has it once.
 * Taken for independent, the longest of ten waits would be three times what one waits. So it is taken out before the longest is sought, and added to what comes out.
 */
export interface SharedWaits {
  forks: readonly { fork: number; branches: readonly number[]; crowds: readonly Crowd[] }[];
}

/** Branches that meet each other at some station, by what they do. */
interface Crowd {
  sorts: readonly { start: number; visits: readonly { node: number; from: number }[] }[];
}

/** A branch and those that are like it, with its visits; as `siblings.ts` sorts them. */
interface Sort {
  starts: readonly number[];
  visits: readonly number[];
}

/** What branches of a fork share; null where no two ask for one station. */
export function sharedBy(flat: Flat, fork: number, sorts: readonly Sort[]): SharedWaits['forks'][number] | null {
  const crowds: Sort[][] = [];
  const isMet = (s: number): boolean => {
    let copies = 0;
    for (const it of sorts) if (it.visits.some((node) => flat.target[node] === s)) for (const start of it.starts) copies += flat.factor[start] as number;
    return copies > 1;
  };
  const met = new Set(sorts.flatMap((it) => it.visits.map((node) => flat.target[node] as number)).filter(isMet));
  for (const sort of sorts) {
    const own = new Set(sort.visits.map((node) => flat.target[node] as number).filter((s) => met.has(s)));
    if (own.size === 0) continue;
    const joined = crowds.filter((crowd) => crowd.some((it) => it.visits.some((node) => own.has(flat.target[node] as number))));
    for (const it of joined) crowds.splice(crowds.indexOf(it), 1);
    crowds.push([...joined.flat(), sort]);
  }
  if (crowds.length === 0) return null;
  return {
    fork,
    branches: sorts.flatMap((it) => it.starts),
    crowds: crowds.map((crowd) => ({
      sorts: crowd.map((it) => ({
        start: it.starts[0] as number,
        visits: it.visits.filter((node) => met.has(flat.target[node] as number)).map((node) => ({ node, from: instancesMet(flat, node, fork) })),
      })),
    })),
  };
}

/** A call picks an instance of its own: of so many. */
function instancesMet(flat: Flat, node: number, fork: number): number {
  for (let at = flat.parent[node] as number; at > fork; at = flat.parent[at] as number) if (flat.kind[at] === CALL) return flat.instances[flat.target[node] as number] as number;
  return 1;
}

/** Writes mean and variance of the shared wait, per branch what is taken out and per fork what is put back: that of the crowd that shares the most. */
export function weighShared(flat: Flat, state: State, shared: SharedWaits): void {
  for (const { fork, branches, crowds } of shared.forks) {
    let mean = 0;
    let variance = 0;
    for (const { sorts } of crowds) {
      let least = Number.POSITIVE_INFINITY;
      let leastVariance = 0;
      for (const { start, visits } of sorts) {
        const starts = state.rate[start] as number;
        let own = 0;
        let ownVariance = 0;
        for (const { node, from } of visits) {
          const s = flat.target[node] as number;
          if (!(starts > 0) || flat.servers[s] === Number.POSITIVE_INFINITY) continue;
          const often = ((state.rate[node] as number) / starts) * (keptAt(flat, state, node, fork) / from);
          own += often * Math.max(0, waitOf(state, node, s) - (state.ahead[node] as number));
          ownVariance += often * (state.waitVariance[s] as number);
        }
        if (own < least) {
          least = own;
          leastVariance = ownVariance;
        }
      }
      if (least > mean) {
        mean = least;
        variance = leastVariance;
      }
    }
    state.shared[fork] = mean;
    state.sharedVariance[fork] = variance;
    for (const branch of branches) {
      state.shared[branch] = mean;
      state.sharedVariance[branch] = variance;
    }
  }
}

/** How much of a queue is still the same when a sibling comes: it changes within its relaxation time, (1 + ρ) / (1 − ρ)² services of one server (Morse 1958), and siblings come as far apart as their starts are spread. */
function keptAt(flat: Flat, state: State, node: number, fork: number): number {
  const s = flat.target[node] as number;
  const idle = Math.max(LEAST_IDLE, 1 - (state.utilisation[s] as number));
  const held = (state.work[s] as number) / Math.max(1e-300, state.served[s] as number);
  const relaxation = (held * (2 - idle)) / ((flat.servers[s] as number) * idle * idle);
  const apart = Math.sqrt(2 * Math.max(0, (state.startVariance[node] as number) - (state.startVariance[fork] as number)));
  return relaxation > 0 ? relaxation / (relaxation + apart) : 0;
}

const LEAST_IDLE = 0.02;
