import type { Network, Station } from '../../model/network.ts';
import type { StationKind } from '../../model/outcome.ts';
import type { Marginal } from '../../model/replies.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { ask, type Asked } from '../solve/ask.ts';
import { endpointsOf, totalsOf } from './at-target.ts';
import type { Progress } from '../engine/play.ts';
import { toTheEnd } from '../engine/slices.ts';
import { flatten } from '../solve/flatten.ts';
import { breaksAtOf } from '../solve/measures.ts';
import { solveAt } from '../solve/solve-at.ts';
import { stateFor } from '../solve/state.ts';

/** A limiter has no servers. */
const ADDS: Readonly<Record<Exclude<StationKind, 'limiter'>, Marginal['adds']>> = {
  pool: 'connection',
  connections: 'connection',
  eventLoop: 'replica',
  threadPool: 'thread',
  store: 'core',
  consumer: 'worker',
  host: 'core',
  external: 'core',
};
/** Stands for "does not break" where a number is needed. */
const MOST = 1e6;

/** What one server more at each station would do to the breaking point and to the p95 at the target, by `solve`; what helps most comes first. */
export const marginal = (topology: Topology, scenario: Scenario): Marginal[] => toTheEnd(marginalInSlices(topology, scenario));

/** The same station by station, for callers that must not stand still: each takes as long as a breaking point. */
export function* marginalInSlices(topology: Topology, scenario: Scenario): Generator<Progress, Marginal[], void> {
  const asked = ask(topology, scenario);
  const { compiled, question } = asked;
  if (question.flat.sources === 0) return [];
  const breaksAtBefore = breaksAtOf(question);
  const p95BeforeMs = p95Of(asked, scenario.targetPerSecond);
  const found: Marginal[] = [];
  const { stations } = compiled.network;
  for (const [index, station] of stations.entries()) {
    yield { atMs: 0, share: index / stations.length, requests: 0, events: 0 };
    const meta = compiled.stations.get(station.id);
    if (!meta || meta.kind === 'limiter' || station.servers === null) continue;
    const more: Asked = { ...asked, compiled: { ...compiled, network: withOneMore(compiled.network, station, meta.kind) } };
    const flat = flatten(more.compiled.network);
    const changed: Asked = { ...more, question: { ...question, flat, state: stateFor(flat) } };
    found.push({
      station: station.id,
      component: meta.component,
      label: meta.label,
      kind: meta.kind,
      adds: ADDS[meta.kind],
      breaksAtBefore,
      breaksAtAfter: breaksAtOf(changed.question),
      p95BeforeMs,
      p95AfterMs: p95Of(changed, scenario.targetPerSecond),
    });
  }
  const gain = (it: Marginal): number => (it.breaksAtAfter ?? MOST) - (it.breaksAtBefore ?? MOST);
  const saved = (it: Marginal): number => (it.p95BeforeMs ?? Number.MAX_VALUE) - (it.p95AfterMs ?? Number.MAX_VALUE);
  return found.sort((a, b) => gain(b) - gain(a) || saved(b) - saved(a));
}

function p95Of(asked: Asked, target: number): number | null {
  solveAt(asked.question.flat, asked.question.state, target);
  return totalsOf(asked, endpointsOf(asked)).latencyMs?.p95 ?? null;
}

/** One more process for an event loop, with the pools that it brings; else one more server in each instance. */
function withOneMore(network: Network, station: Station, kind: StationKind): Network {
  if (kind === 'eventLoop' && station.group !== undefined)
    return { ...network, groups: network.groups.map((it) => (it.id === station.group ? { ...it, instances: it.instances + 1 } : it)) };
  return { ...network, stations: network.stations.map((it) => (it.id === station.id ? { ...it, servers: (it.servers ?? 0) + 1 } : it)) };
}
