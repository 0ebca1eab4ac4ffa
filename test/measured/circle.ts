import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Bed, GENERATOR_CORE, load, SERVICE_PORT, SYSTEM_CORE } from './bed.ts';
import type { Running } from './processes.ts';
import type { Row } from './row.ts';
import { POSTGRES_PORT, postgres, ROLE } from './stores.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SHOP = here('../fixtures/shop');
const CLI = here('../../src/cli.ts');
const OWNER_URL = `postgres://owner@127.0.0.1:${POSTGRES_PORT}/shop`;
/** Sorting so many products for each page is what the database does most. */
const PRODUCTS = 12_000;
/** Between the guesses' ends, so that only measuring tells. */
const TARGET_PER_SECOND = 400;
const MIX = { '/products': 0.9, '/products/7': 0.1 };
const LIGHT_PER_SECOND = 12;
/** The recipe for CPU answers twice a minute; its first answer has the start in it. */
const MEASURING_SECONDS = 65;
const THROUGHPUT_BAR = 0.1;

interface Check {
  outcome: { verdict: string; headline: string; breakEven: { value: number | null }[]; saturatesAtPerSecond: { value: number | null; low: number | null; high: number | null } };
}
interface Recipes {
  recipes: { input: string; label: string; parts: { title: string; language: string; text: string; saves?: string }[] }[];
}

/**
 * The whole circle on the sample shop: an open verdict with its break-evens, every recipe for what decides run for real against Debian's PostgreSQL,
 * the files imported, the verdict that comes of it, and an open load beyond it that says whether it was true. Throws where a step does not do what it says.
 */
export async function* circleRows(bed: Bed, programs: string, seconds: number): AsyncGenerator<Row> {
  const shop = join(bed.folder, 'shop');
  cpSync(SHOP, shop, { recursive: true });
  const project = { target: { requestsPerSecond: TARGET_PER_SECOND }, mix: { 'GET /products': 9, 'GET /products/:id': 1 } };
  writeFileSync(join(shop, 'faultline.json'), JSON.stringify(project, null, 2));

  const before = told<Check>('check', shop, '--fail-on', 'none', '--format', 'json').outcome;
  console.log(`# before: ${before.verdict}: ${before.headline}`);
  if (before.verdict !== 'unknown' || before.breakEven.every((it) => it.value === null)) throw new Error(`expected an open verdict with a break-even, got ${before.verdict}`);

  const { recipes } = told<Recipes>('measure', shop, '--format', 'json');
  const db = await database(bed, programs);
  const preloads = recipes.flatMap((it) => it.parts.filter((part) => part.language === 'js' && part.text.includes('process.cpuUsage'))).slice(0, 1);
  const said = join(bed.folder, 'service.log');
  const service = await started(bed, shop, preloads[0]?.text, said);
  await both(bed, LIGHT_PER_SECOND, MEASURING_SECONDS);

  const files = [...(preloads.length > 0 ? [said] : []), ...recipes.flatMap((it) => ran(bed, it))];
  console.log(`# measured: ${recipes.map((it) => it.label).join('; ')}`);
  const imported = cli('import', ...files, '--workspace', shop, '--write');
  console.log(imported.out.replace(/^/gm, '# '));
  await service.stop();

  const after = told<Check>('check', shop, '--fail-on', 'none', '--format', 'json').outcome;
  console.log(`# after: ${after.verdict}: ${after.headline}`);
  if (after.verdict === 'unknown') throw new Error('what was measured left the verdict open');
  const predicted = after.saturatesAtPerSecond.value;
  if (predicted === null) throw new Error('no limit was predicted');

  const loaded = await started(bed, shop, undefined, said);
  await both(bed, LIGHT_PER_SECOND, 5);
  const over = await both(bed, 1.3 * predicted, seconds);
  yield {
    system: 'shop: measured, imported, judged',
    what: 'throughput under 1.3 times what it is said to carry',
    unit: '/s',
    predicted,
    measured: over.goodLatePerSecond,
    bar: THROUGHPUT_BAR,
    machine: over.machine,
  };
  const holds = over.goodLatePerSecond >= TARGET_PER_SECOND;
  const isRight = after.verdict === 'fails' ? !holds : holds;
  yield { system: 'shop: measured, imported, judged', what: `verdict at ${TARGET_PER_SECOND}/s: ${after.verdict}`, unit: '', predicted: 1, measured: isRight ? 1 : 0, bar: 0 };
  await loaded.stop();
  await db.stop();
}

