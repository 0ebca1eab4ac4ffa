import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { importedAs, libraryName } from './names.ts';
import { insertArgument, literal, objectBehind, setNumber } from './options.ts';
import { cannot } from './recipe.ts';
import { bare, coversLine, findAll, type Source } from './source.ts';

export type Construction = ts.CallExpression | ts.NewExpression;

/** How a library is constructed, and where its options stand. */
export interface Shape {
  form: 'new' | 'call';
  /** Names that the library exports: `Pool`, `createPool`. */
  names: readonly string[];
  /** For calls: names too plain to stand alone must come from one of these modules. */
  modules?: readonly string[];
  /** Which argument holds the options; `insertAt` arguments must stand before options may be added. Throws where it can't tell. */
  options(source: Source, args: readonly ts.Expression[]): { at: number } | { insertAt: number };
}

/** The construction of one of the shapes that the line belongs to: the innermost around it, or the one whose options object the line lies in. */
export function constructionAt(source: Source, shapes: readonly Shape[], line: number): { call: Construction; shape: Shape } {
  const all = findAll(source.tree, (it): it is Construction => ts.isCallExpression(it) || ts.isNewExpression(it)).flatMap((call) => {
    const shape = shapes.find((it) => fits(source, it, call));
    return shape ? [{ call, shape }] : [];
  });
  const around = all.filter((it) => coversLine(source, it.call, line));
  const startingHere = around.filter((it) => source.tree.getLineAndCharacterOfPosition(it.call.getStart(source.tree)).line + 1 === line);
  const innermost = around.filter((it) => !around.some((other) => other !== it && isInside(other.call, it.call)));
  const named = all.filter((it) =>
    (it.call.arguments ?? []).some((arg) => {
      const object = objectBehind(source, arg);
      return object !== undefined && coversLine(source, object, line);
    }),
  );
  for (const found of [startingHere, innermost, named]) {
    if (found.length > 1) cannot(`line ${line} of ${source.file} constructs more than one client`);
    if (found[0]) return found[0];
  }
  const wanted = new Set(shapes.flatMap((it) => it.names).filter((it) => it !== '' && it !== 'default'));
  return cannot(`line ${line} of ${source.file} does not construct ${[...wanted].join(' or ')}`);
}

/** Edits that set a number among the options of a construction; `path` as in `setNumber`. `isMissing`: wherever its options come from, it is not among them. */
export function setOption(source: Source, found: { call: Construction; shape: Shape }, path: readonly [string, ...string[]], value: number, isMissing = false): TextEdit[] {
  const args = found.call.arguments ?? [];
  if (args.some(ts.isSpreadElement)) cannot('the arguments of the call are spread');
  const where = found.shape.options(source, args);
  if ('insertAt' in where) {
    const behind = args[where.insertAt];
    if (!behind) return insertArgument(source, found.call, literal(path, value));
    const at = behind.getStart(source.tree);
    return [{ start: at, end: at, newText: `${literal(path, value)}, ` }];
  }
  const given = args[where.at] as ts.Expression;
  const object = objectBehind(source, given);
  if (object) return setNumber(source, object, path, value);
  const text = given.getText(source.tree);
  if (!isMissing || path.length > 1 || !OPTIONS.test(text)) return cannot('the options are not an object literal in this file');
  return [{ start: given.getStart(source.tree), end: given.getEnd(), newText: `{ ...${text}, ${path[0]}: ${value} }` }];
}

/** Options that another file gives: `settings.mongo.options`, no function and no address. */
const OPTIONS = /^([A-Za-z_$][\w$]*\.)*\w*(options|config|settings)$/i;

/** True for an expression that is surely text: a literal, a template, an environment variable, or `a ?? b` of such. */
export function isText(source: Source, expression: ts.Expression): boolean {
  const node = bare(expression);
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return true;
  if (ts.isBinaryExpression(node)) return isText(source, node.left) || isText(source, node.right);
  return /^process\.env(\.\w+|\[['"]\w+['"]\])$/.test(node.getText(source.tree)) || isTextConstant(source, node);
}

function isTextConstant(source: Source, node: ts.Expression): boolean {
  if (!ts.isIdentifier(node)) return false;
  const declared = findAll(source.tree, ts.isVariableDeclaration).filter((it) => ts.isIdentifier(it.name) && it.name.text === node.text);
  const [only] = declared;
  return declared.length === 1 && only?.initializer !== undefined && !ts.isIdentifier(bare(only.initializer)) && isText(source, only.initializer);
}

function fits(source: Source, shape: Shape, call: Construction): boolean {
  if (ts.isNewExpression(call) !== (shape.form === 'new')) return false;
  const imported = importedAs(source, call.expression);
  // What a module exports by default goes by any name.
  if (imported?.member === '' && shape.modules?.includes(imported.module)) return true;
  const name = libraryName(source, call.expression);
  if (name === undefined || !shape.names.includes(name)) return false;
  return !shape.modules || imported === undefined || shape.modules.includes(imported.module);
}

const isInside = (inner: ts.Node, outer: ts.Node): boolean => inner !== outer && outer.pos <= inner.pos && inner.end <= outer.end;
