import type { Fix } from './fix.ts';
import { compose, express, measured, pgPool, plain, POSTGRES, typed } from './shops.ts';

const list = `app.get('/products/:shelf', async (req: Request, res: Response) => {
  // the same for every visitor
  const found = await pool.query('SELECT * FROM products WHERE shelf = $1', [req.params.shelf]);
  res.json(found.rows);
});`;
const slow = measured(['db SELECT products', 100]);

export default [
  {
    says: 'Express, TypeScript, pg, in the memory of the one process',
    remedy: 'insert-cache-memory',
    files: typed(POSTGRES, { ...pgPool('max: 200,'), ...express(list.replace('const found =', 'const { rows } =').replace('found.rows', 'rows')), ...compose(), ...slow }),
    changes: [
      '+ api GET /products/:shelf: cache read (SELECT products; cache write, taken out: some; cache write, taken out: some)',
      '- api GET /products/:shelf: SELECT products',
    ],
  },
  {
    says: 'Express, TypeScript, pg, three replicas: in Redis, which is new',
    remedy: 'insert-cache-redis',
    files: typed(POSTGRES, {
      ...pgPool('max: 200,'),
      ...express(list.replace('const found =', 'const { rows } =').replace('found.rows', 'rows')),
      ...compose('', '    deploy:\n      replicas: 3\n'),
      ...slow,
    }),
    changes: [
      '+ api GET /products/:shelf: cache read (SELECT products; cache write, taken out: some; cache write)',
      '+ api → redis cache',
      '+ api→redis pool: ioredis max 1, timeout none, queue none, multiplexed',
      '+ cache redis: redis, runtime, 1 × 1, accepts 10000',
      '- api GET /products/:shelf: SELECT products',
    ],
  },
  {
    says: 'Express, JavaScript, mongoose, in the Redis that is there',
    remedy: 'insert-cache-redis',
    files: plain(
      { express: '^4.21.0', mongoose: '^8.9.0', ioredis: '^5.4.0' },
      {
        'src/server.js': `const express = require('express');
const Redis = require('ioredis');
const { Note } = require('./note');

const redis = new Redis('redis://cache:6379');
const app = express();
app.get('/notes/:owner', async (req, res) => {
  const notes = await Note.find({ owner: req.params.owner }).lean();
  res.json(notes);
});
app.post('/visits', async (req, res) => {
  await redis.incr('visits');
  res.end();
});
app.listen(3000);
`,
        'src/note.js': `const mongoose = require('mongoose');

mongoose.connect('mongodb://db:27017/notes', { maxPoolSize: 200, waitQueueTimeoutMS: 2000 });
exports.Note = mongoose.model('Note', new mongoose.Schema({ owner: String, text: String }));
`,
        ...measured(['db Note.find', 100]),
      },
    ),
    changes: [
      '+ api GET /notes/:owner: cache read (Note.find; cache write, taken out: some; cache write)',
      '+ api → redis cache',
      '+ api→redis pool: ioredis max 1, timeout none, queue none, multiplexed',
      '+ cache redis: redis, runtime, 1 × 1',
      '- api GET /notes/:owner: Note.find',
    ],
  },
] satisfies readonly Fix[];
