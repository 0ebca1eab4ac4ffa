import { ts } from 'ts-morph';
import { HOLE, isSensitiveName, keptLiteral } from './redact.ts';
import type { At, ClassSyntax, Expression, FunctionSyntax, MemberSyntax, Parameter, Pattern, Property, Statement } from './syntax.ts';

/** What a read of one file carries along. */
export interface Reading {
  source: ts.SourceFile;
  places: Places;
  imports: Set<string>;
  /** Imports made by a call: they are there whatever their names are used for. */
  called: Set<string>;
  /** Names that code uses as values: an import of anything else is erased by the compiler. */
  used: Set<string>;
  /** Packages and files behind imported names. */
  origins: Map<string, string>;
}

export function readStatements(nodes: readonly ts.Statement[], reading: Reading): Statement[] {
  return nodes.flatMap((it) => readStatement(it, reading));
}

const at = (node: ts.Node, { places, source }: Reading): At => {
  // Blanks and remarks before a chain of calls are skipped once for all of its links.
  if (node.pos !== places.pos || node.pos === node.end) {
    places.pos = node.pos;
    places.start = node.getStart(source);
  }
  const first = lineAt(places.start, places);
  const column = places.start - (places.lines[first] as number) + 1;
  const last = lineAt(node.end, places);
  return [first + 1, column, last + 1, node.end - (places.lines[last] as number) + 1];
};

/** Where a file's lines begin, and what was looked up last: nodes are read nearly in the order of the text. */
interface Places {
  lines: readonly number[];
  line: number;
  pos: number;
  start: number;
}

export const placesIn = (source: ts.SourceFile): Places => ({ lines: source.getLineStarts(), line: 0, pos: -1, start: 0 });

function lineAt(position: number, places: Places): number {
  const { lines } = places;
  let { line } = places;
  while (line > 0 && (lines[line] as number) > position) line -= 1;
  while (line + 1 < lines.length && (lines[line + 1] as number) <= position) line += 1;
  places.line = line;
  return line;
}

const inner = (node: ts.Statement | undefined, reading: Reading): Statement[] =>
  !node ? [] : ts.isBlock(node) ? readStatements(node.statements, reading) : readStatement(node, reading);

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

const isExported = (node: ts.Node): boolean => ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((it) => it.kind === ts.SyntaxKind.ExportKeyword);
const isDefault = (node: ts.Node): boolean => ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((it) => it.kind === ts.SyntaxKind.DefaultKeyword);
const exportOf = (names: readonly string[]): Statement[] => [{ k: 'export', names: names.map((it) => [it, it] as const) }];
const exported = (node: ts.Node, name: string): Statement[] => (isDefault(node) ? [{ k: 'export', names: [[name, 'default']] }] : isExported(node) ? exportOf([name]) : []);

function namesIn(pattern: Pattern): string[] {
  if (pattern.k === 'bind') return [pattern.n];
  return pattern.ps.flatMap((it) => (it ? namesIn(it.p) : []));
}

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
  const given = node.body.statements.filter((it) => ts.isVariableStatement(it)).filter((it) => it.modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword));
  const ps = given
    .flatMap((it) => it.declarationList.declarations)
    .flatMap((it): Property[] => (ts.isIdentifier(it.name) && it.initializer ? [{ n: it.name.text, v: readExpression(it.initializer, reading), at: at(it, reading) }] : []));
  if (ps.length === 0) return [];
  return [{ k: 'variable', p: { k: 'bind', n: node.name.text }, v: { k: 'object', ps, at: at(node, reading) } }, ...exported(node, node.name.text)];
}

function readImport(node: ts.ImportDeclaration, reading: Reading): Statement[] {
  if (!ts.isStringLiteral(node.moduleSpecifier) || node.importClause?.isTypeOnly) return [];
  const from = node.moduleSpecifier.text;
  const names: [string, string][] = [];
  if (node.importClause?.name) names.push(['default', node.importClause.name.text]);
  const bindings = node.importClause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.push(['*', bindings.name.text]);
  if (bindings && ts.isNamedImports(bindings)) for (const it of bindings.elements) if (!it.isTypeOnly) names.push([it.propertyName?.text ?? it.name.text, it.name.text]);
  reading.imports.add(from);
  for (const [, local] of names) reading.origins.set(local, from);
  return [{ k: 'import', from, names }];
}

