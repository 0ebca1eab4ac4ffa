import type { Column, Condition, Statement, Table } from '../model/topology.ts';

/** An index on more than this is rarely worth what it costs the writes. */
const MOST_COLUMNS = 3;

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The column that code or schema calls so. */
export const columnOf = (table: Table, name: string): Column | undefined => table.columns.find((it) => same(it.name, name) || (it.field !== undefined && same(it.field, name)));

/** First columns of indexes that hold for all rows. InnoDB indexes every foreign key by itself. */
function leading(table: Table, engine: string): string[] {
  const declared = table.indexes.filter((it) => !it.isPartial && it.columns.length > 0).map((it) => it.columns[0] as string);
  return engine === 'mysql' || engine === 'mariadb' ? [...declared, ...table.foreignKeys.flatMap((it) => it.columns.slice(0, 1))] : declared;
}

/** Conditions by which an index finds rows. */
const seeks = (it: Condition): boolean => it.by === 'equal' || it.by === 'in' || it.by === 'range';

/**
 * Whether an index of the table serves a statement: `index`, `none`, or `perhaps` where it cannot be told.
 * An index serves where its first column is looked for, or where rows are wanted in its order and only some of them.
 */
export function coverOf(table: Table, { where, orderBy, limit }: Statement, engine: string): 'index' | 'none' | 'perhaps' {
  if (where === undefined) return 'perhaps';
  const firsts = leading(table, engine);
  const isFirst = (name: string): boolean => {
    const column = columnOf(table, name);
    return column !== undefined && firsts.some((it) => same(it, column.name));
  };
  if (where.some((it) => seeks(it) && isFirst(it.column))) return 'index';
  // Columns that the schema does not tell of, indexes over expressions and over some rows: nothing is certain.
  if (where.some((it) => !columnOf(table, it.column)) || table.indexes.some((it) => it.isPartial || it.columns.length === 0)) return 'perhaps';
  if (where.some((it) => !seeks(it))) return 'perhaps';
  const [first] = orderBy ?? [];
  const isTop = limit === 'some' && first !== undefined;
  if (isTop && isFirst(first)) return where.length === 0 ? 'index' : 'perhaps';
  if (where.length === 0) return isTop && orderBy !== undefined && columnOf(table, first) ? 'none' : 'perhaps';
  // Of what is the same for every request nobody knows how much it picks; true and false pick half of all.
  return where.some((it) => !it.isConstant && it.by !== 'range' && !columnOf(table, it.column)?.isNarrow) ? 'none' : 'perhaps';
}

/** Columns of which one would have to come first in an index. */
export function columnsAsked(table: Table, { where = [], orderBy = [] }: Statement): string[] {
  const asked = where.filter((it) => !columnOf(table, it.column)?.isNarrow && !it.isConstant).map((it) => it.column);
  return [...new Set((asked.length > 0 ? asked : orderBy.slice(0, 1)).map((it) => columnOf(table, it)?.name ?? it))];
}

/** Columns of the index that a statement wants, in the database's names: what is equal, references first, then one column of order or range. */
export function columnsToIndex(table: Table, { where = [], orderBy = [], limit }: Statement): string[] {
  const named = (name: string): string => columnOf(table, name)?.name ?? name;
  const wide = where.filter((it) => !it.isConstant && !columnOf(table, it.column)?.isNarrow);
  const isReference = (name: string): boolean => table.foreignKeys.some((it) => it.columns.some((column) => same(column, name)));
  const equal = wide.filter((it) => it.by === 'equal').map((it) => named(it.column));
  const listed = wide.filter((it) => it.by === 'in').map((it) => named(it.column));
  const found = [...equal.filter(isReference), ...equal.filter((it) => !isReference(it)), ...listed].slice(0, MOST_COLUMNS - 1);
  const order = limit === 'some' && listed.length === 0 ? orderBy.slice(0, 1) : [];
  const last = [...order, ...where.filter((it) => it.by === 'range').map((it) => it.column)].slice(0, 1).map(named);
  return [...new Set([...found, ...last])];
}
