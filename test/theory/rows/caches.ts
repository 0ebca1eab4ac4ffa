import type { Instruction, Network } from '../../../src/model/network.ts';
import type { Cache } from '../../../src/model/network-policies.ts';
import { simulate } from '../../../src/simulator/index.ts';
import { at, type Measure, source } from '../measures.ts';
import { deterministic, network, serve, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { row } from './make-row.ts';
import type { Story } from './stories.ts';

/** Lookups in one cache as a Poisson stream. */
export const cached = (cache: Partial<Cache>, rate: number, miss: readonly Instruction[] = [], hit: readonly Instruction[] = []): Network => ({
  ...network({ stations: [station('s', null)], body: [{ op: 'lookup', cache: 'c', hit, miss }], rate }),
  caches: [{ id: 'c', keys: 1, zipf: 0, capacity: null, ttlMs: null, ...cache }],
});
export const hitShare: Measure = (run) => run.caches?.[0]?.hitShare ?? Number.NaN;

export const CACHES: readonly Row[] = [
  row('lru-10000-1.0-1000', () => cached({ keys: 10_000, zipf: 1, capacity: 1000 }, 1), { hit_ratio: hitShare }, 150_000, 10_000, {
    tolerance: 0.0148,
    note: 'within 1% absolute, as the case says: the expected number is an approximation itself',
  }),
];

const COLD_AT_MS = 10_000;

/**
 * Ten keys of which nine stay in a cache for ever and the tenth never does: 90% of the lookups hit.
 * At a moment all is flushed, again before each lookup: what the database then gets, of what it got before.
 */
function coldAgain(): string[] {
  const lookup: Instruction = { op: 'lookup', cache: 'warm', hit: [], miss: [serve('s', deterministic(0))] };
  const net: Network = {
    ...network({ stations: [station('s', 1)], body: [{ op: 'branch', probability: 0.9, taken: [lookup], otherwise: [serve('s', deterministic(0))] }], rate: 1 }),
    caches: [{ id: 'warm', keys: 9, zipf: 0, capacity: null, ttlMs: null, warm: 1 }],
  };
  const cold: Network = { ...net, programs: net.programs.map((it) => ({ ...it, body: [{ op: 'invalidate', cache: 'warm', all: true }, ...it.body] })) };
  const demand = (it: Network): number => at(simulate(it, { seconds: COLD_AT_MS / 1000, warmupSeconds: 0 })).arrivals;
  const before = demand(net);
  const after = demand(cold);
  const offered = source(simulate(cold, { seconds: COLD_AT_MS / 1000, warmupSeconds: 0 })).offered;
  // Cold, every request reaches the database: exactly. Warm, a tenth of 10,000 does: within three standard errors.
  const wrong = after === offered ? [] : [`cold, ${after} of ${offered} reach the database`];
  if (Math.abs(after / before - 10) > 1) wrong.push(`the load of the database grows ${after / before} times`);
  return wrong;
}

export const CACHE_STORIES: readonly Story[] = [{ id: 'cache-cold', covers: ['db_amplification_when_cold'], tells: 'what the database gets without its cache', tell: coldAgain }];
