import { inputId } from '../model/inputs.ts';
import type { Operation } from '../model/change.ts';
import type { Pool, Topology } from '../model/topology.ts';
import type { Place } from '../model/known.ts';
import type { RecipeCall } from '../model/weakness.ts';
import { type Ledger, type LedgerRow, ledgerOf, PLANNED_SHARE } from './ledger.ts';

/** Where an edit of the pool's size lands: at the written number, or at the construction that lacks one. */
export const placeOf = (pool: Pool): Place => (pool.max.state === 'known' && pool.max.place ? pool.max.place : pool.place);

/** Libraries whose pools the recipe knows how to size. */
export const SIZED_BY_RECIPE = ['pg', 'sequelize', 'mongoose', 'mongodb', 'mysql2', 'postgres', 'knex'];

/** The edit that gives a pool another size, and with it all that its construction makes; null where nobody knows how it is written. */
export function sizeEdit(pool: Pool, value: number): RecipeCall | null {
  const { file, line } = placeOf(pool);
  return SIZED_BY_RECIPE.includes(pool.library) && file !== '' ? { recipe: 'set-pool-max', args: { file, line, library: pool.library, value } } : null;
}

/**
 * The pools whose size is written at one place, `pool` first: clients that share a package share its options, and an edit there changes all of them.
 * Pools that no code of the workspace makes (no place) stand alone.
 */
export const madeWith = (topology: Topology, pool: Pool): readonly Pool[] => twinsOf(topology, pool, placeOf);

/** The pools that one construction makes, `pool` first, wherever their sizes are written. */
export const madeAt = (topology: Topology, pool: Pool): readonly Pool[] => twinsOf(topology, pool, (it) => it.place);

function twinsOf(topology: Topology, pool: Pool, placed: (pool: Pool) => Place): readonly Pool[] {
  const here = placed(pool);
  if (here.file === '') return [pool];
  const isTwin = (it: Pool): boolean => {
    const there = placed(it);
    return it.id !== pool.id && it.library === pool.library && there.file === here.file && there.line === here.line && there.column === here.column;
  };
  return [pool, ...topology.pools.filter(isTwin)];
}

/** Sets one input of each pool to the same value, as an edit at their common place does. */
export const setAll = (pools: readonly Pool[], input: (id: string) => string, value: number): Operation[] => pools.map((it) => ({ kind: 'setInput', input: input(it.id), value }));
export const setSizes = (pools: readonly Pool[], value: number): Operation[] => setAll(pools, inputId.poolMax, value);

/** Connections that one more per pool costs at the ledger's store. */
const weightOf = (row: LedgerRow): number => row.processes * (row.replicas + row.surge);
const rowsOf = (ledger: Ledger, pools: readonly Pool[]): LedgerRow[] => ledger.rows.filter((row) => pools.some((it) => it.id === row.pool.id));

/** The largest common size of the pools that fits into a budget beside every other client's full pool; undefined where one of them is not counted. */
export function sizeWithin(ledger: Ledger, pools: readonly Pool[], budget: number): number | undefined {
  const mine = rowsOf(ledger, pools);
  if (mine.length === 0) return undefined;
  const others = ledger.total - mine.reduce((sum, it) => sum + it.connections, 0);
  return Math.max(0, Math.floor((budget - others) / mine.reduce((sum, it) => sum + weightOf(it), 0)));
}

/** Total of the ledger when these pools have one size. */
export function totalAt(ledger: Ledger, pools: readonly Pool[], max: number): number {
  const mine = new Set(rowsOf(ledger, pools));
  return ledger.rows.reduce((sum, it) => sum + (mine.has(it) ? max * weightOf(it) : it.connections), 0);
}

/** The largest common size that the stores behind these pools have room for; undefined where no store's limit is known. */
export function roomForAll(topology: Topology, pools: readonly Pool[]): number | undefined {
  const rooms = ledgersOf(topology, pools).flatMap((ledger) =>
    ledger.limit === undefined || ledger.unknown.length > 0 ? [] : (sizeWithin(ledger, pools, ledger.limit * PLANNED_SHARE) ?? []),
  );
  return rooms.length === 0 ? undefined : Math.min(...rooms);
}

/** `84 of 100 connections`: what a common size of the pools comes to, at each store that they use. */
export function sizePrice(topology: Topology, pools: readonly Pool[], max: number): string {
  const ledgers = ledgersOf(topology, pools);
  return ledgers
    .map((ledger) => {
      const least = ledger.unknown.length > 0 ? 'at least ' : '';
      const total = `${least}${totalAt(ledger, pools, max)}`;
      if (ledger.limit === undefined) return `${total} connections, limit of ${ledger.store.name} unknown`;
      return `${total} of ${ledger.limit} connections${ledgers.length > 1 ? ` of ${ledger.store.name}` : ''}`;
    })
    .join(', ');
}

function ledgersOf(topology: Topology, pools: readonly Pool[]): Ledger[] {
  const targets = new Set(pools.map((it) => it.target));
  return topology.components.filter((it) => targets.has(it.id)).map((store) => ledgerOf(topology, store));
}
