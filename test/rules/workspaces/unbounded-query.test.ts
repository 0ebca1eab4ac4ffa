import { service, testRule } from './case.ts';

const shop = (
  body: string,
  adds = `app.post('/products', async (req: Request, res: Response) => {
  await pool.query('INSERT INTO products (name) VALUES ($1)', [req.body.name]);
  res.status(201).end();
});`,
) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool } from './db.ts';

const app = express();
app.get('/products', async (req: Request, res: Response) => {
${body}
});
${adds}
app.listen(3000);
`,
    },
  );
const mongo = (chain: string) =>
  service(
    { express: '^4.21.0', mongoose: '^8.9.0' },
    {
      'src/note.ts': `import mongoose from 'mongoose';

export const Note = mongoose.model('Note', new mongoose.Schema({ text: String }));
`,
      'src/server.ts': `import express from 'express';
import mongoose from 'mongoose';
import { Note } from './note.ts';

await mongoose.connect('mongodb://db:27017/notes');
const app = express();
app.get('/notes', async (req, res) => {
  const notes = await Note.find({})${chain};
  res.json(notes);
});
app.post('/notes', async (req, res) => {
  const note = await Note.create(req.body);
  res.json(note);
});
app.listen(3000);
`.replace("await mongoose.connect('mongodb://db:27017/notes');", "mongoose.connect('mongodb://db:27017/notes');"),
    },
  );

testRule('unbounded-query', {
  remedy: 'limit-rows',
  cases: [
    {
      says: 'all products, of which there are more every day',
      state: 'weak',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM products ORDER BY name'); // expect: unbounded-query
  res.json(rows);`),
    },
    {
      says: 'all products of one state that stands in the code',
      state: 'weak',
      files: shop(`  const { rows } = await pool.query('SELECT id, name FROM products WHERE listed = true'); // expect: unbounded-query
  res.json(rows);`),
    },
    { says: 'a page', state: 'sound', files: mongo('⟦.limit(50)⟧; // expect: unbounded-query\n  void 0') },
    {
      says: 'a page of SQL',
      state: 'sound',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM products ORDER BY name⟦ LIMIT 50⟧'); // expect: unbounded-query
  res.json(rows);`),
    },
    {
      says: 'one product',
      state: 'sound',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM products⟦ WHERE id = $1⟧', [req.query.id]); // expect: unbounded-query
  res.json(rows);`),
    },
    {
      says: 'a table into which nobody inserts',
      state: 'unknown',
      files: shop(
        `  const { rows } = await pool.query('SELECT * FROM countries');
  res.json(rows);`,
      ),
    },
    {
      says: 'what belongs to one customer',
      state: 'unknown',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM products WHERE vendor = $1', [req.query.vendor]);
  res.json(rows);`),
    },
    {
      says: 'conditions that are put together while it runs',
      state: 'unknown',
      files: shop(`  const filter = filterOf(req.query);
  const { rows } = await pool.query(\`SELECT * FROM products \${filter}\`);
  res.json(rows);`).valueOf() as ReturnType<typeof shop>,
    },
  ],
});
