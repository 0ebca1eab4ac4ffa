import type { Known } from '../model/known.ts';
import type { Call, CallKind, Component, ComponentId, Endpoint, Topology } from '../model/topology.ts';

/** Columns of the picture from left to right; a column may have sub-columns (services that call services). */
export const TIERS = ['clients', 'edge', 'services', 'async', 'data', 'external'] as const;
export type Tier = (typeof TIERS)[number];

export const TIER_TITLES: Record<Tier, string> = { clients: 'Clients', edge: 'Edge', services: 'Services', async: 'Async', data: 'Data', external: 'Outside' };

/** Stands for whoever sends the load; no component may have this id, because ids hold no `@` in front. */
export const CLIENTS = '@clients';

/** How a caller depends on the answer: it waits, it hands over, or it asks a copy first. */
export type Manner = 'sync' | 'async' | 'cached';

export interface GraphNode {
  id: ComponentId;
  name: string;
  tier: Tier;
  /** Null for the clients. */
  component: Component | null;
  /** What the workspace says about its size, a line each: `2 replicas × 4 processes`, `pool of 10`; one replica is not said. */
  facts: readonly string[];
}

export interface GraphEdge {
  /** `<from>→<to>`; one edge stands for all calls between the two, in the direction in which work flows. */
  id: string;
  from: ComponentId;
  to: ComponentId;
  manner: Manner;
  kinds: readonly CallKind[];
  /** Names of queues and topics that it carries. */
  channels: readonly string[];
  calls: readonly Call[];
}

export interface Graph {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
}

export const edgeId = (from: ComponentId, to: ComponentId): string => `${from}→${to}`;

/** Boxes and arrows of a topology; development tools are left out unless asked for. Messages flow from broker to consumer, though the consumer calls. */
export function graphOf(topology: Topology, options: { dev?: boolean } = {}): Graph {
  const shown = topology.components.filter((it) => options.dev || it.scope !== 'dev');
  const ids = new Set(shown.map((it) => it.id));
  const edges = mergeCalls(
    topology,
    topology.calls.filter((it) => ids.has(it.from) && ids.has(it.to) && it.from !== it.to),
  );
  const entries = entryComponents(topology, shown);
  const nodes: GraphNode[] = shown.map((it) => ({ id: it.id, name: it.name, tier: tierOf(it, topology), component: it, facts: factsOf(it, topology) }));
  if (entries.length === 0) return { nodes, edges };
  const clients: GraphNode = { id: CLIENTS, name: 'Clients', tier: 'clients', component: null, facts: [] };
  const arrivals = entries.map((it): GraphEdge => ({ id: edgeId(CLIENTS, it), from: CLIENTS, to: it, manner: 'sync', kinds: ['http'], channels: [], calls: [] }));
  return { nodes: [clients, ...nodes], edges: [...arrivals, ...edges] };
}

/** Endpoints that the simulated clients call: those that are marked, else every one over HTTP. The simulator loads the same ones. */
export function entryEndpoints(topology: Topology): readonly Endpoint[] {
  const http = topology.endpoints.filter((it) => it.trigger.kind === 'http' && it.role !== 'excluded');
  const external = http.filter((it) => it.external);
  return external.length > 0 ? external : http;
}

/** Who takes load from outside. Behind a gateway only the gateway does. */
function entryComponents(topology: Topology, shown: readonly Component[]): ComponentId[] {
  const gateways = new Set(shown.filter((it) => it.kind === 'gateway').map((it) => it.id));
  const behindGateway = new Set(topology.calls.filter((it) => gateways.has(it.from)).map((it) => it.to));
  const external = new Set(entryEndpoints(topology).map((it) => it.component));
  const called = new Set(topology.calls.filter((it) => it.kind !== 'consume').map((it) => it.to));
  return shown.filter((it) => (external.has(it.id) && !behindGateway.has(it.id)) || ((it.kind === 'gateway' || it.kind === 'frontend') && !called.has(it.id))).map((it) => it.id);
}

