import { expect, it } from 'vitest';
import { callsOf, stepsOf, topologyOf } from './memory-workspace.ts';

const schema = (provider: string): string => `datasource db {\n  provider = "${provider}"\n  url      = env("DATABASE_URL")\n}\nmodel User {\n  id Int @id\n}\n`;
const schemas = { 'prisma/mysql-schema.prisma': schema('mysql'), 'prisma/postgresql-schema.prisma': schema('postgresql') };
const prisma = `import { PrismaClient } from '@prisma/client'; class Repository extends PrismaClient { constructor(settings) { super(); } } const db = new Repository({}); const ask = () => db.user.findMany({ take: 10 });`;
const typeorm = `import { DataSource } from 'typeorm'; const source = new DataSource({ type: process.env.DB_TYPE, entities: [] }); const ask = () => source.query('SELECT 1 FROM users');`;
const compose = (dependsOn: string[], stores: Record<string, string>): string =>
  [
    'services:',
    '  app:',
    '    build: .',
    `    depends_on: [${dependsOn.join(', ')}]`,
    '    ports: ["3000:3000"]',
    ...Object.entries(stores).map(([name, image]) => `  ${name}: { image: "${image}" }`),
  ].join('\n');

it.each<[string, string, Record<string, string>, string[], Record<string, string>, string[]]>([
  ['a schema for each of two engines, one of which runs', prisma, schemas, ['db'], { db: 'postgres:16' }, ['app query db']],
  ['both engines run, one for this process', prisma, schemas, ['own'], { own: 'mysql:8', other: 'postgres:16' }, ['app query own']],
  ['both engines run, and nothing tells for whom', prisma, schemas, [], { own: 'mysql:8', other: 'postgres:16' }, []],
  ['a type from the environment', typeorm, {}, [], { db: 'mysql:8', redis: 'redis:7' }, ['app query db']],
  ['no database that it speaks to runs', typeorm, {}, ['redis'], { redis: 'redis:7' }, []],
  [
    'a driver that is installed comes first',
    typeorm,
    { 'package.json': JSON.stringify({ name: 'app', dependencies: { express: '5', typeorm: '0.3', pg: '8' } }) },
    [],
    { db: 'mysql:8' },
    ['app query postgres'],
  ],
])('an ORM that leaves its engine open: %s', async (_name, client, files, dependsOn, stores, expected) => {
  const topology = await topologyOf({
    'package.json': JSON.stringify({ name: 'app', dependencies: { express: '^5.0.0', '@prisma/client': '^6.0.0', typeorm: '^0.3.0' } }),
    Dockerfile: 'FROM node:24\nCOPY . .\nCMD ["node", "index.js"]',
    'index.js': `import express from 'express'; ${client} const app = express(); app.get('/users', async (req, res) => res.json(await ask())); app.listen(3000);`,
    'compose.yaml': compose(dependsOn, stores),
    ...files,
  });
  expect(callsOf(topology)).toEqual(expected);
  expect(stepsOf(topology, 'app GET /users')).toHaveLength(expected.length);
});
