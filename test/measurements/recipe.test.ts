import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { scenarioOf } from '../../src/inference/project.ts';
import { type Recipe, recipesFor } from '../../src/measurements/recipe.ts';
import { k6Script } from '../../src/measurements/recipe-load.ts';
import { recipesText } from '../../src/measurements/recipe-text.ts';
import { readMeasurements } from '../../src/measurements/read-measurements.ts';
import { writtenStatement } from '../../src/measurements/written-statement.ts';
import { inputsOf } from '../../src/model/inputs.ts';
import { assess } from '../../src/simulator/index.ts';
import { memoryWorkspace, service } from '../inference/memory-workspace.ts';

const code = (dependencies: Record<string, string>, source: string) =>
  memoryWorkspace(service({ express: '4', ...dependencies }, { 'src/index.js': `const app = require('express')();\n${source}\napp.listen(1);` }));
const POSTGRES = `const { Pool } = require('pg'); const pool = new Pool({ host: 'db' });
app.get('/orders/:id', async (q, s) => s.json(await pool.query('SELECT * FROM order_items WHERE id = $1', [q.params.id])));`;
const MYSQL = `const pool = require('mysql2/promise').createPool({ host: 'db' });
app.post('/orders', async (q, s) => s.json(await pool.query('INSERT INTO orders (a) VALUES (?)', [1])));`;
const CACHE = `const Redis = require('ioredis'); const redis = new Redis('redis://cache:6379'); const { Pool } = require('pg'); const pool = new Pool({ host: 'db' });
app.get('/users/:id', async (q, s) => { const hit = await redis.get('user:' + q.params.id); if (hit) return s.json(hit); s.json(await pool.query('SELECT * FROM users WHERE id = $1', [q.params.id])); });`;
const CALL = `const axios = require('axios');
app.get('/quote', async (q, s) => s.json((await axios.get('https://api.rates.example/today')).data));`;
const LOOP = `const { Pool } = require('pg'); const pool = new Pool({ host: 'db' });
app.get('/all', async (q, s) => { for (const id of q.body.ids) await pool.query('SELECT * FROM a WHERE id = $1', [id]); s.json(1); });`;

/** Recipes for every assumed number, whether it decides here or not. */
async function allRecipes(dependencies: Record<string, string>, source: string): Promise<Map<string, Recipe>> {
  const { topology, project } = await infer(code(dependencies, source));
  const outcome = assess(topology, scenarioOf(project, topology));
  const decidedBy = inputsOf(topology).flatMap((it) =>
    it.value.state === 'known' && it.value.range
      ? [{ input: it.id, label: it.label, basis: it.value.basis, low: it.value.range[0], high: it.value.range[1], unit: it.unit, places: it.places }]
      : [],
  );
  const recipes = recipesFor({ topology, outcome: { ...outcome, decidedBy }, statementAt: () => undefined });
  return new Map(recipes.map((it) => [it.input, it]));
}

it('one log tells every share of the load: the most decisive stands for them', async () => {
  const { topology, project } = await infer(
    code({ pg: '8' }, `${POSTGRES}\napp.get('/a', (q, s) => s.json(1));\napp.post('/b', (q, s) => s.json(1));\napp.post('/c', (q, s) => s.json(1));`),
  );
  const outcome = assess(topology, scenarioOf(project, topology));
  const share = (input: string) => ({ input, label: input, basis: 'assumed' as const, low: 0.1, high: 0.5, unit: 'ratio' as const, places: [] });
  const recipes = recipesFor({ topology, outcome: { ...outcome, breakEven: [], decidedBy: [share('share app POST /b'), share('readShare'), share('share app GET /a')] } });
  expect(recipes.map((it) => it.input)).toEqual(['share app POST /b']);
  expect(recipes[0]?.parts.map((it) => it.saves)).toEqual(['access.log', 'metrics.txt', 'share-app-post-b.txt']);
  // The line that the last one prints is one that `faultline import` reads.
  const printed = /'(\{.*\})\\n'/
    .exec(recipes[0]?.parts[2]?.text ?? '')?.[1]
    ?.replace('%s', '"share app POST /b"')
    .replace('%s', '2');
  expect(readMeasurements(printed ?? '')).toMatchObject({ samples: [{ kind: 'value', input: 'share app POST /b', value: 2, unit: '%' }] });
});

describe('every assumed number has a recipe that fits it', () => {
  it.each<[string, Record<string, string>, string, string, string[]]>([
    [
      'a query of PostgreSQL',
      { pg: '8' },
      POSTGRES,
      'hold db SELECT order_items',
      [
        'FROM pg_stat_statements',
        'AS running_at_once',
        'order_?item(e?s)?',
        'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)',
        'db_client_operation_duration',
        "executor: 'constant-arrival-rate'",
        'autocannon --json',
      ],
    ],
    ['a query of MySQL', { mysql2: '3' }, MYSQL, 'hold db INSERT orders', ['events_statements_summary_by_digest', 'AVG_TIMER_WAIT / 1e9 AS mean_exec_time', '-m POST']],
    ['CPU of requests', { pg: '8' }, POSTGRES, 'compute request handling in app', ['monitorEventLoopDelay', 'process.cpuUsage', 'process_cpu_seconds_total']],
    ['hits of a cache', { ioredis: '5', pg: '8' }, CACHE, 'hitRatio cache user:*', ['INFO stats', 'redis_keyspace_hits_total', 'CONFIG RESETSTAT']],
    ['a command of a cache', { ioredis: '5', pg: '8' }, CACHE, 'service cache command', ['performance.now']],
    ['another server', { axios: '1' }, CALL, '', ['undici:request:create', 'http.client.response.finish', 'api.rates.example']],
    ['cores of a database', { pg: '8' }, POSTGRES, 'parallelism db', ['nproc']],
    ['the round trip', { pg: '8' }, POSTGRES, 'roundTripMs', ['ping -c 20']],
    ['rounds of a loop', { pg: '8' }, LOOP, 'times src/index.js:3', ['rounds / loops']],
  ])('%s', async (_name, dependencies, source, input, words) => {
    const recipes = await allRecipes(dependencies, source);
    const recipe = recipes.get(input === '' ? ([...recipes.keys()].find((it) => it.startsWith('service ')) as string) : input);
    const text = recipe ? recipesText([recipe], 'headline') : `only ${[...recipes.keys()].join(', ')}`;
    for (const word of words) expect(text).toContain(word);
    for (const it of recipes.values()) expect(it.parts.length, it.input).toBeGreaterThan(0);
  });
});

