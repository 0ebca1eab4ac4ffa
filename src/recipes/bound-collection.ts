import { ts } from 'ts-morph';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, indentAt, indentUnit, lineAt, parse, type Source } from './source.ts';

/** Behind `map.set(…)` or `set.add(…)` on a line: the entry that was put in first goes as soon as there are more than so many. */
export default {
  id: 'bound-collection',
  byHand: (args) => `before ${placeIn(args)} adds, take out the oldest entry once there are ${args.most}`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const most = countArg(args, 'most');
    const source = parse(file, await textOf(workspace, file));
    const { statement, collection } = additionAt(source, line);
    const next = source.text.slice(statement.getEnd(), statement.getEnd() + 400);
    if (next.includes(`${collection}.size`)) return cannot(`${collection}.size is checked already`);
    return {
      edits: [
        { kind: 'change', file, before: source.text, edits: [{ start: statement.getEnd(), end: statement.getEnd(), newText: boundOf(source, statement, collection, most) }] },
      ],
    };
  },
} satisfies Recipe;

/** The one statement of a line that is nothing but an addition to a collection with a plain name. */
function additionAt(source: Source, line: number): { statement: ts.ExpressionStatement; collection: string } {
  const found = findAll(source.tree, ts.isExpressionStatement).flatMap((statement) => {
    const call = statement.expression;
    if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression) || !/^(set|add)$/.test(call.expression.name.text)) return [];
    return lineAt(source, call.getStart(source.tree)) === line ? [{ statement, receiver: call.expression.expression }] : [];
  });
  const [only] = found;
  if (!only || found.length > 1) return cannot(`line ${line} of ${source.file} does not make exactly one addition to a map or set`);
  const { statement, receiver } = only;
  if (!isPlain(receiver)) return cannot('the collection is an expression, not a variable');
  if (!ts.isBlock(statement.parent) && !ts.isSourceFile(statement.parent) && !ts.isCaseOrDefaultClause(statement.parent))
    return cannot('the line has no block around it to write into');
  return { statement, collection: receiver.getText(source.tree) };
}

function isPlain(it: ts.Expression): boolean {
  if (ts.isIdentifier(it) || it.kind === ts.SyntaxKind.ThisKeyword) return true;
  return ts.isPropertyAccessExpression(it) && !it.questionDotToken && isPlain(it.expression);
}

function boundOf(source: Source, statement: ts.Statement, collection: string, most: number): string {
  const { eol, semicolon: end, text } = source;
  const indent = indentAt(text, statement.getStart(source.tree));
  const inner = indent + indentUnit(text);
  const lines = [
    `${indent}if (${collection}.size > ${grouped(most)}) {`,
    `${inner}const oldest = ${collection}.keys().next()${end}`,
    `${inner}if (!oldest.done) ${collection}.delete(oldest.value)${end}`,
    `${indent}}`,
  ];
  return eol + lines.join(eol);
}

const grouped = (it: number): string => String(it).replace(/\B(?=(\d{3})+$)/g, '_');
