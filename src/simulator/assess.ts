import { withInputs } from '../model/inputs.ts';
import type { ChannelOutcome, Criterion, EndpointOutcome, Outcome, RateRange, Rung, SpikeOutcome, StationOutcome, Verdict } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/topology.ts';
import { log } from './arithmetic.ts';
import { type Asked, ask, DEFAULT_AGE_SECONDS, DEFAULT_ERROR_SHARE } from './ask.ts';
import { breakEvens } from './break-even.ts';
import { CALL_TIMEOUT } from './cause-words.ts';
import { breaksAtOf, criterionAt, failing, type Question, saturatesAtOf, withCapacity } from './measures.ts';
import { type Assumed, assumedInputs, drawTopologies, percentile } from './ranges.ts';
import { errorShareOf, latencyOf, stationSolution, validityOf } from './solve.ts';
import { solveAt } from './solve-at.ts';

export interface AssessOptions {
  ranges?: boolean;
  ladder?: boolean;
  breakEven?: boolean;
  spike?: boolean;
  /** Plays the scenario's spike; given by `index.ts` so that the analytic side does not need the event engine. */
  play?: (topology: Topology, scenario: Scenario) => SpikeOutcome;
}

const LADDER_RUNGS = 5;
/** Rungs this many times above the target are of no interest. */
const LADDER_TOP = 10;
const TIGHT = 0.7;
/** Stations less busy than this share of the busiest can't be what binds. */
const NEAR_BINDING = 0.3;
const GROWTH_SECONDS = 60;

/** The smallest rate at which the scenario's objective fails (point value); null: none below 10⁶ a second, or nothing takes load. */
export function breaksAt(topology: Topology, scenario: Scenario): number | null {
  const { question } = ask(topology, scenario);
  return question.flat.sources === 0 ? null : breaksAtOf(question);
}

/** Answers a scenario. With `ranges` off, low and high are the point value; all options off is cheap enough for every frame of a slider. */
export function assess(topology: Topology, scenario: Scenario, options: AssessOptions = {}): Outcome {
  const asked = ask(topology, scenario);
  const { question, compiled } = asked;
  const takesLoad = compiled.network.sources.some((it) => it.share > 0);
  const declared = scenario.objective;
  const objective: Outcome['objective'] = {
    p95Ms: declared.p95Ms,
    errorShare: declared.errorShare ?? DEFAULT_ERROR_SHARE,
    messageAgeSeconds: declared.messageAgeSeconds ?? DEFAULT_AGE_SECONDS,
    basis: declared.p95Ms === null && declared.errorShare === null && declared.messageAgeSeconds === null ? 'assumed' : 'declared',
  };
  if (!takesLoad) return silent(scenario, objective, compiled.assumptions);

  const point = breaksAtOf(question);
  const saturates = saturatesAtOf(question);
  const inputs = assumedInputs(compiled.topology).filter((it) => matters(it, compiled.topology, scenario, point));
  const { breaks, saturation } =
    options.ranges === false ? { breaks: exactly(point), saturation: exactly(saturates) } : rangesOf(compiled.topology, scenario, inputs, point, saturates);
  const target = scenario.targetPerSecond;
  const verdict = verdictOf(target, breaks);
  const criterion = criterionAt(question, point);
  const binding = bindingOf(question, point);
  const ladder = options.ladder === false ? [] : ladderOf(asked, point, binding, criterion, target);
  const atTarget = failing(question, target);
  const deciding = options.breakEven === false && options.ranges === false ? [] : decidersOf(compiled.topology, scenario, inputs, point, atTarget === null);
  const breakEven =
    options.breakEven === false
      ? []
      : breakEvens(compiled.topology, scenario, inDecisiveOrder(inputs, deciding)).sort((a, b) => (a.value === null ? 1 : 0) - (b.value === null ? 1 : 0));
  solveAt(question.flat, question.state, target);
  const bindingId = binding < 0 ? null : (question.flat.stationIds[binding] as string);
  const endpoints = endpointsOf(asked);
  return {
    targetPerSecond: target,
    verdict,
    silentBecause: null,
    breaksAtPerSecond: breaks,
    saturatesAtPerSecond: saturation,
    criterion,
    binding: bindingId,
    bindingComponent: bindingId === null ? null : (compiled.stations.get(bindingId)?.component ?? null),
    ladder,
    breakEven,
    decidedBy: deciding.map((it) => ({
      input: it.id,
      label: it.label,
      basis: it.value.basis,
      low: it.value.range[0],
      high: it.value.range[1],
      unit: it.unit,
      places: it.places,
    })),
    objective,
    ...totalsOf(asked, endpoints),
    growing: growingOf(question, target, saturates),
    stations: stationsOf(asked),
    endpoints,
    channels: channelsOf(asked),
    validity: validityOf(question.flat, question.state),
    spike: scenario.profile.kind === 'spike' && options.spike !== false && options.play ? options.play(topology, scenario) : null,
    assumptions: compiled.assumptions,
  };
}

const exactly = (value: number | null): RateRange => ({ value, low: value, high: value });

