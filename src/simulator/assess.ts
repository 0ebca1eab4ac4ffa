import { withInputs } from '../model/inputs.ts';
import type { ChannelOutcome, Criterion, EndpointOutcome, Outcome, RateRange, Rung, SpikeOutcome, StationOutcome, Verdict } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/topology.ts';
import { log } from './arithmetic.ts';
import { type Asked, ask, DEFAULT_AGE_SECONDS, DEFAULT_ERROR_SHARE } from './ask.ts';
import { breakEvens } from './break-even.ts';
import { HOLD, SERVE } from './flatten.ts';
import { CALL_TIMEOUT } from './cause-words.ts';
import { breaksAtOf, COARSE, criterionAt, failing, type Question, saturatesAtOf, withCapacity } from './measures.ts';
import { type Assumed, assumedInputs, type Column, correlation, DRAWS, drawColumns, drawnTopology, percentile } from './ranges.ts';
import { errorShareOf, latencyOf, stationSolution, validityOf } from './solve.ts';
import { solveAt } from './solve-at.ts';
import { tailOf } from './add-up-times.ts';

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
/** Stands for "does not break" where a number is needed. */
const MOST = 1e6;
/** Inputs that move the breaking point by less than this (natural logarithm) don't matter. */
const NO_SWING = 0.02;
/** Inputs that are tried at both ends of their range. */
const MOST_TRIED = 8;
const FEW = 5;

/** The smallest rate at which the scenario's objective fails (point value); null: none below 10⁶ a second, or nothing takes load. */
export function breaksAt(topology: Topology, scenario: Scenario, precision?: number): number | null {
  const { question } = ask(topology, scenario);
  return question.flat.sources === 0 ? null : breaksAtOf(question, precision);
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
  const saturates = saturatesAtOf(question, point);
  const target = scenario.targetPerSecond;
  const draws = options.ranges === false && options.breakEven === false ? null : drawRange(compiled.topology, scenario);
  const swings = draws ? swingsOf(compiled.topology, scenario, point, draws) : [];
  const inputs = swings.map((it) => it.input);
  const breaks = draws && options.ranges !== false ? rangeOf(point, draws.breaks) : exactly(point);
  const saturation = draws && options.ranges !== false ? rangeOf(saturates, draws.saturation) : exactly(saturates);
  const verdict = verdictOf(target, breaks);
  const criterion = criterionAt(question, point);
  const binding = bindingOf(question, point);
  const ladder = options.ladder === false ? [] : ladderOf(asked, point, binding, criterion, target);
  const deciding = decidersOf(swings, target, verdict);
  // That no value of a guess helps is news only while guesses decide.
  const breakEven = options.breakEven === false ? [] : breakEvens(compiled.topology, scenario, inputs).filter((it) => it.value !== null || verdict === 'unknown');
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

const rangeOf = (value: number | null, drawn: readonly (number | null)[]): RateRange =>
  drawn.length === 0 ? exactly(value) : { value, low: percentile(drawn, 0.1), high: percentile(drawn, 0.9) };

/** What the draws of the assumed inputs came to. */
interface Drawn {
  columns: readonly Column[];
  breaks: readonly (number | null)[];
  saturation: readonly (number | null)[];
}

function drawRange(topology: Topology, scenario: Scenario): Drawn {
  const columns = drawColumns(assumedInputs(topology), scenario.seed);
  if (columns.length === 0) return { columns, breaks: [], saturation: [] };
  const breaks: (number | null)[] = [];
  const saturation: (number | null)[] = [];
  for (let index = 0; index < DRAWS; index++) {
    const { question } = ask(drawnTopology(topology, columns, index), scenario);
    const broken = breaksAtOf(question, COARSE);
    breaks.push(broken);
    saturation.push(saturatesAtOf(question, broken, COARSE));
  }
  return { columns, breaks, saturation };
}

/** `holds`, `tight`, `unknown` or `fails` at a target, by the 80% range of the breaking point. */
export function verdictOf(target: number, breaks: RateRange): Verdict {
  const low = breaks.low ?? Number.POSITIVE_INFINITY;
  const high = breaks.high ?? Number.POSITIVE_INFINITY;
  if (target <= TIGHT * low) return 'holds';
  if (target <= low) return 'tight';
  return target < high ? 'unknown' : 'fails';
}

/** An assumed input with the breaking points at both ends of its range. */
interface Swing {
  input: Assumed;
  low: number;
  high: number;
  /** Natural logarithm of the larger over the smaller. */
  size: number;
}

/** The assumed inputs that move the breaking point, those that move it most first. The draws tell which are worth trying at their ends. */
function swingsOf(topology: Topology, scenario: Scenario, point: number | null, draws: Drawn): Swing[] {
  const results = draws.breaks.map((it) => log(Math.max(1e-3, it ?? MOST)));
  const likely = draws.columns
    .map((column) => ({ input: column.input, correlation: correlation(column, results) }))
    .sort((a, b) => b.correlation - a.correlation)
    .slice(0, MOST_TRIED);
  const swings = likely.map(({ input }): Swing => {
    const [low, high] = input.value.range.map((it) => breaksAt(withInputs(topology, new Map([[input.id, it]]), 'assumed'), scenario, COARSE) ?? MOST) as [number, number];
    const all = [low, high, point ?? MOST].map((it) => log(Math.max(1e-3, it)));
    return { input, low, high, size: Math.max(...all) - Math.min(...all) };
  });
  return swings.filter((it) => it.size > NO_SWING).sort((a, b) => b.size - a.size);
}

/** The inputs that can tip the verdict alone; where only several together can, the strongest of them. */
function decidersOf(swings: readonly Swing[], target: number, verdict: Verdict): Assumed[] {
  const tipping = swings.filter((it) => it.low >= target !== it.high >= target);
  const strongest = verdict === 'unknown' || verdict === 'tight' ? swings.slice(0, FEW) : [];
  return (tipping.length > 0 ? tipping : strongest).map((it) => it.input);
}

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
    const after = breaksAtOf(more.question, undefined, point) ?? MOST;
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
        return sum + (state.rootRate[root] as number) * tailOf(state.answered[node] as number, state.answeredVariance[node] as number, middle);
      }, 0);
      if (above > tail * total) low = middle;
      else high = middle;
    }
    return high;
  };
  return { p50: at('p50', 0.5), p95: at('p95', 0.05), p99: at('p99', 0.01) };
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
    if (flat.kind[node] !== SERVE && flat.kind[node] !== HOLD) continue;
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
  return { requestsPerSecond: rate, p95After60sMs: behindMs + unloaded };
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
