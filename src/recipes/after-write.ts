import { ts } from 'ts-morph';
import { bindingOf } from './modules.ts';
import { cannot } from './recipe.ts';
import type { AnsweredCall } from './route-handler.ts';
import { findAll, indentAt, type Source } from './source.ts';

/** What goes with a write to the worker: what the handler did once the write was done. */
export interface AfterWrite {
  /** The pattern that takes the write's result, where something behind it needs it: `user`, `{ id }`. */
  result: string | null;
  /** The statements, line by line, as far in as the first of them. */
  lines: readonly string[];
  /** Imported names that they use. */
  roots: readonly string[];
}

/** Names that every module has. */
const EVERYWHERE = /^(JSON|String|Number|Boolean|Date|Math|Object|Array|Promise|console|process|undefined|Error|parseInt|parseFloat|Record|Partial)$/;

/**
 * Takes apart what stands between a write and its answer: what has an effect moves, with what it is made of;
 * what only shaped the answer goes. Refuses what needs the request, which the worker does not have.
 */
export function afterWrite(source: Source, found: AnsweredCall): AfterWrite {
  const { handler, between, names } = found;
  const needed = new Set<string>();
  const kept: ts.Statement[] = [];
  for (const statement of [...between].reverse()) {
    const makes = madeBy(statement);
    if (!hasEffect(statement) && !makes.some((it) => needed.has(it))) continue;
    kept.unshift(statement);
    for (const it of namesIn(statement)) needed.add(it);
  }
  const own = new Set([...names, ...kept.flatMap(madeBy)]);
  const free = [...needed].filter((it) => !own.has(it) && !EVERYWHERE.test(it));
  for (const it of free) if (!bindingOf(source, it)) cannot(`${it === handler.request || it === handler.reply ? 'the request' : it} is used once more behind the write`);
  if (kept.some((it) => findAll(it, isThis).length > 0)) cannot('what follows the write belongs to an object of the web process');
  const isNeeded = names.some((it) => needed.has(it));
  const lines = kept.flatMap((it) => textOf(source, it));
  return { result: isNeeded ? resultOf(source, found) : null, lines, roots: free };
}

const isThis = (it: ts.Node): it is ts.ThisExpression => it.kind === ts.SyntaxKind.ThisKeyword;

/** `user` of `const user = await …`. A part of the result (`(await …).rows[0]`) has no name that the worker could give it. */
function resultOf(source: Source, { statement, call }: AnsweredCall): string {
  const [declaration] = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [];
  if (!declaration?.initializer || !ts.isAwaitExpression(declaration.initializer) || declaration.initializer.expression !== call)
    return cannot('a part of the result is used behind the write');
  return declaration.name.getText(source.tree);
}

/** Awaits, and calls made for nothing but themselves. */
const hasEffect = (it: ts.Statement): boolean => findAll(it, ts.isAwaitExpression).length > 0 || (ts.isExpressionStatement(it) && ts.isCallExpression(it.expression));

/** Names that a statement declares or changes: `const a = …`, `delete a.b`, `a.b = …`. */
export function madeBy(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap((it) => bound(it.name));
  const expression = ts.isExpressionStatement(statement) ? statement.expression : undefined;
  const changed = expression && (ts.isDeleteExpression(expression) ? expression.expression : ts.isBinaryExpression(expression) ? expression.left : undefined);
  const [root] = changed ? findAll(changed, ts.isIdentifier) : [];
  return root ? [root.text] : [];
}

const bound = (name: ts.BindingName): string[] => (ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((it) => (ts.isBindingElement(it) ? bound(it.name) : [])));

/** Names that a statement speaks of; those of members, keys and labels are none. */
function namesIn(statement: ts.Statement): string[] {
  const parameters = findAll(statement, ts.isParameter).flatMap((it) => bound(it.name));
  return findAll(statement, ts.isIdentifier)
    .filter((it) => !isKey(it) && !parameters.includes(it.text))
    .map((it) => it.text);
}

function isKey(it: ts.Identifier): boolean {
  const { parent } = it;
  if (ts.isBindingElement(parent)) return parent.propertyName === it;
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) && parent.name === it;
}

/** The statement's lines without the indentation of its first one. */
function textOf(source: Source, statement: ts.Statement): string[] {
  const start = statement.getStart(source.tree);
  const indent = indentAt(source.text, start);
  return source.text
    .slice(start, statement.getEnd())
    .split(source.eol)
    .map((it) => (it.startsWith(indent) ? it.slice(indent.length) : it.trimStart()));
}
