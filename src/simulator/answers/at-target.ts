import type { ChannelOutcome, EndpointOutcome, Outcome, StationOutcome } from '../../model/outcome.ts';
import { responseTail } from '../solve/response-law.ts';
import type { Asked } from '../solve/ask.ts';
import { CALL_TIMEOUT } from '../compile/cause-words.ts';
import { HOLD, SERVE } from '../solve/node-kinds.ts';
import { sustainedBy } from '../solve/limiter-loss.ts';
import { type Question, unloadedP95Of } from '../solve/measures.ts';
import { errorShareOf, latencyOf, stationSolution } from '../solve/solve.ts';

const GROWTH_SECONDS = 60;

/** Over all endpoints; like everything here it expects the state solved at the target. */
export function totalsOf(asked: Asked, endpoints: readonly EndpointOutcome[]): Pick<Outcome, 'goodputPerSecond' | 'errorShare' | 'errorsByCause' | 'latencyMs'> {
  const { question, compiled } = asked;
  const offered = endpoints.reduce((sum, it) => sum + it.offeredPerSecond, 0);
  const goodput = endpoints.reduce((sum, it) => sum + it.goodputPerSecond, 0);
  const errorsByCause: Record<string, number> = {};
  compiled.network.stations.forEach((station, s) => {
    const arrivals = (question.state.arrivals[s] as number) * 1000;
    add(errorsByCause, station.refusal ?? CALL_TIMEOUT, arrivals * (question.state.refused[s] as number));
    add(errorsByCause, station.timeout ?? CALL_TIMEOUT, arrivals * (question.state.expired[s] as number));
  });
  question.flat.limiters.forEach((limiter, index) => {
    const s = question.flat.firstLimiter + index;
    add(errorsByCause, limiter.cause, (question.state.arrivals[s] as number) * 1000 * (question.state.refused[s] as number));
  });
  return {
    goodputPerSecond: goodput,
    errorShare: offered > 0 ? 1 - goodput / offered : 0,
    errorsByCause,
    latencyMs: question.state.stable ? overallLatency(asked, endpoints) : null,
  };
}

function add(into: Record<string, number>, cause: string, perSecond: number): void {
  if (perSecond > 1e-6) into[cause] = (into[cause] ?? 0) + perSecond;
}

/** Quantiles over all requests: of the mixture of the endpoints' gamma laws, by bisection between the lowest and the highest of their own quantiles. */
function overallLatency({ question }: Asked, endpoints: readonly EndpointOutcome[]): Outcome['latencyMs'] {
  const { flat, state } = question;
  const loaded = Array.from(flat.rootShare.keys()).filter((root) => (flat.rootShare[root] as number) > 0);
  const total = loaded.reduce((sum, root) => sum + (state.rootRate[root] as number), 0);
  if (total <= 0) return null;
  const at = (name: 'p50' | 'p95' | 'p99', tail: number): number => {
    const own = endpoints.flatMap((it) => (it.latencyMs ? [it.latencyMs[name]] : []));
    let low = Math.min(...own);
    let high = Math.max(...own);
    for (let round = 0; round < 24 && high > low * 1.0005; round++) {
      const middle = (low + high) / 2;
      const above = loaded.reduce((sum, root) => {
        const node = flat.rootNode[root] as number;
        return sum + (state.rootRate[root] as number) * responseTail(state, node, middle);
      }, 0);
      if (above > tail * total) low = middle;
      else high = middle;
    }
    return high;
  };
  return { p50: at('p50', 0.5), p95: at('p95', 0.05), p99: at('p99', 0.01) };
}

/** Each endpoint that takes load. */
export function endpointsOf({ question, compiled }: Asked): EndpointOutcome[] {
  const { flat, state } = question;
  return compiled.network.sources.flatMap((source, root): EndpointOutcome[] => {
    if (source.share <= 0) return [];
    const offered = (state.rootRate[root] as number) * 1000;
    const errorShare = Math.min(1, errorShareOf(flat, state, root, question.patienceMs[root] ?? null));
    return [
      {
        id: source.id,
        offeredPerSecond: offered,
        goodputPerSecond: offered * (1 - errorShare) * throughShare(question, root),
        errorShare,
        latencyMs: latencyOf(flat, state, root),
        objectiveP95Ms: question.p95Ms[root] as number,
        unloadedP95Ms: unloadedP95Of(question, root),
      },
    ];
  });
}

/** Share of a source's requests that its slowest station can carry when it is overloaded. */
function throughShare(question: Question, root: number): number {
  const { flat, state } = question;
  if (state.stable) return 1;
  const end = root + 1 < flat.rootNode.length ? (flat.rootNode[root + 1] as number) : flat.nodes;
  let share = 1;
  for (let node = flat.rootNode[root] as number; node < end; node++) {
    const station = flat.target[node] as number;
    if (flat.kind[node] !== SERVE && flat.kind[node] !== HOLD) continue;
    if (!flat.after[node] && (state.rate[node] as number) > 0 && state.unstable[station]) share = Math.min(share, 1 / Math.max(1, state.utilisation[station] as number));
  }
  return share;
}

