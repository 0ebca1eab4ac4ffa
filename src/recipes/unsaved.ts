import type { RecipeCall } from '../model/weakness.ts';
import type { Workspace } from '../workspace.ts';

/** Texts of files as they stand in an editor, by their path: not on the disk yet. */
export type Unsaved = ReadonlyMap<string, string>;

/**
 * Calls and workspace as the editor shows the files. Lines of calls are those that were analysed; each is followed to where it stands in the unsaved text.
 * `cannot` names the calls whose line is another one by now.
 */
export async function asUnsaved(calls: readonly RecipeCall[], workspace: Workspace, unsaved: Unsaved): Promise<{ calls: RecipeCall[]; cannot: string[]; workspace: Workspace }> {
  if (unsaved.size === 0) return { calls: [...calls], cannot: [], workspace };
  const saved = new Map<string, string>();
  for (const file of unsaved.keys()) {
    const read = await workspace.read(file);
    if ('text' in read) saved.set(file, read.text);
  }
  /** Null where the line is gone. */
  const followed = (call: RecipeCall): RecipeCall | null => {
    const { file, line } = call.args;
    const [before, now] = typeof file === 'string' ? [saved.get(file), unsaved.get(file)] : [];
    const at = before === undefined || now === undefined || typeof line !== 'number' ? line : lineIn(before, now, line);
    const also = call.also?.map(followed);
    if (at === null || also?.includes(null)) return null;
    return { ...call, ...(at !== undefined && { args: { ...call.args, line: at } }), ...(also && { also: also.filter((it) => it !== null) }) };
  };
  const pairs = calls.map((call) => ({ call, now: followed(call) }));
  return {
    calls: pairs.flatMap(({ now }) => now ?? []),
    cannot: pairs.flatMap(({ call, now }) => (now ? [] : [`what it would change in ${call.args.file} is being edited: save the file and try again`])),
    workspace: {
      ...workspace,
      list: () => workspace.list(),
      read: async (path) => {
        const text = unsaved.get(path);
        return text === undefined ? workspace.read(path) : { text };
      },
    },
  };
}

/** Where a line of one text stands in another one; null where it was changed itself, or may be one of several. */
export function lineIn(before: string, now: string, line: number): number | null {
  const [old, lines] = [before.split(/\r?\n/), now.split(/\r?\n/)];
  let [top, bottom] = [0, 0];
  while (top < Math.min(old.length, lines.length) && old[top] === lines[top]) top += 1;
  while (bottom < Math.min(old.length, lines.length) - top && old[old.length - 1 - bottom] === lines[lines.length - 1 - bottom]) bottom += 1;
  if (line <= top) return line;
  if (line > old.length - bottom) return line + lines.length - old.length;
  const isIt = (it: string): boolean => it === old[line - 1];
  const found = lines.findIndex(isIt);
  const isAlone = old.filter(isIt).length === 1 && lines.filter(isIt).length === 1;
  return isAlone ? found + 1 : null;
}
