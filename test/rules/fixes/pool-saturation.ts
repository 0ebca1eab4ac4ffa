import type { Fix } from './fix.ts';
import { compose, express, measured, pgPool, plain, POSTGRES, typed } from './shops.ts';

const list = `// all that is on the shelves
app.get('/products/:shelf', async (req: Request, res: Response) => {
  const { rows } = await pool.query('SELECT * FROM products WHERE shelf = $1', [req.params.shelf]);
  res.json(rows);
});`;

export default [
  {
    says: 'Express, TypeScript, pg, in compose',
    remedy: 'set-pool-max',
    files: typed(POSTGRES, { ...pgPool('max: 4,'), ...express(list), ...compose(), ...measured(['db SELECT products', 20]) }),
    changes: ['+ api→db pool: pg max 12, timeout none, queue none', '- api→db pool: pg max 4, timeout none, queue none'],
  },
  {
    says: 'Fastify, JavaScript, mysql2',
    remedy: 'set-pool-max',
    files: plain(
      { fastify: '^5.2.0', mysql2: '^3.12.0' },
      {
        'src/server.js': `const fastify = require('fastify')();
const mysql = require('mysql2/promise');

const pool = mysql.createPool({ host: 'db', user: 'shop', connectionLimit: 5, queueLimit: 50 });

fastify.get('/products/:shelf', async (request, reply) => {
  const [rows] = await pool.query('SELECT * FROM products WHERE shelf = ?', [request.params.shelf]);
  reply.send(rows);
});
fastify.listen({ port: 3000 });
`,
        ...measured(['db SELECT products', 20]),
      },
    ),
    changes: ['+ api→db pool: mysql2 max 29, timeout none, queue 50', '- api→db pool: mysql2 max 5, timeout none, queue 50'],
    brings: ['uncached-hot-read api'],
  },
  {
    says: 'Koa, TypeScript, sequelize with the size that it comes with',
    remedy: 'set-pool-max',
    files: typed(
      { koa: '^2.15.0', '@koa/router': '^13.1.0', sequelize: '^6.37.0', pg: '^8.13.0' },
      {
        'src/product.ts': `import { DataTypes, Sequelize } from 'sequelize';

export const sequelize = new Sequelize('postgres://db:5432/shop', { logging: false });
export const Product = sequelize.define('Product', { shelf: DataTypes.STRING, name: DataTypes.STRING });
`,
        'src/server.ts': `import Koa from 'koa';
import Router from '@koa/router';
import { Product } from './product.ts';

const router = new Router();
router.get('/products/:shelf', async (ctx) => {
  ctx.body = await Product.findAll({ where: { shelf: ctx.params.shelf } });
});
new Koa().use(router.routes()).listen(3000);
`,
        ...measured(['db Product.findAll', 20]),
      },
    ),
    changes: ['+ api→db pool: sequelize max 30, timeout 60000, queue none', '- api→db pool: sequelize max 5, timeout 60000, queue none'],
    brings: ['uncached-hot-read api'],
  },
  {
    says: 'Express, JavaScript, mongoose, in the connection string',
    remedy: 'set-pool-max',
    files: plain(
      { express: '^4.21.0', mongoose: '^8.9.0' },
      {
        'src/server.js': `const express = require('express');
const mongoose = require('mongoose');

mongoose.connect('mongodb://db:27017/notes?maxPoolSize=4');
const Note = mongoose.model('Note', new mongoose.Schema({ owner: String, text: String }));
const app = express();
app.get('/notes/:owner', async (req, res) => {
  res.json(await Note.find({ owner: req.params.owner }).lean());
});
app.listen(3000);
`,
        ...measured(['db Note.find', 20]),
      },
    ),
    changes: ['+ api→db pool: mongoose max 12, timeout none, queue none', '- api→db pool: mongoose max 4, timeout none, queue none'],
  },
  {
    says: 'Express, TypeScript, knex',
    remedy: 'set-pool-max',
    files: typed(
      { express: '^4.21.0', knex: '^3.1.0', pg: '^8.13.0' },
      {
        'src/db.ts': `import knex from 'knex';

export const db = knex({ client: 'pg', connection: 'postgres://db:5432/shop', pool: { min: 1, max: 4 } });
`,
        'src/server.ts': `import express from 'express';
import { db } from './db.ts';

const app = express();
app.get('/products/:shelf', async (req, res) => {
  res.json(await db('products').where({ shelf: req.params.shelf }));
});
app.listen(3000);
`,
        ...measured(['db SELECT products', 20]),
      },
    ),
    changes: ['+ api→db pool: knex max 29, timeout 60000, queue none', '- api→db pool: knex max 4, timeout 60000, queue none'],
    brings: ['uncached-hot-read api'],
  },
  {
    says: 'Hono, TypeScript, postgres.js',
    remedy: 'set-pool-max',
    files: typed(
      { hono: '^4.6.0', '@hono/node-server': '^1.13.0', postgres: '^3.4.0' },
      {
        'src/server.ts': `import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import postgres from 'postgres';

const sql = postgres('postgres://db:5432/shop', { max: 3 });
const app = new Hono();
app.get('/products/:shelf', async (c) => {
  const rows = await sql\`SELECT * FROM products WHERE shelf = \${c.req.param('shelf')}\`;
  return c.json(rows);
});
serve({ fetch: app.fetch, port: 3000 });
`,
        ...measured(['db SELECT products', 20]),
      },
    ),
    changes: ['+ api→db pool: postgres max 12, timeout none, queue none', '- api→db pool: postgres max 3, timeout none, queue none'],
  },
  {
    says: 'the read that fills it goes through a cache instead',
    remedy: 'insert-cache-memory',
    scenario: { targetPerSecond: 500 },
    files: typed(POSTGRES, { ...pgPool('max: 4,'), ...express(list), ...compose(), ...measured(['db SELECT products', 20]) }),
    changes: [
      '+ api GET /products/:shelf: cache read (SELECT products; cache write, taken out: some; cache write, taken out: some)',
      '- api GET /products/:shelf: SELECT products',
    ],
  },
] satisfies readonly Fix[];
