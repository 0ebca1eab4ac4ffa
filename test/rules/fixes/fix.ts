import { infer } from '../../../src/inference/infer.ts';
import { scenarioOf } from '../../../src/inference/project.ts';
import { applyChange } from '../../../src/model/change.ts';
import { applyEdits, type FileEdit } from '../../../src/model/edit.ts';
import type { Scenario } from '../../../src/model/scenario.ts';
import type { Topology } from '../../../src/model/topology.ts';
import type { Evidence, RemedyIdea, RuleId, Weakness } from '../../../src/model/weakness.ts';
import { makeEdits } from '../../../src/recipes/index.ts';
import { RULES } from '../../../src/rules/index.ts';
import { assess } from '../../../src/simulator/index.ts';
import { memoryWorkspace } from '../../inference/memory-workspace.ts';
import type { Files } from '../workspaces/sources.ts';

/** A weak workspace, the remedy whose edit is made, and all that the edit may do to the topology. */
export interface Fix {
  /** Framework, language, modules, client: `Express, TypeScript, pg`. */
  says: string;
  remedy: string;
  files: Files;
  scenario?: Partial<Scenario>;
  /** Lines of the topology that go and come (`topology-lines.ts`): these, and no others. */
  changes: readonly string[];
  /** Weaknesses that the remedy brings with it, as its price says: `rule place`. */
  brings?: readonly string[];
  /** Why the code's rate differs from what the change promised, where it does; else it must come within a twentieth. */
  otherRate?: string;
}

interface Read {
  topology: Topology;
  evidence: Evidence;
  weak: readonly Weakness[];
}

const POINT_ONLY = { ranges: false, ladder: false, breakEven: false };

/** A workspace as any other is read, with all that the rules say of it. */
export async function readAll(files: Files, wished: Partial<Scenario> = {}): Promise<Read> {
  const { topology, project } = await infer(memoryWorkspace(files));
  const scenario: Scenario = { ...scenarioOf(project, topology), targetSetByUser: true, ...wished };
  const evidence: Evidence = { topology, scenario, outcome: assess(topology, scenario, POINT_ONLY) };
  return { topology, evidence, weak: RULES.flatMap((rule) => rule.find(evidence)).filter((it) => it.state === 'weak') };
}

export type Fixed = { files: Files; edits: readonly FileEdit[]; idea: RemedyIdea; read: Read } | { cannot: string; read: Read };

/** Makes the edit of the wanted remedy. */
export async function fixed(rule: RuleId, remedy: string, files: Files, scenario?: Partial<Scenario>): Promise<Fixed> {
  const read = await readAll(files, scenario);
  const mine = read.weak.filter((it) => it.rule === rule);
  const idea = mine.flatMap((it) => it.remedies).find((it) => it.id === remedy);
  if (!idea) throw new Error(`${rule} proposes ${mine.flatMap((it) => it.remedies.map((one) => one.id)).join(', ') || 'nothing'} (${mine.length} weak), not ${remedy}`);
  if (!idea.edit) return { cannot: 'the remedy has no edit', read };
  const made = await makeEdits(idea.edit, memoryWorkspace(files));
  if ('cannot' in made) return { ...made, read };
  const after: Record<string, string> = { ...files };
  for (const it of made.edits) {
    if (it.kind === 'change' ? it.before !== files[it.file] : it.file in files) throw new Error(`${it.file} is not as the edit has it`);
    after[it.file] = it.kind === 'create' ? it.text : applyEdits(it.before, it.edits);
  }
  return { files: after, edits: made.edits, idea, read };
}

export const placeOf = (it: Weakness): string => `${it.rule} ${it.component}`;

/** The rate at which it breaks, as the change promised and as the code now gives it. */
export function rates({ evidence }: Read, idea: RemedyIdea, after: Topology): { promised: number; is: number } | undefined {
  if (!idea.change) return undefined;
  const rate = (topology: Topology): number => assess(topology, evidence.scenario, POINT_ONLY).breaksAtPerSecond.value ?? 1e6;
  return { promised: rate(applyChange(evidence.topology, idea.change)), is: rate(after) };
}
