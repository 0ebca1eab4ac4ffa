import type { Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** Node's own util: calls made to promises, and texts put together by `format`. */
export default {
  id: 'node-util',
  packages: ['util'],
  call(it): Value | undefined {
    const [first] = it.args;
    if (it.name.endsWith('promisify') && first?.t === 'package') return promisified(first);
    return it.name.split('.').at(-1) === 'format' && first?.t === 'text' ? formatted(first, it.args.slice(1)) : undefined;
  },
} satisfies LibraryDetector;

/** What Node's own functions do they do with a promise for their end as well. */
const COMPUTES: ReadonlySet<string> = new Set(['crypto', 'zlib']);

function promisified(it: Extract<Value, { t: 'package' }>): Value | undefined {
  if (it.path.at(-1) === 'setTimeout') return { t: 'package', name: 'timers/promises', path: ['setTimeout'] };
  return COMPUTES.has(it.name) ? it : undefined;
}

/** `%s` and its like take one value each, in order. https://nodejs.org/api/util.html#utilformatformat-args */
function formatted(format: Extract<Value, { t: 'text' }>, values: readonly Value[]): Value {
  let next = 0;
  const parts = format.parts.flatMap((part) => {
    if (typeof part !== 'string') return [part];
    return part.split(/(%[sdifjoO%])/).map((piece): string | Value => (piece === '%%' ? '%' : /^%.$/.test(piece) ? (values[next++] ?? piece) : piece));
  });
  return { t: 'text', parts, ...(format.place && { place: format.place }) };
}
