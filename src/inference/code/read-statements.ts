import { ts } from 'ts-morph';
import { readExpression } from './read-expressions.ts';
import { readClass, readFunction } from './read-functions.ts';
import { exported, exportOf, isExported, readExport, readImport } from './read-imports.ts';
import { nameOf, namesIn, readPattern } from './read-patterns.ts';
import { at, type Reading } from './read-source.ts';
import type { Property, Statement } from './syntax.ts';

/** Statements that can carry topology, in their order; one may become several, and declarations of types become none. */
export function readStatements(nodes: readonly ts.Statement[], reading: Reading): Statement[] {
  return nodes.flatMap((it) => readStatement(it, reading));
}

function readStatement(node: ts.Statement, reading: Reading): Statement[] {
  switch (node.kind) {
    case ts.SyntaxKind.ExpressionStatement:
      return [{ k: 'expression', e: readExpression((node as ts.ExpressionStatement).expression, reading), at: at(node, reading) }];
    case ts.SyntaxKind.VariableStatement: {
      const { declarations } = (node as ts.VariableStatement).declarationList;
      const made = declarations.map((it) => readVariable(it, reading));
      return isExported(node) ? [...made, ...declarations.flatMap((it) => exportOf(namesIn(readPattern(it.name, reading))))] : made;
    }
    case ts.SyntaxKind.FunctionDeclaration: {
      const it = node as ts.FunctionDeclaration;
      if (!it.body) return [];
      const name = it.name?.text ?? 'default';
      return [{ k: 'function', n: name, f: readFunction(it, reading) }, ...exported(node, name)];
    }
    case ts.SyntaxKind.ClassDeclaration: {
      const it = node as ts.ClassDeclaration;
      const name = it.name?.text ?? 'default';
      return [{ k: 'class', n: name, c: readClass(it, reading) }, ...exported(node, name)];
    }
    case ts.SyntaxKind.ReturnStatement: {
      const { expression } = node as ts.ReturnStatement;
      return [{ k: 'return', ...(expression && { e: readExpression(expression, reading) }) }];
    }
    case ts.SyntaxKind.ThrowStatement:
      return [{ k: 'throw', e: readExpression((node as ts.ThrowStatement).expression, reading) }];
    case ts.SyntaxKind.IfStatement: {
      const it = node as ts.IfStatement;
      return [{ k: 'if', test: readExpression(it.expression, reading), a: inner(it.thenStatement, reading), b: inner(it.elseStatement, reading), at: at(node, reading) }];
    }
    case ts.SyntaxKind.Block:
      return [{ k: 'block', body: readStatements((node as ts.Block).statements, reading) }];
    case ts.SyntaxKind.TryStatement: {
      const it = node as ts.TryStatement;
      return [
        {
          k: 'try',
          body: readStatements(it.tryBlock.statements, reading),
          handler: readStatements(it.catchClause?.block.statements ?? [], reading),
          last: readStatements(it.finallyBlock?.statements ?? [], reading),
        },
      ];
    }
    case ts.SyntaxKind.ForOfStatement:
    case ts.SyntaxKind.ForInStatement:
    case ts.SyntaxKind.ForStatement:
    case ts.SyntaxKind.WhileStatement:
    case ts.SyntaxKind.DoStatement:
      return readLoop(node as Loop, reading);
    case ts.SyntaxKind.SwitchStatement: {
      const it = node as ts.SwitchStatement;
      const cases = it.caseBlock.clauses.map((one) => ({
        ...(ts.isCaseClause(one) && { test: readExpression(one.expression, reading) }),
        body: readStatements(one.statements, reading),
      }));
      return [{ k: 'switch', e: readExpression(it.expression, reading), cases }];
    }
    case ts.SyntaxKind.LabeledStatement:
      return readStatement((node as ts.LabeledStatement).statement, reading);
    case ts.SyntaxKind.BreakStatement:
    case ts.SyntaxKind.ContinueStatement:
      return [{ k: 'leave' }];
    case ts.SyntaxKind.ImportDeclaration:
      return readImport(node as ts.ImportDeclaration, reading);
    case ts.SyntaxKind.ImportEqualsDeclaration: {
      const it = node as unknown as ts.ImportEqualsDeclaration;
      if (!ts.isExternalModuleReference(it.moduleReference) || !ts.isStringLiteral(it.moduleReference.expression)) return [];
      const from = it.moduleReference.expression.text;
      reading.imports.add(from);
      reading.called.add(from);
      return [{ k: 'variable', p: { k: 'bind', n: it.name.text }, v: { k: 'import', from } }];
    }
    case ts.SyntaxKind.ExportDeclaration:
      return readExport(node as unknown as ts.ExportDeclaration, reading);
    case ts.SyntaxKind.ExportAssignment: {
      const it = node as unknown as ts.ExportAssignment;
      const e = readExpression(it.expression, reading);
      return it.isExportEquals
        ? [{ k: 'expression', e: { k: 'assign', op: '=', target: { k: 'member', o: { k: 'name', n: 'module' }, p: 'exports' }, v: e }, at: at(node, reading) }]
        : [{ k: 'exportDefault', e }];
    }
    case ts.SyntaxKind.EnumDeclaration:
      return readEnum(node as ts.EnumDeclaration, reading);
    case ts.SyntaxKind.ModuleDeclaration:
      return readNamespace(node as ts.ModuleDeclaration, reading);
    default:
      return [];
  }
}

