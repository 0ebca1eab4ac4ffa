import type { Outcome, StationOutcome } from '../model/outcome.ts';
import { type ComponentId, type Endpoint, innerSteps, type Step, type Topology } from '../model/topology.ts';
import { CLIENTS, edgeId, type GraphEdge } from './graph.ts';

/** How a part bears its load, in words that the canvas, the documents and the tree share. */
export const LOAD_STATES = ['ok', 'tight', 'saturated', 'failing', 'unknown', 'idle'] as const;
export type LoadState = (typeof LOAD_STATES)[number];

/** From here a queue grows faster than most people expect, and from here waits explode. */
const TIGHT_FROM = 0.7;
const SATURATED_FROM = 0.9;

export interface Load {
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
  const stations = outcome?.stations.filter((it) => it.component === component) ?? [];
  const station = stations.reduce<StationOutcome | null>((most, it) => (most === null || it.utilisation > most.utilisation ? it : most), null);
  if (!outcome || !station) return { state: 'unknown', station: null };
  if (station.arrivalsPerSecond === 0 && station.utilisation === 0) return { state: 'idle', station };
  const gaveWay = outcome.verdict === 'fails' && outcome.bindingComponent === component;
  return { state: gaveWay ? 'failing' : stateOf(station.utilisation), station };
}

/** Utilisation of the pool that an edge's calls go through; null where they go through none. */
export function poolOn(edge: GraphEdge, outcome: Outcome | null): StationOutcome | null {
  return outcome?.stations.find((it) => it.kind === 'pool' && it.component === edge.from && it.target === edge.to) ?? null;
}

/** Calls per second on each edge at the outcome's load; null where a share or a number of rounds is not known. Loops and branches count by their expected rounds. */
export function ratesOf(topology: Topology, outcome: Outcome): Map<string, number | null> {
  const rates = new Map<string, number | null>();
  const add = (id: string, rate: number | null): void => {
    const before = rates.get(id);
    rates.set(id, before === null || rate === null ? null : (before ?? 0) + rate);
  };
  const channels = new Map(topology.channels.map((it) => [it.id, it]));
  const offered = new Map(outcome.endpoints.map((it) => [it.id, it.offeredPerSecond]));
  for (const endpoint of topology.endpoints) {
    const rate = offered.get(endpoint.id);
    if (rate === undefined) continue;
    if (endpoint.trigger.kind === 'http' && endpoint.external) add(edgeId(CLIENTS, endpoint.component), rate);
    visit(endpoint, endpoint.steps, rate, (step, times) => {
      if (step.kind === 'publish') {
        const channel = channels.get(step.channel);
        if (channel) add(edgeId(endpoint.component, channel.broker), times);
      } else if ('target' in step) add(edgeId(endpoint.component, step.target), times);
    });
  }
  for (const channel of outcome.channels) {
    const known = channels.get(channel.id);
    for (const consumer of known?.consumers ?? []) add(edgeId(known!.broker, consumer.component), Math.min(channel.inPerSecond, channel.drainPerSecond));
  }
  return rates;
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

/** `1,240/s`, `3.2/s`: two significant digits below ten, whole numbers above. */
export function rateText(perSecond: number): string {
  return `${numberText(perSecond)}/s`;
}

export function numberText(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 10) return Math.round(value).toLocaleString('en-US');
  return `${Number(value.toPrecision(2))}`;
}

export function percentText(share: number): string {
  if (!Number.isFinite(share)) return 'over 999%';
  return share > 9.99 ? 'over 999%' : `${Math.round(share * 100)}%`;
}
