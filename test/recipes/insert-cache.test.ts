import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VERSIONS } from '../../src/recipes/versions.ts';
import { applied, expectNodeAccepts, type Files, lineOf } from './bench.ts';

const route = (inside: string) => `const { pool } = require('./db');\n\napp.get('/products/:id', async (req, res) => {\n${inside}});\n`;
const project = (inside: string, more: Files = {}): Files => ({ 'package.json': '{\n\t"dependencies": {\n\t\t"express": "4"\n\t}\n}\n', 'src/app.js': route(inside), ...more });
const args = (files: Files, more: object = {}) => ({
  file: 'src/app.js',
  line: lineOf(files['src/app.js'] as string, 'await'),
  technology: 'redis',
  key: 'select products',
  ttlSeconds: 60,
  ...more,
});

const ROWS: readonly [name: string, before: string, after: string][] = [
  [
    'rows taken out of the result, a constant query',
    "  const { rows } = await pool.query('SELECT 1'); // all\n  res.json(rows);\n",
    "  const { rows } = await cached('select:products', 60, () => pool.query('SELECT 1').then(({ rows }) => ({ rows }))); // all\n  res.json(rows);\n",
  ],
  [
    'what varies is in the key',
    "  const { rows } = await pool.query('SELECT $1', [req.params.id]);\n  res.json(rows[0]);\n",
    `  const { rows } = await cached(\`select:products:\${JSON.stringify([req.params.id])}\`, 60, () => pool.query('SELECT $1', [req.params.id]).then(({ rows }) => ({ rows })));\n  res.json(rows[0]);\n`,
  ],
  [
    'a result that is answered',
    '  const it = await pool.find(req.params.id);\n  if (!it) return res.sendStatus(404);\n  res.json(it);\n',
    `  const it = await cached(\`select:products:\${JSON.stringify(req.params.id)}\`, 60, () => pool.find(req.params.id));\n  if (!it) return res.sendStatus(404);\n  res.json(it);\n`,
  ],
  ['awaited in the answer', '  res.json(await pool.all());\n', "  res.json(await cached('select:products', 60, () => pool.all()));\n"],
];

