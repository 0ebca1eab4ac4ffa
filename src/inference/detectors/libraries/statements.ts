import type { Condition, Statement } from '../../../model/topology.ts';
import { numberOf, propertyOf, textOf, type Value } from '../../code/values.ts';
import { readSql, type SqlToken } from '../sql-statements.ts';

/** Stands for a value or a piece of SQL that the code puts in while it runs. */
export const HOLE = 'hole__';

const CLAUSES = new Set(['where', 'group', 'having', 'order', 'limit', 'offset', 'fetch', 'for', 'returning', 'window', 'union', 'intersect', 'except', 'set', 'values', 'on']);
const COMPARES: Readonly<Record<string, Condition['by']>> = { '=': 'equal', '<': 'range', '>': 'range', '<=': 'range', '>=': 'range', between: 'range', in: 'in' };

/** Table, conditions, order and limit of one SQL statement, whose holes are `HOLE`; undefined where its table can't be told. */
export function statementOfSql(sql: string): Statement | undefined {
  const plain = sql.replace(/::\s*\w+(\[\])?/g, '').replace(/\$\d+|\?|(?<![\w:]):\w+|@\w+/g, ` ${HOLE} `);
  const { statements, openAt } = readSql(plain);
  const tokens = openAt === undefined && statements.length === 1 ? joinedMarks(statements[0] ?? []) : [];
  const verb = tokens[0]?.text;
  if (verb === 'insert') {
    const table = tableAt(tokens, tokens.findIndex((it) => it.text === 'into') + 1);
    return table ? { table, adds: true, ...insertedBy(tokens), limit: 'unknown' } : undefined;
  }
  if (verb !== 'select' && verb !== 'update' && verb !== 'delete') return undefined;
  const top = topLevel(tokens);
  const from = verb === 'update' ? 0 : top.findIndex((it) => it.text === 'from' && it.kind === 'word');
  const table = from >= 0 ? tableAt(top, from + 1) : undefined;
  if (!table) return undefined;
  const where = clause(top, 'where');
  const order = clause(top, 'order');
  const limit = clause(top, 'limit') ?? clause(top, 'fetch');
  const isOne = top.slice(from).every((it) => !['join', 'union', 'intersect', 'except', ','].includes(it.text) || isBehind(top, it, 'order') || isBehind(top, it, 'group'));
  const changes = hasLooseHole(top, from);
  const conditions = where === undefined ? [] : conditionsOf(where);
  // How many different values there are is another question.
  const isDistinct = top[1]?.text === 'distinct';
  const columns = order === undefined ? [] : orderOf(order.slice(1));
  const most = limit?.map((it) => (it.kind === 'word' && /^\d+$/.test(it.text) ? Number(it.text) : undefined)).find((it) => it !== undefined);
  return {
    table,
    adds: false,
    ...(isOne && !changes && conditions && { where: conditions }),
    ...(verb === 'select' && putsTogether(top, from) && { sums: changes ? 'part' : sumsOf(conditions) }),
    ...(isOne && !changes && columns && { orderBy: columns }),
    limit: limit || isTop(tokens) || isOneRow(top, from) ? 'some' : changes || isDistinct ? 'unknown' : 'none',
    ...(isOneRow(top, from) ? { most: 1 } : most !== undefined && { most }),
  };
}

/** `INSERT INTO t (a, b) VALUES …`: its columns, and whether a row that is there already stays the only one. */
function insertedBy(tokens: readonly SqlToken[]): Pick<Statement, 'sets' | 'keepsOne'> {
  const top = topLevel(tokens);
  const keepsOne = top.some((it, at) => it.kind === 'word' && ((it.text === 'ignore' && at < 3) || (it.text === 'on' && /^(conflict|duplicate)$/.test(top[at + 1]?.text ?? ''))));
  const open = tokens.findIndex((it) => it.kind === 'mark' && it.text === '(');
  const close = tokens.findIndex((it) => it.kind === 'mark' && it.text === ')');
  const isList = tokens[close + 1]?.kind === 'word' && /^(values|select|overriding)$/.test(tokens[close + 1]?.text ?? '');
  const inside = tokens.slice(open + 1, close).filter((it) => !(it.kind === 'mark' && it.text === ','));
  const isRead = open > 0 && isList && inside.every((it) => it.kind !== 'mark' && it.text !== HOLE);
  return { ...(isRead && { sets: inside.map((it) => it.text) }), ...(keepsOne && { keepsOne }) };
}

/** Columns that the data of an ORM's `create` sets: of several rows those of the first. */
export function columnsSetBy(data: Value | undefined): Pick<Statement, 'sets'> {
  const row = data?.t === 'list' ? data.items[0] : data;
  const isRead = (row?.t === 'object' && !row.open) || row?.t === 'instance';
  return isRead && row.props.size > 0 ? { sets: [...row.props.keys()] } : {};
}

