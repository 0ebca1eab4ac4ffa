import { list, textOf, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { merged } from './object-merge.ts';

/** lodash and es-toolkit: what they do to lists of known texts, by which programs choose their parts, and to objects of settings. */
export default {
  id: 'lodash',
  packages: ['lodash', 'lodash-es', 'es-toolkit'],
  call(it) {
    const [first] = it.args;
    const name = it.name.split('.').at(-1);
    if (name === 'merge' || name === 'toMerged') return merged(it.args);
    if (name === 'defaultsDeep') return merged([...it.args].reverse());
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
