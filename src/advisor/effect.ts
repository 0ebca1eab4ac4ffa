import { answerOf } from '../model/answer.ts';
import { applyChange, type Change } from '../model/change.ts';
import { inputsOf, withInputs } from '../model/inputs.ts';
import { valueIn } from '../model/known.ts';
import type { Outcome, SpikeOutcome, StationOutcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ChannelId, Topology } from '../model/topology.ts';
import type { Evidence, RemedyIdea, RuleId, Weakness } from '../model/weakness.ts';
import { bindingDatabase, givesWay } from '../rules/binding.ts';
import type { JobOutage } from '../simulator/index.ts';
import { RULES } from '../rules/index.ts';
import { isAssumed } from '../model/breaking-words.ts';
import type { Effect } from './phrase.ts';
import { slowJobs } from './awaited-jobs.ts';
import { atCarriedLoad, comesBy, routeAlone } from './route-alone.ts';
import { dayOfGrowth } from './kept-memory.ts';
import { repeatsKept } from './kept-answers.ts';
import { besideSums, expiredKey, scannedTable, setUpPerRequest, slowGuardedWork } from './data-strains.ts';
import { severityOf } from './severity.ts';
import { SLOW, slowResponse } from './slow-response.ts';
import { LEAST_RATE, NOTICEABLE, POINT_ONLY, slowed, VISIBLE } from './strains.ts';

/** What the advisor asks of the simulator; tests hand in one with known answers. */
export interface Simulator {
  assess(
    topology: Topology,
    scenario: Scenario,
    options?: {
      ranges?: boolean;
      ladder?: boolean;
      breakEven?: boolean;
      spike?: boolean;
      deciders?: boolean;
      binding?: boolean;
      saturation?: boolean;
      breaks?: boolean;
      verdictOnly?: boolean;
      near?: Outcome;
    },
  ): Outcome;
  playSpike(topology: Topology, scenario: Scenario, options?: { attribution?: boolean; untilDrained?: boolean }): SpikeOutcome;
  playJobOutage?(topology: Topology, scenario: Scenario, channel: ChannelId): JobOutage | null;
}

export interface Measured {
  effect: Effect;
  helps: boolean;
  /** For ranking between remedies of equal effort; larger is better. */
  gain: number;
  breaksAtBefore: number | null;
  breaksAtAfter: number | null;
  /** The verdict with the remedy in place; null where it is not known. With the range that it needs it costs more than all the rest, so only who shows it asks. */
  verdictAfter(): Outcome['verdict'] | null;
}

const NO_VERDICT = (): null => null;

/** Where the simulator's search ends. */
const SEARCH_LIMIT = 1e6;
/** The precision of the search, twice. */
const UNMOVED = 0.002;
/** A share that moves by less is noise of one played run. */
const VISIBLE_SHARE = 0.01;
/** Requests that one strain plays: shares of them are known to .35% (one standard deviation), a third of what counts as visible. */
const PLAYED_REQUESTS = 20_000;
/** What slow responses of a strained system are made of is not told. */
const SHARES_ONLY = { attribution: false };
const UNTIL_DRAINED = { ...SHARES_ONLY, untilDrained: true };
const NOTHING = { effect: { kind: 'none' } as const, helps: false, gain: 0 };
const MORE_ROWS = 10;
/** Overloads of a system that carries this many times the target are of no interest. */
const FAR_ABOVE_TARGET = 10;

/** The system with the remedy in place. */
export interface After {
  topology: Topology;
  outcome: Outcome;
  /** Where the system as it is breaks, at typical values as `outcome` is: beside it the figure that is told with a range is another one. */
  breaksAtBefore: number | null;
  /** The station that binds then; undefined where nobody asks. */
  binds(): StationOutcome | undefined;
  /** The outcome with its range, and the verdict by it: costly, and worked out once. */
  ranged(): Outcome;
  /** The outcome with the verdict of its range, but for the range itself: cheaper. */
  judged(): Outcome;
}

export type Shown = Pick<Measured, 'effect' | 'helps' | 'gain'>;
type Strain = (evidence: Evidence, after: After, weakness: Weakness, simulator: Simulator) => Shown;

