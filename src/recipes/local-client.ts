import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { cannot } from './recipe.ts';
import { bare, findAll, indentAt, lineAt, type Source } from './source.ts';

/** A client that a function makes for itself: `const client = new Client(options)`. */
export interface LocalClient {
  name: string;
  statement: ts.VariableStatement;
  construction: ts.CallExpression | ts.NewExpression;
  /** The function around it, and the statement of the file in which that lies. */
  owner: ts.SignatureDeclaration;
  top: ts.Statement;
  /** Every other place that names it. */
  uses: readonly ts.Identifier[];
}

/** The variable that holds what is constructed on a line; refuses shapes in which it could be reached under another name. */
export function localClientAt(source: Source, line: number): LocalClient {
  const made = findAll(source.tree, ts.isVariableDeclaration).flatMap((it) => {
    const value = it.initializer && withoutAwait(it.initializer);
    return value && (ts.isNewExpression(value) || ts.isCallExpression(value)) && lineAt(source, value.getStart(source.tree)) === line ? [{ it, value }] : [];
  });
  const [found] = made;
  if (!found || made.length > 1) cannot(`line ${line} of ${source.file} does not declare exactly one client`);
  const { it, value } = found as (typeof made)[number];
  const list = it.parent;
  const isAlone = ts.isVariableDeclarationList(list) && ts.isVariableStatement(list.parent) && list.declarations.length === 1;
  if (!ts.isIdentifier(it.name) || it.type || !isAlone) cannot('the client is not a plain variable of its own');
  const name = (it.name as ts.Identifier).text;
  const owner = functionAround(it) ?? cannot('the client is made once already, at the top of its file');
  const declared = findAll(source.tree, ts.isIdentifier).filter((one) => one.text === name && isDeclaration(one));
  if (declared.length > 1) cannot(`${name} is declared more than once in ${source.file}`);
  const uses = findAll(owner, ts.isIdentifier).filter((one) => one.text === name && one !== it.name && !isPropertyName(one));
  const top = source.tree.statements.find((one) => one.pos <= it.pos && it.end <= one.end) ?? cannot('the client lies in no statement');
  return { name, statement: list.parent as ts.VariableStatement, construction: value, owner, top, uses };
}

const withoutAwait = (it: ts.Expression): ts.Expression => bare(ts.isAwaitExpression(it) ? it.expression : it);

export function functionAround(node: ts.Node): ts.SignatureDeclaration | undefined {
  for (let it: ts.Node | undefined = node.parent; it; it = it.parent) if (ts.isFunctionLike(it)) return it;
  return undefined;
}

function isDeclaration(it: ts.Identifier): boolean {
  const { parent } = it;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isFunctionDeclaration(parent) || ts.isClassDeclaration(parent)) return parent.name === it;
  return ts.isBindingElement(parent) ? parent.name === it : ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isNamespaceImport(parent);
}

const isPropertyName = (it: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(it.parent) && it.parent.name === it) || (ts.isPropertyAssignment(it.parent) && it.parent.name === it);

/** Whether an expression means the same at the top of the file: it names nothing of the functions around it, and nothing that is declared only later. */
export function holdsAtTop(source: Source, expression: ts.Node, top: ts.Statement): boolean {
  const names = findAll(expression, ts.isIdentifier).filter((it) => !isPropertyName(it) && !isDeclaration(it));
  if (findAll(expression, (it): it is ts.Node => it.kind === ts.SyntaxKind.ThisKeyword || ts.isAwaitExpression(it)).length > 0) return false;
  const declared = findAll(source.tree, ts.isIdentifier).filter(isDeclaration);
  return names.every((name) => {
    const own = declared.filter((it) => it.text === name.text && !(expression.pos <= it.pos && it.end <= expression.end));
    return own.every((it) => functionAround(it) === undefined && it.pos < top.pos && !(top.pos <= it.pos && it.end <= top.end));
  });
}

