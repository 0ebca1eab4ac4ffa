import { ts } from 'ts-morph';
import type { FileEntry, Workspace } from '../workspace.ts';
import { importedAs, libraryName } from './names.ts';
import { resolveSpecifier } from './modules.ts';
import { Cannot, cannot, textOf } from './recipe.ts';
import { type AnsweredCall, answeredCalls, functionNamed, handlerAt, handlersIn, isFunctionNode, nameOf } from './route-handler.ts';
import { coversLine, findAll, lineAt, parse, type Source } from './source.ts';

export interface Write {
  source: Source;
  found: AnsweredCall;
}

const SOURCE_FILE = /\.([cm]?[jt]s|[jt]sx)$/;
const TEST_FILE = /(^|\/)(tests?|__tests__|spec|e2e)\/|\.(test|spec)\.[cm]?[jt]sx?$/;
const READS = /^(find|get|list|read|select|count|search|fetch|exists)/i;
/** How many functions may lie between the route's handler and the write. */
const MAX_DEPTH = 3;

/** The write that a line means, as the route's handler sees it: on the line itself, at the route's registration, or in the one handler that calls what the line lies in. */
export async function writeAt(workspace: Workspace, file: string, line: number): Promise<Write> {
  const source = parse(file, await textOf(workspace, file));
  const handler = handlerAt(source, line) ?? (await registeredAt(workspace, source, line));
  if (handler) {
    const within = 'source' in handler ? handler : { source, handler };
    const all = answeredCalls(within.handler);
    const exact = all.filter((it) => within.source === source && (coversLine(source, it.statement, line) || coversLine(source, it.answer, line)));
    // A line inside the handler means that very statement; only the route or the head of the handler means "its write".
    const isHead = within.source !== source || !within.handler.node.body || line <= lineAt(source, within.handler.node.body.getStart(source.tree));
    return { source: within.source, found: only(isHead && exact.length === 0 ? all.filter((it) => !isRead(it)) : exact, `${within.source.file}: the handler`) };
  }
  const { files } = await workspace.list();
  const parsed = await sourcesOf(workspace, files, source);
  return only(await callersOf(parsed, files, source, line, MAX_DEPTH), `${file}:${line}`);
}

function only<T>(found: readonly T[], where: string): T {
  if (found.length > 1) cannot(`${where}: several awaited calls go into the response, and it can’t be told which one to enqueue`);
  return found[0] ?? cannot(`${where}: no awaited call whose result goes straight into the response`);
}

const isRead = (it: AnsweredCall): boolean => ts.isPropertyAccessExpression(it.call.expression) && READS.test(it.call.expression.name.text);

/** `router.post('/orders', orders.create)` on the line: the handler that is named there. */
async function registeredAt(workspace: Workspace, source: Source, line: number) {
  const routes = findAll(source.tree, ts.isCallExpression).filter(
    (it) => ts.isPropertyAccessExpression(it.expression) && /^(post|put|patch|delete)$/.test(it.expression.name.text) && it.arguments.length > 1 && coversLine(source, it, line),
  );
  const last = routes.length === 1 ? routes[0]?.arguments.at(-1) : undefined;
  if (!last || isFunctionNode(last)) return undefined;
  const imported = importedAs(source, last);
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

/** The program's own files; those that don't parse can't be the certain caller and are left out. */
async function sourcesOf(workspace: Workspace, files: readonly FileEntry[], known: Source): Promise<Source[]> {
  const found = [known];
  for (const { path } of files) {
    if (path === known.file || !SOURCE_FILE.test(path) || TEST_FILE.test(path)) continue;
    const read = await workspace.read(path);
    if (!('text' in read) || !/\bawait\b/.test(read.text)) continue;
    try {
      found.push(parse(path, read.text));
    } catch (error) {
      if (!(error instanceof Cannot)) throw error;
    }
  }
  return found;
}

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
