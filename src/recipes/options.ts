import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { onlyConstant, usesOf } from './names.ts';
import { cannot } from './recipe.ts';
import { bare, indentAt, indentUnit, lineAt, type Source } from './source.ts';

/** The object literal that an expression surely is: itself, a constant of this file, or a property of one. */
export function objectBehind(source: Source, expression: ts.Expression): ts.ObjectLiteralExpression | undefined {
  const node = bare(expression);
  if (ts.isObjectLiteralExpression(node)) return node;
  if (ts.isIdentifier(node)) {
    const constant = onlyConstant(source, node.text);
    return constant?.initializer && objectBehind(source, constant.initializer);
  }
  if (ts.isPropertyAccessExpression(node)) {
    const owner = objectBehind(source, node.expression);
    const property = owner && propertyOf(owner, node.name.text);
    return property && ts.isPropertyAssignment(property) ? objectBehind(source, property.initializer) : undefined;
  }
  return undefined;
}

/**
 * Edits that give `path` (outer names first) the number `value` inside an options object, in the object's own layout.
 * Missing names are put at the end, where they win over spreads before them.
 */
export function setNumber(source: Source, object: ts.ObjectLiteralExpression, path: readonly [string, ...string[]], value: number): TextEdit[] {
  const [name, ...inner] = path;
  const property = propertyOf(object, name);
  if (!property) {
    const holder = behindSpread(source, object, name, inner.length > 0);
    return holder ? setNumber(source, holder, path, value) : insertProperty(source, object, `${name}: ${literal(inner, value)}`);
  }
  if (isOverriddenLater(object, property)) cannot(`${name} may be overridden by what is spread after it`);
  const expression = ts.isShorthandPropertyAssignment(property)
    ? property.name
    : ts.isPropertyAssignment(property)
      ? property.initializer
      : cannot(`${name} is not a plain property`);
  if (inner.length === 0) return replaceNumber(source, expression, name, value);
  const next = objectBehind(source, expression) ?? cannot(`${name} is not an object literal in this file`);
  return setNumber(source, next, inner as [string, ...string[]], value);
}

/** `{ a: 1 }` for an object that has to be made, `value` for the innermost name. */
export function literal(path: readonly string[], value: number): string {
  return path.reduceRight((text, name) => `{ ${name}: ${text} }`, String(value));
}

/** Replaces a number where it is written: here, or at the constant that only this place uses. */
function replaceNumber(source: Source, expression: ts.Expression, name: string, value: number): TextEdit[] {
  const node = bare(expression);
  if (ts.isNumericLiteral(node)) {
    if (Number(node.text) === value) cannot(`${name} is ${value} already`);
    return [{ start: node.getStart(source.tree), end: node.getEnd(), newText: String(value) }];
  }
  if (ts.isIdentifier(node)) {
    const constant = onlyConstant(source, node.text);
    if (constant?.initializer && ts.isNumericLiteral(bare(constant.initializer))) {
      if (usesOf(source, node.text) > 1 || isExported(constant)) cannot(`${name} comes from ${node.text}, which is used elsewhere too`);
      return replaceNumber(source, constant.initializer, name, value);
    }
  }
  const environment = /process\.env\.(\w+)/.exec(node.getText(source.tree))?.[1];
  if (environment) cannot(`${name} comes from the environment: set ${environment}=${value} where the service is deployed`);
  return cannot(`${name} is computed, not written as a number`);
}

const isExported = (constant: ts.VariableDeclaration): boolean => (ts.getCombinedModifierFlags(constant) & ts.ModifierFlags.Export) !== 0;

function propertyOf(object: ts.ObjectLiteralExpression, name: string): ts.ObjectLiteralElementLike | undefined {
  return object.properties.findLast((it) => it.name !== undefined && (ts.isIdentifier(it.name) || ts.isStringLiteral(it.name)) && it.name.text === name);
}

/** The object among the spreads that has the name. An unreadable spread is no hindrance for a plain value, but it may hide a nested object. */
function behindSpread(source: Source, object: ts.ObjectLiteralExpression, name: string, nested: boolean): ts.ObjectLiteralExpression | undefined {
  for (const spread of object.properties.filter(ts.isSpreadAssignment).reverse()) {
    const behind = objectBehind(source, spread.expression);
    if (!behind && nested) cannot(`${name} may be set by what is spread here`);
    if (behind && propertyOf(behind, name)) return behind;
  }
  return undefined;
}

