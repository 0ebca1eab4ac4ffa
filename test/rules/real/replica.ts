// npm run fixes:real: runs what the fix of read-replica writes into a compose file, command and script as they stand there, on two servers of PostgreSQL (Debian's) of this machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { postgresPrograms } from '../../measured/stores.ts';
import { fixed } from '../fixes/fix.ts';
import fixes from '../fixes/read-replica.ts';

const programs = postgresPrograms();
if (programs === null) throw new Error('PostgreSQL is not installed (apt-get install postgresql)');
const folder = mkdtempSync(join(tmpdir(), 'replica-'));
chmodSync(folder, 0o755);
const USER = process.getuid?.() === 0 ? 'postgres' : undefined;
const idOf = (what: '-u' | '-g'): number => Number(spawnSync('id', [what, USER ?? '']).stdout.toString());
const [PRIMARY, REPLICA] = ['54401', '54402'];
const running = new Set<ChildProcess>();
let wrong = 0;

function own(name: string, mode: number): string {
  const at = join(folder, name);
  mkdirSync(at);
  chmodSync(at, mode);
  if (USER !== undefined) chownSync(at, idOf('-u'), idOf('-g'));
  return at;
}

/** As the user of the servers, with the programs of PostgreSQL on the path. */
function asServer(command: readonly string[], env: Readonly<Record<string, string>> = {}): [string, string[], { cwd: string; env: NodeJS.ProcessEnv }] {
  const as = USER === undefined ? [] : ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];
  const [program = '', ...args] = [...as, ...command];
  return [program, args, { cwd: '/', env: { PATH: `${programs}:${process.env.PATH}`, LANG: 'C.UTF-8', ...env } }];
}

function start(command: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const [program, args, options] = asServer(command, env);
  const made = spawn(program, args, { ...options, stdio: 'ignore', detached: true });
  running.add(made);
  made.on('exit', () => running.delete(made));
  return made;
}

/** The process and all that it started. */
async function end(it: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  if (!running.has(it) || it.pid === undefined) return;
  process.kill(-it.pid, signal);
  for (let tries = 0; tries < 100 && running.has(it); tries += 1) await sleep(100);
  if (running.has(it)) process.kill(-it.pid, 'SIGKILL');
}

function ask(port: string, sql: string): string {
  const ran = spawnSync(join(programs as string, 'psql'), ['-h', '127.0.0.1', '-p', port, '-U', 'shop', '-d', 'postgres', '-Atc', sql], {
    env: { ...process.env, PGPASSWORD: 'secret' },
    encoding: 'utf8',
  });
  return `${ran.stdout}${ran.stderr}`.trim();
}

/** Asks again for half a minute. */
async function expectSoon(says: string, answer: () => string, wanted: RegExp): Promise<void> {
  let last = answer();
  for (let tries = 0; tries < 60 && !wanted.test(last); tries += 1) {
    await sleep(500);
    last = answer();
  }
  const isRight = wanted.test(last);
  wrong += isRight ? 0 : 1;
  console.log(`${isRight ? 'ok   ' : 'WRONG'} ${says}${isRight ? '' : `: ${last}`}`);
}

try {
  for (const encryption of ['scram-sha-256', 'md5']) await follow(encryption);
} finally {
  for (const it of [...running]) await end(it);
  rmSync(folder, { recursive: true });
}
process.exitCode = wrong > 0 ? 1 : 0;

