import { ts } from 'ts-morph';
import { cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, lineAt, parse, type Source } from './source.ts';

/** The blocks around a node that hold declarations it can see, innermost first. */
function functionsAround(node: ts.Node): ts.Node[] {
  const around: ts.Node[] = [];
  for (let it: ts.Node | undefined = node.parent; it; it = it.parent) if (ts.isFunctionLike(it)) around.push(it);
  return around;
}

/** True when `client` is, for this call, a connection that an enclosing function has taken or was handed. */
function holds(source: Source, call: ts.CallExpression, client: string): boolean {
  return functionsAround(call).some((owner) => {
    if (ts.isFunctionLike(owner) && owner.parameters.some((it) => ts.isIdentifier(it.name) && it.name.text === client)) return true;
    return findAll(owner, ts.isVariableDeclaration).some(
      (it) =>
        ts.isIdentifier(it.name) &&
        it.name.text === client &&
        it.getStart(source.tree) < call.getStart(source.tree) &&
        isVisible(it, call) &&
        /\bconnect\(|getConnection\(|acquire\(/.test(it.initializer?.getText(source.tree) ?? ''),
    );
  });
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
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const client = textArg(args, 'client');
    if (!/^[A-Za-z_$][\w$]*$/.test(client)) cannot('the held connection has no plain name');
    const source = parse(file, await textOf(workspace, file));
    const queries = findAll(source.tree, ts.isCallExpression).flatMap((call) => {
      const callee = call.expression;
      if (!ts.isPropertyAccessExpression(callee) || !/^(query|execute)$/.test(callee.name.text)) return [];
      return lineAt(source, callee.name.getStart(source.tree)) === line || lineAt(source, call.getStart(source.tree)) === line ? [{ call, receiver: callee.expression }] : [];
    });
    const [found] = queries;
    if (!found) return cannot(`line ${line} of ${file} is no call of query`);
    if (queries.length > 1) return cannot(`line ${line} of ${file} has more than one query`);
    const { call, receiver } = found;
    if (receiver.getText(source.tree) === client) return cannot(`it runs on ${client} already`);
    if (!ts.isIdentifier(receiver) && !ts.isPropertyAccessExpression(receiver)) return cannot('the pool is not a plain name');
    if (!holds(source, call, client)) return cannot(`${client} is no connection that is held at line ${line}`);
    return { edits: [{ kind: 'change', file, before: source.text, edits: [{ start: receiver.getStart(source.tree), end: receiver.getEnd(), newText: client }] }] };
  },
} satisfies Recipe;
