import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { cannot } from './recipe.ts';
import { type FunctionNode, isFunctionNode } from './route-handler.ts';
import { findAll, type Source } from './source.ts';

/** What names a message, as the inside of a template, and what the handler has to take in for it. */
export interface MessageId {
  template: string;
  edits: readonly TextEdit[];
}

/** The id under which a message comes again, where a handler of the library holds it; refuses where the call runs more than once for one message. */
export function messageIdAt(source: Source, call: ts.Node, library: string): MessageId {
  for (let node = call.parent; node; node = node.parent) {
    if (ts.isIterationStatement(node, false)) return cannot('it runs several times for one message');
    if (!isFunctionNode(node)) continue;
    const [first] = node.parameters;
    const id = first && idIn(source, node, first, library);
    if (id) return id;
    if (isCallback(node)) return cannot('it is in a callback that may run several times for one message');
  }
  return cannot('it is not in the handler itself, where the message is known');
}

/** Handed to a method of a list or the like; what a library is handed is its handler. */
const isCallback = (it: FunctionNode): boolean =>
  ts.isCallExpression(it.parent) && ts.isPropertyAccessExpression(it.parent.expression) && /^(map|forEach|reduce|filter|flatMap)$/.test(it.parent.expression.name.text);

function idIn(source: Source, handler: FunctionNode, first: ts.ParameterDeclaration, library: string): MessageId | undefined {
  const { name } = first;
  const of = (text: string): MessageId => ({ template: text, edits: [] });
  if (library === 'kafkajs') {
    if (ts.isIdentifier(name))
      return reads(handler, name.text, 'message') ? of(['topic', 'partition', 'message.offset'].map((it) => `\${${name.text}.${it}}`).join(':')) : undefined;
    return ts.isObjectBindingPattern(name) ? ofPattern(source, handler, first, name) : undefined;
  }
  if (!ts.isIdentifier(name)) return undefined;
  if (library === 'sqs-consumer') return isNamed(handler, 'handleMessage') || reads(handler, name.text, 'Body') ? of(`\${${name.text}.MessageId}`) : undefined;
  return reads(handler, name.text, 'data') ? of(`\${${name.text}.id}`) : undefined;
}

const isNamed = (it: FunctionNode, name: string): boolean => ts.isPropertyAssignment(it.parent) && it.parent.name.getText() === name;

const reads = (inside: ts.Node, name: string, property: string): boolean =>
  findAll(inside, ts.isPropertyAccessExpression).some((it) => ts.isIdentifier(it.expression) && it.expression.text === name && it.name.text === property);

/** `{ message }` becomes `{ message, topic, partition }`: together with the offset they name a message. */
function ofPattern(source: Source, handler: FunctionNode, first: ts.ParameterDeclaration, pattern: ts.ObjectBindingPattern): MessageId | undefined {
  const local = (wanted: string): string | undefined => {
    const element = pattern.elements.find((it) => (it.propertyName ?? it.name).getText(source.tree) === wanted);
    return element && ts.isIdentifier(element.name) ? element.name.text : undefined;
  };
  const message = local('message');
  if (message === undefined) return undefined;
  const missing = ['topic', 'partition'].filter((it) => local(it) === undefined);
  const taken = findAll(handler, ts.isIdentifier).map((it) => it.text);
  if (missing.some((it) => taken.includes(it))) return cannot('topic or partition already name something else in the handler');
  if (missing.length > 0 && first.type && !/^(kafkajs\.)?EachMessagePayload$/i.test(first.type.getText(source.tree)))
    return cannot('the type of the message says nothing of its topic and partition');
  const end = (pattern.elements.at(-1) as ts.BindingElement).getEnd();
  const names = [local('topic') ?? 'topic', local('partition') ?? 'partition', `${message}.offset`];
  return { template: names.map((it) => `\${${it}}`).join(':'), edits: missing.length > 0 ? [{ start: end, end, newText: missing.map((it) => `, ${it}`).join('') }] : [] };
}
