import type { Flat } from './flatten.ts';
import { HOLD, PARALLEL, SERVE } from './node-kinds.ts';

/** For each station: the holds with the fewest places that stand around its visits. Writes into `flat`. */
export function boundPopulations(flat: Flat): void {
  const count = flat.servers.length;
  /** Places of a holding station whose holders one instance of `station` may meet: its own process's where they are of one group, else all. */
  const met = (holding: number, station: number): number => (flat.servers[holding] as number) * unitsMet(flat, holding, station);
  const bounders: Set<number>[] = Array.from({ length: count }, () => new Set<number>());
  const free = new Uint8Array(count);
  const boundedBy = new Int32Array(flat.nodes).fill(-1);
  for (let node = 0; node < flat.nodes; node++) {
    if (flat.kind[node] !== SERVE && flat.kind[node] !== HOLD) continue;
    const station = flat.target[node] as number;
    let best = -1;
    for (let around = flat.holder[node] as number; around >= 0; around = flat.holder[around] as number) {
      const holding = flat.target[around] as number;
      if (holding !== station && met(holding, station) < (best < 0 ? Number.POSITIVE_INFINITY : met(best, station))) best = holding;
    }
    const isBounded = best >= 0 && !parallelInside(flat, node);
    boundedBy[node] = isBounded ? best : -1;
    if (!isBounded) free[station] = 1;
    else (bounders[station] as Set<number>).add(best);
  }
  flat.bounders = bounders.map((it) => Int32Array.from([...it].sort((a, b) => a - b)));
  flat.population = new Float64Array(count);
  flat.pairStart = new Int32Array(count);
  flat.pairs = 0;
  for (let station = 0; station < count; station++) {
    const around = flat.bounders[station] as Int32Array;
    flat.population[station] = free[station] || around.length === 0 ? Number.POSITIVE_INFINITY : around.reduce((sum, it) => sum + met(it, station), 0);
    flat.pairStart[station] = flat.pairs;
    flat.pairs += around.length;
  }
  const nodesOf: number[][] = Array.from({ length: count }, () => []);
  for (let node = 0; node < flat.nodes; node++) if (flat.kind[node] === SERVE || flat.kind[node] === HOLD) nodesOf[flat.target[node] as number]?.push(node);
  flat.nodesOf = nodesOf.map((it) => Int32Array.from(it));
  flat.pair = boundedBy.map((bounder, node) => {
    if (bounder < 0) return -1;
    const station = flat.target[node] as number;
    const index = (flat.bounders[station] as Int32Array).indexOf(bounder);
    return index < 0 ? -1 : (flat.pairStart[station] as number) + index;
  });
}

/** How many of a holding station's instances have holders that one instance of `station` meets. */
export function unitsMet(flat: Flat, holding: number, station: number): number {
  const group = flat.group[holding] as number;
  return group >= 0 && group === flat.group[station] ? 1 : (flat.instances[holding] as number);
}

/** One holder may be at a station several times at once when it works in parallel inside its hold. */
function parallelInside(flat: Flat, node: number): boolean {
  const holder = flat.holder[node] as number;
  for (let at = flat.parent[node] as number; at >= 0 && at !== holder; at = flat.parent[at] as number) if (flat.kind[at] === PARALLEL) return true;
  return false;
}
