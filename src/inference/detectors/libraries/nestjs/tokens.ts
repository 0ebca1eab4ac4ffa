import { numbering } from '../../../code/numbering.ts';
import { propertyOf, type Resource, textOf, type Value } from '../../../code/values.ts';
import type { CodeRun } from '../../../detector.ts';

/** What a decorator of Nest, or of a library for it, was called with. */
export interface DecoratorData extends Record<string, unknown> {
  name: string;
  args: readonly Value[];
}

/** Text by which a provider is found: classes and objects by identity, all else by what it says. Undefined: nobody can ask for it. */
export function keyOf(token: Value | undefined, run: CodeRun): string | undefined {
  const byIdentity = run.shared<{ numberOf: (it: unknown) => number }>('nestjs tokens', () => ({ numberOf: numbering() })).numberOf;
  switch (token?.t) {
    case 'class':
      return `class ${byIdentity(token.c)}`;
    case 'object':
      return token.props.size === 0 ? `symbol ${byIdentity(token)}` : undefined;
    case 'package':
      return `${token.name} ${token.path.at(-1) ?? ''}`;
    case 'resource':
      if (token.type === 'ForwardRef') return keyOf(run.call(token.data.to as Value), run);
      return token.type === 'Token' ? String(token.data.key) : undefined;
    default:
      return textOf(token);
  }
}

/** A token that a library makes from something else: the repository of an entity. */
export const token = (run: CodeRun, place: Resource['place'], key: string): Resource => run.make('Token', place, { key });

export const decoratorsNamed = (all: readonly Value[], name: string): DecoratorData[] =>
  all.flatMap((it) => (it.t === 'resource' && it.type === 'Decorator' && it.data.name === name ? [it.data as DecoratorData] : []));

/** Elements of a list, or the value itself: `imports` may be either after a spread that can't be read. */
export const itemsOf = (it: Value | undefined): readonly Value[] => (it?.t === 'list' ? it.items.flatMap((one) => (one.t === 'list' ? itemsOf(one) : [one])) : it ? [it] : []);

export const itemsIn = (of: Value | undefined, name: string): readonly Value[] => itemsOf(propertyOf(of, name)).filter((it) => it.t !== 'unknown' && it.t !== 'nothing');

/** A pattern of messages is a text or an object of texts. */
export const patternText = (it: Value | undefined): string =>
  it?.t === 'object' ? [...it.props].map(([name, value]) => `${name}:${textOf(value) ?? '*'}`).join(',') : (textOf(it) ?? '*');

/** Methods are written `FindOne` in a proto file and called `findOne`: both mean the same path. */
export const grpcPath = (service: string, method: string): string => `/${service}/${method.charAt(0).toLowerCase()}${method.slice(1)}`;
