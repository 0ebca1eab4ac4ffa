// npm run fixes:real: runs the function that the fix of non-idempotent-consumer writes, as it is written, with its real clients on a Redis and a PostgreSQL of this machine. Needs a package registry.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { doOnceFile, KEYS_TABLE, type KeyStore } from '../../../src/recipes/do-once-file.ts';
import { Processes } from '../../measured/processes.ts';
import { hasRedis, POSTGRES_PORT, postgres, postgresPrograms, REDIS_PORT, redis } from '../../measured/stores.ts';

type Once = (client: unknown, key: string, work: () => PromiseLike<unknown>) => Promise<void>;
interface Store {
  name: KeyStore;
  client: unknown;
  /** Seconds until the key of a message that is under way, or done, is free. */
  left(key: string): Promise<number>;
  /** As if the lease had run out. */
  expire(key: string): Promise<unknown>;
  end(): Promise<unknown>;
}

const programs = postgresPrograms();
if (programs === null || !hasRedis()) throw new Error('PostgreSQL and Redis are not both installed (apt-get install postgresql redis-server)');
const folder = mkdtempSync(join(tmpdir(), 'once-'));
const processes = new Processes(false);
let wrong = 0;
function check(store: string, says: string, is: unknown, wanted: unknown): void {
  const isRight = JSON.stringify(is) === JSON.stringify(wanted);
  wrong += isRight ? 0 : 1;
  console.log(`${isRight ? 'ok   ' : 'WRONG'} ${store}: ${says}${isRight ? '' : `: ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`}`);
}

try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: { ioredis: '^5.4.0', redis: '^4.7.0', pg: '^8.13.0' } }));
  const ran = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: folder, stdio: 'inherit' });
  if (ran.status !== 0) throw new Error('the packages could not be installed');
  await redis(processes, folder, 0);
  await postgres(processes, folder, programs, 0, 50);
  for (const store of await stores()) {
    await prove(store);
    await store.end();
  }
} finally {
  await processes.stop();
  rmSync(folder, { recursive: true });
}
process.exitCode = wrong > 0 ? 1 : 0;

async function prove(store: Store): Promise<void> {
  const file = join(folder, `done-once-${store.name}.js`);
  writeFileSync(file, doOnceFile(store.name, 'import', { quote: "'", semicolon: ';', eol: '\n', typed: false }));
  const { once } = (await import(pathToFileURL(file).href)) as { once: Once };
  let done = 0;
  const work = async (): Promise<void> => {
    await sleep(50);
    done += 1;
  };
  const outcome = (it: PromiseSettledResult<unknown>): string =>
    it.status === 'fulfilled' ? 'done' : /being done elsewhere/.test(String(it.reason)) ? 'later' : String(it.reason);
  const says = (what: string, is: unknown, wanted: unknown): void => check(store.name, what, is, wanted);

  const both = await Promise.allSettled(Array.from({ length: 20 }, () => once(store.client, 'mail:1', () => sleep(1000).then(work))));
  says('twenty deliveries at once: one does it, the others come again later', [done, both.map(outcome).sort()], [1, ['done', ...Array<string>(19).fill('later')]]);
  await once(store.client, 'mail:1', work);
  says('a delivery after it passes by', done, 1);
  says('the key of what is done is kept for a week', Math.round((await store.left('mail:1')) / 3600), 168);
  await once(store.client, 'receipt:1', work);
  says('another operation on the message is another key', done, 2);

  const failed = await Promise.allSettled([once(store.client, 'mail:2', () => Promise.reject(new Error('no route')))]);
  await once(store.client, 'mail:2', work);
  says('what failed gives its key back, and is done by the next attempt', [outcome(failed[0]), done], ['Error: no route', 3]);

  // A process that dies between its key and its work.
  const child = spawn(process.execPath, [join(folder, `dies-${store.name}.js`)], { stdio: 'ignore' });
  await new Promise((end) => child.on('exit', end));
  const soon = await Promise.allSettled([once(store.client, 'mail:3', work)]);
  says('after a crash the message waits for the lease', [outcome(soon[0]), done], ['later', 3]);
  const left = await store.left('mail:3');
  says('the lease is 25 s', left > 15 && left <= 25, true);
  await store.expire('mail:3');
  const after = await Promise.allSettled(Array.from({ length: 20 }, () => once(store.client, 'mail:3', work)));
  says('when it has run out, one of twenty does it', [done, after.map(outcome).filter((it) => it === 'done').length], [4, 1]);

  // One whose lease runs out while it works, and fails then: the key is another one's by now.
  let isLate = false;
  const late = once(store.client, 'mail:4', async () => {
    while (!isLate) await sleep(10);
    throw new Error('too late');
  });
  await sleep(100);
  await store.expire('mail:4');
  const second = once(store.client, 'mail:4', () => sleep(400));
  await sleep(100);
  isLate = true;
  await Promise.allSettled([late]);
  const third = await Promise.allSettled([once(store.client, 'mail:4', work)]);
  says('who is late does not give back the key of who came after it', [outcome(third[0]), done], ['later', 4]);
  await second;
}

