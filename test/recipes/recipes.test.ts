import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/model/edit.ts';
import { makeAllEdits, makeEdits, RECIPES } from '../../src/recipes/index.ts';
import { VERSIONS } from '../../src/recipes/versions.ts';
import { expectReadable, type Files, memoryWorkspace } from './bench.ts';

const folder = join(import.meta.dirname, '../../src/recipes');
const sources = readdirSync(folder).filter((it) => it.endsWith('.ts'));

describe('catalogue', () => {
  it('every package and image that a recipe adds stands in the dated table, and no other', () => {
    const texts = sources.filter((it) => it !== 'versions.ts').map((it) => readFileSync(join(folder, it), 'utf8'));
    const named = texts.flatMap((it) => [...it.matchAll(/rangesOf\(\[([^\]]+)\]\)/g)].flatMap((match) => [...(match[1] as string).matchAll(/'([^']+)'/g)].map((one) => one[1])));
    expect([...new Set(named)].sort()).toEqual(Object.keys(VERSIONS.packages).sort());
    expect([...new Set(texts.flatMap((it) => [...it.matchAll(/VERSIONS\.images\.(\w+)/g)].map((match) => match[1])))].sort()).toEqual(Object.keys(VERSIONS.images).sort());
    for (const it of texts) expect(it).not.toMatch(/['"`][~^]\d+\.\d|image: [\w./-]+:/);
    expect(VERSIONS.asOf).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  it('every recipe lies in the file of its name, and every such file is listed', () => {
    const files = sources.filter((it) => /satisfies Recipe;/.test(readFileSync(join(folder, it), 'utf8'))).map((it) => it.replace('.ts', ''));
    expect(RECIPES.map((it) => it.id).sort()).toEqual(files.sort());
  });

  it('every recipe that rules and what-ifs call is there', () => {
    const root = join(import.meta.dirname, '../../src');
    const called = globSync(['rules/*.ts', 'recipes/calls.ts', 'editor/*.ts'], { cwd: root }).flatMap((it) =>
      [...readFileSync(join(root, it), 'utf8').matchAll(/recipe: '([\w-]+)'/g)].map((match) => match[1]),
    );
    expect(called.length).toBeGreaterThan(0);
    for (const it of called) expect(RECIPES.map((recipe) => recipe.id)).toContain(it);
  });
});

const words = [
  'new Pool(',
  'new Worker(',
  '{',
  '}',
  '(',
  ')',
  'max: 10',
  ', ',
  'await ',
  'res.json(',
  'req.body',
  'async (req, res) => ',
  "'x'",
  '\n',
  '\r\n',
  '`',
  '/*',
  '*/',
  '//',
  'pool.query(',
  'client',
  ';',
  '...a',
  'import ',
  ' from ',
  'services:\n',
  '  db:\n',
  '    image: postgres\n',
  '<<: *a',
  '&a',
  '\t',
  '- ',
  'environment:',
];
/** Calls that fit their text, as long as nobody hurts it. */
const code: readonly [recipe: string, args: Readonly<Record<string, string | number>>, text: string][] = [
  ['set-pool-max', { line: 2, library: 'pg', value: 25 }, "import { Pool } from 'pg';\nexport const pool = new Pool({ max: 10 });\n"],
  [
    'set-acquire-timeout',
    { line: 2, library: 'sequelize', valueMs: 9 },
    "const { Sequelize } = require('sequelize');\nmodule.exports = new Sequelize(a, b, c, {\n  host,\n  pool: { min: 1 } // few\n});\n",
  ],
  ['set-pool-max', { line: 2, library: 'mongoose', value: 25 }, "import mongoose from 'mongoose';\nawait mongoose.connect(uri);\n"],
  ['set-worker-concurrency', { line: 2, library: 'bullmq', value: 25 }, "const { Worker } = require('bullmq');\nnew Worker('q', run, {\r\n\tconnection,\r\n});\r\n"],
  ['set-worker-concurrency', { line: 1, library: 'bull', value: 25 }, "queue.process('a', run);\nconsumer.run({ eachMessage });\n"],
  ['use-held-connection', { line: 3, client: 'client' }, 'async function pay() {\n  const client = await pool.connect();\n  await pool.query(sql);\n}\n'],
  [
    'insert-cache',
    { line: 3, technology: 'redis', key: "'`$" + '{x}', ttlSeconds: 60 },
    "import { pool } from './b.js';\napp.post('/', async (req, res) => {\n  res.json(await pool.query('x', [req.body.a]));\n});\n",
  ],
  [
    'insert-queue',
    { line: 2, technology: 'kafka', queue: '../../x' },
    "const Order = require('./b');\napp.post('/', async (req, res) => {\n  const o = await Order.create(req.body);\n  res.json(o);\n});\n",
  ],
  ['extract-worker', { line: 1, worker: '../w', service: 'app', compose: 'compose.yml' }, "export const w = new Worker('q', run);\n"],
  ['add-pgbouncer', { compose: 'compose.yml', service: 'db', poolSize: 5, maxClients: 10 }, ''],
];
const compose = [
  'services:\n  app:\n    build: ..\n    environment:\n      DB_HOST: db\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: x\n',
  'services:\n  db:\n    image: postgres\n    environment: [POSTGRES_PASSWORD=x]\n  app:\n    build: .\n    environment:\n      - DB_HOST=db\n    depends_on: [db]',
];
/** A good text with up to three wounds: a stretch cut out, a word put in. */
const wounded = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(400), fc.nat(6), fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 3 }))), { maxLength: 3 })
    .map((cuts) => cuts.reduce((it, [at, length, word]) => it.slice(0, at % (it.length + 1)) + word + it.slice((at % (it.length + 1)) + length), text));
