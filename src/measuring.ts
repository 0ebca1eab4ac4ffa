import { headline } from './advisor/phrase.ts';
import { type FactCache, infer } from './inference/infer.ts';
import { overlaid } from './inference/overlaid.ts';
import { PROJECT_FILE, scenarioOf } from './inference/project.ts';
import { heldAgainstTests, textsOf, withStaleness } from './measured.ts';
import { codePrint, type Concerned, concernedByInput, concernedByRoutes } from './measurements/code-print.ts';
import { type LoadScript, loadScriptOf } from './measurements/load-script.ts';
import { loadTestOf } from './measurements/load-tests-of.ts';
import { type Found, type Matched, matchReading } from './measurements/match.ts';
import { type MeasuredFarBelow, measuredFarBelow } from './model/measuring-load.ts';
import { readMeasurements } from './measurements/read-measurements.ts';
import type { Sample } from './measurements/reading.ts';
import { type Recipe, type RecipeQuestion, recipeOf, recipesFor } from './measurements/recipe.ts';
import { recipeText } from './measurements/recipe-text.ts';
import { editFor } from './measurements/write.ts';
import { writtenStatement } from './measurements/written-statement.ts';
import type { FileEdit } from './model/edit.ts';
import { applyEdits } from './model/edit.ts';
import { type Input, type InputId, inputsOf, withInputs } from './model/inputs.ts';
import type { Place } from './model/known.ts';
import type { HeldAgainst, LoadTest } from './model/load-test.ts';
import type { Measurement } from './model/measurement.ts';
import type { Outcome } from './model/outcome.ts';
import type { Scenario } from './model/scenario.ts';
import type { Topology } from './model/topology.ts';
import { assess } from './simulator/index.ts';
import type { Workspace } from './workspace.ts';

/** A file that the user gave, read by the caller: it may lie anywhere. */
export interface GivenFile {
  name: string;
  text: string;
  /** ISO 8601: stands in where the file itself says no time. */
  modifiedAt: string;
}

/** What files of measurements come to in a workspace. */
export interface Imported {
  files: readonly ({ name: string; problem: string } | ({ name: string; tool: string; skipped: readonly string[] } & Matched))[];
  /** One per input: of several, the one that rests on the most calls. */
  measurements: readonly { measurement: Measurement; before: Input | undefined; isOverridden: boolean }[];
  loadTests: readonly LoadTest[];
  /** The load tests beside what is predicted once all is imported. */
  held: readonly HeldAgainst[];
  /** Inputs whose value rests on few calls. */
  few: readonly { input: InputId; label: string; calls: number }[];
  /** What of it was measured far below the load that it decides. */
  farBelow: readonly MeasuredFarBelow[];
  edits: readonly FileEdit[];
  /** Why nothing can be written. */
  cannot: string | null;
  before: string;
  after: string;
}

export interface AnswerWishes {
  scenario?: Partial<Scenario>;
  deployment?: string;
  cache?: FactCache;
}

/** The answer without its advice, which takes longer. */
export async function answer(
  workspace: Workspace,
  { scenario: wished, deployment, cache }: AnswerWishes = {},
): Promise<{ topology: Topology; scenario: Scenario; outcome: Outcome; headline: string }> {
  const { topology: inferred, project } = await infer(workspace, { ...(deployment !== undefined && { deployment }), ...(cache && { cache }) });
  const topology = await withStaleness(inferred, workspace);
  const scenario = { ...scenarioOf(project, topology), ...wished };
  const outcome = assess(topology, scenario);
  return { topology, scenario, outcome, headline: headline(topology, scenario, outcome).headline };
}

/** Recipes for what decides a verdict, then for what was measured on code that has changed since or far below the load that it decides; statements are read from the workspace's own files. */
export async function recipesOf(workspace: Workspace, topology: Topology, outcome: Outcome): Promise<Recipe[]> {
  const farBelow = measuredFarBelow(topology, outcome).map((it) => it.input);
  const stale = inputsOf(topology).filter((it) => it.value.state === 'known' && it.value.isStale);
  const again = [...stale, ...farBelow.filter((it) => stale.every((other) => other.id !== it.id))];
  const question = await questionOf(
    workspace,
    topology,
    outcome,
    [...outcome.decidedBy, ...again].flatMap((it) => it.places),
  );
  return [...recipesFor(question), ...again.flatMap((it) => recipeOf(it.id, question) ?? [])];
}

/** The load that the verdict is about as a k6 script; `cannot` where no route takes any. */
export async function loadScript(workspace: Workspace, wishes: AnswerWishes = {}): Promise<LoadScript | { cannot: string }> {
  const { topology, scenario, outcome } = await answer(workspace, wishes);
  return loadScriptOf(topology, scenario, outcome);
}

/** The recipe of one number as text; null where the topology has none of that name. */
export async function recipeTextOf(input: InputId, workspace: Workspace, topology: Topology, outcome: Outcome): Promise<string | null> {
  const places = inputsOf(topology).find((it) => it.id === input)?.places ?? [];
  const recipe = recipeOf(input, await questionOf(workspace, topology, outcome, places));
  return recipe && recipeText(recipe);
}

