import type { Advice, Finding, ReadinessItem } from './advice.ts';

/** An item of the readiness list as something that stands at a line and can be mended there. */
export const findingOf = (it: ReadinessItem): Finding => ({
  id: `${it.rule} ${it.component} ${it.place.file}:${it.place.line}`,
  rule: it.rule,
  severity: 'hint',
  place: it.place,
  component: it.component,
  message: it.message,
  related: [],
  remedies: it.remedies,
  folded: [],
});

/** Everything that remedies stand at. */
export const allFindings = ({ findings, readiness = [] }: Advice): readonly Finding[] => [...findings, ...readiness.map(findingOf)];
