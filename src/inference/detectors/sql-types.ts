import type { SqlToken } from './sql-statements.ts';

/** Types of the common dialects whose columns hold many values. */
const WIDE =
  /^(small|big|medium|tiny)?(int|integer|serial)\d*$|^int\d$|^(small|big)?serial\d*$|^(var)?char(acter)?\d*$|^n(var)?char$|^(tiny|medium|long|n)?text$|^(tiny|medium|long)?blob$|^(citext|string|uuid|uniqueidentifier|clob|date|time|timetz|timestamp|timestamptz|datetime\d*|interval|numeric|decimal|number|real|double|float\d*|money|jsonb?|bytea|(var)?binary|inet|cidr|bigint|rowid|ulid|objectid|vector|tsvector|xml|geometry|geography|point)$/;

/** A date or a time. */
export const isTimeType = ([type]: readonly SqlToken[]): boolean => type !== undefined && type.kind !== 'mark' && /^(date|datetime\d*|timestamp|timestamptz)$/i.test(type.text);

/** What stands behind a column's name: a type of few values (`boolean`, an enum, a text that a check limits), or one of the workspace's own. */
export function isNarrowType(tokens: readonly SqlToken[]): boolean {
  const [type, open, width] = tokens;
  // SQLite lets columns go without a type.
  if (!type || type.kind === 'mark' || /^(primary|not|null|unique|default|references|constraint|check|generated|collate)$/.test(type.text)) return false;
  if (type.text === 'tinyint' && open?.text === '(' && width?.text === '1') return true;
  if (tokens.some((it) => it.kind === 'word' && it.text === 'check') && tokens.some((it) => it.kind === 'word' && it.text === 'in')) return true;
  return !WIDE.test(type.text.toLowerCase());
}
