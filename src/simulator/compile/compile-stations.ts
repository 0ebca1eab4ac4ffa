import { valueIn } from '../../model/known.ts';
import type { Distribution, Instruction } from '../../model/network.ts';
import type { StationId } from '../../model/outcome.ts';
import { type Component, type ComponentId, type ComputeStep, type Pool, type Step, walkSharedSteps } from '../../model/topology.ts';
import { refusalWords, timeoutWords } from './cause-words.ts';
import { cpuTime, demandOf, fixed, isUncounted } from './compile-laws.ts';
import type { Draft } from './draft.ts';

/** libuv's own, where `UV_THREADPOOL_SIZE` says nothing. */
const LIBUV_THREADS = 4;

/** Where the slices of a component run: programs are made of thousands of them, so it is looked up once. */
export interface EventLoop {
  station: StationId;
  /** The cores that its processes share; null where each has one of its own. */
  machine: StationId | null;
  /** Of one core. */
  speed: number;
}

/** A slice on the event loop; where processes and their threads outnumber the cores of their limit it also needs one of those. */
export function cpuSlice(draft: Draft, id: ComponentId, ms: number): Instruction[] {
  if (ms <= 0) return [];
  const loop = loopFor(draft, id);
  return sliceOn(loop, loop.station, ms);
}

function sliceOn({ machine, speed }: EventLoop, station: StationId, ms: number): Instruction[] {
  const service = cpuTime(ms / speed);
  return machine === null ? [{ op: 'serve', station, service }] : [{ op: 'hold', station, body: [{ op: 'serve', station: machine, service }] }];
}

const loopFor = (draft: Draft, id: ComponentId): EventLoop => draft.eventLoops.get(id) ?? eventLoopOf(draft, id);

function eventLoopOf(draft: Draft, id: ComponentId): EventLoop {
  const made = newEventLoop(draft, id);
  draft.eventLoops.set(id, made);
  return made;
}

function newEventLoop(draft: Draft, id: ComponentId): EventLoop {
  const host = draft.hostOf(id);
  const group = draft.groupOf(id);
  const station = `event loop of ${host.id}`;
  draft.station(
    { id: station, component: host.id, label: station, servers: 1, room: null, discipline: 'fifo', group },
    { component: host.id, kind: 'eventLoop', label: `event loop of ${host.name}`, places: host.places },
  );
  const cores = valueIn(host.cores);
  const processes = Math.max(1, Math.round(valueIn(host.processes) ?? 1));
  if (cores === undefined || cores <= 0 || cores >= processes * (1 + LIBUV_THREADS)) return { station, machine: null, speed: 1 };
  const threads = computesInThreads(draft, host) ? threadsOf(host) : 0;
  if (cores >= processes * (1 + threads)) return { station, machine: null, speed: 1 };
  // A limit of 2.5 cores is three slower ones: what they do together is right.
  const shared = Math.max(1, Math.ceil(cores));
  const speed = cores / shared;
  if (processes === 1 && threads === 0) return { station, machine: null, speed };
  const machine = `cores of ${host.id}`;
  const replicas = Math.max(1, Math.round(valueIn(host.replicas) ?? 1));
  draft.station(
    { id: machine, component: host.id, label: machine, servers: shared * replicas, room: null, discipline: threads > 0 ? 'processorSharing' : 'fifo' },
    { component: host.id, kind: 'host', label: `CPU limit of ${host.name}`, places: host.places },
  );
  return { station, machine, speed };
}

const threadsOf = (host: Component): number => Math.max(1, Math.round((host.threads && valueIn(host.threads)) ?? LIBUV_THREADS));

/** Something in the component's processes computes on libuv's threads, which take their time from the same cores. */
function computesInThreads(draft: Draft, host: Component): boolean {
  const seen = new Set<Step>();
  let found = false;
  for (const it of draft.topology.endpoints) {
    if (draft.hostOf(it.component) !== host) continue;
    walkSharedSteps(it.steps, (step) => void (found ||= step.kind === 'compute' && step.where === 'threadPool' && !step.workers), seen);
  }
  return found;
}

/** A slice on one of libuv's threads. */
export function threadSlice(draft: Draft, id: ComponentId, ms: number): Instruction[] {
  if (ms <= 0) return [];
  const host = draft.hostOf(id);
  const station = draft.station(
    {
      id: `thread pool of ${host.id}`,
      component: host.id,
      label: `thread pool of ${host.id}`,
      servers: threadsOf(host),
      room: null,
      discipline: 'fifo',
      group: draft.groupOf(id),
    },
    { component: host.id, kind: 'threadPool', label: `thread pool of ${host.name}`, places: host.places },
  );
  return sliceOn(loopFor(draft, id), station, ms);
}

