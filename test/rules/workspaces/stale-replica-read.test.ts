import { service, testRule } from './case.ts';

/** Two pools, of which the deployment says that one server follows the other. */
const shop = (body: string, command = 'pg_basebackup -h db -D /data -R && exec postgres -D /data') =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'docker-compose.yml': `services:
  api:
    build: .
    ports: ['3000:3000']
  db:
    image: postgres:16
  db-reader:
    image: postgres:16
    command: sh -c '${command}'
`,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n',
      'src/db.ts': `import { Pool } from 'pg';

export const writer = new Pool({ host: 'db', max: 10 });
export const reader = new Pool({ host: 'db-reader', max: 10 });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { reader, writer } from './db.ts';

const app = express();
app.put('/notes/:id', async (req: Request, res: Response) => {
${body}
  res.end();
});
app.listen(3000);
`,
    },
  );
const WRITE = "  await writer.query('UPDATE notes SET body = $1 WHERE id = $2', [req.body.body, req.params.id]);";
const read = (client: string) => `  const found = await ${client}.query('SELECT * FROM notes WHERE id = $1', [req.params.id]); // expect: stale-replica-read`;

const prisma = (body: string) =>
  service(
    { express: '^4.21.0', '@prisma/client': '^6.0.0', '@prisma/extension-read-replicas': '^0.4.0' },
    {
      'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\nmodel Note {\n  id   Int @id\n  body String\n}\n',
      'src/db.ts': `import { PrismaClient } from '@prisma/client';
import { readReplicas } from '@prisma/extension-read-replicas';

export const db = new PrismaClient().$extends(readReplicas({ url: process.env.READ_URL! }));
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { db } from './db.ts';

const app = express();
app.get('/notes', async (req: Request, res: Response) => { res.json(await db.note.findMany({ take: 20 })); });
app.post('/notes', async (req: Request, res: Response) => {
${body}
});
app.listen(3000);
`,
    },
  );

const sequelize = (body: string) =>
  service(
    { express: '^4.21.0', sequelize: '^6.37.0', pg: '^8.13.0' },
    {
      'src/db.ts': `import { DataTypes, Sequelize } from 'sequelize';

const sequelize = new Sequelize('shop', '', '', { dialect: 'postgres', replication: { write: { host: 'db' }, read: [{ host: 'db-reader' }] } });
export const Note = sequelize.define('Note', { body: DataTypes.TEXT });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { Note } from './db.ts';

const app = express();
app.get('/notes', async (req: Request, res: Response) => { res.json(await Note.findAll({ limit: 20 })); });
app.put('/notes/:id', async (req: Request, res: Response) => {
${body}
});
app.listen(3000);
`,
    },
  );

const queue = (client: string) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', bullmq: '^5.34.0' },
    {
      ...shop(''),
      'package.json': JSON.stringify({
        name: 'api',
        type: 'module',
        scripts: { start: 'node src/server.ts' },
        dependencies: { express: '^4.21.0', pg: '^8.13.0', bullmq: '^5.34.0' },
      }),
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { Queue, Worker } from 'bullmq';
import { reader, writer } from './db.ts';

const connection = { host: 'cache' };
const mails = new Queue('mails', { connection });
new Worker('mails', async (job) => {
  const found = await ${client}.query('SELECT * FROM notes WHERE id = $1', [job.data.id]);${client === 'reader' ? ' // expect: stale-replica-read' : ''}
  return found.rows.length;
}, { connection });
const app = express();
app.post('/notes', async (req: Request, res: Response) => {
  await writer.query('INSERT INTO notes (id) VALUES ($1)', [req.body.id]);
  await mails.add('new', { id: req.body.id });
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );

testRule('stale-replica-read', {
  remedy: 'read-primary',
  cases: [
    { says: 'an update, then the row from the other pool', state: 'weak', files: shop(`${WRITE}\n${read('reader')}\n  console.log(found.rows);`) },
    {
      says: 'Prisma sends the read to its replica by itself',
      state: 'weak',
      files: prisma(`  await db.note.create({ data: { id: req.body.id, body: '' } });
  const all = await db.note.findMany(); // expect: stale-replica-read
  res.json(all);`),
    },
    {
      says: 'Sequelize is told to ask the master',
      state: 'sound',
      files: sequelize(`  await Note.update({ body: req.body.body }, { where: { id: req.params.id } });
  const note = await Note.findByPk(req.params.id⟦, { useMaster: true }⟧); // expect: stale-replica-read
  res.json(note);`),
    },
    { says: 'a job looks for the row that its sender wrote', state: 'weak', files: queue('reader') },
    {
      says: 'Prisma is asked for the primary',
      state: 'sound',
      files: prisma(`  await db.note.create({ data: { id: req.body.id, body: '' } });
  const all = await db⟦.$primary()⟧.note.findMany(); // expect: stale-replica-read
  res.json(all);`),
    },
    {
      says: 'a server that is called a reader, and nothing says what it follows',
      state: 'unknown',
      files: shop(
        `${WRITE}
${read('reader').replace(/ \/\/.*/, '')}`,
        'exec postgres',
      ),
    },
    {
      says: 'another table',
      state: 'unknown',
      files: shop(`${WRITE}\n  await reader.query('SELECT * FROM users WHERE id = $1', [req.body.user]);`),
    },
    { says: 'read before it is written', state: 'unknown', files: shop(`${read('reader').replace(/ \/\/.*/, '')}\n${WRITE}`) },
    {
      says: 'one or the other',
      state: 'unknown',
      files: shop(`  if (req.body.body) {\n${WRITE}\n  } else {\n${read('reader').replace(/ \/\/.*/, '')}\n  }`),
    },
    { says: 'the job asks the primary', state: 'unknown', files: queue('writer') },
  ],
  story: {
    says: 'an order is put in on the primary and read from the replica for the answer; the insert itself gives it back',
    before: shop(`  await writer.query('INSERT INTO orders (customer, total) VALUES ($1, $2)', [req.params.id, req.body.total]);
  const found = await reader.query('SELECT * FROM orders WHERE customer = $1', [req.params.id]); // expect: stale-replica-read
  console.log(found.rows);`),
    after: shop(`  const made = await writer.query('INSERT INTO orders (customer, total) VALUES ($1, $2) RETURNING *', [req.params.id, req.body.total]);
  console.log(made.rows);`),
  },
});
