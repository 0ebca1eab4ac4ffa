import type { Finding, Remedy, Report } from '../src/model/advice.ts';
import { answerOf } from '../src/model/answer.ts';
import type { Verdict } from '../src/model/outcome.ts';

const RANK: Record<Verdict, number> = { fails: 0, unknown: 1, tight: 2, holds: 3 };

/** A fix that moves the limit less than this is meant for something else, and moves it by the way. */
const LIFTED = 1.1;

/** The fix that turns the verdict furthest, else one that lifts the limit; null where none does either, however good it is for something else. */
export function bestFix(report: Report): { finding: Finding; remedy: Remedy } | null {
  const now = RANK[answerOf(report.scenario, report.outcome)];
  const all = report.advice.findings.flatMap((finding) => finding.remedies.filter((it) => it.edit || it.change).map((remedy) => ({ finding, remedy })));
  const turns = ({ remedy }: { remedy: Remedy }): number => (remedy.verdictAfter === null ? 0 : Math.max(0, RANK[remedy.verdictAfter] - now));
  const lift = ({ remedy }: { remedy: Remedy }): number => (remedy.breaksAtAfter === null || !remedy.breaksAtBefore ? 0 : remedy.breaksAtAfter / remedy.breaksAtBefore);
  const helpful = all.filter((it) => turns(it) > 0 || lift(it) >= LIFTED);
  return helpful.sort((a, b) => turns(b) - turns(a) || Number(b.remedy.preferred) - Number(a.remedy.preferred) || lift(b) - lift(a))[0] ?? null;
}
