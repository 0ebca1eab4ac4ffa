import type { FileDetector, SchemaChange } from '../detector.ts';
import { changesByCalls } from './migration-calls.ts';
import { changesInCode, changesTables } from './sql-in-code.ts';

/** Migrations written in code (TypeORM, Sequelize, node-pg-migrate): what their way up does to tables, by SQL or by calls. One that moves rows alone changes nothing. */
export default {
  id: 'code-migrations',
  matches: (path) => /(^|\/)migrations?\/[^/]+\.[cm]?[jt]s$/.test(path) && !/\.(test|spec|d)\.[cm]?[jt]s$/.test(path),
  recognises: (text) => /\bup\b/.test(text),
  detect(path, text) {
    const calls = changesByCalls(path, text);
    const bySql = changesTables(text) ? changesInCode(path, wayUp(text)) : [];
    if (calls === undefined && bySql.length === 0) return { claims: [] };
    const place = { file: path, line: 1 };
    const all: SchemaChange[] = calls === undefined ? [...bySql, { do: 'unread', place }] : [...bySql, ...calls].sort((a, b) => a.place.line - b.place.line);
    // Of what nothing is known it is not known either which of the workspace's tables it is about.
    const isOpen = all.length > 0 && all.every((it) => it.do === 'unread' && it.table === undefined);
    return { claims: isOpen ? [] : [{ kind: 'schemaChanges', changes: all, place }] };
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
