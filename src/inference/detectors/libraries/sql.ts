import type { Statement } from '../../../model/topology.ts';
import { patternOf, propertyOf, textWith, type Value } from '../../code/values.ts';
import type { QueryShape } from '../../detector.ts';
import { HOLE, statementOfSql } from './statements.ts';

export interface SqlReading {
  label: string;
  operation: 'read' | 'write' | 'other';
  shape: QueryShape;
  statement?: Statement;
}

const TABLE = String.raw`(?:only\s+)?["\x60\[]?(?:[\w*]+["\x60\]]?\.["\x60\[]?)?([\w*]+)["\x60\]]?`;
const FIRST: readonly [verb: string, table: RegExp, operation: SqlReading['operation']][] = [
  ['INSERT', new RegExp(String.raw`\binsert\s+(?:ignore\s+)?into\s+${TABLE}`, 'i'), 'write'],
  ['UPDATE', new RegExp(String.raw`\bupdate\s+${TABLE}\s+(?:as\s+\w+\s+)?set\b`, 'i'), 'write'],
  ['DELETE', new RegExp(String.raw`\bdelete\s+from\s+${TABLE}`, 'i'), 'write'],
  ['SELECT', new RegExp(String.raw`\bfrom\s+${TABLE}`, 'i'), 'read'],
];

/** Verb, main table and likely shape of a statement: `SELECT orders`; with what it asks for, where that can be told. Values were blanked before. */
export function readSql(sql: Value | undefined): SqlReading {
  const given = sql?.t === 'object' ? (propertyOf(sql, 'text') ?? propertyOf(sql, 'sql')) : sql;
  const statement = given?.t === 'text' ? statementOfSql(textWith(given, ` ${HOLE} `)) : undefined;
  return { ...shortly(given), ...(statement && { statement }) };
}

function shortly(given: Value | undefined): SqlReading {
  const sql = patternOf(given)
    .pattern.replace(/--[^\n]*/g, ' ')
    .trim();
  if (/^(begin|start\s+transaction|commit|rollback|savepoint|release|set)\b/i.test(sql)) {
    const verb = (/^\w+/.exec(sql)?.[0] ?? '').toUpperCase();
    return { label: verb === 'START' ? 'BEGIN' : verb, operation: 'other', shape: 'control' };
  }
  const verb = /^\s*(insert|update|delete|select|with)\b/i.exec(sql)?.[1]?.toUpperCase();
  for (const [name, table, operation] of FIRST) {
    if (verb !== name && !(verb === 'WITH' && table.test(sql))) continue;
    const found = table.exec(sql)?.[1];
    return { label: found && found !== '*' ? `${name} ${found}` : name, operation, shape: operation === 'write' ? 'write' : shapeOfSelect(sql) };
  }
  if (/^select\s+(1|now\(\)|version\(\))/i.test(sql)) return { label: 'SELECT 1', operation: 'read', shape: 'primaryKey' };
  return { label: 'query', operation: 'other', shape: 'unknown' };
}

function shapeOfSelect(sql: string): QueryShape {
  if (/\b(count|sum|avg|min|max)\s*\(|\bgroup\s+by\b/i.test(sql)) return 'aggregate';
  if (/\bwhere\s+(?:\w+\.)?"?(?:id|uuid|_id)"?\s*=\s*(?:\$\d+|\?|:\w+|\d+|\*|@\w+)/i.test(sql)) return 'primaryKey';
  return 'list';
}
