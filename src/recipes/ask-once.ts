import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { type Batch, batchOf } from './batched-query.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { type FunctionNode, isFunctionNode } from './route-handler.ts';
import { bare, findAll, indentAt, lineAt, parse, type Source } from './source.ts';

/**
 * Asks once for all rows of a loop what was asked in each round, and picks each round's part of the answer.
 * Only where the round waits for nothing else, and what it asks depends on one field of its row.
 */
export default {
  id: 'ask-once',
  byHand: (args) => `before the loop around ${placeIn(args)}, query once for the keys of all rows, and look up each row’s own in a map`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const source = parse(file, await textOf(workspace, file));
    const { call, declaration } = askedAt(source, countArg(args, 'line'));
    const round = roundOf(source, declaration);
    if (ownAwaits(round.body) > 1) return cannot('the loop awaits something else besides the query');
    const key = keyOf(source, call, round);
    const batch = batchOf(source, call, key.expression, typeof args.library === 'string' ? args.library : '');
    return { edits: [{ kind: 'change', file, before: source.text, edits: rewritten(source, declaration, round, key, batch) }] };
  },
} satisfies Recipe;

/** `const lines = await ask(…);`, nothing else in its statement. */
function askedAt(source: Source, line: number): { call: ts.CallExpression; declaration: ts.VariableDeclaration } {
  const found = findAll(source.tree, ts.isVariableDeclaration).flatMap((declaration) => {
    const awaited = declaration.initializer && bare(declaration.initializer);
    const call = awaited && ts.isAwaitExpression(awaited) ? bare(awaited.expression) : undefined;
    const isAlone = ts.isVariableDeclarationList(declaration.parent) && declaration.parent.declarations.length === 1;
    return call && ts.isCallExpression(call) && isAlone && lineAt(source, call.getStart(source.tree)) === line ? [{ call, declaration }] : [];
  });
  if (found.length > 1) cannot(`line ${line} of ${source.file} has more than one query`);
  return found[0] ?? cannot(`the result at line ${line} of ${source.file} is not assigned to a variable`);
}

/** A loop over rows, or a function that is mapped over them. */
interface Round {
  /** The rows, as code that stands before the loop, too. */
  rows: string;
  row: ts.BindingName;
  body: ts.Block;
  /** Before it the question is asked. */
  statement: ts.Statement;
  /** `await Promise.all(rows.map(async …))`: nothing is left to wait for. */
  mapped?: { awaited: ts.AwaitExpression; map: ts.CallExpression; callback: FunctionNode };
}

function roundOf(source: Source, declaration: ts.VariableDeclaration): Round {
  const body = declaration.parent.parent.parent;
  if (!ts.isBlock(body)) return cannot('the query is not directly in the body of the loop');
  const loop = body.parent;
  if (ts.isForOfStatement(loop) && loop.statement === body && !loop.awaitModifier && ts.isVariableDeclarationList(loop.initializer)) {
    const row = loop.initializer.declarations[0]?.name ?? cannot('the loop does not declare one variable for its row');
    return { rows: rowsOf(source, loop.expression), row, body, statement: loop };
  }
  const map = loop.parent;
  if (isFunctionNode(loop) && ts.isCallExpression(map) && ts.isPropertyAccessExpression(map.expression) && map.expression.name.text === 'map' && map.arguments.length === 1) {
    const row = loop.parameters.length === 1 ? (loop.parameters[0] as ts.ParameterDeclaration).name : cannot('the callback takes more than the row');
    const awaited = map.parent.parent;
    const isAll = ts.isCallExpression(map.parent) && /^Promise\.all$/.test(map.parent.expression.getText(source.tree)) && ts.isAwaitExpression(awaited);
    if (!isAll) return cannot('the promises are not awaited by one Promise.all');
    let statement: ts.Node = awaited;
    while (!ts.isStatement(statement)) statement = statement.parent;
    if (!ts.isBlock(statement.parent) && !ts.isSourceFile(statement.parent)) return cannot('the loop has no block around it to write into');
    return { rows: rowsOf(source, map.expression.expression), row, body, statement, mapped: { awaited, map, callback: loop } };
  }
  return cannot('the query is not inside a loop over rows');
}

/** Rows that have a name: whatever gives them runs once. */
function rowsOf(source: Source, expression: ts.Expression): string {
  let node = bare(expression);
  while (ts.isPropertyAccessExpression(node)) node = bare(node.expression);
  return ts.isIdentifier(node) ? expression.getText(source.tree) : cannot('the loop runs over an expression, not over a variable');
}

