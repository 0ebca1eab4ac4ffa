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

export default [
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
] satisfies readonly Fix[];
