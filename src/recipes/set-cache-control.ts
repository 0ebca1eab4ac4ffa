import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { manifestOf } from './manifest.ts';
import { resolveSpecifier } from './modules.ts';
import { importedAs } from './names.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { type FunctionNode, functionNamed, isFunctionNode, ownNodes } from './route-handler.ts';
import { bare, findAll, indentAt, indentUnit, lineAt, parse, type Source } from './source.ts';

/** How each framework sets a header, and the place among a handler's parameters of what it is set on. */
const FRAMEWORKS: readonly { name: string; parameter: number; method: string }[] = [
  { name: 'fastify', parameter: 1, method: 'header' },
  { name: 'koa', parameter: 0, method: 'set' },
  { name: 'hono', parameter: 0, method: 'header' },
];

/**
 * Says `Cache-Control` where a GET route answers, behind all that may fail: an error must not be kept by anybody.
 * Only where the handler ends with one answer.
 */
export default {
  id: 'set-cache-control',
  byHand: (args) => `send Cache-Control: public, max-age=${args.seconds} with the response of the route at ${placeIn(args)}, but not with errors`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const seconds = countArg(args, 'seconds');
    const route = parse(file, await textOf(workspace, file));
    const { source, node, isInline } = await handlerOf(route, routeAt(route, countArg(args, 'line')), workspace);
    const { dependencies } = await manifestOf(workspace, file);
    const known = FRAMEWORKS.filter(({ name }) => name in dependencies);
    const [framework] = known;
    if (known.length !== 1 || !framework) return cannot('it can’t be told which framework the route belongs to');
    if (!node.body || /cache-control/i.test(node.body.getText(source.tree))) return cannot('the handler sets Cache-Control already');
    const { name, edits } = subject(source, node, framework.parameter, isInline);
    const { quote, semicolon } = source;
    const said = `${name}.${framework.method}(${quote}Cache-Control${quote}, ${quote}public, max-age=${seconds}, stale-while-revalidate=${5 * seconds}${quote})${semicolon}`;
    const all = [...edits, ...answered(source, node, said, name)];
    return { edits: [{ kind: 'change', file: source.file, before: source.text, edits: all }] };
  },
} satisfies Recipe;

/** `app.get('/path', …, handler)` that begins on a line. */
function routeAt(source: Source, line: number): ts.CallExpression {
  const found = findAll(source.tree, ts.isCallExpression).filter((it) => {
    const callee = it.expression;
    const isRoute = ts.isPropertyAccessExpression(callee) && callee.name.text === 'get' && it.arguments.length > 1 && ts.isStringLiteralLike(it.arguments[0] as ts.Expression);
    return isRoute && (lineAt(source, callee.name.getStart(source.tree)) === line || lineAt(source, it.getStart(source.tree)) === line);
  });
  if (found.length > 1) cannot(`line ${line} of ${source.file} has more than one route`);
  return found[0] ?? cannot(`line ${line} of ${source.file} declares no GET route with a literal path`);
}

/** The function that answers: written in the route, or named there; it may stand in another file. */
async function handlerOf(source: Source, route: ts.CallExpression, workspace: Workspace): Promise<{ source: Source; node: FunctionNode; isInline: boolean }> {
  const last = bare(route.arguments.at(-1) as ts.Expression);
  if (isFunctionNode(last)) return { source, node: last, isInline: true };
  const own = ts.isIdentifier(last) ? functionNamed(source, last.text) : undefined;
  if (own) return { source, node: own, isInline: false };
  const from = importedAs(source, last);
  const path = from && resolveSpecifier(source.file, from.module, (await workspace.list()).files);
  if (!from || path === undefined) return cannot('the definition of the handler can’t be found');
  const other = parse(path, await textOf(workspace, path));
  const node = functionNamed(other, from.member.split('.').at(-1) ?? '') ?? cannot(`${path} does not declare the handler by its name`);
  return { source: other, node, isInline: false };
}

/** What the header is set on: a parameter, which is added where the handler takes none and its type is told by the route. */
function subject(source: Source, node: FunctionNode, at: number, isInline: boolean): { name: string; edits: TextEdit[] } {
  const given = node.parameters[at];
  if (given)
    return ts.isIdentifier(given.name) && !given.dotDotDotToken ? { name: given.name.text, edits: [] } : cannot('the handler destructures the parameter that sets headers');
  if (at === 0 || (source.typed && !isInline)) return cannot('the handler has no parameter that sets headers');
  if (findAll(node, ts.isIdentifier).some((it) => it.text === 'reply')) return cannot('reply already names something else in the handler');
  const [first] = node.parameters;
  if (first) {
    // `request => …` has no parentheses to write into.
    const isBare = ts.isArrowFunction(node) && !source.text.slice(node.getStart(source.tree), first.getStart(source.tree)).includes('(');
    const [start, end] = [first.getStart(source.tree), first.getEnd()];
    const edits = isBare
      ? [
          { start, end: start, newText: '(' },
          { start: end, end, newText: ', reply)' },
        ]
      : [{ start: end, end, newText: ', reply' }];
    return { name: 'reply', edits };
  }
  const open = source.text.indexOf('(', node.name?.getEnd() ?? node.getStart(source.tree));
  if (open < 0) return cannot('the handler has no parameters to add to');
  return { name: 'reply', edits: [{ start: open + 1, end: open + 1, newText: '_request, reply' }] };
}

