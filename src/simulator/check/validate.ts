import type { Network } from '../../model/network.ts';
import { CACHE_STEPS, cache } from './check-caches.ts';
import { fault, faultsHold } from './check-faults.ts';
import { INSTANCE_FIELDS, instancesHold } from './check-instances.ts';
import { REPLICA_STEPS, replicasHold, replicatedData } from './check-replicas.ts';
import { disciplinesHold, STATION_FIELDS, VISIT_FIELDS } from './check-stations.ts';
import { autoscaling, breaker, callFields, jobCheck, limiter, policiesHold, retryBudget } from './check-policies.ts';
import { anyText, type Check, fields, first, isFields, listOf, number, oneOf, optional, orNull, shown, text, whole } from './checks.ts';
import { arrivals, closed, distribution, phase, phasesOf } from './validate-arrivals.ts';

/** By the ways they choose an instance. */
const BALANCERS = ['random', 'roundRobin', 'leastConnections', 'powerOfTwo', 'connection'] as const;

const INSTRUCTIONS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  serve: { station: text, service: distribution, ...VISIT_FIELDS },
  hold: { station: text, ...VISIT_FIELDS, body: (value, at) => body(value, at) },
  delay: { duration: distribution },
  call: { program: text, ...callFields(distribution, (value, at) => body(value, at)) },
  spawn: { program: text },
  parallel: { branches: (value, at) => listOf(body)(value, at) },
  loop: { times: number(0), body: (value, at) => body(value, at) },
  branch: { probability: number(0, 1), taken: (value, at) => body(value, at), otherwise: (value, at) => body(value, at) },
  respond: {},
  limit: { limiter: text },
  fail: { cause: text },
  ...CACHE_STEPS((value, at) => body(value, at)),
  ...REPLICA_STEPS((value, at) => body(value, at)),
};

const instruction: Check = (value, at) => {
  if (!isFields(value)) return `${at}: expected an instruction, found ${shown(value)}`;
  const op = oneOf(...Object.keys(INSTRUCTIONS));
  return op(value.op, `${at}.op`) ?? fields({ op, ...INSTRUCTIONS[value.op as string] })(value, at);
};
const body: Check = (value, at) => listOf(instruction)(value, at);

/** Each needs some memory from the first moment of a run. */
const MOST_INSTANCES = 100_000;
const MOST_BURST = 10_000_000;
const MOST_CONNECTIONS = 10_000_000;

const NETWORK: Check = fields({
  $schema: optional(anyText),
  version: (value, at) => (value === 1 ? null : `${at}: expected 1, found ${shown(value)}`),
  groups: listOf(fields({ id: text, instances: whole(1, MOST_INSTANCES), balancer: oneOf(...BALANCERS), ...INSTANCE_FIELDS, autoscaling: optional(autoscaling) })),
  stations: listOf(
    fields({
      id: text,
      component: anyText,
      label: anyText,
      servers: orNull(whole(1)),
      room: orNull(whole(0)),
      ...STATION_FIELDS,
      group: optional(text),
      refusal: optional(text),
      timeout: optional(text),
    }),
  ),
  programs: listOf(fields({ id: text, group: optional(text), body, memoryMb: optional(number(0)), channel: optional(text), job: optional(jobCheck(distribution)) })),
  sources: listOf(
    fields({
      id: text,
      program: text,
      arrivals,
      share: number(0),
      phases: optional(listOf(phase)),
      closed: optional(closed),
      burst: optional(whole(0, MOST_BURST)),
      patienceMs: orNull(number(0)),
      objectiveP95Ms: optional(number(0)),
      clients: optional(whole(1)),
      connections: optional(whole(1, MOST_CONNECTIONS)),
    }),
  ),
  retryBudgets: optional(listOf(retryBudget)),
  breakers: optional(listOf(breaker)),
  faults: optional(listOf(fault)),
  caches: optional(listOf(cache)),
  replicatedData: optional(listOf(replicatedData)),
  limiters: optional(listOf(limiter)),
});

