import { holdInput, type InputId, inputId } from './inputs.ts';
import { valueIn } from './known.ts';
import { innerRuns } from './often.ts';
import type { Outcome } from './outcome.ts';
import type { Endpoint, EndpointId, Step, Topology } from './topology.ts';

/** Programs that lead to each other in a circle end somewhere. */
const DEEPEST = 12;

/**
 * Calls `met` for every step that the load at the target reaches, with how often a second, through calls of other services and messages. Retries and what ends early are left out.
 */
export function walkUses(topology: Topology, outcome: Pick<Outcome, 'endpoints'>, met: (step: Step, perSecond: number, endpoint: Endpoint) => void): void {
  const endpoints = new Map(topology.endpoints.map((it) => [it.id, it]));
  const visit = (id: EndpointId | undefined, perSecond: number, depth: number): void => {
    const endpoint = id === undefined ? undefined : endpoints.get(id);
    if (endpoint && perSecond > 0 && depth < DEEPEST) walk(endpoint.steps, perSecond, endpoint, depth);
  };
  const walk = (steps: readonly Step[], perSecond: number, endpoint: Endpoint, depth: number): void => {
    for (const step of steps) {
      met(step, perSecond, endpoint);
      for (const [inner, times] of innerRuns(step)) walk(inner, perSecond * times, endpoint, depth);
      if (step.kind === 'request') visit(step.endpoint, perSecond, depth + 1);
      if (step.kind === 'publish') for (const it of consumersOf(step, topology)) visit(it, perSecond, depth + 1);
    }
  };
  for (const it of outcome.endpoints) visit(it.id, it.offeredPerSecond, 0);
}

/**
 * How often each measurable number is used a second at the target: executions of a query, calls of another server, reads of a key;
 * for CPU of a request, requests of one process, for that is where it is measured. It says near what load something is worth measuring, no more.
 */
export function usesPerSecond(topology: Topology, outcome: Pick<Outcome, 'endpoints'>): Map<InputId, number> {
  const uses = new Map<InputId, number>();
  walkUses(topology, outcome, (step, perSecond, endpoint) => {
    for (const input of usedBy(step, endpoint, topology)) uses.set(input.id, (uses.get(input.id) ?? 0) + perSecond / input.among);
  });
  return uses;
}

function usedBy(step: Step, { component }: Endpoint, topology: Topology): { id: InputId; among: number }[] {
  switch (step.kind) {
    case 'query':
      return [{ id: holdInput(step), among: 1 }];
    case 'compute': {
      const host = topology.components.find((it) => it.id === component);
      return [{ id: inputId.compute(step.label), among: Math.max(1, (host && (valueIn(host.replicas) ?? 1) * (valueIn(host.processes) ?? 1)) ?? 1) }];
    }
    case 'request':
      return [{ id: inputId.service(step.target, step.label), among: 1 }];
    case 'cache':
      return [
        { id: inputId.service(step.target, 'command'), among: 1 },
        { id: inputId.hitRatio(step.target, step.key), among: 1 },
      ];
    default:
      return [];
  }
}

const consumersOf = (step: Extract<Step, { kind: 'publish' }>, topology: Topology): EndpointId[] =>
  step.job !== undefined ? [step.job] : (topology.channels.find((it) => it.id === step.channel)?.consumers.flatMap((it) => it.endpoint ?? []) ?? []);
