import type { Column, Condition, Statement } from '../../../model/topology.ts';
import { propertyOf, type Resource, textOf, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, TableIndexClaim } from '../../detector.ts';

const COLUMN =
  /^((small|big)?(serial|int|integer)|mediumint|tinyint|text|tinytext|mediumtext|longtext|(var)?char|citext|uuid|boolean|timestamp|datetime|date|time|year|jsonb?|numeric|decimal|real|doublePrecision|double|float|bytea|blob|(var)?binary|inet|cidr|interval|vector|mysqlEnum)$/;
const COMPARES: Readonly<Record<string, Condition['by']>> = {
  eq: 'equal',
  inArray: 'in',
  gt: 'range',
  gte: 'range',
  lt: 'range',
  lte: 'range',
  between: 'range',
  ne: 'other',
  like: 'other',
  ilike: 'other',
  isNull: 'other',
  isNotNull: 'other',
  notInArray: 'other',
};
const INDEXES: Readonly<Record<string, TableIndexClaim['kind']>> = { index: 'plain', uniqueIndex: 'unique', unique: 'unique', primaryKey: 'primary' };

const isOf = (it: Value | undefined, type: string): it is Resource => it?.t === 'resource' && it.library === 'drizzle' && it.type === type;

/** What the schema's own functions make: columns, tables with their indexes, conditions. Undefined: no such function. */
export function schemaPart(it: LibraryCall, name: string, run: CodeRun): Value | undefined {
  if (/Table$/.test(name)) return table(it, run);
  if (/Enum$/.test(name) && name !== 'mysqlEnum') return run.make('Enum', it.place, {});
  if (COLUMN.test(name)) return run.make('Column', it.place, { name: textOf(it.args[0]), isNarrow: isNarrow(name, it.args) });
  if (/^(foreignKey|check|pgPolicy)$/.test(name)) return run.make('Constraint', it.place, {});
  const kind = INDEXES[name];
  if (kind) return index(it, kind, run);
  const by = COMPARES[name];
  if (by) return run.make('Condition', it.place, { all: conditionOf(it.args, by) });
  if (name === 'and') return run.make('Condition', it.place, { all: together(it.args) });
  if (name === 'or' || name === 'not' || name === 'exists' || name === 'notExists') return run.make('Condition', it.place, { all: undefined });
  return name === 'desc' || name === 'asc' ? it.args[0] : undefined;
}

/** `mode: 'boolean'` of SQLite's integers, a text of a few words. */
function isNarrow(name: string, args: readonly Value[]): boolean {
  if (name === 'boolean' || name === 'mysqlEnum') return true;
  return args.some((it) => textOf(propertyOf(it, 'mode')) === 'boolean' || propertyOf(it, 'enum') !== undefined);
}

/** `.primaryKey()`, `.unique()` and the like of a column; `.on(…)` and `.where(…)` of an index. */
export function onSchemaPart(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Enum') return run.make('Column', it.place, { name: textOf(it.args[0]), isNarrow: true });
  if (of.type === 'Column') {
    if (it.name === 'primaryKey') of.data.kind = 'primary';
    if (it.name === 'unique') of.data.kind ??= 'unique';
    return of;
  }
  if (of.type === 'Constraint') return of;
  if (of.type !== 'Index') return undefined;
  if (/^(on|onOnly|using)$/.test(it.name)) of.data.columns = it.args.slice(it.name === 'using' ? 1 : 0);
  if (it.name === 'where') of.data.isPartial = true;
  return of;
}

/** The column of a table that code names by its property. */
export function columnOfTable(of: Resource, name: string): Value | undefined {
  return of.type === 'Table' ? (of.data.columns as ReadonlyMap<string, Resource> | undefined)?.get(name) : undefined;
}

function index(it: LibraryCall, kind: TableIndexClaim['kind'], run: CodeRun): Resource {
  const given = propertyOf(it.args[0], 'columns');
  const columns = given?.t === 'list' ? given.items : it.args.filter((one) => isOf(one, 'Column'));
  return run.make('Index', it.place, { kind, name: textOf(it.args[0]), columns });
}

