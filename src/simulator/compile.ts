import { type Place, unknown, valueIn } from '../model/known.ts';
import type { Distribution, Group, Instruction, Network, Program, Source, Station } from '../model/network.ts';
import type { StationId, StationKind } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import {
  type CacheStep,
  type ChannelId,
  type Component,
  type ComponentId,
  type Endpoint,
  type EndpointId,
  type Pool,
  type QueryStep,
  type Step,
  type Topology,
  walkSteps,
} from '../model/topology.ts';
import { assume, isProcess } from './assume.ts';
import { refusalWords, timeoutWords } from './cause-words.ts';
import { hitRatioOf } from './hit-ratio.ts';
import { sharesOf } from './mix.ts';

/** What a station stands for in the topology. */
export interface StationMeta {
  component: ComponentId;
  target?: ComponentId;
  kind: StationKind;
  label: string;
  places: readonly Place[];
}

/** A topology under a scenario as a queueing network, with the way back from its names. */
export interface Compiled {
  network: Network;
  /** The topology with the simulator's own assumptions filled in: its assumed inputs are what a range draws. */
  topology: Topology;
  stations: ReadonlyMap<StationId, StationMeta>;
  /** Channels whose messages run a program: the station where they wait. */
  channels: ReadonlyMap<ChannelId, { station: StationId; programs: readonly string[] }>;
  assumptions: readonly string[];
}

/**
 * CPU that the driver spends on one reply, taken out of the endpoint's own CPU time, not added to it:
 * a connection is free only when the event loop has come round to its reply.
 */
const REPLY_CPU_MS = 0.05;
/** Service at a store is what remains of a hold after the round trip, at least this share of it. */
const LEAST_DEMAND = 0.1;
const LIBUV_THREADS = 4;
/** A longer concurrent loop is played as this many branches that loop. */
const MOST_BRANCHES = 32;

/** Queries vary with data and cache state; an exponential law is what measured database calls are closest to among the simple ones, and errs to the safe side for point lookups. */
const queryTime = (meanMs: number): Distribution => ({ kind: 'exponential', meanMs });
/** JavaScript slices vary little: garbage collection and data size, no waiting. Erlang with four stages. */
const cpuTime = (meanMs: number): Distribution => ({ kind: 'gamma', meanMs, cv2: 0.25 });
const fixed = (meanMs: number): Distribution => ({ kind: 'deterministic', meanMs });

/**
 * Translates a topology under a scenario. Unknown numbers that it needs are assumed and listed; a pool without a known size limits nothing.
 * Dev-scoped components take no load.
 */
export function compile(given: Topology, scenario: Scenario): Compiled {
  const { topology, assumptions } = assume(given);
  const shares = sharesOf(topology, scenario);
  const builder = new Builder(topology, scenario, shares);
  const sources: Source[] = [];
  for (const endpoint of topology.endpoints) {
    const share = shares.get(endpoint.id) ?? 0;
    if (share > 0) sources.push(builder.source(endpoint, share));
    else if (endpoint.trigger.kind === 'schedule' && builder.runs(endpoint.component)) sources.push(...builder.timer(endpoint));
  }
  return {
    network: { version: 1, groups: builder.groups, stations: builder.stations, programs: [...builder.programs.values()], sources },
    topology,
    stations: builder.meta,
    channels: builder.channels,
    assumptions: [...assumptions, ...builder.said, ...topology.rateLimiters.map((it) => `${it.id}: the rate limiter is not simulated`)],
  };
}

/** Collects the parts of one network; lives for one `compile`. */
class Builder {
  readonly groups: Group[] = [];
  readonly stations: Station[] = [];
  readonly meta = new Map<StationId, StationMeta>();
  readonly programs = new Map<string, Program>();
  readonly channels = new Map<ChannelId, { station: StationId; programs: string[] }>();
  readonly said = new Set<string>();
  private readonly components: ReadonlyMap<ComponentId, Component>;
  private readonly pools: ReadonlyMap<string, Pool>;
  private readonly endpoints: ReadonlyMap<string, Endpoint>;
  private readonly roundTripMs: number;
  private readonly topology: Topology;
  private readonly scenario: Scenario;
  private readonly shares: ReadonlyMap<string, number>;
  private spawned = 0;

  constructor(topology: Topology, scenario: Scenario, shares: ReadonlyMap<string, number>) {
    this.topology = topology;
    this.scenario = scenario;
    this.shares = shares;
    this.components = new Map(topology.components.map((it) => [it.id, it]));
    this.pools = new Map(topology.pools.map((it) => [it.id, it]));
    this.endpoints = new Map(topology.endpoints.map((it) => [it.id, it]));
    this.roundTripMs = valueIn(topology.network.roundTripMs) ?? 0;
  }