function readExport(node: ts.ExportDeclaration, reading: Reading): Statement[] {
  if (node.isTypeOnly) return [];
  const from = node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined;
  if (from) reading.imports.add(from);
  if (!node.exportClause) return from ? [{ k: 'exportAll', from }] : [];
  if (ts.isNamespaceExport(node.exportClause)) return from ? [{ k: 'exportAll', from, as: node.exportClause.name.text }] : [];
  const names = node.exportClause.elements.filter((it) => !it.isTypeOnly).map((it) => [(it.propertyName ?? it.name).text, it.name.text] as const);
  if (!from) for (const [local] of names) reading.used.add(local);
  return [{ k: 'export', names, ...(from && { from }) }];
}

function readPattern(node: ts.BindingName, reading: Reading): Pattern {
  if (ts.isIdentifier(node)) return { k: 'bind', n: node.text };
  if (ts.isObjectBindingPattern(node))
    return {
      k: 'object',
      ps: node.elements.map((it) => ({
        key: it.dotDotDotToken ? null : ((it.propertyName && nameOf(it.propertyName)) ?? (ts.isIdentifier(it.name) ? it.name.text : '')),
        p: readPattern(it.name, reading),
        ...(it.initializer && { d: readExpression(it.initializer, reading) }),
      })),
    };
  return {
    k: 'array',
    ps: node.elements.map((it) =>
      ts.isOmittedExpression(it)
        ? null
        : { p: readPattern(it.name, reading), ...(it.initializer && { d: readExpression(it.initializer, reading) }), ...(it.dotDotDotToken && { rest: true as const }) },
    ),
  };
}

function nameOf(node: ts.PropertyName): string | undefined {
  if (ts.isIdentifier(node) || ts.isStringLiteralLike(node) || ts.isNumericLiteral(node) || ts.isPrivateIdentifier(node)) return node.text;
  return ts.isComputedPropertyName(node) && ts.isStringLiteralLike(node.expression) ? node.expression.text : undefined;
}

/** `injects`: a container may call it, so decorators and types of its parameters are kept. */
export function readFunction(node: ts.FunctionLikeDeclaration, reading: Reading, injects = false): FunctionSyntax {
  const params = node.parameters
    .filter((it) => !(ts.isIdentifier(it.name) && it.name.text === 'this'))
    .map(
      (it): Parameter => ({
        p: readPattern(it.name, reading),
        ...(it.initializer && { d: readExpression(it.initializer, reading) }),
        ...(it.dotDotDotToken && { rest: true as const }),
        ...(ts.isParameterPropertyDeclaration(it, node) && { field: true as const }),
        ...(injects && readInjection(it, it.type, reading)),
      }),
    );
  const body: Statement[] = !node.body
    ? []
    : ts.isBlock(node.body)
      ? readStatements(node.body.statements, reading)
      : [{ k: 'return', e: readExpression(node.body as ts.Expression, reading) }];
  const name = node.name && ts.isIdentifier(node.name) ? node.name.text : undefined;
  const isAsync = ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((it) => it.kind === ts.SyntaxKind.AsyncKeyword);
  return { ...(name && { name }), params, body, isArrow: ts.isArrowFunction(node), isAsync, at: at(node, reading) };
}

