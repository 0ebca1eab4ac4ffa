import type { FunctionSyntax } from './syntax.ts';
import type { Value } from './values.ts';

/**
 * Evaluations after which a function that recorded no step and made no resource is taken for one that only turns data around
 * (a deep merge, a formatter): in handlers, further calls of it are not read and their result is unknown. Nothing telling takes that long.
 */
export const LONG = 1000;

const NESTED = 3;

/** What a function was given. Fields of rows may be methods: a function that did nothing with some is taken to do nothing with others. */
export type Given = 'data' | 'fields';

/** Functions that worked long and did nothing, by what they were given. */
export type Barren = Readonly<Record<Given, Set<FunctionSyntax>>>;

/** What a function of a file does depends on its arguments alone, as long as it can call none of them that it did not call before; undefined where it can. */
export function givenTo(it: Extract<Value, { t: 'function' }>, args: readonly Value[]): Given | undefined {
  if (it.scope.parent !== null || it.self !== undefined) return undefined;
  const said = { fields: false };
  if (!args.every((arg) => isData(arg, NESTED, said))) return undefined;
  return said.fields ? 'fields' : 'data';
}

function isData(it: Value, deep: number, said: { fields: boolean }): boolean {
  switch (it.t) {
    case 'list':
      return deep === 0 || it.items.every((item) => isData(item, deep - 1, said));
    case 'object':
      return deep === 0 || [...it.props.values()].every((value) => isData(value, deep - 1, said));
    case 'data':
      return !it.row && !it.hit;
    case 'native':
      said.fields ||= it.isField === true;
      return it.isField === true;
    default:
      return it.t === 'text' || it.t === 'number' || it.t === 'boolean' || it.t === 'nothing' || it.t === 'unknown' || it.t === 'unset';
  }
}
