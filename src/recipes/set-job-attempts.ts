import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { constructionAt, isText, type Shape } from './constructions.ts';
import { insertArgument, insertProperty, objectBehind, setNumber } from './options.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { bare, parse, type Source } from './source.ts';

/** `new Queue(name, options?)`, of BullMQ and of Bull before it. */
const QUEUE: Shape = {
  form: 'new',
  names: ['Queue', 'Bull', 'default', ''],
  modules: ['bullmq', 'bull'],
  options: (source, args) => {
    const [, second] = args;
    // Bull takes an address before its options.
    if (second && isText(source, second) && args.length <= 3) return args.length === 2 ? { insertAt: 2 } : { at: 2 };
    return args.length === 1 ? { insertAt: 1 } : args.length === 2 ? { at: 1 } : cannot('the options of the queue can’t be located');
  },
};

/** Says how often a queue's jobs are tried, and the pause that doubles between the attempts. */
export default {
  id: 'set-job-attempts',
  byHand: (args) => `give jobs of the queue at ${placeIn(args)} attempts: ${args.attempts} and an exponential backoff from ${args.backoffMs} ms`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const source = parse(file, await textOf(workspace, file));
    const edits = attemptsAt(source, countArg(args, 'line'), countArg(args, 'attempts', 2), countArg(args, 'backoffMs'));
    return { edits: [{ kind: 'change', file, before: source.text, edits }] };
  },
} satisfies Recipe;

function attemptsAt(source: Source, line: number, attempts: number, backoffMs: number): TextEdit[] {
  const found = constructionAt(source, [QUEUE], line);
  const given = found.call.arguments ?? [];
  if (given.some(ts.isSpreadElement)) cannot('the arguments of the call are spread');
  const { quote } = source;
  const backoff = `backoff: { type: ${quote}exponential${quote}, delay: ${backoffMs} }`;
  const all = `defaultJobOptions: { attempts: ${attempts}, ${backoff} }`;
  const where = found.shape.options(source, given);
  if ('insertAt' in where) return insertArgument(source, found.call, `{ ${all} }`);
  const options = objectBehind(source, given[where.at] as ts.Expression) ?? cannot('the options of the queue are not an object literal in this file');
  const defaults = propertyOf(options, 'defaultJobOptions');
  if (!defaults) return insertProperty(source, options, all);
  const inside = objectBehind(source, defaults) ?? cannot('defaultJobOptions are not an object literal in this file');
  if (propertyOf(inside, 'backoff')) return cannot('a backoff is set already');
  const now = propertyOf(inside, 'attempts');
  if (!now) return insertProperty(source, inside, `attempts: ${attempts}, ${backoff}`);
  if (now.getText(source.tree) === String(attempts)) return insertProperty(source, inside, backoff);
  return [...setNumber(source, inside, ['attempts'], attempts), ...insertProperty(source, inside, backoff)];
}

function propertyOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  if (object.properties.some(ts.isSpreadAssignment)) cannot('the options are spread');
  const found = object.properties.find((it) => it.name && (ts.isIdentifier(it.name) || ts.isStringLiteral(it.name)) && it.name.text === name);
  if (!found) return undefined;
  return ts.isPropertyAssignment(found) ? bare(found.initializer) : ts.isShorthandPropertyAssignment(found) ? found.name : cannot(`${name} is not a plain property`);
}
