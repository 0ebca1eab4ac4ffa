import type { Flat } from './flatten.ts';
import { HOLD, PARALLEL, SERVE } from './node-kinds.ts';

/** For each station: the holds with the fewest places that stand around its visits. Writes into `flat`. */
export function boundPopulations(flat: Flat): void {
  const count = flat.servers.length;
  /** Places of a holding station whose holders one instance of `station` may meet: its own process's where they are of one group, else all. */
  const met = (holding: number, station: number): number => (flat.servers[holding] as number) * unitsMet(flat, holding, station);
  const bounders: number[][] = Array.from({ length: count }, () => []);
  const nodesOf: number[][] = Array.from({ length: count }, () => []);
  const free = new Uint8Array(count);
  const pair = new Int32Array(flat.nodes).fill(-1);
  for (let node = 0; node < flat.nodes; node++) {
    if (flat.kind[node] !== SERVE && flat.kind[node] !== HOLD) continue;
    const station = flat.target[node] as number;
    nodesOf[station]?.push(node);
    let best = -1;
    for (let around = flat.holder[node] as number; around >= 0; around = flat.holder[around] as number) {
      const holding = flat.target[around] as number;
      if (holding !== station && met(holding, station) < (best < 0 ? Number.POSITIVE_INFINITY : met(best, station))) best = holding;
    }
    if (best < 0 || parallelInside(flat, node)) {
      free[station] = 1;
      continue;
    }
    // For now the pool itself; its pair is known when all are.
    pair[node] = best;
    const around = bounders[station] as number[];
    if (!around.includes(best)) around.push(best);
  }
  flat.nodesOf = nodesOf;
  flat.bounders = bounders;
  flat.population = new Float64Array(count);
  flat.pairStart = new Int32Array(count);
  flat.pairs = 0;
  for (let station = 0; station < count; station++) {
    const around = bounders[station] as number[];
    if (around.length > 1) around.sort((x, y) => x - y);
    let places = 0;
    for (let index = 0; index < around.length; index++) places += met(around[index] as number, station);
    flat.population[station] = free[station] || around.length === 0 ? Number.POSITIVE_INFINITY : places;
    flat.pairStart[station] = flat.pairs;
    flat.pairs += around.length;
  }
  for (let node = 0; node < flat.nodes; node++) {
    const pool = pair[node] as number;
    if (pool < 0) continue;
    const station = flat.target[node] as number;
    pair[node] = (flat.pairStart[station] as number) + (bounders[station] as number[]).indexOf(pool);
  }
  flat.pair = pair;
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