async function follow(encryption: string): Promise<void> {
  const [, fix] = fixes;
  const before = (fix?.files['docker-compose.yml'] ?? '').replace('image: postgres:16\n', 'image: postgres:16\n    command: postgres -c max_connections=200\n');
  const made = fix && (await fixed('read-replica', fix.remedy, { ...fix.files, 'docker-compose.yml': before }, fix.scenario));
  if (!made || 'cannot' in made) throw new Error(made?.cannot);
  const { command, environment } = (parse(made.files['docker-compose.yml'] as string) as { services: Record<string, { command: string[]; environment: Record<string, string> }> })
    .services['db-replica'] as { command: string[]; environment: Record<string, string> };
  const script = join(folder, `allow-${encryption}.sh`);
  writeFileSync(script, made.files['allow-replication.sh'] as string);

  // As the image makes its data directory (docker-entrypoint.sh), but that its lines for the own machine are taken out: here all are on one.
  const data = own(`primary-${encryption}`, 0o700);
  const secret = join(folder, `password-${encryption}`);
  writeFileSync(secret, 'secret\n');
  const [program, args, options] = asServer(['initdb', '-D', data, '-U', 'shop', `--pwfile=${secret}`, `--auth-host=${encryption}`, '--no-sync']);
  spawnSync(program, args, options);
  const access = readFileSync(join(data, 'pg_hba.conf'), 'utf8').replace(/^host\s+replication.*\n/gm, '');
  writeFileSync(join(data, 'pg_hba.conf'), `${access}host all all all ${encryption}\n`);
  writeFileSync(
    join(data, 'postgresql.conf'),
    `${readFileSync(join(data, 'postgresql.conf'), 'utf8')}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\npassword_encryption = '${encryption}'\nmax_wal_size = '64MB'\nmin_wal_size = '32MB'\n`,
  );

  // As the image makes its volume: open to all, with a sticky bit. A copy that was cut off lies there.
  const volume = own(`volume-${encryption}`, 0o1777);
  mkdirSync(join(volume, 'copy'));
  writeFileSync(join(volume, 'copy', 'PG_VERSION'), '15\n');
  if (USER !== undefined) for (const it of ['copy', 'copy/PG_VERSION']) chownSync(join(volume, it), idOf('-u'), idOf('-g'));
  const [shell = '', flag = '', text = ''] = command;
  const told = `${text.replaceAll('$$', '$').replace('-h db ', '-h 127.0.0.1 ')} -p ${REPLICA}`;
  const startReplica = (): ChildProcess => start([shell, flag, told], { ...environment, PGDATA: volume, PGPORT: PRIMARY });
  const startPrimary = (): ChildProcess => start(['postgres', '-D', data, '-p', PRIMARY, '-c', 'max_connections=200']);

  let replica = startReplica();
  await sleep(1500);
  let primary = startPrimary();
  await expectSoon(`${encryption}: the replica waits for its primary, and to be let in`, () => `${ask(PRIMARY, 'SELECT 1')}, ${ask(REPLICA, 'SELECT 1')}`, /^1, .*refused/s);
  for (let round = 0; round < 2; round += 1) {
    const [sh, shArgs, shOptions] = asServer(['sh', '-e', script], { PGDATA: data });
    spawnSync(sh, shArgs, shOptions);
  }
  await expectSoon('the script adds its line once', () => String(readFileSync(join(data, 'pg_hba.conf'), 'utf8').match(/^host replication all all/gm)?.length), /^1$/);
  process.kill(primary.pid as number, 'SIGHUP');
  await expectSoon('a copy that was cut off is begun anew, and follows', () => ask(REPLICA, 'SELECT pg_is_in_recovery()'), /^t$/);
  ask(PRIMARY, 'CREATE TABLE products AS SELECT generate_series(1, 1000) AS id');
  await expectSoon('it answers reads', () => ask(REPLICA, 'SELECT count(*) FROM products'), /^1000$/);
  await expectSoon('it refuses writes', () => ask(REPLICA, 'INSERT INTO products VALUES (1)'), /read-only transaction/);
  await sleep(3000);
  const lag = "SELECT state, coalesce(replay_lag, '0') < '1 s' FROM pg_stat_replication";
  await expectSoon('idle for three seconds, the lag is none', () => ask(PRIMARY, lag), /^streaming\|t$/);
  await expectSoon('(what the replica itself says grows with the pause)', () => ask(REPLICA, "SELECT now() - pg_last_xact_replay_timestamp() > '2 s'"), /^t$/);
  await end(primary);
  await expectSoon('without its primary it goes on to answer', () => ask(REPLICA, 'SELECT count(*) FROM products'), /^1000$/);
  primary = startPrimary();
  await expectSoon('it finds the primary again', () => ask(PRIMARY, lag), /^streaming/);
  await end(replica);
  ask(PRIMARY, 'INSERT INTO products SELECT generate_series(1001, 2000)');
  replica = startReplica();
  await expectSoon('started again it catches up, without another copy', () => ask(REPLICA, 'SELECT count(*) FROM products'), /^2000$/);
  await end(replica);
  for (let round = 0; round < 12; round += 1) ask(PRIMARY, 'UPDATE products SET id = id; SELECT pg_switch_wal(); CHECKPOINT');
  replica = startReplica();
  await expectSoon(
    'away for longer than the log is kept, it answers but does not follow',
    () => `${ask(REPLICA, 'SELECT count(*) FROM products')} ${ask(PRIMARY, lag)}`,
    /^2000 (startup\|.)?$/,
  );
  await end(replica);
  await end(primary);
}
