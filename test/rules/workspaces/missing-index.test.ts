import { describe, expect, it } from 'vitest';
import { makeEdits } from '../../../src/recipes/index.ts';
import { memoryWorkspace } from '../../inference/memory-workspace.ts';
import { judged, service, testRule } from './case.ts';

const shop = (body: string, schema: string, adds = "await pool.query('INSERT INTO orders (customer_id, state) VALUES ($1, $2)', [req.body.customer, 'open']);") =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'migrations/001_orders.sql': schema,
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool } from './db.ts';

const app = express();
app.get('/orders', async (req: Request, res: Response) => {
${body}
});
app.post('/orders', async (req: Request, res: Response) => {
  ${adds}
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );
const TABLE = `CREATE TABLE orders (
  id SERIAL PRIMARY KEY,
  customer_id INT NOT NULL REFERENCES customers (id),
  state TEXT NOT NULL,
  paid BOOLEAN NOT NULL DEFAULT false,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
`;
const BY_CUSTOMER = `  const { rows } = await pool.query('SELECT * FROM orders WHERE customer_id = $1', [req.query.customer]); // expect: missing-index
  res.json(rows);`;
const asked = (sql: string, values: string) => `  const { rows } = await pool.query('${sql}', [${values}]);
  res.json(rows);`;

const prisma = (index: string) =>
  service(
    { express: '^4.21.0', '@prisma/client': '^6.2.0' },
    {
      'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
  url      = "postgresql://db:5432/shop"
}

generator client {
  provider = "prisma-client-js"
}

model Review {
  id        Int    @id @default(autoincrement())
  productId Int    @map("product_id")
  text      String
${index}
  @@map("reviews")
}
`,
      'src/db.ts': `import { PrismaClient } from '@prisma/client';

export const prisma = new PrismaClient();
`,
      'src/server.ts': `import express from 'express';
import { prisma } from './db.ts';

const app = express();
app.get('/products/:id/reviews', async (req, res) => {
  const reviews = await prisma.review.findMany({ where: { productId: Number(req.params.id) }, take: 20 }); // expect: missing-index
  res.json(reviews);
});
app.post('/reviews', async (req, res) => {
  const review = await prisma.review.create({ data: { productId: req.body.productId, text: req.body.text } });
  res.json(review);
});
app.listen(3000);
`,
    },
  );

/** Reviews in MongoDB, looked up by their product. */
const mongo = (field: string, more = '', mark = ' // expect: missing-index') =>
  service(
    { express: '^4.21.0', mongoose: '^8.9.0' },
    {
      'src/review.ts': `import mongoose from 'mongoose';

mongoose.connect('mongodb://db:27017/shop');
const reviewSchema = new mongoose.Schema({ product: { type: String${field} }, text: String }, { timestamps: true });
${more}
export const Review = mongoose.model('Review', reviewSchema);
`,
      'src/server.ts': `import express from 'express';
import { Review } from './review.ts';

const app = express();
app.get('/products/:id/reviews', async (req, res) => {
  const reviews = await Review.find({ product: req.params.id }).limit(20);${mark}
  res.json(reviews);
});
app.post('/reviews', async (req, res) => {
  const review = await Review.create({ product: req.body.product, text: req.body.text });
  res.json(review);
});
app.listen(3000);
`,
    },
  );

/** Reviews in a table that an ORM is told of. */
const orm = (dependencies: Record<string, string>, declared: string, find: string, more: Record<string, string> = {}, mark = ' // expect: missing-index') =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', ...dependencies },
    {
      'src/review.ts': declared,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { db, Review } from './review.ts';

void db;
const app = express();
app.get('/products/:id/reviews', async (req: Request, res: Response) => {
  const reviews = await Review.${find};${mark}
  res.json(reviews);
});
app.post('/reviews', async (req: Request, res: Response) => {
  await Review.create({ product: req.body.product, text: req.body.text });
  res.status(201).end();
});
app.listen(3000);
`,
      ...more,
    },
  );
const sequelize = (options: string, after: string, more?: Record<string, string>, mark?: string) =>
  orm(
    { sequelize: '^6.37.0' },
    `import { DataTypes, Sequelize } from 'sequelize';

export const db = new Sequelize('postgres://db:5432/shop');
export const Review = db.define('Review', { product: DataTypes.STRING, text: DataTypes.TEXT }, { tableName: 'reviews', timestamps: false${options} });
${after}
`,
    'findAll({ where: { product: req.params.id }, limit: 20 })',
    more,
    mark,
  );
const REVIEWS = (more: string): Record<string, string> => ({
  'migrations/1-reviews.cjs': `module.exports = {
  async up(queryInterface, Sequelize) {
    await queryInterface.createTable('reviews', { id: { type: Sequelize.INTEGER, primaryKey: true }, product: Sequelize.STRING, text: Sequelize.TEXT });
${more}
  },
  down: (queryInterface) => queryInterface.dropTable('reviews'),
};
`,
});

const LAST_MONTH = `  const { rows } = await pool.query("SELECT * FROM orders WHERE customer_id = $1 AND created_at > now() - interval '30 days'", [req.query.customer]); // expect: missing-index
  res.json(rows);`;