/** The strain under which a rule's remedy has to show itself; all others by the rate at which the system breaks. */
const STRAINS: Readonly<Record<RuleId, Strain>> = {
  'connection-budget': fullPools,
  'missing-acquire-timeout': overload,
  'blocking-work-in-request': slowDependency,
  'missing-retry-backoff': calleeDown,
  'synchronous-write-path': spike,
  'worker-in-web-process': besideJobs,
  'event-loop-blocking': rateOrBeside,
  'n-plus-one': rateOrRoute,
  'keyspace-scan': rateOrRoute,
  'unbounded-query': moreRows,
  'job-awaited-in-request': slowJobs,
  'unbounded-cache': dayOfGrowth,
  'missing-http-caching': repeatsKept,
  'missing-index': scannedTable,
  'shared-read-write-model': besideSums,
  'missing-pool': setUpPerRequest,
  'cache-stampede': expiredKey,
  'lock-shorter-than-query': slowGuardedWork,
  'nested-acquire': progress,
};

/** Plays a remedy against the system as it is; before and after share every draw. */
export function measure(simulator: Simulator, evidence: Evidence, weakness: Weakness, idea: RemedyIdea): Measured {
  const { scenario, outcome } = evidence;
  if (!idea.change) return { effect: { kind: 'none' }, helps: true, gain: 0, breaksAtBefore: null, breaksAtAfter: null, verdictAfter: NO_VERDICT };
  if (weakness.rule === 'missing-acquire-timeout' && !overloadReaches(evidence, weakness))
    return { ...NOTHING, breaksAtBefore: breaksTypically(evidence.outcome), breaksAtAfter: null, verdictAfter: NO_VERDICT };
  const asksForSpike = scenario.profile.kind === 'spike' && outcome.spike !== null;
  const strain = STRAINS[weakness.rule] ?? (asksForSpike ? spike : load);
  const isSized = strain !== overload && strain !== fullPools && strain !== moreRows;
  // Rules with a strain of their own don't say how the scenario's spike ends: playing it costs more than the rest of the advice.
  const playsSpike = asksForSpike && strain === spike;
  // In a workspace whose every answer takes a second or more the figure must do for what is no warning.
  const isBrief = isLarge(outcome) && severityOf(weakness, evidence) !== 'warning';
  const after = afterChange(simulator, evidence, idea.change, !isBrief, playsSpike);
  // Without the range a verdict that assumptions decide would pretend to knowledge.
  const isRanged = isSized && !isBrief;
  const isJudged = asksForSpike ? playsSpike : isRanged || !isAssumed(outcome);
  return {
    ...strain(evidence, after, weakness, simulator),
    breaksAtBefore: after.breaksAtBefore,
    breaksAtAfter: after.outcome.breaksAtPerSecond.value,
    verdictAfter: isJudged ? () => answerOf(scenario, isRanged ? (asksForSpike ? after.ranged() : after.judged()) : after.outcome) : NO_VERDICT,
  };
}

/** Where the range is drawn less often than elsewhere. */
const isLarge = (outcome: Outcome): boolean => (outcome.draws?.every ?? 1) > 1;

/** Where a system breaks at typical values, at which remedies are tried: with a range the figure is the nearer end of it where typical values lie beyond. */
const breaksTypically = ({ breaksAtPerSecond: { value, typical } }: Outcome): number | null => (typical === undefined ? value : typical);

/** One change often answers many weaknesses of a system: it is assessed once. */
const assessed = new WeakMap<Evidence, Map<string, After>>();