/** A slice on one of the worker threads that a program keeps for such work. */
export function workerSlice(draft: Draft, id: ComponentId, ms: number, { name, threads }: NonNullable<ComputeStep['workers']>): Instruction[] {
  if (ms <= 0) return [];
  const host = draft.hostOf(id);
  const most = valueIn(threads);
  const label = `${name} of ${host.id}`;
  if (most === undefined) {
    draft.said.add(`threads of ${label}: not known, so they limit nothing here`);
    return [{ op: 'delay', duration: cpuTime(ms) }];
  }
  const station = draft.station(
    { id: label, component: host.id, label, servers: Math.max(1, Math.round(most)), room: null, discipline: 'fifo', group: draft.groupOf(id) },
    { component: host.id, kind: 'threadPool', label: `${name} of ${host.name}`, places: host.places },
  );
  return [{ op: 'serve', station, service: cpuTime(ms) }];
}

/** Round trip, then service at the store. */
export function atStore(draft: Draft, target: ComponentId, totalMs: number, law: (meanMs: number) => Distribution): Instruction[] {
  if (totalMs <= 0) return [];
  const demand = demandOf(totalMs, draft.roundTripMs);
  const component = draft.components.get(target);
  const travel: Instruction[] = totalMs > demand ? [{ op: 'delay', duration: fixed(totalMs - demand) }] : [];
  if (!component || component.kind === 'external-api' || isUncounted(component)) return [...travel, { op: 'delay', duration: law(demand) }];
  return [...travel, { op: 'serve', station: store(draft, component), service: law(demand) }];
}

/** A connection of a pool around some work, and one of the server's connections with it. */
export function heldConnection(draft: Draft, pool: Pool, work: readonly Instruction[]): Instruction[] {
  const behind = pool.through === undefined ? undefined : draft.pools.get(pool.through);
  const server = draft.components.get(behind ? behind.client : pool.target);
  const limited = server ? connectionsOf(draft, server) : undefined;
  const beyond = behind ? heldConnection(draft, behind, work) : work;
  const inner: readonly Instruction[] = limited ? [{ op: 'hold', station: limited, body: beyond }] : beyond;
  const max = valueIn(pool.max);
  if (pool.multiplexed) return [...work];
  if (max === undefined) {
    draft.said.add(`size of ${pool.id}: not known, so it limits nothing here`);
    return [...inner];
  }
  if (!draft.meta.has(pool.id)) addPool(draft, pool, max);
  return [{ op: 'hold', station: pool.id, waitLimitMs: valueIn(pool.acquireTimeoutMs) ?? null, body: inner }];
}

function addPool(draft: Draft, pool: Pool, max: number): void {
  const group = draft.groupOf(pool.client);
  draft.station(
    {
      id: pool.id,
      component: pool.client,
      label: pool.id,
      servers: Math.max(1, Math.round(max)),
      room: valueIn(pool.queueLimit) ?? null,
      discipline: 'fifo',
      group,
      timeout: timeoutWords(pool.library),
      refusal: timeoutWords(pool.library),
    },
    { component: pool.client, target: pool.target, kind: 'pool', label: pool.id, places: [pool.place] },
  );
}

function store(draft: Draft, component: Component): StationId {
  if (draft.meta.has(component.id)) return component.id;
  // Copies that share their reads take them as one queue would: what a client picks at random is a little slower.
  const copies = component.replicaOf === undefined ? 1 : Math.max(1, valueIn(component.replicas) ?? 1);
  const parallelism = (valueIn(component.parallelism) ?? 1) * copies;
  return draft.station(
    { id: component.id, component: component.id, label: component.name, servers: Math.max(1, Math.round(parallelism)), room: null, discipline: 'fifo' },
    { component: component.id, kind: 'store', label: component.name, places: component.places },
  );
}

/** Connections that a server keeps for its superusers, which services are not: `superuser_reserved_connections` of PostgreSQL. */
const RESERVED: Readonly<Record<string, number>> = { postgres: 3, postgresql: 3 };

function connectionsOf(draft: Draft, component: Component): StationId | undefined {
  if (draft.connections.has(component.id)) return draft.connections.get(component.id);
  const made = connections(draft, component);
  draft.connections.set(component.id, made);
  return made;
}

/** The connections that the server has for its clients, where that is known and their pools could ask for more. */
function connections(draft: Draft, component: Component): StationId | undefined {
  const limit = valueIn(component.maxConnections);
  if (limit === undefined) return undefined;
  const most = Math.max(1, limit - (RESERVED[component.engine ?? ''] ?? 0));
  const asked = draft.topology.pools
    .filter((it) => (it.through === undefined ? it.target : draft.pools.get(it.through)?.client) === component.id && draft.runs(it.client))
    .reduce((sum, it) => sum + (valueIn(it.max) ?? Number.POSITIVE_INFINITY) * draft.instancesOf(draft.hostOf(it.client)), 0);
  if (asked <= most) return undefined;
  const id = `connections of ${component.id}`;
  return draft.station(
    { id, component: component.id, label: id, servers: Math.max(1, Math.round(most)), room: 0, discipline: 'fifo', refusal: refusalWords(component.engine) },
    { component: component.id, kind: 'connections', label: `connections of ${component.name}`, places: component.places },
  );
}
