import { describe, expect, it } from 'vitest';
import { HOLE, statementOfSql } from '../../src/inference/detectors/libraries/statements.ts';
import { type QueryStep, type Step, walkSteps } from '../../src/model/topology.ts';
import { service, topologyOf } from './memory-workspace.ts';

const equal = (column: string, isConstant = false) => ({ column, by: 'equal', isConstant });

describe('what SQL asks for', () => {
  it.each<[string, object | undefined]>([
    ['SELECT * FROM orders', { table: 'orders', adds: false, where: [], orderBy: [], limit: 'none' }],
    ['SELECT * FROM orders WHERE id = $1', { table: 'orders', adds: false, where: [equal('id')], orderBy: [], limit: 'none' }],
    [
      'select o.id from shop.orders o where o.customer = ? and o.paid = true order by o.made desc limit 50',
      { table: 'orders', adds: false, where: [equal('customer'), { ...equal('paid', true), is: true }], orderBy: ['made'], limit: 'some', most: 50 },
    ],
    [
      'SELECT * FROM "Order" WHERE made BETWEEN $1 AND $2 AND kind IN ($3, $4)',
      {
        table: 'Order',
        adds: false,
        where: [
          { column: 'made', by: 'range', isConstant: false },
          { column: 'kind', by: 'in', isConstant: false },
        ],
        orderBy: [],
        limit: 'none',
      },
    ],
    ['SELECT * FROM a WHERE x >= :from LIMIT :size', { table: 'a', adds: false, where: [{ column: 'x', by: 'range', isConstant: false }], orderBy: [], limit: 'some' }],
    ['SELECT * FROM a WHERE x = $1 OR y = $1', { table: 'a', adds: false, orderBy: [], limit: 'none' }],
    ['SELECT * FROM a WHERE lower(x) = $1', { table: 'a', adds: false, orderBy: [], limit: 'none' }],
    ['SELECT * FROM a JOIN b ON a.id = b.a WHERE x = $1', { table: 'a', adds: false, limit: 'none' }],
    [`SELECT * FROM a WHERE x = $1 ${HOLE}`, { table: 'a', adds: false, limit: 'unknown' }],
    [`SELECT * FROM a ${HOLE}`, { table: 'a', adds: false, limit: 'unknown' }],
    [`SELECT * FROM ${HOLE}`, undefined],
    ['SELECT count(*) FROM a', { table: 'a', adds: false, where: [], orderBy: [], limit: 'some', most: 1 }],
    ['SELECT TOP 10 * FROM a', { table: 'a', adds: false, where: [], orderBy: [], limit: 'some' }],
    ['INSERT INTO orders (a, "b") VALUES ($1, $2) RETURNING id', { table: 'orders', adds: true, sets: ['a', 'b'], limit: 'unknown' }],
    ['INSERT INTO orders (a) SELECT a FROM carts', { table: 'orders', adds: true, sets: ['a'], limit: 'unknown' }],
    ['INSERT INTO orders VALUES ($1)', { table: 'orders', adds: true, limit: 'unknown' }],
    ['INSERT INTO orders SET a = ?', { table: 'orders', adds: true, limit: 'unknown' }],
    ['INSERT INTO orders (a) VALUES ($1) ON CONFLICT DO NOTHING', { table: 'orders', adds: true, sets: ['a'], keepsOne: true, limit: 'unknown' }],
    ['INSERT IGNORE INTO orders (a) VALUES (?)', { table: 'orders', adds: true, sets: ['a'], keepsOne: true, limit: 'unknown' }],
    ['INSERT INTO orders (a) VALUES (?) ON DUPLICATE KEY UPDATE a = 1', { table: 'orders', adds: true, sets: ['a'], keepsOne: true, limit: 'unknown' }],
    ['UPDATE orders SET paid = true WHERE code = $1', { table: 'orders', adds: false, where: [equal('code')], orderBy: [], limit: 'none' }],
    ['DELETE FROM orders WHERE code = $1', { table: 'orders', adds: false, where: [equal('code')], orderBy: [], limit: 'none' }],
    ['CREATE TABLE a (id int)', undefined],
    ["SELECT 'open", undefined],
  ])('%s', (sql, expected) => expect(statementOfSql(sql)).toEqual(expected));
});

