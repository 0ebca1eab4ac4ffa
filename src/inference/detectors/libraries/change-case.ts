import { text, textOf, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** How each way joins words that are all in small letters. */
const WAYS: Readonly<Record<string, (words: readonly string[]) => string>> = {
  camelCase: (words) => words.map((it, at) => (at === 0 ? it : capital(it))).join(''),
  pascalCase: (words) => words.map(capital).join(''),
  kebabCase: (words) => words.join('-'),
  paramCase: (words) => words.join('-'),
  snakeCase: (words) => words.join('_'),
  constantCase: (words) => words.join('_').toUpperCase(),
  dotCase: (words) => words.join('.'),
};

/** change-case: known names in another spelling. */
export default {
  id: 'change-case',
  packages: ['change-case', 'camel-case', 'pascal-case', 'param-case', 'snake-case', 'constant-case'],
  call(it) {
    const known = textOf(it.args[0]);
    const join = WAYS[it.name.split('.').at(-1) ?? ''];
    if (known === undefined || !join) return UNKNOWN;
    const words = known
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
      .split(/[^A-Za-z\d]+/)
      .filter((word) => word !== '');
    return text(join(words.map((word) => word.toLowerCase())));
  },
} satisfies LibraryDetector;