function rangesOf(
  topology: Topology,
  scenario: Scenario,
  inputs: readonly Assumed[],
  point: number | null,
  saturates: number | null,
): { breaks: RateRange; saturation: RateRange } {
  if (inputs.length === 0) return { breaks: exactly(point), saturation: exactly(saturates) };
  const questions = drawTopologies(topology, inputs, scenario.seed).map((it) => ask(it, scenario).question);
  const breaks = questions.map(breaksAtOf);
  const saturation = questions.map(saturatesAtOf);
  return {
    breaks: { value: point, low: percentile(breaks, 0.1), high: percentile(breaks, 0.9) },
    saturation: { value: saturates, low: percentile(saturation, 0.1), high: percentile(saturation, 0.9) },
  };
}

/** `holds`, `tight`, `unknown` or `fails` at a target, by the 80% range of the breaking point. */
export function verdictOf(target: number, breaks: RateRange): Verdict {
  const low = breaks.low ?? Number.POSITIVE_INFINITY;
  const high = breaks.high ?? Number.POSITIVE_INFINITY;
  if (target <= TIGHT * low) return 'holds';
  if (target <= low) return 'tight';
  return target < high ? 'unknown' : 'fails';
}

/** True when the input moves the breaking point at all within its range. */
function matters(input: Assumed, topology: Topology, scenario: Scenario, point: number | null): boolean {
  const [low, high] = input.value.range;
  const at = (value: number): number => log(breaksAtWith(topology, scenario, input, value) ?? 1e6);
  const here = log(point ?? 1e6);
  return Math.abs(at(low) - here) > 0.005 || Math.abs(at(high) - here) > 0.005;
}

const breaksAtWith = (topology: Topology, scenario: Scenario, input: Assumed, value: number): number | null =>
  breaksAt(withInputs(topology, new Map([[input.id, value]]), 'assumed'), scenario);

/** Assumed inputs whose range holds both answers, by how far they move the breaking point; if none does alone, the strongest ones. */
function decidersOf(topology: Topology, scenario: Scenario, inputs: readonly Assumed[], _point: number | null, _holds: boolean): Assumed[] {
  const target = scenario.targetPerSecond;
  const swings = inputs.map((input) => {
    const [low, high] = input.value.range.map((it) => breaksAtWith(topology, scenario, input, it) ?? 1e6) as [number, number];
    return { input, flips: low >= target !== high >= target, swing: Math.abs(log(Math.max(1e-3, high)) - log(Math.max(1e-3, low))) };
  });
  const flipping = swings.filter((it) => it.flips);
  return (flipping.length > 0 ? flipping : swings.filter((it) => it.swing > 0.1).slice(0, 5)).sort((a, b) => b.swing - a.swing).map((it) => it.input);
}

const inDecisiveOrder = (inputs: readonly Assumed[], deciding: readonly Assumed[]): Assumed[] => [...deciding, ...inputs.filter((it) => !deciding.includes(it))];

/** Index of the station whose capacity raises the breaking point most, per percent added; -1 where none does or nothing breaks. */
function bindingOf(question: Question, point: number | null): number {
  if (point === null) return -1;
  const { flat, state } = question;
  failing(question, Math.max(0.1, point));
  const used = Array.from(flat.servers, (servers, s) =>
    servers === Number.POSITIVE_INFINITY ? 0 : Math.max(state.utilisation[s] as number, (state.refused[s] as number) > 0 ? 1 : 0),
  );
  const busiest = Math.max(...used, 0);
  const order = used.map((it, s) => ({ s, used: it })).filter((it) => it.used > 0 && it.used >= NEAR_BINDING * busiest);
  let best = -1;
  let most = 1e-3;
  for (const { s } of order.sort((a, b) => b.used - a.used)) {
    const more = withCapacity(question, s, 1.1);
    const after = breaksAtOf(more.question) ?? 1e6;
    const gain = point > 0 ? log(after / point) / log(more.factor) : after;
    if (gain > most * 1.001) {
      most = gain;
      best = s;
    }
  }
  return best < 0 ? (order[0]?.s ?? -1) : best;
}

function ladderOf(asked: Asked, point: number | null, binding: number, criterion: Criterion | null, target: number): Rung[] {
  const rungs: Rung[] = [];
  let { question } = asked;
  let at = point;
  let station = binding;
  let why = criterion;
  while (rungs.length < LADDER_RUNGS && station >= 0 && at !== null && why !== null) {
    const id = question.flat.stationIds[station] as string;
    const meta = asked.compiled.stations.get(id);
    rungs.push({ station: id, component: meta?.component ?? id, label: meta?.label ?? id, breaksAtPerSecond: at, criterion: why, places: meta?.places ?? [] });
    if (at > LADDER_TOP * target) break;
    question = withCapacity(question, station, Number.POSITIVE_INFINITY).question;
    at = breaksAtOf(question);
    station = bindingOf(question, at);
    why = criterionAt(question, at);
  }
  return rungs;
}

