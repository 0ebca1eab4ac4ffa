import type { Value } from './values.ts';

/**
 * Evaluations after which a function that recorded no step and made no resource is taken for one that only turns data around
 * (a deep merge, a formatter): in handlers, further calls of it are not read and their result is unknown. Nothing telling takes that long.
 */
export const LONG = 1000;

const NESTED = 3;

/** What a function of a file does depends on its arguments alone, as long as none of them can be called. */
export function isPlain(it: Extract<Value, { t: 'function' }>, args: readonly Value[]): boolean {
  return it.scope.parent === null && it.self === undefined && args.every((arg) => isData(arg, NESTED));
}

function isData(it: Value, deep: number): boolean {
  switch (it.t) {
    case 'list':
      return deep === 0 || it.items.every((item) => isData(item, deep - 1));
    case 'object':
      return deep === 0 || [...it.props.values()].every((value) => isData(value, deep - 1));
    case 'data':
      return !it.row && !it.hit;
    default:
      return it.t === 'text' || it.t === 'number' || it.t === 'boolean' || it.t === 'nothing' || it.t === 'unknown' || it.t === 'unset';
  }
}
