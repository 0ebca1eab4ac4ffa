import { mapInputs } from '../../model/inputs.ts';
import { type Known, known, type Unit } from '../../model/known.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Component, Step, Topology } from '../../model/topology.ts';
import { innerSteps, PROCESS_KINDS, walkSharedSteps } from '../../model/topology.ts';
import { withAssumedShares } from './mix.ts';

/** What the simulator takes where nothing in the workspace says; beginnings of input ids decide (`model/inputs.ts`). */
interface Assumption {
  begins: string;
  value: number;
  unit: Unit;
  range?: readonly [number, number];
}

const ASSUMPTIONS: readonly Assumption[] = [
  { begins: 'replicas ', value: 1, unit: 'replicas' },
  { begins: 'processes ', value: 1, unit: 'processes' },
  { begins: 'parallelism ', value: 8, unit: 'cores', range: [2, 32] },
  // A default of 1 would be written nowhere: what is written and can't be read is more often larger.
  { begins: 'concurrency ', value: 10, unit: 'jobs', range: [1, 100] },
  { begins: 'hold ', value: 5, unit: 'ms', range: [1, 30] },
  { begins: 'compute ', value: 0.5, unit: 'ms', range: [0.1, 2] },
  { begins: 'service ', value: 1, unit: 'ms', range: [0.3, 3] },
  { begins: 'times ', value: 10, unit: 'count', range: [2, 50] },
  { begins: 'probability ', value: 0.5, unit: 'ratio', range: [0.05, 0.95] },
  { begins: 'wait ', value: 100, unit: 'ms', range: [10, 1000] },
  { begins: 'roundTripMs', value: 0.2, unit: 'ms', range: [0.1, 1] },
];
/** Redis and its like run commands on one thread. */
const SINGLE_THREADED = new Set(['redis', 'valkey', 'keydb', 'memcached']);
/** Time of an outside service, which nobody but its owner knows. */
const EXTERNAL_MS: Assumption = { begins: '', value: 150, unit: 'ms', range: [50, 800] };
/** A cache entry with request data in its key. */
const HIT_RATIO: Assumption = { begins: '', value: 0.8, unit: 'ratio', range: [0.5, 0.95] };
/** CPU of an HTTP request whose program shows none. */
const REQUEST_CPU_MS = known(0.5, 'ms', 'assumed', { range: [0.1, 2], source: 'CPU per simple JSON request' });
const HANDLING = 'handling a request';

/** A topology in which every number that the simulator needs is known, and the words for what was filled in. */
export function assume(given: Topology, scenario: Scenario): { topology: Topology; assumptions: string[] } {
  const topology = withAssumedShares(given, scenario);
  const said = new Map<string, string>();
  const components = new Map(topology.components.map((it) => [it.id, it]));
  const withCompute: Topology = {
    ...topology,
    endpoints: topology.endpoints.map((it) => (it.trigger.kind === 'http' && !usesCpu(it.steps) ? { ...it, steps: [handling(it.place), ...it.steps] } : it)),
  };
  if (withCompute.endpoints.some((it, index) => it !== topology.endpoints[index])) said.set(HANDLING, 'CPU per request: 0.5 ms (0.1-2)');
  const owners = serviceOwners(topology);
  const varying = varyingKeys(topology);
  const filled = mapInputs(withCompute, (id, label, _unit, value): Known => {
    if (value.state !== 'unknown') return value;
    const assumption = assumptionFor(id, components, owners, varying);
    if (!assumption) return value;
    const range = assumption.range ? ` (${assumption.range[0]}-${assumption.range[1]})` : '';
    if (matters(id, components)) said.set(id, `${label}: ${assumption.value}${assumption.unit === 'ms' ? ' ms' : ''}${range}`);
    return known(assumption.value, assumption.unit, 'assumed', { ...(assumption.range && { range: assumption.range }), source: 'assumed by the simulator' });
  });
  return { topology: filled, assumptions: [...said.values()] };
}

function assumptionFor(
  id: string,
  components: ReadonlyMap<string, Component>,
  owners: ReadonlyMap<string, Component | undefined>,
  varying: ReadonlySet<string>,
): Assumption | undefined {
  if (id.startsWith('hitRatio ')) return varying.has(id) ? HIT_RATIO : undefined;
  const component = components.get(id.slice(id.indexOf(' ') + 1));
  if (id.startsWith('parallelism ') && component) {
    if (isProcess(component)) return undefined;
    if (SINGLE_THREADED.has(component.engine ?? '')) return { begins: '', value: 1, unit: 'count' };
  }
  if (id.startsWith('service ') && owners.get(id)?.kind === 'external-api') return EXTERNAL_MS;
  return ASSUMPTIONS.find((it) => id.startsWith(it.begins));
}

/** Replicas of a database or round trips of nobody are no news. */
function matters(id: string, components: ReadonlyMap<string, Component>): boolean {
  const component = components.get(id.slice(id.indexOf(' ') + 1));
  if (component && component.scope !== 'runtime') return false;
  if (component && (id.startsWith('replicas ') || id.startsWith('processes '))) return isProcess(component) && component.kind !== 'frontend' && !component.runsIn;
  if (component && id.startsWith('parallelism ')) return component.kind === 'database';
  return true;
}

export const isProcess = (component: Component): boolean => (PROCESS_KINDS as readonly string[]).includes(component.kind);

function serviceOwners(topology: Topology): Map<string, Component | undefined> {
  const found = new Map<string, Component | undefined>();
  const components = new Map(topology.components.map((it) => [it.id, it]));
  const seen = new Set<Step>();
  for (const endpoint of topology.endpoints)
    walkSharedSteps(
      endpoint.steps,
      (step) => {
        if (step.kind === 'request') found.set(`service ${step.target} ${step.label}`, components.get(step.target));
      },
      seen,
    );
  return found;
}

function varyingKeys(topology: Topology): Set<string> {
  const found = new Set<string>();
  const seen = new Set<Step>();
  for (const endpoint of topology.endpoints)
    walkSharedSteps(
      endpoint.steps,
      (step) => {
        if (step.kind === 'cache' && step.operation === 'read' && step.keyVaries) found.add(`hitRatio ${step.target} ${step.key}`);
      },
      seen,
    );
  return found;
}

const usesCpu = (steps: readonly Step[]): boolean => steps.some((step) => (step.kind === 'compute' && step.where === 'eventLoop') || innerSteps(step).some(usesCpu));

const handling = (place: Step['place']): Step => ({ kind: 'compute', label: HANDLING, ms: REQUEST_CPU_MS, where: 'eventLoop', place });
