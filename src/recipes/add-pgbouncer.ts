import { isMap, isScalar, isSeq, type Scalar } from 'yaml';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import { addDependency, type Compose, type ComposeService, composeEdit, composeOf, imageOf, insertServices, rawEnvironment, serviceLines, serviceNamed } from './compose.ts';
import { folderOf, joined } from './modules.ts';
import { cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { VERSIONS } from './versions.ts';

/** One-shot jobs that lock the schema over a session, which transaction pooling would break. */
const MIGRATIONS = /flyway|liquibase|migrat|atlas/i;

/**
 * Puts PgBouncer in transaction mode before a PostgreSQL service: a compose service, its `pgbouncer.ini`, and the database host of every service that is built here.
 * Session state (LISTEN, advisory locks over statements, temporary tables) does not survive it.
 */
export default {
  id: 'add-pgbouncer',
  byHand: (args) => `put PgBouncer in transaction mode before ${args.service}, with ${args.poolSize} connections, and lead its clients there`,
  make: async (args, workspace) => {
    const file = textArg(args, 'compose');
    const database = textArg(args, 'service');
    const poolSize = countArg(args, 'poolSize');
    const maxClients = countArg(args, 'maxClients');
    const text = await textOf(workspace, file);
    const compose = composeOf(file, text);
    if (compose.services.some((it) => /pgbouncer/.test(imageOf(it)) || it.name === 'pgbouncer')) cannot(`${file} has a PgBouncer already`);
    const store = serviceNamed(compose, file, database);
    const user = rawEnvironment(store, text, 'POSTGRES_USER') ?? 'postgres';
    const password = rawEnvironment(store, text, 'POSTGRES_PASSWORD') ?? cannot(`${file} does not set a password for ${database}`);
    const ini = joined(folderOf(file), 'pgbouncer.ini');
    if ((await workspace.list()).files.some((it) => it.path === ini)) cannot(`${ini} is there already`);
    const clients = compose.services
      .filter((it) => it.name !== database && it.map.has('build') && !MIGRATIONS.test(it.name) && hostEdits(it, database).length > 0)
      .map((it) => it.name);
    if (clients.length === 0) cannot(`no service in ${file} names ${database} as its database host`);
    const created: FileEdit = { kind: 'create', file: ini, text: iniText(database, poolSize, maxClients, compose.eol) };
    const changed = composeEdit(file, text, [
      ...clients.flatMap((name) => [
        (it: Compose) => hostEdits(serviceNamed(it, file, name), database),
        (it: Compose) => addDependency(it, serviceNamed(it, file, name), 'pgbouncer'),
      ]),
      (it) => [insertServices(it, serviceNamed(it, file, database), [bouncer(it, serviceNamed(it, file, database), user, password)])],
    ]);
    return { edits: changed ? [changed, created] : [created] };
  },
} satisfies Recipe;

function bouncer(compose: Compose, store: ComposeService, user: string, password: string): string {
  return serviceLines(compose, store, 'pgbouncer', [
    `image: ${VERSIONS.images.pgbouncer}`,
    'environment:',
    // The image makes its list of users from these; the rest stands in the file below.
    '\tAUTH_TYPE: scram-sha-256',
    `\tDB_USER: ${user}`,
    `\tDB_PASSWORD: ${password}`,
    'volumes:',
    '\t- ./pgbouncer.ini:/etc/pgbouncer/pgbouncer.ini:ro',
    'depends_on:',
    `\t- ${store.name}`,
    'restart: unless-stopped',
  ]);
}

const iniText = (database: string, poolSize: number, maxClients: number, eol: string): string =>
  [
    '[databases]',
    `* = host=${database} port=5432`,
    '',
    '[pgbouncer]',
    'listen_addr = 0.0.0.0',
    'listen_port = 5432',
    'auth_type = scram-sha-256',
    'auth_file = /etc/pgbouncer/userlist.txt',
    'pool_mode = transaction',
    '; connections to the server, for each user and database',
    `default_pool_size = ${poolSize}`,
    '; connections of all clients together',
    `max_client_conn = ${maxClients}`,
    'max_prepared_statements = 200',
    'ignore_startup_parameters = extra_float_digits,options',
    '',
  ].join(eol);

/** Where a service's environment names the database: alone under a host's name, or as the host of a connection string. */
function hostEdits(service: ComposeService, database: string): TextEdit[] {
  const value = service.map.get('environment', true);
  const nodes: { key: string; text: string; at: number }[] = [];
  if (isMap(value))
    for (const it of value.items) {
      const scalar = it.value as Scalar | null;
      if (isScalar(it.key) && isScalar(scalar) && typeof scalar.value === 'string' && scalar.range)
        nodes.push({ key: String(it.key.value), text: String(scalar.source ?? scalar.value), at: quoted(scalar) });
    }
  if (isSeq(value))
    for (const it of value.items) {
      if (!isScalar(it) || typeof it.value !== 'string' || !it.range) continue;
      const equals = it.value.indexOf('=');
      if (equals > 0) nodes.push({ key: it.value.slice(0, equals), text: it.value.slice(equals + 1), at: quoted(it as Scalar) + equals + 1 });
    }
  return nodes.flatMap(({ key, text, at }) => {
    if (text === database && /HOST/i.test(key)) return [{ start: at, end: at + text.length, newText: 'pgbouncer' }];
    if (!/^postgres(ql)?:\/\//.test(text)) return [];
    const host = new RegExp(`^(postgres(?:ql)?://(?:[^/]*@)?)${database.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?=[:/?]|$)`).exec(text);
    if (!host) return [];
    const start = at + (host[1] as string).length;
    return [{ start, end: start + database.length, newText: 'pgbouncer' }];
  });
}

/** Start of the scalar's text, behind its quote. */
const quoted = (it: Scalar): number => (it.range?.[0] ?? 0) + (it.type === 'QUOTE_DOUBLE' || it.type === 'QUOTE_SINGLE' ? 1 : 0);
