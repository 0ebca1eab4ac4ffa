import type { Reading } from '../code/interpret.ts';
import type { Resource } from '../code/values.ts';
import type { Address } from '../detectors/libraries/address.ts';

export const LOCAL = /^(localhost|127\.0\.0\.1|0\.0\.0\.0|::1|\[::1\]|host\.docker\.internal)$/;

/** What tells one server from another, where no deployment file does: a host, or what the variable is named after. */
export interface StoreIdentity {
  key: string;
  /** Its name beside others of the same engine; empty where the variable tells nothing. */
  name: string;
}

/** Parts of a variable's name that every project uses: they tell that it is an address, not whose. */
const TELLS_NOTHING = new Set(
  (
    'db dbs database databases postgres postgresql pg pgsql psql mysql mariadb mongo mongodb redis sql rdbms rds store kafka rabbit rabbitmq amqp cloudamqp mq ' +
    'url uri urls uris host hosts hostname server servers srv connection connect conn string str dsn addr address addresses endpoint broker brokers bootstrap cluster port name ' +
    'user username pass password pwd secret config app node env default my the main prod production dev development test staging local cloud atlas service ' +
    'typeorm prisma sequelize knex internal public private direct pool pooled'
  ).split(' '),
);

/** `ORDERS_DB_HOST` and `ORDERS_DATABASE_URL` are about `orders`, `DATABASE_URL` is about nothing in particular. */
const stemOf = (variable: string): string =>
  variable
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_\-.]/)
    .filter((it) => it !== '' && !/^\d+$/.test(it) && !TELLS_NOTHING.has(it))
    .join('-');

/** Made only where somebody sets a variable that no file sets, beside a store that is there in any case: what it is asked counts for nothing until then. */
export const isSwitchedOff = (client: Resource, unit: { reading: Pick<Reading, 'claims'> }): boolean =>
  client.data.switchedOnBy !== undefined && unit.reading.claims.some((it) => it.kind === 'client' && it.client.data.switchedOnBy === undefined && it.client.data.local !== true);

/** Amazon's reader endpoint of an Aurora cluster: its documented form, which differs from the writer's by three letters. */
const READER = /^([\w-]+)\.cluster-ro-(\w+(?:\.[\w-]+)*\.rds\.amazonaws\.com(?:\.cn)?)$/i;

/** The host of the writer whose copies a host leads to; undefined for any other host. */
export function writerBehind(host: string | undefined): string | undefined {
  const [, cluster, rest] = READER.exec(host ?? '') ?? [];
  return cluster && rest ? `${cluster}.cluster-${rest}` : undefined;
}

/** Undefined where a client says nothing that tells its server from others of the engine. */
export function identityOf(client: Resource): StoreIdentity | undefined {
  const { host: said, variable } = (client.data.address as Address | undefined) ?? {};
  const host = writerBehind(said) ?? said;
  if (host && !LOCAL.test(host)) {
    const isNumeric = /^[\d.]+$|^\[/.test(host);
    return { key: `host ${host}`, name: isNumeric ? host : (host.split('.')[0] as string) };
  }
  if (variable === undefined) return undefined;
  const stem = stemOf(variable);
  return { key: `variable ${stem}`, name: stem };
}