async function questionOf(workspace: Workspace, topology: Topology, outcome: Outcome, places: readonly Place[]): Promise<RecipeQuestion> {
  const textOf = await textsOf(workspace, [{ places, facts: [] }]);
  return {
    topology,
    outcome,
    statementAt: (place) => {
      const text = textOf(place.file);
      return text === undefined ? undefined : writtenStatement(text, place.line);
    },
  };
}

/** Fewer say little: of a time that varies as much as it lasts on average, the mean of thirty is off by up to a third. */
const FEW_CALLS = 30;

/** Reads files of measurements, matches them to the workspace and makes the edit of faultline.json; writes nothing. */
export async function importInto(workspace: Workspace, given: readonly GivenFile[], wishes: AnswerWishes = {}): Promise<Imported> {
  const { topology, headline: before } = await answer(workspace, wishes);
  const readings = given.map((it) => ({ ...it, read: readMeasurements(it.text) }));
  const withCores = withInputs(topology, valuesOf(readings.flatMap(({ read }) => ('problem' in read ? [] : read.samples))), 'measured');
  const files = readings.map(({ name, read, modifiedAt }): Imported['files'][number] => {
    return 'problem' in read ? { name, problem: read.problem } : { name, tool: read.tool, skipped: read.skipped, ...matchReading(read, withCores, modifiedAt) };
  });
  const best = new Map<string, Found>();
  for (const it of files.flatMap((file) => ('problem' in file ? [] : file.measurements))) if (it.calls >= (best.get(it.input)?.calls ?? 0)) best.set(it.input, it);
  const tests = files.flatMap((it) => ('problem' in it ? [] : (loadTestOf(it, it.tool) ?? [])));
  const { measurements: found, loadTests } = await withPrints(workspace, topology, [...best.values()], tests);
  const inputs = new Map(inputsOf(topology).map((it) => [it.id, it]));
  const measurements = found.map((measurement) => {
    const input = inputs.get(measurement.input);
    return { measurement, before: input, isOverridden: input?.value.state === 'known' && input.value.basis === 'override' };
  });
  const common = { files, measurements, loadTests };
  const listed = await workspace.list();
  const read = listed.files.some((it) => it.path === PROJECT_FILE) ? await workspace.read(PROJECT_FILE) : undefined;
  const nothing = (cannot: string | null): Imported => ({ ...common, held: [], farBelow: [], few: [], edits: [], cannot, before, after: before });
  if (read && 'problem' in read) return nothing(read.problem);
  const made = editFor(read?.text, found, loadTests);
  if ('cannot' in made) return nothing(made.cannot);
  const [edit] = made.edits;
  if (!edit) return nothing(null);
  const text = edit.kind === 'create' ? edit.text : applyEdits(edit.before, edit.edits);
  const next = await answer(overlaid(workspace, new Map([[PROJECT_FILE, text]])), wishes);
  const held = loadTests.length === 0 ? [] : await heldAgainstTests(next.topology, next.scenario, { loadTests: [...loadTests] }, workspace);
  const imported = new Set(found.map((it) => it.input));
  const farBelow = measuredFarBelow(next.topology, next.outcome).filter((it) => imported.has(it.input.id));
  const few = [...best.values()].flatMap((it) => {
    const input = inputs.get(it.input);
    return input && it.calls < FEW_CALLS ? [{ input: it.input, label: input.label, calls: it.calls }] : [];
  });
  return { ...common, held, farBelow, few, edits: made.edits, cannot: null, before, after: next.headline };
}

/** Cores and round trips that come with an import count for what is matched beside them. */
const valuesOf = (samples: readonly Sample[]): Map<InputId, number> =>
  new Map(samples.flatMap((it) => (it.kind === 'value' && /^(parallelism |roundTripMs$)/.test(it.input) ? [[it.input, it.value] as const] : [])));

/** Each value and load test with the print of the code that it is about, as it is now. */
async function withPrints(
  workspace: Workspace,
  topology: Topology,
  measurements: readonly Found[],
  loadTests: readonly LoadTest[],
): Promise<{ measurements: Measurement[]; loadTests: LoadTest[] }> {
  const inputs = new Map(inputsOf(topology).map((it) => [it.id, it]));
  const values = measurements.map(({ calls: _calls, ...measurement }) => {
    const input = inputs.get(measurement.input);
    return { measurement, concerned: input && concernedByInput(input, topology) };
  });
  const tests = loadTests.map((test) => ({ test, concerned: concernedByRoutes(Object.keys(test.routes), topology) }));
  const texts = await textsOf(
    workspace,
    [...values, ...tests].flatMap((it) => it.concerned ?? []),
  );
  const printOf = (concerned: Concerned | undefined): { code?: string } => {
    const code = concerned && codePrint(concerned, texts);
    return code === undefined ? {} : { code };
  };
  return {
    measurements: values.map(({ measurement, concerned }) => ({ ...measurement, ...printOf(concerned) })),
    loadTests: tests.map(({ test, concerned }) => ({ ...test, ...printOf(concerned) })),
  };
}
