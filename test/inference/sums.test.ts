import { describe, expect, it } from 'vitest';
import { walkSteps } from '../../src/model/topology.ts';
import { service, topologyOf } from './memory-workspace.ts';

const DEPENDENCIES = { express: '4', pg: '8', sequelize: '6', typeorm: '0.3', 'drizzle-orm': '0.38', '@prisma/client': '6', mongoose: '8' };

/** What the one query of `GET /it` puts together. */
async function sumsOf(head: string, body: string): Promise<string | undefined> {
  const topology = await topologyOf(
    service(DEPENDENCIES, {
      'src/index.js': `const express = require('express');\n${head}\nconst app = express();\napp.get('/it/:id', async (req, res) => {\n${body}\n  res.end();\n});\napp.listen(3000);\n`,
      'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\nmodel Sale {\n  id Int @id\n}\n',
    }),
  );
  const found: (string | undefined)[] = [];
  walkSteps(topology.endpoints[0]?.steps ?? [], (step) => step.kind === 'query' && found.push(step.statement?.sums));
  expect(found).toHaveLength(1);
  return found[0];
}

const PG = "const { Pool } = require('pg'); const pool = new Pool({ host: 'db' });";
const sql = (text: string, values = '') => `await pool.query(${JSON.stringify(text)}${values});`;
const PRISMA = "const { PrismaClient } = require('@prisma/client'); const prisma = new PrismaClient();";
const SEQUELIZE = "const { Sequelize } = require('sequelize'); const sequelize = new Sequelize('postgres://db/a'); const Sale = sequelize.define('Sale', {});";
const TYPEORM =
  "const { DataSource } = require('typeorm'); class Sale {} const source = new DataSource({ type: 'postgres', host: 'db' }); const sales = source.getRepository(Sale);";
const DRIZZLE =
  "const { drizzle } = require('drizzle-orm/node-postgres'); const { pgTable, integer } = require('drizzle-orm/pg-core'); const { eq } = require('drizzle-orm'); const sales = pgTable('sales', { id: integer('id'), region: integer('region') }); const db = drizzle('postgres://db/a');";
const MONGOOSE = "const mongoose = require('mongoose'); mongoose.connect('mongodb://db/a'); const Sale = mongoose.model('Sale', new mongoose.Schema({}));";

describe('what a query puts together', () => {
  it.each<[string, string, string, string | undefined]>([
    ['groups', PG, sql('SELECT region, count(*) FROM sales GROUP BY region'), 'whole'],
    ['an average', PG, sql('SELECT avg(amount) FROM sales'), 'whole'],
    ['what is the same for every request', PG, sql("SELECT sum(amount) FROM sales WHERE state = 'paid'"), 'whole'],
    ['a span that the request names', PG, sql('SELECT sum(amount) FROM sales WHERE at BETWEEN $1 AND $2', ', [1, 2]'), 'whole'],
    ['the rows of one', PG, sql('SELECT sum(amount) FROM sales WHERE owner = $1', ', [req.params.id]'), 'part'],
    ['conditions of another form', PG, sql('SELECT sum(amount) FROM sales WHERE owner = $1 OR $2', ', [1, 2]'), 'part'],
    ['a count', PG, sql('SELECT count(*) FROM sales'), undefined],
    ['a list', PG, sql('SELECT * FROM sales'), undefined],
    ['Prisma: groups', PRISMA, "await prisma.sale.groupBy({ by: ['region'] });", 'whole'],
    ['Prisma: sums of one', PRISMA, 'await prisma.sale.aggregate({ _sum: { amount: true }, where: { owner: req.params.id } });', 'part'],
    ['Prisma: a count', PRISMA, 'await prisma.sale.aggregate({ _count: true });', undefined],
    ['Sequelize: a sum', SEQUELIZE, "await Sale.sum('amount');", 'whole'],
    ['Sequelize: a sum of one', SEQUELIZE, "await Sale.sum('amount', { where: { owner: req.params.id } });", 'part'],
    ['Sequelize: groups', SEQUELIZE, "await Sale.findAll({ group: ['region'] });", 'whole'],
    ['TypeORM: groups', TYPEORM, "await sales.createQueryBuilder('s').groupBy('s.region').getRawMany();", 'whole'],
    ['TypeORM: conditions are not read', TYPEORM, "await sales.createQueryBuilder('s').where('s.owner = :id', { id: 1 }).groupBy('s.region').getRawMany();", 'part'],
    ['Drizzle: groups', DRIZZLE, 'await db.select().from(sales).groupBy(sales.region);', 'whole'],
    ['Drizzle: groups of one', DRIZZLE, 'await db.select().from(sales).where(eq(sales.id, req.params.id)).groupBy(sales.region);', 'part'],
    ['mongoose: groups', MONGOOSE, "await Sale.aggregate([{ $match: { state: 'paid' } }, { $group: { _id: '$region' } }]);", 'whole'],
    ['mongoose: groups of one', MONGOOSE, "await Sale.aggregate([{ $match: { owner: req.params.id } }, { $group: { _id: '$region' } }]);", 'part'],
    ['mongoose: a pipeline without groups', MONGOOSE, "await Sale.aggregate([{ $match: { state: 'paid' } }]);", undefined],
  ])('%s', async (_says, head, body, expected) => expect(await sumsOf(head, body)).toBe(expected));
});