async function stores(): Promise<Store[]> {
  const load = createRequire(join(folder, 'package.json'));
  const IORedis = load('ioredis') as new (port: number) => { ttl(key: string): Promise<number>; expire(key: string, seconds: number): Promise<unknown>; quit(): Promise<unknown> };
  const { createClient } = load('redis') as {
    createClient: (options: object) => {
      connect(): Promise<unknown>;
      ttl(key: string): Promise<number>;
      del(key: string): Promise<unknown>;
      flushAll(): Promise<unknown>;
      quit(): Promise<unknown>;
    };
  };
  const { Pool } = load('pg') as {
    Pool: new (
      options: object,
    ) => { query(sql: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>; end(): Promise<unknown>; on(event: 'error', listener: () => void): unknown };
  };
  const address = { host: '127.0.0.1', port: POSTGRES_PORT, user: 'owner', database: 'postgres', max: 25 };
  const url = `redis://127.0.0.1:${REDIS_PORT}`;
  const dies = (name: string, client: string): void =>
    writeFileSync(
      join(folder, `dies-${name}.js`),
      `import { once } from './done-once-${name}.js';\n${client}\nawait once(client, 'mail:3', async () => process.kill(process.pid, 'SIGKILL'));\n`,
    );
  dies('ioredis', `import { Redis } from 'ioredis';\nconst client = new Redis(${REDIS_PORT});`);
  dies('redis', `import { createClient } from 'redis';\nconst client = createClient({ url: '${url}' });\nawait client.connect();`);
  dies('pg', `import pg from 'pg';\nconst client = new pg.Pool(${JSON.stringify(address)});`);
  const one = new IORedis(REDIS_PORT);
  const other = createClient({ url });
  await other.connect();
  const pool = new Pool(address);
  // At the end the server goes first.
  pool.on('error', () => undefined);
  await pool.query(KEYS_TABLE);
  const seconds = (at: string): Promise<number> =>
    pool
      .query(`SELECT extract(epoch FROM ${at} - now())::float AS left FROM done_once WHERE key = 'mail:1' OR key = 'mail:3' ORDER BY key DESC LIMIT 1`)
      .then((it) => Number(it.rows[0]?.left));
  return [
    {
      name: 'ioredis',
      client: one,
      left: (key) => one.ttl(`done:${key}`),
      expire: (key) => one.expire(`done:${key}`, 0),
      end: async () => {
        await one.quit();
        await other.flushAll();
      },
    },
    { name: 'redis', client: other, left: (key) => other.ttl(`done:${key}`), expire: (key) => other.del(`done:${key}`), end: () => other.quit() },
    {
      name: 'pg',
      client: pool,
      left: (key) => seconds(key === 'mail:1' ? "done_at + interval '7 days'" : "begun_at + interval '25 seconds'"),
      expire: (key) => pool.query("UPDATE done_once SET begun_at = now() - interval '26 seconds' WHERE key = $1", [key]),
      end: () => pool.end(),
    },
  ];
}
