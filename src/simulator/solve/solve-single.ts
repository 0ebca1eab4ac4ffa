import type { Distribution, Network, Source, Station } from '../../model/network.ts';
import { exp } from '../arithmetic.ts';
import { meanMsOf, variationOf } from '../laws.ts';
import { HARDLY_ANY, inTime } from './in-time.ts';
import { modulatedQueue } from './modulated-queue.ts';
import { patienceQueue } from './patience-queue.ts';
import { constantGap, type Gap, gammaGap, hyperexponentialGap, quantileOfTail, renewalQueue, sojournTail } from './renewal-queue.ts';
import type { Latency, Solution, SourceSolution, StationSolution } from './solution.ts';
import { quantile, tailOf } from './gamma-law.ts';
import { erlangC } from './waits.ts';

/** A network that is one station: each source asks for it once, and nothing else happens. */
interface Single {
  station: Station;
  servers: number;
  /** Independent stations of which every n-th customer comes to each (round robin); 1 for one. */
  turns: number;
  classes: readonly { source: Source; rate: number; service: Distribution; meanMs: number; patience: Distribution | number | null; priority: number }[];
}

/** What is known of the customers of one source. */
interface Told {
  waitMs: number;
  latency: Latency;
  tail(ms: number): number;
  /** The law is known, not only its first moments. */
  isLaw: boolean;
  /** How much longer than its service one is at a server, where servers stand still. */
  stretch?: number;
  expired?: number;
  /** Mean number waiting, where not all who wait are served. */
  queue?: number;
}

/**
 * Single queues that the general solver does not know but theory does: GI/M/c (paced, renewal, every n-th of a Poisson stream), MMPP/M/1, batches, priorities that do not interrupt,
 * patience, a server that breaks down. Null where the network is none of these.
 */
export function solveSingle(network: Network, perSecond: number | undefined): Solution | null {
  const single = singleOf(network, perSecond);
  if (!single) return null;
  const { classes, servers } = single;
  const rate = classes.reduce((sum, it) => sum + it.rate, 0);
  const work = classes.reduce((sum, it) => sum + it.rate * it.meanMs, 0);
  if (rate <= 0) return null;
  const told = tell(single, network, rate, work);
  if (told === undefined) return null;
  // Who gives up depends on the whole law: its moments are no more than a guess.
  if (told?.some((it, at) => !it.isLaw && (classes[at]?.source.patienceMs ?? null) !== null && it.tail(classes[at]?.source.patienceMs as number) > HARDLY_ANY)) return null;
  const stretch = told?.[0]?.stretch ?? 1;
  const heldMs = (work / rate) * stretch;
  const expired = told?.[0]?.expired ?? 0;
  const mean = told ? told.reduce((sum, it, at) => sum + it.waitMs * (classes[at]?.rate ?? 0), 0) / rate : null;
  const station: StationSolution = {
    id: single.station.id,
    utilisation: (work / servers / single.turns) * stretch,
    arrivalsPerSecond: rate * 1000,
    meanHoldMs: heldMs,
    meanWaitMs: mean,
    meanQueue: mean === null ? null : (told?.[0]?.queue ?? (rate * mean) / single.turns),
    refusedShare: 0,
    expiredShare: expired,
  };
  const sources = classes.map(({ source, rate: own }, at): SourceSolution => {
    const it = told?.[at];
    const late = it && source.patienceMs !== null ? it.tail(source.patienceMs) : 0;
    return {
      id: source.id,
      offeredPerSecond: own * 1000,
      errorShare: it ? expired + (1 - expired) * late : null,
      latencyMs: it ? inTime(it.latency, it.tail, source.patienceMs) : null,
    };
  });
  const isTold = told !== null;
  return { stable: isTold, validity: isTold ? { kind: 'exact' } : { kind: 'throughputOnly', why: `${station.id} is offered more than it can do` }, stations: [station], sources };
}