const asked = async (dependencies: Record<string, string>, setup: string, body: string): Promise<Step[]> => {
  const topology = await topologyOf(
    service(
      { express: '^4.0.0', ...dependencies },
      {
        'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = "postgres://db/x"\n}\n',
        'src/index.js': `const express = require('express'); ${setup} const app = express(); app.get('/it', async (req, res) => { ${body} res.json({}); }); app.listen(3000);`,
      },
    ),
  );
  const found: Step[] = [];
  walkSteps(topology.endpoints[0]?.steps ?? [], (step) => void found.push(step));
  return found;
};
const isQuery = (it: Step): it is QueryStep => it.kind === 'query';

describe('what calls of libraries ask for', () => {
  const prisma = `const { PrismaClient } = require('@prisma/client'); const prisma = new PrismaClient({ datasourceUrl: 'postgres://db/x' });`;
  const sequelize = `const { Sequelize, Op } = require('sequelize'); const s = new Sequelize('postgres://db/x'); const User = s.define('User', {});`;
  const mongoose = `const mongoose = require('mongoose'); mongoose.connect('mongodb://db/x'); const User = mongoose.model('User', new mongoose.Schema({}));`;
  const mongo = `const { MongoClient } = require('mongodb'); const users = new MongoClient('mongodb://db').db('x').collection('users');`;
  it.each<[string, Record<string, string>, string, string, object]>([
    [
      'prisma',
      { '@prisma/client': '^6.0.0' },
      prisma,
      `await prisma.user.findMany({ where: { team: req.query.team, age: { gte: 18 } }, orderBy: { name: 'asc' }, take: 20 });`,
      { table: 'user', where: [equal('team'), { column: 'age', by: 'range', isConstant: false }], orderBy: ['name'], limit: 'some', most: 20 },
    ],
    [
      'a value that is empty where there is none',
      { '@prisma/client': '^6.0.0' },
      `${prisma} const textOf = (it) => { if (!it) { return ''; } return String(it); };`,
      'await prisma.user.findMany({ where: { team: textOf(req.query.team) } });',
      { where: [equal('team')] },
    ],
    ['prisma with everything', { '@prisma/client': '^6.0.0' }, prisma, 'await prisma.user.findMany();', { where: [], limit: 'none' }],
    [
      'prisma with alternatives',
      { '@prisma/client': '^6.0.0' },
      prisma,
      'await prisma.user.findMany({ where: { OR: [{ a: 1 }] } });',
      { table: 'user', adds: false, orderBy: [], limit: 'none' },
    ],
    ['prisma with options from elsewhere', { '@prisma/client': '^6.0.0' }, prisma, 'await prisma.user.findMany(req.body);', { table: 'user', adds: false, limit: 'unknown' }],
    [
      'sequelize',
      { sequelize: '^6.0.0' },
      sequelize,
      'await User.findAll({ where: { team: req.query.team }, limit: 5 });',
      { table: 'User', where: [equal('team')], limit: 'some', most: 5 },
    ],
    [
      'sequelize with a computed operator',
      { sequelize: '^6.0.0' },
      sequelize,
      'await User.findAll({ where: { [Op.or]: [{ a: 1 }, { b: 2 }] } });',
      { table: 'User', adds: false, orderBy: [], limit: 'none' },
    ],
    [
      'mongoose',
      { mongoose: '^8.0.0' },
      mongoose,
      `await User.find({ team: req.query.team }).sort('-made').limit(7).lean();`,
      { table: 'User', where: [equal('team')], orderBy: ['made'], limit: 'some', most: 7 },
    ],
    ['mongoose piece by piece', { mongoose: '^8.0.0' }, mongoose, 'for await (const it of User.find({}).cursor()) { console.log(it); }', { table: 'User', limit: 'unknown' }],
    ['mongodb', { mongodb: '^6.0.0' }, mongo, 'await users.find({}).toArray();', { table: 'users', where: [], limit: 'none' }],
    ['mongodb with a limit', { mongodb: '^6.0.0' }, mongo, 'await users.find({}).limit(3).toArray();', { table: 'users', limit: 'some', most: 3 }],
    [
      'mongodb piece by piece',
      { mongodb: '^6.0.0' },
      mongo,
      'const cursor = users.find({}); while (await cursor.hasNext()) { await cursor.next(); }',
      { table: 'users', limit: 'unknown' },
    ],
  ])('%s', async (_name, dependencies, setup, body, expected) => {
    const [first] = (await asked(dependencies, setup, body)).filter(isQuery);
    const { statement } = first as QueryStep;
    // Where all of it is given, nothing else may be there.
    if ('adds' in expected) expect(statement).toEqual(expected);
    else expect(statement).toMatchObject(expected);
  });
});