function isOverriddenLater(object: ts.ObjectLiteralExpression, property: ts.ObjectLiteralElementLike): boolean {
  return object.properties.slice(object.properties.indexOf(property) + 1).some(ts.isSpreadAssignment);
}

/** Puts a property behind the last one, on its own line where the others have one; keeps trailing commas and comments as they are. */
export const insertProperty = (source: Source, object: ts.ObjectLiteralExpression, property: string): TextEdit[] => insertLast(source, object, object.properties, property, ' ');

/** The same among the elements of a list. */
export const insertElement = (source: Source, list: ts.ArrayLiteralExpression, element: string): TextEdit[] => insertLast(source, list, list.elements, element, '');

function insertLast(source: Source, whole: ts.Node, parts: ts.NodeArray<ts.Node>, property: string, padding: string): TextEdit[] {
  const { text, tree, eol } = source;
  const last = parts.at(-1);
  const open = whole.getStart(tree) + 1;
  const close = whole.getEnd() - 1;
  const onOneLine = lineAt(source, open) === lineAt(source, close);
  if (!last) {
    if (onOneLine && text.slice(open, close).trim() === '') return [{ start: open, end: close, newText: `${padding}${property}${padding}` }];
    const indent = indentAt(text, open) + indentUnit(text);
    return [{ start: open, end: open, newText: `${eol}${indent}${property},` }];
  }
  const comma = parts.hasTrailingComma;
  const end = last.getEnd();
  const afterComma = comma ? text.indexOf(',', afterComments(text, end)) + 1 : end;
  if (lineAt(source, end) === lineAt(source, close)) return [{ start: afterComma, end: afterComma, newText: comma ? ` ${property},` : `, ${property}` }];
  const lineEnd = lineEndAfter(text, afterComma);
  const indent = indentAt(text, last.getStart(tree));
  const line = `${eol}${indent}${property}${comma ? ',' : ''}`;
  return comma ? [{ start: lineEnd, end: lineEnd, newText: line }] : behind(end, lineEnd, line);
}

/** A comma behind what ends at `end`, and a line of its own behind the comment that may follow it. */
function behind(end: number, lineEnd: number, line: string): TextEdit[] {
  if (lineEnd === end) return [{ start: end, end, newText: `,${line}` }];
  return [
    { start: end, end, newText: ',' },
    { start: lineEnd, end: lineEnd, newText: line },
  ];
}

/** Where the code goes on behind comments that follow `offset`. */
function afterComments(text: string, offset: number): number {
  return ts.getTrailingCommentRanges(text, offset)?.at(-1)?.end ?? offset;
}

/** End of the line, or the end of a block comment that begins on it and runs further. */
function lineEndAfter(text: string, offset: number): number {
  const from = afterComments(text, offset);
  const length = text.slice(from).search(/[\n\r\u2028\u2029]/);
  return length < 0 ? text.length : from + length;
}

/** Adds an argument behind the last one of a call or `new`. */
export function insertArgument(source: Source, call: ts.CallExpression | ts.NewExpression, argument: string): TextEdit[] {
  const last = call.arguments?.at(-1);
  if (last) {
    const [start, end] = [last.getStart(source.tree), last.getEnd()];
    const standsAlone = /^[ \t]*$/.test(source.text.slice(source.text.lastIndexOf('\n', start - 1) + 1, start)) && lineAt(source, end) < lineAt(source, call.getEnd());
    const comma = call.arguments?.hasTrailingComma === true;
    if (!standsAlone) return [{ start: end, end, newText: `, ${argument}` }];
    const at = comma ? source.text.indexOf(',', afterComments(source.text, end)) + 1 : end;
    const line = `${source.eol}${indentAt(source.text, start)}${argument}${comma ? ',' : ''}`;
    const lineEnd = lineEndAfter(source.text, at);
    if (comma) return [{ start: lineEnd, end: lineEnd, newText: line }];
    return behind(end, lineEnd, line);
  }
  const end = call.getEnd();
  if (!call.arguments) return [{ start: end, end, newText: `(${argument})` }];
  const open = source.text.lastIndexOf('(', end);
  return source.text.slice(open + 1, end - 1).trim() === '' ? [{ start: open + 1, end: end - 1, newText: argument }] : cannot('the call has comments where its options would go');
}