function singleOf(network: Network, perSecond: number | undefined): Single | null {
  const [station] = network.stations;
  if (
    network.stations.length !== 1 ||
    !station ||
    station.servers === null ||
    station.room !== null ||
    station.scalability ||
    station.discipline === 'processorSharing' ||
    station.discipline === 'eventLoop'
  )
    return null;
  if ((network.limiters ?? []).length + (network.caches ?? []).length + (network.breakers ?? []).length > 0) return null;
  const programs = new Map(network.programs.map((it) => [it.id, it]));
  const group = network.groups.find((it) => it.id === station.group);
  if (station.group !== undefined && (!group || group.autoscaling || group.onDemand || group.memory)) return null;
  const turns = group && group.instances > 1 ? group.instances : 1;
  if (turns > 1 && group?.balancer !== 'roundRobin') return null;
  const classes: Single['classes'][number][] = [];
  for (const source of network.sources) {
    const program = programs.get(source.program);
    const [step] = program?.body ?? [];
    if (program?.body.length !== 1 || step?.op !== 'serve' || program.job || source.closed || source.burst !== undefined || (source.phases ?? []).length > 1) return null;
    if (source.phases?.some((it) => it.toPerSecond !== undefined)) return null;
    if (turns > 1 && program.group !== station.group) return null;
    const own = perSecond !== undefined && source.share > 0 ? perSecond * source.share : (source.phases?.[0]?.perSecond ?? 0);
    classes.push({ source, rate: own / 1000, service: step.service, meanMs: meanMsOf(step.service), patience: step.waitLimitMs ?? null, priority: step.priority ?? 0 });
  }
  return classes.length > 0 ? { station, servers: station.servers, turns, classes } : null;
}

const isExponential = (law: Distribution): boolean => law.kind === 'exponential';
const UNKNOWN = undefined;

/** Per class; null where there is no steady state, undefined where no formula fits. */
function tell(single: Single, network: Network, rate: number, work: number): readonly Told[] | null | undefined {
  const { classes, servers, station, turns } = single;
  const [first] = classes;
  if (!first) return UNKNOWN;
  const faults = network.faults ?? [];
  const isPoisson = classes.every((it) => it.source.arrivals === 'poisson');
  const noneLeaves = classes.every((it) => it.patience === null);
  const alike = classes.every((it) => isExponential(it.service) && Math.abs(it.meanMs - first.meanMs) < 1e-12 * first.meanMs);
  if (faults.length > 0) {
    const only = faults.length === 1 && classes.length === 1 && isPoisson && noneLeaves && alike && servers === 1 && turns === 1 && station.discipline === 'fifo';
    return only ? breaking(first, faults[0] as NonNullable<Network['faults']>[number]) : UNKNOWN;
  }
  if (station.discipline === 'priority') return isPoisson && noneLeaves && turns === 1 && (servers === 1 || alike) ? byPriority(single, work) : UNKNOWN;
  if (!alike || classes.length > 1) return UNKNOWN;
  if (!noneLeaves) {
    const { patience } = first;
    if (turns > 1 || !isPoisson || typeof patience !== 'object' || patience === null || patience.kind !== 'exponential') return UNKNOWN;
    const it = patienceQueue(servers, rate, first.meanMs, patience.meanMs);
    return [{ ...byGamma(it.wait, it.variance, first.meanMs, first.meanMs * first.meanMs), expired: it.expired, queue: it.queue }];
  }
  const arrivals = first.source.arrivals;
  if (typeof arrivals === 'object' && (arrivals.kind === 'mmpp' || arrivals.kind === 'batch')) {
    if (servers !== 1 || turns > 1) return UNKNOWN;
    if (arrivals.kind === 'batch') {
      if (work >= 1) return null;
      // Geometric batches: what an arrival finds is geometric again, so that its stay is exponential.
      return [ofTail((arrivals.meanSize * first.meanMs) / (1 - work), first.meanMs, (mean) => (ms) => exp(-ms / mean))];
    }
    const queue = modulatedQueue(
      arrivals.states.map((it) => ({ rate: it.factor * rate, stayMs: it.meanMs })),
      first.meanMs,
    );
    return queue ? [ofTail(queue.mean / modulatedRate(arrivals.states, rate), first.meanMs, () => queue.tail)] : null;
  }
  if (isPoisson && turns === 1) {
    if (work >= servers) return null;
    const law = { waits: erlangC(servers, work), endsAt: (servers - work) / first.meanMs };
    return [ofTail(first.meanMs + law.waits / law.endsAt, first.meanMs, () => (ms) => sojournTail(law, first.meanMs, ms))];
  }
  const gap = gapOf(arrivals, rate, turns);
  if (!gap) return UNKNOWN;
  const law = renewalQueue(gap, servers, rate / turns, first.meanMs);
  return law && [ofTail(first.meanMs + law.waits / law.endsAt, first.meanMs, () => (ms) => sojournTail(law, first.meanMs, ms))];
}

