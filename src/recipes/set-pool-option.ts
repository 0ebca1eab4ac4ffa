import type { RecipeCall } from '../model/weakness.ts';
import type { Workspace } from '../workspace.ts';
import { constructionAt, setOption } from './constructions.ts';
import type { PoolOption } from './pools.ts';
import { cannot, countArg, type Made, textArg, textOf } from './recipe.ts';
import { parse } from './source.ts';

/** Sets one option of the pool at `file`/`line`; `what` names it for people. `isMissing`: nobody sets it yet. */
export async function setPoolOption(
  args: RecipeCall['args'],
  workspace: Workspace,
  table: Readonly<Record<string, PoolOption>>,
  value: number,
  what: string,
  isMissing = false,
): Promise<Made> {
  const library = textArg(args, 'library');
  const option = (Object.hasOwn(table, library) ? table[library] : undefined) ?? cannot(`${library} has no known option for ${what}`);
  const file = textArg(args, 'file');
  const line = countArg(args, 'line');
  const text = await textOf(workspace, file);
  const inText = inConnectionString(text, line, option, value);
  if (inText) return { edits: [{ kind: 'change', file, before: text, edits: [inText] }] };
  if (!/\.([cm]?[jt]s|[jt]sx)$/.test(file)) cannot(`line ${line} of ${file} has no ${option.path.join('.')}`);
  const source = parse(file, text);
  return { edits: [{ kind: 'change', file, before: text, edits: setOption(source, constructionAt(source, option.shapes, line), option.path, value, isMissing) }] };
}

/** The number inside `…?maxPoolSize=20` on that very line. */
function inConnectionString(text: string, line: number, option: PoolOption, value: number) {
  if (!option.inText) return undefined;
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, it) => sum + it.length + 1, 0);
  const found = [...(lines[line - 1] ?? '').matchAll(new RegExp(`([?&]${option.inText}=)(\\d+)`, 'gi'))];
  if (found.length === 0) return undefined;
  if (found.length > 1) cannot(`line ${line} has ${option.inText} more than once`);
  const [all, before, digits] = found[0] as unknown as [string, string, string];
  if (Number(digits) === value) cannot(`${option.inText} is ${value} already`);
  const at = start + (found[0]?.index ?? 0) + before.length;
  return { start: at, end: at + (all.length - before.length), newText: String(value) };
}
