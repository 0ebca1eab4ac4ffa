/** Names that Windows or npm keep for themselves. */
const RESERVED = new Set(['con', 'prn', 'aux', 'nul', 'clock', 'node_modules', ...[1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((it) => [`com${it}`, `lpt${it}`])]);

/**
 * The nearest name that is at once a folder, an npm package and one shell word.
 * Takes any text; what is left of a hostile one are its letters and digits.
 */
export function projectNameOf(text: string): string {
  const words = wordsOf(text.replace(/^@[^/]*\//, ''));
  const name = startingWithLetter(words.join('-'), 'app-').slice(0, 60).replace(/-+$/, '');
  if (name === '') return 'nodejs-service';
  return RESERVED.has(name) ? `${name}-app` : name;
}

/** The same for a database: underscores, and short enough for every engine. */
export function databaseNameOf(text: string): string {
  return startingWithLetter(wordsOf(text).join('_'), 'db_').slice(0, 48).replace(/_+$/, '') || 'demo';
}

function wordsOf(text: string): string[] {
  const plain = text
    .slice(0, 300)
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/\p{M}+/gu, '');
  return plain.split(/[^a-z0-9]+/).filter((it) => it !== '');
}

const startingWithLetter = (name: string, prefix: string): string => (/^[0-9]/.test(name) ? `${prefix}${name}` : name);
