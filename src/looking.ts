import type { Scenario } from './model/scenario.ts';
import { analyse } from './pipeline.ts';
import { type NewProject, newProjectOf } from './report/new-project.ts';
import type { Workspace } from './workspace.ts';

/** The verdict of a project that was just made, and the edits that it needs. `left`: what its generator could not be asked for. */
export async function lookAt(workspace: Workspace, name: string, scenario: Partial<Scenario>, left: readonly string[]): Promise<NewProject> {
  return newProjectOf(await analyse(workspace, { scenario }), name, left);
}
