import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { resolveSpecifier } from './modules.ts';
import { importedAs } from './names.ts';
import { insertArgument } from './options.ts';
import { cannot } from './recipe.ts';
import { type FunctionNode, isFunctionNode } from './route-handler.ts';
import { bare, coversLine, findAll, lineAt, type Source } from './source.ts';

/** `prisma.$transaction(async (tx) => …)`, `db.transaction(…)` of Drizzle and Knex, `db.transaction().execute(…)` of Kysely, `sql.begin(…)` of postgres.js. */
const RUNS = /^(.+?)\??\.(\$transaction|begin|transaction(\(\)(\.\w+\([^()]*\))*\.execute)?)$/s;
/** What only the client itself has; of the transaction it would mean another thing, or nothing. */
const OF_CLIENT = /^(\$?transaction|begin|\$(connect|disconnect|extends|on|use)|connect|destroy|end|close)$/;

interface Transaction {
  callback: ts.ArrowFunction | ts.FunctionExpression;
  /** The client that runs it, as it is written. */
  client: string;
}

/** The innermost function around a node that a client runs in a transaction. */
function transactionAround(source: Source, node: ts.Node): Transaction | undefined {
  for (let it: ts.Node | undefined = node; it; it = it.parent) {
    const run: ts.Node = it.parent;
    if (!(ts.isArrowFunction(it) || ts.isFunctionExpression(it)) || !ts.isCallExpression(run) || run.arguments[0] !== it) continue;
    const [, client] = RUNS.exec(run.expression.getText(source.tree).replace(/\s/g, '')) ?? [];
    if (client !== undefined) return { callback: it, client };
  }
  return undefined;
}

const written = (source: Source, node: ts.Node): string => node.getText(source.tree).replace(/\s/g, '');

/** Where a client is written, and what is asked of it there: `db` and `db.select().from(orders)`. */
interface Use {
  root: ts.Expression;
  /** The chain of calls that begins with it; undefined where the client itself is handed on. */
  asked: ts.Node | undefined;
}

function usesOf(source: Source, from: ts.Node, client: string): Use[] {
  const roots = findAll(from, (it): it is ts.Expression => (ts.isIdentifier(it) || ts.isPropertyAccessExpression(it)) && written(source, it) === client);
  return roots
    .filter((it) => !(ts.isPropertyAccessExpression(it.parent) && it.parent.name === it) && !(ts.isPropertyAssignment(it.parent) && it.parent.name === it))
    .map((root) => {
      let asked: ts.Node = root;
      const isPart = (of: ts.Node): boolean =>
        ((ts.isPropertyAccessExpression(of) || ts.isElementAccessExpression(of)) && of.expression === asked) ||
        (ts.isCallExpression(of) && of.expression === asked) ||
        (ts.isTaggedTemplateExpression(of) && of.tag === asked);
      while (isPart(asked.parent)) asked = asked.parent;
      return { root, asked: asked === root ? undefined : asked };
    });
}

/** Nobody waits for its end: it may well come after that of the transaction. */
const isLeftAlone = ({ parent }: ts.Node): boolean => ts.isExpressionStatement(parent) || ts.isVoidExpression(parent);

/**
 * Asks the transaction's own client all that the function asks and waits for: with one query outside, it would wait for what the others have locked.
 * Undefined: the line asks nothing in such a function. Empty: it is asked there already, and `isPart` of an edit that has seen to it.
 */
export function inTransaction(source: Source, line: number, isPart: boolean): TextEdit[] | undefined {
  const { tree } = source;
  const calls = findAll(
    tree,
    (it): it is ts.CallExpression | ts.TaggedTemplateExpression => (ts.isCallExpression(it) || ts.isTaggedTemplateExpression(it)) && coversLine(source, it, line),
  );
  const around = calls.map((it) => transactionAround(source, it)).filter((it) => it !== undefined);
  const inner = around.at(-1);
  if (!inner) return undefined;
  const { callback, client } = inner;
  const uses = usesOf(source, callback, client);
  const isHere = ({ asked }: Use): boolean => asked !== undefined && coversLine(source, asked, line);
  if (!uses.some(isHere)) {
    const [given] = callback.parameters;
    const own = given && ts.isIdentifier(given.name) ? usesOf(source, callback.body, given.name.text) : [];
    return own.some(isHere) ? (isPart ? [] : cannot('it runs on the transaction already')) : undefined;
  }
  const other = uses.find((it) => it.asked === undefined || OF_CLIENT.test(firstName(it)));
  if (other) return cannot(`line ${lineAt(source, other.root.getStart(tree))} of ${source.file} uses ${client} for something else in the transaction`);
  const lost = uses.find(({ root }) => isInAbandoned(root, callback));
  if (lost)
    return cannot(
      `line ${lineAt(source, lost.root.getStart(tree))} of ${source.file} asks in a function that nobody waits for, so it may come after the end of the transaction: await it first`,
    );
  const { name, edits } = clientOf(source, callback);
  const moved = uses.filter(({ asked }) => asked && !isLeftAlone(asked));
  return [...edits, ...moved.map(({ root }) => ({ start: root.getStart(tree), end: root.getEnd(), newText: name }))];
}

