import type { Network } from '../../model/network.ts';
import { exp } from '../arithmetic.ts';
import type { State } from './state.ts';

/**
 * Instances that are not picked at random: a request finds fewer others at its instance, so it waits less there.
 * How many others there are is known at a light load, where requests stay for a while and go: every n-th of them (round robin), or the n-th part of all (least busy).
 * Near saturation queues decide: least busy ones make one queue of all, round robin makes arrivals an n-th as variable (Kingman).
 * In between the two are weighed by the utilisation; within about a fifth of the waits of played networks.
 */
export interface Balance {
  /** Programs' nodes at which an instance is picked, and the group each is picked of. */
  nodes: Int32Array;
  groupOf: Int32Array;
  instances: Float64Array;
  kinds: Uint8Array;
  /** Group of each station, -1 for none. */
  stationGroup: Int32Array;
}

const RANDOM = 0;
const ROUND_ROBIN = 1;
const LEAST = 2;
const TWO_CHOICES = 3;
const KINDS: Readonly<Record<Network['groups'][number]['balancer'], number>> = {
  random: RANDOM,
  roundRobin: ROUND_ROBIN,
  leastConnections: LEAST,
  powerOfTwo: TWO_CHOICES,
  connection: RANDOM,
};

/** Null where all instances are picked at random. `entries`: the nodes at which programs begin, by program. */
export function findBalance(network: Network, entries: readonly { node: number; program: string }[], stations: number): Balance | null {
  if (!network.groups.some((it) => it.instances > 1 && KINDS[it.balancer] !== RANDOM)) return null;
  const indexOf = new Map(network.groups.map((it, index) => [it.id, index]));
  const groupOfProgram = new Map(network.programs.map((it) => [it.id, it.group === undefined ? -1 : (indexOf.get(it.group) ?? -1)]));
  const picked = entries.filter((it) => (groupOfProgram.get(it.program) ?? -1) >= 0);
  return {
    nodes: Int32Array.from(picked, (it) => it.node),
    groupOf: Int32Array.from(picked, (it) => groupOfProgram.get(it.program) as number),
    instances: Float64Array.from(network.groups, (it) => it.instances),
    kinds: Uint8Array.from(network.groups, (it) => KINDS[it.balancer] as number),
    stationGroup: Int32Array.from({ length: stations }, (_, s) => {
      const group = network.stations[s]?.group;
      return group === undefined ? -1 : (indexOf.get(group) ?? -1);
    }),
  };
}

/** Writes into `state.balanced`, per station, the wait relative to that of instances picked at random. */
export function weighBalance(state: State, balance: Balance): void {
  const { inFlight } = state;
  inFlight.fill(0);
  for (let index = 0; index < balance.nodes.length; index++) {
    const group = balance.groupOf[index] as number;
    const node = balance.nodes[index] as number;
    inFlight[group] = (inFlight[group] as number) + ((state.rate[node] as number) * (state.mean[node] as number)) / (balance.instances[group] as number);
  }
  for (let s = 0; s < balance.stationGroup.length; s++) {
    const group = balance.stationGroup[s] as number;
    if (group < 0) continue;
    const kind = balance.kinds[group] as number;
    const n = balance.instances[group] as number;
    if (kind === RANDOM || n < 2) continue;
    const rho = Math.min(1, state.utilisation[s] as number);
    const cv2 =
      (state.restMs[s] as number) > 0 && (state.served[s] as number) > 0
        ? Math.max(0, (2 * (state.restMs[s] as number) * (state.served[s] as number)) / (state.work[s] as number) - 1)
        : 1;
    state.balanced[s] = relativeWait(kind, n, inFlight[group] as number, rho, cv2);
  }
}

function relativeWait(kind: number, n: number, mean: number, rho: number, cv2: number): number {
  if (kind === ROUND_ROBIN) return Math.min(1, OVERLAP * everyNth(n, mean) * (1 - rho + (rho * (1 / n + cv2)) / (1 + cv2)));
  const least = evenly(n, mean) * (1 - rho + rho / n);
  if (kind === LEAST) return least;
  // Two of many: Mitzenmacher's limit; two of two is the least busy one.
  const many = twoOfMany(rho);
  return many + (evenly(2, mean) * (1 - rho / 2) - many) * (2 / n);
}

/** Who came n requests before has less and less of its stay in common with one's own. Found by playing. */
const OVERLAP = 0.8;

/** Others at an instance that gets every n-th request, relative to `mean`, where n · `mean` are in flight (a Poisson number): E⌊M / n⌋ ÷ mean. */
function everyNth(n: number, mean: number): number {
  if (mean <= 0) return 0;
  const all = n * mean;
  if (all > MOST_COUNTED) return 1;
  let p = exp(-all);
  let sum = 0;
  for (let count = 1, last = most(all); count <= last; count++) {
    p *= all / count;
    sum += p * Math.floor(count / n);
  }
  return Math.min(1, sum / mean);
}

/** Others that a request finds at its instance where n instances have as many as each other, relative to `mean`. */
function evenly(n: number, mean: number): number {
  if (mean <= 0) return 0;
  const all = n * mean;
  if (all > MOST_COUNTED) return 1;
  let p = exp(-all);
  let pairs = 0;
  for (let count = 1, last = most(all); count <= last; count++) {
    p *= all / count;
    const each = Math.floor(count / n);
    const more = count - each * n;
    pairs += p * (more * (each + 1) * each + (n - more) * each * (each - 1));
  }
  return Math.min(1, pairs / (all * mean));
}

const MOST_COUNTED = 200;
/** Beyond this many a Poisson number of this mean is not worth counting. */
const most = (mean: number): number => Math.floor(mean + 6 * Math.sqrt(mean) + 6);

/** Wait with two choices out of very many M/M/1 (Mitzenmacher 2001) relative to one: Σ ρ^(2^i − 2) over i ≥ 2, ÷ ρ / (1 − ρ). */
function twoOfMany(rho: number): number {
  if (rho <= 0 || rho >= 1) return 0;
  let power = rho * rho;
  let sum = 0;
  // ρ^(2^i − 2): each is the square of the one before times ρ².
  while (power > 1e-12) {
    sum += power;
    power = power * power * rho * rho;
  }
  return (sum * (1 - rho)) / rho;
}
