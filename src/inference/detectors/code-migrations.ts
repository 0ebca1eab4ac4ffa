import type { FileDetector, SchemaChange } from '../detector.ts';
import { changesInCode, changesTables } from './sql-in-code.ts';

/** Calls of migration tools that change tables without SQL. */
const BUILDS =
  /\.\s*(createTable|createTableIfNotExists|alterTable|dropTable\w*|renameTable|table|addColumns?|dropColumns?|createIndex|createIndices|addIndex|dropIndex|createForeignKey|addConstraint)\s*\(/;

/** Migrations written in code that hand SQL to the database (TypeORM, Knex, node-pg-migrate): what their way up does. */
export default {
  id: 'code-migrations',
  matches: (path) => /(^|\/)migrations?\/[^/]+\.[cm]?[jt]s$/.test(path) && !/\.(test|spec|d)\.[cm]?[jt]s$/.test(path),
  recognises: (text) => changesTables(text) && /\bup\b/.test(text),
  detect(path, text) {
    const up = wayUp(text);
    const changes: readonly SchemaChange[] = changesInCode(path, up);
    if (changes.length === 0) return { claims: [] };
    const builds = BUILDS.exec(up);
    const unread: SchemaChange[] = builds ? [{ do: 'unread', place: { file: path, line: up.slice(0, builds.index).split('\n').length } }] : [];
    return { claims: [{ kind: 'schemaChanges', changes: [...changes, ...unread], place: { file: path, line: 1 } }] };
  },
} satisfies FileDetector;

/** The text with the way down blanked, so that lines stay. */
function wayUp(text: string): string {
  const up = text.search(/\bup\b\s*(=|\(|:)/);
  const down = text.search(/\bdown\b\s*(=|\(|:)/);
  if (down < 0) return text;
  const to = up > down ? up : text.length;
  return text.slice(0, down) + text.slice(down, to).replace(/[^\n]/g, ' ') + text.slice(to);
}
