import { type Place, unknown, valueIn } from '../../model/known.ts';
import type { Group, Instruction, Program, Station } from '../../model/network.ts';
import type { Breaker, Limiter } from '../../model/network-policies.ts';
import type { StationId, StationKind } from '../../model/outcome.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { ChannelId, Component, ComponentId, Endpoint, Pool, Topology } from '../../model/topology.ts';
import { instancesOf } from '../../model/uses.ts';
import { type Circles, circlesOf } from './circles.ts';
import type { EventLoop } from './compile-stations.ts';

/** What a station stands for in the topology. */
export interface StationMeta {
  component: ComponentId;
  target?: ComponentId;
  kind: StationKind;
  label: string;
  places: readonly Place[];
}

/** The parts of a network so far; lives for one `compile`. Parts are made at first need, so nothing is in it that no request reaches. */
export class Draft {
  readonly groups: Group[] = [];
  readonly stations: Station[] = [];
  readonly limiters: Limiter[] = [];
  readonly breakers: Breaker[] = [];
  readonly meta = new Map<StationId, StationMeta>();
  readonly programs = new Map<string, Program>();
  readonly channels = new Map<ChannelId, { station: StationId; programs: string[] }>();
  /** What was left out or taken for granted, as words. */
  readonly said = new Set<string>();
  readonly circles: Circles;
  readonly components: ReadonlyMap<ComponentId, Component>;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly roundTripMs: number;
  readonly topology: Topology;
  readonly scenario: Scenario;
  readonly shares: ReadonlyMap<string, number>;
  /** What was looked up before: where the slices of a component run, and the connections of a server where they are limited. */
  readonly eventLoops = new Map<ComponentId, EventLoop>();
  readonly connections = new Map<ComponentId, StationId | undefined>();
  /** How many programs were made of steps that nobody awaits. */
  inBackground = 0;

  constructor(topology: Topology, scenario: Scenario, shares: ReadonlyMap<string, number>) {
    this.topology = topology;
    this.scenario = scenario;
    this.shares = shares;
    this.components = new Map(topology.components.map((it) => [it.id, it]));
    this.pools = new Map(topology.pools.map((it) => [it.id, it]));
    this.endpoints = new Map(topology.endpoints.map((it) => [it.id, it]));
    this.roundTripMs = valueIn(topology.network.roundTripMs) ?? 0;
    this.circles = circlesOf(topology);
  }

  runs(id: ComponentId): boolean {
    return this.components.get(id)?.scope === 'runtime';
  }

  /** Adds a station unless it is there; its id. */
  station(station: Station, meta: StationMeta): StationId {
    if (this.meta.has(station.id)) return station.id;
    this.stations.push(station);
    this.meta.set(station.id, meta);
    return station.id;
  }

  /** The component in whose processes this one runs. */
  hostOf(id: ComponentId): Component {
    const component = this.components.get(id);
    // A half-read workspace may name a component that nobody found: it runs alone.
    if (!component) return strayComponent(id);
    const host = component.runsIn === undefined ? undefined : this.components.get(component.runsIn);
    return host && host !== component ? host : component;
  }

  /** Id of the group of processes that a component runs in. */
  groupOf(id: ComponentId): string {
    const host = this.hostOf(id);
    if (!this.groups.some((it) => it.id === host.id) && host.autoscaling)
      this.said.add(
        `autoscaling of ${host.name}: judged with its most, ${this.instancesOf(host)} replicas, where the load is steady; in a spike it is played from ${valueIn(host.autoscaling.least) ?? 1}, a new pod taking 10 s`,
      );
    if (!this.groups.some((it) => it.id === host.id)) this.groups.push({ id: host.id, instances: this.instancesOf(host), balancer: 'random', ...onDemandOf(host) });
    return host.id;
  }

  instancesOf(host: Component): number {
    if (host.onDemand) return Math.max(1, Math.round(valueIn(host.onDemand.most) ?? 1));
    return Math.round(instancesOf(host));
  }

  /** A step that its program does not wait for becomes a program of its own. */
  perhapsUnawaited(awaited: boolean, body: Instruction[], endpoint: Endpoint): Instruction[] {
    if (awaited || body.length === 0) return body;
    const id = `${endpoint.id} in the background ${++this.inBackground}`;
    this.programs.set(id, { id, group: this.groupOf(endpoint.component), body });
    return [{ op: 'spawn', program: id }];
  }
}

/** What the platform's callers read when it has no instance left. */
const NO_INSTANCE = 'TooManyRequestsException: Rate Exceeded';

function onDemandOf({ onDemand }: Component): Pick<Group, 'onDemand'> {
  if (!onDemand) return {};
  const coldStartMs = valueIn(onDemand.coldStartMs) ?? 0;
  // Cold starts have a long tail: unpacking and the first load of modules hit a cold disk now and then.
  return { onDemand: { coldStart: { kind: 'gamma', meanMs: Math.max(1, coldStartMs), cv2: 0.5 }, idleMs: valueIn(onDemand.idleMs) ?? 0, cause: NO_INSTANCE } };
}

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