const nameOf = (it: Value | undefined): string | undefined => (isOf(it, 'Column') ? (it.data.name as string | undefined) : undefined);

function table(it: LibraryCall, run: CodeRun): Resource {
  const name = textOf(it.args[0]);
  const written = it.args[1];
  const columns = new Map<string, Resource>();
  if (written?.t === 'object')
    for (const [property, value] of written.props) {
      if (!isOf(value, 'Column')) continue;
      value.data.name ??= property;
      columns.set(property, value);
    }
  const made = run.make('Table', it.place, { name: name ?? '*', columns });
  const isWhole = written?.t === 'object' && !written.open && columns.size === written.props.size;
  if (name === undefined || !isWhole) return made;
  const extra = it.args[2] && run.call(it.args[2], [made]);
  const parts = extra?.t === 'list' ? (extra.open ? undefined : extra.items) : extra?.t === 'object' ? [...extra.props.values()] : extra === undefined ? [] : undefined;
  // An index that can't be read may be any.
  if (!parts?.every((one) => one.t === 'resource')) return made;
  const said: Column[] = [...columns].map(([property, column]) => {
    const own = String(column.data.name);
    return { name: own, ...(own !== property && { field: property }), ...(column.data.isNarrow === true && { isNarrow: true as const }), place: column.place };
  });
  const own = [...columns.values()].flatMap((column): TableIndexClaim[] =>
    column.data.kind ? [{ kind: column.data.kind as TableIndexClaim['kind'], columns: [String(column.data.name)], place: column.place }] : [],
  );
  const added = parts.filter((one) => isOf(one, 'Index')).map(indexClaim);
  run.claim({ kind: 'table', change: { do: 'createTable', table: name, columns: said, indexes: [...own, ...added], foreignKeys: [], place: it.place } });
  return made;
}

function indexClaim(it: Resource): TableIndexClaim {
  const names = (it.data.columns as readonly Value[]).map(nameOf);
  return {
    ...(typeof it.data.name === 'string' && { name: it.data.name }),
    kind: it.data.kind as TableIndexClaim['kind'],
    // One over an expression names no columns.
    columns: names.every((name) => name !== undefined) ? (names as string[]) : [],
    ...(it.data.isPartial === true && { isPartial: true as const }),
    place: it.place,
  };
}

function conditionOf(args: readonly Value[], by: Condition['by']): Condition[] | undefined {
  const column = nameOf(args[0]);
  const [, value] = args;
  // A column on the other side joins tables.
  if (column === undefined || (value?.t === 'resource' && value.library === 'drizzle')) return undefined;
  return [{ column, by, isConstant: value !== undefined && (value.t === 'boolean' || textOf(value) !== undefined) }];
}

function together(args: readonly Value[]): Condition[] | undefined {
  const parts = args.filter((it) => it.t !== 'nothing').map(conditionsOf);
  return parts.every((it) => it !== undefined) ? parts.flat() : undefined;
}

/** Conditions that all have to hold; undefined where one could not be read. */
const conditionsOf = (it: Value | undefined): Condition[] | undefined => (isOf(it, 'Condition') ? (it.data.all as Condition[] | undefined) : undefined);

/** A statement with what one more method of its builder adds to it. */
export function refined(before: Statement, it: LibraryCall): Statement {
  const { where, orderBy, ...rest } = before;
  if (it.name === 'limit') return { ...before, limit: 'some' };
  if (it.name === 'where') {
    const conditions = conditionsOf(it.args[0]);
    return conditions ? { ...before, where: [...(where ?? []), ...conditions] } : { ...rest, ...(orderBy && { orderBy }) };
  }
  if (it.name === 'orderBy') {
    const columns = it.args.map(nameOf);
    return columns.every((name) => name !== undefined) ? { ...before, orderBy: columns as string[] } : { ...rest, ...(where && { where }) };
  }
  // Which of the tables is gone through first is the server's choice.
  return /join$/i.test(it.name) || it.name === '$dynamic' ? rest : before;
}
