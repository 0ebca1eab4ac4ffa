import { findNodeAtLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { ts } from 'ts-morph';
import type { FileEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, indentUnit, parse } from './source.ts';

const PROJECT = 'faultline.json';

/** Excuses a finding, for a reason: `scope` is the line (a comment before it), the file or the workspace (an entry of faultline.json). */
export default {
  id: 'suppress-finding',
  byHand: () => 'write the reason into a comment of your own',
  make: async (args, workspace) => {
    const rule = textArg(args, 'rule');
    const reason = textArg(args, 'reason').replace(/\s+/g, ' ').trim();
    if (reason === '') cannot('a finding is excused only for a reason');
    const scope = textArg(args, 'scope');
    const file = textArg(args, 'file');
    if (scope === 'line') return { edits: [await comment(workspace, file, countArg(args, 'line'), rule, reason)] };
    if (scope !== 'file' && scope !== 'workspace') return cannot(`${scope} is neither line, file nor workspace`);
    return { edits: [await entry(workspace, { rule, ...(scope === 'file' && { file }), reason })] };
  },
} satisfies Recipe;

const MARKERS: readonly (readonly [RegExp, string])[] = [
  [/\.([cm]?[jt]sx?)$/, '//'],
  [/(\.(ya?ml|conf|prisma|toml|tf)|(^|\/)(\.env[^/]*|Dockerfile[^/]*))$/, '#'],
];

async function comment(workspace: Workspace, file: string, line: number, rule: string, reason: string): Promise<FileEdit> {
  const marker = MARKERS.find(([pattern]) => pattern.test(file))?.[1] ?? cannot(`${file} has no comments that are read: excuse it in the file`);
  const text = await textOf(workspace, file);
  const lines = text.split('\n');
  const own = lines[line - 1] ?? cannot(`${file} has no line ${line}`);
  const start = lines.slice(0, line - 1).reduce((sum, it) => sum + it.length + 1, 0);
  if (marker === '//' && isInsideText(file, text, start)) cannot(`line ${line} lies inside a text: excuse it in the file`);
  const newText = `${/^[ \t]*/.exec(own)?.[0] ?? ''}${marker} faultline-ignore-next-line ${rule} -- ${reason}${own.endsWith('\r') ? '\r\n' : '\n'}`;
  return { kind: 'change', file, before: text, edits: [{ start, end: start, newText }] };
}

/** A comment there would be part of a template or of a page. */
function isInsideText(file: string, text: string, offset: number): boolean {
  const { tree } = parse(file, text);
  const isText = (it: ts.Node): it is ts.Node => ts.isNoSubstitutionTemplateLiteral(it) || ts.isTemplateExpression(it) || ts.isJsxElement(it) || ts.isJsxFragment(it);
  return findAll(tree, isText).some((it) => it.getStart(tree) < offset && offset < it.getEnd());
}

/** One more entry at the end of `suppressions`; comments and everything else stay as they are. */
async function entry(workspace: Workspace, made: { rule: string; file?: string; reason: string }): Promise<FileEdit> {
  const line = `{ ${Object.entries(made)
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(', ')} }`;
  const { files } = await workspace.list();
  if (!files.some((it) => it.path === PROJECT)) return { kind: 'create', file: PROJECT, text: `{\n  "suppressions": [\n    ${line}\n  ]\n}\n` };
  const text = await textOf(workspace, PROJECT);
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || tree?.type !== 'object') return cannot(`${PROJECT} can’t be read: correct it first`);
  const list = findNodeAtLocation(tree, ['suppressions']);
  if (list && list.type !== 'array') return cannot(`"suppressions" of ${PROJECT} is no list: correct it first`);
  const unit = indentUnit(text);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  /** After the last of a list; what is said about that one stays with it. */
  const behind = (node: Node, newText: string): FileEdit => {
    const end = node.offset + node.length;
    const said = /^,?[ \t]*\/\/[^\r\n]*/.exec(text.slice(end))?.[0] ?? '';
    const at = end + said.length;
    const comma = { start: end, end, newText: said.startsWith(',') ? '' : ',' };
    const edits = said === '' ? [{ start: end, end, newText: `,${newText}` }] : [...(comma.newText === '' ? [] : [comma]), { start: at, end: at, newText }];
    return { kind: 'change', file: PROJECT, before: text, edits };
  };
  const emptied = (node: Node, newText: string): FileEdit => ({
    kind: 'change',
    file: PROJECT,
    before: text,
    edits: [{ start: node.offset, end: node.offset + node.length, newText }],
  });
  const block = `[${eol}${unit}${unit}${line}${eol}${unit}]`;
  if (!list) {
    const last = tree.children?.at(-1);
    return last ? behind(last, `${eol}${unit}"suppressions": ${block}`) : emptied(tree, `{${eol}${unit}"suppressions": ${block}${eol}}`);
  }
  const last = list.children?.at(-1);
  return last ? behind(last, `${eol}${unit}${unit}${line}`) : emptied(list, block);
}
