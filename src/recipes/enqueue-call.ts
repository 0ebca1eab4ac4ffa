import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { type Moved, putQueue } from './insert-queue.ts';
import { manifestOf } from './manifest.ts';
import { bindingOf, exchangeImport, importLine } from './modules.ts';
import type { QueueParts } from './queue-files.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { type FunctionNode, isFunctionNode, ownNodes } from './route-handler.ts';
import { bare, coversLine, findAll, lineAt, parse, type Source } from './source.ts';

/**
 * Puts a job on a queue where a call stood whose result nobody takes; a worker of its own makes the call.
 * The answer to the client stays as it is, and no longer tells whether the call has succeeded.
 */
export default {
  id: 'enqueue-call',
  byHand: (args) => `at ${placeIn(args)}, put a job on a queue in place of the call, and make the call in a worker`,
  make: async (args, workspace) => {
    if (textArg(args, 'technology') !== 'bullmq') return cannot('the edit writes only BullMQ');
    const queue = textArg(args, 'queue').replace(/[^A-Za-z0-9._-]+/g, '-');
    if (!/^[A-Za-z][\w.-]{0,80}$/.test(queue)) cannot('the queue has no usable name');
    const file = textArg(args, 'file');
    const source = parse(file, await textOf(workspace, file));
    const { moved, inside } = callAt(source, countArg(args, 'line'));
    const manifest = await manifestOf(workspace, file);
    const wanted = { technology: 'bullmq' as const, queue, concurrency: countArg(args, 'concurrency') };
    return { edits: await putQueue(workspace, manifest, moved, wanted, (parts, sent, specifier, root) => exchange(source, moved, inside, parts, sent, specifier, root)) };
  },
} satisfies Recipe;

/** `await send(…);` as a statement of its own that begins on the line. */
function callAt(source: Source, line: number): { moved: Moved; inside: FunctionNode } {
  const found = findAll(source.tree, ts.isExpressionStatement).flatMap((statement) => {
    const awaited = bare(statement.expression);
    const call = ts.isAwaitExpression(awaited) ? bare(awaited.expression) : undefined;
    return call && ts.isCallExpression(call) && lineAt(source, statement.getStart(source.tree)) === line ? [call] : [];
  });
  const call = found.length === 1 ? found[0] : undefined;
  if (!call) return cannot(`line ${line} of ${source.file} is not an awaited call of its own`);
  const around = findAll(source.tree, isFunctionNode).filter((it) => coversLine(source, it, line) && it.pos <= call.pos && call.end <= it.end);
  const inside = around.at(-1) ?? cannot('the call is not inside a function');
  const [request, reply] = inside.parameters;
  const nameOf = (it: ts.ParameterDeclaration | undefined): string => (it && ts.isIdentifier(it.name) ? it.name.text : '');
  return { moved: { source, call, handler: { node: inside, request: nameOf(request), reply: nameOf(reply) } }, inside };
}

function exchange(source: Source, { call }: Moved, inside: FunctionNode, parts: QueueParts, sent: string, specifier: string, root: string): TextEdit[] {
  const { quote, tree } = source;
  const identifiers = ownNodes(inside, ts.isIdentifier);
  const isInCall = (it: ts.Node): boolean => call.pos <= it.pos && it.end <= call.end;
  const isMember = (it: ts.Identifier): boolean => ts.isPropertyAccessExpression(it.parent) && it.parent.name === it;
  const removed = identifiers.filter((it) => it.text === root && isInCall(it) && !isMember(it)).length;
  const line = bindingOf(source, parts.variable) ? null : importLine(source, parts.kind, parts.variable, specifier);
  const newText = `${parts.variable}.add(${quote}${parts.job.name}${quote}, ${sent})`;
  return [{ start: call.getStart(tree), end: call.getEnd(), newText }, ...exchangeImport(source, line, { name: root, usesRemoved: removed })];
}
