import type { QueryForm } from './reading.ts';

/** What a statement is, by verb and main table in the words that queries of the code are named with. */
export interface Statement {
  verb: string;
  table: string;
  form: QueryForm;
}

const NAME = String.raw`(?:only\s+)?(?:["\x60\[]?[\w$]+["\x60\]]?\.)?["\x60\[]?([\w$]+)["\x60\]]?`;
const MAIN: readonly [verb: string, table: RegExp][] = [
  ['INSERT', new RegExp(String.raw`\b(?:insert\s+(?:ignore\s+)?|replace\s+)into\s+${NAME}`, 'i')],
  ['UPDATE', new RegExp(String.raw`\bupdate\s+${NAME}(?:\s+(?:as\s+)?["\x60\w$]+)?\s+set\b`, 'i')],
  ['DELETE', new RegExp(String.raw`\bdelete\s+from\s+${NAME}`, 'i')],
  ['SELECT', new RegExp(String.raw`\bfrom\s+${NAME}`, 'i')],
];
const CONTROL = /^(begin|start\s+transaction|commit|rollback|savepoint|release)\b/i;

/** Reads one statement; null for what no program of a service sends on purpose (settings, definitions, the tool's own queries). */
export function statementOf(written: string): Statement | null {
  const sql = written
    .replace(/--[^\n]*/g, ' ')
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/'(?:[^']|'')*'/g, '?')
    .trim();
  const control = CONTROL.exec(sql)?.[1]?.toUpperCase();
  if (control) return { verb: control.startsWith('START') ? 'BEGIN' : control, table: '', form: 'other' };
  const verb = /^\(?\s*(insert|replace|update|delete|select|with)\b/i.exec(sql)?.[1]?.toUpperCase().replace('REPLACE', 'INSERT');
  if (!verb || /\bpg_stat_statements|\bpg_catalog\.|\binformation_schema\./i.test(sql)) return null;
  for (const [name, pattern] of MAIN) {
    if (verb !== name && verb !== 'WITH') continue;
    const table = pattern.exec(sql)?.[1];
    if (table) return { verb: name, table, form: name === 'SELECT' ? formOfSelect(sql) : 'write' };
    if (verb === name) break;
  }
  return verb === 'SELECT' ? { verb, table: '', form: 'one' } : null;
}

/** One row by key or by LIMIT 1, a sum over rows, or a list. A parameter as the limit may be any number. */
function formOfSelect(sql: string): QueryForm {
  if (/^\s*select\s+(?:distinct\s+)?(?:count|sum|avg|min|max)\s*\(|\bgroup\s+by\b/i.test(sql)) return 'aggregate';
  return /\blimit\s+1\b/i.test(sql) || /\bwhere\s+\(*\s*(?:["\x60\w]+\.)*["\x60]?(?:id|uuid|_id)["\x60]?\s*=/i.test(sql) ? 'one' : 'list';
}

/** What a query of the code is called: `SELECT orders`, or `Order.findAll` of a mapper. */
export function labelled(label: string): Statement {
  const words = /^([A-Z]+)(?:\s+(\S+))?$/.exec(label);
  if (words) return { verb: words[1] as string, table: words[2] ?? '', form: 'other' };
  const [model = '', method = ''] = label.split('.');
  for (const [verb, form, pattern] of METHODS) if (pattern.test(method)) return { verb, form, table: model };
  return { verb: '', table: model, form: 'other' };
}

/** Methods of Sequelize, TypeORM, Prisma, Drizzle and MikroORM by the statement that they send. */
const METHODS: readonly [verb: string, form: QueryForm, method: RegExp][] = [
  ['SELECT', 'aggregate', /^(count|aggregate|groupBy|sum|avg|average|min|max|minimum|maximum)/],
  ['SELECT', 'one', /^(findOne|findByPk|findById|findUnique|findFirst|getOne|exist)/],
  ['SELECT', 'list', /^(find|get|select|query|stream|all)/],
  ['INSERT', 'write', /^(create|insert|bulkCreate|upsert|save|findOrCreate)/],
  ['UPDATE', 'write', /^(update|increment|decrement|restore|softDelete)/],
  ['DELETE', 'write', /^(delete|destroy|remove|truncate|clear)/],
];

/** Whether a table's name and a model's mean the same: `order_items`, `OrderItem`, `"OrderItems"`. */
export const sameTable = (one: string, other: string): boolean => plain(one) === plain(other);
const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/ies$/, 'y')
    .replace(/(ss|x|ch|sh)es$/, '$1')
    .replace(/(?<!s)s$/, '');
