import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Bed, GENERATOR_CORE, load, mean, SERVICE_PORT, SYSTEM_CORE } from './bed.ts';
import type { Running } from './processes.ts';
import type { Row } from './row.ts';
import { POSTGRES_PORT, postgres, ROLE } from './stores.ts';
import { Yardstick } from './yardstick.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SHOP = here('../fixtures/shop');
const CLI = here('../../src/cli.ts');
const OWNER_URL = `postgres://owner@127.0.0.1:${POSTGRES_PORT}/shop`;
/** Sorting so many products for each page is what the database does most. */
const PRODUCTS = 12_000;
/** Between the guesses' ends, so that only measuring tells. */
const TARGET_PER_SECOND = 400;
const MIX = { '/products': 0.9, '/products/7': 0.1 };
/** Connections stand and handlers are compiled before anything counts. */
const [WARM_PER_SECOND, WARM_SECONDS] = [40, 5];
/** The recipe for a query counts for a minute, that for CPU answers twice in it. */
const MEASURING_SECONDS = 64;
/** p95 of a service in which nothing waits any more, and how often that is asked. */
const [DRAINED_MS, MOST_TRIES] = [200, 20];
/** What comes of a measurement may say that it was taken at too little load: then once more. */
const MOST_ROUNDS = 3;
const THROUGHPUT_BAR = 0.1;
/** A virtual machine's core is by a fifth faster or slower from one ten seconds to the next: as many of the load as of the measuring. */
const WINDOWS = 4;
const BEYOND = 1.5;

interface Check {
  outcome: { verdict: string; headline: string; breakEven: { value: number | null }[]; saturatesAtPerSecond: { value: number | null; low: number | null; high: number | null } };
}
interface Recipes {
  recipes: { input: string; label: string; under?: { requestsPerSecond: number }; parts: { title: string; language: string; text: string; saves?: string }[] }[];
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

  const db = await database(bed, programs);
  const said = join(bed.folder, 'service.log');
  const yardstick = new Yardstick(bed.processes, SYSTEM_CORE);
  let after = before;
  let measuredMs = 0;
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const { recipes } = told<Recipes>('measure', shop, '--format', 'json');
    // What is left may be nothing that a load shows: the round trip, say.
    if (recipes.every((it) => it.under === undefined)) break;
    const perSecond = Math.max(...recipes.map((it) => it.under?.requestsPerSecond ?? 0));
    console.log(`# round ${round}, at ${perSecond}/s as the recipe says: ${recipes.map((it) => it.label).join('; ')}`);
    const fromMs = performance.now();
    const files = await measured(bed, shop, recipes, perSecond, said);
    measuredMs = yardstick.since(fromMs);
    const imported = cli('import', ...files, '--workspace', shop, '--write');
    console.log(imported.out.replace(/^/gm, '# '));
    after = told<Check>('check', shop, '--fail-on', 'none', '--format', 'json').outcome;
    console.log(`# after: ${after.verdict}: ${after.headline}`);
  }
  if (after.verdict === 'unknown') throw new Error('what was measured left the verdict open');
  const predicted = after.saturatesAtPerSecond.value;
  if (predicted === null) throw new Error('no limit was predicted');

  const loaded = await started(bed, shop, undefined, said);
  await both(bed, WARM_PER_SECOND, WARM_SECONDS);
  const windows: Awaited<ReturnType<typeof both>>[] = [];
  const loadedMs: number[] = [];
  for (let window = 1; window <= WINDOWS; window++) {
    const beforeMs = performance.now();
    windows.push(await both(bed, BEYOND * predicted, seconds, window));
    // What is counted is answered in the last quarter.
    loadedMs.push(yardstick.since(beforeMs + 0.75 * (performance.now() - beforeMs)));
    await drained(bed);
  }
  const each = windows.map((it) => it.goodLatePerSecond);
  const answered = mean(each);
  const faster = mean(loadedMs.map((it) => measuredMs / it));
  console.log(`# answered in ${WINDOWS} windows: ${each.map((it, at) => `${it.toFixed(0)}/s (yardstick ${loadedMs[at]?.toFixed(2)} ms)`).join(', ')}`);
  console.log(
    `# the database's core while it was measured: yardstick ${measuredMs.toFixed(2)} ms, so ${faster.toFixed(3)} times as fast under the load; as it was measured: ${predicted.toFixed(1)}/s predicted, ${answered.toFixed(1)}/s answered, ${(100 * (predicted / answered - 1)).toFixed(1)}%`,
  );
  yield {
    system: 'shop: measured, imported, judged',
    what: `throughput under ${BEYOND} times what it is said to carry, at the core's speed`,
    unit: '/s',
    predicted: predicted * faster,
    measured: answered,
    bar: THROUGHPUT_BAR,
    machine: windows[0]?.machine ?? '',
  };
  const holds = answered >= TARGET_PER_SECOND;
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
async function both(bed: Bed, perSecond: number, seconds: number, window = 0): Promise<{ goodLatePerSecond: number; machine: string }> {
  const met = await Promise.all(
    Object.entries(MIX).map(([path, share], seed) => load(bed, path, perSecond * share, seconds, { seed: 2 * window + seed + 1, connections: 50, coarse: true })),
  );
  return { goodLatePerSecond: met.reduce((sum, it) => sum + it.goodLatePerSecond, 0), machine: met[0]?.machine ?? '' };
}

/** Waits until nothing is left of an overload: requests whose clients have gone are worked on all the same, and would take their time from the next window's. */
async function drained(bed: Bed): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const met = await load(bed, '/products', WARM_PER_SECOND, WARM_SECONDS, { connections: 50, coarse: true });
    if (met.goodPerSecond > 0.9 * met.sentPerSecond && met.p95Ms < DRAINED_MS) return;
  }
  throw new Error(`the shop still answers after more than ${DRAINED_MS} ms, ${MOST_TRIES * WARM_SECONDS} s after the overload`);
}

/** What the recipes make while the shop carries a load: a file of each that a shell can run, where the database runs, and what the service itself says. */
async function measured(bed: Bed, shop: string, recipes: Recipes['recipes'], perSecond: number, said: string): Promise<string[]> {
  const preload = recipes.flatMap((it) => it.parts.filter((part) => part.language === 'js' && part.text.includes('process.cpuUsage')))[0]?.text;
  const service = await started(bed, shop, preload, said);
  await both(bed, WARM_PER_SECOND, WARM_SECONDS);
  const loading = both(bed, perSecond, MEASURING_SECONDS);
  const files = await Promise.all(
    recipes.map(async ({ parts, label }) => {
      const part = parts.find((it) => it.language === 'sh' && it.saves !== undefined && !/autocannon|ping /.test(it.text));
      if (!part?.saves) return [];
      const env = { ...process.env, DATABASE_URL: OWNER_URL };
      const child = spawn('taskset', ['-c', String(SYSTEM_CORE), 'sh', '-c', part.text], { cwd: bed.folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`the recipe for ${label} ended with ${code}`);
      return [join(bed.folder, part.saves)];
    }),
  );
  await loading;
  await service.stop();
  return [...(preload === undefined ? [] : [said]), ...files.flat()];
}

function cli(...args: string[]): { out: string } {
  const ended = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  if (ended.status !== 0) throw new Error(`faultline ${args[0]}: ${ended.stderr}${ended.stdout.slice(-2000)}`);
  return { out: ended.stdout };
}

const told = <T>(...args: string[]): T => JSON.parse(cli(...args).out) as T;
