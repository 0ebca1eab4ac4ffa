import { holdInput, type InputId, inputId } from './inputs.ts';
import { valueIn } from './known.ts';
import { innerRuns } from './often.ts';
import type { Outcome } from './outcome.ts';
import type { Component, EndpointId, Step, Topology } from './topology.ts';

/** Programs that lead to each other in a circle end somewhere. */
const DEEPEST = 12;

/** Processes of a component over all its replicas; one where nobody knows. */
export const instancesOf = ({ replicas, processes }: Component): number => Math.max(1, (valueIn(replicas) ?? 1) * (valueIn(processes) ?? 1));

/** So often in one run, by key. */
export type Tally = ReadonlyMap<string, number>;

/**
 * How often the things that `of` names by keys are met in one run of a program, on average: rounds of loops, misses of caches and shares of arms multiply.
 * What is one object is counted once: hand the same `known` to all programs for which `of` says the same.
 */
export function tallyOf(steps: readonly Step[], of: (step: Step) => readonly string[], known: Map<Step, Tally>, runs: typeof innerRuns = innerRuns): Tally {
  const all = new Map<string, number>();
  for (const step of steps) {
    let own = known.get(step);
    if (!own) {
      const made = new Map<string, number>();
      for (const key of of(step)) made.set(key, (made.get(key) ?? 0) + 1);
      for (const [inner, times] of runs(step)) for (const [key, often] of tallyOf(inner, of, known, runs)) made.set(key, (made.get(key) ?? 0) + often * times);
      own = made;
      known.set(step, own);
    }
    for (const [key, often] of own) all.set(key, (all.get(key) ?? 0) + often);
  }
  return all;
}

/** How often each program runs a second at the target, through calls of other services and messages. Retries and what ends early are left out. */
export function runsPerSecond(topology: Topology, outcome: Pick<Outcome, 'endpoints'>): Map<EndpointId, number> {
  const endpoints = new Map(topology.endpoints.map((it) => [it.id, it]));
  const known = new Map<Step, Tally>();
  const leadsTo = (step: Step): readonly EndpointId[] =>
    step.kind === 'request' ? (step.endpoint === undefined ? [] : [step.endpoint]) : step.kind === 'publish' ? consumersOf(step, topology) : [];
  const runs = new Map<EndpointId, number>();
  let wave = new Map(outcome.endpoints.map((it) => [it.id, it.offeredPerSecond]));
  for (let depth = 0; depth < DEEPEST && wave.size > 0; depth += 1) {
    const next = new Map<EndpointId, number>();
    for (const [id, perSecond] of wave) {
      const endpoint = endpoints.get(id);
      if (!endpoint || perSecond <= 0) continue;
      runs.set(id, (runs.get(id) ?? 0) + perSecond);
      for (const [other, times] of tallyOf(endpoint.steps, leadsTo, known)) next.set(other, (next.get(other) ?? 0) + perSecond * times);
    }
    wave = next;
  }
  return runs;
}

/**
 * How often each measurable number is used a second at the target: executions of a query, calls of another server, reads of a key;
 * for CPU of a request, requests of one process, for that is where it is measured. It says near what load something is worth measuring, no more.
 */
export function usesPerSecond(topology: Topology, outcome: Pick<Outcome, 'endpoints'>): Map<InputId, number> {
  const uses = new Map<InputId, number>();
  const runs = runsPerSecond(topology, outcome);
  const known = new Map<Step, Tally>();
  const components = new Map(topology.components.map((it) => [it.id, it]));
  for (const endpoint of topology.endpoints) {
    const perSecond = runs.get(endpoint.id) ?? 0;
    if (perSecond <= 0) continue;
    const host = components.get(endpoint.component);
    const processes = host ? instancesOf(host) : 1;
    for (const [input, times] of tallyOf(endpoint.steps, usedBy, known))
      uses.set(input, (uses.get(input) ?? 0) + (perSecond * times) / (input.startsWith(COMPUTE) ? processes : 1));
  }
  return uses;
}

const COMPUTE = inputId.compute('');

function usedBy(step: Step): InputId[] {
  switch (step.kind) {
    case 'query':
      return [holdInput(step)];
    case 'compute':
      return [inputId.compute(step.label)];
    case 'request':
      return [inputId.service(step.target, step.label)];
    case 'cache':
      return [inputId.service(step.target, 'command'), inputId.hitRatio(step.target, step.key)];
    default:
      return [];
  }
}

const consumersOf = (step: Extract<Step, { kind: 'publish' }>, topology: Topology): EndpointId[] =>
  step.job !== undefined ? [step.job] : (topology.channels.find((it) => it.id === step.channel)?.consumers.flatMap((it) => it.endpoint ?? []) ?? []);
