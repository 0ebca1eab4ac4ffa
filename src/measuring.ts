import { headline } from './advisor/phrase.ts';
import { type FactCache, infer } from './inference/infer.ts';
import { PROJECT_FILE, scenarioOf } from './inference/project.ts';
import { type Found, type Matched, matchReading } from './measurements/match.ts';
import { readMeasurements } from './measurements/read-measurements.ts';
import { type Recipe, type RecipeQuestion, recipeOf, recipesFor } from './measurements/recipe.ts';
import { recipeText } from './measurements/recipe-text.ts';
import { editFor } from './measurements/write.ts';
import { writtenStatement } from './measurements/written-statement.ts';
import type { FileEdit } from './model/edit.ts';
import { applyEdits } from './model/edit.ts';
import { type Input, type InputId, inputsOf } from './model/inputs.ts';
import type { Place } from './model/known.ts';
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
  const { topology, project } = await infer(workspace, { ...(deployment !== undefined && { deployment }), ...(cache && { cache }) });
  const scenario = { ...scenarioOf(project, topology), ...wished };
  const outcome = assess(topology, scenario);
  return { topology, scenario, outcome, headline: headline(topology, scenario, outcome).headline };
}

/** Recipes for what decides a verdict; statements are read from the workspace's own files. */
export async function recipesOf(workspace: Workspace, topology: Topology, outcome: Outcome): Promise<Recipe[]> {
  return recipesFor(
    await questionOf(
      workspace,
      topology,
      outcome,
      outcome.decidedBy.flatMap((it) => it.places),
    ),
  );
}

/** The recipe of one number as text; null where the topology has none of that name. */
export async function recipeTextOf(input: InputId, workspace: Workspace, topology: Topology, outcome: Outcome): Promise<string | null> {
  const places = inputsOf(topology).find((it) => it.id === input)?.places ?? [];
  const recipe = recipeOf(input, await questionOf(workspace, topology, outcome, places));
  return recipe && recipeText(recipe);
}

async function questionOf(workspace: Workspace, topology: Topology, outcome: Outcome, places: readonly Place[]): Promise<RecipeQuestion> {
  const texts = new Map<string, string>();
  for (const file of new Set(places.map((it) => it.file))) {
    const read = await workspace.read(file);
    if ('text' in read) texts.set(file, read.text);
  }
  return {
    topology,
    outcome,
    statementAt: (place) => {
      const text = texts.get(place.file);
      return text === undefined ? undefined : writtenStatement(text, place.line);
    },
  };
}

/** Reads files of measurements, matches them to the workspace and makes the edit of faultline.json; writes nothing. */
export async function importInto(workspace: Workspace, given: readonly GivenFile[], wishes: AnswerWishes = {}): Promise<Imported> {
  const { topology, headline: before } = await answer(workspace, wishes);
  const files = given.map(({ name, text, modifiedAt }): Imported['files'][number] => {
    const read = readMeasurements(text);
    return 'problem' in read ? { name, problem: read.problem } : { name, tool: read.tool, skipped: read.skipped, ...matchReading(read, topology, modifiedAt) };
  });
  const best = new Map<string, Found>();
  for (const it of files.flatMap((file) => ('problem' in file ? [] : file.measurements))) if (it.calls >= (best.get(it.input)?.calls ?? 0)) best.set(it.input, it);
  const inputs = new Map(inputsOf(topology).map((it) => [it.id, it]));
  const measurements = [...best.values()].map((measurement) => {
    const input = inputs.get(measurement.input);
    return { measurement, before: input, isOverridden: input?.value.state === 'known' && input.value.basis === 'override' };
  });
  const listed = await workspace.list();
  const read = listed.files.some((it) => it.path === PROJECT_FILE) ? await workspace.read(PROJECT_FILE) : undefined;
  if (read && 'problem' in read) return { files, measurements, edits: [], cannot: read.problem, before, after: before };
  const made = editFor(read?.text, [...best.values()]);
  if ('cannot' in made) return { files, measurements, edits: [], cannot: made.cannot, before, after: before };
  const [edit] = made.edits;
  if (!edit) return { files, measurements, edits: [], cannot: null, before, after: before };
  const text = edit.kind === 'create' ? edit.text : applyEdits(edit.before, edit.edits);
  const { headline: after } = await answer(withProject(workspace, text), wishes);
  return { files, measurements, edits: made.edits, cannot: null, before, after };
}

/** The workspace as it would be with another faultline.json. */
function withProject(workspace: Workspace, text: string): Workspace {
  return {
    root: workspace.root,
    read: async (path) => (path === PROJECT_FILE ? { text } : workspace.read(path)),
    list: async () => {
      const { files, problems } = await workspace.list();
      return { problems, files: [...files.filter((it) => it.path !== PROJECT_FILE), { path: PROJECT_FILE, bytes: text.length, modifiedMs: 0 }] };
    },
  };
}
