import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, lineAt, parse, type Source } from './source.ts';

/** The blocks around a node that hold declarations it can see, innermost first. */
function functionsAround(node: ts.Node): ts.Node[] {
  const around: ts.Node[] = [];
  for (let it: ts.Node | undefined = node.parent; it; it = it.parent) if (ts.isFunctionLike(it)) around.push(it);
  return around;
}

/** Names of the connections that enclosing functions have taken before the call. */
function heldAt(source: Source, call: ts.CallExpression): string[] {
  const taken = functionsAround(call).flatMap((owner) =>
    findAll(owner, ts.isVariableDeclaration).flatMap((it) => {
      const isTaken = /\b(connect|getConnection|acquire)\(/.test(it.initializer?.getText(source.tree) ?? '');
      return ts.isIdentifier(it.name) && isTaken && it.getStart(source.tree) < call.getStart(source.tree) && isVisible(it, call) ? [it.name.text] : [];
    }),
  );
  return [...new Set([...taken, ...givenAt(call)])];
}

const TAKES = /\.\s*(connect|getConnection|acquire)\($/;

/** Names under which `connect().then(async (client) => …)` hands the connection over. */
function givenAt(call: ts.CallExpression): string[] {
  return functionsAround(call).flatMap((owner) => {
    const then = owner.parent;
    if (!ts.isFunctionLike(owner) || !ts.isCallExpression(then) || then.arguments[0] !== owner || !ts.isPropertyAccessExpression(then.expression)) return [];
    const taken = then.expression.expression;
    const name = owner.parameters[0]?.name;
    const isTaken = ts.isCallExpression(taken) && TAKES.test(`${taken.expression.getText()}(`);
    return isTaken && then.expression.name.text === 'then' && name && ts.isIdentifier(name) ? [name.text] : [];
  });
}

const isParameter = (call: ts.CallExpression, name: string): boolean =>
  functionsAround(call).some((owner) => ts.isFunctionLike(owner) && owner.parameters.some((it) => ts.isIdentifier(it.name) && it.name.text === name));

/** The variable to run on: the named one where it is one, else the only connection that is held. */
function holder(source: Source, call: ts.CallExpression, wanted: string, line: number): string {
  const held = heldAt(source, call);
  if (held.includes(wanted) || isParameter(call, wanted)) return wanted;
  const [only] = held;
  if (held.length === 1 && only) return only;
  return cannot(held.length === 0 ? `no connection is held at line ${line}` : `line ${line} lies inside more than one held connection`);
}

/** A `let` or `const` is seen inside the block that declares it. */
function isVisible(declaration: ts.VariableDeclaration, from: ts.Node): boolean {
  let block: ts.Node = declaration.parent.parent;
  while (!ts.isBlock(block) && !ts.isSourceFile(block)) block = block.parent;
  return block.pos <= from.pos && from.end <= block.end;
}

/** A query of Prisma: `prisma.order.create(…)`, `prisma.$queryRaw`…``. */
interface PrismaQuery {
  node: ts.Node;
  /** What it is asked of. */
  root: ts.Expression;
  /** Where a place of it may stand: its first word, its model, its operation. */
  starts: readonly ts.Node[];
}

function prismaQueries(from: ts.Node): PrismaQuery[] {
  return findAll(from, (it): it is ts.CallExpression | ts.TaggedTemplateExpression => ts.isCallExpression(it) || ts.isTaggedTemplateExpression(it)).flatMap((node) => {
    const asked = ts.isCallExpression(node) ? node.expression : node.tag;
    if (!ts.isPropertyAccessExpression(asked)) return [];
    if (/^\$(query|execute)Raw(Unsafe)?$/.test(asked.name.text)) return [{ node, root: asked.expression, starts: [node, asked.name] }];
    const model = asked.expression;
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(model) || model.name.text.startsWith('$')) return [];
    return [{ node, root: model.expression, starts: [node, model.name, asked.name] }];
  });
}

/** Nobody waits for its end: it may well come after that of the transaction. */
function isLeftAlone(query: ts.Node): boolean {
  let it = query.parent;
  while (ts.isPropertyAccessExpression(it) || ts.isCallExpression(it) || ts.isParenthesizedExpression(it)) it = it.parent;
  return ts.isExpressionStatement(it) || ts.isVoidExpression(it);
}

/**
 * Inside `prisma.$transaction(async (tx) => …)` the transaction's own client is what all queries are asked of: with one of them outside, it would wait for what the others have locked.
 * Undefined: the line has no such query. Empty: it is asked there already, and `isPart` of an edit that has seen to it.
 */
function prismaEdits(source: Source, line: number, isPart: boolean): TextEdit[] | undefined {
  const { tree } = source;
  const here = prismaQueries(tree).filter(({ starts }) => starts.some((it) => lineAt(source, it.getStart(tree)) === line));
  const found = here.flatMap((it) => {
    const callback = transactionAround(source, it.node, it.root.getText(tree));
    return callback && !it.root.getText(tree).includes('(') ? [{ ...it, callback }] : [];
  });
  const [only] = found;
  if (!only) return here.some((it) => isGivenByTransaction(it)) ? (isPart ? [] : cannot('it runs on the transaction already')) : undefined;
  if (found.length > 1) return cannot(`line ${line} of ${source.file} has more than one query`);
  const { callback } = only;
  const client = only.root.getText(tree);
  const moved = prismaQueries(callback).filter((it) => it.root.getText(tree) === client && !isLeftAlone(it.node));
  const uses = findAll(callback, (it): it is ts.Expression => (ts.isIdentifier(it) || ts.isPropertyAccessExpression(it)) && it.getText(tree) === client);
  const other = uses.find((it) => !prismaQueries(callback).some(({ root }) => root === it));
  if (other) return cannot(`line ${lineAt(source, other.getStart(tree))} of ${source.file} uses ${client} for something else in the transaction`);
  const [given] = callback.parameters;
  if (given && !ts.isIdentifier(given.name)) return cannot('the client of the transaction is destructured');
  const taken = new Set(findAll(callback, ts.isIdentifier).map((it) => it.text));
  const name = given ? given.name.getText(tree) : (['tx', 'trx', 'transaction'].find((it) => !taken.has(it)) ?? cannot('tx already names something else in the transaction'));
  const open = source.text.indexOf('(', callback.getStart(tree));
  return [...(given ? [] : [{ start: open + 1, end: open + 1, newText: name }]), ...moved.map(({ root }) => ({ start: root.getStart(tree), end: root.getEnd(), newText: name }))];
}

/** Asked of what a `$transaction` around it hands over. */
const isGivenByTransaction = ({ node, root }: PrismaQuery): boolean =>
  ts.isIdentifier(root) &&
  functionsAround(node).some((owner) => {
    const [given] = ts.isFunctionLike(owner) ? owner.parameters : [];
    const run = owner.parent;
    return (
      given !== undefined && given.name.getText() === root.text && ts.isCallExpression(run) && run.arguments[0] === owner && /\.\s*\$transaction$/.test(run.expression.getText())
    );
  });

/** The function that `<client>.$transaction` runs, around a call. */
function transactionAround(source: Source, call: ts.Node, client: string): ts.ArrowFunction | ts.FunctionExpression | undefined {
  for (const owner of functionsAround(call)) {
    const parent = owner.parent;
    const isRun = ts.isCallExpression(parent) && parent.arguments[0] === owner && parent.expression.getText(source.tree).replace(/\s/g, '') === `${client}.$transaction`;
    if (isRun && (ts.isArrowFunction(owner) || ts.isFunctionExpression(owner))) return owner;
  }
  return undefined;
}

/** Turns `pool.query(…)` on a line into `client.query(…)`, so that nothing is acquired while a connection is held. */
export default {
  id: 'use-held-connection',
  byHand: (args) => `hand ${args.client} to the code at ${placeIn(args)} and query through it`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const wanted = textArg(args, 'client');
    const source = parse(file, await textOf(workspace, file));
    const queries = findAll(source.tree, ts.isCallExpression).flatMap((call) => {
      const callee = call.expression;
      if (!ts.isPropertyAccessExpression(callee) || !/^(query|execute)$/.test(callee.name.text)) return [];
      return lineAt(source, callee.name.getStart(source.tree)) === line || lineAt(source, call.getStart(source.tree)) === line ? [{ call, receiver: callee.expression }] : [];
    });
    const edits = prismaEdits(source, line, args.part === true);
    if (edits?.length === 0) return { edits: [] };
    if (edits) return { edits: [{ kind: 'change', file, before: source.text, edits }] };
    const [found] = queries;
    if (!found && wanted === 'transaction')
      return cannot(`the query at ${file}:${line} stands in a function of its own, which has to be given the client of the transaction first`);
    if (!found) return cannot(`line ${line} of ${file} is not a plain call of query()`);
    if (queries.length > 1) return cannot(`line ${line} of ${file} has more than one query`);
    const { call, receiver } = found;
    if (!ts.isIdentifier(receiver) && !ts.isPropertyAccessExpression(receiver)) return cannot('the query is not called on a plain variable');
    const client = holder(source, call, wanted, line);
    if (receiver.getText(source.tree) === client) return cannot(`it runs on ${client} already`);
    return { edits: [{ kind: 'change', file, before: source.text, edits: [{ start: receiver.getStart(source.tree), end: receiver.getEnd(), newText: client }] }] };
  },
} satisfies Recipe;
