import { activeDeployment, type Component, type ComponentId, type Pool, type Topology } from '../model/topology.ts';
import { isAssumed, type Known, valueIn } from '../model/known.ts';

/** What one client may open at one store when its pool is full. */
export interface LedgerRow {
  pool: Pool;
  perProcess: number;
  processes: number;
  replicas: number;
  /** Instances that run beside the old ones while a deployment rolls. */
  surge: number;
  connections: number;
  /** One of the factors is an assumption. */
  assumed: boolean;
}

export interface Ledger {
  store: Component;
  rows: readonly LedgerRow[];
  total: number;
  /** Undefined where the server's limit is not known. */
  limit: number | undefined;
  assumed: boolean;
  /** Clients whose share nobody knows: the total is a lower bound. */
  unknown: readonly { pool: Pool; why: string }[];
}

/** Share of a server's connections that clients may plan with; the rest is for superusers, migrations and people. */
export const PLANNED_SHARE = 0.9;

/** Kubernetes' default `maxSurge` of a rolling update, rounded up: kubernetes.io/docs/concepts/workloads/controllers/deployment. */
const KUBERNETES_SURGE = 0.25;

/**
 * Connections that `store` has to accept when every pool is full, a rolling deployment included.
 * Pools of optional or development components don't count; a multiplexed client counts as its one connection per process.
 */
export function ledgerOf(topology: Topology, store: Component): Ledger {
  const rows: LedgerRow[] = [];
  const unknown: { pool: Pool; why: string }[] = [];
  for (const pool of topology.pools) {
    // What leads to a pooler ends there: the pooler's own pool is what the store sees.
    if (pool.target !== store.id || pool.multiplexed || pool.through !== undefined) continue;
    const host = hostOf(topology, pool.client);
    if (host?.scope !== 'runtime') continue;
    const row = rowOf(topology, pool, host);
    if (row) rows.push(row);
    else unknown.push({ pool, why: [pool.max, host.processes, host.replicas].map(whyUnknown).find((it) => it) ?? 'no figure' });
  }
  const assumed = rows.some((it) => it.assumed) || isAssumed(store.maxConnections);
  return { store, rows, total: rows.reduce((sum, it) => sum + it.connections, 0), limit: valueIn(store.maxConnections), assumed, unknown };
}

function rowOf(topology: Topology, pool: Pool, host: Component): LedgerRow | undefined {
  const perProcess = valueIn(pool.max);
  const processes = valueIn(host.processes);
  const replicas = valueIn(host.replicas);
  if (perProcess === undefined || processes === undefined || replicas === undefined) return undefined;
  const surge = activeDeployment(topology)?.source === 'kubernetes' ? Math.ceil(replicas * KUBERNETES_SURGE) : 0;
  const assumed = [pool.max, host.processes, host.replicas].some(isAssumed);
  return { pool, perProcess, processes, replicas, surge, connections: perProcess * processes * (replicas + surge), assumed };
}

/** PostgreSQL's own limit, the lowest of the engines: what a proposal stays within where the server's limit is not known. */
const CAUTIOUS_LIMIT = 100;

/** The largest pool per process that leaves every other client its full pool; undefined where a client's share is not known. */
export function roomFor(ledger: Ledger, pool: Pool): number | undefined {
  const own = ledger.rows.find((it) => it.pool.id === pool.id);
  if (ledger.unknown.length > 0 || !own) return undefined;
  const others = ledger.total - own.connections;
  return Math.max(0, Math.floor(((ledger.limit ?? CAUTIOUS_LIMIT) * PLANNED_SHARE - others) / (own.processes * (own.replicas + own.surge))));
}

/** Total of the ledger after one pool has changed its size. */
export function totalWith(ledger: Ledger, pool: Pool, max: number): number {
  return ledger.rows.reduce((sum, it) => sum + (it.pool.id === pool.id ? max * it.processes * (it.replicas + it.surge) : it.connections), 0);
}

/** `75 of 100 connections`, as the price of a pool of that size. */
export function connectionsPrice(ledger: Ledger, pool: Pool, max: number): string {
  const total = totalWith(ledger, pool, max);
  const least = ledger.unknown.length > 0 ? 'at least ' : '';
  if (ledger.limit === undefined) return `${least}${total} connections, limit of ${ledger.store.name} unknown`;
  return `${least}${total} of ${ledger.limit} connections`;
}

/** The component whose processes run `id`: itself, or the one that it lives in. */
export function hostOf(topology: Topology, id: ComponentId): Component | undefined {
  const it = topology.components.find((c) => c.id === id);
  return it?.runsIn ? (topology.components.find((c) => c.id === it.runsIn) ?? it) : it;
}

const whyUnknown = (it: Known): string | undefined => (it.state === 'unknown' ? it.why : undefined);
