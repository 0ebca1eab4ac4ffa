import { describe, expect, it } from 'vitest';
import { queriesFor } from '../../src/measurements/match-query.ts';
import { labelled, sameTable, statementOf } from '../../src/measurements/statement.ts';

describe('a statement is its verb, its table and what it looks for', () => {
  it.each<[string, string | null]>([
    ['SELECT id, name FROM products ORDER BY name LIMIT $1', 'SELECT products list'],
    ['SELECT * FROM products WHERE id = $1', 'SELECT products one'],
    ['select "User"."id" from "public"."User" where "User"."id" = $1 limit $2', 'SELECT User one'],
    ['SELECT `orders`.* FROM `orders` WHERE a = ? LIMIT 1', 'SELECT orders one'],
    ['SELECT count(*) AS "count" FROM "users" AS "User"', 'SELECT users aggregate'],
    ['INSERT INTO orders (product_id) VALUES ($1) RETURNING *', 'INSERT orders write'],
    ['insert ignore into `orders` values (?)', 'INSERT orders write'],
    ['UPDATE "public"."orders" AS o SET a = $1', 'UPDATE orders write'],
    ['UPDATE orders SET a = now() WHERE id IN (SELECT id FROM others)', 'UPDATE orders write'],
    ['DELETE FROM only sessions WHERE x < $1', 'DELETE sessions write'],
    ['WITH moved AS (DELETE FROM old RETURNING *) SELECT * FROM moved', 'DELETE old write'],
    ['/* name: list */ SELECT a FROM b -- all', 'SELECT b list'],
    ["SELECT a FROM b WHERE note = 'update c set d'", 'SELECT b list'],
    ['BEGIN', 'BEGIN  other'],
    ['START TRANSACTION ISOLATION LEVEL READ COMMITTED', 'BEGIN  other'],
    ['SELECT $1', 'SELECT  one'],
    ['SET search_path TO app', null],
    ['CREATE TABLE a (b int)', null],
    ['SELECT * FROM pg_stat_statements', null],
    ['', null],
  ])('%s', (sql, expected) => {
    const it = statementOf(sql);
    expect(it && `${it.verb} ${it.table} ${it.form}`).toBe(expected);
  });
});

describe('names of the code', () => {
  it.each([
    ['SELECT products', 'SELECT products other'],
    ['COMMIT', 'COMMIT  other'],
    ['User.findByPk', 'SELECT User one'],
    ['user.findMany', 'SELECT user list'],
    ['Order.count', 'SELECT Order aggregate'],
    ['OrderItem.bulkCreate', 'INSERT OrderItem write'],
    ['User.update', 'UPDATE User write'],
    ['Session.destroy', 'DELETE Session write'],
  ])('%s', (label, expected) => {
    const it = labelled(label);
    expect(`${it.verb} ${it.table} ${it.form}`).toBe(expected);
  });

  it.each([
    ['order_items', 'OrderItem', true],
    ['Users', 'user', true],
    ['categories', 'Category', true],
    ['addresses', 'Address', true],
    ['address', 'Address', true],
    ['boxes', 'Box', true],
    ['orders', 'OrderItem', false],
    ['users', 'user_roles', false],
  ])('%s and %s: %s', (table, model, same) => expect(sameTable(table, model)).toBe(same));
});

describe('which query of the code a statement is', () => {
  const query = (label: string, target = 'db') => ({ id: `hold ${target} ${label}`, target, label, ...labelled(label) });
  it.each<[string, string, string[] | string]>([
    ['SQL by verb and table', 'SELECT * FROM products WHERE id = $1', ['SELECT products']],
    ['a mapper by form: one', 'SELECT * FROM "Users" WHERE id = $1', ['User.findByPk']],
    ['a mapper by form: list', 'SELECT * FROM "Users" WHERE age > $1', ['User.findAll']],
    ['a mapper by form: neither', 'SELECT count(*) FROM "Users"', 'it may be User.findByPk or User.findAll'],
    ['a table that nobody reads', 'SELECT * FROM secrets', 'no SELECT of secrets was found in the code'],
    ['a verb that nobody uses', 'DELETE FROM products', 'no DELETE of products was found in the code'],
    ['two databases', 'SELECT * FROM events', 'db and archive have such a query: which of them was measured is not said'],
  ])('%s', (_name, sql, expected) => {
    const queries = [query('SELECT products'), query('User.findByPk'), query('User.findAll'), query('SELECT events'), query('SELECT events', 'archive')];
    const statement = statementOf(sql);
    const found = statement && queriesFor(statement, queries);
    expect(Array.isArray(found) ? found.map((it) => it.label) : found).toEqual(expected);
  });
});
