import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import { constructionAt, setOption, type Shape } from './constructions.ts';
import { objectBehind } from './options.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { coversLine, findAll, parse, type Source } from './source.ts';

/** `new Worker(queue, processor, options?)`. */
const BULLMQ: Shape = {
  form: 'new',
  names: ['Worker'],
  options: (_source, args) => (args.length === 2 ? { insertAt: 2 } : args.length === 3 ? { at: 2 } : cannot('the worker is made without a processor')),
};
/** NestJS: `@Processor('queue', options?)`. */
const PROCESSOR: Shape = {
  form: 'call',
  names: ['Processor'],
  options: (_source, args) => (args.length === 1 ? { insertAt: 1 } : args.length === 2 ? { at: 1 } : cannot('the processor names no queue')),
};
/** `consumer.run({ eachMessage })`. */
const KAFKAJS: Shape = {
  form: 'call',
  names: ['run'],
  options: (source, args) => (args[0] && objectBehind(source, args[0]) ? { at: 0 } : cannot('the options of run() are not an object literal in this file')),
};

/** Bull before BullMQ takes the number as an argument: `queue.process(name?, concurrency?, processor)`. */
function setBullArgument(source: Source, line: number, value: number): TextEdit[] {
  const calls = findAll(source.tree, ts.isCallExpression).filter(
    (it) => ts.isPropertyAccessExpression(it.expression) && it.expression.name.text === 'process' && coversLine(source, it, line),
  );
  const outer = calls.filter((it) => !calls.some((other) => other !== it && other.pos <= it.pos && it.end <= other.end));
  const [call] = outer;
  if (outer.length !== 1 || !call) return cannot(`line ${line} of ${source.file} is not a single call of process()`);
  const processor = call.arguments.at(-1) ?? cannot('process() is called without a processor');
  const before = call.arguments.at(-2);
  if (call.arguments.some(ts.isSpreadElement)) cannot('the arguments of the call are spread');
  if (!before || ts.isStringLiteralLike(before)) return [{ start: processor.getStart(source.tree), end: processor.getStart(source.tree), newText: `${value}, ` }];
  if (!ts.isNumericLiteral(before)) return cannot('the concurrency is computed, not written as a number');
  if (Number(before.text) === value) cannot(`concurrency is ${value} already`);
  return [{ start: before.getStart(source.tree), end: before.getEnd(), newText: String(value) }];
}

/** Sets how many jobs or partitions one process works on at once. */
export default {
  id: 'set-worker-concurrency',
  byHand: (args) => `set the concurrency of the worker at ${placeIn(args)} to ${args.value}`,
  make: async (args, workspace) => {
    const library = textArg(args, 'library');
    const file = textArg(args, 'file');
    const line = countArg(args, 'line');
    const value = countArg(args, 'value');
    const source = parse(file, await textOf(workspace, file));
    const edits =
      library === 'bull'
        ? setBullArgument(source, line, value)
        : library === 'kafkajs'
          ? setOption(source, constructionAt(source, [KAFKAJS], line), ['partitionsConsumedConcurrently'], value)
          : library === 'bullmq'
            ? setOption(source, constructionAt(source, [BULLMQ, PROCESSOR], line), ['concurrency'], value)
            : cannot(`${library} has no concurrency option that is known`);
    return { edits: [{ kind: 'change', file, before: source.text, edits }] };
  },
} satisfies Recipe;