function totalsOf(asked: Asked, endpoints: readonly EndpointOutcome[]): Pick<Outcome, 'goodputPerSecond' | 'errorShare' | 'errorsByCause' | 'latencyMs'> {
  const { question, compiled } = asked;
  const offered = endpoints.reduce((sum, it) => sum + it.offeredPerSecond, 0);
  const goodput = endpoints.reduce((sum, it) => sum + it.goodputPerSecond, 0);
  const errorsByCause: Record<string, number> = {};
  compiled.network.stations.forEach((station, s) => {
    const arrivals = (question.state.arrivals[s] as number) * 1000;
    add(errorsByCause, station.refusal ?? CALL_TIMEOUT, arrivals * (question.state.refused[s] as number));
    add(errorsByCause, station.timeout ?? CALL_TIMEOUT, arrivals * (question.state.expired[s] as number));
  });
  return {
    goodputPerSecond: goodput,
    errorShare: offered > 0 ? 1 - goodput / offered : 0,
    errorsByCause,
    latencyMs: question.state.stable ? overallLatency(endpoints) : null,
  };
}

function add(into: Record<string, number>, cause: string, perSecond: number): void {
  if (perSecond > 1e-6) into[cause] = (into[cause] ?? 0) + perSecond;
}

/** Quantiles of the mixture of endpoints, by bisection over a lognormal-free bound: the weighted mean of the endpoints' own quantiles. */
function overallLatency(endpoints: readonly EndpointOutcome[]): { p50: number; p95: number; p99: number } | null {
  let total = 0;
  const sums = { p50: 0, p95: 0, p99: 0 };
  for (const endpoint of endpoints) {
    if (!endpoint.latencyMs || endpoint.offeredPerSecond <= 0) continue;
    total += endpoint.offeredPerSecond;
    sums.p50 += endpoint.offeredPerSecond * endpoint.latencyMs.p50;
    sums.p95 += endpoint.offeredPerSecond * endpoint.latencyMs.p95;
    sums.p99 += endpoint.offeredPerSecond * endpoint.latencyMs.p99;
  }
  return total > 0 ? { p50: sums.p50 / total, p95: sums.p95 / total, p99: sums.p99 / total } : null;
}

function endpointsOf({ question, compiled }: Asked): EndpointOutcome[] {
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
        unloadedP95Ms: question.unloadedP95Ms[root] as number,
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
    if (flat.kind[node] !== 1 && flat.kind[node] !== 2) continue;
    if (!flat.after[node] && (state.rate[node] as number) > 0 && state.unstable[station]) share = Math.min(share, 1 / Math.max(1, state.utilisation[station] as number));
  }
  return share;
}

function stationsOf({ question, compiled }: Asked): StationOutcome[] {
  return compiled.network.stations.flatMap((station, s): StationOutcome[] => {
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
}

function channelsOf({ question, compiled }: Asked): ChannelOutcome[] {
  const { flat, state } = question;
  return [...compiled.channels].map(([id, channel]): ChannelOutcome => {
    const s = flat.stationIds.indexOf(channel.station);
    const rate = channel.programs.reduce((sum, program) => sum + (state.rootRate[flat.rootProgram.indexOf(program)] ?? 0), 0) * 1000;
    const all = (state.arrivals[s] as number) * 1000;
    const utilisation = state.utilisation[s] as number;
    // Several channels may share the workers: each drains in proportion to what it brings.
    const drain = utilisation > 0 ? rate / utilisation : 0;
    const growth = utilisation > 1 && all > 0 ? rate * (1 - 1 / utilisation) : 0;
    return { id, inPerSecond: rate, drainPerSecond: drain, backlogGrowthPerSecond: growth, meanAgeMs: state.unstable[s] ? null : (state.wait[s] as number) };
  });
}

/** What an overload does in its first minute; null in a steady state. Expects the state solved at the target. */
function growingOf(question: Question, target: number, saturates: number | null): Outcome['growing'] {
  if (question.state.stable || saturates === null) return null;
  const rate = Math.max(0, target - saturates);
  const capacity = Math.max(saturates, 1e-3);
  // A request that comes at t waits for the backlog of t seconds; 95% of a minute's requests come before 57 s.
  const behindMs = (0.95 * GROWTH_SECONDS * rate * 1000) / capacity;
  const unloaded = Math.max(0, ...question.unloadedP95Ms);
  return { requestsPerSecond: rate, p95After60sMs: Math.min(behindMs, 0.95 * GROWTH_SECONDS * 1000) + unloaded };
}

function silent(scenario: Scenario, objective: Outcome['objective'], assumptions: readonly string[]): Outcome {
  const nothing: RateRange = { value: null, low: null, high: null };
  return {
    targetPerSecond: scenario.targetPerSecond,
    verdict: 'unknown',
    silentBecause: 'no endpoint takes load',
    breaksAtPerSecond: nothing,
    saturatesAtPerSecond: nothing,
    criterion: null,
    binding: null,
    bindingComponent: null,
    ladder: [],
    breakEven: [],
    decidedBy: [],
    objective,
    goodputPerSecond: 0,
    errorShare: 0,
    errorsByCause: {},
    latencyMs: null,
    growing: null,
    stations: [],
    endpoints: [],
    channels: [],
    validity: { kind: 'throughputOnly', why: 'nothing takes load' },
    spike: null,
    assumptions,
  };
}
