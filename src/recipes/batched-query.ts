import { ts } from 'ts-morph';
import { cannot } from './recipe.ts';
import { bare, type Source } from './source.ts';

/** One question for many keys, and how each round takes its part of the answer. */
export interface Batch {
  /** The call with a list of keys in place of the one. */
  asks(keys: string): string;
  /** What the answer is kept as: the name itself, or a pattern that gives it. */
  takes(name: string): string;
  /** The part of the answer that belongs to one key. */
  picks(all: string, key: string): string;
  /** The answer is a driver's result, of which only `rows` can be taken apart. */
  onlyRows: boolean;
}

/** How a client asks for many keys at once. Refuses what gives another answer for many: limits, groups, aggregates. */
export function batchOf(source: Source, call: ts.CallExpression, key: ts.Expression, library: string): Batch {
  const callee = call.expression;
  if (!ts.isPropertyAccessExpression(callee)) return cannot('this edit does not know the call that makes the query');
  const method = callee.name.text;
  if (method === 'query' && library === 'pg') return sqlBatch(source, call, key);
  if (library === 'prisma' && /^(findMany|findUnique|findFirst)$/.test(method)) return prismaBatch(source, call, key, method);
  if (library === 'sequelize' && /^(findAll|findOne)$/.test(method)) return sequelizeBatch(source, call, key, method);
  return cannot('this edit does not know the call that makes the query');
}

/** A row of the answer must not take the name of the row that asks. */
function matching(field: string, key: string): string {
  const name = /^it\b/.test(key) ? 'one' : 'it';
  return `(${name}) => ${name}.${field} === ${key}`;
}

/** The text of a call with some of its nodes written anew. */
function withParts(source: Source, call: ts.CallExpression, parts: readonly (readonly [ts.Node, string])[]): string {
  const start = call.getStart(source.tree);
  const text = source.text.slice(start, call.getEnd());
  return [...parts]
    .sort((a, b) => b[0].getStart(source.tree) - a[0].getStart(source.tree))
    .reduce((done, [node, written]) => done.slice(0, node.getStart(source.tree) - start) + written + done.slice(node.getEnd() - start), text);
}

const LIST = /^\s*select\s+(.*?)\s+from\s(?!.*\b(limit|offset|fetch|union|intersect|except|group\s+by|having|distinct|or|for\s+update)\b)/is;
const AGGREGATE = /\b\w+\s*\(/;

function sqlBatch(source: Source, call: ts.CallExpression, key: ts.Expression): Batch {
  const [first, second] = call.arguments;
  const literal = first && bare(first);
  const list = second && bare(second);
  if (!literal || !ts.isStringLiteralLike(literal) || !list || !ts.isArrayLiteralExpression(list) || call.arguments.length !== 2)
    return cannot('the SQL and its parameters are not written at the call');
  const index = list.elements.findIndex((it) => bare(it) === key) + 1;
  if (index === 0) return cannot('the key is not a parameter of its own');
  const sql = source.text.slice(literal.getStart(source.tree), literal.getEnd());
  const columns = LIST.exec(literal.text)?.[1] ?? cannot('the SQL is not a plain SELECT for one key');
  const condition = new RegExp(`((?:\\b\\w+\\.)?(\\w+))\\s*=\\s*\\$${index}(?!\\d)`, 'g');
  const found = [...sql.matchAll(condition)];
  const uses = [...sql.matchAll(new RegExp(`\\$${index}(?!\\d)`, 'g'))];
  const column = found[0]?.[2];
  if (found.length !== 1 || uses.length !== 1 || column === undefined) return cannot('the key is not compared with one column');
  const selected = columns.split(',').map((it) => it.trim().replace(/^\w+\./, ''));
  if (AGGREGATE.test(columns) || !selected.some((it) => it === '*' || it === column)) return cannot(`the SQL does not select ${column}, by which rows are matched to their keys`);
  const many = sql.replace(condition, (_all, name: string) => `${name} = ANY($${index})`);
  return {
    asks: (keys) =>
      withParts(source, call, [
        [literal, many],
        [key, keys],
      ]),
    takes: (name) => `{ rows: ${name} }`,
    picks: (all, text) => `{ rows: ${all}.filter(${matching(column, text)}) }`,
    onlyRows: true,
  };
}

/** `{ where: { column: key, … } }` with nothing beside it that means another thing for many keys. */
function conditionOf(call: ts.CallExpression, key: ts.Expression, allowed: RegExp): { field: string; property: ts.PropertyAssignment } {
  const [first] = call.arguments;
  const options = first && bare(first);
  if (!options || !ts.isObjectLiteralExpression(options) || call.arguments.length > 1) return cannot('the options of the query are not written at the call');
  const other = options.properties.find((it) => !it.name || !allowed.test(it.name.getText()));
  if (other) return cannot(`${other.name?.getText() ?? 'a spread'} would mean something else for many keys`);
  const where = options.properties.find((it): it is ts.PropertyAssignment => ts.isPropertyAssignment(it) && it.name.getText() === 'where');
  const conditions = where && bare(where.initializer);
  if (!conditions || !ts.isObjectLiteralExpression(conditions)) return cannot('the condition is not written at the call');
  const property = conditions.properties.find((it): it is ts.PropertyAssignment => ts.isPropertyAssignment(it) && ts.isIdentifier(it.name) && bare(it.initializer) === key);
  return property ? { field: property.name.getText(), property } : cannot('the key is not compared with one field');
}

const many = (call: ts.CallExpression, name: string): readonly (readonly [ts.Node, string])[] => [[(call.expression as ts.PropertyAccessExpression).name, name]];

function prismaBatch(source: Source, call: ts.CallExpression, key: ts.Expression, method: string): Batch {
  const { field, property } = conditionOf(call, key, method === 'findMany' ? /^(where|orderBy|include)$/ : /^(where|include)$/);
  return {
    asks: (keys) => withParts(source, call, [...many(call, 'findMany'), [property.initializer, `{ in: ${keys} }`]]),
    takes: (name) => name,
    picks: (all, text) => (method === 'findMany' ? `${all}.filter(${matching(field, text)})` : `${all}.find(${matching(field, text)}) ?? null`),
    onlyRows: false,
  };
}

function sequelizeBatch(source: Source, call: ts.CallExpression, key: ts.Expression, method: string): Batch {
  const { field, property } = conditionOf(call, key, method === 'findAll' ? /^(where|order|include|raw)$/ : /^(where|include|raw)$/);
  return {
    asks: (keys) => withParts(source, call, [...many(call, 'findAll'), [property.initializer, keys]]),
    takes: (name) => name,
    picks: (all, text) => (method === 'findAll' ? `${all}.filter(${matching(field, text)})` : `${all}.find(${matching(field, text)}) ?? null`),
    onlyRows: false,
  };
}
