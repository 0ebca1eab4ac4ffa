import type { Fix } from './fix.ts';
import { express, pgPool, plain, POSTGRES, typed } from './shops.ts';

const list = `app.get('/products/:shelf', async (req: Request, res: Response) => {
  const { rows } = await pool.query('SELECT * FROM products WHERE shelf = $1', [req.params.shelf]);
  res.json(rows);
});`;

export default [
  {
    says: 'Express, TypeScript, pg',
    remedy: 'set-acquire-timeout',
    files: typed(POSTGRES, { ...pgPool('max: 10,'), ...express(list) }),
    changes: ['+ api→db pool: pg max 10, timeout 2000, queue none', '- api→db pool: pg max 10, timeout none, queue none'],
  },
  {
    says: 'Fastify, JavaScript, mysql2, which has none',
    remedy: 'set-queue-limit',
    files: plain(
      { fastify: '^5.2.0', mysql2: '^3.12.0' },
      {
        'src/server.js': `const fastify = require('fastify')();
const mysql = require('mysql2/promise');

const pool = mysql.createPool({
  host: 'db',
  user: 'shop',
  connectionLimit: 5, // of 150
});

fastify.get('/products/:shelf', async (request, reply) => {
  const [rows] = await pool.query('SELECT * FROM products WHERE shelf = ?', [request.params.shelf]);
  reply.send(rows);
});
fastify.listen({ port: 3000 });
`,
      },
    ),
    changes: ['+ api→db pool: mysql2 max 5, timeout none, queue 50', '- api→db pool: mysql2 max 5, timeout none, queue none'],
  },
  {
    says: 'Express, JavaScript, mongoose',
    remedy: 'set-acquire-timeout',
    files: plain(
      { express: '^4.21.0', mongoose: '^8.9.0' },
      {
        'src/server.js': `const express = require('express');
const mongoose = require('mongoose');

mongoose.connect('mongodb://db:27017/notes', { maxPoolSize: 20 });
const Note = mongoose.model('Note', new mongoose.Schema({ owner: String, text: String }));
const app = express();
app.get('/notes/:owner', async (req, res) => {
  res.json(await Note.find({ owner: req.params.owner }).lean());
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ api→db pool: mongoose max 20, timeout 2000, queue none', '- api→db pool: mongoose max 20, timeout none, queue none'],
  },
] satisfies readonly Fix[];
