import { answerOf } from '../model/answer.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Evidence, RemedyIdea, RuleId, Weakness } from '../model/weakness.ts';
import { breaks, condition, joined, poolOf, target } from './clauses.ts';
import { bytes, counted, duration, exact, groupedIn, percent, rate, significant, times } from '../model/amounts.ts';

export { failure, type Headline, headline } from './headline.ts';

/** What a remedy did under the strain that its rule is about. */
export type Effect =
  | { kind: 'load'; before: number | null; after: number | null; assumed: boolean; bindsNext: string | null }
  | { kind: 'spike'; passes: boolean; before: number; after: number; drainSeconds: number | null }
  | { kind: 'goodput'; before: number; after: number; drainBefore: number | null; drainAfter: number | null; failsAtTarget: number }
  | { kind: 'latency'; beforeMs: number; afterMs: number }
  /** One route's answer while what it waits for is `slow` times as slow. */
  | { kind: 'response'; route: string; target: string; slow: number; beforeMs: number; afterMs: number; usual: readonly [beforeMs: number, afterMs: number] | null }
  /** Shares of the jobs that came during an outage of ten seconds. */
  | { kind: 'lostJobs'; before: number; after: number }
  | { kind: 'refused'; before: number; after: number }
  /** How much more it carries once there are ten times the rows. */
  | { kind: 'rows'; ratio: number }
  /** Requests a second that reach the service. */
  | { kind: 'origin'; before: number; after: number }
  /** Bytes of the heap of one process after a day at the target. */
  | { kind: 'heap'; before: number; after: number }
  /** One route's p95 with and without a connection that is set up for it, at a rate that the system carries with a pool. */
  | { kind: 'setUp'; route: string; atPerSecond: number; beforeMs: number | null; afterMs: number }
  /** Loads of one key at once when it runs out, and its route's p99 meanwhile. */
  | { kind: 'loads'; before: number; after: number }
  /** How many hold one lock at once while the work that it guards takes as long as it may. */
  | { kind: 'owners'; workMs: number; before: number; after: number }
  /** How busy a store is at the target, as a share of what it can do, with so many rows in the table. */
  | { kind: 'busy'; store: string; rows: number; before: number; after: number }
  /** Nothing in the scenario strains it: the effect is not known. */
  | { kind: 'unplayed'; why: string }
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
    case 'response':
      return `p95 of ${it.route} ${it.usual ? `${duration(it.usual[0])} → ${duration(it.usual[1])}, and ` : ''}${duration(it.beforeMs)} → ${duration(it.afterMs)} while ${it.target} is ${exact(it.slow)}× slower`;
    case 'lostJobs':
      return `${percent(it.before)} → ${percent(it.after)} of the jobs lost when what they need is down for 10 s`;
    case 'refused':
      return it.after === 0 ? 'no connection refused when every pool is full' : `${exact(it.before)} → ${exact(it.after)} connections refused when every pool is full`;
    case 'rows':
      return `${times(it.ratio)} with ten times the rows`;
    case 'origin':
      return `${rate(it.before, true)} → ${rate(it.after, true)} req/s reach the service`;
    case 'heap':
      return `${bytes(it.before)} → ${bytes(it.after)} of heap after 24 h at the target, if an entry takes 1 KB`;
    case 'setUp':
      return `p95 of ${it.route} ${it.beforeMs === null ? 'without end' : duration(it.beforeMs)} → ${duration(it.afterMs)} at ${rate(it.atPerSecond, true)} req/s`;
    case 'loads':
      return `up to ${exact(Math.ceil(it.before))} → ${counted(it.after, 'load')} at once when it runs out`;
    case 'owners':
      return `${it.before} → ${counted(it.after, 'owner')} at once when the work takes ${duration(it.workMs)}`;
    case 'busy':
      return `${it.store} ${load(it.before)} → ${load(it.after)} busy at ${exact(it.rows)} rows`;
    case 'unplayed':
      return `effect not known, ${it.why}`;
    case 'none':
      return '';
  }
}

