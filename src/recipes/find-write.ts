import { ts } from 'ts-morph';
import type { FileEntry, Workspace } from '../workspace.ts';
import { type Imported, importedAs, libraryName, onlyConstant } from './names.ts';
import { bindingOf, resolveSpecifier } from './modules.ts';
import { readSources, SOURCE_FILE, TEST_FILE } from './read-sources.ts';
import { cannot, textOf } from './recipe.ts';
import { type AnsweredCall, answeredCalls, type FunctionNode, functionNamed, type Handler, handlerAt, handlersIn, isFunctionNode, nameOf, rootOf } from './route-handler.ts';
import { reachedFrom } from './start-ups.ts';
import { bare, coversLine, findAll, lineAt, parse, type Source } from './source.ts';

export interface Write {
  source: Source;
  found: AnsweredCall;
}

const READS = /^(find|get|list|read|select|count|search|fetch|exists)/i;
/** How many functions may lie between the route's handler and the write. */
const MAX_DEPTH = 3;

/** The write that a line means, as the route's handler sees it: at `write` where that is known, else on the line itself, at the route's registration, or in the one handler that calls what the line lies in. */
export async function writeAt(workspace: Workspace, file: string, line: number, write?: { file: string; line: number }): Promise<Write> {
  const source = parse(file, await textOf(workspace, file));
  const handler = handlerAt(source, line) ?? (await registeredAt(workspace, source, line));
  if (handler) {
    const within = 'source' in handler ? handler : { source, handler };
    const all = answeredCalls(within.handler);
    if (write) return { source: within.source, found: await thatWrites(workspace, within, all, write) };
    const exact = all.filter((it) => within.source === source && (coversLine(source, it.statement, line) || coversLine(source, it.answer, line)));
    // A line inside the handler means that very statement; only the route or the head of the handler means "its write".
    const isHead = within.source !== source || !within.handler.node.body || line <= lineAt(source, within.handler.node.body.getStart(source.tree));
    return { source: within.source, found: only(isHead && exact.length === 0 ? firstOf(all.filter((it) => !isRead(it))) : exact, `${within.source.file}: the handler`) };
  }
  const { files } = await workspace.list();
  const parsed = await sourcesOf(workspace, files, source);
  return only(await callersOf(parsed, files, source, line, MAX_DEPTH), `${file}:${line}`);
}

/** The call that is the write, or that leads to the file of the write. */
async function thatWrites(workspace: Workspace, { source, handler }: { source: Source; handler: Handler }, all: readonly AnsweredCall[], write: { file: string; line: number }) {
  const where = `${write.file}:${write.line}`;
  if (write.file === source.file && coversLine(source, handler.node, write.line))
    return only(
      all.filter((it) => coversLine(source, it.statement, write.line)),
      where,
    );
  const { files } = await workspace.list();
  const leading: AnsweredCall[] = [];
  for (const it of all) {
    const binding = bindingOf(source, rootOf(it.call) ?? '');
    const local = binding && resolveSpecifier(source.file, binding.specifier, files);
    // What it can't be told of may lead there.
    if (!isRead(it) && (!local || (await reachedFrom(workspace, [local])).some((one) => one.file === write.file))) leading.push(it);
  }
  return only(firstOf(leading), `${source.file}: the handler`);
}

function only<T>(found: readonly T[], where: string): T {
  if (found.length > 1) cannot(`${where}: several awaited calls go into the response, and it can’t be told which one to enqueue`);
  return found[0] ?? cannot(`${where}: no awaited call whose result goes straight into the response`);
}

/** Without those that only follow another one: what is done once the write is done goes where the write goes. */
const firstOf = (all: readonly AnsweredCall[]): AnsweredCall[] => all.filter((it) => !all.some((other) => other.between.includes(it.statement)));

const isRead = (it: AnsweredCall): boolean => ts.isPropertyAccessExpression(it.call.expression) && READS.test(it.call.expression.name.text);

