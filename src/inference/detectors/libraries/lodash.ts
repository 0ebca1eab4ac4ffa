import { list, numberOf, object, textOf, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { merged } from './object-merge.ts';

/** lodash and its like: what they do to lists of known texts, by which programs choose their parts, into what they part lists of data, and what they do to objects of settings. */
export default {
  id: 'lodash',
  packages: ['lodash', 'lodash-es', 'es-toolkit', 'underscore', 'remeda', 'radash', 'ramda', 'rambda'],
  call(it) {
    const [first, second] = it.args;
    const name = it.name.split('.').at(-1) ?? '';
    if (name === 'merge' || name === 'toMerged') return merged(it.args);
    if (name === 'defaultsDeep') return merged([...it.args].reverse());
    // One item is one group, whatever its key.
    if (/^(groupBy|group)$/.test(name)) return first?.t === 'list' && !first.open && first.items.length === 1 ? object([['*', first]]) : { t: 'data', portion: 'groups' };
    if (/^(chunk|cluster|splitEvery)$/.test(name)) {
      const size = numberOf(second) ?? numberOf(first);
      return { t: 'data', portion: 'chunks', ...(size !== undefined && { size }) };
    }
    if (first?.t !== 'list') return UNKNOWN;
    if (name === 'compact') return first.open ? first : list(first.items.filter((one) => textOf(one) !== ''));
    if (name !== 'uniq') return UNKNOWN;
    const seen = new Set<string>();
    const once = first.items.filter((one) => {
      const text = textOf(one);
      if (text === undefined) return true;
      const isNew = !seen.has(text);
      seen.add(text);
      return isNew;
    });
    return list(once, first.open);
  },
} satisfies LibraryDetector;
