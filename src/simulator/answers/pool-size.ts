import { inputId, withInputs } from '../../model/inputs.ts';
import { valueIn } from '../../model/known.ts';
import type { PoolSize } from '../../model/replies.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { ask, type Asked } from '../solve/ask.ts';
import { failing } from '../solve/measures.ts';
import { solveAt } from '../solve/solve-at.ts';

/** Nobody sets a pool larger than this. */
const LARGEST = 4096;
/** Connections that a server without a limit accepts. */
const UNBOUNDED = 1e9;

/**
 * The smallest size of a pool (connections per process) at which the scenario's target holds, within what the server accepts beside its other pools; by `solve`.
 * Null where the topology has no such pool, or nothing takes load.
 */
export function poolSizeFor(topology: Topology, scenario: Scenario, poolId: string): PoolSize | null {
  const pool = topology.pools.find((it) => it.id === poolId);
  if (!pool) return null;
  const askWith = (size: number): Asked => ask(withInputs(topology, new Map([[inputId.poolMax(poolId), size]])), scenario);
  // What would be if the server accepted everybody tells a budget from a bottleneck.
  const boundless = new Map([
    [inputId.poolMax(poolId), LARGEST],
    [inputId.component(pool.target, 'maxConnections'), UNBOUNDED],
  ]);
  const large = ask(withInputs(topology, boundless), scenario);
  const { flat, state } = large.question;
  const s = flat.stationIds.indexOf(poolId);
  if (flat.sources === 0 || s < 0) return null;
  const holds = (size: number): boolean => failing(askWith(size).question, scenario.targetPerSecond) === null;
  // Waits inside the hold are bounded by the pool's places: what is busy is worth reading where the target holds.
  const holdsWithLargest = failing(large.question, scenario.targetPerSecond) === null;
  solveAt(flat, state, scenario.targetPerSecond);
  const instances = flat.instances[s] as number;
  const busyOnAverage = (state.work[s] as number) / instances;
  const budget = budgetOf(large, topology, poolId, instances);
  const top = Math.min(LARGEST, budget ?? LARGEST);
  const nothing = { pool: poolId, connections: null, busyOnAverage, budget };
  if (top < 1 || !holds(top)) {
    const isBudget = holdsWithLargest;
    return { ...nothing, because: isBudget ? 'budget' : 'elsewhere', binding: isBudget ? null : busiestBut(large, s) };
  }
  let fails = Math.max(0, Math.ceil(busyOnAverage) - 1);
  if (fails >= 1 && holds(fails)) fails = 0;
  let least = top;
  while (least - fails > 1) {
    const middle = Math.floor((least + fails) / 2);
    if (holds(middle)) least = middle;
    else fails = middle;
  }
  return { ...nothing, connections: least, because: null, binding: null };
}

/** Connections per process that are left for a pool when the server's other pools are full. */
function budgetOf({ question: { flat } }: Asked, topology: Topology, poolId: string, instances: number): number | null {
  const target = topology.pools.find((it) => it.id === poolId)?.target;
  const accepts = topology.components.find((it) => it.id === target)?.maxConnections;
  const most = accepts === undefined ? undefined : valueIn(accepts);
  if (most === undefined) return null;
  let taken = 0;
  for (const other of topology.pools) {
    const at = flat.stationIds.indexOf(other.id);
    if (other.id !== poolId && other.target === target && at >= 0) taken += (flat.servers[at] as number) * (flat.instances[at] as number);
  }
  return Math.max(0, Math.floor((most - taken) / instances));
}

/** What is fullest where the pool is as large as it gets. */
function busiestBut({ question: { flat, state } }: Asked, pool: number): string | null {
  let busiest = -1;
  for (let s = 0; s < flat.servers.length; s++)
    if (s !== pool && flat.servers[s] !== Number.POSITIVE_INFINITY && (state.utilisation[s] as number) > (busiest < 0 ? 0 : (state.utilisation[busiest] as number))) busiest = s;
  return busiest < 0 ? null : (flat.stationIds[busiest] as string);
}
