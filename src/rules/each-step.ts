import { walkRuns } from '../model/often.ts';
import type { Endpoint, Step, Topology } from '../model/topology.ts';
import type { Weakness } from '../model/weakness.ts';

/** What a rule says about each step of one kind, in every program; `enclosing` are the steps around it, outermost first, and `often` is how often it runs for one run of its program. */
export function eachStep<K extends Step['kind']>(
  topology: Topology,
  kinds: readonly K[],
  judge: (endpoint: Endpoint, step: Extract<Step, { kind: K }>, enclosing: readonly Step[], often: number) => Weakness | undefined,
): Weakness[] {
  const isWanted = (step: Step): step is Extract<Step, { kind: K }> => (kinds as readonly string[]).includes(step.kind);
  return topology.endpoints.flatMap((endpoint) => {
    const all: Weakness[] = [];
    walkRuns(endpoint.steps, (step, often, enclosing) => {
      const it = isWanted(step) ? judge(endpoint, step, enclosing, often) : undefined;
      if (it) all.push(it);
    });
    return all;
  });
}