/** The call of a method on the client that makes up a statement by itself: `await client.end();`. */
export function statementOf(use: ts.Identifier, method: RegExp): ts.ExpressionStatement | undefined {
  const call = callOn(use, method);
  const around = call && (ts.isAwaitExpression(call.parent) ? call.parent : call);
  return around && ts.isExpressionStatement(around.parent) ? around.parent : undefined;
}

export function callOn(use: ts.Identifier, method: RegExp): ts.CallExpression | undefined {
  const access = use.parent;
  const isCalled = ts.isPropertyAccessExpression(access) && access.expression === use && ts.isCallExpression(access.parent) && access.parent.expression === access;
  return isCalled && method.test((access as ts.PropertyAccessExpression).name.text) ? (access.parent as ts.CallExpression) : undefined;
}

/** Takes a statement away with its line; one that is all of a `finally` goes with it. */
export function withoutStatement(source: Source, statement: ts.Statement): TextEdit[] {
  const block = statement.parent;
  if (ts.isBlock(block) && ts.isTryStatement(block.parent) && block.parent.finallyBlock === block && block.statements.length === 1) return withoutFinally(source, block.parent);
  return [lineOf(source, statement)];
}

function lineOf(source: Source, statement: ts.Statement): TextEdit {
  const { text, eol } = source;
  const start = text.lastIndexOf('\n', statement.getStart(source.tree) - 1) + 1;
  const end = statement.getEnd();
  const isAlone = /^\s*$/.test(text.slice(start, statement.getStart(source.tree))) && text.startsWith(eol, end);
  // Behind the brace that opens the block no empty line is left.
  const opens = /\{[ \t]*\r?\n$/.test(text.slice(0, start)) && /^[ \t]*\r?\n/.exec(text.slice(end + eol.length))?.[0];
  if (isAlone) return { start, end: end + eol.length + (opens ? opens.length : 0), newText: '' };
  // A remark behind it stays, and moves to where the statement stood.
  const gap = /^[ \t]+(?=\/\/)/.exec(text.slice(end))?.[0].length ?? 0;
  return { start: statement.getStart(source.tree), end: end + gap, newText: '' };
}

function withoutFinally(source: Source, it: ts.TryStatement): TextEdit[] {
  const { finallyBlock, catchClause, tryBlock } = it;
  const before = catchClause ?? tryBlock;
  if (catchClause) return [{ start: before.getEnd(), end: (finallyBlock as ts.Block).getEnd(), newText: '' }];
  // Without a handler nothing is left of the `try`: its statements move out, one step to the left.
  const body = source.text.slice(tryBlock.getStart(source.tree) + 1, tryBlock.getEnd() - 1);
  const names = tryBlock.statements.flatMap((one) => (ts.isVariableStatement(one) || ts.isFunctionDeclaration(one) ? [one] : []));
  if (body.includes('`') || (names.length > 0 && isCrowded(it, names))) cannot('the statements in the try can’t be moved out of it safely');
  const outer = indentAt(source.text, it.getStart(source.tree));
  const inner = tryBlock.statements[0] ? indentAt(source.text, tryBlock.statements[0].getStart(source.tree)) : outer;
  const step = inner.startsWith(outer) ? inner.slice(outer.length) : '';
  const lines = body.split(source.eol).map((line) => (line.startsWith(outer + step) ? outer + line.slice(outer.length + step.length) : line));
  return [{ start: it.getStart(source.tree), end: it.getEnd(), newText: lines.join(source.eol).trim() }];
}

/** A name that is declared in the block and in what is around it as well. */
function isCrowded(it: ts.TryStatement, inner: readonly ts.Statement[]): boolean {
  const namesOf = (one: ts.Node): string[] =>
    findAll(one, ts.isIdentifier)
      .filter(isDeclaration)
      .map((name) => name.text);
  const around = ts.isBlock(it.parent) ? it.parent.statements.filter((one) => one !== it).flatMap(namesOf) : [];
  return inner.flatMap(namesOf).some((name) => around.includes(name));
}
