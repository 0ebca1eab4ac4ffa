import { isSpread } from '../../model/answer.ts';
import type { InputId } from '../../model/inputs.ts';
import type { Outcome, RateRange, SpikeOutcome, Verdict } from '../../model/outcome.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { log } from '../arithmetic.ts';
import { ask, type Asked, askAssumed, DEFAULT_AGE_SECONDS, errorShareIn } from '../solve/ask.ts';
import { channelsOf, endpointsOf, growingOf, stationsOf, totalsOf } from './at-target.ts';
import type { Bounded } from './percentiles.ts';
import { breakEvens } from './break-even.ts';
import { bindingOf, ladderOf } from './ladder.ts';
import { boundOf, breaksAtOf, COARSE, criterionAt, highestOf, type Question, saturatesAtOf } from '../solve/measures.ts';
import { type Decider, deciderOf, endsOf, likeliest, workByInput } from './deciders.ts';
import { type Column, DRAWS, drawColumns, drawing, triedTopology } from './ranges.ts';
import { rangeOf, rangeOfBounded, verdictByDraws, verdictOf } from './verdict.ts';
import type { SearchFrom } from '../solve/search.ts';
import { validityOf } from '../solve/solve.ts';
import { solveAt } from '../solve/solve-at.ts';

export interface AssessOptions {
  ranges?: boolean;
  ladder?: boolean;
  breakEven?: boolean;
  spike?: boolean;
  /** Which station binds: every one near its limit is tried with a tenth more. */
  binding?: boolean;
  /** Where the system breaks; off: null, as if it never did, and only what is told of the target is worth reading. Costs many times as much as the rest. */
  breaks?: boolean;
  /** Where queues begin to grow without end; off: null, as if they never did. Nearly as costly as the breaking point. */
  saturation?: boolean;
  /** Called now and then on the way; what it throws ends the assessment. */
  meanwhile?: () => void;
  /** The outcome of a system that differs by little: its figures are where the search begins. */
  near?: Outcome;
  /** The verdict is the one of the range, though the range is not worked out (`ranges` off): a quarter of its cost, and less where the draws soon agree. */
  verdictOnly?: boolean;
  /** Which assumed inputs decide: as costly as the range itself, and of no interest where only the range is asked for. */
  deciders?: boolean;
  /** Plays the scenario's spike; given by `index.ts` so that the analytic side does not need the event engine. */
  play?: (topology: Topology, scenario: Scenario) => SpikeOutcome;
}

/** Stands for "does not break" where a number is needed. */
const MOST = 1e6;
/** Inputs that move the breaking point by less than this (natural logarithm) don't matter. */
const NO_SWING = 0.02;
/** Inputs that are tried at both ends of their range. */
const MOST_TRIED = 8;
const FEW = 5;

/** The smallest rate at which the scenario's objective fails (point value); null: none below 10⁶ a second, or nothing takes load. */
export function breaksAt(topology: Topology, scenario: Scenario, precision?: number, near?: number | null): number | null {
  const { question } = ask(topology, scenario);
  return pointOf(question, precision, { near });
}

const pointOf = (question: Question, precision: number | undefined, from: SearchFrom): number | null =>
  question.flat.sources === 0 ? null : breaksAtOf(question, precision, from);

/** Where the searches of an outcome ended, which its range may have moved, with the bounds that they began from. */
const searches = new WeakMap<Outcome, { point: SearchFrom; draws: readonly SearchFrom[] }>();

/** What is known of a network much like the one that is searched next. */
const foundAt = (question: Question, near: number | null): SearchFrom => ({ near, nearBound: boundOf(question) });

/** What a system can do at typical values, whatever is asked of it. */
interface Limits {
  point?: number | null;
  saturates?: number | null;
  binding?: number;
}

/** By topology and by all of the scenario but its target: a slider asks for sixty targets a second of one system, and only the first of them has to search. */
const known = new WeakMap<Topology, Map<string, Limits>>();
const MOST_KNOWN = 8;

function limitsOf(topology: Topology, scenario: Scenario): Limits {
  const all = known.get(topology) ?? new Map<string, Limits>();
  known.set(topology, all);
  const key = JSON.stringify({ ...scenario, targetPerSecond: 0, targetSetByUser: false });
  const before = all.get(key);
  if (before) return before;
  if (all.size >= MOST_KNOWN) all.clear();
  const limits: Limits = {};
  all.set(key, limits);
  return limits;
}

function once<K extends keyof Limits>(limits: Limits, name: K, work: () => Required<Limits>[K]): Required<Limits>[K] {
  const made = limits[name] === undefined ? work() : (limits[name] as Required<Limits>[K]);
  limits[name] = made;
  return made;
}

