import { type Evidence, type RuleId, type Severity, SIMULATED_RULES, type Weakness } from '../model/weakness.ts';
import { bindingDatabase, bindingStation, givesWay, storeOf } from '../rules/binding.ts';
import { answerOf } from '../model/answer.ts';
import { heapAfterDay } from './kept-memory.ts';
import { NOTICEABLE } from './strains.ts';

/** Rules that change what an API promises, or that no load can prove wrong: never an accusation. */
const NEVER_WARNS = ['synchronous-write-path', 'missing-acquire-timeout', 'worker-in-web-process', 'blocking-work-in-request', 'missing-retry-backoff', 'job-awaited-in-request'];

/** These stand on how large a part of the work something is: where that is assumed they accuse nobody, though the figures say that it breaks. */
const BY_SHARE = ['read-replica', 'shared-read-write-model'];

/** A warning needs a target that the user set and an answer of no that this weakness explains, or a defect that is certain at its line. */
export function severityOf(weakness: Weakness, evidence: Evidence): Severity {
  const { scenario, outcome } = evidence;
  if (weakness.certain) return 'warning';
  const answer = answerOf(scenario, outcome);
  const explains =
    (givesWay(outcome, weakness.station) || loadsBindingDatabase(weakness, evidence) || fillsMemory(weakness, evidence)) && !isFarOff(weakness) && !isCloseCall(weakness, evidence);
  // What no simulated figure carries, and rests on assumptions, accuses nobody.
  const isGuess = weakness.facts.assumed === true && (BY_SHARE.includes(weakness.rule) || !SIMULATED_RULES.includes(weakness.rule));
  if (answer === 'fails' && scenario.targetSetByUser && explains && !isGuess && !NEVER_WARNS.includes(weakness.rule)) return 'warning';
  const assumed = weakness.facts.assumed === true || (SIMULATED_RULES.includes(weakness.rule) && answer === 'unknown');
  return assumed ? 'hint' : 'information';
}

/** These are about what a database has to do, not about the pool through which it comes. */
const OF_QUERIES = ['n-plus-one', 'missing-index', 'unbounded-query'];

/** The database itself gives way, and this is among what it has to do. */
function loadsBindingDatabase({ rule, station }: Weakness, { topology, outcome }: Evidence): boolean {
  const binding = bindingStation(outcome);
  const own = outcome.stations.find((it) => it.id === station);
  return OF_QUERIES.includes(rule) && binding?.kind === 'store' && own?.kind === 'pool' && bindingDatabase(topology, outcome) === storeOf(topology, own);
}

/** Rows that a table which grows may well have one day; its guess reaches from a thousand to ten million. */
const LIKELY_ROWS = 1_000_000;

/** What only a larger table would bring to its end is none of the reasons why this load fails. */
const isFarOff = ({ rule, facts }: Weakness): boolean => rule === 'missing-index' && typeof facts.rows === 'number' && facts.rows > LIKELY_ROWS;

/** What the best remedy has to gain before a rule's finding is a reason why this load fails: what ten times the rows take less than a third from is none. */
const WORTH: Readonly<Record<RuleId, number>> = { 'n-plus-one': NOTICEABLE, 'missing-index': NOTICEABLE, 'unbounded-query': 1.5 };

/** A limit that stands less than this above the first one may come before it, where the first one's size is assumed. */
const NEXT_TO_IT = 1.25;

/** A pool whose size is assumed (a library's, by the processors of its host) which the next limit follows at once: which of the two gives way first nobody knows. */
function isCloseCall({ rule, station, facts }: Weakness, { outcome: { ladder } }: Evidence): boolean {
  if (rule !== 'pool-saturation' || facts.sizeBasis !== 'assumed') return false;
  const own = ladder.find((it) => it.station === station)?.breaksAtPerSecond ?? null;
  return own !== null && ladder.some((it) => it.station !== station && it.breaksAtPerSecond !== null && it.breaksAtPerSecond < NEXT_TO_IT * own);
}

/** Whether more than its rule's word stands for it: of a query it must be seen that something changes without it. */
export const provesLittle = ({ rule, certain, remedies }: Weakness, gains: readonly number[]): boolean =>
  !certain && rule in WORTH && remedies.some((it) => it.change !== null) && gains.every((it) => it < (WORTH[rule] ?? 0));

/** What is told first among the equally severe: what gives way, then what is wrong under any load, then what gains most. */
export function worthOf(weakness: Weakness, { outcome }: Evidence, gains: readonly number[]): readonly [group: number, gain: number] {
  const group = givesWay(outcome, weakness.station) && !weakness.certain && !OF_QUERIES.includes(weakness.rule) ? 0 : weakness.certain ? 1 : 2;
  return [group, Math.max(0, ...gains)];
}

/** What is kept for ever of a week at the target, from which on it ends processes between one deployment and the next. */
const WEEKLY_BYTES = 1e9;

/** Memory gives way whatever the load's first limit is: no station stands for it. */
const fillsMemory = ({ rule, facts }: Weakness, { topology, outcome }: Evidence): boolean =>
  rule === 'unbounded-cache' && 7 * heapAfterDay(topology, outcome, String(facts.target), String(facts.key)) >= WEEKLY_BYTES;

const ORDER: readonly Severity[] = ['warning', 'information', 'hint'];
export const severityRank = (it: Severity): number => ORDER.indexOf(it);
