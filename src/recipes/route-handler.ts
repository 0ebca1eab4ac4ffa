import { ts } from 'ts-morph';
import { bare, coversLine, findAll, type Source } from './source.ts';

export type FunctionNode = ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration | ts.MethodDeclaration;

/** A function that answers a request: `(request, reply)` with calls on the second parameter. */
export interface Handler {
  node: FunctionNode;
  request: string;
  reply: string;
}

/** An awaited call and the answer behind it in the same block: the shape that can be taken apart with certainty. */
export interface AnsweredCall {
  handler: Handler;
  /** Holds the call: `const order = await create(…);`, or the answer itself. */
  statement: ts.Statement;
  call: ts.CallExpression;
  /** Plain statements between the two, such as `await cache.del('orders');`. */
  between: readonly ts.Statement[];
  answer: ts.ExpressionStatement | ts.ReturnStatement;
  /** Names that the statement declares from the result. */
  names: readonly string[];
}

const ANSWERS = /^(json|send|end|sendStatus)$/;

export function handlersIn(source: Source): Handler[] {
  return findAll(source.tree, isFunctionNode).flatMap((node) => {
    const [request, reply] = node.parameters;
    if (!request || !reply || !ts.isIdentifier(request.name) || !ts.isIdentifier(reply.name)) return [];
    const handler = { node, request: request.name.text, reply: reply.name.text };
    return ownNodes(node, ts.isCallExpression).some((it) => isAnswer(it, handler.reply)) ? [handler] : [];
  });
}

/** Every awaited call in a handler that the answer follows with nothing but plain statements between. Calls in loops don't count: they run many times. */
export function answeredCalls(handler: Handler): AnsweredCall[] {
  const blocks = [handler.node.body, ...(handler.node.body ? ownNodes(handler.node, ts.isBlock) : [])].filter((it): it is ts.Block => it !== undefined && ts.isBlock(it));
  return [...new Set(blocks)]
    .filter((it) => !isInLoop(it, handler.node))
    .flatMap((block) =>
      block.statements.flatMap((statement, index): AnsweredCall[] => {
        const inAnswer = answerOf(statement, handler);
        if (inAnswer) {
          const call = inAnswer.arguments[0] && awaitedCall(inAnswer.arguments[0]);
          return call ? [{ handler, statement, call, between: [], answer: statement as AnsweredCall['answer'], names: [] }] : [];
        }
        const found = awaited(statement);
        const behind = found ? block.statements.slice(index + 1) : [];
        const end = behind.findIndex((it) => answerOf(it, handler) || !isPlain(it));
        const answer = behind[end];
        return found && answer && answerOf(answer, handler) ? [{ handler, statement, ...found, between: behind.slice(0, end), answer: answer as AnsweredCall['answer'] }] : [];
      }),
    );
}

const isPlain = (it: ts.Statement): boolean => ts.isVariableStatement(it) || ts.isExpressionStatement(it);

/** The answering call of a statement such as `return res.status(201).json(order);`. */
export function answerOf(statement: ts.Statement, handler: Handler): ts.CallExpression | undefined {
  if (!ts.isExpressionStatement(statement) && !ts.isReturnStatement(statement)) return undefined;
  const expression = statement.expression && bare(statement.expression);
  return expression && ts.isCallExpression(expression) && isAnswer(expression, handler.reply) ? expression : undefined;
}

/** The function of this name: declared, assigned to a constant, or a property of an object. */
export function functionNamed(source: Source, name: string): FunctionNode | undefined {
  const found = findAll(source.tree, isFunctionNode).filter((it) => nameOf(it) === name);
  return found.length === 1 ? found[0] : undefined;
}

/** Name under which other files can know a function. */
export function nameOf(node: FunctionNode): string | undefined {
  if (node.name && ts.isIdentifier(node.name)) return node.name.text;
  const owner = node.parent;
  if (ts.isVariableDeclaration(owner) && ts.isIdentifier(owner.name)) return owner.name.text;
  if (ts.isPropertyAssignment(owner) && ts.isIdentifier(owner.name)) return owner.name.text;
  if (ts.isBinaryExpression(owner) && ts.isPropertyAccessExpression(owner.left)) return owner.left.name.text;
  return undefined;
}

export const isFunctionNode = (it: ts.Node): it is FunctionNode =>
  ts.isArrowFunction(it) || ts.isFunctionExpression(it) || ts.isFunctionDeclaration(it) || ts.isMethodDeclaration(it);

/** The innermost handler around a line. */
export function handlerAt(source: Source, line: number): Handler | undefined {
  const around = handlersIn(source).filter((it) => coversLine(source, it.node, line));
  return around.find((it) => !around.some((other) => other !== it && it.node.pos <= other.node.pos && other.node.end <= it.node.end));
}

/** Nodes of a function, not of the functions inside it. */
export function ownNodes<T extends ts.Node>(owner: FunctionNode, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (node !== owner && ts.isFunctionLike(node)) return;
    if (wanted(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  if (owner.body) visit(owner.body);
  return found;
}

function isAnswer(call: ts.CallExpression, reply: string): boolean {
  const callee = call.expression;
  if (!ts.isPropertyAccessExpression(callee) || !ANSWERS.test(callee.name.text)) return false;
  let root: ts.Expression = callee.expression;
  while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root)) root = root.expression;
  return ts.isIdentifier(root) && root.text === reply;
}

function awaited(statement: ts.Statement): { call: ts.CallExpression; names: string[] } | undefined {
  if (ts.isExpressionStatement(statement)) {
    const call = awaitedCall(statement.expression);
    return call && { call, names: [] };
  }
  if (!ts.isVariableStatement(statement) || statement.declarationList.declarations.length !== 1) return undefined;
  const [declaration] = statement.declarationList.declarations;
  const call = declaration?.initializer && awaitedCall(declaration.initializer);
  if (!declaration || !call) return undefined;
  const names = ts.isIdentifier(declaration.name)
    ? [declaration.name.text]
    : findAll(declaration.name, ts.isBindingElement).flatMap((it) => (ts.isIdentifier(it.name) ? [it.name.text] : []));
  return { call, names };
}

/** `await f()`, `(await f()).rows[0]`. */
function awaitedCall(expression: ts.Expression): ts.CallExpression | undefined {
  const node = bare(expression);
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return awaitedCall(node.expression);
  if (!ts.isAwaitExpression(node)) return undefined;
  const call = bare(node.expression);
  return ts.isCallExpression(call) ? call : undefined;
}

function isInLoop(node: ts.Node, owner: ts.Node): boolean {
  for (let it: ts.Node = node; it !== owner; it = it.parent) if (ts.isIterationStatement(it, false)) return true;
  return false;
}

/** The name at the left end of `orders.create`: what a worker has to import. */
export function rootOf(call: ts.CallExpression): string | undefined {
  let node = bare(call.expression);
  while (ts.isPropertyAccessExpression(node)) node = bare(node.expression);
  return ts.isIdentifier(node) ? node.text : undefined;
}
