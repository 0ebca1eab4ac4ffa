import { advise } from './advisor/index.ts';
import { headline } from './advisor/phrase.ts';
import { editsIn, withoutRefused } from './advisor/preferred.ts';
import { infer } from './inference/infer.ts';
import { scenarioOf } from './inference/project.ts';
import { heldAgainstTests, withStaleness } from './measured.ts';
import type { Report } from './model/advice.ts';
import type { Change } from './model/change.ts';
import type { FileEdit } from './model/edit.ts';
import type { Scenario } from './model/scenario.ts';
import { withSharedSteps } from './model/shared-steps.ts';
import type { Topology } from './model/topology.ts';
import type { RecipeCall } from './model/weakness.ts';
import { recipeCallsOf } from './recipes/calls.ts';
import { makeAllEdits } from './recipes/index.ts';
import { refusalsOf, type Trials } from './recipes/refused.ts';
import { asUnsaved, type Unsaved } from './recipes/unsaved.ts';
import { assess } from './simulator/index.ts';
import type { Workspace } from './workspace.ts';

/** What the caller knows beyond the workspace: the user's target, a deployment, a cache. Undefined fields leave the workspace's own word. */
export interface Wishes {
  scenario?: Partial<Scenario>;
  deployment?: string;
  cache?: NonNullable<Parameters<typeof infer>[1]>['cache'];
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
  /** What came of edits when they were last tried; brought up to date. */
  trials?: Trials;
  /** Gets the answer before its advice, which takes longer than everything else. */
  onPreview?: (report: Report) => void;
  /** Called now and then while the answer and its advice are worked out, for which `signal` is never heard; what it throws ends them. */
  meanwhile?: () => void;
}

/** Files to report: the one pipeline that editor and command line share. Throws only what `infer` throws when aborted. */
export async function analyse(workspace: Workspace, wishes: Wishes = {}): Promise<Report> {
  const inferred = await infer(workspace, {
    ...(wishes.cache && { cache: wishes.cache }),
    ...(wishes.onProgress && { onProgress: wishes.onProgress }),
    ...(wishes.signal && { signal: wishes.signal }),
    ...(wishes.deployment && { deployment: wishes.deployment }),
  });
  const { project, read } = inferred;
  const topology = withSharedSteps(await withStaleness(inferred.topology, workspace));
  const scenario: Scenario = { ...scenarioOf(project, topology), ...wishes.scenario };
  const judged = judge(topology, scenario, wishes.onPreview && ((it) => wishes.onPreview?.({ ...it, read })), wishes.meanwhile);
  const measured = await heldAgainstTests(topology, scenario, project, workspace);
  return { ...(await withOffers(judged, workspace, wishes.trials)), ...(measured.length > 0 && { measured }), read };
}

/** The same with edits that can be made, and with no others. `trials`: what came of them before. */
export async function withOffers<R extends Pick<Report, 'advice'>>(report: R, workspace: Workspace, trials?: Trials): Promise<R> {
  const refusal = await refusalsOf(editsIn(report.advice), workspace, trials);
  return { ...report, advice: withoutRefused(report.advice, refusal) };
}

/** Topology and scenario to outcome and advice; what runs again when only the load has moved. */
export function judge(topology: Topology, scenario: Scenario, onPreview?: (report: Omit<Report, 'read'>) => void, meanwhile?: () => void): Omit<Report, 'read'> {
  const outcome = assess(topology, scenario, meanwhile && { meanwhile });
  onPreview?.({ topology, scenario, outcome, advice: { ...headline(topology, scenario, outcome), findings: [], layers: [] } });
  return { topology, scenario, outcome, advice: advise(topology, scenario, outcome, meanwhile) };
}

interface Edits {
  edits: readonly FileEdit[];
  cannot: readonly string[];
}

/** Edits for recipe calls as one set, each file once; what can't be written comes back as sentences. Of an unsaved file they change the text that its editor shows. */
export async function editsFor(calls: readonly RecipeCall[], workspace: Workspace, unsaved: Unsaved = new Map()): Promise<Edits> {
  const now = await asUnsaved(calls, workspace, unsaved);
  const made = await makeAllEdits(now.calls, now.workspace);
  return { edits: made.edits, cannot: [...now.cannot, ...made.cannot] };
}

/** The edits that write what-if changes into the workspace, as far as recipes reach. */
export async function editsForChanges(topology: Topology, changes: readonly Change[], workspace: Workspace, unsaved?: Unsaved): Promise<Edits> {
  const { calls, cannot } = recipeCallsOf(topology, changes);
  const made = await editsFor(calls, workspace, unsaved);
  return { edits: made.edits, cannot: [...cannot, ...made.cannot] };
}
