import { unknown } from '../model/known.ts';
import type { Call, Component, Conflict, Deployment, Endpoint, Problem, Topology } from '../model/topology.ts';
import { browserCalls } from './assemble/browser-calls.ts';
import type { Configuration } from './assemble/configuration.ts';
import { factsOf } from './assemble/facts.ts';
import { imageOf } from './assemble/images.ts';
import { groupOutside } from './assemble/outside-groups.ts';
import { type Layouts, layouts } from './assemble/layouts.ts';
import { partsOf, type Unit } from './assemble/parts.ts';
import type { Service } from './assemble/service.ts';
import { connectionsOf } from './assemble/stores.ts';
import { tablesOf } from './assemble/tables.ts';
import { unstarted } from './assemble/unstarted.ts';
import { ROUND_TRIP_MS } from './assumptions.ts';

/** Everything that was read, before it is put together. */
export interface Claims {
  configuration: Configuration;
  services: readonly Service[];
  deployments: readonly Deployment[];
  units: readonly Unit[];
  problems: readonly Problem[];
}

/**
 * Puts claims together to one topology: who is who, which number wins, and where sources disagree.
 * Pure; the same claims give the same topology. `kept` holds what was laid out for another answer of the same programs, which is then not laid out again.
 */
export function assemble(claims: Claims, kept: Layouts = layouts()): Topology {
  const conflicts: Conflict[] = [];
  const connections = connectionsOf(claims, conflicts);
  const parts = partsOf(claims, connections, kept);
  const named = {
    components: [...parts.components, ...connections.components()],
    calls: [...connections.calls, ...parts.calls, ...browserCalls(claims.units, parts.endpoints, connections)],
    endpoints: parts.endpoints,
  };
  const drawn = groupOutside(named, kept);
  const calls = mergeCalls(drawn.calls);
  const kinds = new Map(drawn.components.map((it) => [it.id, it.kind]));
  const read = new Set(claims.units.map((it) => it.id));
  const components = drawn.components
    .map((it) => (read.has(it.id) && passesOn(it, calls, kinds) ? { ...it, kind: 'gateway' as const } : it))
    .map((it) => (isOnlyQueue(it, calls) ? { ...it, kind: 'queue' as const } : it))
    .map((it) => ({ ...it, ...containerOf(it, claims) }));
  const external = reachedFromOutside(components, calls, claims.services, claims.units);
  const endpoints = drawn.endpoints.map((it): Endpoint => ({ ...it, external: it.trigger.kind === 'http' && external.has(it.component) }));
  const limiters = [...parts.limiters, ...connections.limiters];
  const tables = tablesOf(
    claims.configuration,
    claims.units.flatMap((unit) => unit.reading.claims.flatMap((it) => (it.kind === 'table' ? [it] : []))),
  );
  const topology: Topology = {
    components,
    calls,
    pools: connections.pools(),
    endpoints,
    channels: parts.channels,
    rateLimiters: limiters,
    ...(tables.length > 0 && { tables }),
    deployments: claims.deployments,
    facts: [],
    conflicts,
    problems: sortProblems([...claims.problems, ...parts.problems, ...(endpoints.length === 0 ? unstarted(claims.units, claims.configuration) : [])]),
    suppressions: claims.configuration.suppressions,
    network: { roundTripMs: ROUND_TRIP_MS },
    readShare: unknown('its traffic was not measured'),
  };
  return { ...topology, facts: factsOf(topology, claims, kept) };
}

/** Processes that one command starts side by side share a container. */
function containerOf(it: Component, { units, configuration }: Claims): Pick<Component, 'container'> {
  const service = units.find((unit) => unit.id === it.id)?.service;
  if (!service || units.filter((unit) => unit.service === service).length < 2) return {};
  const command = imageOf(service.build, configuration)?.commandPlace;
  return { container: { name: service.name, place: service.command === undefined && command ? command : service.place } };
}

const OWN: ReadonlySet<string> = new Set(['service', 'worker', 'gateway']);

/** A process that keeps nothing of its own, is asked by no other, and answers by asking several others is their gateway. */
function passesOn(it: Component, calls: readonly Call[], kinds: ReadonlyMap<string, Component['kind']>): boolean {
  if (it.kind !== 'service' || it.engine || it.scope !== 'runtime') return false;
  const own = calls.filter((call) => call.from === it.id);
  const keeps = own.some((call) => call.kind === 'query' || call.kind === 'smtp' || ['database', 'search', 'object-store', 'external-api'].includes(kinds.get(call.to) ?? ''));
  const asked = new Set(own.filter((call) => call.sync && OWN.has(kinds.get(call.to) ?? '')).map((call) => call.to));
  return !keeps && asked.size > 1 && !calls.some((call) => call.to === it.id && ['service', 'worker'].includes(kinds.get(call.from) ?? ''));
}

/** A Redis through which only messages go is a broker. */
const isOnlyQueue = (it: Component, calls: readonly Call[]): boolean =>
  it.engine === 'redis' &&
  calls.some((call) => call.to === it.id && (call.kind === 'publish' || call.kind === 'consume')) &&
  !calls.some((call) => call.to === it.id && call.kind === 'cache');

const sortProblems = (all: readonly Problem[]): Problem[] => [...all].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);

/** One call per pair and kind, with all places that show it. */
function mergeCalls(all: readonly Call[]): Call[] {
  const found = new Map<string, Call>();
  const places = new Map<string, Map<string, Call['places'][number]>>();
  for (const it of all) {
    if (it.from === it.to) continue;
    const key = `${it.from}\n${it.to}\n${it.kind}`;
    const before = found.get(key);
    found.set(key, { ...it, ...before, ...(it.pool && !before?.pool && { pool: it.pool }) });
    const own = places.get(key) ?? new Map<string, Call['places'][number]>();
    places.set(key, own);
    for (const place of it.places) {
      const line = `${place.file}:${place.line}`;
      if (!own.has(line)) own.set(line, place);
    }
  }
  return [...found].map(([key, it]) => ({ ...it, places: [...(places.get(key)?.values() ?? [])] }));
}

/** Published ports and gateways let requests in; where nothing says so, whoever is called by nobody. */
function reachedFromOutside(components: readonly Component[], calls: readonly Call[], services: readonly Service[], units: readonly Unit[]): Set<string> {
  const published = new Set([
    ...services.filter((it) => it.hasPorts).map((it) => it.name),
    ...units.filter((it) => it.service?.hasPorts && it.reading.claims.some((claim) => claim.kind === 'route')).map((it) => it.id),
  ]);
  const gateways = new Set(components.filter((it) => it.kind === 'gateway' && !units.some((unit) => unit.id === it.id)).map((it) => it.id));
  const behind = calls.filter((it) => gateways.has(it.from)).map((it) => it.to);
  const bare = units.filter((it) => !it.service).map((it) => it.id);
  const reached = new Set([...published, ...behind, ...bare]);
  if (components.some((it) => reached.has(it.id) && (it.kind === 'service' || it.kind === 'gateway') && units.some((unit) => unit.id === it.id))) return reached;
  const called = new Set(calls.map((it) => it.to));
  return new Set(components.filter((it) => it.kind === 'service' && !called.has(it.id)).map((it) => it.id));
}