/** What a scenario was asked of last: whoever asks on about the same system (what binds in it) finds it laid out. */
const askedLast = new WeakMap<Scenario, { topology: Topology; asked: Asked }>();

function askOnce(topology: Topology, scenario: Scenario): Asked {
  const last = askedLast.get(scenario);
  if (last?.topology === topology) return last.asked;
  const asked = ask(topology, scenario);
  askedLast.set(scenario, { topology, asked });
  return asked;
}

/** Answers a scenario. With `ranges` off, low and high are the point value; all options off is cheap enough for every frame of a slider. */
export function assess(topology: Topology, scenario: Scenario, options: AssessOptions = {}): Outcome {
  const asked = askOnce(topology, scenario);
  const { question, compiled } = asked;
  const takesLoad = compiled.network.sources.some((it) => it.share > 0);
  const declared = scenario.objective;
  const objective: Outcome['objective'] = {
    p95Ms: declared.p95Ms,
    errorShare: errorShareIn(scenario),
    messageAgeSeconds: declared.messageAgeSeconds ?? DEFAULT_AGE_SECONDS,
    basis: declared.p95Ms === null && declared.errorShare === null && declared.messageAgeSeconds === null ? 'assumed' : 'declared',
  };
  if (!takesLoad) return silent(scenario, objective, compiled.assumptions);

  const nearby = options.near && (searches.get(options.near)?.point ?? { near: options.near.breaksAtPerSecond.value });
  const limits = options.breaks === false ? {} : limitsOf(topology, scenario);
  const point = options.breaks === false ? null : once(limits, 'point', () => breaksAtOf(question, undefined, nearby));
  const saturates = options.saturation === false ? null : once(limits, 'saturates', () => saturatesAtOf(question, point));
  const target = scenario.targetPerSecond;
  const draws = options.ranges === false && options.breakEven === false ? null : drawRange(compiled.topology, scenario, question.flat.nodes, options);
  const swings = draws && options.deciders !== false ? swingsOf(compiled.topology, scenario, foundAt(question, point), draws, options.meanwhile) : [];
  const breaks = draws && options.ranges !== false ? rangeOf(point, draws.breaks) : exactly(point);
  const saturation = draws && options.ranges !== false ? rangeOfBounded(saturates, draws.saturation) : exactly(saturates);
  const alone = options.verdictOnly ? verdictByDraws(compiled.topology, scenario, point, stepOf(question.flat.nodes), options.meanwhile) : verdictOf(target, breaks);
  const verdict = alone ?? verdictOf(target, rangeOf(point, drawRange(compiled.topology, scenario, question.flat.nodes, options).breaks));
  const criterion = criterionAt(question, point);
  const binding = options.binding === false ? -1 : once(limits, 'binding', () => bindingOf(question, point));
  const ladder = options.ladder === false ? [] : ladderOf(asked, point, binding, criterion, target);
  const deciding = decidersOf(swings, target, verdict, breaks);
  // That no value of a guess helps is news only while guesses decide.
  const breakEven = options.breakEven === false ? [] : breakEvens(compiled.topology, scenario, swings).filter((it) => it.value !== null || verdict === 'unknown');
  solveAt(question.flat, question.state, target);
  const bindingId = binding < 0 ? null : (question.flat.stationIds[binding] as string);
  const endpoints = endpointsOf(asked);
  const unread = unreadOf(topology, endpoints);
  const outcome: Outcome = {
    targetPerSecond: target,
    // What was not read can only make it worse.
    verdict: unread && verdict !== 'fails' ? 'unknown' : verdict,
    silentBecause: null,
    ...(unread && { unread }),
    breaksAtPerSecond: breaks,
    saturatesAtPerSecond: saturation,
    ...(draws && options.ranges !== false && draws.breaks.length > 0 && { draws: { every: DRAWS / draws.breaks.length, breaksAtPerSecond: draws.breaks } }),
    criterion,
    binding: bindingId,
    bindingComponent: bindingId === null ? null : (compiled.stations.get(bindingId)?.component ?? null),
    ladder,
    breakEven,
    decidedBy: deciding.map(({ input: { id, value, unit, places }, label }) => ({ input: id, label, basis: value.basis, low: value.range[0], high: value.range[1], unit, places })),
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
  if (options.breaks !== false) searches.set(outcome, { point: foundAt(question, point), draws: draws?.found ?? [] });
  return outcome;
}

/** The endpoint with the most load among those that were not read to their end. */
function unreadOf(topology: Topology, outcomes: Outcome['endpoints']): Outcome['unread'] {
  const why = new Map(topology.endpoints.flatMap((it) => (it.unread === undefined ? [] : [[it.id, it.unread] as const])));
  const [most] = outcomes.filter((it) => it.offeredPerSecond > 0 && why.has(it.id)).sort((a, b) => b.offeredPerSecond - a.offeredPerSecond);
  return most && { endpoint: most.id, why: why.get(most.id) ?? '' };
}

const exactly = (value: number | null): RateRange => ({ value, low: value, high: value });

/** What the draws of the assumed inputs came to. */
interface Drawn {
  columns: readonly Column[];
  breaks: readonly (number | null)[];
  saturation: readonly Bounded[];
  found: readonly SearchFrom[];
}

/** Networks with more nodes are drawn every second or every eighth time: a hundred long programs cost a quarter of a second a draw. */
const LARGE = 500;
const HUGE = 1000;

const stepOf = (nodes: number): number => (nodes > HUGE ? 8 : nodes > LARGE ? 2 : 1);

function drawRange(topology: Topology, scenario: Scenario, nodes: number, { saturation: saturates, near, meanwhile }: AssessOptions): Drawn {
  const step = stepOf(nodes);
  const columns = drawColumns(topology, scenario.seed, step);
  if (columns.length === 0) return { columns, breaks: [], saturation: [], found: [] };
  const breaks: (number | null)[] = [];
  const saturation: Bounded[] = [];
  const found: SearchFrom[] = [];
  const nearby = (near && searches.get(near)?.draws) ?? [];
  const drawn = drawing(topology, columns);
  for (let index = 0; index < DRAWS / step; index++) {
    meanwhile?.();
    const { question } = askAssumed(drawn(index), scenario);
    const broken = breaksAtOf(question, COARSE, nearby.length === DRAWS / step ? nearby[index] : undefined);
    breaks.push(broken);
    found.push(foundAt(question, broken));
    if (saturates !== false) saturation.push(saturationOf(question, broken));
  }
  return { columns, breaks, saturation, found };
}

/** Where a draw saturates lies between its breaking point and where its work alone is too much: most of it nobody needs to know better. */
function saturationOf(question: Question, broken: number | null): Bounded {
  const atLeast = broken ?? Number.POSITIVE_INFINITY;
  return { atLeast, atMost: Math.max(atLeast * COARSE, highestOf(question)) * COARSE, find: () => saturatesAtOf(question, broken, COARSE) };
}

/** Who decides, with the breaking points at both ends of its range. */
interface Swing extends Decider {
  low: number;
  high: number;
  /** Natural logarithm of the larger over the smaller. */
  size: number;
}

/** The assumed inputs that move the breaking point, those that move it most first. The draws tell which are worth trying at their ends. */
function swingsOf(topology: Topology, scenario: Scenario, from: SearchFrom, draws: Drawn, meanwhile?: () => void): Swing[] {
  const point = from.near;
  const results = draws.breaks.map((it) => log(Math.max(1e-3, it ?? MOST)));
  const likely = likeliest(draws.columns, results, MOST_TRIED);
  let work: ReadonlyMap<InputId, number> | undefined;
  const workOf = (): ReadonlyMap<InputId, number> => {
    work ??= workByInput(topology, scenario);
    return work;
  };
  const swings = likely.map((candidate): Swing => {
    meanwhile?.();
    const [low, high] = endsOf(candidate).map((it) => pointOf(askAssumed(triedTopology(topology, it), scenario).question, COARSE, from) ?? MOST) as [number, number];
    const all = [low, high, point ?? MOST].map((it) => log(Math.max(1e-3, it)));
    return { ...deciderOf(candidate, workOf), low, high, size: Math.max(...all) - Math.min(...all) };
  });
  const strongest = swings.filter((it) => it.size > NO_SWING).sort((a, b) => b.size - a.size);
  // Who speaks for its kind may decide by itself, too: it is told once.
  return strongest.filter(({ input }, index) => strongest.findIndex((it) => it.input === input) === index);
}

/** The inputs that can tip the verdict alone; where only several together can, or they move no more than the figures, the strongest of them. */
function decidersOf(swings: readonly Swing[], target: number, verdict: Verdict, breaks: RateRange): readonly Decider[] {
  const tipping = swings.filter((it) => it.low >= target !== it.high >= target);
  const strongest = verdict === 'unknown' || verdict === 'tight' || isSpread(breaks) ? swings.slice(0, FEW) : [];
  return tipping.length > 0 ? tipping : strongest;
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
