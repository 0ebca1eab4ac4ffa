import { describe, expect, it } from 'vitest';
import { inputId, withInputs } from '../../src/model/inputs.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { breaksAt, compile } from '../../src/simulator/index.ts';
import { callsOf, componentsOf, topologyOf } from './memory-workspace.ts';

const app = {
  Dockerfile: 'FROM node:22\nCMD ["node", "index.js"]\n',
  'package.json': JSON.stringify({ name: 'api', dependencies: { express: '4', pg: '8' } }),
  'index.js': `const express = require('express'); const { Pool } = require('pg');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
const app = express(); app.get('/it', async (q, s) => { s.json(await pool.query('SELECT * FROM things')); }); app.listen(3000);`,
};
const compose = (more = '', replicas = 10) => `services:
  api:
    build: .
    ports: ["80:3000"]
    deploy: { replicas: ${replicas} }
    environment:
      DATABASE_URL: postgres://shop@bouncer:6432/shop
  bouncer:
    image: edoburu/pgbouncer:1.23
${more}  db:
    image: postgres:16
`;
const environment = '    environment:\n      DB_HOST: db\n      DEFAULT_POOL_SIZE: "40"\n      MAX_CLIENT_CONN: "1000"\n';
const ini = '[databases]\n* = host=db port=5432\n[pgbouncer]\npool_mode = transaction\nmax_client_conn = 1000\ndefault_pool_size = 40 ; per user\n';

describe('PgBouncer between clients and their database', () => {
  it.each<[string, Record<string, string>, object]>([
    ['by its environment', { 'compose.yaml': compose(environment) }, { max: { value: 40, basis: 'declared', place: { file: 'compose.yaml', line: 12 } } }],
    [
      'by its file',
      { 'compose.yaml': compose('    volumes: ["./pgbouncer.ini:/etc/pgbouncer/pgbouncer.ini:ro"]\n'), 'pgbouncer.ini': ini.replace(' ; per user', '') },
      { max: { value: 40, place: { file: 'pgbouncer.ini', line: 6 } } },
    ],
    ['by its defaults', { 'compose.yaml': compose('    environment: { DB_HOST: db }\n') }, { max: { value: 20, basis: 'libraryDefault' } }],
  ])('%s', async (_name, files, own) => {
    const topology = await topologyOf({ ...app, ...files });
    expect(componentsOf(topology)).toEqual(['api service', 'bouncer gateway', 'db database']);
    expect(callsOf(topology)).toEqual(['api query db', 'bouncer query db']);
    expect(topology.pools).toMatchObject([
      { id: 'bouncer→db pool', ...own },
      { id: 'api→db pool', target: 'db', max: { value: 20 }, through: 'bouncer→db pool' },
    ]);
  });

  const stationsOf = async (more: string) => {
    const { network } = compile(await topologyOf({ ...app, 'compose.yaml': compose(more) }), DEFAULT_SCENARIO);
    return Object.fromEntries(network.stations.map((it) => [it.id, it.servers]));
  };
  it('work needs a connection of both pools; only what clients open beyond the limit is refused, by the pooler', async () => {
    expect(await stationsOf(environment)).toMatchObject({ 'api→db pool': 20, 'bouncer→db pool': 40 });
    expect(await stationsOf(environment)).not.toHaveProperty('connections of db');
    expect(await stationsOf(environment.replace('"1000"', '"150"'))).toMatchObject({ 'connections of bouncer': 150 });
    expect(await stationsOf(environment.replace('"40"', '"400"'))).toMatchObject({ 'connections of db': 97 });
  });

  it('its pool is what breaks when it is the smallest', async () => {
    const topology = await topologyOf({ ...app, 'compose.yaml': compose(environment) });
    const slow = withInputs(
      topology,
      new Map([
        [inputId.hold('db', 'SELECT things'), 20],
        [inputId.component('db', 'parallelism'), 500],
      ]),
    );
    const small = breaksAt(withInputs(slow, new Map([[inputId.poolMax('bouncer→db pool'), 4]])), DEFAULT_SCENARIO) ?? Number.NaN;
    const large = breaksAt(withInputs(slow, new Map([[inputId.poolMax('bouncer→db pool'), 40]])), DEFAULT_SCENARIO) ?? Number.NaN;
    // Four connections of 20 ms do at most 200 a second.
    expect(small).toBeGreaterThan(100);
    expect(small).toBeLessThan(200);
    expect(large / small).toBeGreaterThan(8);
  });
});