function afterChange(simulator: Simulator, evidence: Evidence, change: Change, binding: boolean, playsSpike: boolean): After {
  const all = assessed.get(evidence) ?? new Map<string, After>();
  assessed.set(evidence, all);
  const key = JSON.stringify([change.operations, binding, playsSpike]);
  const known = all.get(key);
  if (known) return known;
  const topology = applyChange(evidence.topology, change);
  const { scenario, outcome: before } = evidence;
  const point = simulator.assess(topology, scenario, { ...POINT_ONLY, near: before });
  const outcome = playsSpike ? { ...point, spike: simulator.playSpike(topology, scenario, SHARES_ONLY) } : point;
  let drawn: Outcome | undefined;
  let judged: Outcome | undefined;
  const after: After = {
    topology,
    outcome,
    breaksAtBefore: breaksTypically(evidence.outcome),
    binds: () => (binding ? bindingOf(simulator.assess(topology, scenario, { ...POINT_ONLY, binding, near: outcome })) : undefined),
    ranged: () => {
      drawn ??= { ...outcome, ...rangeAfter(simulator, evidence, topology, point, after.breaksAtBefore) };
      return drawn;
    },
    judged: () => {
      judged ??= drawn ?? { ...outcome, verdict: verdictAfter(simulator, evidence, topology, point, after.breaksAtBefore) };
      return judged;
    },
  };
  all.set(key, after);
  return after;
}

/** What moves nothing at typical values is not drawn: the range, and with it the verdict, stays what it was. */
function rangeAfter(
  simulator: Simulator,
  { scenario, outcome: before }: Evidence,
  topology: Topology,
  point: Outcome,
  breaksAtBefore: number | null,
): Pick<Outcome, 'verdict' | 'breaksAtPerSecond'> {
  const { verdict, breaksAtPerSecond } = isMoved(breaksAtBefore, point)
    ? simulator.assess(topology, scenario, { ...POINT_ONLY, ranges: true, deciders: false, near: before })
    : before;
  return { verdict, breaksAtPerSecond };
}

/** The verdict alone: whether the draws hold at the target is a smaller question than where each of them breaks. */
const verdictAfter = (simulator: Simulator, { scenario, outcome: before }: Evidence, topology: Topology, point: Outcome, breaksAtBefore: number | null): Outcome['verdict'] =>
  (isMoved(breaksAtBefore, point) ? simulator.assess(topology, scenario, { ...POINT_ONLY, verdictOnly: true, near: point }) : before).verdict;

function isMoved(breaksAtBefore: number | null, point: Outcome): boolean {
  const was = breaksAtBefore ?? SEARCH_LIMIT;
  return Math.abs((point.breaksAtPerSecond.value ?? SEARCH_LIMIT) - was) > UNMOVED * was;
}

/** Steady load: the rate at which the system breaks, and what gives way then. */
function load({ outcome }: Evidence, after: After): Shown {
  const was = after.breaksAtBefore;
  const is = after.outcome.breaksAtPerSecond.value;
  const ratio = (is ?? SEARCH_LIMIT) / Math.max(was ?? SEARCH_LIMIT, LEAST_RATE);
  // As costly as all the rest, and told of remedies alone that help.
  const next = ratio >= NOTICEABLE ? after.binds() : undefined;
  const isOther = next !== undefined && next.id !== outcome.binding;
  return {
    effect: { kind: 'load', before: was, after: is, assumed: isAssumed(outcome) || isAssumed(after.ranged()), bindsNext: isOther ? limitWords(next) : null },
    helps: ratio >= NOTICEABLE,
    gain: ratio,
  };
}

const bindingOf = ({ stations, binding }: Outcome): StationOutcome | undefined => stations.find((it) => it.id === binding);

function limitWords(station: StationOutcome): string {
  const cores = station.kind === 'store' && station.servers !== null && station.servers > 1;
  return cores ? `${station.label}'s ${station.servers} cores bind` : `${station.label} binds`;
}

/** As many at once as the pool has connections: none of them gets on while each waits for one more. That is cured whatever else gives way first. */
function progress(evidence: Evidence, after: After): Shown {
  const shown = load(evidence, after);
  return shown.helps ? shown : { effect: { kind: 'none' }, helps: true, gain: 1 };
}

/** Where it is one route of many the rate hardly moves, and its own answer does. */
function rateOrRoute(evidence: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const shown = load(evidence, after);
  return shown.helps ? shown : routeAlone(evidence, after, simulator, (it) => comesBy(it.steps, weakness.place));
}

