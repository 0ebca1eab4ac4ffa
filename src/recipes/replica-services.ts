import type { FileEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import {
  addDependency,
  addEnvironment,
  addTo,
  type Compose,
  type ComposeService,
  composeEdit,
  composeOf,
  environmentOf,
  imageOf,
  insertServices,
  linesUnder,
  rawEnvironment,
  serviceLines,
  serviceNamed,
} from './compose.ts';
import { folderOf, joined } from './modules.ts';
import { cannot, textOf } from './recipe.ts';

/** What code has to say to reach a replica: the same expression with other variables and hosts. */
export interface ReplicaAddress {
  /** An expression that leads to the primary, as it would lead to the replica. Refuses one that doesn't say where it leads. */
  of(expression: string): string;
  /** The variable that leads to the replica where another one leads to the primary. */
  variable(name: string): string;
}

/** The official image of PostgreSQL and those that only add to it. */
const FAMILY = /^(docker\.io\/)?(library\/)?(postgres|postgis\/postgis|timescale\/timescaledb|pgvector\/pgvector):/;
/** Lets replicas in. Read by the image when it makes a data directory. */
const SCRIPT = 'allow-replication.sh';

/** `DB_HOST` → `DB_REPLICA_HOST`, `DATABASE_URL` → `DATABASE_REPLICA_URL`, `PGHOST` → `PGHOST_REPLICA`. */
export const besideOf = (variable: string): string => (variable.includes('_') ? variable.replace(/_([^_]+)$/, '_REPLICA_$1') : `${variable}_REPLICA`);

/** A text that names a host by itself, or as the host of a URL, with another host; undefined where it doesn't. */
function withHost(text: string, host: string, other: string): string | undefined {
  if (text === host) return other;
  const escaped = host.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const found = new RegExp(`^(\\w+://(?:[^/\\s]*@)?)${escaped}(?=[:/?]|$)`).exec(text);
  return found ? `${found[1]}${other}${text.slice((found[1] as string).length + host.length)}` : undefined;
}

/**
 * Replicas of a PostgreSQL service of a compose file, made by a base backup that goes on to follow it, and their address for whoever is told the primary's.
 * `finish` gives the edits for all addresses that were asked for.
 */
export async function replicaServices(workspace: Workspace, file: string, database: string, copies: number): Promise<{ address: ReplicaAddress; finish(): FileEdit[] }> {
  const text = await textOf(workspace, file);
  const compose = composeOf(file, text);
  const store = serviceNamed(compose, file, database);
  if (!FAMILY.test(imageOf(store))) cannot(`there is no edit for replicas of ${imageOf(store) || database}`);
  if (/:9\.\d/.test(imageOf(store))) cannot(`${imageOf(store)} does not allow replication by default`);
  const flags = flagsOf(store);
  const user = rawEnvironment(store, text, 'POSTGRES_USER') ?? 'postgres';
  const password = rawEnvironment(store, text, 'POSTGRES_PASSWORD') ?? cannot(`${file} does not set a password for ${database}`);
  const replica = `${database}-replica`;
  if (compose.services.some((it) => it.name === replica)) cannot(`${file} has a service ${replica} already`);
  const script = joined(folderOf(file), SCRIPT);
  if ((await workspace.list()).files.some((it) => it.path === script)) cannot(`${script} is there already`);
  const told = toldOf(compose, database, replica);
  const wanted = new Set<string>();
  const variable = (name: string): string => {
    if (!told.has(name)) cannot(`no service of ${file} gets the host ${database} through ${name}`);
    wanted.add(name);
    return besideOf(name);
  };
  return {
    address: { variable, of: (expression) => leadTo(expression, database, replica, told, variable) },
    finish: () => {
      const edit = composeEdit(file, text, [
        ...[...wanted].flatMap((name) =>
          [...(told.get(name) ?? [])].map(
            ([service, value]) =>
              (it: Compose) =>
                addEnvironment(it, serviceNamed(it, file, service), besideOf(name), value),
          ),
        ),
        ...[...clientsOf(compose, database)].map((service) => (it: Compose) => addDependency(it, serviceNamed(it, file, service), replica)),
        (it) => addTo(it, serviceNamed(it, file, database), 'volumes', (isList) => mount(isList)),
        (it) => [insertServices(it, serviceNamed(it, file, database), [replicaLines(it, serviceNamed(it, file, database), replica, { user, password, copies, flags })])],
      ]);
      return [...(edit ? [edit] : []), { kind: 'create', file: script, text: scriptText(database) }];
    },
  };
}

const mount = (isList: boolean): string => {
  const line = `./${SCRIPT}:/docker-entrypoint-initdb.d/${SCRIPT}:ro`;
  return isList ? `- ${line}` : cannot('the volumes of the database are not a list');
};

/** Services that are built here and wait for the database. */
const clientsOf = (compose: Compose, database: string): Set<string> =>
  new Set(
    compose.services.filter((it) => it.name !== database && it.map.has('build') && JSON.stringify(it.map.get('depends_on') ?? '').includes(`"${database}"`)).map((it) => it.name),
  );

/** Variables that lead to the database, by name: what each service that is built here would be told of the replica. */
function toldOf(compose: Compose, database: string, replica: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const service of compose.services.filter((it) => it.map.has('build')))
    for (const [name, value] of Object.entries(environmentOf(service))) {
      const other = withHost(value, database, replica);
      if (other !== undefined) found.set(name, (found.get(name) ?? new Map<string, string>()).set(service.name, other));
    }
  return found;
}

