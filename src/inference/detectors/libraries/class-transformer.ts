import { isCallable, list, object, propertyOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** class-transformer: plain data as objects of a class, with the defaults of its fields, and back. */
export default {
  id: 'class-transformer',
  packages: ['class-transformer'],
  call(it, run) {
    const [first, second] = it.args;
    switch (it.name) {
      case 'plainToInstance':
      case 'plainToClass':
        return first && second ? asInstance(first, second, it, run, 0) : UNKNOWN;
      case 'instanceToPlain':
      case 'classToPlain':
        return first ? asPlain(first) : UNKNOWN;
      case 'Type':
        return run.make('Decorator', it.place, { name: 'Type', args: it.args });
      default:
        return undefined;
    }
  },
} satisfies LibraryDetector;

/** Fields nest as deep as settings do, not deeper. */
const DEEPEST = 6;

/** Data whose fields are not known stays what it is: a request is one whatever class checks it. */
function asInstance(of: Value, plain: Value, it: LibraryCall, run: CodeRun, depth: number): Value {
  if (plain.t === 'list')
    return list(
      plain.items.map((one) => asInstance(of, one, it, run, depth)),
      plain.open,
    );
  if (of.t !== 'class' || plain.t !== 'object' || depth > DEEPEST) return plain;
  const made: Extract<Value, { t: 'instance' }> = { t: 'instance', of, props: new Map() };
  run.construct(of, [], it.place, made);
  const types = new Map(
    run.inspect(of).members.flatMap((member) => {
      const said = member.decorators.find((one) => one.t === 'resource' && one.type === 'Decorator' && one.data.name === 'Type');
      const named = said?.t === 'resource' ? (said.data.args as readonly Value[])[0] : undefined;
      return named && isCallable(named) ? [[member.name, run.call(named)] as const] : [];
    }),
  );
  for (const [name, value] of plain.props) if (value.t !== 'nothing') made.props.set(name, asInstance(types.get(name) ?? UNKNOWN, value, it, run, depth + 1));
  return made;
}

function asPlain(it: Value, depth = 0): Value {
  if (depth > DEEPEST) return it;
  if (it.t === 'list')
    return list(
      it.items.map((one) => asPlain(one, depth + 1)),
      it.open,
    );
  if (it.t !== 'instance') return it;
  return object([...it.props.keys()].map((name) => [name, asPlain(propertyOf(it, name) ?? UNKNOWN, depth + 1)]));
}
