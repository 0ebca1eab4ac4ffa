import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { callsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

/** One Express route around a body, with what stands before it. */
const read = (dependencies: Readonly<Record<string, string>>, before: string, body: string, files: Readonly<Record<string, string>> = {}): Promise<Topology> =>
  topologyOf(
    service(
      { express: '^5.0.0', ...dependencies },
      {
        'src/index.js': `import express from 'express'; ${before}; const app = express(); app.get('/it', async (req, res) => { ${body} res.json({}); }); app.listen(3000);`,
        ...files,
      },
    ),
  );

describe('prisma', () => {
  const client = `import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient();`;
  const schema = (url = 'env("DATABASE_URL")') => ({
    'prisma/schema.prisma': `datasource db {\n  provider = "postgresql"\n  url      = ${url}\n}\nmodel User {\n  id Int @id\n}\n`,
  });
  const v6 = { '@prisma/client': '^6.0.0' };

  it.each<[string, string, string[]]>([
    [
      'reads and writes',
      `const it = await prisma.user.findUnique({ where: { id: 1 } }); if (!it) return res.status(404).json({}); await prisma.user.update({ where: { id: 1 }, data: {} });`,
      ['user.findUnique', 'user.update'],
    ],
    ['raw SQL', 'await prisma.$queryRaw`SELECT * FROM users WHERE id = ${req.params.id}`;', ['SELECT users']],
    [
      'an interactive transaction',
      `await prisma.$transaction(async (tx) => { await tx.user.create({ data: {} }); await tx.order.count(); });`,
      ['hold always', 'hold always > user.create^', 'hold always > order.count^'],
    ],
    ['a transaction that forgets itself', `await prisma.$transaction(async (tx) => { await prisma.user.create({ data: {} }); });`, ['hold always', 'hold always > user.create']],
    ['a list of queries', `await prisma.$transaction([prisma.user.create({ data: {} }), prisma.order.count()]);`, ['user.create', 'order.count']],
    ['an extended client', `const other = prisma.$extends({}); await other.user.findMany({ include: { orders: true } });`, ['user.findMany']],
  ])('%s', async (_name, body, expected) => {
    const topology = await read(v6, client, body, schema());
    expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
    expect(callsOf(topology)).toEqual(['app query postgres']);
  });

  const adapter = (options: string) =>
    `import { PrismaClient } from '@prisma/client'; import { PrismaPg } from '@prisma/adapter-pg'; import { Pool } from 'pg'; const prisma = new PrismaClient({ adapter: new PrismaPg(${options}) });`;
  // [case, version, code, schema's URL, .env, pool]
  it.each<[string, string, string, string, string, unknown]>([
    [
      'its own pool, by the cores of a host that nobody knows',
      '^6.0.0',
      client,
      'env("DATABASE_URL")',
      '',
      { max: { value: 9, basis: 'assumed', range: [5, 33] }, acquireTimeoutMs: { value: 10_000 } },
    ],
    ['the URL says', '^6.0.0', client, 'env("DATABASE_URL")', 'DATABASE_URL=postgresql://u@db/x?connection_limit=4', { max: { value: 4, basis: 'declared' } }],
    [
      "the adapter's pool",
      '^7.0.0',
      adapter(`{ connectionString: process.env.DATABASE_URL, max: 25 }`),
      'env("DATABASE_URL")',
      '',
      { max: { value: 25, basis: 'declared' }, acquireTimeoutMs: { state: 'none' } },
    ],
    [
      "the adapter's default",
      '^7.0.0',
      adapter(`{ connectionString: process.env.DATABASE_URL }`),
      'env("DATABASE_URL")',
      'DATABASE_URL=postgresql://u@db/x?connection_limit=4',
      { max: { value: 10, basis: 'libraryDefault' } },
    ],
    ['a pool for the adapter', '^7.0.0', adapter(`new Pool({ max: 40 })`), 'env("DATABASE_URL")', '', { max: { value: 40 } }],
    ['version 7 without an adapter that is read', '^7.0.0', client, 'env("DATABASE_URL")', '', { max: { state: 'unknown' } }],
  ])('%s', async (_name, version, code, url, env, pool) => {
    const topology = await read({ '@prisma/client': version, pg: '^8.0.0' }, code, 'await prisma.user.findMany();', { ...schema(url), '.env': env });
    expect(topology.pools.filter((it) => it.library === 'prisma')).toMatchObject([pool]);
  });

  it('a client that is generated into the sources', async () => {
    const files = { 'prisma/schema.prisma': `generator client {\n  provider = "prisma-client"\n  output = "../src/generated"\n}\ndatasource db {\n  provider = "mysql"\n}\n` };
    const topology = await read(v6, `import { PrismaClient } from './generated/client'; const prisma = new PrismaClient();`, 'await prisma.user.findMany();', files);
    expect(callsOf(topology)).toEqual(['app query mysql']);
  });
});