/** Work as a share of what there is: beyond the whole it is said as a multiple. */
const load = (share: number): string => (share > 1 ? times(share) : percent(share));

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
  'pool-saturation': (facts, { topology, scenario, outcome }) => {
    const pool = `${text(facts, 'pool')} (${counted(number(facts, 'size'), 'connection')}${number(facts, 'instances') > 1 ? ` in each of ${exact(number(facts, 'instances'))} processes` : ''})`;
    const tipping = outcome.breakEven.find((it) => it.value !== null && poolOf(topology, it)?.id === facts.poolId);
    if (answerOf(scenario, outcome) === 'unknown')
      return tipping
        ? `${pool} carries ${target(outcome)} only if ${condition(tipping)} (not measured)`
        : `${pool} may give way before ${target(outcome)}: its holding times are not measured`;
    return `${pool} gives way first: ${joined(breaks({ ...outcome, binding: null }).toLowerCase(), inSpike(scenario, outcome))}`;
  },
  'connection-budget': (facts) =>
    `Full pools open ${counted(number(facts, 'total'), 'connection')}, ${text(facts, 'store')} accepts ${exact(number(facts, 'limit'))}: “${text(facts, 'refusal')}”${facts.surge ? ' (rolling update included)' : ''}`,
  'missing-acquire-timeout': () => 'This pool lets requests wait for a connection for ever: overload becomes latency and memory instead of a quick error',
  'n-plus-one': (facts) => {
    const what = facts.kind === 'request' ? 'calls' : facts.kind === 'cache' ? 'commands' : 'queries';
    const atOnce = facts.concurrent ? ', all at once' : '';
    return facts.brought
      ? `${text(facts, 'label')} is asked again for each entry of a list that the request brings${atOnce}: n ${what} for n entries`
      : `${text(facts, 'label')} is asked again for each row of ${text(facts, 'rows')}${atOnce}: 1 + n ${what} for n rows`;
  },
  'dual-write': (facts) =>
    `${text(facts, 'label')} and the message to ${text(facts, 'channel')} are not one: if the second fails, ${text(facts, 'store')} keeps what nobody is told`,
  'keyspace-scan': (facts) => `${text(facts, 'label')} looks at every key of ${text(facts, 'store')} in a request: it takes longer with each key, and all others wait meanwhile`,
  'cache-stampede': (facts) => {
    const more = number(facts, 'more') > 0 ? ` and ${exact(number(facts, 'more'))} more` : '';
    return `${text(facts, 'key')} runs out every ${duration(number(facts, 'ttlMs'))}, and until it is there again every ${text(facts, 'route')} asks ${text(facts, 'store')} for ${text(facts, 'label')}${more}: about ${exact(Math.ceil(number(facts, 'atOnce')))} at once near the limit`;
  },
  'lock-shorter-than-query': (facts) =>
    `The lock ${text(facts, 'key')} ends after ${duration(number(facts, 'ttlMs'))}, the work that it guards ${facts.measured ? 'takes' : 'may take'} ${duration(number(facts, 'workMs'))} (${text(facts, 'label')}): then a second one begins it`,
  'missing-pool': (facts) => {
    const others = number(facts, 'routes') > 1 ? ` and ${exact(number(facts, 'routes') - 1)} more` : '';
    return `${text(facts, 'route')}${others} ${number(facts, 'routes') > 1 ? 'set' : 'sets'} up a connection to ${text(facts, 'store')} every time: nothing bounds how many there are`;
  },
  'missing-index': (facts) => {
    const rows = facts.rows === null ? 0 : number(facts, 'rows');
    const tips = rows > 0 ? `: from about ${significant(rows, 1)} rows on this alone takes all of ${text(facts, 'store')} at the target` : '';
    return `${text(facts, 'label')} goes through all of ${text(facts, 'table')}: no index begins with ${text(facts, 'asked')}${tips}`;
  },
  'unbounded-query': (facts) =>
    `${text(facts, 'label')} reads all rows of ${text(facts, 'table')}, which grows: time, memory and event loop grow with it${facts.isRequest ? '' : ', and all rows are worked on at once'}`,
  'read-replica': (facts, { outcome }) =>
    `Reads are ${percent(number(facts, 'reads'))} of the work of ${text(facts, 'store')} (${text(facts, 'basis')}), all of them on the primary, ${text(facts, 'label')} most of all; ${percent(number(facts, 'share'))} may be as old as a replica is behind: ${breaks(outcome, false)}`,
  'synchronous-write-path': (facts, { scenario, outcome }) =>
    joined(`${text(facts, 'endpoint')} writes to ${text(facts, 'store')} while the client waits: a spike goes straight into the database`, inSpike(scenario, outcome)),
  'blocking-work-in-request': (facts) =>
    `${text(facts, 'route')} answers only when ${text(facts, 'what')} has gone out over ${text(facts, 'target')}${facts.timeoutMs ? ` (up to ${duration(number(facts, 'timeoutMs'))})` : ''}, and fails when that fails`,
  'missing-retry-backoff': (facts) =>
    number(facts, 'attempts') > 1
      ? `Jobs on ${text(facts, 'channel')} are tried ${exact(number(facts, 'attempts'))} times at once, without a pause: an outage of a second fails them all`
      : `Jobs on ${text(facts, 'channel')} are tried once: whatever fails for a moment is lost`,
  'job-awaited-in-request': (facts) => {
    const looks = number(facts, 'everyMs') > 0 ? `, looking every ${duration(number(facts, 'everyMs'))}` : '';
    const limit = number(facts, 'timeoutMs') > 0 ? ` (up to ${duration(number(facts, 'timeoutMs'))})` : '';
    return `${text(facts, 'route')} enqueues a job on ${text(facts, 'channel')} and waits until it is done${looks}${limit}: it is as slow as the queue, and hangs when the worker does`;
  },
  'unbounded-cache': (facts) => `${text(facts, 'route')} adds an entry for each new key and nothing ever takes one out: memory grows until the process ends`,
  'missing-http-caching': (facts) => `Answers of ${text(facts, 'route')} say nothing about being kept: every repeat is made anew`,
  'shared-read-write-model': (facts, { outcome }) =>
    `${text(facts, 'label')} puts all of ${text(facts, 'table')} together anew for every ${text(facts, 'route')}, while ${text(facts, 'writer')} writes it: ${percent(number(facts, 'share'))} of the work of ${text(facts, 'store')} (${text(facts, 'basis')}), ${breaks(outcome, false)}`,
  'stale-replica-read': (facts) =>
    `${text(facts, 'label')} asks ${text(facts, 'replica')}, a copy of ${text(facts, 'store')}, for what ${facts.channel ? `the sender on ${text(facts, 'channel')}` : 'the same program'} has just written there (${text(facts, 'write')}): until the copy has caught up it answers with what was before`,
  'stale-cache-write': (facts) =>
    `${text(facts, 'label')} leaves ${text(facts, 'key')} in ${text(facts, 'store')} as it was${facts.ttlMs ? ` for up to ${duration(number(facts, 'ttlMs'))}` : ' for good'}; ${text(facts, 'other')} drops it`,
  'missing-dead-letter': (facts) =>
    ({
      removed: `Jobs on ${text(facts, 'channel')} that fail for good are thrown away: nobody can look at them or try them again`,
      unasked: `Messages on ${text(facts, 'channel')} are taken as handled before they are: whatever fails is lost`,
      unnamed: `Messages on ${text(facts, 'channel')} wait in a queue without a name, which ends with its connection: what fails is lost, and what is sent while this service restarts never comes`,
      blocking: `A message on ${text(facts, 'channel')} that can't be handled is tried again and again, and those behind it on its partition wait`,
      swallowed: `A message on ${text(facts, 'channel')} whose handling fails counts as handled: its error ends here, and nothing brings it back`,
      expired: `A message on ${text(facts, 'channel')} that can't be handled comes again and again until it is too old, and then it is gone`,
      unacknowledged: `A message on ${text(facts, 'channel')} that can't be handled stays with the consumer, and is the first that the next one gets`,
    })[text(facts, 'fate')] ?? 'missing-dead-letter',
  'missing-saga': (facts) =>
    `${text(facts, 'second')} at ${text(facts, 'other')} comes after ${text(facts, 'label')} at ${text(facts, 'store')}, and nothing takes that back if it fails`,
  'non-idempotent-consumer': (facts) => {
    const what = `${text(facts, 'what')} is done again when a message of ${text(facts, 'channel')} comes again`;
    if (facts.fault === 'short')
      return `${what} after ${duration(number(facts, 'ttlMs'))}: the key that tells is kept no longer, and attempts go on for ${duration(number(facts, 'forMs'))}`;
    if (facts.fault === 'shared') return `${text(facts, 'what')} is passed by when another operation had the same key: ${text(facts, 'key')} does not say what was done`;
    return `${what}: nothing tells that it is ${facts.kind === 'create' ? 'there' : facts.kind === 'charge' ? 'paid' : 'sent'} already`;
  },
  'uncached-hot-read': (facts, { outcome }) =>
    facts.by
      ? `${text(facts, 'label')} is asked anew at ${text(facts, 'store')} by ${percent(number(facts, 'share'))} of the requests of ${text(facts, 'by')}`
      : `${text(facts, 'label')} ${number(facts, 'reads') > 1 ? 'are' : 'is'} ${percent(number(facts, 'share'))} of the work of ${text(facts, 'store')}, asked anew for every ${text(facts, 'route')}: ${breaks(outcome, false)}`,
  'slow-consumer': (facts) => {
    const drained = number(facts, 'drainPerSecond');
    const arrive = number(facts, 'inPerSecond');
    const assumed = facts.assumed === true;
    const growth = arrive - drained;
    return `${text(facts, 'channel')}: accepts ${rate(arrive, assumed)}/s, drains ${rate(drained, assumed)}/s with a concurrency of ${exact(number(facts, 'concurrency'))}, backlog +${rate(growth, assumed)}/s, never recovers`;
  },
  'worker-in-web-process': (facts) =>
    facts.container
      ? `${text(facts, 'worker')} and ${text(facts, 'host')} run in one container: they share its memory and its restarts, and can only be scaled together`
      : `${text(facts, 'worker')} runs inside ${text(facts, 'host')}: its jobs take CPU time from requests, and its crash is theirs`,
  'event-loop-blocking': (facts) => {
    if (facts.kind === 'busy') return `The event loop of ${text(facts, 'process')} gives way first: ${text(facts, 'parts')} of what it does`;
    const cores = number(facts, 'cores') < 1 ? ` at ${exact(number(facts, 'cores'))} cores` : '';
    const pieces = number(facts, 'pieces') > 0 ? `, in pieces of ${duration(number(facts, 'pieces'))}` : '';
    const share = number(facts, 'share') > 0 ? ` · ${percent(number(facts, 'share'))} of what it does at this load` : '';
    return `${text(facts, 'call')} keeps the event loop of ${text(facts, 'process')} busy for about ${duration(number(facts, 'ms'))}${cores}${pieces}: everyone else waits meanwhile, and ${rate(1000 / number(facts, 'ms'), true)} a second take all of it${share}`;
  },
  'nested-acquire': (facts) => {
    const size = number(facts, 'size');
    const when = size > 0 ? `once ${counted(size, 'request')} ${size === 1 ? 'does' : 'do'} so at a time` : 'under load';
    const more = number(facts, 'more') > 0 ? ` (and ${counted(number(facts, 'more'), 'line')} more with it)` : '';
    const what = `${text(facts, 'label')} takes a second connection of ${text(facts, 'pool')} while one is held${more}`;
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

/** `used by api and admin`: clients of one construction. */
export const sharedWords = (names: readonly string[]): string => `used by ${names.slice(0, -1).join(', ')}${names.length > 1 ? ' and ' : ''}${names.at(-1) ?? ''}`;

/** `one of the two is enough: Set pool max to 28`. */
export const insteadWords = (does: string): string => `one of the two is enough: ${does}`;

export const foldedWords = (count: number): string => `and ${exact(count)} more`;

export function suppressionWords(rule: RuleId, why: 'unused' | 'noReason'): string {
  return why === 'unused' ? `This suppression of ${rule} hides nothing: remove it` : `This suppression of ${rule} gives no reason and does not count: write it after “--”`;
}

/** Little's law, without a time that nobody has measured: the pool is full once its queries hold a connection for longer. */
export const poolWords = (pool: string, size: number, library: string, perSecond: number): string =>
  `${pool} has ${exact(size)} connections, the default of ${library}: at ${rate(perSecond, true)} queries a second it is full once each holds one for ${duration((size / perSecond) * 1000)}`;

export const inlineWords = (routes: readonly string[], store: string): string =>
  `${routes.join(', ')} ${routes.length === 1 ? 'writes' : 'write'} to ${store} before the answer: no write is left to the queue`;

export const missingWords = (specifier: string, files: number): string =>
  `${specifier} is imported by ${counted(files, 'file')} and is not there: the project neither compiles nor starts, and what is said of it leaves out what lies behind`;
