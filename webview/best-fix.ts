import type { Finding, Remedy, Report } from '../src/model/advice.ts';
import { answerOf } from '../src/model/answer.ts';
import type { Verdict } from '../src/model/outcome.ts';

const RANK: Record<Verdict, number> = { fails: 0, unknown: 1, tight: 2, holds: 3 };

/** A limit that moves less than this has not moved. */
const LIFTED = 1.02;

/** The fix that turns the verdict furthest, else the first that lifts the limit; null where none does either, however good it is for something else. */
export function bestFix(report: Report): { finding: Finding; remedy: Remedy } | null {
  const now = RANK[answerOf(report.scenario, report.outcome)];
  const all = report.advice.findings.flatMap((finding) => finding.remedies.filter((it) => it.edit || it.change).map((remedy) => ({ finding, remedy })));
  const turns = ({ remedy }: { remedy: Remedy }): number => (remedy.verdictAfter === null ? 0 : Math.max(0, RANK[remedy.verdictAfter] - now));
  const lifts = ({ remedy }: { remedy: Remedy }): boolean => (remedy.breaksAtAfter ?? 0) > (remedy.breaksAtBefore ?? 0) * LIFTED;
  const helpful = all.filter((it) => turns(it) > 0 || lifts(it));
  return helpful.sort((a, b) => turns(b) - turns(a) || Number(b.remedy.preferred) - Number(a.remedy.preferred))[0] ?? null;
}