/** Judges a `MODEL.json`. The error is one line that names the field; form first, then names that lead nowhere. */
export function validateNetwork(value: unknown): { network: Network } | { error: string } {
  const error = NETWORK(value, 'model');
  if (error !== null) return { error: error.replace(/^model\./, '') };
  const network = value as Network;
  const wrong =
    namesOf(network) ?? phasesOf(network) ?? disciplinesHold(network) ?? faultsHold(network) ?? instancesHold(network) ?? policiesHold(network) ?? replicasHold(network);
  return wrong === null ? { network } : { error: wrong };
}

function namesOf(network: Network): string | null {
  const groups = new Set(network.groups.map((it) => it.id));
  const stations = new Set(network.stations.map((it) => it.id));
  const programs = new Set(network.programs.map((it) => it.id));
  const breakers = new Set(network.breakers?.map((it) => it.id));
  const limiters = new Set(network.limiters?.map((it) => it.id));
  const caches = new Set(network.caches?.map((it) => it.id));
  const data = new Set(network.replicatedData?.map((it) => it.id));
  const budgets = new Set(network.retryBudgets?.map((it) => it.id));
  const walk = (value: unknown, at: string): string | null => {
    if (Array.isArray(value)) return first(value.map((it, index) => () => walk(it, `${at}[${index}]`)));
    if (!isFields(value)) return null;
    if (typeof value.station === 'string' && !stations.has(value.station)) return `${at}.station: there is no station "${value.station}"`;
    if (typeof value.program === 'string' && !programs.has(value.program)) return `${at}.program: there is no program "${value.program}"`;
    if (typeof value.group === 'string' && !groups.has(value.group)) return `${at}.group: there is no group "${value.group}"`;
    if (typeof value.breaker === 'string' && !breakers.has(value.breaker)) return `${at}.breaker: there is no breaker "${value.breaker}"`;
    if (typeof value.limiter === 'string' && !limiters.has(value.limiter)) return `${at}.limiter: there is no limiter "${value.limiter}"`;
    if (typeof value.cache === 'string' && !caches.has(value.cache)) return `${at}.cache: there is no cache "${value.cache}"`;
    if (typeof value.data === 'string' && !data.has(value.data)) return `${at}.data: there is no replicated data "${value.data}"`;
    if (typeof value.budget === 'string' && !budgets.has(value.budget)) return `${at}.budget: there is no retry budget "${value.budget}"`;
    return first(
      Object.entries(value).map(
        ([name, it]) =>
          () =>
            walk(it, `${at}.${name}`),
      ),
    );
  };
  const twice = (list: readonly { id: string }[], at: string): string | null => {
    const index = list.findIndex((it, place) => list.findIndex((other) => other.id === it.id) !== place);
    return index < 0 ? null : `${at}[${index}].id: "${list[index]?.id}" is there twice`;
  };
  return (
    twice(network.groups, 'groups') ??
    twice(network.stations, 'stations') ??
    twice(network.programs, 'programs') ??
    twice(network.sources, 'sources') ??
    twice(network.retryBudgets ?? [], 'retryBudgets') ??
    twice(network.breakers ?? [], 'breakers') ??
    twice(network.caches ?? [], 'caches') ??
    twice(network.limiters ?? [], 'limiters') ??
    twice(network.replicatedData ?? [], 'replicatedData') ??
    walk(network.groups, 'groups') ??
    walk(network.stations, 'stations') ??
    walk(network.programs, 'programs') ??
    walk(network.sources, 'sources') ??
    walk(network.breakers ?? [], 'breakers') ??
    walk(network.faults ?? [], 'faults') ??
    walk(network.caches ?? [], 'caches') ??
    walk(network.limiters ?? [], 'limiters') ??
    walk(network.replicatedData ?? [], 'replicatedData')
  );
}