/** `router.post('/orders', orders.create)` on the line, or `(req, res) => orders.create(req, res)`: the handler that is named there. */
async function registeredAt(workspace: Workspace, source: Source, line: number) {
  const routes = findAll(source.tree, ts.isCallExpression).filter(
    (it) => ts.isPropertyAccessExpression(it.expression) && /^(post|put|patch|delete)$/.test(it.expression.name.text) && it.arguments.length > 1 && coversLine(source, it, line),
  );
  const given = routes.length === 1 ? routes[0]?.arguments.at(-1) : undefined;
  const last = given && isFunctionNode(given) ? handedTo(given) : given;
  if (!last) return undefined;
  const imported = importedAs(source, last) ?? methodOf(source, last);
  if (!imported) {
    const local = ts.isIdentifier(last) ? functionNamed(source, last.text) : undefined;
    return handlersIn(source).find((it) => it.node === local);
  }
  const { files } = await workspace.list();
  const target = resolveSpecifier(source.file, imported.module, files);
  const name = imported.member.split('.').at(-1);
  if (!target || !name) return undefined;
  const other = parse(target, await textOf(workspace, target));
  const handler = handlersIn(other).find((it) => it.node === functionNamed(other, name));
  return handler && { source: other, handler };
}

/** What a function that does nothing else hands all its parameters to. */
function handedTo({ body, parameters }: FunctionNode): ts.Expression | undefined {
  const statement = body && ts.isBlock(body) && body.statements.length === 1 ? body.statements[0] : undefined;
  const written = statement
    ? ts.isReturnStatement(statement) || ts.isExpressionStatement(statement)
      ? statement.expression
      : undefined
    : body && !ts.isBlock(body)
      ? body
      : undefined;
  const call = written && bare(ts.isAwaitExpression(written) ? written.expression : written);
  if (!call || !ts.isCallExpression(call) || call.arguments.length !== parameters.length) return undefined;
  const isSame = (it: ts.Expression, index: number): boolean => ts.isIdentifier(it) && parameters[index]?.name.getText() === it.text;
  return call.arguments.every(isSame) ? call.expression : undefined;
}

/** `orders.create` of `const orders = new OrderController()`: the method, by the import of its class. */
function methodOf(source: Source, expression: ts.Expression): Imported | undefined {
  if (!ts.isPropertyAccessExpression(expression) || !ts.isIdentifier(expression.expression)) return undefined;
  const made = onlyConstant(source, expression.expression.text)?.initializer;
  const owner = made && ts.isNewExpression(made) ? importedAs(source, made.expression) : undefined;
  return owner && { module: owner.module, member: expression.name.text };
}

/** The program's own files; those that don't parse can't be the certain caller and are left out. */
const sourcesOf = async (workspace: Workspace, files: readonly FileEntry[], known: Source): Promise<Source[]> => [
  known,
  ...(await readSources(
    workspace,
    files,
    (path) => path !== known.file && SOURCE_FILE.test(path) && !TEST_FILE.test(path),
    (text) => /\bawait\b/.test(text),
  )),
];

async function callersOf(sources: readonly Source[], files: readonly FileEntry[], source: Source, line: number, depth: number): Promise<Write[]> {
  const around = findAll(source.tree, isFunctionNode).filter((it) => coversLine(source, it, line));
  const named = around.find((it) => nameOf(it) !== undefined);
  const name = named && nameOf(named);
  if (!name || depth === 0) return [];
  const writes: Write[] = [];
  for (const other of sources) {
    if (other === source) continue;
    for (const call of findAll(other.tree, ts.isCallExpression)) {
      if (libraryName(other, call.expression) !== name) continue;
      const module = importedAs(other, call.expression)?.module;
      if (module === undefined || resolveSpecifier(other.file, module, files) !== source.file) continue;
      const at = other.tree.getLineAndCharacterOfPosition(call.getStart(other.tree)).line + 1;
      const handler = handlerAt(other, at);
      const answered = handler && answeredCalls(handler).find((it) => it.call === call);
      if (answered) writes.push({ source: other, found: answered });
      else if (handler) cannot(`${other.file}:${at}: the result does not go straight into the response`);
      else writes.push(...(await callersOf(sources, files, other, at, depth - 1)));
    }
  }
  return writes;
}
