const RESOURCES = ['orders', 'products', 'customers', 'invoices', 'shipments', 'reviews', 'coupons', 'suppliers', 'returns', 'payments'];

/** Ten resources with six routes each: lists, single rows, a join per row, a transaction, a mail, a job; two stores, a queue, an outside service. */
export function sixtyEndpoints(): Readonly<Record<string, string>> {
  const routes = Object.fromEntries(RESOURCES.map((it) => [`src/routes/${it}.ts`, router(it)]));
  return {
    'package.json': JSON.stringify({
      name: 'api',
      type: 'module',
      scripts: { start: 'node src/server.ts' },
      dependencies: { express: '^5.1.0', pg: '^8.16.0', ioredis: '^5.4.0', bullmq: '^5.34.0', nodemailer: '^6.9.0' },
    }),
    'docker-compose.yml': `services:
  api:
    build: .
    ports: ["3000:3000"]
    deploy:
      replicas: 3
  worker:
    build: .
    command: node src/worker.ts
  db:
    image: postgres:16
  redis:
    image: redis:8
`,
    'src/db.ts': "import { Pool } from 'pg';\nexport const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });\n",
    'src/redis.ts': "import Redis from 'ioredis';\nexport const redis = new Redis('redis://redis:6379');\n",
    'src/mail.ts': "import nodemailer from 'nodemailer';\nexport const transport = nodemailer.createTransport({ host: 'mail.example.org' });\n",
    'src/queue.ts': "import { Queue } from 'bullmq';\nexport const jobs = new Queue('jobs', { connection: { host: 'redis' } });\n",
    'src/worker.ts': `import { Worker } from 'bullmq';
import { pool } from './db.ts';
new Worker('jobs', async (job) => { await pool.query('INSERT INTO audit (id) VALUES ($1)', [job.data.id]); }, { connection: { host: 'redis' } });
`,
    'src/server.ts': `import express from 'express';
${RESOURCES.map((it) => `import { ${it} } from './routes/${it}.ts';`).join('\n')}

const app = express();
app.use(express.json());
${RESOURCES.map((it) => `app.use('/${it}', ${it});`).join('\n')}
app.listen(3000);
`,
    ...routes,
  };
}

const router = (name: string): string => `import { Router } from 'express';
import { pool } from '../db.ts';
import { transport } from '../mail.ts';
import { jobs } from '../queue.ts';
import { redis } from '../redis.ts';

export const ${name} = Router();
${name}.get('/', async (req, res) => {
  const { rows } = await pool.query('SELECT * FROM ${name} ORDER BY name');
  res.json(rows);
});
${name}.get('/:id', async (req, res) => {
  const kept = await redis.get(\`${name}:\${req.params.id}\`);
  if (kept) return res.json(JSON.parse(kept));
  const { rows } = await pool.query('SELECT * FROM ${name} WHERE id = $1', [req.params.id]);
  await redis.set(\`${name}:\${req.params.id}\`, JSON.stringify(rows[0]), 'EX', 60);
  res.json(rows[0]);
});
${name}.get('/:id/full', async (req, res) => {
  const { rows } = await pool.query('SELECT * FROM ${name}_lines WHERE owner = $1', [req.params.id]);
  const full: unknown[] = [];
  for (const row of rows) {
    const part = await pool.query('SELECT * FROM parts WHERE line = $1', [row.id]);
    full.push({ ...row, parts: part.rows });
  }
  res.json(full);
});
${name}.post('/', async (req, res) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO ${name} (name) VALUES ($1)', [req.body.name]);
    await client.query('INSERT INTO history (name) VALUES ($1)', [req.body.name]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  res.status(201).end();
});
${name}.put('/:id', async (req, res) => {
  await pool.query('UPDATE ${name} SET name = $1 WHERE id = $2', [req.body.name, req.params.id]);
  await transport.sendMail({ to: req.body.email, subject: 'changed' });
  res.end();
});
${name}.delete('/:id', async (req, res) => {
  await pool.query('DELETE FROM ${name} WHERE id = $1', [req.params.id]);
  await jobs.add('gone', { id: req.params.id });
  res.end();
});
`;
