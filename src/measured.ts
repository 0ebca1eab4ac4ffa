import { loadTestsOf } from './inference/project.ts';
import { codePrint, concernedByInput, concernedByRoutes, type Concerned, type TextOf } from './measurements/code-print.ts';
import { inputsOf, mapInputs } from './model/inputs.ts';
import type { HeldAgainst } from './model/load-test.ts';
import type { Project } from './model/project.ts';
import type { Scenario } from './model/scenario.ts';
import type { Topology } from './model/topology.ts';
import { heldAgainst } from './simulator/index.ts';
import type { Workspace } from './workspace.ts';

/** Texts of the files that places lie in. */
export async function textsOf(workspace: Workspace, concerned: readonly Concerned[]): Promise<TextOf> {
  const texts = new Map<string, string>();
  for (const file of new Set(concerned.flatMap((it) => it.places.map((place) => place.file)))) {
    const read = await workspace.read(file);
    if ('text' in read) texts.set(file, read.text);
  }
  return (file) => texts.get(file);
}

/** Marks measured values whose code is another one than when they were measured. A value without a print, or with code that can't be read, stays as it is: nobody knows. */
export async function withStaleness(topology: Topology, workspace: Workspace): Promise<Topology> {
  const printed = inputsOf(topology).flatMap((input) => {
    const { value } = input;
    return value.state === 'known' && value.basis === 'measured' && value.code !== undefined
      ? [{ id: input.id, code: value.code, concerned: concernedByInput(input, topology) }]
      : [];
  });
  if (printed.length === 0) return topology;
  const texts = await textsOf(
    workspace,
    printed.map((it) => it.concerned),
  );
  const isOther = ({ code, concerned }: (typeof printed)[number]): boolean => {
    const now = codePrint(concerned, texts);
    return now !== undefined && now !== code;
  };
  const stale = new Set(printed.filter(isOther).map((it) => it.id));
  return stale.size === 0 ? topology : mapInputs(topology, (id, _label, _unit, value) => (stale.has(id) && value.state === 'known' ? { ...value, isStale: true } : value));
}

/** The load tests of a project beside what is predicted for exactly their loads, in their order. */
export async function heldAgainstTests(topology: Topology, scenario: Scenario, project: Project, workspace: Workspace): Promise<HeldAgainst[]> {
  const tests = loadTestsOf(project, topology).map((test) => ({ test, concerned: concernedByRoutes(Object.keys(test.routes), topology) }));
  if (tests.length === 0) return [];
  const texts = await textsOf(
    workspace,
    tests.filter(({ test }) => test.code !== undefined).map((it) => it.concerned),
  );
  return tests.flatMap(({ test, concerned }) => {
    const held = heldAgainst(topology, scenario, test);
    if (!held) return [];
    const now = test.code === undefined ? undefined : codePrint(concerned, texts);
    return [{ ...held, isStale: now !== undefined && now !== test.code }];
  });
}