/** Where few make the call the rate hardly moves, and the answers of the others in its process do. */
function rateOrBeside(evidence: Evidence, after: After, { component, place }: Weakness, simulator: Simulator): Shown {
  const shown = load(evidence, after);
  return shown.helps ? shown : routeAlone(evidence, after, simulator, (it) => it.component === component && !comesBy(it.steps, place));
}

/** The scenario's own spike; a remedy that moves nothing within it may still raise what the system carries for ever. */
function spike(evidence: Evidence, after: After): Shown {
  const was = evidence.outcome.spike;
  const is = after.outcome.spike;
  if (!was || !is) return load(evidence, after);
  const answered = is.goodputShare - was.goodputShare;
  const accepted = is.acceptedShare - was.acceptedShare;
  const better = (is.passes && !was.passes) || answered > VISIBLE_SHARE || accepted > VISIBLE_SHARE;
  if (!better) return load(evidence, after);
  return {
    effect: { kind: 'spike', passes: is.passes, before: was.goodputShare, after: is.goodputShare, drainSeconds: is.drainSeconds },
    helps: true,
    gain: 1 + answered + (is.passes ? 1 : 0),
  };
}

/** Requests queue at a pool only if it gives way first, or the database behind it does, and that not far above the target. */
function overloadReaches({ topology, scenario, outcome }: Evidence, weakness: Weakness): boolean {
  const saturates = outcome.saturatesAtPerSecond.value;
  if (saturates === null || saturates <= 0 || saturates > FAR_ABOVE_TARGET * scenario.targetPerSecond) return false;
  const pool = outcome.stations.find((it) => it.id === weakness.station);
  return pool !== undefined && (givesWay(outcome, pool.id) || bindingDatabase(topology, outcome) === pool.target);
}

/** What the system as it is makes of its overload: the same for every pool of it. */
const overloaded = new WeakMap<Evidence, SpikeOutcome>();

/** Half as much again as the system can carry, from clients that wait 5 s. */
function overload(evidence: Evidence, after: After, _weakness: Weakness, simulator: Simulator): Shown {
  const { topology, scenario, outcome } = evidence;
  const saturates = outcome.saturatesAtPerSecond.value;
  if (saturates === null) return NOTHING;
  const peakPerSecond = 1.5 * saturates;
  const seconds = Math.max(15, Math.min(60, PLAYED_REQUESTS / peakPerSecond));
  const strained: Scenario = { ...scenario, clientPatienceMs: 5000, profile: { kind: 'spike', basePerSecond: saturates / 10, peakPerSecond, seconds } };
  const was = overloaded.get(evidence) ?? simulator.playSpike(topology, strained, UNTIL_DRAINED);
  overloaded.set(evidence, was);
  const is = simulator.playSpike(after.topology, strained, UNTIL_DRAINED);
  const gained = is.goodputShare - was.goodputShare;
  const sooner = (was.drainSeconds ?? was.runSeconds) - (is.drainSeconds ?? is.runSeconds);
  const failsAtTarget = after.outcome.errorShare;
  return {
    effect: { kind: 'goodput', before: was.goodputShare, after: is.goodputShare, drainBefore: was.drainSeconds, drainAfter: is.drainSeconds, failsAtTarget },
    helps: gained > VISIBLE_SHARE || (gained > -VISIBLE_SHARE && sooner > 1),
    gain: 1 + gained,
  };
}

/** Every pool full at once: connections that the server would refuse. */
function fullPools(evidence: Evidence, after: After, weakness: Weakness): Shown {
  const rule = RULES.find((it) => it.id === weakness.rule);
  const still = rule?.find({ ...evidence, topology: after.topology }).find((it) => it.component === weakness.component && it.state === 'weak');
  const refused = (it: Weakness | undefined) => Math.max(0, Number(it?.facts.total ?? 0) - Number(it?.facts.limit ?? 0));
  const [before, remaining] = [refused(weakness), refused(still)];
  return { effect: { kind: 'refused', before, after: remaining }, helps: remaining < before, gain: 1 + before - remaining };
}