describe('whose rows a loop goes over', () => {
  const pg = `const { Pool } = require('pg'); const pool = new Pool({ host: 'db' });`;
  const knex = `const knex = require('knex')({ client: 'pg', connection: { host: 'db' } });`;
  const sequelize = `const { Sequelize } = require('sequelize'); const s = new Sequelize('postgres://db/x'); const User = s.define('User', {}); const Post = s.define('Post', {});`;
  it.each<[string, Record<string, string>, string, string, boolean]>([
    [
      'a loop',
      { pg: '^8.0.0' },
      pg,
      `const { rows } = await pool.query('SELECT * FROM a'); for (const row of rows) await pool.query('SELECT * FROM b WHERE a = $1', [row.id]);`,
      true,
    ],
    [
      'their keys',
      { pg: '^8.0.0' },
      pg,
      `const { rows } = await pool.query('SELECT * FROM a'); const ids = rows.map((it) => it.id); for (const id of ids) await pool.query('SELECT * FROM b WHERE a = $1', [id]);`,
      true,
    ],
    [
      'some of them',
      { pg: '^8.0.0' },
      pg,
      `const { rows } = await pool.query('SELECT * FROM a'); for (const row of rows.filter((it) => it.open)) await pool.query('SELECT * FROM b WHERE a = $1', [row.id]);`,
      true,
    ],
    ['a builder', { knex: '^3.0.0', pg: '^8.0.0' }, knex, `const all = await knex('a'); await Promise.all(all.map((it) => knex('b').where({ a: it.id })));`, true],
    [
      'rows of a model',
      { sequelize: '^6.0.0', pg: '^8.0.0' },
      sequelize,
      'const all = await User.findAll(); await Promise.all(all.map(async (it) => Post.findAll({ where: { user: it.id } })));',
      true,
    ],
    [
      'the first three',
      { pg: '^8.0.0' },
      pg,
      `const { rows } = await pool.query('SELECT * FROM a'); for (const row of rows.slice(0, 3)) await pool.query('SELECT * FROM b WHERE a = $1', [row.id]);`,
      false,
    ],
    ['what the request holds', { pg: '^8.0.0' }, pg, `for (const id of req.body.ids) await pool.query('SELECT * FROM b WHERE a = $1', [id]);`, true],
    [
      'a stream',
      { pg: '^8.0.0' },
      pg,
      `const rows = await pool.query('SELECT * FROM a'); for await (const row of rows) await pool.query('SELECT * FROM b WHERE a = $1', [row.id]);`,
      false,
    ],
  ])('%s', async (_name, dependencies, setup, body, isOver) => {
    const steps = await asked(dependencies, setup, body);
    const loop = steps.find((it) => it.kind === 'loop' && it.steps.some(isQuery)) as Extract<Step, { kind: 'loop' }>;
    const inner = loop.steps.find(isQuery) as QueryStep;
    expect(loop.over !== undefined).toBe(isOver);
    if (isOver) expect(inner.roundsOf).toContainEqual(loop.place);
  });
});