  runs(id: ComponentId): boolean {
    return this.components.get(id)?.scope === 'runtime';
  }

  source(endpoint: Endpoint, share: number): Source {
    const { profile, targetPerSecond, clientPatienceMs, objective } = this.scenario;
    const phases =
      profile.kind === 'spike'
        ? [
            { fromMs: 0, perSecond: profile.basePerSecond * share },
            { fromMs: SPIKE_AT_MS, perSecond: profile.peakPerSecond * share },
            { fromMs: SPIKE_AT_MS + profile.seconds * 1000, perSecond: profile.basePerSecond * share },
          ]
        : [{ fromMs: 0, perSecond: targetPerSecond * share }];
    return {
      id: endpoint.id,
      program: this.program(endpoint),
      arrivals: 'poisson',
      share,
      phases,
      patienceMs: clientPatienceMs ?? DEFAULT_PATIENCE_MS,
      ...(objective.p95Ms !== null && { objectiveP95Ms: objective.p95Ms }),
    };
  }

  timer(endpoint: Endpoint): Source[] {
    const everyMs = endpoint.trigger.kind === 'schedule' ? valueIn(endpoint.trigger.everyMs) : undefined;
    if (!everyMs) return [];
    return [{ id: endpoint.id, program: this.program(endpoint), arrivals: 'deterministic', share: 0, phases: [{ fromMs: 0, perSecond: 1000 / everyMs }], patienceMs: null }];
  }

  /** Id of the program of an endpoint, made at first need. */
  private program(endpoint: Endpoint, channel?: { id: ChannelId; station: StationId }): string {
    if (this.programs.has(endpoint.id)) return endpoint.id;
    const group = this.groupOf(endpoint.component);
    // Entered before its body is made: programs may call each other in a circle.
    this.programs.set(endpoint.id, { id: endpoint.id, group, body: [] });
    const cpu = cpuScaleOf(endpoint, this.topology);
    const body = this.body(endpoint.steps, { endpoint, cpu, holding: [] });
    this.programs.set(endpoint.id, {
      id: endpoint.id,
      group,
      body: channel ? [{ op: 'hold', station: channel.station, body }] : body,
      ...(channel && { channel: channel.id }),
    });
    return endpoint.id;
  }

  private body(steps: readonly Step[], inside: Inside): Instruction[] {
    return steps.flatMap((step) => this.instruction(step, inside));
  }

  private instruction(step: Step, inside: Inside): Instruction[] {
    switch (step.kind) {
      case 'compute': {
        const ms = valueIn(step.ms) ?? 0;
        if (ms <= 0) return [];
        return step.where === 'eventLoop'
          ? this.cpu(inside.endpoint.component, ms * inside.cpu.scale)
          : [{ op: 'serve', station: this.threadPool(inside.endpoint.component), service: cpuTime(ms) }];
      }
      case 'query':
        return this.perhapsUnawaited(step.awaited, this.query(step, inside), inside);
      case 'cache':
        return this.perhapsUnawaited(step.awaited, this.cache(step, inside), inside);
      case 'request':
        return this.perhapsUnawaited(step.awaited, [...this.request(step, inside), ...this.cpu(inside.endpoint.component, inside.cpu.replyMs)], inside);
      case 'publish':
        return this.publish(step, inside);
      case 'hold': {
        const pool = this.pools.get(step.pool);
        const body = this.body(step.steps, { ...inside, holding: [...inside.holding, step.pool] });
        return pool ? this.held(pool, body) : body;
      }
      case 'loop':
        return this.loop(step, inside);
      case 'parallel':
        return [{ op: 'parallel', branches: step.branches.map((it) => this.body(it, inside)) }];
      case 'branch':
        return [{ op: 'branch', probability: valueIn(step.probability) ?? 0.5, taken: this.body(step.taken, inside), otherwise: this.body(step.otherwise, inside) }];
      case 'respond':
        return [{ op: 'respond' }];
    }
  }

  private query(step: QueryStep, inside: Inside): Instruction[] {
    const hold = valueIn(step.holdMs) ?? 0;
    const pool = step.pool === undefined ? undefined : this.pools.get(step.pool);
    const work = [...this.atStore(step.target, hold, queryTime), ...this.cpu(inside.endpoint.component, inside.cpu.replyMs)];
    if (!pool || (step.usesHeld && inside.holding.includes(pool.id))) return work;
    return this.held(pool, work);
  }