const inner = (node: ts.Statement | undefined, reading: Reading): Statement[] =>
  !node ? [] : ts.isBlock(node) ? readStatements(node.statements, reading) : readStatement(node, reading);

type Loop = ts.ForOfStatement | ts.ForInStatement | ts.ForStatement | ts.WhileStatement | ts.DoStatement;

function readLoop(node: Loop, reading: Reading): Statement[] {
  if (ts.isForStatement(node)) {
    const start = node.initializer && ts.isVariableDeclarationList(node.initializer) ? node.initializer.declarations.map((it) => readVariable(it, reading)) : [];
    const parts = [node.condition, node.incrementor].filter((it) => it !== undefined).map((it) => readExpression(it, reading));
    return [{ k: 'block', body: [...start, { k: 'loop', kind: 'count', parts, body: inner(node.statement, reading), at: at(node, reading) }] }];
  }
  if (ts.isWhileStatement(node) || ts.isDoStatement(node))
    return [{ k: 'loop', kind: 'while', parts: [readExpression(node.expression, reading)], body: inner(node.statement, reading), at: at(node, reading) }];
  const bind = ts.isVariableDeclarationList(node.initializer) && node.initializer.declarations[0] ? readPattern(node.initializer.declarations[0].name, reading) : undefined;
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

const isAwaited = (it: ts.ForOfStatement | ts.ForInStatement): boolean => ts.isForOfStatement(it) && it.awaitModifier !== undefined;

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

/** `namespace Keys { export const USER = … }`: an object with the constants that it gives away; what else it does is not read. */
function readNamespace(node: ts.ModuleDeclaration, reading: Reading): Statement[] {
  if (!ts.isIdentifier(node.name) || !node.body || !ts.isModuleBlock(node.body)) return [];
  const given = node.body.statements.filter((it) => ts.isVariableStatement(it)).filter((it) => isExported(it));
  const ps = given
    .flatMap((it) => it.declarationList.declarations)
    .flatMap((it): Property[] => (ts.isIdentifier(it.name) && it.initializer ? [{ n: it.name.text, v: readExpression(it.initializer, reading), at: at(it, reading) }] : []));
  if (ps.length === 0) return [];
  return [{ k: 'variable', p: { k: 'bind', n: node.name.text }, v: { k: 'object', ps, at: at(node, reading) } }, ...exported(node, node.name.text)];
}
