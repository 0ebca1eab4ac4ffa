import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readProject } from '../../src/inference/project.ts';
import { cli, inFolder, ROOT, SHOP } from './run-cli.ts';

const sample = (name: string): string => join(ROOT, 'test/measurements/samples', name);
const SOURCES = [
  'package.json',
  'docker-compose.yml',
  'Dockerfile',
  'tsconfig.json',
  'src/db.ts',
  'src/server.ts',
  'src/orders.ts',
  'src/worker.ts',
  'src/routes/orders.ts',
  'src/routes/products.ts',
];
const unmeasured = Object.fromEntries(SOURCES.map((it) => [it, readFileSync(join(SHOP, it), 'utf8')]));

it('says what it would write, and writes only when told', () =>
  inFolder({ ...unmeasured, 'junk.bin': 'Dear Sir' }, (folder) => {
    // A plan of one run does not beat the statistics of many.
    const files = [sample('pg_stat_statements.csv'), sample('explain.json'), sample('access.log'), join(folder, 'junk.bin')];
    const asked = cli('import', ...files, '--workspace', folder);
    expect(asked.code, asked.err).toBe(0);
    expect(asked.out).toContain('hold db SELECT products: 1–30 ms assumed → 1.09 ms');
    expect(asked.out).toContain('not matched: GET /nowhere, 1 request: no route of the code answers it');
    expect(asked.out).toContain('junk.bin: It is none of the formats that can be read');
    expect(asked.out).toMatch(/Verdict before: Holds at 1,000 req\/s only if SELECT products holds a connection.*\nVerdict after: {2}(?!.*SELECT products)/);
    expect(asked.out).toContain('add --write');
    expect(existsSync(join(folder, 'faultline.json'))).toBe(false);

    const wrote = cli('import', ...files, '--workspace', folder, '--write', '--format', 'json');
    expect(JSON.parse(wrote.out)).toMatchObject({ version: 1, written: true, cannot: null });
    const reading = readProject(readFileSync(join(folder, 'faultline.json'), 'utf8'));
    expect(reading.problems).toEqual([]);
    expect(reading.project.measurements?.map((it) => it.input)).toContain('share api POST /orders');
    expect(cli('import', ...files, '--workspace', folder, '--write', '--format', 'json').out).toContain('"written": false');
  }));

it.each<[string[], number, string]>([
  [['import'], 2, 'import takes files of measurements'],
  [['import', '/no/such.csv', '--workspace', SHOP], 2, "can't be read"],
  [['import', sample('README.md'), '--workspace', '/no/such/folder'], 2, 'is not a folder'],
  [['import', sample('browser.har'), '--rps', '5'], 2, 'import has no option --rps'],
])('%j exits %i', (args, code, message) => {
  const ran = cli(...args);
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(message);
  expect(ran.err.trim().split('\n')).toHaveLength(1);
});

it('nothing is written over a faultline.json that is broken', () =>
  inFolder({ ...unmeasured }, (folder) => {
    writeFileSync(join(folder, 'faultline.json'), '{ "mix": ');
    const ran = cli('import', sample('explain.json'), '--workspace', folder, '--write');
    expect(ran.code).toBe(2);
    expect(ran.out).toContain('faultline.json can’t be read: correct it first.');
    expect(readFileSync(join(folder, 'faultline.json'), 'utf8')).toBe('{ "mix": ');
  }));

it('recipes for what decides, with the very query', () =>
  inFolder(unmeasured, (folder) => {
    const ran = cli('measure', folder);
    expect(ran.code, ran.err).toBe(0);
    expect(ran.out).toMatch(/^Holds at 1,000 req\/s only if SELECT products holds a connection/);
    expect(ran.out).toContain('EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id, name, price_cents FROM products ORDER BY name LIMIT 50;');
    expect(JSON.parse(cli('measure', folder, '--format', 'json').out).recipes[0]).toMatchObject({
      input: 'hold db SELECT products',
      low: 1,
      high: 30,
      unit: 'ms',
      places: [{ file: 'src/routes/products.ts', line: 7 }, {}],
    });
  }));
