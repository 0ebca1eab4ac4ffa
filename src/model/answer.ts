import type { BreakEven, Outcome, RateRange, Verdict } from './outcome.ts';
import type { Scenario } from './scenario.ts';

/** Beyond this spread of low and high a single figure would pretend to knowledge. */
const WIDE = 3;

/** Less than this between low and high is the precision of the search, not an assumption's doing. */
const SPREAD = 1.05;

/** True where assumed inputs move a rate: its figures carry two digits and their range. */
export function isSpread({ value, low, high }: RateRange): boolean {
  if (low === null || value === 0) return false;
  return high === null || high > SPREAD * low;
}

/** True where the assumed inputs spread a rate so far that only the range may be told. */
export function isWide({ value, low, high }: RateRange): boolean {
  if (low === null || value === 0) return false;
  return high === null ? value !== null : high > WIDE * low;
}

/** True where a verdict tips within the range that its input is thought to lie in: what tips beyond it alone is no doubt. */
export const isInDoubt = ({ value, typical: [low, high] }: BreakEven): boolean => value !== null && value >= low && value <= high;

/**
 * The verdict on the whole scenario: of a spike that was played, else of the steady target.
 * A spike is played with point values, so where assumptions spread the breaking point wide around the target the answer stays `unknown`.
 * What was not read can only make it worse: then nothing holds, but what fails still fails.
 */
export function answerOf(scenario: Scenario, outcome: Outcome): Verdict {
  const answer = answerOfRead(scenario, outcome);
  return outcome.unread && answer !== 'fails' ? 'unknown' : answer;
}

function answerOfRead(scenario: Scenario, outcome: Outcome): Verdict {
  if (scenario.profile.kind !== 'spike' || !outcome.spike) return outcome.verdict;
  if (outcome.verdict === 'unknown' && isWide(outcome.breaksAtPerSecond)) return 'unknown';
  return outcome.spike.passes ? 'holds' : 'fails';
}
