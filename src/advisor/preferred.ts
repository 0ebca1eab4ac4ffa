import type { Advice, Finding, Remedy } from '../model/advice.ts';
import type { Refusal } from '../model/edit.ts';
import type { RecipeCall } from '../model/weakness.ts';

/** These change the contract of an API: somebody has to want them. */
const NEVER_PREFERRED = ['synchronous-write-path', 'job-awaited-in-request'];

/** One remedy is the first to try: of the cheapest ones that which an edit can make. */
export function withPreferred(finding: Finding): Finding {
  const candidates = finding.remedies.filter((it) => !NEVER_PREFERRED.some((rule) => it.id.startsWith(`${rule}/`)));
  const cheapest = candidates.filter((it) => it.effort === candidates[0]?.effort);
  const chosen = cheapest.find((it) => it.edit !== null) ?? cheapest[0];
  return { ...finding, remedies: finding.remedies.map((it) => (it === chosen ? { ...it, preferred: true } : it.preferred ? { ...it, preferred: false } : it)) };
}

const remediesIn = ({ findings, readiness = [], followUps = [] }: Advice): readonly Remedy[] => [...findings, ...readiness, ...followUps].flatMap((it) => it.remedies);

/** All edits that an advice offers. */
export const editsIn = (advice: Advice): RecipeCall[] => remediesIn(advice).flatMap((it) => it.edit ?? []);

/** The same advice without edits that can't be made: such a remedy says how it is done by hand, and what stands in the edit's way. */
export function withoutRefused(advice: Advice, refusal: (edit: RecipeCall) => Refusal | undefined): Advice {
  if (!remediesIn(advice).some((it) => it.edit && refusal(it.edit) !== undefined)) return advice;
  const byHand = (it: Remedy): Remedy => {
    const refused = it.edit ? refusal(it.edit) : undefined;
    if (!refused) return it;
    const { guidance = refused.byHand } = it;
    return { ...it, edit: null, guidance: `By hand: ${guidance.replace(/\.$/, '')} · No edit here: ${refused.why}` };
  };
  const { readiness, followUps } = advice;
  return {
    ...advice,
    findings: advice.findings.map((it) => withPreferred({ ...it, remedies: it.remedies.map(byHand) })),
    ...(readiness && { readiness: readiness.map((it) => ({ ...it, remedies: it.remedies.map(byHand) })) }),
    ...(followUps && { followUps: followUps.map((it) => ({ ...it, remedies: it.remedies.map(byHand) })) }),
  };
}
