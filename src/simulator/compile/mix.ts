import type { Scenario } from '../../model/scenario.ts';
import type { Endpoint, EndpointId, Topology } from '../../model/topology.ts';

const READ_SHARE = 0.8;

/** Endpoints that take load from outside. Where nothing is marked external, every HTTP endpoint of the judged system does. */
export function entryEndpoints(topology: Topology): readonly Endpoint[] {
  const runs = new Set(topology.components.filter((it) => it.scope === 'runtime' && it.kind !== 'frontend').map((it) => it.id));
  const http = topology.endpoints.filter((it) => it.trigger.kind === 'http' && runs.has(it.component));
  const external = http.filter((it) => it.external);
  return external.length > 0 ? external : http;
}

/** Share of the load per entry endpoint; shares add up to 1, or there are none. Declared weights win; else reads 80% and writes 20%, shared equally, excluded 0. */
export function sharesOf(topology: Topology, scenario: Scenario): Map<EndpointId, number> {
  const entries = entryEndpoints(topology);
  const declared = scenario.mix ? entries.map((it) => [it.id, scenario.mix?.[it.id] ?? 0] as const).filter(([, weight]) => weight > 0) : [];
  const total = declared.reduce((sum, [, weight]) => sum + weight, 0);
  if (total > 0) return new Map(declared.map(([id, weight]) => [id, weight / total]));
  const reads = entries.filter((it) => it.role === 'read');
  const writes = entries.filter((it) => it.role === 'write');
  const readShare = writes.length === 0 ? 1 : READ_SHARE;
  const writeShare = reads.length === 0 ? 1 : 1 - READ_SHARE;
  return new Map([...reads.map((it) => [it.id, readShare / reads.length] as const), ...writes.map((it) => [it.id, writeShare / writes.length] as const)]);
}
