import type { Report } from '../model/advice.ts';
import { inputsOf } from '../model/inputs.ts';

/** A name that fits where somebody writes in faultline.json. */
export interface ProjectWord {
  text: string;
  says: string;
}

/**
 * The names of this very workspace that fit at the end of `before` (the text of faultline.json up to the cursor): numbers, routes, rules, deployments.
 * Null where the schema knows as much. The schema itself completes fields and units.
 */
export function projectWords(before: string, report: Report): ProjectWord[] | null {
  const { topology, advice } = report;
  const field = /"(input|rule|deployment)"\s*:\s*"[^"\n]*$/.exec(before)?.[1];
  const routes = topology.endpoints.filter((it) => it.trigger.kind === 'http');
  switch (field) {
    case 'input':
      return inputsOf(topology).map((it) => ({ text: it.id, says: it.label }));
    case 'rule':
      return advice.layers.flatMap((layer) => layer.rules.map((it) => ({ text: it.rule, says: it.title })));
    case 'deployment':
      return topology.deployments.map((it) => ({ text: it.name, says: it.source }));
  }
  return /"mix"\s*:\s*\{(?:[^{}"]|"[^"\n]*"|\/\/.*)*?(?:^|[{,\s])"[^"\n]*$/m.test(before) && !/:\s*"[^"\n]*$/.test(before)
    ? routes.map((it) => ({ text: it.id, says: it.role }))
    : null;
}
