import { inputsOf, withInputs } from '../model/inputs.ts';
import { type Place, valueIn } from '../model/known.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import { type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, Weakness } from '../model/weakness.ts';
import { SCANNED_PER_SECOND } from '../rules/missing-index.ts';
import type { After, Shown, Simulator } from './effect.ts';
import { AT_LOAD, LEAST_RATE, VISIBLE } from './strains.ts';

/** Rows of a table that grows: an assumption (1,000 to 10 million). */
const TABLE_ROWS = 100_000;
/** The input that says how long the query at a place holds its connection. */
export function holdInputAt(topology: Topology, place: Place): { id: string; ms: number } | undefined {
  const input = inputsOf(topology).find((it) => it.id.startsWith('hold ') && it.places.some((at) => at.file === place.file && at.line === place.line));
  const ms = input && valueIn(input.value);
  return input && ms !== undefined ? { id: input.id, ms } : undefined;
}

/** Share of what the system carries with the remedy at which it is tried. */
const PLANNED = 0.8;

/** Before and after at 0.8 × what it carries with a pool: the route's p95, and the connections that are open at once. */
export function setUpPerRequest({ topology, scenario }: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const carried = after.outcome.breaksAtPerSecond.value ?? 2 * scenario.targetPerSecond;
  const strained: Scenario = { ...scenario, profile: { kind: 'steady' }, targetPerSecond: Math.max(1, PLANNED * carried) };
  const routeAt = (it: Topology) => simulator.assess(it, strained, AT_LOAD).endpoints.find((one) => one.id === weakness.facts.endpointId);
  const [was, is] = [routeAt(topology), routeAt(after.topology)];
  if (!was || !is?.latencyMs) return { effect: { kind: 'unplayed', why: 'the route takes no load' }, helps: true, gain: 0 };
  // More than it carries with a connection for each has no time at all.
  const [beforeMs, afterMs] = [was.latencyMs?.p95 ?? null, is.latencyMs.p95];
  const route = String(weakness.facts.route);
  return {
    effect: { kind: 'setUp', route, atPerSecond: strained.targetPerSecond, beforeMs, afterMs },
    helps: beforeMs === null || afterMs * VISIBLE < beforeMs,
    gain: (beforeMs ?? 10 * afterMs) / afterMs,
  };
}

/** At 0.8 × what it carries today: the p95 of the slowest route that writes to the store, beside the sums and without them. */
export function besideSums({ topology, scenario, outcome }: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const carried = outcome.breaksAtPerSecond.value ?? scenario.targetPerSecond;
  const strained: Scenario = { ...scenario, profile: { kind: 'steady' }, targetPerSecond: Math.max(LEAST_RATE, PLANNED * carried) };
  const writers = new Set(topology.endpoints.filter((it) => it.trigger.kind === 'http' && writesTo(it, String(weakness.facts.storeId))).map((it) => it.id));
  const worst = (it: Topology): number =>
    simulator.assess(it, strained, AT_LOAD).endpoints.reduce((most, one) => (writers.has(one.id) && one.latencyMs ? Math.max(most, one.latencyMs.p95) : most), 0);
  const [beforeMs, afterMs] = [worst(topology), worst(after.topology)];
  if (beforeMs <= 0 || afterMs <= 0) return { effect: { kind: 'unplayed', why: 'no request writes in this load' }, helps: true, gain: 0 };
  return { effect: { kind: 'latency', beforeMs, afterMs }, helps: afterMs * VISIBLE < beforeMs, gain: beforeMs / afterMs };
}

function writesTo({ steps }: Topology['endpoints'][number], store: string): boolean {
  let writes = false;
  walkSteps(steps, (step) => {
    writes ||= step.kind === 'query' && step.operation === 'write' && step.target === store;
  });
  return writes;
}

/** A share that is told as "under 0.1%" before and after tells nothing. */
const LEAST_BUSY = 0.001;

/** How busy a store is at the target; more than 1 where it can't keep up. */
const busy = (outcome: Outcome, store: string): number => outcome.stations.find((it) => it.kind === 'store' && it.component === store)?.utilisation ?? 0;

/** A table of a hundred thousand rows: without an index each of the queries goes through all of them, with one it takes what it is taken to take. */
export function scannedTable({ topology, scenario }: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const input = holdInputAt(topology, weakness.place);
  const store = String(weakness.facts.storeId);
  if (!input) return { effect: { kind: 'none' }, helps: false, gain: 0 };
  const scanMs = (TABLE_ROWS / SCANNED_PER_SECOND) * 1000;
  const was = busy(simulator.assess(withInputs(topology, new Map([[input.id, input.ms + scanMs]])), scenario, AT_LOAD), store);
  const is = busy(after.outcome, store);
  if (was <= 0) return { effect: { kind: 'unplayed', why: 'the query takes no load' }, helps: true, gain: 0 };
  // So little work of the store's at this load that both read the same; the table is gone through all the same.
  if (was < LEAST_BUSY) return { effect: { kind: 'none' }, helps: true, gain: 1 };
  const name = String(weakness.facts.store);
  return { effect: { kind: 'busy', store: name, rows: TABLE_ROWS, before: was, after: is }, helps: is * VISIBLE < was, gain: was / Math.max(is, 1e-9) };
}

/**
 * The key runs out at 0.8 × what the system carries: how many may load it at once.
 * Not said: what their requests wait. The first of many loads brings the key back sooner than the only one does.
 */
export function expiredKey({ topology }: Evidence, _after: After, weakness: Weakness): Shown {
  const component = topology.components.find((it) => it.id === weakness.component);
  const processes = Math.max(1, (component && valueIn(component.replicas)) ?? 1) * Math.max(1, (component && valueIn(component.processes)) ?? 1);
  const before = Number(weakness.facts.atOnce);
  const remaining = Math.min(before, processes);
  return { effect: { kind: 'loads', before, after: remaining }, helps: remaining < before, gain: before / remaining };
}

/** The guarded work takes as long as it may: how many believe at once that the lock is theirs. */
export function slowGuardedWork(_evidence: Evidence, after: After, weakness: Weakness): Shown {
  const workMs = Number(weakness.facts.workMs);
  const owners = (ttlMs: number): number => Math.max(1, Math.ceil(workMs / Math.max(1, ttlMs)));
  const before = owners(Number(weakness.facts.ttlMs));
  let ttlAfter = Number(weakness.facts.ttlMs);
  for (const endpoint of after.topology.endpoints)
    walkSteps(endpoint.steps, (step) => {
      if (step.kind === 'cache' && step.ifAbsent && step.place.file === weakness.place.file && step.place.line === weakness.place.line) ttlAfter = valueIn(step.ttlMs) ?? ttlAfter;
    });
  const is = owners(ttlAfter);
  return { effect: { kind: 'owners', workMs, before, after: is }, helps: is < before, gain: before / is };
}