/** `rows.forEach(async (row) => …)`: its promises are dropped. */
function isInAbandoned(node: ts.Node, callback: ts.Node): boolean {
  for (let it = node; it !== callback; it = it.parent) {
    if (!(ts.isArrowFunction(it) || ts.isFunctionExpression(it)) || !ts.isCallExpression(it.parent) || it.parent.expression === it) continue;
    let call: ts.Node = it.parent;
    while (ts.isPropertyAccessExpression(call.parent) || ts.isCallExpression(call.parent) || ts.isParenthesizedExpression(call.parent)) call = call.parent;
    if (isLeftAlone(call)) return true;
  }
  return false;
}

/** The method that is called on it; a model of Prisma may have any name. */
const firstName = ({ root: { parent } }: Use): string =>
  ts.isPropertyAccessExpression(parent) && ts.isCallExpression(parent.parent) && parent.parent.expression === parent ? parent.name.text : '';

/** The name of the transaction's client, and what gives it one. */
function clientOf(source: Source, callback: Transaction['callback']): { name: string; edits: TextEdit[] } {
  const [given] = callback.parameters;
  if (given) return ts.isIdentifier(given.name) ? { name: given.name.text, edits: [] } : cannot('the client of the transaction is destructured');
  const taken = new Set(findAll(callback, ts.isIdentifier).map((it) => it.text));
  const name = ['tx', 'trx', 'transaction'].find((it) => !taken.has(it)) ?? cannot('tx already names something else in the transaction');
  const at = source.text.indexOf('(', callback.getStart(source.tree)) + 1;
  return { name, edits: [{ start: at, end: at, newText: name }] };
}

/** A function that asks what it is given: `(db, id) => db('orders')…`, `(id, tx?) => (tx ?? prisma).order…`. */
interface Asking {
  name: string;
  /** Which of its parameters the client is. */
  at: number;
}

/** Hands the client of a transaction to the function at the line, where that takes one and the transaction calls it without. Undefined: the function takes none. */
export async function handedOn(asked: Source, line: number, held: { source: Source; line: number }, isPart: boolean, workspace: Workspace): Promise<FileEdit[] | undefined> {
  const asking = askingAt(asked, line);
  if (!asking) return undefined;
  const { source } = held;
  const inside = findAll(source.tree, isFunctionNode).map((it) => (it.body ? transactionAround(source, it) : undefined));
  const [transaction] = inside.filter(
    (it) => it !== undefined && lineAt(source, it.callback.parent.getStart(source.tree)) <= held.line && coversLine(source, it.callback.parent, held.line),
  );
  if (!transaction) return undefined;
  const { files } = await workspace.list();
  const calls = findAll(transaction.callback, ts.isCallExpression).filter((it) => {
    const callee = bare(it.expression);
    const last = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText(source.tree);
    const from = importedAs(source, callee);
    if (from) return (from.member.split('.').at(-1) || last) === asking.name && resolveSpecifier(source.file, from.module, files) === asked.file;
    return last === asking.name && (source.file === asked.file || ts.isPropertyAccessExpression(callee));
  });
  if (calls.length === 0) return undefined;
  const { name, edits } = clientOf(source, transaction.callback);
  const handed = calls.flatMap((call) => handOn(source, call, asking, transaction.client, name));
  if (handed.length === 0) return isPart ? [] : cannot('it runs on the transaction already');
  return [{ kind: 'change', file: source.file, before: source.text, edits: [...edits, ...handed] }];
}

function handOn(source: Source, call: ts.CallExpression, { name, at }: Asking, client: string, handed: string): TextEdit[] {
  const given = call.arguments[at];
  if (call.arguments.some(ts.isSpreadElement)) return cannot(`what ${name} is called with is spread`);
  if (!given) return call.arguments.length === at ? insertArgument(source, call, handed) : cannot(`${name} is called without what comes before its client`);
  if (written(source, given) === handed) return [];
  if (written(source, given) !== client && !/^(undefined|null)$/.test(written(source, given))) return cannot(`${name} is called with a client of its own`);
  return [{ start: given.getStart(source.tree), end: given.getEnd(), newText: handed }];
}

function askingAt(source: Source, line: number): Asking | undefined {
  const around = findAll(source.tree, isFunctionNode).filter((it) => it.body && coversLine(source, it.body, line));
  for (const owner of around.reverse()) {
    const name = nameOf(owner);
    const at = owner.parameters.findIndex((it) => ts.isIdentifier(it.name) && asksOf(source, owner, it.name.text, line));
    if (name !== undefined && at >= 0) return { name, at };
  }
  return undefined;
}

function nameOf(owner: FunctionNode): string | undefined {
  if (owner.name && ts.isIdentifier(owner.name)) return owner.name.text;
  const { parent } = owner;
  const isNamed = (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) && parent.initializer === owner;
  return isNamed && ts.isIdentifier(parent.name) ? parent.name.text : undefined;
}

/** `tx.order.count()`, or `(tx ?? prisma).order.count()`, on the line. */
function asksOf(source: Source, owner: FunctionNode, parameter: string, line: number): boolean {
  const isRoot = (it: ts.Expression): boolean => {
    const node = bare(it);
    if (ts.isIdentifier(node)) return node.text === parameter;
    return ts.isBinaryExpression(node) && /^(\|\||\?\?)$/.test(node.operatorToken.getText(source.tree)) && isRoot(node.left);
  };
  return findAll(
    owner,
    (it): it is ts.CallExpression | ts.TaggedTemplateExpression => (ts.isCallExpression(it) || ts.isTaggedTemplateExpression(it)) && coversLine(source, it, line),
  ).some((it) => {
    let root: ts.Expression = ts.isCallExpression(it) ? it.expression : it.tag;
    while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root)) root = root.expression;
    return isRoot(root);
  });
}