function readClass(node: ts.ClassLikeDeclaration, reading: Reading): ClassSyntax {
  const parent = node.heritageClauses?.find((it) => it.token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression;
  const decorators = readDecorators(node, reading);
  let construct: FunctionSyntax | undefined;
  const members: MemberSyntax[] = [];
  for (const it of node.members) {
    if (ts.isConstructorDeclaration(it)) {
      if (it.body) construct = readFunction(it, reading, decorators.length > 0 || it.parameters.some(isDecorated));
      continue;
    }
    const n = it.name && nameOf(it.name);
    if (!n) continue;
    const isStatic = ts.canHaveModifiers(it) && (ts.getModifiers(it) ?? []).some((m) => m.kind === ts.SyntaxKind.StaticKeyword);
    if (ts.isMethodDeclaration(it) && it.body) {
      const own = readDecorators(it, reading);
      members.push({ n, kind: 'method', isStatic, f: readFunction(it, reading, own.length > 0), ...(own.length > 0 && { decorators: own }) });
    } else if (ts.isGetAccessorDeclaration(it) && it.body) members.push({ n, kind: 'getter', isStatic, f: readFunction(it, reading) });
    else if (ts.isPropertyDeclaration(it)) {
      const injection = readInjection(it, it.type, reading);
      if (it.initializer || injection.decorators)
        members.push({ n, kind: 'field', isStatic, ...(it.initializer && { v: readExpression(it.initializer, reading, n) }), ...injection });
    }
  }
  return {
    ...(node.name && { name: node.name.text }),
    ...(parent && { parent: readExpression(parent, reading) }),
    ...(construct && { construct }),
    ...(decorators.length > 0 && { decorators }),
    members,
  };
}

/** Packages whose decorators describe data and say nothing about what runs. */
const DESCRIBES_DATA = /^(class-validator|class-transformer|@nestjs\/swagger|nestjs-swagger|nestjs-i18n)$/;

const isDecorated = (node: ts.Node): boolean => ts.canHaveDecorators(node) && (ts.getDecorators(node)?.length ?? 0) > 0;

function readDecorators(node: ts.Node, reading: Reading): Expression[] {
  const all = ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
  return all.flatMap((it) => {
    const callee = ts.isCallExpression(it.expression) ? it.expression.expression : it.expression;
    const origin = ts.isIdentifier(callee) ? reading.origins.get(callee.text) : undefined;
    // Whose class a field's data becomes is the one thing that settings are read with.
    const nests = origin === 'class-transformer' && ts.isIdentifier(callee) && callee.text === 'Type';
    return origin !== undefined && !nests && DESCRIBES_DATA.test(origin) ? [] : [readExpression(it.expression, reading)];
  });
}

/** Decorators and the class that the type names, as the compiler would emit them for a container. */
function readInjection(node: ts.ParameterDeclaration | ts.PropertyDeclaration, type: ts.TypeNode | undefined, reading: Reading): { decorators?: Expression[]; type?: Expression } {
  const decorators = readDecorators(node, reading);
  if (ts.isPropertyDeclaration(node) && decorators.length === 0) return {};
  const named = type && ts.isTypeReferenceNode(type) ? readTypeName(type.typeName, reading) : undefined;
  return { ...(decorators.length > 0 && { decorators }), ...(named && { type: named }) };
}

function readTypeName(name: ts.EntityName, reading: Reading): Expression {
  if (ts.isIdentifier(name)) {
    reading.used.add(name.text);
    return { k: 'name', n: name.text };
  }
  return { k: 'member', o: readTypeName(name.left, reading), p: name.right.text };
}

const LOGIC: Partial<Record<ts.SyntaxKind, '||' | '??' | '&&'>> = {
  [ts.SyntaxKind.BarBarToken]: '||',
  [ts.SyntaxKind.QuestionQuestionToken]: '??',
  [ts.SyntaxKind.AmpersandAmpersandToken]: '&&',
};

/** `under` is the name that the value is bound to: a literal under a sensitive name is not kept. */
function readExpression(node: ts.Expression, reading: Reading, under?: string): Expression {
  switch (node.kind) {
    case ts.SyntaxKind.Identifier: {
      const { text } = node as ts.Identifier;
      reading.used.add(text);
      return text === 'undefined' ? { k: 'null' } : { k: 'name', n: text };
    }
    case ts.SyntaxKind.PropertyAccessExpression: {
      const it = node as ts.PropertyAccessExpression;
      return { k: 'member', o: readExpression(it.expression, reading), p: it.name.text, at: at(node, reading) };
    }
    case ts.SyntaxKind.CallExpression:
      return readCall(node as ts.CallExpression, reading, under);
    case ts.SyntaxKind.StringLiteral:
    case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
      return literal((node as ts.StringLiteralLike).text, under, at(node, reading));
    case ts.SyntaxKind.NumericLiteral:
      return { k: 'number', v: Number((node as ts.NumericLiteral).text.replaceAll('_', '')), at: at(node, reading) };
    case ts.SyntaxKind.TrueKeyword:
    case ts.SyntaxKind.FalseKeyword:
      return { k: 'boolean', v: node.kind === ts.SyntaxKind.TrueKeyword };
    case ts.SyntaxKind.NullKeyword:
      return { k: 'null' };
    case ts.SyntaxKind.ThisKeyword:
      return { k: 'this' };
    case ts.SyntaxKind.MetaProperty:
      return { k: 'name', n: 'import.meta' };
    case ts.SyntaxKind.SuperKeyword:
      return { k: 'super' };
    case ts.SyntaxKind.TemplateExpression:
      return readTemplate(node as ts.TemplateExpression, reading, under);
    case ts.SyntaxKind.ElementAccessExpression: {
      const it = node as ts.ElementAccessExpression;
      return ts.isStringLiteralLike(it.argumentExpression)
        ? { k: 'member', o: readExpression(it.expression, reading), p: it.argumentExpression.text, at: at(node, reading) }
        : { k: 'index', o: readExpression(it.expression, reading), i: readExpression(it.argumentExpression, reading) };
    }
    case ts.SyntaxKind.NewExpression: {
      const it = node as ts.NewExpression;
      return { k: 'call', f: readExpression(it.expression, reading), a: (it.arguments ?? []).map((one) => readExpression(one, reading)), at: at(node, reading), isNew: true };
    }
    case ts.SyntaxKind.TaggedTemplateExpression: {
      const it = node as ts.TaggedTemplateExpression;
      return { k: 'call', f: readExpression(it.tag, reading), a: [readExpression(it.template, reading, under)], at: at(node, reading) };
    }
    case ts.SyntaxKind.ArrowFunction:
    case ts.SyntaxKind.FunctionExpression:
      return { k: 'function', f: readFunction(node as ts.FunctionExpression, reading) };
    case ts.SyntaxKind.ClassExpression:
      return { k: 'class', c: readClass(node as ts.ClassExpression, reading) };
    case ts.SyntaxKind.ObjectLiteralExpression:
      return { k: 'object', ps: (node as ts.ObjectLiteralExpression).properties.map((it) => readProperty(it, reading)), at: at(node, reading) };
    case ts.SyntaxKind.ArrayLiteralExpression:
      return { k: 'array', es: (node as ts.ArrayLiteralExpression).elements.map((it) => mentioned(readExpression(it, reading, under), it, reading)) };
    case ts.SyntaxKind.SpreadElement:
      return { k: 'spread', e: readExpression((node as ts.SpreadElement).expression, reading) };
    case ts.SyntaxKind.AwaitExpression:
      return { k: 'await', e: readExpression((node as ts.AwaitExpression).expression, reading) };
    case ts.SyntaxKind.ParenthesizedExpression:
    case ts.SyntaxKind.AsExpression:
    case ts.SyntaxKind.NonNullExpression:
    case ts.SyntaxKind.SatisfiesExpression:
    case ts.SyntaxKind.TypeAssertionExpression:
      return readExpression((node as ts.ParenthesizedExpression).expression, reading, under);
    case ts.SyntaxKind.ConditionalExpression: {
      const it = node as ts.ConditionalExpression;
      return { k: 'conditional', test: readExpression(it.condition, reading), a: readExpression(it.whenTrue, reading, under), b: readExpression(it.whenFalse, reading, under) };
    }
    case ts.SyntaxKind.PrefixUnaryExpression: {
      const { operator, operand } = node as ts.PrefixUnaryExpression;
      if (operator === ts.SyntaxKind.ExclamationToken) return { k: 'not', e: readExpression(operand, reading) };
      if (operator === ts.SyntaxKind.MinusToken && ts.isNumericLiteral(operand)) return { k: 'number', v: -Number(operand.text), at: at(node, reading) };
      return operator === ts.SyntaxKind.PlusToken ? readExpression(operand, reading) : { k: 'other', es: [readExpression(operand, reading)] };
    }
    case ts.SyntaxKind.BinaryExpression:
      return readBinary(node as ts.BinaryExpression, reading, under);
    case ts.SyntaxKind.VoidExpression:
    case ts.SyntaxKind.TypeOfExpression:
    case ts.SyntaxKind.DeleteExpression:
      return { k: 'other', es: [readExpression((node as ts.VoidExpression).expression, reading)] };
    case ts.SyntaxKind.YieldExpression: {
      const { expression } = node as ts.YieldExpression;
      return expression ? { k: 'await', e: readExpression(expression, reading) } : { k: 'other', es: [] };
    }
    default:
      return { k: 'other', es: [] };
  }
}

const mentioned = (e: Expression, node: ts.Expression, reading: Reading): Expression => (e.k === 'name' && /^[A-Z]/.test(e.n) ? { ...e, at: at(node, reading) } : e);

function literal(text: string, under: string | undefined, where: At): Expression {
  if (under && isSensitiveName(under)) return { k: 'hidden' };
  const kept = keptLiteral(text);
  return kept === null ? { k: 'hidden' } : { k: 'string', v: kept, at: where };
}

function readTemplate(node: ts.TemplateExpression, reading: Reading, under?: string): Expression {
  const isKey = /^[\w.-]{1,32}:$/.test(node.head.text) && node.templateSpans.every((it) => /^[\w.:-]{0,32}$/.test(it.literal.text));
  // `session:${token}` is the key of a cache, not a secret.
  if (under && isSensitiveName(under) && !isKey) return { k: 'hidden' };
  const holes = node.templateSpans.map((it) => readExpression(it.expression, reading));
  const texts = [node.head.text, ...node.templateSpans.map((it) => it.literal.text)];
  // Credentials may stand between the holes: the whole text is cleaned at once, holes held by a mark that no source contains.
  const kept = keptLiteral(texts.join(HOLE));
  if (kept === null) return { k: 'other', es: holes };
  const cleaned = kept.split(HOLE);
  const offset = texts.length - cleaned.length;
  return { k: 'template', parts: cleaned.flatMap((text, index) => (index === 0 ? [text] : [holes[index - 1 + offset] as Expression, text])) };
}

function readCall(node: ts.CallExpression, reading: Reading, under?: string): Expression {
  const callee = node.expression;
  const first = node.arguments[0];
  const isImport = callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
  if (isImport && first && ts.isStringLiteralLike(first)) {
    reading.imports.add(first.text);
    reading.called.add(first.text);
    return { k: 'import', from: first.text };
  }
  if (isImport && first && ts.isTemplateExpression(first)) {
    const pattern = [first.head.text, ...first.templateSpans.map((it) => it.literal.text)].join('*');
    if (/^\.\.?\/.*\w{3}/.test(pattern)) {
      reading.imports.add(pattern);
      reading.called.add(pattern);
      return { k: 'import', from: pattern, of: readExpression(first, reading) };
    }
  }
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : ts.isIdentifier(callee) ? callee.text : '';
  const names = /^(model|define|getRepository|collection)$/.test(name);
  const signs = /^(sign|verify|createHmac|createCipheriv|createSecretKey|setPassword|auth)$/.test(name);
  return {
    k: 'call',
    f: readExpression(callee, reading),
    a: node.arguments.map((it) => readExpression(it, reading, signs ? 'secret' : names ? undefined : under)),
    at: at(node, reading),
  };
}

function readProperty(node: ts.ObjectLiteralElementLike, reading: Reading): Property {
  const where = at(node, reading);
  if (ts.isShorthandPropertyAssignment(node)) {
    reading.used.add(node.name.text);
    return { n: node.name.text, v: { k: 'name', n: node.name.text }, at: where };
  }
  if (ts.isSpreadAssignment(node)) return { v: readExpression(node.expression, reading), kind: 'spread', at: where };
  const n = nameOf(node.name);
  const key = n !== undefined ? { n } : ts.isComputedPropertyName(node.name) ? { computed: readExpression(node.name.expression, reading) } : {};
  if (ts.isPropertyAssignment(node)) return { ...key, v: readExpression(node.initializer, reading, n), at: where };
  if (ts.isMethodDeclaration(node)) return { ...key, v: { k: 'function', f: readFunction(node, reading) }, at: where };
  if (ts.isGetAccessorDeclaration(node)) return { ...key, v: { k: 'function', f: readFunction(node, reading) }, kind: 'getter', at: where };
  return { ...key, v: { k: 'other', es: [] }, at: where };
}

function readBinary(node: ts.BinaryExpression, reading: Reading, under?: string): Expression {
  const kind = node.operatorToken.kind;
  const logic = LOGIC[kind];
  const read = (it: ts.Expression, name?: string) => readExpression(it, reading, name);
  if (logic) return { k: 'logic', op: logic, a: read(node.left, under), b: read(node.right, under) };
  const op = node.operatorToken.getText(reading.source);
  if (kind === ts.SyntaxKind.CommaToken) return { k: 'other', es: [read(node.left), read(node.right)] };
  if (kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment) {
    const left = read(node.left);
    const target: Expression = left.k === 'index' ? { ...left, at: at(node.left, reading) } : left;
    const name = target.k === 'member' ? target.p : target.k === 'name' ? target.n : undefined;
    return { k: 'assign', target, v: read(node.right, name), op };
  }
  return { k: 'binary', op, a: read(node.left, under), b: read(node.right, under) };
}

const isAwaited = (it: ts.ForOfStatement | ts.ForInStatement): boolean => ts.isForOfStatement(it) && it.awaitModifier !== undefined;
