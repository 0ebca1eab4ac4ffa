import { answerOf, isWide } from '../model/answer.ts';
import { valueIn } from '../model/known.ts';
import type { BreakEven, ChannelOutcome, Criterion, Outcome, RateRange, SpikeOutcome, StationOutcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/topology.ts';
import type { Evidence, RemedyIdea, RuleId, Weakness } from '../model/weakness.ts';
import { counted, duration, exact, groupedIn, inUnit, percent, rate, span, times } from './numbers.ts';

export interface Headline {
  headline: string;
  /** A second line: why, and what to do next. */
  explanation: string;
}

/** Utilisation that a proposed concurrency should reach: `holds` asks for 30% of room. */
const PLANNED_UTILISATION = 0.7;

/** The sentence that matters. With a spike profile it follows the spike that was played, else the verdict at the target. */
export function headline(topology: Topology, scenario: Scenario, outcome: Outcome): Headline {
  if (outcome.silentBecause !== null) return silent(topology, outcome.silentBecause);
  const answer = answerOf(scenario, outcome);
  if (answer !== 'unknown' && scenario.profile.kind === 'spike' && outcome.spike) return ofSpike(topology, scenario, outcome, outcome.spike);
  switch (answer) {
    case 'unknown':
      return undecided(scenario, outcome);
    case 'fails':
      return { headline: failure(topology, outcome), explanation: joined(queueWords(topology, outcome), breaks(outcome), gaveWay(outcome)) };
    case 'tight':
      return { headline: `Tight at ${target(outcome)} · ${breaks(outcome, false)}`, explanation: joined(answersIn(outcome), 'less than 30% of room') };
    case 'holds':
      return { headline: `Holds at ${target(outcome)} · ${breaks(outcome, false)}`, explanation: joined(answersIn(outcome), objectiveOf(outcome)) };
  }
}

function silent(topology: Topology, why: string): Headline {
  const next = nextStep(topology);
  return { headline: `No verdict: ${why}`, explanation: next };
}

function nextStep(topology: Topology): string {
  if (topology.components.length === 0) return 'Open the folder that holds package.json or docker-compose.yml';
  if (topology.endpoints.length === 0) return 'No routes were found: Express and Fastify routes are read; name the traffic in faultline.json under "mix" once they are';
  if (topology.endpoints.every((it) => it.role === 'excluded'))
    return 'Only health, metrics or static routes were found; give another route a weight in faultline.json under "mix"';
  if (!topology.endpoints.some((it) => it.external && it.role !== 'excluded'))
    return 'No route is reached from outside: publish a port in the compose file, or give a route a weight in faultline.json under "mix"';
  return 'Declare what is missing in faultline.json under "measurements" or "overrides"';
}

/** The break-even needs no guess: it says what must be true for the system to hold. */
function undecided(scenario: Scenario, outcome: Outcome): Headline {
  const tipping = outcome.breakEven.find((it) => it.value !== null);
  if (tipping)
    return {
      headline: `Holds at ${target(outcome)} only if ${condition(tipping)}`,
      explanation: joined(`not measured, typically ${typical(tipping)}`, aside(tipping), typicalSpike(scenario, outcome), 'measure it to know'),
    };
  const decisive = outcome.decidedBy[0];
  return {
    headline: `Breaks ${between(outcome.breaksAtPerSecond) ?? at(outcome.breaksAtPerSecond, true, true)} · target ${exact(outcome.targetPerSecond)}`,
    explanation: decisive
      ? joined(`decided by ${decisive.label}: not measured, typically ${span(decisive.low, decisive.high, decisive.unit)}`, typicalSpike(scenario, outcome), 'measure it to know')
      : joined(first(outcome), 'too close to call'),
  };
}

/** `SELECT orders holds a connection ≤ 5.0 ms`. */
function condition(it: BreakEven): string {
  return `${it.label.replace(ASIDE, '')} ${it.direction === 'atMost' ? '≤' : '≥'} ${inUnit(it.value ?? 0, it.unit)}`;
}
/** What a label adds in brackets at its end stands in the second line. */
const ASIDE = / \(([^()]*)\)$/;
const aside = (it: BreakEven): string => ASIDE.exec(it.label)?.[1] ?? '';
/** What the played spike is worth while assumptions decide. */
function typicalSpike({ profile }: Scenario, { spike }: Outcome): string {
  if (profile.kind !== 'spike' || !spike) return '';
  return `with typical values the spike ${spike.passes ? 'passes' : 'fails'}`;
}
const typical = (it: BreakEven): string => span(it.typical[0], it.typical[1], it.unit);

/** Names the failure by what gives way: a database (its cores, connections or a pool in front of it), or another station. */
export function failure(topology: Topology, outcome: Outcome): string {
  const station = binding(outcome);
  const store = station?.kind === 'pool' ? station.target : station?.component;
  const isDatabase = station !== undefined && ['pool', 'store', 'connections'].includes(station.kind) && topology.components.find((it) => it.id === store)?.kind === 'database';
  if (isDatabase) return 'System Failure: Database Overload';
  return `System Failure: ${station?.label ?? outcome.ladder[0]?.label ?? outcome.bindingComponent ?? 'service'} overload`;
}

function ofSpike(topology: Topology, scenario: Scenario, outcome: Outcome, spike: SpikeOutcome): Headline {
  const { profile } = scenario;
  if (profile.kind !== 'spike') return undecided(scenario, outcome);
  const course = `${exact(profile.basePerSecond)} → ${exact(profile.peakPerSecond)} req/s for ${duration(profile.seconds * 1000)}`;
  const inTime = `${percent(spike.goodputShare)} answered in time`;
  const drained =
    spike.drainSeconds === null ? 'backlog left at the end' : spike.drainSeconds < 1 ? 'no backlog left' : `backlog gone ${duration(spike.drainSeconds * 1000)} after`;
  if (spike.passes) return { headline: `Survives the spike ${course}`, explanation: joined(`${percent(spike.acceptedShare)} accepted`, drained, `p95 ${duration(spike.p95Ms)}`) };
  if (spike.acceptedShare >= 0.99 && spike.drainSeconds === null) {
    const lasting = neverDrains(topology, outcome, profile.peakPerSecond);
    if (lasting) return { headline: failure(topology, outcome), explanation: joined(lasting, lower(breaks(outcome))) };
  }
  return { headline: failure(topology, outcome), explanation: joined(`Spike ${course}: ${inTime}`, worstCause(spike.errorsByCause), lower(breaks(outcome))) };
}

/** Only where the workers themselves give way: behind another bottleneck their rate is an effect, not a cause. */
function queueWords(topology: Topology, outcome: Outcome): string | undefined {
  return binding(outcome)?.kind === 'consumer' ? neverDrains(topology, outcome, outcome.targetPerSecond) : undefined;
}

/** A queue takes all that comes and hands on less: `Accepts 1,000/s, drains 330/s, backlog +670/s, never recovers`. Rates are those of `perSecond` requests. */
function neverDrains(topology: Topology, outcome: Outcome, perSecond: number): string | undefined {
  const scale = outcome.targetPerSecond > 0 ? perSecond / outcome.targetPerSecond : 1;
  const [worst] = outcome.channels.map((it) => ({ channel: it, growth: it.inPerSecond * scale - it.drainPerSecond })).sort((a, b) => b.growth - a.growth);
  if (!worst || worst.growth <= 0) return undefined;
  const accepted = worst.channel.inPerSecond * scale;
  const fix = concurrencyFor(topology, worst.channel, accepted);
  const said = `Accepts ${rate(accepted, false)}/s, drains ${rate(worst.channel.drainPerSecond, false)}/s, backlog +${rate(worst.growth, false)}/s, never recovers`;
  return fix === undefined ? said : joined(said, `needs a concurrency of ${exact(fix)}`);
}

/** Consumers work side by side: their rate grows with the concurrency as long as nothing behind them binds. */
function concurrencyFor(topology: Topology, channel: ChannelOutcome, inPerSecond: number): number | undefined {
  const consumer = topology.channels.find((it) => it.id === channel.id)?.consumers[0];
  const now = consumer && valueIn(consumer.concurrency);
  if (now === undefined || channel.drainPerSecond <= 0) return undefined;
  return Math.ceil((now * inPerSecond) / channel.drainPerSecond / PLANNED_UTILISATION);
}

/** `Breaks at 310 req/s · target 1,000 · first: orders-db pool`; a range where the assumed inputs spread it wide. */
function breaks(outcome: Outcome, withTarget = true): string {
  const said = `${withTarget ? 'Breaks' : 'breaks'} ${at(outcome.breaksAtPerSecond, isAssumed(outcome), withTarget || outcome.verdict === 'unknown')}`;
  if (outcome.breaksAtPerSecond.value === null && !isWide(outcome.breaksAtPerSecond)) return 'no limit found';
  return joined(said, withTarget ? `target ${exact(outcome.targetPerSecond)}` : '', first(outcome));
}

function at(it: RateRange, assumed: boolean, unit: boolean): string {
  const suffix = unit ? ' req/s' : '';
  if (isWide(it)) return between(it, suffix) ?? `above ${rate(it.low ?? 0, true)}${suffix}`;
  if (it.value === 0) return 'at any load';
  return it.value === null ? 'nowhere' : `at ${rate(it.value, assumed)}${suffix}`;
}

const between = (it: RateRange, suffix = ' req/s'): string | undefined =>
  it.low !== null && it.high !== null && it.high > it.low ? `between ${rate(it.low, true)} and ${rate(it.high, true)}${suffix}` : undefined;
/** Assumed inputs went into the figures: two digits are all that they can carry. */
export const isAssumed = (outcome: Outcome): boolean => outcome.decidedBy.length > 0;
const binding = (outcome: Outcome): StationOutcome | undefined => outcome.stations.find((it) => it.id === outcome.binding);

function first(outcome: Outcome): string {
  const label = binding(outcome)?.label ?? (outcome.binding ? outcome.ladder.find((it) => it.station === outcome.binding)?.label : undefined);
  return label ? `first: ${label}` : '';
}

const CRITERION: Record<Criterion, (outcome: Outcome) => string> = {
  stability: (it) => (it.growing ? `${exact(Math.round(it.growing.requestsPerSecond))} requests more in the system every second` : ''),
  latency: (it) => (it.objective.p95Ms === null ? 'answers too slow' : `p95 above ${duration(it.objective.p95Ms)}`),
  errors: (it) => `more than ${percent(it.objective.errorShare)} fail`,
  messageAge: (it) => `messages older than ${duration(it.objective.messageAgeSeconds * 1000)}`,
};
const gaveWay = (outcome: Outcome): string => (outcome.criterion ? CRITERION[outcome.criterion](outcome) : '');
const answersIn = (outcome: Outcome): string => (outcome.latencyMs ? `p95 ${duration(outcome.latencyMs.p95)} at the target` : '');
const objectiveOf = (outcome: Outcome): string => (outcome.objective.basis === 'assumed' ? 'objective assumed' : `objective p95 ${duration(outcome.objective.p95Ms ?? 0)}`);

function worstCause(causes: Readonly<Record<string, number>>): string {
  const [worst] = Object.entries(causes).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return worst ? `mostly “${worst[0]}”` : '';
}

const target = (outcome: Outcome): string => `${exact(outcome.targetPerSecond)} req/s`;

const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** Parts of one line; empty ones leave no trace. */
export const joined = (...parts: readonly (string | undefined)[]): string => parts.filter((it) => it).join(' · ');

/** What a remedy did under the strain that its rule is about. */
export type Effect =
  | { kind: 'load'; before: number | null; after: number | null; assumed: boolean; bindsNext: string | null }
  | { kind: 'spike'; passes: boolean; before: number; after: number; drainSeconds: number | null }
  | { kind: 'goodput'; before: number; after: number; drainBefore: number | null; drainAfter: number | null; failsAtTarget: number }
  | { kind: 'latency'; beforeMs: number; afterMs: number }
  | { kind: 'refused'; before: number; after: number }
  | { kind: 'none' };

/** What the user does, what it brings, what it costs: `Set pool max to 25: ×2.5 until db's 8 cores bind · 75 of 100 connections`. */
export function titleOf(idea: RemedyIdea, effect: Effect): string {
  const brings = effectWords(effect);
  const does = groupedIn(idea.does);
  return joined(brings ? `${does}: ${brings}` : does, priceOf(idea, effect));
}

/** The price as facts; the simulated share of refused requests belongs to it. */
export function priceOf(idea: RemedyIdea, effect: Effect): string {
  const refuses = effect.kind === 'goodput' && effect.failsAtTarget > 0.001 ? `fails ${percent(effect.failsAtTarget)} of requests at the target` : '';
  return joined(groupedIn(idea.price), refuses);
}

function effectWords(it: Effect): string {
  switch (it.kind) {
    case 'load':
      return loadWords(it);
    case 'spike':
      if (!it.passes) return `${percent(it.before)} → ${percent(it.after)} of the spike answered in time`;
      return `the spike passes, ${percent(it.after)} answered in time${it.drainSeconds && it.drainSeconds >= 1 ? `, backlog gone ${duration(it.drainSeconds * 1000)} after` : ''}`;
    case 'goodput':
      if (it.after - it.before > 0.01) return `${percent(it.before)} → ${percent(it.after)} answered in time at 1.5× overload`;
      return it.drainAfter === null ? 'recovers from overload' : `recovers from overload in ${duration(it.drainAfter * 1000)}`;
    case 'latency':
      return `p95 ${duration(it.beforeMs)} → ${duration(it.afterMs)} for the requests beside it`;
    case 'refused':
      return it.after === 0 ? 'no connection refused when every pool is full' : `${exact(it.before)} → ${exact(it.after)} connections refused when every pool is full`;
    case 'none':
      return '';
  }
}

function loadWords({ before, after, assumed, bindsNext }: Extract<Effect, { kind: 'load' }>): string {
  const until = bindsNext ? ` until ${bindsNext}` : '';
  if (after === null) return 'no limit found behind it';
  if (before === null || before <= 0) return `holds up to ${rate(after, assumed)} req/s${until}`;
  // Where assumptions went in, the ratio is what lasts; the two rates would move together.
  return assumed ? `${times(after / before)}${until}` : `breaks at ${rate(before, false)} → ${rate(after, false)} req/s${until}`;
}

type Facts = Weakness['facts'];
const number = (facts: Facts, name: string): number => Number(facts[name] ?? 0);
const text = (facts: Facts, name: string): string => String(facts[name] ?? '');

const MESSAGES: Readonly<Record<RuleId, (facts: Facts, evidence: Evidence) => string>> = {
  'pool-saturation': (facts, { scenario, outcome }) => {
    const pool = `${text(facts, 'pool')} (${counted(number(facts, 'size'), 'connection')}${number(facts, 'instances') > 1 ? ` in each of ${exact(number(facts, 'instances'))} processes` : ''})`;
    const tipping = outcome.breakEven.find((it) => it.value !== null);
    if (answerOf(scenario, outcome) === 'unknown')
      return tipping
        ? `${pool} carries ${target(outcome)} only if ${condition(tipping)} (not measured)`
        : `${pool} may give way before ${target(outcome)}: its holding times are not measured`;
    return `${pool} gives way first: ${joined(breaks({ ...outcome, binding: null }).toLowerCase(), inSpike(scenario, outcome))}`;
  },
  'connection-budget': (facts) =>
    `Full pools open ${counted(number(facts, 'total'), 'connection')}, ${text(facts, 'store')} accepts ${exact(number(facts, 'limit'))}: “${text(facts, 'refusal')}”${facts.surge ? ' (rolling update included)' : ''}`,
  'missing-acquire-timeout': () => 'This pool lets requests wait for a connection for ever: overload becomes latency and memory instead of a quick error',
  'synchronous-write-path': (facts, { scenario, outcome }) =>
    joined(`${text(facts, 'endpoint')} writes to ${text(facts, 'store')} while the client waits: a spike goes straight into the database`, inSpike(scenario, outcome)),
  'slow-consumer': (facts) => {
    const drained = number(facts, 'drainPerSecond');
    const arrive = number(facts, 'inPerSecond');
    const assumed = facts.assumed === true;
    const growth = arrive - drained;
    return `${text(facts, 'channel')}: accepts ${rate(arrive, assumed)}/s, drains ${rate(drained, assumed)}/s with a concurrency of ${exact(number(facts, 'concurrency'))}, backlog +${rate(growth, assumed)}/s, never recovers`;
  },
  'worker-in-web-process': (facts) => `${text(facts, 'worker')} runs inside ${text(facts, 'host')}: its jobs take CPU time from requests, and its crash is theirs`,
  'nested-acquire': (facts) => {
    const size = number(facts, 'size');
    const when = size > 0 ? `once ${counted(size, 'request')} ${size === 1 ? 'does' : 'do'} so at a time` : 'under load';
    const what = `${text(facts, 'label')} takes a second connection of ${text(facts, 'pool')} while one is held`;
    return facts.timeoutMs ? `${what}: ${when}, all of them wait until the timeout of ${duration(number(facts, 'timeoutMs'))} and fail` : `${what}: deadlock ${when}`;
  },
};

/** The line that the editor shows beside the code. */
export function messageOf(weakness: Weakness, evidence: Evidence): string {
  return MESSAGES[weakness.rule]?.(weakness.facts, evidence) ?? weakness.rule;
}

function inSpike({ profile }: Scenario, { spike }: Outcome): string {
  if (profile.kind !== 'spike' || !spike) return '';
  return `spike to ${exact(profile.peakPerSecond)} req/s: ${percent(spike.goodputShare)} answered in time`;
}

export const foldedWords = (count: number): string => `and ${exact(count)} more`;

export function suppressionWords(rule: RuleId, why: 'unused' | 'noReason'): string {
  return why === 'unused' ? `This suppression of ${rule} hides nothing: remove it` : `This suppression of ${rule} gives no reason and does not count: write it after “--”`;
}
