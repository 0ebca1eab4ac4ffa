import { known } from '../../model/known.ts';
import type { Component, ComponentId } from '../../model/topology.ts';
import type { Resource } from '../code/values.ts';
import type { Service } from './service.ts';

/** Images that are told by their environment whom they copy: Bitnami's PostgreSQL, MySQL and MariaDB. */
const BY_ENVIRONMENT = ['POSTGRESQL', 'MYSQL', 'MARIADB'] as const;

/** `pg_basebackup … -R` copies a server and leaves the settings with which it is followed from then on. */
const FOLLOWS = /\bpg_basebackup\b(?=[^;&|]*\s(?:-\w*R\w*\b|--write-recovery-conf\b))[^;&|]*?\s(?:-h\s*|--host[= ])["']?([\w.-]+)/;

/** The host that a service of the deployment copies, where its own settings say so. */
function sourceOf({ environment, command }: Service): string | undefined {
  for (const product of BY_ENVIRONMENT)
    if (/^(slave|replica)$/i.test(environment[`${product}_REPLICATION_MODE`]?.value ?? '')) return environment[`${product}_MASTER_HOST`]?.value.toLowerCase();
  return FOLLOWS.exec(command ?? '')?.[1]?.toLowerCase();
}

/** Stores of a deployment that copy another one of it, marked so. */
export function declaredReplicas(services: readonly Service[], names: ReadonlyMap<string, ComponentId>, made: ReadonlyMap<ComponentId, Component>): Component[] {
  return services.flatMap((it) => {
    const own = made.get(it.name);
    const source = own?.kind === 'database' ? (it.managed?.replicaOf ?? sourceOf(it)) : undefined;
    const primary = source === undefined ? undefined : made.get(names.get(source) ?? '');
    return own && primary && primary.id !== own.id && primary.engine === own.engine ? [{ ...own, replicaOf: primary.id }] : [];
  });
}

/** A copy of which code alone tells: as large as what it copies. */
export const replicaLike = (primary: Component, id: ComponentId, client: Resource): Component => ({
  ...primary,
  id,
  name: id,
  aliases: [],
  replicaOf: primary.id,
  replicas: known(Math.max(1, Number(client.data.copies) || 1), 'replicas', 'declared', { place: client.place }),
  places: [client.place],
});
