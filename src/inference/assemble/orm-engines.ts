import type { Component } from '../../model/topology.ts';
import type { Resource } from '../code/values.ts';
import type { Unit } from './parts.ts';

const DRIVERS: readonly [driver: string, engine: string][] = [
  ['pg', 'postgres'],
  ['mysql2', 'mysql'],
  ['mariadb', 'mariadb'],
  ['tedious', 'mssql'],
  ['sqlite3', 'sqlite'],
];

const SQL = ['postgres', 'mysql', 'mariadb', 'mssql', 'cockroachdb'];

/** What each can speak to, of what a deployment runs. */
const SPEAKS: Readonly<Record<string, readonly string[]>> = {
  prisma: [...SQL, 'mongodb'],
  typeorm: [...SQL, 'mongodb'],
  'mikro-orm': [...SQL, 'mongodb'],
  sequelize: SQL,
  knex: SQL,
};

/**
 * The engine of an ORM that leaves it to a setting (a dialect from the environment, a schema for each of several engines): the one driver that is installed tells,
 * or the one database that the deployment runs for this process.
 */
export function engineOfOrm(client: Resource, unit: Unit, deployed: readonly Component[]): string | undefined {
  const library = String(client.data.library);
  const installed = DRIVERS.filter(([driver]) => ['sequelize', 'typeorm', 'knex'].includes(library) && unit.versions[driver] !== undefined);
  if (installed.length === 1) return installed[0]?.[1];
  const spoken = deployed.filter((it) => it.scope === 'runtime' && it.replicaOf === undefined && SPEAKS[library]?.includes(it.engine ?? ''));
  const own = spoken.filter((it) => unit.service?.dependsOn.includes(it.id));
  const engines = new Set((own.length > 0 ? own : spoken).map((it) => it.engine));
  return engines.size === 1 ? [...engines][0] : undefined;
}