/** PostgreSQL with the shop's tables filled and its statements counted: it is what gives way, so it has a core to itself. */
async function database(bed: Bed, programs: string): Promise<Running> {
  const db = await postgres(bed.processes, bed.folder, programs, SYSTEM_CORE, 100, ['shared_preload_libraries', 'pg_stat_statements']);
  const psql = (url: string, sql: string): void => {
    const ended = spawnSync(join(programs, 'psql'), [url, '-v', 'ON_ERROR_STOP=1', '-c', sql], { encoding: 'utf8' });
    if (ended.status !== 0) throw new Error(`psql: ${ended.stderr}`);
  };
  psql(`postgres://owner@127.0.0.1:${POSTGRES_PORT}/postgres`, `CREATE DATABASE shop OWNER ${ROLE}`);
  psql(OWNER_URL, 'CREATE EXTENSION pg_stat_statements');
  const app = `postgres://${ROLE}@127.0.0.1:${POSTGRES_PORT}/shop`;
  psql(app, readFileSync(join(SHOP, 'migrations/001_init.sql'), 'utf8'));
  psql(app, `INSERT INTO products (name, price_cents, stock) SELECT md5(it::text), it, 1000000 FROM generate_series(1, ${PRODUCTS}) AS it`);
  psql(OWNER_URL, 'VACUUM ANALYZE products');
  psql(OWNER_URL, 'SELECT pg_stat_statements_reset()');
  return db;
}

/** The shop's own server, built as its package says, with a recipe before it where there is one. */
async function started(bed: Bed, shop: string, preload: string | undefined, log: string): Promise<Running> {
  const dist = join(shop, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  await build({
    entryPoints: [join(shop, 'src/server.ts')],
    outfile: join(dist, 'server.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  if (preload !== undefined) writeFileSync(join(shop, 'faultline-cpu.cjs'), preload);
  rmSync(join(shop, 'node_modules'), { recursive: true, force: true });
  symlinkSync(join(bed.packages, 'node_modules'), join(shop, 'node_modules'));
  const url = `postgres://${ROLE}@127.0.0.1:${POSTGRES_PORT}/shop`;
  const run = `exec env DATABASE_URL=${url} PORT=${SERVICE_PORT} '${process.execPath}' ${preload === undefined ? '' : '--require ./faultline-cpu.cjs'} dist/server.js > '${log}' 2>&1`;
  return bed.processes.start({ command: ['sh', '-c', run], core: GENERATOR_CORE, folder: shop, ready: { port: SERVICE_PORT } });
}

/** Both routes at once, by the mix. */
async function both(bed: Bed, perSecond: number, seconds: number): Promise<{ goodLatePerSecond: number; machine: string }> {
  const met = await Promise.all(Object.entries(MIX).map(([path, share], seed) => load(bed, path, perSecond * share, seconds, { seed: seed + 1, connections: 50, coarse: true })));
  return { goodLatePerSecond: met.reduce((sum, it) => sum + it.goodLatePerSecond, 0), machine: met[0]?.machine ?? '' };
}

/** Runs the parts of a recipe that a shell can run, where the database runs; the files that they made. */
function ran(bed: Bed, { parts, label }: Recipes['recipes'][number]): string[] {
  const own = parts.filter((it) => it.language === 'sh' && it.saves !== undefined && !/autocannon|ping /.test(it.text)).slice(0, 1);
  return own.map((it) => {
    const file = join(bed.folder, it.saves as string);
    const ended = spawnSync('taskset', ['-c', String(SYSTEM_CORE), 'sh', '-c', it.text], {
      cwd: bed.folder,
      encoding: 'utf8',
      env: { ...process.env, DATABASE_URL: OWNER_URL },
    });
    if (ended.status !== 0) throw new Error(`the recipe for ${label}: ${ended.stderr}`);
    return file;
  });
}

function cli(...args: string[]): { out: string } {
  const ended = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  if (ended.status !== 0) throw new Error(`faultline ${args[0]}: ${ended.stderr}${ended.stdout.slice(-2000)}`);
  return { out: ended.stdout };
}

const told = <T>(...args: string[]): T => JSON.parse(cli(...args).out) as T;