const VARIABLE = /process\.env(?:\.(\w+)|\[['"](\w+)['"]\])/g;
const TEXT = /(['"`])((?:(?!\1)[^\\\n])*)\1/g;

function leadTo(expression: string, database: string, replica: string, told: ReadonlyMap<string, unknown>, variable: (name: string) => string): string {
  let leads = false;
  const hosts = expression.replace(TEXT, (all, quote: string, text: string) => {
    const other = withHost(text, database, replica);
    leads ||= other !== undefined;
    return other === undefined ? all : `${quote}${other}${quote}`;
  });
  const whole = hosts.replace(VARIABLE, (all, plain: string | undefined, quoted: string | undefined, at: number) => {
    const name = (plain ?? quoted) as string;
    if (!told.has(name)) return all;
    leads = true;
    // Where nobody is told of a replica the primary answers, as before.
    const either = `process.env.${variable(name)} ?? ${all}`;
    return /^\s*(!|\.|\|\||&&|\?[^?])/.test(hosts.slice(at + all.length)) || /(\|\||&&)\s*$/.test(hosts.slice(0, at)) ? `(${either})` : either;
  });
  return leads ? whole : cannot(`the address of ${database} is not written where the client is made`);
}

/** Settings whose values need no quotes and name no files. */
const FLAGS = /^(?: (?:-c ?|--)[a-z][\w.]*=(?:[\w.,:%+-]|\$\{[\w:.-]+\})+)*$/;

/**
 * What the server is started with beside its configuration file, which a copy takes over: a replica with fewer connections than its primary does not start.
 * Refuses what a second server has not got (files that are mounted, another port) and what keeps replicas out.
 */
function flagsOf(store: ComposeService): string {
  const command: unknown = store.map.toJSON().command ?? [];
  const words = (Array.isArray(command) ? command.map(String) : String(command).trim().split(/\s+/)).filter((it) => it !== '');
  const flags = (words[0] === 'postgres' ? words.slice(1) : words).map((it) => ` ${it}`).join('');
  if (!FLAGS.test(flags)) cannot(`${store.name} is started with flags that may not suit a replica`);
  if (/\bport=|\bwal_level=minimal|\bmax_wal_senders=0/.test(flags) || 'PGPORT' in environmentOf(store))
    cannot(`${store.name} is started with settings under which no usual replica can follow it`);
  if (store.map.has('network_mode')) cannot(`${store.name} uses network_mode, where two servers would want one port`);
  return flags;
}

interface Server {
  user: string;
  password: string;
  copies: number;
  flags: string;
}

function replicaLines(compose: Compose, store: ComposeService, name: string, { user, password, copies, flags }: Server): string {
  // A copy that was cut off is begun anew, and a whole one never: it goes on to follow the primary from where it stopped.
  const [part, whole] = ['"$$PGDATA/copy"', '"$$PGDATA/replica"'];
  const copy = `rm -rf ${part}; pg_basebackup -h ${store.name} -D ${part} -R -X stream && mv ${part} ${whole}`;
  return serviceLines(compose, store, name, [
    `image: ${imageOf(store)}`,
    'user: postgres',
    'environment:',
    `\tPGUSER: ${user}`,
    `\tPGPASSWORD: ${password}`,
    'command:',
    '\t- bash',
    '\t- -c',
    `\t- until test -d ${whole} || { ${copy}; }; do sleep 2; done; exec postgres -D ${whole}${flags}`,
    'depends_on:',
    `\t- ${store.name}`,
    ...ALIKE.flatMap((it) => linesUnder(compose, store, it)),
    ...networksOf(compose, store),
    ...deployed(linesUnder(compose, store, 'deploy'), copies),
    'restart: unless-stopped',
  ]);
}

/** Networks by their names alone: a name or an address of the primary's own would lead to both. */
function networksOf(compose: Compose, store: ComposeService): string[] {
  const networks: unknown = store.map.toJSON().networks;
  if (networks && !Array.isArray(networks) && Object.values(networks).some((it) => it !== null)) cannot(`${store.name} has aliases or fixed addresses in its networks`);
  return linesUnder(compose, store, 'networks');
}

/** How large a server may be, beside `deploy`, and when and for what machine it is started. */
const ALIKE = ['cpus', 'mem_limit', 'shm_size', 'platform', 'profiles'];

/** As large as the primary, so often. */
function deployed([head, ...rest]: readonly string[], copies: number): string[] {
  if (head === undefined) return copies > 1 ? ['deploy:', `\treplicas: ${copies}`] : [];
  if (copies === 1) return [head, ...rest];
  return /^deploy:\s*(#.*)?$/.test(head)
    ? [head, `\treplicas: ${copies}`, ...rest.filter((it) => !/^\s+replicas:/.test(it))]
    : cannot('the limits of the database are written on one line, which can’t be copied safely, which can’t be added to safely');
}

/** Lines end as a shell wants them, whatever the compose file has. The image's own lines let replicas in from the same machine alone. */
const scriptText = (database: string): string => `#!/bin/sh
# Lets replicas follow this server. The image runs it once, when it makes the data directory; where there is one already, by hand:
#   docker compose exec -u postgres ${database} sh /docker-entrypoint-initdb.d/${SCRIPT}
#   docker compose kill -s HUP ${database}
grep -qs '^host replication all all ' "$PGDATA/pg_hba.conf" ||
  echo "host replication all all $(postgres -C password_encryption)" >> "$PGDATA/pg_hba.conf"
`;