/** `<` and `=` stand apart in the reading. */
function joinedMarks(tokens: readonly SqlToken[]): SqlToken[] {
  const joined: SqlToken[] = [];
  for (const it of tokens) {
    const before = joined.at(-1);
    if (before?.kind === 'mark' && it.kind === 'mark' && ['<=', '>=', '<>', '!=', '||', '->', '=>'].includes(before.text + it.text))
      joined[joined.length - 1] = { ...before, text: before.text + it.text };
    else joined.push(it);
  }
  return joined;
}

/** Without what stands in brackets; the brackets stay. */
function topLevel(tokens: readonly SqlToken[]): SqlToken[] {
  let depth = 0;
  return tokens.filter((it) => {
    if (it.kind === 'mark' && it.text === ')') depth -= 1;
    const keeps = depth === 0;
    if (it.kind === 'mark' && it.text === '(') depth += 1;
    return keeps;
  });
}

function tableAt(tokens: readonly SqlToken[], at: number): string | undefined {
  let start = at;
  if (tokens[start]?.text === 'only') start += 1;
  while (tokens[start + 1]?.text === '.') start += 2;
  const it = tokens[start];
  return it && it.kind !== 'mark' && it.kind !== 'text' && it.text !== HOLE ? it.text : undefined;
}

function clause(tokens: readonly SqlToken[], name: string): SqlToken[] | undefined {
  const start = tokens.findIndex((it) => it.kind === 'word' && it.text === name);
  if (start < 0) return undefined;
  const end = tokens.findIndex((it, at) => at > start && it.kind === 'word' && CLAUSES.has(it.text));
  return tokens.slice(start + 1, end < 0 ? undefined : end);
}

const isBehind = (tokens: readonly SqlToken[], it: SqlToken, name: string): boolean => {
  const start = tokens.findIndex((one) => one.kind === 'word' && one.text === name);
  return start >= 0 && tokens.indexOf(it) > start;
};

const isTop = (tokens: readonly SqlToken[]): boolean => tokens.slice(1, 4).some((it) => it.kind === 'word' && it.text === 'top');

/** `select count(*) from …` without groups. */
function isOneRow(top: readonly SqlToken[], from: number): boolean {
  const selected = top.slice(1, from).filter((it) => it.kind === 'word');
  return (
    top[0]?.text === 'select' && selected.length > 0 && /^(count|sum|avg|min|max)$/.test(selected[0]?.text ?? '') && !top.some((it) => it.kind === 'word' && it.text === 'group')
  );
}

/** `sum(…)`, `avg(…)`, or any groups. */
const putsTogether = (top: readonly SqlToken[], from: number): boolean =>
  top.some((it, at) => it.kind === 'word' && (it.text === 'group' || (at < from && /^(sum|avg)$/.test(it.text) && top[at + 1]?.text === '(')));

/** What groups and sums go over: all rows, unless a value that comes with the request picks those of somebody. */
export const sumsOf = (where: readonly Condition[] | undefined): 'whole' | 'part' =>
  where?.every((it) => it.by !== 'other' && (it.isConstant || it.by === 'range')) ? 'whole' : 'part';

/** A hole where no value belongs may be any piece of a statement. */
function hasLooseHole(top: readonly SqlToken[], from: number): boolean {
  const takesValue = new Set([
    '=',
    '<',
    '>',
    '<=',
    '>=',
    '<>',
    '!=',
    'in',
    'like',
    'ilike',
    'between',
    'and',
    'limit',
    'offset',
    'fetch',
    'first',
    'next',
    ',',
    '+',
    '-',
    '*',
    '/',
    '(',
    'any',
    'is',
    'values',
    'set',
    'interval',
  ]);
  return top
    .slice(Math.max(0, from))
    .some((it, at, all) => it.text === HOLE && !(takesValue.has(all[at - 1]?.text ?? '') && !(all[at - 1]?.text === 'and' && all[at - 3]?.text !== 'between')));
}

/** `a = ? AND t.b > ?`; undefined where one of them is of another form. */
function conditionsOf(tokens: readonly SqlToken[]): Condition[] | undefined {
  const parts: SqlToken[][] = [[]];
  let between = false;
  for (const it of tokens) {
    if (it.kind === 'word' && it.text === 'between') between = true;
    if (it.kind === 'word' && it.text === 'and' && !between) parts.push([]);
    else parts.at(-1)?.push(it);
    if (it.kind === 'word' && it.text === 'and') between = false;
  }
  const found: Condition[] = [];
  for (const part of parts) {
    const at = part[1]?.text === '.' ? 2 : 0;
    const [column, operator, ...value] = part.slice(at);
    if (!column || !operator || column.kind === 'mark' || column.kind === 'text' || column.text === HOLE || column.text === 'not') return undefined;
    if (value.some((it) => it.kind === 'word' && it.text === 'or')) return undefined;
    const by =
      operator.text === 'is' || operator.text === 'like' || operator.text === 'ilike' || operator.text === '<>' || operator.text === '!=' ? 'other' : COMPARES[operator.text];
    // A column of another table on the other side, or what a function makes of one, is no value.
    const isValue = value.every(
      (it) => it.kind === 'text' || it.kind === 'mark' || it.text === HOLE || /^(\d+|true|false|null|not|and|any|now|current_\w+|interval)$/.test(it.text),
    );
    if (!by || !isValue) return undefined;
    const flag = by === 'equal' && value.length === 1 && value[0]?.kind === 'word' ? value[0].text : '';
    found.push({ column: column.text, by, isConstant: !value.some((it) => it.text === HOLE || it.text === '('), ...(/^(true|false)$/.test(flag) && { is: flag === 'true' }) });
  }
  return found;
}

