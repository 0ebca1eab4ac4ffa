import { ts } from 'ts-morph';
import { readExpression } from './read-expressions.ts';
import { readClass, readFunction } from './read-functions.ts';
import { exported, exportOf, isExported, readExport, readImport } from './read-imports.ts';
import { nameOf, namesIn, readPattern } from './read-patterns.ts';
import { at, type Reading } from './read-source.ts';
import type { Expression, Property, Statement } from './syntax.ts';

// The compiler's tables of kinds and functions are dictionaries to the engine: looked up once, not for each node.
const { isBlock, isCaseClause, isExternalModuleReference, isForOfStatement, isForStatement, isDoStatement, isIdentifier, isModuleBlock, isStringLiteral } = ts;
const { isVariableDeclarationList, isWhileStatement } = ts;

/** Statements that can carry topology, in their order; one may become several, and declarations of types become none. */
export function readStatements(nodes: readonly ts.Statement[], reading: Reading): Statement[] {
  const all: Statement[] = [];
  for (const it of nodes) all.push(...readStatement(it, reading));
  return all;
}

const readStatement = (node: ts.Statement, reading: Reading): readonly Statement[] => READERS[node.kind]?.(node as never, reading) ?? NONE;

const NONE: readonly Statement[] = [];
const leaves = (): readonly Statement[] => [{ k: 'leave' }];

/** Each is given nodes of its kind only. */
const READERS: Partial<Record<ts.SyntaxKind, (node: never, reading: Reading) => readonly Statement[]>> = {
  [ts.SyntaxKind.ExpressionStatement]: (node: ts.ExpressionStatement, reading) => [{ k: 'expression', e: readExpression(node.expression, reading), at: at(node, reading) }],
  [ts.SyntaxKind.VariableStatement]: (node: ts.VariableStatement, reading) => {
    const { declarations } = node.declarationList;
    const made = declarations.map((it) => readVariable(it, reading));
    return isExported(node) ? [...made, ...declarations.flatMap((it) => exportOf(namesIn(readPattern(it.name, reading))))] : made;
  },
  [ts.SyntaxKind.FunctionDeclaration]: (node: ts.FunctionDeclaration, reading) => {
    if (!node.body) return [];
    const name = node.name?.text ?? 'default';
    return [{ k: 'function', n: name, f: readFunction(node, reading) }, ...exported(node, name)];
  },
  [ts.SyntaxKind.ClassDeclaration]: (node: ts.ClassDeclaration, reading) => {
    const name = node.name?.text ?? 'default';
    return [{ k: 'class', n: name, c: readClass(node, reading) }, ...exported(node, name)];
  },
  [ts.SyntaxKind.ReturnStatement]: ({ expression }: ts.ReturnStatement, reading) => [expression ? { k: 'return', e: readExpression(expression, reading) } : { k: 'return' }],
  [ts.SyntaxKind.ThrowStatement]: (node: ts.ThrowStatement, reading) => [{ k: 'throw', e: readExpression(node.expression, reading) }],
  [ts.SyntaxKind.IfStatement]: (node: ts.IfStatement, reading) => [
    { k: 'if', test: readExpression(node.expression, reading), a: inner(node.thenStatement, reading), b: inner(node.elseStatement, reading), at: at(node, reading) },
  ],
  [ts.SyntaxKind.Block]: (node: ts.Block, reading) => [{ k: 'block', body: readStatements(node.statements, reading) }],
  [ts.SyntaxKind.TryStatement]: (node: ts.TryStatement, reading) => [
    {
      k: 'try',
      body: readStatements(node.tryBlock.statements, reading),
      ...(node.catchClause && { caught: { at: at(node.catchClause, reading) } }),
      handler: readStatements(node.catchClause?.block.statements ?? [], reading),
      last: readStatements(node.finallyBlock?.statements ?? [], reading),
    },
  ],
  [ts.SyntaxKind.ForOfStatement]: readLoop,
  [ts.SyntaxKind.ForInStatement]: readLoop,
  [ts.SyntaxKind.ForStatement]: readLoop,
  [ts.SyntaxKind.WhileStatement]: readLoop,
  [ts.SyntaxKind.DoStatement]: readLoop,
  [ts.SyntaxKind.SwitchStatement]: (node: ts.SwitchStatement, reading) => {
    const cases = node.caseBlock.clauses.map((it) => ({
      ...(isCaseClause(it) && { test: readExpression(it.expression, reading) }),
      body: readStatements(it.statements, reading),
    }));
    return [{ k: 'switch', e: readExpression(node.expression, reading), cases }];
  },
  [ts.SyntaxKind.LabeledStatement]: (node: ts.LabeledStatement, reading) => readStatement(node.statement, reading),
  [ts.SyntaxKind.BreakStatement]: leaves,
  [ts.SyntaxKind.ContinueStatement]: leaves,
  [ts.SyntaxKind.ImportDeclaration]: readImport,
  [ts.SyntaxKind.ImportEqualsDeclaration]: (node: ts.ImportEqualsDeclaration, reading) => {
    if (!isExternalModuleReference(node.moduleReference) || !isStringLiteral(node.moduleReference.expression)) return [];
    const from = node.moduleReference.expression.text;
    reading.imports.add(from);
    reading.called.add(from);
    return [{ k: 'variable', p: { k: 'bind', n: node.name.text }, v: { k: 'import', from } }];
  },
  [ts.SyntaxKind.ExportDeclaration]: readExport,
  [ts.SyntaxKind.ExportAssignment]: (node: ts.ExportAssignment, reading) => {
    const e = readExpression(node.expression, reading);
    return node.isExportEquals
      ? [{ k: 'expression', e: { k: 'assign', op: '=', target: { k: 'member', o: { k: 'name', n: 'module' }, p: 'exports' }, v: e }, at: at(node, reading) }]
      : [{ k: 'exportDefault', e }];
  },
  [ts.SyntaxKind.EnumDeclaration]: readEnum,
  [ts.SyntaxKind.ModuleDeclaration]: readNamespace,
};