/** Each station that stands for something in the topology. */
export function stationsOf(asked: Asked): StationOutcome[] {
  const { question, compiled } = asked;
  const stations = compiled.network.stations.flatMap((station, s): StationOutcome[] => {
    const meta = compiled.stations.get(station.id);
    if (!meta) return [];
    const solved = stationSolution(question.flat, question.state, s);
    return [
      {
        id: station.id,
        component: meta.component,
        ...(meta.target !== undefined && { target: meta.target }),
        kind: meta.kind,
        label: meta.label,
        servers: station.servers,
        instances: question.flat.instances[s] as number,
        utilisation: solved.utilisation,
        meanQueue: solved.meanQueue,
        meanWaitMs: solved.meanWaitMs,
        meanHoldMs: solved.arrivalsPerSecond > 0 ? solved.meanHoldMs : null,
        arrivalsPerSecond: solved.arrivalsPerSecond,
        places: meta.places,
      },
    ];
  });
  return [...stations, ...limitersOf(asked)];
}

/** Limiters that all clients share: how much of what they let pass is asked for. One per client says nothing about its component. */
function limitersOf({ question, compiled }: Asked): StationOutcome[] {
  const { flat, state } = question;
  return flat.limiters.flatMap((limiter, index): StationOutcome[] => {
    const s = flat.firstLimiter + index;
    const meta = compiled.stations.get(limiter.id);
    if (!meta || question.blameless.includes(s)) return [];
    const arrivals = (state.arrivals[s] as number) * 1000;
    const instances = flat.instances[s] as number;
    return [
      {
        id: limiter.id,
        component: meta.component,
        kind: 'limiter',
        label: meta.label,
        servers: null,
        instances,
        utilisation: arrivals / instances / sustainedBy(limiter),
        meanQueue: 0,
        meanWaitMs: state.wait[s] as number,
        meanHoldMs: null,
        arrivalsPerSecond: arrivals,
        places: meta.places,
      },
    ];
  });
}

/** Each channel whose messages run a program. */
export function channelsOf(asked: Asked): ChannelOutcome[] {
  const { question, compiled } = asked;
  const { flat, state } = question;
  return [...compiled.channels].map(([id, channel]): ChannelOutcome => {
    const s = flat.stationIds.indexOf(channel.station);
    const rate = channel.programs.reduce((sum, program) => sum + (state.rootRate[flat.rootProgram.indexOf(program)] ?? 0), 0) * 1000;
    const all = (state.arrivals[s] as number) * 1000;
    const utilisation = flat.servers[s] === Number.POSITIVE_INFINITY ? busiestOnTheWay(asked.question, channel.programs) : (state.utilisation[s] as number);
    // Several channels may share the workers: each drains in proportion to what it brings.
    const drain = utilisation > 0 ? rate / utilisation : 0;
    const growth = utilisation > 1 && all > 0 ? rate * (1 - 1 / utilisation) : 0;
    return { id, inPerSecond: rate, drainPerSecond: drain, backlogGrowthPerSecond: growth, meanAgeMs: state.unstable[s] ? null : (state.wait[s] as number) };
  });
}

/** Consumers without a limit drain as fast as the busiest station that their handlers pass. */
function busiestOnTheWay({ flat, state }: Question, programs: readonly string[]): number {
  let busiest = 0;
  for (const program of programs) {
    const root = flat.rootProgram.indexOf(program);
    if (root < 0) continue;
    const end = root + 1 < flat.rootNode.length ? (flat.rootNode[root + 1] as number) : flat.nodes;
    for (let node = flat.rootNode[root] as number; node < end; node++)
      if (flat.kind[node] === SERVE || flat.kind[node] === HOLD) busiest = Math.max(busiest, state.utilisation[flat.target[node] as number] as number);
  }
  return busiest;
}

/** What an overload does in its first minute; null in a steady state. */
export function growingOf(question: Question, target: number, saturates: number | null): Outcome['growing'] {
  if (question.state.stable || saturates === null) return null;
  const rate = Math.max(0, target - saturates);
  const capacity = Math.max(saturates, 1e-3);
  // A request that comes at t waits for the backlog of t seconds; 95% of a minute's requests come before 57 s.
  const behindMs = (0.95 * GROWTH_SECONDS * rate * 1000) / capacity;
  const unloaded = Math.max(0, ...question.p95Ms.map((_, root) => unloadedP95Of(question, root)));
  return { requestsPerSecond: rate, p95After60sMs: behindMs + unloaded };
}
