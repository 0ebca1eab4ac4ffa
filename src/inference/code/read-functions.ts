import { ts } from 'ts-morph';
import { readExpression } from './read-expressions.ts';
import { nameOf, readPattern } from './read-patterns.ts';
import { at, isMarked, type Reading } from './read-source.ts';
import { readStatements } from './read-statements.ts';
import type { ClassSyntax, Expression, FunctionSyntax, MemberSyntax, Parameter, Statement } from './syntax.ts';

// The compiler's tables of kinds and functions are dictionaries to the engine: looked up once, not for each node.
const { canHaveDecorators, getDecorators, isArrowFunction, isBlock, isCallExpression, isConstructorDeclaration, isGetAccessorDeclaration, isSetAccessorDeclaration, isIdentifier } =
  ts;
const { isMethodDeclaration, isParameterPropertyDeclaration, isPropertyDeclaration, isTypeReferenceNode } = ts;
const { AsyncKeyword, ExtendsKeyword, StaticKeyword } = ts.SyntaxKind;

/** `injects`: a container may call it, so decorators and types of its parameters are kept. */
export function readFunction(node: ts.FunctionLikeDeclaration, reading: Reading, injects = false): FunctionSyntax {
  const params = node.parameters
    .filter((it) => !(isIdentifier(it.name) && it.name.text === 'this'))
    .map(
      (it): Parameter => ({
        p: readPattern(it.name, reading),
        ...(it.initializer && { d: readExpression(it.initializer, reading) }),
        ...(it.dotDotDotToken && { rest: true as const }),
        ...(isParameterPropertyDeclaration(it, node) && { field: true as const }),
        ...(injects && readInjection(it, it.type, reading)),
      }),
    );
  const body: Statement[] = !node.body
    ? []
    : isBlock(node.body)
      ? readStatements(node.body.statements, reading)
      : [{ k: 'return', e: readExpression(node.body as ts.Expression, reading) }];
  const name = node.name && isIdentifier(node.name) ? node.name.text : undefined;
  const isAsync = isMarked(node, AsyncKeyword);
  return { ...(name && { name }), params, body, isArrow: isArrowFunction(node), isAsync, at: at(node, reading) };
}

/** A class with what runs of it: signatures and fields without a value are left out. */
export function readClass(node: ts.ClassLikeDeclaration, reading: Reading): ClassSyntax {
  const parent = node.heritageClauses?.find((it) => it.token === ExtendsKeyword)?.types[0]?.expression;
  const decorators = readDecorators(node, reading);
  let construct: FunctionSyntax | undefined;
  const members: MemberSyntax[] = [];
  for (const it of node.members) {
    if (isConstructorDeclaration(it)) {
      if (it.body) construct = readFunction(it, reading, decorators.length > 0 || it.parameters.some(isDecorated));
      continue;
    }
    const n = it.name && nameOf(it.name);
    if (!n) continue;
    const isStatic = isMarked(it, StaticKeyword);
    if (isMethodDeclaration(it) && it.body) {
      const own = readDecorators(it, reading);
      members.push({ n, kind: 'method', isStatic, f: readFunction(it, reading, own.length > 0), ...(own.length > 0 && { decorators: own }) });
    } else if (isGetAccessorDeclaration(it) && it.body) members.push({ n, kind: 'getter', isStatic, f: readFunction(it, reading) });
    else if (isSetAccessorDeclaration(it) && it.body) members.push({ n, kind: 'setter', isStatic, f: readFunction(it, reading) });
    else if (isPropertyDeclaration(it)) {
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

const isDecorated = (node: ts.Node): boolean => canHaveDecorators(node) && (getDecorators(node)?.length ?? 0) > 0;

function readDecorators(node: ts.Node, reading: Reading): Expression[] {
  const all = canHaveDecorators(node) ? (getDecorators(node) ?? []) : [];
  return all.flatMap((it) => {
    const callee = isCallExpression(it.expression) ? it.expression.expression : it.expression;
    const origin = isIdentifier(callee) ? reading.origins.get(callee.text) : undefined;
    // Whose class a field's data becomes is the one thing that settings are read with.
    const nests = origin === 'class-transformer' && isIdentifier(callee) && callee.text === 'Type';
    return origin !== undefined && !nests && DESCRIBES_DATA.test(origin) ? [] : [readExpression(it.expression, reading)];
  });
}

/** Decorators and the class that the type names, as the compiler would emit them for a container. */
function readInjection(node: ts.ParameterDeclaration | ts.PropertyDeclaration, type: ts.TypeNode | undefined, reading: Reading): { decorators?: Expression[]; type?: Expression } {
  const decorators = readDecorators(node, reading);
  if (isPropertyDeclaration(node) && decorators.length === 0) return {};
  const named = type && isTypeReferenceNode(type) ? readTypeName(type.typeName, reading) : undefined;
  return { ...(decorators.length > 0 && { decorators }), ...(named && { type: named }) };
}

function readTypeName(name: ts.EntityName, reading: Reading): Expression {
  if (isIdentifier(name)) {
    reading.used.add(name.text);
    return { k: 'name', n: name.text };
  }
  return { k: 'member', o: readTypeName(name.left, reading), p: name.right.text };
}
