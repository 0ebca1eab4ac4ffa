import { type Evidence, type Severity, SIMULATED_RULES, type Weakness } from '../model/weakness.ts';
import { givesWay } from '../rules/binding.ts';
import { answerOf } from '../model/answer.ts';

/** Rules that change what an API promises, or that no load can prove wrong: never an accusation. */
const NEVER_WARNS = [
  'synchronous-write-path',
  'missing-acquire-timeout',
  'worker-in-web-process',
  'blocking-work-in-request',
  'missing-retry-backoff',
  'uncached-hot-read',
  'job-awaited-in-request',
];

/** A warning needs a target that the user set and an answer of no that this weakness explains, or a defect that is certain at its line. */
export function severityOf(weakness: Weakness, { scenario, outcome }: Evidence): Severity {
  if (weakness.certain) return 'warning';
  const answer = answerOf(scenario, outcome);
  const explains = givesWay(outcome, weakness.station);
  if (answer === 'fails' && scenario.targetSetByUser && explains && !NEVER_WARNS.includes(weakness.rule)) return 'warning';
  const assumed = weakness.facts.assumed === true || (SIMULATED_RULES.includes(weakness.rule) && answer === 'unknown');
  return assumed ? 'hint' : 'information';
}

const ORDER: readonly Severity[] = ['warning', 'information', 'hint'];
export const severityRank = (it: Severity): number => ORDER.indexOf(it);
