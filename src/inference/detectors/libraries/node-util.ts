import type { Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** Node's own util: a timer made to a promise, and texts put together by `format`. */
export default {
  id: 'node-util',
  packages: ['util'],
  call(it): Value | undefined {
    const [first] = it.args;
    if (it.name.endsWith('promisify') && first?.t === 'package' && first.path.at(-1) === 'setTimeout') return { t: 'package', name: 'timers/promises', path: ['setTimeout'] };
    return it.name.split('.').at(-1) === 'format' && first?.t === 'text' ? formatted(first, it.args.slice(1)) : undefined;
  },
} satisfies LibraryDetector;

/** `%s` and its like take one value each, in order. https://nodejs.org/api/util.html#utilformatformat-args */
function formatted(format: Extract<Value, { t: 'text' }>, values: readonly Value[]): Value {
  let next = 0;
  const parts = format.parts.flatMap((part) => {
    if (typeof part !== 'string') return [part];
    return part.split(/(%[sdifjoO%])/).map((piece): string | Value => (piece === '%%' ? '%' : /^%.$/.test(piece) ? (values[next++] ?? piece) : piece));
  });
  return { t: 'text', parts, ...(format.place && { place: format.place }) };
}
