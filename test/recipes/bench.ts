import { spawnSync } from 'node:child_process';
import { ts } from 'ts-morph';
import { expect } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { applyEdits } from '../../src/model/edit.ts';
import { makeEdits } from '../../src/recipes/index.ts';
import type { Workspace } from '../../src/workspace.ts';

export type Files = Readonly<Record<string, string>>;

/** A workspace in memory. */
export function memoryWorkspace(files: Files): Workspace {
  return {
    root: '/memory',
    list: async () => ({
      files: Object.entries(files)
        .map(([path, text]) => ({ path, bytes: text.length, modifiedMs: 0 }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
      problems: [],
    }),
    read: async (path) => (path in files ? { text: files[path] as string } : { problem: 'no such file' }),
  };
}

/** Line of the first place where `mark` stands. */
export function lineOf(text: string, mark: string): number {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`${mark} is not in the text`);
  return text.slice(0, at).split('\n').length;
}

/** Applies a recipe's edits to the files; every file that comes out must parse. */
export async function applied(recipe: string, args: Readonly<Record<string, string | number | boolean>>, files: Files): Promise<Files | { cannot: string }> {
  const made = await makeEdits({ recipe, args }, memoryWorkspace(files));
  if ('cannot' in made) return made;
  const after: Record<string, string> = { ...files };
  for (const edit of made.edits) {
    if (edit.kind === 'create') {
      expect(files, `${edit.file} exists already`).not.toHaveProperty([edit.file]);
      after[edit.file] = edit.text;
    } else {
      expect(edit.before).toBe(files[edit.file]);
      expectDisjoint(edit.edits);
      after[edit.file] = applyEdits(edit.before, edit.edits);
    }
    expectReadable(edit.file, after[edit.file] as string);
  }
  return after;
}

function expectDisjoint(edits: readonly { start: number; end: number }[]): void {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  for (const [index, it] of sorted.entries()) expect(it.start).toBeGreaterThanOrEqual(sorted[index - 1]?.end ?? 0);
}

/** No syntax error in what a recipe has written. */
export function expectReadable(file: string, text: string): void {
  if (/\.([cm]?[jt]s|[jt]sx)$/.test(file)) {
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true) as unknown as { parseDiagnostics: { messageText: unknown }[] };
    expect(
      tree.parseDiagnostics.map((it) => it.messageText),
      `${file}\n${text}`,
    ).toEqual([]);
  }
  if (/\.json$/.test(file)) JSON.parse(text);
  if (/\.ya?ml$/.test(file)) parseYaml(text);
}

/** `node --check` on JavaScript, as the module kind says. */
export function expectNodeAccepts(text: string, kind: 'module' | 'commonjs'): void {
  const ran = spawnSync(process.execPath, ['--check', `--input-type=${kind}`, '-'], { input: text, encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  expect(ran.status).toBe(0);
}