/** A table of ten times the rows: a query without a limit takes ten times as long, a page what it takes today. */
function moreRows({ topology, scenario, outcome }: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const input = inputsOf(topology).find((it) => it.places.some((at) => at.file === weakness.place.file && at.line === weakness.place.line) && it.id.startsWith('hold '));
  const now = input && valueIn(input.value);
  if (!input || now === undefined) return NOTHING;
  const grown = withInputs(topology, new Map([[input.id, now * MORE_ROWS]]));
  const was = simulator.assess(grown, scenario, { ...POINT_ONLY, near: outcome }).breaksAtPerSecond.value;
  const is = after.outcome.breaksAtPerSecond.value;
  const ratio = (is ?? SEARCH_LIMIT) / Math.max(was ?? SEARCH_LIMIT, LEAST_RATE);
  return { effect: { kind: 'rows', ratio }, helps: ratio >= NOTICEABLE, gain: ratio };
}

/** Latency of the endpoints that share the process with jobs. */
function besideJobs(evidence: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const { topology, outcome } = evidence;
  const host = topology.components.find((it) => it.id === weakness.component)?.runsIn;
  const mine = topology.endpoints.filter((it) => it.component === host && it.trigger.kind === 'http').map((it) => it.id);
  const p95 = (it: Outcome) => it.endpoints.reduce((worst, e) => (mine.includes(e.id) && e.latencyMs ? Math.max(worst, e.latencyMs.p95) : worst), 0);
  const channels = topology.channels.filter((it) => it.consumers.some((c) => c.component === weakness.component)).map((it) => it.id);
  const arrives = outcome.channels.some((it) => channels.includes(it.id) && it.inPerSecond > 0);
  if (!arrives) return { effect: { kind: 'unplayed', why: 'no jobs in this load' }, helps: true, gain: 0 };
  // A target that can't be carried has no response time: then what is left of it.
  const [was, is] = p95(outcome) > 0 ? [outcome, after.outcome] : atCarriedLoad(evidence, after, simulator);
  const [beforeMs, afterMs] = [p95(was), p95(is)];
  if (beforeMs > 0 && afterMs > 0 && afterMs * VISIBLE < beforeMs) return { effect: { kind: 'latency', beforeMs, afterMs }, helps: true, gain: beforeMs / afterMs };
  return load(evidence, after);
}

/** The endpoint's p95 while what it waits for is ten times as slow, at a load that both ways carry. */
function slowDependency(evidence: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const { target, targetId } = weakness.facts;
  const carried = Math.min(evidence.outcome.breaksAtPerSecond.value ?? SEARCH_LIMIT, after.outcome.breaksAtPerSecond.value ?? SEARCH_LIMIT);
  return slowResponse(evidence, after, weakness, simulator, {
    slowed: (it) => slowed(it, String(targetId), SLOW),
    id: String(targetId),
    target: String(target),
    mostPerSecond: carried / 2,
  });
}

/** Requests a second at which an outage is quickly played. */
const PLAYED_PER_SECOND = 40;

/** Jobs that fail for good while what they need is down for ten seconds. */
function calleeDown(evidence: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const unplayed: Shown = { effect: { kind: 'unplayed', why: 'no jobs in this load' }, helps: true, gain: 0 };
  if (!simulator.playJobOutage) return unplayed;
  const carried = (after.outcome.breaksAtPerSecond.value ?? SEARCH_LIMIT) / 2;
  const scenario: Scenario = { ...evidence.scenario, targetPerSecond: Math.max(LEAST_RATE, Math.min(evidence.scenario.targetPerSecond, PLAYED_PER_SECOND, carried)) };
  const channel = String(weakness.facts.channelId);
  const [was, is] = [simulator.playJobOutage(evidence.topology, scenario, channel), simulator.playJobOutage(after.topology, scenario, channel)];
  if (!was || !is) return unplayed;
  const share = (it: JobOutage): number => Math.min(1, it.lost / Math.max(1, it.arrived));
  return { effect: { kind: 'lostJobs', before: share(was), after: share(is) }, helps: is.lost < was.lost, gain: 1 + share(was) - share(is) };
}