/** What the recipe asks of lru-cache: the entry that was asked for longest ago makes room, and each has its time to live. */
class Lru {
  readonly #entries = new Map<string, { value: unknown; until: number }>();
  readonly #max: number;
  constructor({ max }: { max: number }) {
    this.#max = max;
  }
  get(key: string): unknown {
    const found = this.#entries.get(key);
    this.#entries.delete(key);
    if (!found || found.until < Date.now()) return undefined;
    this.#entries.set(key, found);
    return found.value;
  }
  set(key: string, value: unknown, { ttl }: { ttl: number }): void {
    this.#entries.set(key, { value, until: Date.now() + ttl });
    if (this.#entries.size > this.#max) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}

describe('insert-cache', () => {
  it.each(ROWS)('%s', async (_name, before, wanted) => {
    const files = project(before);
    const after = (await applied('insert-cache', args(files), files)) as Files;
    expect(after['src/app.js']).toBe(route(wanted).replace("require('./db');", "require('./db');\nconst { cached } = require('./cached');"));
    expect(after['package.json']).toBe(`{\n\t"dependencies": {\n\t\t"express": "4",\n\t\t"ioredis": "${VERSIONS.packages.ioredis}"\n\t}\n}\n`);
    expectNodeAccepts(after['src/cached.js'] as string, 'commonjs');
    expect(await applied('insert-cache', args(after), after)).toEqual({ cannot: 'the read is cached already' });
  });

  it('two reads never share a key', async () => {
    const files = project('  res.json({ a: (await pool.first()).rows });\n  res.json(await pool.second());\n');
    const once = (await applied('insert-cache', { ...args(files), line: lineOf(files['src/app.js'] as string, 'second') }, files)) as Files;
    const other = { ...once, 'src/b.js': route('  res.json(await pool.third());\n') };
    const twice = (await applied('insert-cache', { ...args(files), file: 'src/b.js', line: lineOf(other['src/b.js'] as string, 'third') }, other)) as Files;
    expect(once['src/app.js']).toContain("cached('select:products', 60");
    expect(twice['src/b.js']).toContain("cached('select:products:2', 60");
    expect(twice['src/cached.js']).toBe(once['src/cached.js']);
  });

  it('the made cache answers, expires, shares a running load and forgets the oldest', async () => {
    const files = project('  res.json(await pool.all());\n');
    const after = (await applied('insert-cache', args(files, { technology: 'memory' }), files)) as Files;
    expect(JSON.parse(after['package.json'] as string).dependencies).toMatchObject({ 'lru-cache': VERSIONS.packages['lru-cache'] });
    const module = { exports: {} as { cached<T>(key: string, seconds: number, load: () => Promise<T>): Promise<T> } };
    new Function('module', 'require', after['src/cached.js'] as string)(module, () => ({ LRUCache: Lru }));
    const { cached } = module.exports;
    let loads = 0;
    const load = async () => ++loads;
    expect(await Promise.all([cached('a', 60, load), cached('a', 60, load)])).toEqual([1, 1]);
    expect(await cached('a', 60, load)).toBe(1);
    expect(await cached('b', 0.01, load)).toBe(2);
    await new Promise((done) => setTimeout(done, 30));
    expect(await cached('b', 60, load)).toBe(3);
    await expect(cached('c', 60, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cached('c', 60, load)).toBe(4);
    for (let it = 0; it < 1000; it += 1) await cached(`k${it}`, 60, load);
    const before = loads;
    expect(await cached('a', 60, load)).toBe(before + 1);
  });

  it('a Redis in the compose file is used, else made', async () => {
    const web = 'services:\n  web:\n    build: .\n    environment:\n      PORT: 80\n';
    const made = project('  res.json(await pool.all());\n', { 'compose.yaml': web });
    const compose = ((await applied('insert-cache', args(made), made)) as Files)['compose.yaml'] as string;
    expect(compose).toBe(`${web}      REDIS_HOST: redis\n    depends_on:\n      - redis\n\n  redis:\n    image: redis:8-alpine\n    restart: unless-stopped\n`);
    const used = { ...made, 'compose.yaml': `${web}  store:\n    image: redis:7\n` };
    const found = parse(((await applied('insert-cache', args(used), used)) as Files)['compose.yaml'] as string);
    expect(found.services).toMatchObject({ web: { environment: { PORT: 80, REDIS_HOST: 'store' }, depends_on: ['store'] }, store: { image: 'redis:7' } });
    expect(Object.keys(found.services)).toEqual(['web', 'store']);
  });

  it.each([
    ['its method', (it: string) => it.replace('app.get', 'app.post')],
    ['its name', (it: string) => it.replace("app.get('/products/:id', async", 'const updateProduct = async').replace(/\}\);\n$/, '};\n')],
  ])('refuses a handler that writes by %s', async (_name, change) => {
    const files = project('  res.json(await pool.all());\n');
    const changed = { ...files, 'src/app.js': change(files['src/app.js'] as string) };
    expect(await applied('insert-cache', args(changed), changed)).toEqual({ cannot: expect.stringMatching(/must not see old data/) });
  });

  it.each([
    ['a model that is changed afterwards', '  const it = await pool.find(req.params.id);\n  await it.update({});\n  res.json(it);\n', /more than the answer/],
    ['a client of the handler', '  const client = take();\n  const { rows } = await client.query(sql);\n  res.json(rows);\n', /something that the handler has made/],
    ['a key that nobody can name', '  res.json(await pool.find(req));\n', /may not be plain data/],
    ['two awaits on a line', '  res.json([await pool.a(), await pool.b()]);\n', /more than one awaited call/],
    ['a result taken apart further', '  const { rows: [first] } = await pool.query(1);\n  res.json(first);\n', /a way that this edit does not know/],
  ] as [string, string, RegExp][])('refuses: %s', async (_name, inside, because) => {
    const files = project(inside);
    expect(await applied('insert-cache', args(files), files)).toEqual({ cannot: expect.stringMatching(because) });
  });
});
