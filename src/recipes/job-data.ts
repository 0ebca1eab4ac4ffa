import { ts } from 'ts-morph';
import { type Handler, ownNodes } from './route-handler.ts';
import { cannot } from './recipe.ts';
import { bare, findAll, type Source } from './source.ts';

const REQUEST_DATA = /^(body|params|query|headers|user|userId|ip)$/;
const SECRET = /passw(or)?d|^pwd$|secret|^cvv$|^cvc$|^pin$/i;
const PLAIN_CALLS = /^(Number|String|Boolean|parseInt|parseFloat)$/;

/** The arguments of a call as they go through a queue: constants stay with the worker, the rest travels as JSON. */
export interface JobData {
  /** What is enqueued, as code of the handler. */
  sent: string;
  /** The argument list of the worker's call, which reads `job.data`. */
  received: string;
}

/** Refuses whatever does not come through JSON as it was: functions, the request itself, results of other calls, names that nobody can follow. */
export function jobData(source: Source, call: ts.CallExpression, handler: Handler): JobData {
  const travelling = call.arguments.filter((it) => !isConstant(it));
  for (const it of travelling) if (!isData(source, it, handler)) cannot(`${oneLine(it.getText(source.tree))} may not be plain data that JSON can carry`);
  if (travelling.some((it) => findAll(it, ts.isIdentifier).some(({ text }) => SECRET.test(text)))) cannot('a password must not lie in a queue');
  const text = (it: ts.Node) => it.getText(source.tree);
  const place = (it: ts.Expression) => (travelling.length === 1 ? 'job.data' : `job.data[${travelling.indexOf(it)}]`);
  return {
    sent: travelling.length === 1 ? text(travelling[0] as ts.Expression) : `[${travelling.map(text).join(', ')}]`,
    received: call.arguments.map((it) => (isConstant(it) ? text(it) : place(it))).join(', '),
  };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 60);

const isConstant = (it: ts.Expression): boolean =>
  ts.isStringLiteralLike(it) || ts.isNumericLiteral(it) || it.kind === ts.SyntaxKind.TrueKeyword || it.kind === ts.SyntaxKind.FalseKeyword || it.kind === ts.SyntaxKind.NullKeyword;

function isData(source: Source, expression: ts.Expression, handler: Handler): boolean {
  const node = bare(expression);
  const all = (list: readonly ts.Expression[]) => list.every((it) => isData(source, it, handler));
  if (isConstant(node)) return true;
  if (ts.isIdentifier(node)) return isDataName(source, node.text, handler);
  if (ts.isPropertyAccessExpression(node)) return isRequestData(node, handler) || isData(source, node.expression, handler);
  if (ts.isElementAccessExpression(node)) return isData(source, node.expression, handler);
  if (ts.isTemplateExpression(node)) return all(node.templateSpans.map((it) => it.expression));
  if (ts.isBinaryExpression(node)) return all([node.left, node.right]);
  if (ts.isConditionalExpression(node)) return all([node.whenTrue, node.whenFalse]);
  if (ts.isPrefixUnaryExpression(node)) return isData(source, node.operand, handler);
  if (ts.isArrayLiteralExpression(node)) return all(node.elements.map((it) => (ts.isSpreadElement(it) ? it.expression : it)));
  if (ts.isCallExpression(node)) return ts.isIdentifier(node.expression) && PLAIN_CALLS.test(node.expression.text) && all(node.arguments);
  if (!ts.isObjectLiteralExpression(node)) return false;
  return node.properties.every((it) => {
    if (ts.isPropertyAssignment(it)) return isData(source, it.initializer, handler);
    if (ts.isSpreadAssignment(it)) return isData(source, it.expression, handler);
    return ts.isShorthandPropertyAssignment(it) && isDataName(source, it.name.text, handler);
  });
}

/** `req.body`, `request.params`. */
const isRequestData = (node: ts.PropertyAccessExpression, handler: Handler): boolean =>
  ts.isIdentifier(node.expression) && node.expression.text === handler.request && REQUEST_DATA.test(node.name.text);

/** A constant of the handler that is made of data, directly or taken apart. */
function isDataName(source: Source, name: string, handler: Handler): boolean {
  const declarations = ownNodes(handler.node, ts.isVariableDeclaration).filter((it) => bindsName(it.name, name));
  const [only] = declarations;
  if (declarations.length !== 1 || !only?.initializer || (ts.getCombinedNodeFlags(only) & ts.NodeFlags.Const) === 0) return false;
  return isData(source, only.initializer, handler);
}

const bindsName = (binding: ts.BindingName, name: string): boolean =>
  ts.isIdentifier(binding) ? binding.text === name : binding.elements.some((it) => ts.isBindingElement(it) && bindsName(it.name, name));
