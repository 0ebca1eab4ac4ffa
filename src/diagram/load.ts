import { MOST_USED, used } from '../model/amounts.ts';
import type { Outcome, StationOutcome } from '../model/outcome.ts';
import { type ComponentId, type Endpoint, innerSteps, type Step, type Topology } from '../model/topology.ts';
import { CLIENTS, edgeId, entryEndpoints, type GraphEdge } from './graph.ts';

/** How a part bears its load, in words that the canvas, the documents and the tree share. */
export const LOAD_STATES = ['ok', 'tight', 'saturated', 'failing', 'unknown', 'idle'] as const;
export type LoadState = (typeof LOAD_STATES)[number];

/** From here a queue grows faster than most people expect, and from here waits explode. */
const TIGHT_FROM = 0.7;
const SATURATED_FROM = 0.9;

export interface Load {
  /** `unknown` also where the verdict is open: a figure that rests on assumed times accuses nobody. */
  state: LoadState;
  /** The busiest station of the part; null where nothing of it takes load, or nobody knows. */
  station: StationOutcome | null;
}

export function stateOf(utilisation: number): LoadState {
  if (!Number.isFinite(utilisation) || utilisation >= 1) return 'failing';
  if (utilisation >= SATURATED_FROM) return 'saturated';
  return utilisation >= TIGHT_FROM ? 'tight' : 'ok';
}

/** The load of one component. `unknown` where the simulator says nothing of it, `idle` where it has stations that nothing reaches. */
export function loadOf(component: ComponentId, outcome: Outcome | null): Load {
  // A limiter that refuses keeps its component idle, not busy.
  const stations = outcome?.stations.filter((it) => it.component === component && it.kind !== 'limiter') ?? [];
  const station = stations.reduce<StationOutcome | null>((most, it) => (most === null || it.utilisation > most.utilisation ? it : most), null);
  if (!outcome || !station) return { state: 'unknown', station: null };
  if (station.arrivalsPerSecond === 0 && station.utilisation === 0) return { state: 'idle', station };
  const gaveWay = outcome.verdict === 'fails' && outcome.bindingComponent === component;
  return { state: gaveWay ? 'failing' : judged(station.utilisation, outcome), station };
}

function judged(utilisation: number, outcome: Outcome): LoadState {
  const state = stateOf(utilisation);
  return outcome.verdict === 'unknown' && (state === 'saturated' || state === 'failing') ? 'unknown' : state;
}

/**
 * Share in words, marked as a guess where the verdict is open.
 * Empty for what gives way first and has little to do at the load that was asked for: what stands before it fails there, too, and lets less through.
 */
export function shareOf(station: StationOutcome, outcome: Outcome | null): string {
  const isSpared = outcome?.verdict === 'fails' && outcome.bindingComponent === station.component && station.utilisation < TIGHT_FROM;
  return isSpared ? '' : `${outcome?.verdict === 'unknown' && station.utilisation <= MOST_USED ? '≈' : ''}${used(station.utilisation)}`;
}

/** Utilisation of the pool that an edge's calls go through; null where they go through none. */
export function poolOn(edge: GraphEdge, outcome: Outcome | null): { state: LoadState; station: StationOutcome } | null {
  const station = outcome?.stations.find((it) => it.kind === 'pool' && it.component === edge.from && it.target === edge.to);
  return outcome && station ? { state: judged(station.utilisation, outcome), station } : null;
}

/** Calls in a row that are followed; a circle of services ends here. */
const DEEPEST = 12;

/**
 * Calls per second on each edge at the outcome's load, followed from the entries through calls and queues; null where a share or a number of rounds is not known.
 * All endpoints that are as many calls away are looked at together: jobs that lead to jobs make more ways than could be walked one by one.
 */