/** The mean rate of a modulated stream, whose factors need not make 1. */
function modulatedRate(states: readonly { factor: number; meanMs: number }[], rate: number): number {
  const all = states.reduce((sum, it) => sum + it.meanMs, 0);
  return states.reduce((sum, it) => sum + (it.factor * rate * it.meanMs) / all, 0);
}

function gapOf(arrivals: Source['arrivals'], rate: number, turns: number): Gap | null {
  if (arrivals === 'poisson') return gammaGap(rate / turns, 1 / turns);
  if (turns > 1) return null;
  if (arrivals === 'deterministic') return constantGap(rate);
  if (arrivals.kind !== 'renewal') return null;
  if (arrivals.cv2 === 0) return constantGap(rate);
  return arrivals.cv2 > 1 ? hyperexponentialGap(rate, arrivals.cv2) : gammaGap(rate, arrivals.cv2);
}

/** Cobham 1954 (one server, any law), and his formula for several with one exponential law; the lowest number first. Quantiles by a gamma law. */
function byPriority({ classes, servers }: Single, work: number): readonly Told[] | null {
  if (work >= servers) return null;
  const rest =
    servers === 1
      ? classes.reduce((sum, it) => sum + (it.rate * it.meanMs * it.meanMs * (1 + variationOf(it.service))) / 2, 0)
      : (erlangC(servers, work) * (classes[0]?.meanMs ?? 0)) / servers;
  const waits = servers === 1 ? work : erlangC(servers, work);
  return classes.map((own) => {
    const upTo = (includes: boolean): number =>
      classes.reduce((sum, it) => sum + (it.priority < own.priority || (includes && it.priority === own.priority) ? it.rate * it.meanMs : 0), 0) / servers;
    const wait = rest / ((1 - upTo(false)) * (1 - upTo(true)));
    return byGamma(wait, (2 * wait * wait) / waits - wait * wait, own.meanMs, own.meanMs * own.meanMs * variationOf(own.service));
  });
}

/** M/M/1 whose server stops and goes on, both after exponential times (White and Christie 1958). Quantiles by an exponential law. */
function breaking(only: Single['classes'][number], fault: NonNullable<Network['faults']>[number]): readonly Told[] | null | undefined {
  if (fault.kind !== 'freeze' || !('up' in fault) || !isExponential(fault.up) || !isExponential(fault.down)) return UNKNOWN;
  const [fails, repairs, mu] = [1 / meanMsOf(fault.up), 1 / meanMsOf(fault.down), 1 / only.meanMs];
  const idle = repairs * mu - only.rate * (fails + repairs);
  if (idle <= 0) return null;
  const present = (only.rate * ((fails + repairs) * (fails + repairs) + mu * fails)) / ((fails + repairs) * idle);
  const stay = present / only.rate;
  // A server that stands still keeps whom it serves.
  const stretch = 1 + fails / repairs;
  const held = only.meanMs * stretch;
  return [{ ...byGamma(stay - held, Math.max(0, stay * stay - held * held), held, held * held), stretch }];
}

function ofTail(meanMs: number, serviceMs: number, make: (mean: number) => (ms: number) => number): Told {
  const tail = make(meanMs);
  const at = (share: number): number => quantileOfTail(tail, share, meanMs);
  return { waitMs: meanMs - serviceMs, latency: { mean: meanMs, p50: at(0.5), p95: at(0.05), p99: at(0.01) }, tail, isLaw: true };
}

function byGamma(waitMs: number, waitVariance: number, serviceMs: number, serviceVariance: number): Told {
  const mean = waitMs + serviceMs;
  const variance = waitVariance + serviceVariance;
  return {
    waitMs,
    latency: { mean, p50: quantile(mean, variance, 0.5), p95: quantile(mean, variance, 0.05), p99: quantile(mean, variance, 0.01) },
    tail: (ms) => tailOf(mean, variance, ms),
    isLaw: false,
  };
}