function orderOf(tokens: readonly SqlToken[]): string[] | undefined {
  const words = tokens.filter((it) => !(it.kind === 'word' && /^(by|asc|desc|nulls|first|last)$/.test(it.text)));
  if (words.some((it) => it.text === '(' || it.text === HOLE || it.kind === 'text' || /^\d+$/.test(it.text))) return undefined;
  const columns: string[] = [];
  for (const [at, it] of words.entries()) if (it.kind !== 'mark' && words[at + 1]?.text !== '.') columns.push(it.text);
  return columns;
}

/** Conditions of an object as ORMs write them; undefined where one is of another form or unreadable. */
export function conditionsIn(where: Value | undefined): Condition[] | undefined {
  if (where === undefined || where.t === 'nothing') return [];
  if (where.t !== 'object' || where.open) return undefined;
  const found: Condition[] = [];
  for (const [column, value] of where.props) {
    if (!/^[A-Za-z_][\w.]*$/.test(column) || /^(AND|OR|NOT)$/.test(column)) return undefined;
    const by = operatorOf(value);
    if (!by) return undefined;
    const flag = by === 'equal' ? truthIn(value) : undefined;
    found.push({ column, by, isConstant: by !== 'range' && isFixed(value), ...(flag !== undefined && { is: flag }) });
  }
  return found;
}

/** `true`, `{ equals: true }`. */
const truthIn = (value: Value): boolean | undefined =>
  value.t === 'boolean' ? value.v : value.t === 'object' && value.props.size === 1 ? truthIn([...value.props.values()][0] as Value) : undefined;

/** No part of it comes with a request, a row or a round of a loop: it asks the same whoever asks. A range asks for another piece each time. */
function isFixed(it: Value): boolean {
  switch (it.t) {
    case 'object':
      return !it.open && [...it.props.values()].every(isFixed);
    case 'list':
      return !it.open && it.items.every(isFixed);
    case 'data':
      return it.isTime === true;
    default:
      return it.t === 'boolean' || it.t === 'nothing' || it.t === 'unset' || textOf(it) !== undefined;
  }
}

function operatorOf(value: Value): Condition['by'] | undefined {
  if (value.t === 'list') return 'in';
  if (value.t !== 'object') return value.t === 'nothing' || value.t === 'resource' ? undefined : 'equal';
  const names = [...value.props.keys()].map((it) => it.replace(/^\$/, ''));
  if (value.open || names.length === 0) return undefined;
  if (names.every((it) => it === 'equals' || it === 'eq')) return 'equal';
  if (names.every((it) => it === 'in')) return 'in';
  return names.every((it) => /^(gt|gte|lt|lte|between)$/.test(it)) ? 'range' : 'other';
}

/** Columns of `{ a: 'asc' }`, `[{ a: 'asc' }]`, `[['a', 'ASC']]`. */
export function orderIn(order: Value | undefined): string[] | undefined {
  if (order === undefined || order.t === 'nothing') return [];
  if (order.t === 'object') return order.open || [...order.props.values()].some((it) => it.t === 'object') ? undefined : [...order.props.keys()];
  if (order.t !== 'list' || order.open) return undefined;
  const columns = order.items.map((it) => (it.t === 'list' ? textOf(it.items[0]) : it.t === 'object' && it.props.size === 1 ? orderIn(it)?.[0] : textOf(it)));
  return columns.every((it) => it !== undefined) ? columns : undefined;
}

/** What options say of the number of rows; options that can't be read may limit. */
export function limitIn(options: Value | undefined, names: readonly string[]): Pick<Statement, 'limit' | 'most'> {
  if (options === undefined || options.t === 'nothing') return { limit: 'none' };
  if (options.t !== 'object') return { limit: 'unknown' };
  const given = names.map((name) => propertyOf(options, name)).find((it) => it !== undefined && it.t !== 'nothing');
  const most = numberOf(given);
  if (given) return { limit: 'some', ...(most !== undefined && { most }) };
  return { limit: options.open ? 'unknown' : 'none' };
}

/** The statement of an ORM's call with options like `{ where, orderBy, take }`. */
export function statementOf(
  table: string,
  adds: boolean,
  isOne: boolean,
  options: Value | undefined,
  names: { where: string; order: string; limit: readonly string[] },
): Statement {
  const readable = options === undefined || options.t === 'nothing' || (options.t === 'object' && !options.open);
  const where = readable ? conditionsIn(propertyOf(options, names.where)) : undefined;
  const orderBy = readable ? orderIn(propertyOf(options, names.order)) : undefined;
  const limit = isOne ? ({ limit: 'some', most: 1 } as const) : limitIn(options, names.limit);
  return { table, adds, ...(where && { where }), ...(orderBy && { orderBy }), ...limit };
}
