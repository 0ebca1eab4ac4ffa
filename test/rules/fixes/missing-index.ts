import type { Files } from '../workspaces/sources.ts';
import type { Fix } from './fix.ts';
import { express, pgPool, plain, POSTGRES, typed } from './shops.ts';

const POOL = 'max: 10, connectionTimeoutMillis: 2000,';
const routes = express(`app.get('/orders', async (req: Request, res: Response) => {
  const { rows } = await pool.query('SELECT id, state FROM orders WHERE customer_id = $1 LIMIT 50', [req.query.customer]);
  res.json(rows);
});
app.post('/orders', async (req: Request, res: Response) => {
  await pool.query('INSERT INTO orders (customer_id, state) VALUES ($1, $2)', [req.body.customer, 'open']);
  res.status(201).end();
});`);
const TABLE = `-- what customers have ordered
CREATE TABLE orders (
  id SERIAL PRIMARY KEY,
  customer_id INT NOT NULL,
  state TEXT NOT NULL
);
`;
const added = ['+ plain index of orders: customer_id'];

const TYPEORM = { express: '^4.21.0', typeorm: '^0.3.20', pg: '^8.13.0' } as const;
const SEQUELIZE = { express: '^4.21.0', sequelize: '^6.37.0', pg: '^8.13.0' } as const;
const entity: Files = {
  'src/review.ts': `import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What somebody thinks of a product. */
@Entity('reviews')
export class Review {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ name: 'product_id' })
  product!: string;

  @Column('text')
  text!: string;
}
`,
};
const typeorm = (options: string): Files => ({
  'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { DataSource } from 'typeorm';
import { Review } from './review.ts';

const db = new DataSource({ type: 'postgres', host: 'db', ${options}, entities: [Review] });
await db.initialize();
const reviews = db.getRepository(Review);
const app = express();
app.use(express.json());
app.get('/products/:id/reviews', async (req: Request, res: Response) => {
  res.json(await reviews.find({ where: { product: String(req.params.id) }, take: 20 }));
});
app.post('/reviews', async (req: Request, res: Response) => {
  res.json(await reviews.save({ product: req.body.product, text: req.body.text }));
});
app.listen(3000);
`,
});
const sequelize = (after: string): Files => ({
  'src/db.js': `const { DataTypes, Sequelize } = require('sequelize');

const sequelize = new Sequelize('postgres://db:5432/shop');
// what somebody thinks of a product
const Review = sequelize.define('Review', { product: { type: DataTypes.STRING, field: 'product_id' }, text: DataTypes.TEXT }, { tableName: 'reviews', timestamps: false });
module.exports = { Review, sequelize };
`,
  'src/server.js': `const express = require('express');
const { Review } = require('./db');

const app = express();
app.use(express.json());
app.get('/products/:id/reviews', async (req, res) => {
  res.json(await Review.findAll({ where: { product: req.params.id }, limit: 20 }));
});
app.post('/reviews', async (req, res) => {
  res.json(await Review.create({ product: req.body.product, text: req.body.text }));
});
app.listen(3000);
${after}
`,
});

const drizzle = (version: string, schema: string): Files =>
  typed(
    { express: '^4.21.0', 'drizzle-orm': version, pg: '^8.13.0' },
    {
      'src/schema.ts': schema,
      'src/server.ts': `import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import express from 'express';
import type { Request, Response } from 'express';
import { Pool } from 'pg';
import { reviews } from './schema.ts';

const db = drizzle(new Pool({ host: 'db', max: 10 }));
const app = express();
app.use(express.json());
app.get('/products/:id/reviews', async (req: Request, res: Response) => {
  res.json(await db.select().from(reviews).where(eq(reviews.productId, String(req.params.id))).limit(20));
});
app.post('/reviews', async (req: Request, res: Response) => {
  await db.insert(reviews).values({ productId: req.body.product, text: req.body.text });
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );

export default [
  {
    says: 'Express, TypeScript, Drizzle',
    remedy: 'add-index',
    files: drizzle(
      '^0.38.0',
      `import { integer, pgTable, text } from 'drizzle-orm/pg-core';

// what somebody thinks of a product
export const reviews = pgTable('reviews', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  productId: text('product_id').notNull(), // of the shop
  text: text('text'),
});
`,
    ),
    changes: ['+ plain index of reviews: product_id'],
  },
  {
    says: 'Express, TypeScript, an older Drizzle whose tables have other indexes',
    remedy: 'add-index',
    files: drizzle(
      '^0.31.0',
      `import {
  integer,
  pgTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

export const reviews = pgTable(
  'reviews',
  {
    id: integer('id').primaryKey(),
    productId: text('product_id').notNull(),
    text: text('text'),
  },
  (review) => ({
    words: uniqueIndex('words').on(review.text), // nobody says the same twice
  }),
);
`,
    ),
    changes: ['+ plain index of reviews: product_id'],
  },
  {
    says: 'Express, TypeScript, Prisma with migrations',
    remedy: 'add-index',
    files: typed(
      { express: '^4.21.0', '@prisma/client': '^6.0.0' },
      {
        'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

/// What somebody thinks of a product
model Review {
  id        Int    @id @default(autoincrement())
  productId Int    @map("product_id") // of the shop
  text      String

  @@map("reviews")
}
`,
        'prisma/migrations/20260102030405_init/migration.sql':
          '-- CreateTable\nCREATE TABLE "reviews" (\n    "id" SERIAL NOT NULL,\n    "product_id" INTEGER NOT NULL,\n    "text" TEXT NOT NULL,\n\n    CONSTRAINT "reviews_pkey" PRIMARY KEY ("id")\n);\n',
        'src/client.ts': `import { PrismaClient } from '@prisma/client';

export const prisma = new PrismaClient();
`,
        'src/server.ts': `import express from 'express';
import { prisma } from './client.ts';

const app = express();
app.use(express.json());
app.get('/products/:id/reviews', async (req, res) => {
  res.json(await prisma.review.findMany({ where: { productId: Number(req.params.id) }, take: 20 }));
});
app.post('/reviews', async (req, res) => {
  res.json(await prisma.review.create({ data: { productId: req.body.productId, text: req.body.text } }));
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ plain index of reviews: product_id'],
  },
  {
    says: 'Express, TypeScript, pg with numbered migrations',
    remedy: 'add-index',
    files: typed(POSTGRES, { ...pgPool(POOL), ...routes, 'migrations/001_orders.sql': TABLE, 'migrations/002_notes.sql': 'ALTER TABLE orders ADD COLUMN note TEXT;\n' }),
    changes: added,
  },
  {
    says: 'Express, TypeScript, pg with one schema that is loaded whole',
    remedy: 'add-index',
    files: typed(POSTGRES, { ...pgPool(POOL), ...routes, 'db/schema.sql': TABLE }),
    changes: added,
  },
  {
    says: 'Express, TypeScript, Mongoose',
    remedy: 'add-index',
    files: typed(
      { express: '^4.21.0', mongoose: '^8.9.0' },
      {
        'src/review.ts': `import mongoose from 'mongoose';

// what somebody thinks of a product
const reviewSchema = new mongoose.Schema(
  {
    product: { type: String, required: true },
    author: { type: String, index: true }, // by name
  },
  { timestamps: true },
);

export const Review = mongoose.model('Review', reviewSchema);
`,
        'src/server.ts': `import express from 'express';
import mongoose from 'mongoose';
import { Review } from './review.ts';

await mongoose.connect('mongodb://db:27017/shop');
const app = express();
app.use(express.json());
app.get('/products/:id/reviews', async (req, res) => {
  res.json(await Review.find({ product: req.params.id }).limit(20));
});
app.post('/reviews', async (req, res) => {
  res.json(await Review.create({ product: req.body.product, author: req.body.author }));
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ plain index of Review: product'],
  },
  {
    says: 'Express, JavaScript, Mongoose, a schema that is called without new',
    remedy: 'add-index',
    files: plain(
      { express: '^4.21.0', mongoose: '^8.9.0' },
      {
        'src/token.js': `const mongoose = require('mongoose');

const tokenSchema = mongoose.Schema({
  text: { type: String, index: true },
  owner: { type: String, required: true },
});

module.exports = mongoose.model('Token', tokenSchema);
`,
        'src/server.js': `const express = require('express');
const mongoose = require('mongoose');
const Token = require('./token');

mongoose.connect('mongodb://db:27017/shop');
const app = express();
app.use(express.json());
app.get('/owners/:id/tokens', async (req, res) => {
  res.json(await Token.find({ owner: req.params.id }).limit(20));
});
app.post('/tokens', async (req, res) => {
  res.json(await Token.create({ text: req.body.text, owner: req.body.owner }));
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ plain index of Token: owner'],
  },
  {
    says: 'Express, TypeScript, TypeORM that makes its tables: its entity',
    remedy: 'add-index',
    files: typed(TYPEORM, { ...entity, ...typeorm('synchronize: true') }),
    changes: ['+ plain index of reviews: product_id'],
  },
  {
    says: 'Express, TypeScript, TypeORM with migrations: one more, and its entity',
    remedy: 'add-index',
    files: typed(TYPEORM, {
      ...entity,
      ...typeorm("migrations: ['src/migrations/*.ts']"),
      'src/migrations/1700000000001-Reviews.ts': `import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

export class Reviews1700000000001 implements MigrationInterface {
  public async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(
      new Table({ name: 'reviews', columns: [{ name: 'id', type: 'int', isPrimary: true }, { name: 'product_id', type: 'text' }, { name: 'text', type: 'text' }] }),
    );
  }

  public async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('reviews');
  }
}
`,
    }),
    // The migration makes it, the entity knows of it.
    changes: ['+ plain index of reviews: product_id'],
  },
  {
    says: 'Express, JavaScript, Sequelize that makes its tables: its model',
    remedy: 'add-index',
    files: plain(SEQUELIZE, sequelize("require('./db').sequelize.sync();")),
    changes: ['+ plain index of reviews: product_id'],
  },
  {
    says: 'Express, JavaScript, Sequelize with migrations: one more',
    remedy: 'add-index',
    files: plain(SEQUELIZE, {
      ...sequelize(''),
      'migrations/20250102030405-reviews.js': `'use strict';

module.exports = {
  async up(queryInterface, Sequelize) {
    await queryInterface.createTable('reviews', { id: { type: Sequelize.INTEGER, primaryKey: true }, product_id: Sequelize.STRING, text: Sequelize.TEXT });
  },

  async down(queryInterface) {
    await queryInterface.dropTable('reviews');
  },
};
`,
    }),
    changes: ['+ plain index of reviews: product_id'],
  },
] satisfies readonly Fix[];
