import { list, object, propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector } from '../../detector.ts';
import { itemsOf } from './nestjs/tokens.ts';

const SCHEMA = /\.(graphqls?|gql)$/i;

/** GraphQL Tools: schemas from files, by their paths or by patterns. */
export default {
  id: 'graphql-files',
  packages: ['@graphql-tools/load', '@graphql-tools/load-files', '@graphql-tools/graphql-file-loader'],
  call(it, run) {
    switch (it.name) {
      case 'loadSchema':
      case 'loadSchemaSync': {
        const resolvers = propertyOf(it.args[1], 'resolvers');
        return run.make('Schema', it.place, { options: object([['typeDefs', textsOf(it.args[0], run)], ...(resolvers ? [['resolvers', resolvers] as const] : [])]) });
      }
      case 'loadTypedefs':
      case 'loadTypedefsSync':
      case 'loadFiles':
      case 'loadFilesSync':
        return textsOf(it.args[0], run);
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

/** The schemas of the files that paths and patterns mean, and the exports of modules that lie there. */
function textsOf(given: Value | undefined, run: CodeRun): Value {
  const files = run.filesIn('.').filter((it) => SCHEMA.test(it));
  const wanted = itemsOf(given).flatMap((it) => textOf(it) ?? []);
  const texts = wanted.flatMap((pattern) => {
    if (/(^|[\s}])type\s+\w+/.test(pattern)) return [pattern];
    const fits = fitting(pattern);
    return files.filter((it) => fits(it)).map((it) => textOf(run.load(it)?.exports) ?? '');
  });
  return list(
    texts.map((it): Value => ({ t: 'text', parts: [it] })),
    wanted.length === 0,
  );
}

/** A pattern is seen from where the process starts: whatever stands before its first part may be more here. */
function fitting(pattern: string): (path: string) => boolean {
  const plain = pattern.replace(/^file:/, '').replace(/^(\.?\.?\/)+/, '');
  const expression = plain
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/\{([^{}]*)\}/g, (_all, inner: string) => `(${inner.split(',').join('|')})`)
    .replace(/\*\*\/?/g, '\u0001')
    .replace(/\*/g, '[^/]*')
    .replaceAll('\u0001', '(.*/)?');
  const isFolder = !/\*|\.\w+\}?$/.test(plain);
  const found = new RegExp(`(^|/)${expression}${isFolder ? '/.*' : ''}$`);
  return (path) => found.test(path);
}
