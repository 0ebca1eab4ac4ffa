import type { Fix } from './fix.ts';
import { plain, POSTGRES, typed } from './shops.ts';

export default [
  {
    says: 'Express, TypeScript, pg: single statements',
    remedy: 'keep-client',
    files: typed(POSTGRES, {
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { Client } from 'pg';

const app = express();
// one order with its total
app.get('/orders/:id', async (req: Request, res: Response) => {
  const client = new Client({ connectionString: 'postgres://db:5432/shop' }); // a new one each time
  await client.connect();
  const { rows } = await client.query('SELECT * FROM orders WHERE id = $1', [req.params.id]);
  await client.end();
  res.json(rows[0]);
});
app.listen(3000);
`,
    }),
    changes: ['+ api GET /orders/:id: SELECT orders', '+ api→db pool: pg max 10, timeout none, queue none', '- api GET /orders/:id: connect to db; SELECT orders'],
    // A pool waits, where a connection of one's own was refused.
    brings: ['missing-acquire-timeout api'],
  },
  {
    says: 'Express, JavaScript, mysql2: a transaction that gives its connection back',
    remedy: 'keep-client',
    files: plain(
      { express: '^4.21.0', mysql2: '^3.11.0' },
      {
        'src/server.js': `const express = require('express');
const mysql = require('mysql2/promise');

const app = express();
app.use(express.json());
app.post('/payments', async (req, res) => {
  const connection = await mysql.createConnection({ host: 'db', database: 'shop' });
  try {
    await connection.beginTransaction();
    await connection.execute('INSERT INTO payments (amount) VALUES (?)', [req.body.amount]);
    await connection.commit();
  } finally {
    await connection.end();
  }
  res.status(201).end();
});
app.listen(3000);
`,
      },
    ),
    changes: [
      '+ api POST /payments: hold (BEGIN held; INSERT payments held; COMMIT held)',
      '+ api→db pool: mysql2 max 10, timeout none, queue none',
      '- api POST /payments: connect to db; BEGIN; INSERT payments; COMMIT',
    ],
    brings: ['missing-acquire-timeout api'],
  },
  {
    says: 'Fastify, TypeScript, Prisma: a client of its own for a route',
    remedy: 'keep-client',
    files: typed(
      { fastify: '^5.2.0', '@prisma/client': '^6.0.0' },
      {
        'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
  url      = "postgresql://db:5432/shop"
}
model Product {
  id   Int    @id
  name String
}
`,
        'src/server.ts': `import { PrismaClient } from '@prisma/client';
import fastify from 'fastify';

const app = fastify();
app.get('/products/:id', async (request, reply) => {
  const prisma = new PrismaClient();
  const { id } = request.params as { id: string };
  const product = await prisma.product.findUnique({ where: { id: Number(id) } });
  await prisma.$disconnect();
  reply.header('Cache-Control', 'no-store');
  return product;
});
await app.listen({ port: 3000 });
`,
      },
    ),
    changes: [
      '+ api GET /products/:id: product.findUnique most 1',
      '+ api→db pool: prisma max 9, timeout 10000, queue none',
      '- api GET /products/:id: connect to db; product.findUnique most 1',
    ],
  },
] as const satisfies readonly Fix[];