const FAILS = /\b(code|status)\(\s*[45]\d\d|,\s*[45]\d\d\s*\)|\bthrow\b/;

function answered(source: Source, node: FunctionNode, said: string, name: string): TextEdit[] {
  const body = node.body as ts.ConciseBody;
  if (!ts.isBlock(body)) return spreadOut(source, node, body, said, name);
  const last = lastOf(body);
  if (FAILS.test(last.getText(source.tree))) return cannot('the handler ends with an error');
  if (/\.redirect\(/.test(last.getText(source.tree))) return cannot('the handler ends by sending the client elsewhere');
  const indent = indentAt(source.text, last.getStart(source.tree));
  if (!source.text.slice(source.text.lastIndexOf('\n', last.getStart(source.tree)) + 1, last.getStart(source.tree)).match(/^\s*$/))
    return cannot('the response is not sent at the beginning of a line');
  const lines = (...all: readonly string[]): string => all.map((it) => `${it}${source.eol}${indent}`).join('');
  const waited =
    ts.isReturnStatement(last) || ts.isExpressionStatement(last) ? waitedFor(source, node, last.expression, name) : cannot('the handler does not end by sending its response');
  const start = last.getStart(source.tree);
  if (!waited) return [{ start, end: start, newText: lines(said) }];
  const kept = freeName(node);
  return [
    { start, end: start, newText: lines(`const ${kept} = ${waited.isAwaited ? '' : 'await '}${waited.text}${source.semicolon}`, said) },
    { start: waited.start, end: waited.end, newText: kept },
  ];
}

/** The last statement of a block, or of the `try` that makes up its end. */
function lastOf(block: ts.Block): ts.Statement {
  const last = block.statements.at(-1) ?? cannot('the handler does nothing');
  return ts.isTryStatement(last) && !last.finallyBlock ? lastOf(last.tryBlock) : last;
}

/** `async () => read()` becomes a block in which the header stands between reading and answering. */
function spreadOut(source: Source, node: FunctionNode, body: ts.Expression, said: string, name: string): TextEdit[] {
  const { eol, semicolon } = source;
  const waited = waitedFor(source, node, body, name);
  const indent = indentAt(source.text, node.getStart(source.tree));
  const inner = indent + indentUnit(source.text);
  const kept = freeName(node);
  const [start, end] = [body.getStart(source.tree), body.getEnd()];
  const text = source.text.slice(bare(body).getStart(source.tree), bare(body).getEnd());
  if (text.includes('\n')) return cannot('the handler’s one expression is longer than a line');
  const offset = bare(body).getStart(source.tree);
  const returned = waited ? `${text.slice(0, waited.start - offset)}${kept}${text.slice(waited.end - offset)}` : text;
  const first = waited ? [`const ${kept} = ${waited.isAwaited ? '' : 'await '}${waited.text}${semicolon}`] : [];
  const lines = [...first, said, `return ${returned}${semicolon}`].map((it) => `${inner}${it}`);
  return [{ start, end, newText: `{${eol}${lines.join(eol)}${eol}${indent}}` }];
}

interface Waited {
  start: number;
  end: number;
  isAwaited: boolean;
  text: string;
}

/** What an answer waits for: it may fail, so the header comes after it. Undefined: the answer is at hand. */
function waitedFor(source: Source, node: FunctionNode, expression: ts.Expression | undefined, name: string): Waited | undefined {
  if (!expression) return undefined;
  // `(await read()).rows`: the parentheses go with it.
  const place = (it: ts.Node, isAwaited: boolean) => {
    const whole = ts.isParenthesizedExpression(it.parent) ? it.parent : it;
    return { start: whole.getStart(source.tree), end: whole.getEnd(), isAwaited, text: it.getText(source.tree) };
  };
  const others = findAll(expression, ts.isCallExpression).filter((it) => !isOn(it, name));
  if (others.some((it) => it.arguments.some((one) => ts.isIdentifier(bare(one)) && one.getText(source.tree) === name)))
    return cannot('the response is made by a function that the handler calls');
  const awaits = [...(ts.isAwaitExpression(expression) ? [expression] : []), ...findAll(expression, ts.isAwaitExpression).filter((it) => it !== expression)];
  if (awaits.length > 1) return cannot('the response awaits more than one thing');
  const [only] = awaits;
  if (only) return place(only, true);
  const isAsync = ts.getModifiers(node as ts.HasModifiers)?.some((it) => it.kind === ts.SyntaxKind.AsyncKeyword) ?? false;
  const value = bare(expression);
  if (others.length === 0) return undefined;
  if (ts.isCallExpression(value) && !isOn(value, name)) return isAsync ? place(value, false) : cannot('the handler returns a promise that it does not await');
  // What is worked out on the way into the answer (`JSON.stringify(rows)`) is at hand.
  return undefined;
}

/** `reply.code(200).send(rows)`: a call on what the answer is made with. */
function isOn(call: ts.CallExpression, name: string): boolean {
  let root: ts.Expression = call.expression;
  while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root)) root = root.expression;
  return ts.isIdentifier(root) && root.text === name;
}

function freeName(node: FunctionNode): string {
  const taken = new Set([...ownNodes(node, ts.isIdentifier), ...findAll(node, ts.isIdentifier)].map((it) => it.text));
  return ['answer', 'found', 'current'].find((it) => !taken.has(it)) ?? cannot('every name for the response is taken');
}
