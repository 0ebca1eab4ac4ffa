import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { compileAssumed } from '../compile/compile.ts';
import { asked, errorShareIn } from '../solve/ask.ts';
import { failing, type Question } from '../solve/measures.ts';
import { isPlainlyTooMuch } from '../solve/plainly-too-much.ts';

/** Whether a topology that came out of `compile` bears a load. Most that do not show it by their work alone, and laying out a network costs more than to solve it. */
export function borneBy(topology: Topology, scenario: Scenario): (perSecond: number) => boolean {
  const compiled = compileAssumed({ topology, assumptions: [] }, scenario);
  let question: Question | undefined;
  return (perSecond) => {
    if (question === undefined && isPlainlyTooMuch(compiled.network, perSecond, errorShareIn(scenario))) return false;
    question ??= asked(compiled, scenario).question;
    return question.flat.sources === 0 || failing(question, perSecond) === null;
  };
}
