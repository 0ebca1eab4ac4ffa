import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import { matchReading } from '../../src/measurements/match.ts';
import { endpointFor } from '../../src/measurements/match-endpoint.ts';
import type { Sample } from '../../src/measurements/reading.ts';
import { readMeasurements } from '../../src/measurements/read-measurements.ts';
import { memoryWorkspace, service } from '../inference/memory-workspace.ts';

const { topology: shop } = await infer(nodeWorkspace(join(import.meta.dirname, '../fixtures/shop')));
const { topology: cached } = await infer(
  memoryWorkspace(
    service(
      { express: '4', pg: '8', ioredis: '5', axios: '1' },
      {
        'src/index.js': `const express = require('express'); const { Pool } = require('pg'); const Redis = require('ioredis'); const axios = require('axios');
const pool = new Pool({ host: 'db' }); const redis = new Redis('redis://cache:6379'); const app = express();
app.get('/users/:id', async (q, s) => { const hit = await redis.get('user:' + q.params.id); if (hit) return s.json(hit); const r = await pool.query('SELECT * FROM users WHERE id = $1', [q.params.id]); s.json(r.rows); });
app.get('/users/me', (q, s) => s.json({}));
app.post('/pay', async (q, s) => s.json((await axios.post('https://api.payments.example/charge')).data));
app.get('/health', (q, s) => s.send('ok'));
app.listen(1);`,
      },
    ),
  ),
);
const match = (topology: typeof shop, ...samples: Sample[]) => matchReading({ tool: 'tool', samples, skipped: [] }, topology, '2026-11-20');
const sqlOf = (sql: string, meanMs: number, calls: number, includesNetwork = false): Sample => ({ kind: 'query', sql, meanMs, calls, includesNetwork });

describe('values', () => {
  it.each<[string, typeof shop, Sample[], object]>([
    ['time at the server, and the round trip to it', shop, [sqlOf('INSERT INTO orders (a) VALUES ($1)', 2, 10)], { input: 'hold db INSERT orders', value: 2.3, unit: 'ms' }],
    ['time at the client holds it already', shop, [sqlOf('INSERT INTO orders (a) VALUES ($1)', 2, 10, true)], { input: 'hold db INSERT orders', value: 2 }],
    [
      'several statements of one query, by their calls',
      shop,
      [sqlOf('SELECT * FROM products WHERE id = $1', 1, 300, true), sqlOf('SELECT a FROM products', 5, 100, true)],
      { input: 'hold db SELECT products', value: 2 },
    ],
    ['hits', cached, [{ kind: 'hits', hits: 31, misses: 9 }], { input: 'hitRatio cache user:*', value: 0.775, unit: 'ratio' }],
    ['commands of a cache', cached, [{ kind: 'command', engine: 'redis', meanMs: 0.25, count: 9 }], { input: 'service cache command', value: 0.25 }],
    ['CPU of a process', cached, [{ kind: 'cpu', cpuMs: 8000, requests: 20_000 }], { input: 'compute request handling in app', value: 0.4 }],
    ['by the name of the project', shop, [{ kind: 'value', input: 'parallelism db', value: 4, unit: 'cores' }], { input: 'parallelism db', value: 4, unit: 'cores' }],
  ])('%s', (_name, topology, samples, expected) => {
    const { measurements, unmatched } = match(topology, ...samples);
    expect(unmatched).toEqual([]);
    expect(measurements).toEqual([expect.objectContaining({ basis: 'measured', at: '2026-11-20', ...expected })]);
    expect(measurements[0]?.source).toMatch(/^tool/);
  });

  it('a call of another server by its host', () => {
    const { measurements } = match(cached, { kind: 'call', host: 'api.payments.example', meanMs: 210, count: 7 });
    expect(measurements).toEqual([expect.objectContaining({ value: 210, unit: 'ms', source: 'tool, 7 calls' })]);
    expect(measurements[0]?.input).toMatch(/^service .*payments/);
  });

  it('shares add up to one, without health checks', () => {
    const requests = (method: string, path: string, count: number): Sample => ({ kind: 'requests', method, path, isPath: true, count });
    const { measurements, unmatched } = match(
      cached,
      requests('GET', '/users/7', 50),
      requests('GET', '/users/8', 10),
      requests('POST', '/pay', 20),
      requests('GET', '/health', 500),
    );
    expect(unmatched).toEqual([]);
    expect(measurements.map((it) => [it.input, it.value])).toEqual([
      ['share app GET /users/:id', 0.75],
      ['share app POST /pay', 0.25],
    ]);
  });
});

describe('what does not match is shown with its reason', () => {
  it.each<[string, typeof shop, Sample, string, string]>([
    ['another table', shop, sqlOf('SELECT * FROM audit', 1, 1), 'SELECT * FROM audit', 'no SELECT of audit was found in the code'],
    ['texts stay hidden', shop, sqlOf("SELECT * FROM audit WHERE name = 'Jane Doe'", 1, 1), "SELECT * FROM audit WHERE name = '…'", 'no SELECT'],
    ['another route', shop, { kind: 'requests', method: 'GET', path: '/admin', isPath: true, count: 3 }, 'GET /admin, 3 requests', 'no route of the code answers it'],
    ['hits without a cache', shop, { kind: 'hits', hits: 1, misses: 1 }, 'hits of the cache', 'no read of a cache'],
    ['a store that is not there', shop, { kind: 'command', engine: 'redis', meanMs: 1, count: 2 }, '2 commands of redis', 'no command of redis'],
    ['an unknown host', shop, { kind: 'call', host: 'example.org', meanMs: 1, count: 1 }, '1 call of example.org', 'no call of that host'],
    ['CPU of two programs', shop, { kind: 'cpu', cpuMs: 1, requests: 1 }, 'CPU of the process', 'counts them together'],
  ])('%s', (_name, topology, sample, what, why) => {
    const { measurements, unmatched } = match(topology, sample);
    expect(measurements).toEqual([]);
    expect(unmatched).toHaveLength(1);
    expect(unmatched[0]?.what).toBe(what);
    expect(unmatched[0]?.why).toContain(why);
  });

  it('what no program sends is not even mentioned', () => expect(match(shop, sqlOf('SET client_encoding TO x', 1, 1)).unmatched).toEqual([]));
});

it.each([
  ['GET', '/users/me', 'app GET /users/me'],
  ['GET', '/users/7', 'app GET /users/:id'],
  ['GET', '/users/{id}', 'app GET /users/:id'],
  ['GET', '/users/7/', 'app GET /users/:id'],
  ['HEAD', '/health', 'app GET /health'],
  ['', '/pay', 'app POST /pay'],
  ['DELETE', '/users/7', undefined],
  ['GET', '/users', undefined],
  ['GET', '/users/7/friends', undefined],
])('%s %s is answered by %s', (method, path, endpoint) => expect(endpointFor(method, path, cached).endpoint?.id).toBe(endpoint));

it.each(['pg_stat_statements.csv', 'otlp.jsonl'])('%s covers every query of its run', (name) => {
  const read = readMeasurements(readFileSync(join(import.meta.dirname, 'samples', name), 'utf8'));
  if ('problem' in read) throw new Error(read.problem);
  const { measurements, unmatched } = matchReading(read, shop, '2026-11-20');
  expect(unmatched).toEqual([]);
  expect(measurements.map((it) => it.input)).toEqual(
    expect.arrayContaining(['BEGIN', 'COMMIT', 'INSERT orders', 'SELECT products', 'UPDATE products'].map((it) => `hold db ${it}`)),
  );
});
