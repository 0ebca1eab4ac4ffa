import type { SchemaChange } from '../detector.ts';
import sqlMigrations from './sql-migrations.ts';

/** Texts of code that begin like a change of tables or indexes. */
const CHANGE = /(['"`])(\s*(?:create\s+(?:table|(?:unique\s+)?index)|alter\s+table|drop\s+(?:table|index))\b(?:\\[\s\S]|(?!\1)[^\\])*)\1/gi;

/** Whether a code file may change tables by SQL of its own: cheap, asked of every file. */
export const changesTables = (text: string): boolean => /\b(create|alter|drop)\s+(unique\s+)?(table|index)\b/i.test(text);

/** What statements that stand in code as texts do to tables, in the order of the code; `unread` where one is put together from parts. */
export function changesInCode(path: string, text: string): readonly SchemaChange[] {
  const kept = [...text.replace(/[^\n]/g, ' ')];
  const open: SchemaChange[] = [];
  for (const found of text.matchAll(CHANGE)) {
    const written = found[2] as string;
    // As long as it is written, so that lines stay.
    const sql = written
      .replace(/\\n/g, '  ')
      .replace(/\\(["'`])/g, '$1')
      .padEnd(written.length);
    const from = found.index + 1;
    // What a hole or another text continues is known only in part.
    if (/\$\{/.test(sql) || /^\s*\+/.test(text.slice(from + sql.length + 1))) open.push({ do: 'unread', place: { file: path, line: text.slice(0, from).split('\n').length } });
    else kept.splice(from, sql.length + 1, ...sql, ';');
  }
  const [claim] = sqlMigrations.detect(path, kept.join('')).claims;
  return [...(claim?.kind === 'schemaChanges' ? claim.changes : []), ...open];
}