const strange = fc.record(
  {
    line: fc.constantFrom(0, -1, 1.5, Number.NaN, 1e9),
    library: fc.constantFrom('__proto__', 'toString', ''),
    value: fc.constantFrom(0, 1.5),
    file: fc.constantFrom('gone.ts', '.env', ''),
  },
  { requiredKeys: [] },
);
const anyCall = fc
  .tuple(fc.constantFrom(...code), fc.constantFrom(...compose), fc.oneof({ arbitrary: fc.constant({}), weight: 4 }, { arbitrary: strange, weight: 1 }))
  .chain(([[recipe, args, text], yaml, odd]) =>
    fc.record({ recipe: fc.constant(recipe), args: fc.constant({ file: 'src/a.ts', ...args, ...odd }), text: wounded(text), yaml: wounded(yaml) }),
  );

describe('whatever the files hold', () => {
  it('a recipe answers with edits that fit the text or with a reason, and never throws', async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(anyCall, async ({ recipe, args, text, yaml }) => {
        const files: Files = { 'src/a.ts': text, 'src/b.js': "import './a';\nmodule.exports = 1;\n", 'compose.yml': yaml, '.env': text, 'package.json': '{}' };
        const done = await makeEdits({ recipe, args }, memoryWorkspace(files));
        if ('cannot' in done) return void expect(done.cannot.length).toBeGreaterThan(0);
        made += 1;
        for (const it of done.edits) {
          expect(it.file).not.toMatch(/\.\./);
          expectReadable(it.file, it.kind === 'create' ? it.text : applyEdits(it.before, it.edits));
        }
      }),
      { numRuns: 1000 },
    );
    // A run in which nothing could be edited would prove little.
    expect(made).toBeGreaterThan(100);
  });

  it('lines may end with a carriage return alone', async () => {
    const files: Files = { 'src/a.ts': "const { Worker } = require('bullmq');\nnew Worker('q', run, {\r\n\tconnection,\r});\r\n" };
    const done = await makeEdits({ recipe: 'set-worker-concurrency', args: { file: 'src/a.ts', line: 2, library: 'bullmq', value: 25 } }, memoryWorkspace(files));
    const [edit] = 'edits' in done ? done.edits : [];
    expect(edit?.kind === 'change' && applyEdits(edit.before, edit.edits)).toBe(
      "const { Worker } = require('bullmq');\nnew Worker('q', run, {\r\n\tconnection,\r\n\tconcurrency: 25,\r});\r\n",
    );
  });
});

describe('makeAllEdits', () => {
  const files: Files = {
    'package.json': '{\n  "dependencies": {\n    "express": "4"\n  }\n}\n',
    'src/order.js': 'module.exports = { create: async (x) => x, replace: async (x) => x };\n',
    'src/routes.js':
      "const Order = require('./order');\n\nrouter.post('/', async (req, res) => {\n  res.json(await Order.create(req.body));\n});\nrouter.put('/', async (req, res) => {\n  res.json(await Order.replace(req.body));\n});\n",
  };
  const call = (line: number) => ({ recipe: 'insert-queue', args: { file: 'src/routes.js', line, technology: 'bullmq', queue: 'writes' } });

  it('lets one call see what the one before has done, and gives each file once', async () => {
    const made = await makeAllEdits([call(3), call(6)], memoryWorkspace(files));
    expect(made.cannot).toEqual([]);
    expect(made.edits.map((it) => `${it.kind} ${it.file}`)).toEqual([
      'change src/routes.js',
      'create src/queues/writes.queue.js',
      'create src/queues/writes.worker.js',
      'change package.json',
    ]);
    const text = (file: string) => made.edits.map((it) => (it.file !== file ? '' : it.kind === 'create' ? it.text : applyEdits(it.before, it.edits))).join('');
    expect(text('src/routes.js').match(/writesQueue\.add/g)).toHaveLength(2);
    expect(text('src/queues/writes.worker.js').match(/case '/g)).toHaveLength(2);
    for (const it of made.edits) if (it.kind === 'change') expect(it.before).toBe(files[it.file]);
  });

  it('says what could not be done, and does the rest', async () => {
    const made = await makeAllEdits([call(99), call(3)], memoryWorkspace(files));
    expect(made.cannot).toHaveLength(1);
    expect(made.edits).toHaveLength(4);
  });

  it('works off the calls in any order', async () => {
    const [down, up] = [await makeAllEdits([call(4), call(7)], memoryWorkspace(files)), await makeAllEdits([call(7), call(4)], memoryWorkspace(files))];
    expect([...down.cannot, ...up.cannot]).toEqual([]);
    expect(down.edits[0]).toEqual(up.edits[0]);
  });
});