export function ratesOf(topology: Topology, outcome: Outcome): Map<string, number | null> {
  const rates = new Map<string, number | null>();
  const runOf = runsOf(topology, outcome);
  let arriving = new Map<string, number | null>();
  const offered = new Map(outcome.endpoints.map((it) => [it.id, it.offeredPerSecond]));
  for (const { id, component } of entryEndpoints(topology)) {
    const rate = offered.get(id);
    if (rate === undefined) continue;
    add(rates, edgeId(CLIENTS, component), rate);
    add(arriving, id, rate);
  }
  for (const { id, trigger } of topology.endpoints)
    if (trigger.kind === 'schedule') add(arriving, id, trigger.everyMs.state === 'known' && trigger.everyMs.value > 0 ? 1000 / trigger.everyMs.value : null);
  for (let calls = 0; calls <= DEEPEST && arriving.size > 0; calls++) {
    const next = new Map<string, number | null>();
    for (const [id, rate] of arriving) {
      const run = runOf(id);
      for (const [edge, times] of run?.edges ?? []) add(rates, edge, product(rate, times));
      for (const [endpoint, times] of run?.calls ?? []) add(next, endpoint, product(rate, times));
    }
    arriving = next;
  }
  return rates;
}

/** What one run of an endpoint does: how often it takes each edge, and how often it sets each other endpoint going. */
interface Run {
  edges: ReadonlyMap<string, number | null>;
  calls: ReadonlyMap<string, number | null>;
}

/** The run of an endpoint by its id, each worked out once; undefined for one that is not there. */
function runsOf(topology: Topology, outcome: Outcome): (id: string) => Run | undefined {
  const channels = new Map(topology.channels.map((it) => [it.id, it]));
  const drained = new Map(outcome.channels.map((it) => [it.id, it.inPerSecond > 0 ? Math.min(1, it.drainPerSecond / it.inPerSecond) : 1]));
  const endpoints = new Map(topology.endpoints.map((it) => [it.id, it]));
  const made = new Map<string, Run>();
  const runOf = (endpoint: Endpoint): Run => {
    const [edges, calls] = [new Map<string, number | null>(), new Map<string, number | null>()];
    visit(endpoint, endpoint.steps, 1, (step, times) => {
      if (step.kind === 'publish') {
        const channel = channels.get(step.channel);
        if (!channel) return;
        add(edges, edgeId(endpoint.component, channel.broker), times);
        const taken = product(times, drained.get(channel.id) ?? 1);
        // A topic's consumers each get every message, a queue's share them: how is not known, so only one is followed unless the message names its own.
        const job = step.job === undefined ? undefined : endpoints.get(step.job);
        const consumers = channel.kind === 'topic' ? channel.consumers : job ? [{ component: job.component, endpoint: job.id }] : channel.consumers.slice(0, 1);
        for (const consumer of consumers) {
          add(edges, edgeId(channel.broker, consumer.component), taken);
          if (consumer.endpoint !== undefined) add(calls, consumer.endpoint, taken);
        }
      } else if ('target' in step) {
        add(edges, edgeId(endpoint.component, step.target), times);
        if (step.kind === 'request' && step.endpoint !== undefined) add(calls, step.endpoint, times);
      }
    });
    return { edges, calls };
  };
  return (id) => {
    const endpoint = endpoints.get(id);
    if (!endpoint) return undefined;
    const run = made.get(id) ?? runOf(endpoint);
    made.set(id, run);
    return run;
  };
}

const product = (rate: number | null, times: number | null): number | null => (rate === null || times === null ? null : rate * times);

/** One part that nobody knows makes the sum unknown. */
function add(sums: Map<string, number | null>, id: string, rate: number | null): void {
  const before = sums.get(id);
  sums.set(id, before === null || rate === null ? null : (before ?? 0) + rate);
}

function visit(endpoint: Endpoint, steps: readonly Step[], times: number | null, tell: (step: Step, times: number | null) => void): void {
  for (const step of steps) {
    tell(step, times);
    innerSteps(step).forEach((inner, index) => {
      visit(endpoint, inner, times === null ? null : scaled(step, index, times), tell);
    });
  }
}

function scaled(step: Step, index: number, times: number): number | null {
  if (step.kind === 'loop') return step.times.state === 'known' ? times * step.times.value : null;
  if (step.kind === 'branch') return step.probability.state === 'known' ? times * (index === 0 ? step.probability.value : 1 - step.probability.value) : null;
  if (step.kind === 'cache') return step.hitRatio.state === 'known' ? times * (1 - step.hitRatio.value) : null;
  return times;
}