const inner = (node: ts.Statement | undefined, reading: Reading): readonly Statement[] =>
  !node ? NONE : isBlock(node) ? readStatements(node.statements, reading) : readStatement(node, reading);

type Loop = ts.ForOfStatement | ts.ForInStatement | ts.ForStatement | ts.WhileStatement | ts.DoStatement;

function readLoop(node: Loop, reading: Reading): Statement[] {
  if (isForStatement(node)) {
    const start = node.initializer && isVariableDeclarationList(node.initializer) ? node.initializer.declarations.map((it) => readVariable(it, reading)) : [];
    const parts = [node.condition, node.incrementor].filter((it) => it !== undefined).map((it) => readExpression(it, reading));
    return [{ k: 'block', body: [...start, { k: 'loop', kind: 'count', parts, body: inner(node.statement, reading), at: at(node, reading) }] }];
  }
  if (isWhileStatement(node) || isDoStatement(node))
    return [{ k: 'loop', kind: 'while', parts: [readExpression(node.expression, reading)], body: inner(node.statement, reading), at: at(node, reading) }];
  const bind = isVariableDeclarationList(node.initializer) && node.initializer.declarations[0] ? readPattern(node.initializer.declarations[0].name, reading) : undefined;
  return [
    {
      k: 'loop',
      kind: 'of',
      over: readExpression(node.expression, reading),
      ...(bind && { bind }),
      ...(isAwaited(node) && { isAwaited: true }),
      parts: [],
      body: inner(node.statement, reading),
      at: at(node, reading),
    },
  ];
}

const isAwaited = (it: ts.ForOfStatement | ts.ForInStatement): boolean => isForOfStatement(it) && it.awaitModifier !== undefined;

function readVariable(node: ts.VariableDeclaration, reading: Reading): Statement {
  const p = readPattern(node.name, reading);
  if (!node.initializer) return { k: 'variable', p };
  const v = readExpression(node.initializer, reading, p.k === 'bind' ? p.n : undefined);
  return { k: 'variable', p, v };
}

function readEnum(node: ts.EnumDeclaration, reading: Reading): Statement[] {
  const ps = node.members.map(
    (it): Property => ({ n: nameOf(it.name) ?? '', v: it.initializer ? readExpression(it.initializer, reading) : { k: 'other', es: [] }, at: at(it, reading) }),
  );
  return [{ k: 'variable', p: { k: 'bind', n: node.name.text }, v: { k: 'object', ps, at: at(node, reading) } }, ...exported(node, node.name.text)];
}

/** `namespace Keys { export const USER = … }`: what it gives away, put together by a function that is called where it stands. */
function readNamespace(node: ts.ModuleDeclaration, reading: Reading): Statement[] {
  if (!isIdentifier(node.name) || !node.body || !isModuleBlock(node.body)) return [];
  const all = readStatements(node.body.statements, reading);
  const given = all.flatMap((it) => (it.k === 'export' && !it.from ? it.names : []));
  if (given.length === 0) return [];
  const where = at(node, reading);
  const ps = given.map(([local, name]): Property => ({ n: name, v: { k: 'name', n: local }, at: where }));
  const body: Statement[] = [...all.filter((it) => it.k !== 'export'), { k: 'return', e: { k: 'object', ps, at: where } }];
  const made: Expression = { k: 'call', f: { k: 'function', f: { params: [], body, isArrow: true, isAsync: false, at: where } }, a: [], at: where };
  return [{ k: 'variable', p: { k: 'bind', n: node.name.text }, v: made }, ...exported(node, node.name.text)];
}