testRule('missing-index', {
  remedy: 'add-index',
  cases: [
    { says: 'orders of a customer, whom no index knows', state: 'weak', files: shop(BY_CUSTOMER, TABLE) },
    {
      says: 'an index that begins with another column',
      state: 'weak',
      files: shop(BY_CUSTOMER, `${TABLE}CREATE INDEX orders_state ON orders (state, customer_id);\n`),
    },
    {
      says: 'the newest rows, in an order that no index has',
      state: 'weak',
      files: shop(
        `  const { rows } = await pool.query('SELECT * FROM orders ORDER BY created_at DESC LIMIT 20'); // expect: missing-index
  res.json(rows);`,
        TABLE,
      ),
    },
    { says: 'an index on the column', state: 'sound', files: shop(BY_CUSTOMER, `${TABLE}⟦CREATE INDEX orders_customer ON orders (customer_id, created_at);⟧\n`) },
    { says: 'a unique key', state: 'sound', files: shop(BY_CUSTOMER, TABLE.replace('customer_id INT NOT NULL', 'customer_id INT NOT NULL⟦ UNIQUE⟧')) },
    { says: "an index of Prisma's, in its own names", state: 'sound', files: prisma('⟦  @@index([productId])⟧') },
    { says: "an index of Mongoose's path", state: 'sound', files: mongo('⟦, index: true⟧') },
    { says: "an index of Mongoose's schema", state: 'sound', files: mongo('', '⟦reviewSchema.index({ product: 1, createdAt: -1 });⟧') },
    { says: 'a model of Sequelize that makes its table', state: 'weak', files: sequelize('', 'await db.sync();') },
    { says: 'an index of a model of Sequelize', state: 'sound', files: sequelize("⟦, indexes: [{ fields: ['product', 'id'] }]⟧", 'await db.sync();') },
    { says: 'a model of Sequelize whose table somebody else makes', state: 'unknown', files: sequelize('', '', {}, '') },
    { says: 'migrations of Sequelize', state: 'weak', files: sequelize('', '', REVIEWS('')) },
    { says: 'an index of a migration of Sequelize', state: 'sound', files: sequelize('', '', REVIEWS("⟦    await queryInterface.addIndex('reviews', ['product']);⟧")) },
    { says: 'a migration of Sequelize with a helper of its own', state: 'unknown', files: sequelize('', '', REVIEWS('    await addIndexes(queryInterface);'), '') },
    {
      says: 'an index of Mongoose over some documents',
      state: 'unknown',
      files: mongo('', 'reviewSchema.index({ product: 1 }, { partialFilterExpression: { text: { $exists: true } } });', ''),
    },
    {
      says: 'a schema of Mongoose beside migrations that make the indexes',
      state: 'unknown',
      files: { ...mongo('', '', ''), 'migrations/20240101-reviews.js': "exports.migrate = async ({ db }) => addIndexesTo(db.collection('reviews'), [{ key: { product: 1 } }]);\n" },
    },
    { says: 'nothing inserts: the table stays what it is', state: 'unknown', files: shop(BY_CUSTOMER.replace(/ \/\/.*/, ''), TABLE, 'void pool;') },
    { says: 'a column of two values', state: 'unknown', files: shop(asked('SELECT * FROM orders WHERE paid = $1', 'req.query.paid'), TABLE) },
    { says: 'a value that stands in the code', state: 'unknown', files: shop(asked("SELECT * FROM orders WHERE state = \\'open\\' AND 1 = $1", '1'), TABLE) },
    {
      says: 'an index over some rows, or over an expression',
      state: 'unknown',
      files: shop(asked('SELECT * FROM orders WHERE customer_id = $1', 'req.query.customer'), `${TABLE}CREATE INDEX open_orders ON orders (customer_id) WHERE state = 'open';\n`),
    },
    { says: 'a function of the column', state: 'unknown', files: shop(asked('SELECT * FROM orders WHERE lower(state) = $1', 'req.query.state'), TABLE) },
    {
      says: 'a change of the schema that cannot be read',
      state: 'unknown',
      files: shop(asked('SELECT * FROM orders WHERE customer_id = $1', 'req.query.customer'), `${TABLE}DO $$ BEGIN EXECUTE 'x'; END $$;\n`),
    },
  ],
  story: {
    says: 'what a customer ordered in the last month, out of all orders; by an index over both columns',
    before: shop(LAST_MONTH, TABLE),
    after: shop(LAST_MONTH.replace(/ \/\/.*/, ''), `${TABLE}CREATE INDEX orders_customer_created ON orders (customer_id, created_at DESC);\n`),
  },
});

describe('where the table is declared', () => {
  const whole = shop(BY_CUSTOMER, TABLE);
  const { 'migrations/001_orders.sql': _, ...rest } = whole;
  const inCode = { ...rest, 'src/db.ts': `${rest['src/db.ts']}await pool.query(\`${TABLE}\`);\n` };

  it.each<[says: string, files: typeof whole, isMade: boolean]>([
    ['in a file of SQL: the index is written', whole, true],
    ['in a statement that code runs: it is told how', inCode, false],
  ])('%s', async (_says, files, isMade) => {
    const [found] = (await judged(files, 'missing-index')).filter((it) => it.state === 'weak');
    expect(found?.remedies.map((it) => it.guidance?.startsWith('CREATE INDEX ON orders (customer_id).'))).toEqual([true]);
    const call = found?.remedies[0]?.edit;
    if (!call) throw new Error('no edit is tried');
    expect(await makeEdits(call, memoryWorkspace(files))).toEqual(
      isMade ? { edits: [expect.anything()] } : { cannot: expect.stringMatching(/declares the table in a way that this edit does not know/) },
    );
  });
});
