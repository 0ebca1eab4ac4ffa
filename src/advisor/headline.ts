import { counted, duration, exact, percent, rate, span } from '../model/amounts.ts';
import { answerOf, isInDoubt } from '../model/answer.ts';
import { between, breakingAt, isAssumed } from '../model/breaking-words.ts';
import { valueIn } from '../model/known.ts';
import type { BreakEven, ChannelOutcome, Criterion, Outcome, SpikeOutcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Pool, Topology } from '../model/topology.ts';
import { aside, asFigures, binding, breaks, condition, first, joined, lower, poolOf, target } from './clauses.ts';

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
      return undecided(topology, scenario, outcome);
    case 'fails':
      return { headline: failure(topology, outcome), explanation: joined(queueWords(topology, outcome), breaks(outcome), gaveWay(outcome), asFigures(outcome)) };
    case 'tight':
      return { headline: `Tight at ${target(outcome)} · ${breaks(outcome, false)}`, explanation: joined(answersIn(outcome), 'less than 30% of room', asFigures(outcome)) };
    case 'holds':
      return { headline: `Holds at ${target(outcome)} · ${breaks(outcome, false)}`, explanation: joined(answersIn(outcome), objectiveOf(outcome), asFigures(outcome)) };
  }
}

function silent(topology: Topology, why: string): Headline {
  const next = nextStep(topology);
  return { headline: `No verdict: ${why}`, explanation: next };
}

function nextStep(topology: Topology): string {
  if (topology.components.length === 0) return 'Open the folder that holds package.json or docker-compose.yml';
  if (topology.endpoints.length === 0) return 'No routes were found: if this workspace serves requests, its framework or its way to register routes is not read yet';
  if (topology.endpoints.every((it) => it.role === 'excluded'))
    return 'Only health, metrics or static routes were found; give another route a weight in faultline.json under "mix"';
  if (!topology.endpoints.some((it) => it.external && it.role !== 'excluded'))
    return 'No route is reached from outside: publish a port in the compose file, or give a route a weight in faultline.json under "mix"';
  return 'Declare what is missing in faultline.json under "measurements" or "overrides"';
}

/**
 * The break-even needs no guess: it says what must be true for the system to hold.
 * Of several that decide, a query's holding time comes first: it stands at a line and a database can tell it; the strongest other stands beside it.
 */
function undecided(topology: Topology, scenario: Scenario, outcome: Outcome): Headline {
  if (outcome.unread)
    return {
      headline: `No verdict at ${target(outcome)}: part of the code could not be read`,
      explanation: joined(`${outcome.unread.endpoint}: ${outcome.unread.why}`, `in what was read: ${breaks(outcome, false)}`),
    };
  const tipping = outcome.breakEven.filter((it) => it.value !== null);
  const deciding = tipping.filter((it) => outcome.decidedBy.some((input) => input.input === it.input));
  const pooled = deciding.map((it) => ({ it, pool: poolOf(topology, it) })).find(({ pool }) => pool);
  const [likeliest] = tipping;
  const chosen = pooled && (isInDoubt(pooled.it) || !likeliest || !isInDoubt(likeliest)) ? pooled.it : likeliest;
  const spike = typicalSpike(scenario, outcome);
  if (chosen) {
    const other = deciding.find((it) => it !== chosen && !poolOf(topology, it));
    return {
      headline: `Holds at ${target(outcome)} only if ${condition(chosen)}`,
      explanation: joined(
        limitWords(topology, outcome, chosen, pooled?.pool),
        `not measured, typically ${typical(chosen)}`,
        aside(chosen),
        other ? `and ${condition(other)}` : '',
        spike,
        `measure ${other ? 'them' : 'it'} to know`,
      ),
    };
  }
  const decisive = outcome.decidedBy[0];
  return {
    headline: `Breaks ${between(outcome.breaksAtPerSecond) ?? breakingAt(outcome.breaksAtPerSecond, true)} · target ${exact(outcome.targetPerSecond)}`,
    explanation: decisive
      ? joined(`decided by ${decisive.label}: not measured, typically ${span(decisive.low, decisive.high, decisive.unit)}`, spike, 'measure it to know', asFigures(outcome))
      : joined(first(outcome), 'too close to call', asFigures(outcome)),
  };
}

/** What sets the limit of a break-even: the pool that its query uses is only right where that pool is what gives way. */
function limitWords(topology: Topology, outcome: Outcome, { binds }: BreakEven, queried: Pool | undefined): string {
  const station = outcome.stations.find((it) => it.id === binds);
  const pool = station ? topology.pools.find((it) => it.id === station.id) : queried;
  if (pool) return poolWords(pool);
  if (!station) return '';
  if (station.kind !== 'store' || station.servers === null) return `limited by ${station.label}`;
  const parallelism = topology.components.find((it) => it.id === station.component)?.parallelism;
  const isDeclared = parallelism?.state === 'known' && parallelism.basis !== 'assumed';
  return `${station.label} ${isDeclared ? 'does' : 'is taken to do'} ${counted(station.servers, 'operation')} at once`;
}

function poolWords(pool: Pool): string {
  const size = valueIn(pool.max);
  return size === undefined ? '' : `${pool.id} has ${counted(size, 'connection')}`;
}

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
  if (profile.kind !== 'spike') return undecided(topology, scenario, outcome);
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
  const assumed = isAssumed(outcome);
  const said = `Accepts ${rate(accepted, assumed)}/s, drains ${rate(worst.channel.drainPerSecond, assumed)}/s, backlog +${rate(worst.growth, assumed)}/s, never recovers`;
  return fix === undefined ? said : joined(said, `needs a concurrency of ${exact(fix)}`);
}

/** Consumers work side by side: their rate grows with the concurrency as long as nothing behind them binds. */
function concurrencyFor(topology: Topology, channel: ChannelOutcome, inPerSecond: number): number | undefined {
  const consumer = topology.channels.find((it) => it.id === channel.id)?.consumers[0];
  const now = consumer && valueIn(consumer.concurrency);
  if (now === undefined || channel.drainPerSecond <= 0) return undefined;
  return Math.ceil((now * inPerSecond) / channel.drainPerSecond / PLANNED_UTILISATION);
}

const CRITERION: Record<Criterion, (outcome: Outcome) => string> = {
  stability: (it) =>
    it.growing ? `${isAssumed(it) ? rate(it.growing.requestsPerSecond, true) : exact(Math.round(it.growing.requestsPerSecond))} requests more in the system every second` : '',
  latency: (it) => (it.objective.p95Ms === null ? 'answers too slow' : `p95 above ${duration(it.objective.p95Ms)}`),
  errors: (it) => `more than ${percent(it.objective.errorShare)} fail`,
  messageAge: (it) => `messages older than ${duration(it.objective.messageAgeSeconds * 1000)}`,
};
const gaveWay = (outcome: Outcome): string => (outcome.criterion ? CRITERION[outcome.criterion](outcome) : '');
const answersIn = (outcome: Outcome): string => (outcome.latencyMs ? `p95 ${duration(outcome.latencyMs.p95)} at the target` : '');
const objectiveOf = (outcome: Outcome): string =>
  outcome.objective.p95Ms === null ? `objective ${outcome.objective.basis}` : `objective p95 ${duration(outcome.objective.p95Ms)}`;

function worstCause(causes: Readonly<Record<string, number>>): string {
  const [worst] = Object.entries(causes).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return worst ? `mostly “${worst[0]}”` : '';
}
