import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/pipeline.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { memoryWorkspace } from '../inference/memory-workspace.ts';

const STEADY = { ...DEFAULT_SCENARIO, targetSetByUser: true };
const service = (files: Readonly<Record<string, string>>, replicas = 1) => ({
  'package.json': JSON.stringify({
    name: 'api',
    type: 'module',
    scripts: { start: 'node src/server.ts' },
    dependencies: { express: '4', pg: '8', ioredis: '5', mysql2: '3', '@prisma/client': '6' },
  }),
  Dockerfile: 'FROM node:22\nCOPY . .\nCMD ["npm", "start"]\n',
  'docker-compose.yml': `services:\n  api:\n    build: .\n    ports: ["3000:3000"]\n    deploy:\n      replicas: ${replicas}\n  db:\n    image: postgres:17\n  redis:\n    image: redis:7\n`,
  ...files,
});
const route = (head: string, body: string, more = ''): string => `import express from 'express';
${head}
const app = express();
app.get('/it', async (req, res) => {
${body}
  res.json(rows);
});
${more}
app.listen(3000);
`;
const title = async (rule: string, files: Readonly<Record<string, string>>): Promise<string> => {
  const { advice } = await analyse(memoryWorkspace(files), { scenario: STEADY });
  const remedy = advice.findings.flatMap((it) => it.remedies).find((it) => it.id.startsWith(`${rule}/`));
  if (!remedy?.change) throw new Error(`${rule} proposes nothing that helps: ${advice.findings.map((it) => it.message).join('; ')}`);
  return remedy.title;
};

const ASK = "const { rows } = await client.query('SELECT * FROM orders WHERE id = $1', [req.query.id]);";
const perRequest = (made: string, head: string, replicas = 1) => service({ 'src/server.ts': route(head, `  const client = ${made};\n  ${ASK}`) }, replicas);
const scanned = (table: string, where: string, replicas = 1) =>
  service(
    {
      'db/001.sql': `CREATE TABLE orders (id SERIAL PRIMARY KEY, customer INT, code TEXT, at TIMESTAMPTZ);\n${table}\n`,
      'src/server.ts': route(
        "import { Pool } from 'pg';\nconst pool = new Pool({ host: 'db' });",
        `  const { rows } = await pool.query('SELECT * FROM orders WHERE ${where}', [req.query.a]);`,
        "app.post('/orders', async (req, res) => {\n  await pool.query('INSERT INTO orders (customer) VALUES ($1)', [req.body.a]);\n  res.end();\n});",
      ),
    },
    replicas,
  );
const stampede = (load: string, ttl: number, replicas = 1) =>
  service(
    {
      'src/server.ts': route(
        "import { Pool } from 'pg';\nimport Redis from 'ioredis';\nconst pool = new Pool({ host: 'db', max: 50 });\nconst redis = new Redis('redis://redis:6379');",
        `  const kept = await redis.get('all');
  if (kept) return res.json(JSON.parse(kept));
  const rows = ${load};
  await redis.set('all', JSON.stringify(rows), 'EX', ${ttl});`,
      ),
    },
    replicas,
  );
const SUM = "await pool.query('SELECT region, sum(amount) FROM sales GROUP BY region')";
const locked = (ttl: string, work: string) =>
  service({
    'src/server.ts': route(
      "import { Pool } from 'pg';\nimport Redis from 'ioredis';\nconst pool = new Pool({ host: 'db', statement_timeout: 20_000 });\nconst redis = new Redis('redis://redis:6379');",
      `  const isMine = await redis.set('lock', 'me', ${ttl}, 'NX');
  if (!isMine) return res.status(409).end();
  const rows = ${work};
  await redis.del('lock');`,
    ),
  });

describe.each<[rule: string, title: RegExp, topologies: readonly [says: string, files: Readonly<Record<string, string>>][]]>([
  [
    'missing-pool',
    /^(Share one pool|Make the client once) per process: p95 of GET \/it .+ → .+ at .+ req\/s · /,
    [
      ['a client', perRequest("new Client({ host: 'db' })", "import { Client } from 'pg';")],
      ['a pool, three replicas', perRequest("new Pool({ host: 'db' })", "import { Pool } from 'pg';", 3)],
      ['MySQL', perRequest("mysql.createConnection({ host: 'db' })", "import mysql from 'mysql2/promise';")],
    ],
  ],
  [
    'missing-index',
    /^Index orders by .+: db .+ → .+ busy at 100,000 rows · every write of orders keeps one index more/,
    [
      ['a reference', scanned('', 'customer = $1')],
      ['an index in another order, three replicas', scanned('CREATE INDEX other ON orders (at, customer);', 'customer = $1', 3)],
      ['two conditions', scanned('', 'code = $1 AND at > $2')],
    ],
  ],
  [
    'cache-stampede',
    /^Load all once for all who wait for it: .+ → \d load.* at once when it runs out/,
    [
      ['an aggregate', stampede(SUM, 60)],
      ['three replicas', stampede(SUM, 60, 3)],
      ['an outside service', stampede("await (await fetch('https://rates.example.com/all')).json()", 30)],
    ],
  ],
  [
    'lock-shorter-than-query',
    /^Keep the lock for \d+ s: \d+ → 1 owner at once when the work takes .+ · after a crash others wait up to \d+ s$/,
    [
      ['milliseconds', locked("'PX', 5000", SUM)],
      ['seconds', locked("'EX', 10", SUM)],
      ['a request', locked("'PX', 2000", "await fetch('https://bank.example.com/', { signal: AbortSignal.timeout(9000) })")],
    ],
  ],
])('the first remedy of %s helps under its strain', (rule, words, topologies) => {
  it.each(topologies)('%s', async (_says, files) => expect(await title(rule, files)).toMatch(words));
});