function tierOf(component: Component, topology: Topology): Tier {
  switch (component.kind) {
    case 'gateway':
    case 'frontend':
      return 'edge';
    case 'service':
      return 'services';
    case 'worker':
    case 'scheduler':
    case 'queue':
    case 'topic':
      return 'async';
    case 'external-api':
    case 'observability':
      return 'external';
    default:
      return topology.channels.some((it) => it.broker === component.id) ? 'async' : 'data';
  }
}

function mergeCalls(topology: Topology, calls: readonly Call[]): GraphEdge[] {
  const merged = new Map<string, GraphEdge & { kinds: CallKind[]; channels: string[]; calls: Call[] }>();
  for (const call of calls) {
    const [from, to] = call.kind === 'consume' ? [call.to, call.from] : [call.from, call.to];
    const id = edgeId(from, to);
    const edge = merged.get(id) ?? { id, from, to, manner: mannerOf(call), kinds: [], channels: [], calls: [] };
    merged.set(id, { ...edge, manner: stronger(edge.manner, mannerOf(call)), kinds: [...new Set([...edge.kinds, call.kind])], calls: [...edge.calls, call] });
  }
  return [...merged.values()].map((it) => ({ ...it, channels: channelsOn(it, topology) }));
}

function channelsOn(edge: GraphEdge, topology: Topology): string[] {
  const names = topology.channels
    .filter(
      (it) =>
        (edge.kinds.includes('publish') && it.broker === edge.to && it.producers.some((p) => p.component === edge.from)) ||
        (edge.kinds.includes('consume') && it.broker === edge.from && it.consumers.some((c) => c.component === edge.to)),
    )
    .map((it) => it.name);
  return [...new Set(names)];
}

const mannerOf = (call: Call): Manner => (call.kind === 'cache' ? 'cached' : call.kind === 'publish' || call.kind === 'consume' || !call.sync ? 'async' : 'sync');
/** An edge that carries several manners is drawn as the one that hurts most when the target is slow. */
const stronger = (a: Manner, b: Manner): Manner => (a === 'sync' || b === 'sync' ? 'sync' : a === 'cached' || b === 'cached' ? 'cached' : 'async');

function factsOf(component: Component, topology: Topology): string[] {
  const facts: string[] = [];
  const host = topology.components.find((it) => it.id === component.runsIn);
  if (host) facts.push(`runs inside ${host.name}`);
  const size = sizeOf(component);
  if (size && !host) facts.push(size);
  const pools = topology.pools.filter((it) => it.client === component.id && !it.multiplexed);
  // One pool needs no name: its arrow shows where it leads.
  const targets = new Set(pools.map((it) => it.target));
  const sizes = pools.map((pool) => `of ${textOf(pool.max)}${targets.size > 1 ? ` → ${topology.components.find((it) => it.id === pool.target)?.name ?? pool.target}` : ''}`);
  for (const size of new Set(sizes)) {
    const alike = sizes.filter((it) => it === size).length;
    facts.push(`${alike > 1 ? `${alike} pools` : 'pool'} ${size}`);
  }
  const concurrencies = new Set(topology.channels.flatMap((it) => it.consumers.filter((c) => c.component === component.id).map((c) => textOf(c.concurrency))));
  if (concurrencies.size > 0) facts.push(`concurrency ${[...concurrencies].join(', ')}`);
  if (component.maxConnections.state === 'known') facts.push(`${textOf(component.maxConnections)} connections`);
  return facts;
}

function sizeOf(component: Component): string | null {
  const { replicas, processes } = component;
  if (
    replicas.state !== 'known' ||
    (replicas.value === 1 && !(processes.state === 'known' && processes.value > 1)) ||
    !['gateway', 'service', 'worker', 'frontend', 'scheduler'].includes(component.kind)
  )
    return null;
  const count = `${replicas.value} ${replicas.value === 1 ? 'replica' : 'replicas'}`;
  return processes.state === 'known' && processes.value > 1 ? `${count} × ${processes.value} processes` : count;
}

const textOf = (it: Known): string => (it.state === 'known' ? it.value.toLocaleString('en-US') : it.state === 'none' ? 'no limit' : '?');