const ownAwaits = (body: ts.Block): number => findAll(body, (it): it is ts.Node => ts.isAwaitExpression(it) || (ts.isForOfStatement(it) && it.awaitModifier !== undefined)).length;

interface Key {
  /** `order.id`, or `id` where the row is taken apart. */
  expression: ts.Expression;
  text: string;
  /** The row's name, or the pattern that takes it apart, as a parameter. */
  row: string;
}

/** The one thing of the row that the question depends on. */
function keyOf(source: Source, call: ts.CallExpression, round: Round): Key {
  const names = new Set(namesIn(round.row));
  const inside = new Set(findAll(round.body, ts.isVariableDeclaration).flatMap((it) => namesIn(it.name)));
  const used = findAll(call, ts.isIdentifier).filter((it) => !isMemberName(it));
  if (used.some((it) => inside.has(it.text))) return cannot('the query uses a value that the loop computes first');
  const ofRow = used.filter((it) => names.has(it.text));
  const [only] = ofRow;
  if (ofRow.length !== 1 || !only) return cannot('the query uses more than one field of the row');
  const text = (it: ts.Node): string => it.getText(source.tree);
  if (!ts.isIdentifier(round.row)) return { expression: only, text: text(only), row: text(round.row) };
  const field = only.parent;
  if (!ts.isPropertyAccessExpression(field) || field.expression !== only) return cannot('the query uses the whole row, not one field of it');
  return { expression: field, text: text(field), row: only.text };
}

const isMemberName = (it: ts.Identifier): boolean =>
  (ts.isPropertyAccessExpression(it.parent) && it.parent.name === it) || (ts.isPropertyAssignment(it.parent) && it.parent.name === it);

const namesIn = (name: ts.BindingName): string[] => (ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((it) => (ts.isBindingElement(it) ? namesIn(it.name) : [])));

function rewritten(source: Source, declaration: ts.VariableDeclaration, round: Round, key: Key, batch: Batch): TextEdit[] {
  const { tree, text, eol, semicolon } = source;
  const taken = new Set(findAll(tree, ts.isIdentifier).map((it) => it.text));
  const base = ts.isIdentifier(declaration.name) ? declaration.name.text : (namesIn(declaration.name)[0] ?? 'answers');
  const all = [`all${base.charAt(0).toUpperCase()}${base.slice(1)}`, `${base}OfAll`].find((it) => !taken.has(it)) ?? cannot(`every name for all ${base} together is taken`);
  const keys = `${round.rows}.map((${key.row}) => ${key.text})`;
  const at = round.statement.getStart(tree);
  const asked = `const ${batch.takes(all)} = await ${batch.asks(keys)}${semicolon}${eol}${indentAt(text, at)}`;
  const initializer = declaration.initializer as ts.Expression;
  checkUses(source, declaration, round, batch);
  const edits: TextEdit[] = [
    { start: at, end: at, newText: asked },
    { start: initializer.getStart(tree), end: initializer.getEnd(), newText: batch.picks(all, key.text) },
  ];
  if (!round.mapped) return edits;
  const { awaited, map, callback } = round.mapped;
  const modifier = callback.modifiers?.find((it) => it.kind === ts.SyntaxKind.AsyncKeyword);
  const async = modifier ? [{ start: modifier.getStart(tree), end: modifier.getEnd() + (text[modifier.getEnd()] === ' ' ? 1 : 0), newText: '' }] : [];
  const [start, end] = [awaited.getStart(tree), awaited.getEnd()];
  // The statement may begin with the wait itself: one edit then.
  const opening = start === at ? [] : [{ start, end: map.getStart(tree), newText: '' }];
  if (start === at) edits[0] = { start: at, end: map.getStart(tree), newText: asked };
  return [...edits, ...opening, ...async, { start: map.getEnd(), end, newText: '' }];
}

/** What a driver's result holds beside its rows is not there for a part of them. */
function checkUses(source: Source, declaration: ts.VariableDeclaration, round: Round, batch: Batch): void {
  if (!batch.onlyRows) return;
  const { name } = declaration;
  if (!ts.isIdentifier(name)) {
    const isRows = ts.isObjectBindingPattern(name) && name.elements.every((it) => !it.dotDotDotToken && (it.propertyName ?? it.name).getText(source.tree) === 'rows');
    if (!isRows) cannot('the code uses more of the result than its rows');
    return;
  }
  const uses = findAll(round.body, ts.isIdentifier).filter((it) => it.text === name.text && it !== name && !isMemberName(it));
  const isRows = (it: ts.Identifier): boolean => ts.isPropertyAccessExpression(it.parent) && it.parent.expression === it && it.parent.name.text === 'rows';
  if (!uses.every(isRows)) cannot('the code uses more of the result than its rows');
}
