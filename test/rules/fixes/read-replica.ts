import type { Fix } from './fix.ts';
import { compose, express, measured, plain, POSTGRES, typed } from './shops.ts';

const list = `app.get('/products/:shelf', async (req: Request, res: Response) => {
  // the same for every visitor
  const found = await pool.query('SELECT * FROM products WHERE shelf = $1', [req.params.shelf]);
  res.json(found.rows);
});
app.post('/orders', async (req: Request, res: Response) => {
  const stock = await pool.query('SELECT amount FROM stock WHERE product = $1', [req.body.product]);
  if (stock.rows[0].amount > 0) await pool.query('INSERT INTO orders (product) VALUES ($1)', [req.body.product]);
  res.status(201).end();
});`;
const slow = measured(['db SELECT products', 60], ['db SELECT stock', 2], ['db INSERT orders', 5]);
/** The last lines of the database's service. */
const LIMIT = `    deploy:
      resources:
        limits:
          cpus: "2"
`;
const replica = ['+ api → db-replica query', '+ database db-replica: postgres, runtime, 2 × 1, copy of db, accepts 100'];

export default [
  {
    says: 'Express, TypeScript, pg: a second pool',
    remedy: 'add-read-replica',
    scenario: { targetPerSecond: 45 },
    files: typed(POSTGRES, {
      'src/db.ts': `import { Pool } from 'pg';

/** Everything that asks the shop's database. */
export const pool = new Pool({
  host: process.env.DB_HOST ?? 'localhost',
  user: 'postgres',
  max: 20, // as the load test of last year left it
});
`,
      ...express(list),
      ...compose(LIMIT),
      ...slow,
    }),
    changes: [
      ...replica,
      '+ api GET /products/:shelf: SELECT products at db-replica',
      '+ api→db-replica pool: pg max 20, timeout none, queue none',
      '- api GET /products/:shelf: SELECT products',
    ],
  },
  {
    says: 'Express, JavaScript, pg, a connection string',
    remedy: 'add-read-replica',
    scenario: { targetPerSecond: 45 },
    files: plain(POSTGRES, {
      'src/db.js': `const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
module.exports = { pool };
`,
      'src/server.js': `const express = require('express');
const { pool } = require('./db');

const app = express();
app.use(express.json());
${list.replaceAll(': Request', '').replaceAll(': Response', '')}
app.listen(3000);
`,
      'docker-compose.yml': `services:
  api:
    build: .
    ports: ["3000:3000"]
    environment:
      - DATABASE_URL=postgres://shop:secret@db:5432/shop
    depends_on: [db]
  db:
    image: postgres:16
    environment:
      - POSTGRES_USER=shop
      - POSTGRES_PASSWORD=secret
    cpus: 2
    volumes:
      - data:/var/lib/postgresql/data
volumes:
  data: {}
`,
      ...slow,
    }),
    changes: [
      ...replica,
      '+ api GET /products/:shelf: SELECT products at db-replica',
      '+ api→db-replica pool: pg max 20, timeout none, queue none',
      '- api GET /products/:shelf: SELECT products',
    ],
  },
  {
    says: 'Express, TypeScript, Prisma: its extension',
    remedy: 'add-read-replica',
    scenario: { targetPerSecond: 45 },
    files: typed(
      { express: '^4.21.0', '@prisma/client': '^6.5.0' },
      {
        'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
generator client {
  provider = "prisma-client-js"
}
model Product {
  id    Int    @id
  shelf String

  @@index([shelf])
}
model Order {
  id      Int @id @default(autoincrement())
  product Int
}
`,
        'src/db.ts': `import { PrismaClient } from '@prisma/client';

export const prisma = new PrismaClient();
`,
        'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { prisma } from './db.ts';

const app = express();
app.use(express.json());
app.get('/products/:shelf', async (req: Request, res: Response) => {
  res.json(await prisma.product.findMany({ where: { shelf: req.params.shelf! }, take: 50 }));
});
app.post('/orders', async (req: Request, res: Response) => {
  const product = await prisma.product.findUnique({ where: { id: req.body.product } });
  if (product) await prisma.order.create({ data: { product: product.id } });
  res.status(201).end();
});
app.listen(3000);
`,
        'docker-compose.yml': `services:
  api:
    build: .
    ports: ["3000:3000"]
    environment:
      DATABASE_URL: postgres://shop:secret@db:5432/shop?connection_limit=20
    depends_on: [db]
  db:
    image: postgres:16
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: secret
${LIMIT}`,
        ...measured(['db product.findMany', 60], ['db product.findUnique', 2], ['db order.create', 5]),
      },
    ),
    changes: [
      ...replica,
      '+ api GET /products/:shelf: product.findMany at db-replica most 50',
      '+ api→db-replica pool: prisma max 20, timeout 10000, queue none',
      '- api GET /products/:shelf: product.findMany most 50',
    ],
  },
  {
    says: 'Express, JavaScript, Sequelize: replication among its options',
    remedy: 'add-read-replica',
    scenario: { targetPerSecond: 45 },
    files: plain(
      { express: '^4.21.0', sequelize: '^6.37.0', pg: '^8.13.0' },
      {
        'src/db.js': `const { DataTypes, Sequelize } = require('sequelize');

const sequelize = new Sequelize('shop', 'postgres', process.env.DB_PASSWORD, {
  host: process.env.DB_HOST,
  dialect: 'postgres',
  pool: { max: 20 },
});
const Product = sequelize.define('Product', { shelf: DataTypes.STRING });
const Order = sequelize.define('Order', { product: DataTypes.INTEGER });
module.exports = { Order, Product };
`,
        'src/server.js': `const express = require('express');
const { Order, Product } = require('./db');

const app = express();
app.use(express.json());
app.get('/products/:shelf', async (req, res) => {
  res.json(await Product.findAll({ where: { shelf: req.params.shelf }, limit: 50 }));
});
app.post('/orders', async (req, res) => {
  const product = await Product.findByPk(req.body.product);
  const before = await Order.count({ where: { product: product.id } });
  await Order.create({ product: product.id, number: before });
  res.status(201).end();
});
app.listen(3000);
`,
        ...compose(LIMIT),
        ...measured(['db Product.findAll', 60], ['db Product.findByPk', 2], ['db Order.count', 2], ['db Order.create', 5]),
      },
    ),
    changes: [
      ...replica,
      '+ api GET /products/:shelf: Product.findAll at db-replica most 50',
      '+ api→db-replica pool: sequelize max 20, timeout 60000, queue none',
      '- api GET /products/:shelf: Product.findAll most 50',
    ],
  },
  {
    says: 'Express, TypeScript, TypeORM: replication in place of the address',
    remedy: 'add-read-replica',
    scenario: { targetPerSecond: 45 },
    files: typed(
      { express: '^4.21.0', typeorm: '^0.3.20', pg: '^8.13.0' },
      {
        'src/db.ts': `import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Product {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('text')
  shelf!: string;
}

export const db = new DataSource({
  type: 'postgres',
  host: process.env.DB_HOST ?? 'localhost',
  port: 5432,
  username: 'postgres',
  password: process.env.DB_PASSWORD,
  database: 'shop',
  poolSize: 20, // as the load test of last year left it
  entities: [Product],
});
`,
        'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { db, Product } from './db.ts';

await db.initialize();
const products = db.getRepository(Product);
const app = express();
app.use(express.json());
app.get('/products/:shelf', async (req: Request, res: Response) => {
  res.json(await products.find({ where: { shelf: String(req.params.shelf) }, take: 50 }));
});
app.post('/products', async (req: Request, res: Response) => {
  await products.insert({ shelf: req.body.shelf });
  res.status(201).end();
});
app.listen(3000);
`,
        ...compose(LIMIT),
        ...measured(['db Product.find', 60], ['db Product.insert', 5]),
      },
    ),
    changes: [
      ...replica,
      '+ api GET /products/:shelf: Product.find at db-replica most 50',
      '+ api→db-replica pool: typeorm max 20, timeout none, queue none',
      '- api GET /products/:shelf: Product.find most 50',
    ],
  },
  {
    says: 'Hono, TypeScript, Drizzle over a pool of pg: withReplicas',
    remedy: 'add-read-replica',
    scenario: { targetPerSecond: 45 },
    files: typed(
      { hono: '^4.6.0', '@hono/node-server': '^1.13.0', 'drizzle-orm': '^0.38.0', pg: '^8.13.0' },
      {
        'src/db.ts': `import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { Pool } from 'pg';

const pool = new Pool({ host: process.env.DB_HOST, user: 'postgres', max: 20 });
export const products = pgTable('products', { id: integer('id').primaryKey(), shelf: text('shelf') });
export const orders = pgTable('orders', { product: integer('product') });
export const db = drizzle(pool, { schema: { products, orders } });
`,
        'src/server.ts': `import { serve } from '@hono/node-server';
import { eq } from 'drizzle-orm';
import { Hono } from 'hono';
import { db, orders, products } from './db.ts';

const app = new Hono();
app.get('/products/:shelf', async (c) => c.json(await db.select().from(products).where(eq(products.shelf, c.req.param('shelf'))).limit(50)));
app.post('/orders/:product', async (c) => {
  const product = Number(c.req.param('product'));
  const before = await db.select().from(orders).where(eq(orders.product, product)).limit(1);
  if (before.length === 0) await db.insert(orders).values({ product });
  return c.body(null, 201);
});
serve({ fetch: app.fetch, port: 3000 });
`,
        ...compose(LIMIT),
        ...measured(['db SELECT products', 60], ['db SELECT orders', 2], ['db INSERT orders', 5]),
      },
    ),
    changes: [
      ...replica,
      '+ api GET /products/:shelf: SELECT products at db-replica most ?',
      '+ api→db-replica pool: pg max 20, timeout none, queue none',
      '- api GET /products/:shelf: SELECT products most ?',
    ],
  },
] satisfies readonly Fix[];
