import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import type { RuleId, Weakness } from '../../src/model/weakness.ts';
import { RULES } from '../../src/rules/index.ts';
import { assess } from '../../src/simulator/index.ts';
import { topologyOf } from '../inference/memory-workspace.ts';

/** What one rule says about a workspace of texts. */
export async function found(rule: RuleId, files: Readonly<Record<string, string>>, scenario: Scenario = DEFAULT_SCENARIO): Promise<readonly Weakness[]> {
  const topology = await topologyOf(files);
  const outcome = assess(topology, scenario, { spike: false, ladder: false, ranges: false, breakEven: false });
  return RULES.find((it) => it.id === rule)?.find({ topology, scenario, outcome }) ?? [];
}
