import { inputId } from '../model/inputs.ts';
import { valueIn } from '../model/known.ts';
import type { Outcome } from '../model/outcome.ts';
import { activeDeployment, type Component, type Pool, type Topology } from '../model/topology.ts';
import type { Evidence, RecipeCall, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { PLANNED_UTILISATION, stationOfPool } from './binding.ts';
import { type Ledger, type LedgerRow, ledgerOf, PLANNED_SHARE } from './ledger.ts';
import { madeWith, placeOf, setSizes, sizeEdit, sizeWithin, totalAt } from './shared-pools.ts';

/** The words in which a server refuses, by engine. */
const REFUSALS: Readonly<Record<string, string>> = { postgres: 'sorry, too many clients already', mysql: 'Too many connections' };
const CLIENTS_PER_PGBOUNCER_CONNECTION = 10;

function judge(evidence: Evidence, store: Component): Weakness[] {
  const { topology, outcome } = evidence;
  const ledger = ledgerOf(topology, store);
  const [largest] = [...ledger.rows].sort((a, b) => b.connections - a.connections);
  const owner = largest?.pool ?? ledger.unknown[0]?.pool;
  if (!owner) return [];
  const station = outcome.stations.find((it) => it.kind === 'connections' && it.component === store.id);
  const place = placeOf(owner);
  const base = { rule: 'connection-budget', place, component: owner.client, station: station?.id ?? `connections ${store.id}`, certain: false };
  const over = ledger.limit !== undefined && ledger.total > ledger.limit;
  if (!largest || !over) {
    // Clients whose share nobody knows may still push it over.
    const settled = ledger.limit !== undefined && ledger.unknown.length === 0;
    return [{ ...base, state: settled ? 'sound' : 'unknown', facts: {}, related: [], remedies: [] }];
  }
  return [
    {
      ...base,
      state: 'weak',
      facts: {
        store: store.name,
        storeId: store.id,
        total: ledger.total,
        limit: ledger.limit ?? null,
        refusal: REFUSALS[store.engine ?? ''] ?? 'connection refused',
        surge: ledger.rows.some((it) => it.surge > 0),
        assumed: ledger.assumed,
      },
      related: [
        ...ledger.rows.map((it) => ({ place: it.pool.place, says: `${it.pool.id}: ${share(it)}` })),
        ...store.places.slice(0, 1).map((at) => ({ place: at, says: `${store.name} accepts ${ledger.limit}` })),
      ],
      remedies: [...shrink(evidence, ledger, largest), ...pgbouncer(topology, store, ledger)],
    },
  ];
}

function share(row: LedgerRow): string {
  const replicas = row.replicas + row.surge;
  return `${row.perProcess} × ${row.processes} ${row.processes === 1 ? 'process' : 'processes'} × ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} = ${row.connections}`;
}

/** The largest pool, with all that its construction makes, gives back what is too much, but never more than the target needs of it (Little's law); else every pool gives its part. */
function shrink({ topology, outcome }: Evidence, ledger: Ledger, largest: LedgerRow): RemedyIdea[] {
  const budget = Math.floor((ledger.limit ?? 0) * PLANNED_SHARE);
  const pools = madeWith(topology, largest.pool);
  const value = sizeWithin(ledger, pools, budget) ?? 0;
  const needed = Math.max(...pools.map((it) => connectionsInUse(outcome, it)));
  if (value >= Math.max(1, needed)) {
    const { id } = largest.pool;
    return [
      {
        id: 'set-pool-max',
        effort: 1,
        does: `Set pool max to ${value}`,
        change: { id: `set-pool-max ${id} ${value}`, operations: setSizes(pools, value) },
        edit: sizeEdit(largest.pool, value),
        price: `${totalAt(ledger, pools, value)} of ${ledger.limit} connections`,
      },
    ];
  }
  return shrinkAll(ledger, budget);
}

/** All of them, or none: half of it would still be too much. */
function together(calls: readonly (RecipeCall | null)[]): RecipeCall | null {
  const known = calls.filter((it) => it !== null);
  const places = new Set(known.map((it) => `${it.args.file}:${it.args.line}`));
  const [first, ...also] = known;
  // One construction that makes two of them has one size to give.
  return first && known.length === calls.length && places.size === calls.length ? { ...first, also } : null;
}

function connectionsInUse(outcome: Outcome, pool: Pool): number {
  const station = stationOfPool(outcome, pool);
  return station ? Math.ceil((station.utilisation * (valueIn(pool.max) ?? 0)) / PLANNED_UTILISATION) : 1;
}

function shrinkAll(ledger: Ledger, budget: number): RemedyIdea[] {
  const sizes = ledger.rows.map((row) => ({ row, value: Math.floor((row.perProcess * budget) / ledger.total) }));
  if (sizes.length < 2 || sizes.some((it) => it.value < 1)) return [];
  const total = sizes.reduce((sum, { row, value }) => sum + value * row.processes * (row.replicas + row.surge), 0);
  return [
    {
      id: 'shrink-pools',
      effort: 1,
      does: `Shrink all ${sizes.length} pools (${sizes.map(({ row, value }) => `${row.pool.client} ${value}`).join(', ')})`,
      change: {
        id: `shrink-pools ${ledger.store.id} ${budget}`,
        operations: sizes.map(({ row, value }) => ({ kind: 'setInput', input: inputId.poolMax(row.pool.id), value })),
      },
      edit: together(sizes.map(({ row, value }) => sizeEdit(row.pool, value))),
      price: `${total} of ${ledger.limit} connections`,
      guidance: sizes.map(({ row, value }) => `${row.pool.place.file}:${row.pool.place.line}: max ${value}`).join('\n'),
    },
  ];
}

/** PgBouncer in transaction mode: many clients share the server's few connections. */
function pgbouncer(topology: Topology, store: Component, ledger: Ledger): RemedyIdea[] {
  if (store.engine !== 'postgres') return [];
  const compose = store.places.find((it) => /\.ya?ml$/.test(it.file));
  const poolSize = Math.floor((ledger.limit ?? 0) * PLANNED_SHARE);
  const maxClients = Math.max(ledger.total, Math.min(ledger.total * 2, poolSize * CLIENTS_PER_PGBOUNCER_CONNECTION));
  const isCompose = activeDeployment(topology)?.source === 'compose' && compose !== undefined;
  return [
    {
      id: 'add-pgbouncer',
      effort: 6,
      does: `Put PgBouncer before ${store.name}`,
      change: null,
      edit: isCompose ? { recipe: 'add-pgbouncer', args: { compose: compose.file, service: store.id, poolSize, maxClients } } : null,
      price: `one service more; no session state, LISTEN or advisory locks over it`,
      guidance: 'https://www.pgbouncer.org/config.html: pool_mode = transaction, max_prepared_statements for prepared statements',
    },
  ];
}

export default {
  id: 'connection-budget',
  number: 3,
  layer: 'data',
  title: 'Pools together exceed what the database accepts',
  find: (evidence) => {
    // A development compose file says nothing about the instances that will run.
    if (activeDeployment(evidence.topology)?.stage === 'development') return [];
    return evidence.topology.components.filter((it) => it.kind === 'database' && it.scope === 'runtime').flatMap((it) => judge(evidence, it));
  },
} satisfies Rule;
