import type { Fix } from './fix.ts';
import { express, pgPool, plain, POSTGRES, typed } from './shops.ts';

const add = `app.post('/products', async (req: Request, res: Response) => {
  await pool.query('INSERT INTO products (name) VALUES ($1)', [req.body.name]);
  res.status(201).end();
});`;

export default [
  {
    says: 'Express, TypeScript, pg, in the order that the statement names',
    remedy: 'limit-rows',
    files: typed(POSTGRES, {
      ...pgPool('max: 10,'),
      ...express(`app.get('/products', async (req: Request, res: Response) => {
  // every one of them
  const { rows } = await pool.query('SELECT * FROM products ORDER BY name');
  res.json(rows);
});
${add}`),
    }),
    changes: ['+ api GET /products: SELECT products most 100', '- api GET /products: SELECT products'],
  },
  {
    says: 'Express, TypeScript, pg, in the order of the key that its schema tells',
    remedy: 'limit-rows',
    files: typed(POSTGRES, {
      'migrations/1-products.sql': 'CREATE TABLE products (number bigint PRIMARY KEY, name text, listed boolean);\n',
      ...pgPool('max: 10,'),
      ...express(`app.get('/products', async (req: Request, res: Response) => {
  const { rows } = await pool.query('SELECT * FROM products WHERE listed = true');
  res.json(rows);
});
${add}`),
    }),
    changes: ['+ api GET /products: SELECT products most 100', '- api GET /products: SELECT products'],
  },
  {
    says: 'Express, JavaScript, mongoose',
    remedy: 'limit-rows',
    files: plain(
      { express: '^4.21.0', mongoose: '^8.9.0' },
      {
        'src/server.js': `const express = require('express');
const mongoose = require('mongoose');

mongoose.connect('mongodb://db:27017/notes', { waitQueueTimeoutMS: 2000 });
const Note = mongoose.model('Note', new mongoose.Schema({ owner: String, text: String }));
const app = express();
app.use(express.json());
app.get('/notes', async (req, res) => {
  const notes = await Note.find({}).lean();
  res.json(notes);
});
app.post('/notes', async (req, res) => {
  res.json(await Note.create(req.body));
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ api GET /notes: Note.find most 100', '- api GET /notes: Note.find'],
  },
  {
    says: 'Fastify, TypeScript, Prisma',
    remedy: 'limit-rows',
    files: typed(
      { fastify: '^5.2.0', '@prisma/client': '^6.0.0' },
      {
        'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
model Note {
  number Int    @id
  text   String
}
`,
        'src/server.ts': `import { PrismaClient } from '@prisma/client';
import Fastify from 'fastify';

const prisma = new PrismaClient();
const app = Fastify();
app.get('/notes', async (request, reply) => {
  const notes = await prisma.note.findMany();
  reply.send(notes);
});
app.post('/notes', async (request, reply) => {
  reply.send(await prisma.note.create({ data: request.body as { number: number; text: string } }));
});
app.listen({ port: 3000 });
`,
      },
    ),
    changes: ['+ api GET /notes: note.findMany most 100', '- api GET /notes: note.findMany'],
  },
  {
    says: 'Koa, JavaScript, sequelize, in the order of the id that it adds',
    remedy: 'limit-rows',
    files: plain(
      { koa: '^2.15.0', '@koa/router': '^13.1.0', '@koa/bodyparser': '^5.1.0', sequelize: '^6.37.0', pg: '^8.13.0' },
      {
        'src/server.js': `const Koa = require('koa');
const Router = require('@koa/router');
const { bodyParser } = require('@koa/bodyparser');
const { DataTypes, Sequelize } = require('sequelize');

const sequelize = new Sequelize('postgres://db:5432/shop', { pool: { max: 10 } });
const Note = sequelize.define('Note', { text: DataTypes.STRING });
const router = new Router();
router.get('/notes', async (ctx) => {
  const notes = await Note.findAll();
  ctx.body = notes;
});
router.post('/notes', async (ctx) => {
  ctx.body = await Note.create(ctx.request.body);
});
new Koa().use(bodyParser()).use(router.routes()).listen(3000);
`,
      },
    ),
    changes: ['+ api GET /notes: Note.findAll most 100', '- api GET /notes: Note.findAll'],
  },
] satisfies readonly Fix[];