  /** Round trip, then service at the store. */
  private atStore(target: ComponentId, totalMs: number, law: (meanMs: number) => Distribution): Instruction[] {
    if (totalMs <= 0) return [];
    const demand = Math.max(totalMs - this.roundTripMs, totalMs * LEAST_DEMAND);
    const component = this.components.get(target);
    const travel: Instruction[] = totalMs > demand ? [{ op: 'delay', duration: fixed(totalMs - demand) }] : [];
    if (!component || component.kind === 'external-api' || isUncounted(component)) return [...travel, { op: 'delay', duration: law(demand) }];
    return [...travel, { op: 'serve', station: this.store(component), service: law(demand) }];
  }

  /** A connection of a pool around some work, and one of the server's connections with it. */
  private held(pool: Pool, work: readonly Instruction[]): Instruction[] {
    const server = this.components.get(pool.target);
    const limited = server ? this.connections(server) : undefined;
    const inner: readonly Instruction[] = limited ? [{ op: 'hold', station: limited, body: work }] : work;
    const max = valueIn(pool.max);
    if (pool.multiplexed) return [...work];
    if (max === undefined) {
      this.said.add(`size of ${pool.id}: not known, so it limits nothing here`);
      return [...inner];
    }
    const group = this.groupOf(pool.client);
    this.station(
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
    return [{ op: 'hold', station: pool.id, waitLimitMs: valueIn(pool.acquireTimeoutMs) ?? null, body: inner }];
  }

  private cache(step: CacheStep, inside: Inside): Instruction[] {
    const service = valueIn(step.serviceMs) ?? 0;
    const isRemote = step.target !== inside.endpoint.component;
    const command =
      service > 0 ? [...(isRemote ? this.atStore(step.target, service, queryTime) : []), ...(isRemote ? this.cpu(inside.endpoint.component, inside.cpu.replyMs) : [])] : [];
    if (step.operation !== 'read' || step.onMiss.length === 0) return command;
    const hit = hitRatioOf(step, this.topology, this.shares, this.scenario.targetPerSecond);
    return [...command, { op: 'branch', probability: 1 - hit, taken: this.body(step.onMiss, inside), otherwise: [] }];
  }

  private request(step: Extract<Step, { kind: 'request' }>, inside: Inside): Instruction[] {
    const target = this.components.get(step.target);
    const callee = step.endpoint === undefined ? undefined : this.endpoints.get(step.endpoint);
    const timeoutMs = valueIn(step.timeoutMs) ?? null;
    const retries = valueIn(step.retries) ?? 0;
    const serviceMs = valueIn(step.serviceMs) ?? 0;
    if (callee && target && isProcess(target)) {
      const travel: Instruction[] = this.roundTripMs > 0 ? [{ op: 'delay', duration: fixed(this.roundTripMs) }] : [];
      return [...travel, { op: 'call', program: this.program(callee), timeoutMs, ...(retries > 0 && { retry: { times: retries } }) }];
    }
    // A component that asks itself waits for a timer.
    if (target && target.kind !== 'external-api' && isProcess(target) && target.id !== inside.endpoint.component)
      this.said.add(`${step.label}: the route of ${target.name} was not found; taken as a delay of ${serviceMs} ms`);
    const wait: Instruction = { op: 'delay', duration: queryTime(serviceMs) };
    if (timeoutMs === null && retries === 0) return [wait];
    const id = `${step.target} ${step.label}`;
    this.programs.set(id, { id, body: [wait] });
    return [{ op: 'call', program: id, timeoutMs, ...(retries > 0 && { retry: { times: retries } }) }];
  }

  private publish(step: Extract<Step, { kind: 'publish' }>, inside: Inside): Instruction[] {
    const channel = this.topology.channels.find((it) => it.id === step.channel);
    const serviceMs = valueIn(step.serviceMs) ?? 0;
    const send = channel
      ? [...this.atStore(channel.broker, serviceMs, queryTime), ...this.cpu(inside.endpoint.component, inside.cpu.replyMs)]
      : ([{ op: 'delay', duration: fixed(serviceMs) }] as Instruction[]);
    return [...this.perhapsUnawaited(step.awaited, send, inside), ...(channel ? this.consume(channel, step.job) : [])];
  }

  /** Starts the work of every consumer of a channel: each gets every message of a topic; the consumers of a queue share its messages. */
  private consume(channel: Topology['channels'][number], job?: EndpointId): Instruction[] {
    const spawns = channel.consumers.flatMap((consumer): Instruction[] => {
      // A message may name its kind of job; all kinds share the consumer's concurrency.
      const named = job === undefined ? undefined : this.endpoints.get(job);
      const endpoint = named?.component === consumer.component ? named : consumer.endpoint === undefined ? undefined : this.endpoints.get(consumer.endpoint);
      if (!endpoint || !this.runs(consumer.component)) return [];
      const host = this.hostOf(consumer.component);
      const processes = this.instancesOf(host);
      const concurrency = Math.max(1, Math.round((valueIn(consumer.concurrency) ?? 1) * processes));
      const partitions = channel.kind === 'topic' ? valueIn(channel.partitions) : undefined;
      const id = `${channel.name} consumers at ${consumer.component}`;
      this.station(
        { id, component: consumer.component, label: id, servers: partitions === undefined ? concurrency : Math.min(partitions, concurrency), room: null, discipline: 'fifo' },
        { component: consumer.component, target: channel.broker, kind: 'consumer', label: `workers of ${channel.name}`, places: [consumer.place] },
      );
      const program = this.program(endpoint, { id: channel.id, station: id });
      const entry = this.channels.get(channel.id) ?? { station: id, programs: [] };
      if (!entry.programs.includes(program)) entry.programs.push(program);
      this.channels.set(channel.id, entry);
      return [{ op: 'spawn', program }];
    });
    if (channel.kind === 'topic' || spawns.length < 2) return spawns;
    return shareOut(spawns);
  }

  private loop(step: Extract<Step, { kind: 'loop' }>, inside: Inside): Instruction[] {
    const times = valueIn(step.times) ?? 1;
    const body = this.body(step.steps, inside);
    if (!step.concurrent) return [{ op: 'loop', times, body }];
    const branches = Math.max(1, Math.min(MOST_BRANCHES, Math.round(times)));
    const branch: readonly Instruction[] = times > branches ? [{ op: 'loop', times: times / branches, body }] : body;
    return [{ op: 'parallel', branches: Array.from({ length: branches }, () => branch) }];
  }

  private perhapsUnawaited(awaited: boolean, body: Instruction[], inside: Inside): Instruction[] {
    if (awaited || body.length === 0) return body;
    const id = `${inside.endpoint.id} in the background ${++this.spawned}`;
    this.programs.set(id, { id, group: this.groupOf(inside.endpoint.component), body });
    return [{ op: 'spawn', program: id }];
  }

  /** A slice on the event loop; where processes outnumber the cores of their limit it also needs one of those. */
  private cpu(id: ComponentId, ms: number): Instruction[] {
    if (ms <= 0) return [];
    const host = this.hostOf(id);
    const group = this.groupOf(id);
    const station = `event loop of ${host.id}`;
    this.station(
      { id: station, component: host.id, label: station, servers: 1, room: null, discipline: 'fifo', group },
      { component: host.id, kind: 'eventLoop', label: `event loop of ${host.name}`, places: host.places },
    );
    const cores = valueIn(host.cores);
    const processes = Math.max(1, Math.round(valueIn(host.processes) ?? 1));
    if (cores === undefined || cores <= 0 || cores >= processes) return [{ op: 'serve', station, service: cpuTime(ms) }];
    const shared = Math.max(1, Math.floor(cores));
    const speed = Math.min(1, cores);
    if (processes === 1) return [{ op: 'serve', station, service: cpuTime(ms / speed) }];
    const machine = `cores of ${host.id}`;
    const replicas = Math.max(1, Math.round(valueIn(host.replicas) ?? 1));
    this.station(
      { id: machine, component: host.id, label: machine, servers: shared * replicas, room: null, discipline: 'fifo' },
      { component: host.id, kind: 'host', label: `CPU limit of ${host.name}`, places: host.places },
    );
    return [{ op: 'hold', station, body: [{ op: 'serve', station: machine, service: cpuTime(ms / speed) }] }];
  }

  private threadPool(id: ComponentId): StationId {
    const host = this.hostOf(id);
    return this.station(
      { id: `thread pool of ${host.id}`, component: host.id, label: `thread pool of ${host.id}`, servers: LIBUV_THREADS, room: null, discipline: 'fifo', group: this.groupOf(id) },
      { component: host.id, kind: 'threadPool', label: `thread pool of ${host.name}`, places: host.places },
    );
  }

  private store(component: Component): StationId {
    const parallelism = valueIn(component.parallelism) ?? 1;
    return this.station(
      { id: component.id, component: component.id, label: component.name, servers: Math.max(1, Math.round(parallelism)), room: null, discipline: 'fifo' },
      { component: component.id, kind: 'store', label: component.name, places: component.places },
    );
  }

  /** The server's connection limit, where it is known and its clients' pools could ask for more. */
  private connections(component: Component): StationId | undefined {
    const most = valueIn(component.maxConnections);
    if (most === undefined) return undefined;
    const asked = this.topology.pools
      .filter((it) => it.target === component.id && this.runs(it.client))
      .reduce((sum, it) => sum + (valueIn(it.max) ?? Number.POSITIVE_INFINITY) * this.instancesOf(this.hostOf(it.client)), 0);
    if (asked <= most) return undefined;
    const id = `connections of ${component.id}`;
    return this.station(
      { id, component: component.id, label: id, servers: Math.max(1, Math.round(most)), room: 0, discipline: 'fifo', refusal: refusalWords(component.engine) },
      { component: component.id, kind: 'connections', label: `connections of ${component.name}`, places: component.places },
    );
  }

  private station(station: Station, meta: StationMeta): StationId {
    if (this.meta.has(station.id)) return station.id;
    this.stations.push(station);
    this.meta.set(station.id, meta);
    return station.id;
  }

  /** The component in whose processes this one runs. */
  private hostOf(id: ComponentId): Component {
    const component = this.components.get(id);
    // A half-read workspace may name a component that nobody found: it runs alone.
    if (!component) return strayComponent(id);
    const host = component.runsIn === undefined ? undefined : this.components.get(component.runsIn);
    return host && host !== component ? host : component;
  }

  private groupOf(id: ComponentId): string {
    const host = this.hostOf(id);
    if (!this.groups.some((it) => it.id === host.id)) this.groups.push({ id: host.id, instances: this.instancesOf(host), balancer: 'random' });
    return host.id;
  }

  private instancesOf(host: Component): number {
    return Math.max(1, Math.round((valueIn(host.replicas) ?? 1) * (valueIn(host.processes) ?? 1)));
  }
}

/** Where a step stands: its endpoint, the CPU of its slices, the pools that are held around it. */
interface Inside {
  endpoint: Endpoint;
  cpu: { scale: number; replyMs: number };
  holding: readonly string[];
}

/** A spike begins after this much base load. */
export const SPIKE_AT_MS = 10_000;
/** A client that declares nothing gives up after this. */
export const DEFAULT_PATIENCE_MS = 10_000;

/** Splits an endpoint's CPU into its written steps and the slices that process replies; the sum stays. */
function cpuScaleOf(endpoint: Endpoint, topology: Topology): { scale: number; replyMs: number } {
  let total = 0;
  let replies = 0;
  walkSteps(endpoint.steps, (step, enclosing) => {
    let often = 1;
    for (const around of enclosing) if (around.kind === 'loop') often *= valueIn(around.times) ?? 1;
    if (step.kind === 'compute' && step.where === 'eventLoop') total += often * (valueIn(step.ms) ?? 0);
    else if (step.kind === 'query' || step.kind === 'request' || (step.kind === 'cache' && step.target !== endpoint.component)) replies += often;
    else if (step.kind === 'publish' && topology.channels.some((it) => it.id === step.channel)) replies += often;
  });
  if (total <= 0 || replies <= 0) return { scale: 1, replyMs: total > 0 ? 0 : REPLY_CPU_MS };
  const slices = Math.min(replies * REPLY_CPU_MS, total / 2);
  return { scale: (total - slices) / total, replyMs: slices / replies };
}

/**
 * A broker of whose capacity nobody knows anything: the time to hand it a message is its reply's latency, not work of its own,
 * for brokers write in batches and side by side. Redis runs its commands one after the other and stays a station.
 */
const isUncounted = ({ kind, parallelism }: Component): boolean => kind === 'queue' && (parallelism.state !== 'known' || parallelism.basis === 'assumed');

const strayComponent = (id: ComponentId): Component => ({
  id,
  name: id,
  kind: 'service',
  technology: '',
  aliases: [],
  scope: 'runtime',
  replicas: unknown('not found'),
  processes: unknown('not found'),
  cores: unknown('not found'),
  maxConnections: unknown('not found'),
  parallelism: unknown('not found'),
  places: [],
});

/** One of several spawns, each as likely. */
function shareOut(spawns: readonly Instruction[]): Instruction[] {
  const [first, ...rest] = spawns;
  if (!first || rest.length === 0) return first ? [first] : [];
  return [{ op: 'branch', probability: 1 / spawns.length, taken: [first], otherwise: shareOut(rest) }];
}
