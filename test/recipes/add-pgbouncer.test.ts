import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { advise } from '../../src/advisor/index.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { assess } from '../../src/simulator/index.ts';
import { topologyOf } from '../inference/memory-workspace.ts';
import { applied, type Files } from './bench.ts';

const args = { compose: 'deploy/docker-compose.yml', service: 'db', poolSize: 80, maxClients: 400 };
const file = 'deploy/docker-compose.yml';
const files = (text: string): Files => ({ [file]: text });
const database = `  db:\n    image: postgres:16\n    environment:\n      POSTGRES_USER: shop\n      POSTGRES_PASSWORD: "\${PW:?}" # from outside\n`;

const ROWS: readonly [name: string, before: string, after: string][] = [
  ['a host', '    environment:\n      DB_HOST: db # here\n', '    environment:\n      DB_HOST: pgbouncer # here\n'],
  ['a quoted host', "    environment:\n      PGHOST: 'db'\n", "    environment:\n      PGHOST: 'pgbouncer'\n"],
  ['a list', '    environment:\n      - DB_HOST=db\n      - DB_NAME=db\n', '    environment:\n      - DB_HOST=pgbouncer\n      - DB_NAME=db\n'],
  ['a connection string', '    environment:\n      URL: "postgresql://db:db@db:5432/db"\n', '    environment:\n      URL: "postgresql://db:db@pgbouncer:5432/db"\n'],
  ['a connection string without a user', '    environment:\n      URL: postgres://db/db\n', '    environment:\n      URL: postgres://pgbouncer/db\n'],
];

describe('add-pgbouncer', () => {
  it.each(ROWS)('%s', async (_name, before, wanted) => {
    const given = files(`services:\n  api:\n    build: .\n    depends_on:\n      - db\n${before}${database}`);
    const after = (await applied('add-pgbouncer', args, given)) as Files;
    expect(after[file]).toBe(
      `services:\n  api:\n    build: .\n    depends_on:\n      - db\n      - pgbouncer\n${wanted}${database}  pgbouncer:\n    image: edoburu/pgbouncer:v1.24.1-p1\n    environment:\n      AUTH_TYPE: scram-sha-256\n      DB_USER: shop\n      DB_PASSWORD: "\${PW:?}"\n    volumes:\n      - ./pgbouncer.ini:/etc/pgbouncer/pgbouncer.ini:ro\n    depends_on:\n      - db\n    restart: unless-stopped\n`.replace(
        '  pgbouncer:\n',
        '\n  pgbouncer:\n',
      ),
    );
    expect(after['deploy/pgbouncer.ini']).toMatch(/\* = host=db port=5432[\s\S]*pool_mode = transaction[\s\S]*default_pool_size = 80\n[\s\S]*max_client_conn = 400\n/);
    expect(await applied('add-pgbouncer', args, after)).toEqual({ cannot: expect.stringMatching(/has a PgBouncer already/) });
  });

  it('every client moves, migrations stay, dependencies in map form too', async () => {
    const text = `services:\n  api:\n    build: .\n    environment: { HOST: x }\n  web:\n    build: .\n    environment:\n      DB_HOST: db\n    depends_on:\n      db:\n        condition: service_healthy\n  migrate:\n    build: .\n    environment:\n      DB_HOST: db\n${database}`;
    const after = parse(((await applied('add-pgbouncer', args, files(text))) as Files)[file] as string).services;
    expect(after.web).toMatchObject({ environment: { DB_HOST: 'pgbouncer' }, depends_on: { db: { condition: 'service_healthy' }, pgbouncer: { condition: 'service_started' } } });
    expect(after.migrate.environment.DB_HOST).toBe('db');
    expect(after.api).toEqual({ build: '.', environment: { HOST: 'x' } });
  });

  it.each([
    ['nobody names the host', `services:\n  api:\n    build: .\n${database}`, /names db as its database host/],
    [
      'no password in sight',
      'services:\n  api:\n    build: .\n    environment:\n      DB_HOST: db\n  db:\n    image: postgres\n    env_file: x.env\n',
      /does not set a password for db/,
    ],
    ['no such service', 'services:\n  api:\n    build: .\n', /no service db/],
    ['an alias without its anchor', `services:\n  api:\n    build: .\n    environment:\n      DB_HOST: db\n      MODE: *gone\n${database}`, /is not valid YAML/],
    ['flow style', 'services: { db: { image: postgres } }\n', /no services in block style/],
    ['dependencies from an anchor', `x: &d\n  depends_on: [db]\nservices:\n  api:\n    <<: *d\n    build: .\n    environment:\n      DB_HOST: db\n${database}`, /by a YAML merge/],
  ] as [string, string, RegExp][])('refuses: %s', async (_name, text, because) => {
    expect(await applied('add-pgbouncer', args, files(text))).toEqual({ cannot: expect.stringMatching(because) });
  });

  it('what it writes is read back: the database sees the pooler only, and the weakness is gone', async () => {
    const app = {
      Dockerfile: 'FROM node:22\nCMD ["node", "index.js"]\n',
      'package.json': JSON.stringify({ name: 'api', dependencies: { express: '4', pg: '8' } }),
      'index.js': `const app = require('express')(); const { Pool } = require('pg'); const pool = new Pool({ host: process.env.DB_HOST, max: 20 });
app.get('/it', async (q, s) => { s.json(await pool.query('SELECT * FROM things')); }); app.listen(3000);`,
    };
    const compose = 'docker-compose.yml';
    const given = { ...app, [compose]: `services:\n  api:\n    build: .\n    deploy: { replicas: 10 }\n    environment:\n      DB_HOST: db\n${database}` };
    const rulesOf = async (all: Files): Promise<string[]> => {
      const topology = await topologyOf(all);
      const scenario = { ...DEFAULT_SCENARIO, targetSetByUser: true };
      return advise(topology, scenario, assess(topology, scenario)).findings.flatMap((it) => [it.rule, ...it.folded.map((row) => row.rule)]);
    };
    expect(await rulesOf(given)).toContain('connection-budget');
    const after = (await applied('add-pgbouncer', { ...args, compose, poolSize: 90, maxClients: 400 }, given)) as Files;
    const topology = await topologyOf({ ...given, ...after });
    expect(topology.pools).toMatchObject([
      { id: 'pgbouncer→db pool', max: { value: 90 } },
      { client: 'api', target: 'db', through: 'pgbouncer→db pool' },
    ]);
    expect(await rulesOf({ ...given, ...after })).not.toContain('connection-budget');
  });
});
