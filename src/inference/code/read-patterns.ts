import { ts } from 'ts-morph';
import { readExpression } from './read-expressions.ts';
import type { Reading } from './read-source.ts';
import type { Pattern } from './syntax.ts';

// The compiler's tables of functions are dictionaries to the engine: looked up once, not for each node.
const { isComputedPropertyName, isIdentifier, isNumericLiteral, isObjectBindingPattern, isOmittedExpression, isPrivateIdentifier, isStringLiteralLike } = ts;

/** Names that a declaration or a parameter binds, with the defaults that they take. */
export function readPattern(node: ts.BindingName, reading: Reading): Pattern {
  if (isIdentifier(node)) return { k: 'bind', n: node.text };
  if (isObjectBindingPattern(node))
    return {
      k: 'object',
      ps: node.elements.map((it) => ({
        key: it.dotDotDotToken ? null : ((it.propertyName && nameOf(it.propertyName)) ?? (isIdentifier(it.name) ? it.name.text : '')),
        p: readPattern(it.name, reading),
        ...(it.initializer && { d: readExpression(it.initializer, reading) }),
      })),
    };
  return {
    k: 'array',
    ps: node.elements.map((it) =>
      isOmittedExpression(it)
        ? null
        : { p: readPattern(it.name, reading), ...(it.initializer && { d: readExpression(it.initializer, reading) }), ...(it.dotDotDotToken && { rest: true as const }) },
    ),
  };
}

export function namesIn(pattern: Pattern): string[] {
  if (pattern.k === 'bind') return [pattern.n];
  return pattern.ps.flatMap((it) => (it ? namesIn(it.p) : []));
}

/** The name of a property, where it stands there. */
export function nameOf(node: ts.PropertyName): string | undefined {
  if (isIdentifier(node) || isStringLiteralLike(node) || isNumericLiteral(node) || isPrivateIdentifier(node)) return node.text;
  return isComputedPropertyName(node) && isStringLiteralLike(node.expression) ? node.expression.text : undefined;
}
