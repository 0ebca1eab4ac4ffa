// Small workspaces with one weakness each, the action that the editor is to offer there, and what it must make of the files.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { touchesSeveralFiles } from '../../src/editor/finding-actions.ts';
import { analyse } from '../../src/pipeline.ts';
import { RULES } from '../../src/rules/index.ts';
import { memoryWorkspace } from '../inference/memory-workspace.ts';
import { type Fix, fixed } from '../rules/fixes/fix.ts';
import type { Files } from '../rules/workspaces/sources.ts';

export interface EditorFix {
  rule: string;
  says: string;
  /** Title of the action, as the light bulb shows it. */
  title: string;
  file: string;
  /** Counted from 1. */
  line: number;
  /** Shown as a diff first, and written when the user says so. */
  isPreviewed: boolean;
  /** An item of the readiness list: at its line only where the user asked for that. */
  isReadiness: boolean;
  before: Files;
  after: Files;
}

/** One case for each edit of each rule; throws where the editor shows none for one of them. */
export async function fixCases(): Promise<EditorFix[]> {
  const folder = join(import.meta.dirname, '../rules/fixes');
  const written = await readdir(folder);
  const cases: EditorFix[] = [];
  const unseen: string[] = [];
  for (const { id } of RULES.filter((it) => written.includes(`${it.id}.ts`))) {
    const { default: fixes } = (await import(join(folder, `${id}.ts`))) as { default: readonly Fix[] };
    for (const remedy of new Set(fixes.map((it) => it.remedy))) {
      const found = await firstShown(
        id,
        fixes.filter((it) => it.remedy === remedy),
      );
      if (found) cases.push(found);
      else unseen.push(`${id}/${remedy}`);
    }
  }
  if (unseen.length > 0) throw new Error(`no workspace of test/rules/fixes has the editor offer ${unseen.join(', ')}`);
  return cases;
}

async function firstShown(rule: string, fixes: readonly Fix[]): Promise<EditorFix | undefined> {
  for (const fix of fixes) {
    const found = await caseOf(rule, fix);
    if (found) return found;
  }
  return undefined;
}

async function caseOf(rule: string, fix: Fix): Promise<EditorFix | undefined> {
  const files = asking(fix);
  if (!files) return undefined;
  const { advice } = await analyse(memoryWorkspace(files));
  const { findings, readiness = [] } = advice;
  for (const { place, remedies } of [...findings, ...readiness]) {
    const remedy = remedies.find((it) => it.id === `${rule}/${fix.remedy}`);
    if (!remedy?.edit) continue;
    const made = await fixed(rule, fix.remedy, files);
    if ('cannot' in made) continue;
    return {
      rule,
      says: fix.says,
      title: remedy.title,
      file: place.file,
      line: place.line,
      isPreviewed: touchesSeveralFiles(remedy.edit),
      isReadiness: readiness.some((it) => it.rule === rule),
      before: files,
      after: made.files,
    };
  }
  return undefined;
}

/** The files of a fix with the load that it is about, as a user tells the editor of it; undefined where that cannot be told. */
function asking({ files, scenario }: Fix): Files | undefined {
  if (!scenario) return files;
  const { targetPerSecond, profile, ...more } = scenario;
  if (Object.keys(more).length > 0) return undefined;
  const project = JSON.parse(files['faultline.json'] ?? '{}');
  return {
    ...files,
    'faultline.json': JSON.stringify({ ...project, ...(targetPerSecond !== undefined && { target: { requestsPerSecond: targetPerSecond } }), ...(profile && { profile }) }),
  };
}
