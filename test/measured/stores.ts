import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Processes, Running } from './processes.ts';

export const POSTGRES_PORT = 15_431;
export const REDIS_PORT = 16_379;
/** Role of the services: no superuser, as it should be. */
export const ROLE = 'app';

/** Folder of PostgreSQL's programs (Debian keeps them off the path), or null. */
export function postgresPrograms(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((it) => join(debian, it, 'bin')).find((it) => existsSync(join(it, 'initdb')));
  return found ?? null;
}

export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

const SERVER_USER = process.getuid?.() === 0 ? 'postgres' : undefined;

/** A cluster of its own in `folder`, on the loopback, without durability; `more`: names of settings, each followed by its value. */
export async function postgres(processes: Processes, folder: string, programs: string, core: number, maxConnections: number, more: readonly string[] = []): Promise<Running> {
  const data = join(folder, 'postgres');
  if (!existsSync(data)) {
    // The server's user has to reach its own folder.
    chmodSync(folder, 0o755);
    mkdirSync(data);
    if (SERVER_USER !== undefined) {
      const id = (what: '-u' | '-g') => Number(spawnSync('id', [what, SERVER_USER]).stdout.toString());
      chownSync(data, id('-u'), id('-g'));
    }
    asServer([join(programs, 'initdb'), '-D', data, '-U', 'owner', '-A', 'trust', '--no-sync']);
    asServer([join(programs, 'postgres'), '--single', '-D', data, 'postgres'], `CREATE ROLE ${ROLE} LOGIN;\n`);
  }
  const settings = ['max_connections', String(maxConnections), 'fsync', 'off', 'autovacuum', 'off', 'unix_socket_directories', '', 'listen_addresses', '127.0.0.1', ...more];
  const options = settings.flatMap((it, at) => (at % 2 === 0 ? ['-c', `${it}=${settings[at + 1]}`] : []));
  const server = await processes.start({
    command: [join(programs, 'postgres'), '-D', data, '-p', String(POSTGRES_PORT), ...options],
    core,
    folder: '/',
    ready: { port: POSTGRES_PORT },
    // At SIGTERM it would wait for its clients.
    signal: 'SIGINT',
    ...(SERVER_USER !== undefined && { user: SERVER_USER }),
  });
  // Its port answers before the database does.
  const isReady = (): boolean => spawnSync(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(POSTGRES_PORT)]).status === 0;
  for (let tries = 0; tries < 100 && !isReady(); tries++) await sleep(100);
  return server;
}

function asServer(command: readonly string[], input = ''): void {
  const as = SERVER_USER === undefined ? [] : ['setpriv', `--reuid=${SERVER_USER}`, `--regid=${SERVER_USER}`, '--clear-groups'];
  const [program = '', ...args] = [...as, ...command];
  const ended = spawnSync(program, args, { cwd: '/', input, encoding: 'utf8' });
  if (ended.status !== 0) throw new Error(`${command[0]}: ${ended.stderr}`);
}

/** A Redis of its own that keeps nothing. */
export const redis = (processes: Processes, folder: string, core: number): Promise<Running> =>
  processes.start({
    command: ['redis-server', '--port', String(REDIS_PORT), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    core,
    folder,
    ready: { port: REDIS_PORT },
  });
