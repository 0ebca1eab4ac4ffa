import { known, type Known } from '../../model/known.ts';
import type { Component, ComponentId, Pool } from '../../model/topology.ts';
import type { Claims } from '../assemble.ts';
import type { Said } from '../detector.ts';
import { addressOf } from '../detectors/libraries/address.ts';
import { folderOf, isInside } from '../detectors/paths.ts';
import type { Service } from './service.ts';

/** PgBouncer between clients and a database: a pool of its own behind theirs. */
export interface Pooler {
  target: ComponentId;
  pool: Pool;
}

const DEFAULT_POOL = known(20, 'connections', 'libraryDefault', { source: 'PgBouncer default_pool_size, per user and database' });
const DEFAULT_CLIENTS = known(100, 'connections', 'libraryDefault', { source: 'PgBouncer max_client_conn' });
const QUERY_WAIT = known(120_000, 'ms', 'libraryDefault', { source: 'PgBouncer query_wait_timeout' });

/** The poolers of a deployment by component, with their own pools; `made` gets their limit of clients. Several users or databases would multiply a pool: one is taken. */
export function poolersOf(claims: Claims, made: Map<ComponentId, Component>, names: ReadonlyMap<string, ComponentId>): ReadonlyMap<ComponentId, Pooler> {
  const found = new Map<ComponentId, Pooler>();
  for (const service of claims.services) {
    const component = made.get(service.name);
    if (component?.engine !== 'pgbouncer') continue;
    const file = iniOf(service, claims);
    const hosts = [...Object.values(service.environment).flatMap((it) => addressOf({ t: 'text', parts: [it.value] }).host ?? []), ...(file?.hosts ?? []).map((it) => it.value)];
    const databases = [...made.values()].filter((it) => it.engine === 'postgres' && it.scope === 'runtime' && it.replicaOf === undefined);
    const target =
      hosts.map((it) => names.get(it)).find((id) => id !== undefined && made.get(id)?.engine === 'postgres') ?? (databases.length === 1 ? databases[0]?.id : undefined);
    if (target === undefined) continue;
    made.set(component.id, { ...component, maxConnections: figure(variable(service, /MAX_CLIENT_CONN$/) ?? file?.maxClients, DEFAULT_CLIENTS) });
    const max = variable(service, /(^|_)DEFAULT_POOL_SIZE$/) ?? file?.poolSize;
    found.set(component.id, {
      target,
      pool: {
        id: `${component.id}→${target} pool`,
        client: component.id,
        target,
        library: 'pgbouncer',
        multiplexed: false,
        max: figure(max, DEFAULT_POOL),
        acquireTimeoutMs: QUERY_WAIT,
        queueLimit: { state: 'none', place: service.place },
        place: max?.place ?? service.place,
      },
    });
  }
  return found;
}

const figure = (it: Said<number> | undefined, otherwise: Known): Known => (it ? known(it.value, 'connections', 'declared', { place: it.place }) : otherwise);

function variable(service: Service, name: RegExp): Said<number> | undefined {
  const [, it] = Object.entries(service.environment).find(([key]) => name.test(key)) ?? [];
  return it && /^\d+$/.test(it.value) ? { value: Number(it.value), place: it.place } : undefined;
}

/** Its file lies beside the deployment file, or is the only one. */
function iniOf(service: Service, claims: Claims) {
  const all = [...claims.configuration.poolers];
  const near = all.filter(([file]) => isInside(file, service.build?.context ?? folderOf(service.place.file)));
  return (near.length === 1 ? near[0] : all.length === 1 ? all[0] : undefined)?.[1];
}