describe('scripts', () => {
  const isScript = (text: string): unknown => new Function(text);
  it.each([
    ['PostgreSQL', { pg: '8' }, POSTGRES],
    ['a cache', { ioredis: '5', pg: '8' }, CACHE],
    ['a call', { axios: '1' }, CALL],
    ['a loop', { pg: '8' }, LOOP],
  ])('%s: what is JavaScript parses', async (_name, dependencies, source) => {
    const recipes = await allRecipes(dependencies as unknown as Record<string, string>, source);
    for (const part of [...recipes.values()].flatMap((it) => it.parts))
      if (part.language === 'js') expect(() => isScript(`return async () => { ${part.text.replace(/^import .*$/gm, '').replace(/^export /gm, '')} }`), part.title).not.toThrow();
  });

  it('the CPU snippet prints what import reads', async () => {
    const part = (await allRecipes({ pg: '8' }, POSTGRES)).get('compute request handling in app')?.parts[0];
    let tick = (): void => undefined;
    let request = (): void => undefined;
    let cpu = 0;
    const printed: string[] = [];
    const modules: Record<string, unknown> = {
      'node:diagnostics_channel': { subscribe: (_name: string, on: () => void) => void (request = on) },
      'node:perf_hooks': { monitorEventLoopDelay: () => ({ enable() {}, reset() {}, percentile: () => 12_000_000 }) },
    };
    const context = createContext({
      require: (name: string) => modules[name],
      process: { cpuUsage: (before?: { user: number }) => ({ user: cpu - (before?.user ?? 0), system: 0 }) },
      setInterval: (run: () => void) => {
        tick = run;
        return { unref() {} };
      },
      console: { log: (text: string) => printed.push(text) },
      Date,
      JSON,
    });
    runInContext(part?.text ?? '', context);
    cpu = 84_000;
    for (let at = 0; at < 200; at++) request();
    tick();
    const read = readMeasurements(`listening on 3000\n${printed.join('\n')}\n`);
    expect(read).toMatchObject({ tool: 'faultline measure', samples: [{ kind: 'value', input: 'compute request handling in app', value: 0.42, unit: 'ms' }] });
    tick();
    expect(printed).toHaveLength(1);
  });

  it('a k6 script of several routes keeps rates, tags and thresholds apart', () => {
    const text = k6Script([
      { method: 'GET', path: '/orders/:id', perSecond: 400, p95Ms: 250, errorShare: 0.01 },
      { method: 'POST', path: '/orders', perSecond: 0.5, p95Ms: 500, errorShare: 0.02 },
    ]);
    for (const it of [
      "rate: 400, timeUnit: '1s', duration: '120s', preAllocatedVUs: 100, maxVUs: 1000, exec: 'route1'",
      "rate: 30, timeUnit: '1m'",
      '"http_req_duration{name:GET /orders/:id}": [\'p(95)<250\']',
      '"http_req_failed{name:POST /orders}": [\'rate<0.02\']',
      'BASE + "/orders/1"',
      '{ name: "GET /orders/:id" }',
    ])
      expect(text).toContain(it);
  });
});

describe('the statement that is written at a line', () => {
  it.each<[string, string, string | undefined]>([
    ['on the line', "pool.query('SELECT a FROM b')", 'SELECT a FROM b'],
    ['over lines', 'pool.query(`\n  SELECT a\n  FROM b\n  WHERE c = ${d}`)', 'SELECT a FROM b WHERE c = …'],
    ['put together', "pool.query('SELECT a FROM b WHERE c = ' + d)", 'SELECT a FROM b WHERE c = …'],
    ['texts are left out', `pool.query("SELECT a FROM b WHERE c = 'hunter2'")`, "SELECT a FROM b WHERE c = '…'"],
    ['escaped quotes too', "pool.query('SELECT a FROM b WHERE c = \\'hunter2\\'')", "SELECT a FROM b WHERE c = '…'"],
    ['none', 'User.findAll();\n', undefined],
    ['of the next call', "User.findAll();\npool.query('SELECT a FROM b')", undefined],
    ['cut off', "pool.query('SELECT a", undefined],
  ])('%s', (_name, text, expected) => expect(writtenStatement(`// first line\n${text}`, 2)).toBe(expected));
});

it('where nothing decides, it says so', () =>
  expect(recipesText([], 'Holds at 10 req/s')).toBe('Holds at 10 req/s\n\nNothing that is assumed decides this: there is nothing to measure first.\n'));
