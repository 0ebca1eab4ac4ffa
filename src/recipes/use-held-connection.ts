import { ts } from 'ts-morph';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, lineAt, parse, type Source } from './source.ts';
import { handedOn, inTransaction } from './transactions.ts';

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
    const isPart = args.part === true;
    const edits = inTransaction(source, line, isPart);
    if (edits) return { edits: edits.length > 0 ? [{ kind: 'change', file, before: source.text, edits }] : [] };
    const [heldFile, heldLine] = [args.heldFile, args.heldLine];
    if (queries.length === 0 && typeof heldFile === 'string' && typeof heldLine === 'number') {
      const held = { source: heldFile === file ? source : parse(heldFile, await textOf(workspace, heldFile)), line: heldLine };
      const handed = await handedOn(source, line, held, isPart, workspace);
      if (handed) return { edits: handed };
    }
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
