import { judge, nameOf, type Played, type Row, seedsOf, settlingRequestsOf } from '../row.ts';
import { ROWS } from '../rows.ts';
import lengths from './lengths.json' with { type: 'json' };
import type { Pool } from './pool.ts';

/** The runs of one row, in the order of their seeds, and what they cost in all. */
export interface RowPlayed {
  played: readonly Played[];
  cpuSeconds: number;
}

/** Those that the verdict is about, each of so many requests; and how many times as long as the pilot says. */
export interface Verdict extends RowPlayed {
  requests: number;
  times: number;
}

/** Measured requests per seed that the bar on the standard error asks for (`pilot.ts`); undefined for a row that no pilot has played. */
export const lengthOf = (row: Row): number | undefined => (row.deterministic ? row.requests : (lengths as Readonly<Record<string, number>>)[nameOf(row)]);

/** So many times as long is a row played on that does not pass. */
export const PLAYED_ON = 4;

/** Plays some seeds of the row at this place of the table. */
export async function playRow(pool: Pool, place: number, seeds: readonly number[], requests: number): Promise<RowPlayed> {
  const row = ROWS[place] as Row;
  const cost = requests * (row.companion?.make ? 2 : 1) + settlingRequestsOf(row);
  const all = await Promise.all(seeds.map((seed) => pool.ask('row', { row: place, seed, requests }, cost)));
  return { played: all.map((it) => it.answer), cpuSeconds: all.reduce((sum, it) => sum + it.cpuSeconds, 0) };
}

/**
 * Plays a row as long as its pilot says, and what does not pass four times as long with the same seeds: the longer runs are the verdict, whose bars are half as wide.
 * One in some thirty rows is expected to need it: ten runs tell their standard error within a quarter, and one mean in eighty lies more than three of those from its expectation.
 */
export async function playForVerdict(pool: Pool, place: number): Promise<Verdict> {
  const row = ROWS[place] as Row;
  const requests = lengthOf(row);
  if (requests === undefined) throw new Error(`no pilot has played "${nameOf(row)}": node test/theory/long/pilot.ts`);
  const first = await playRow(pool, place, seedsOf(row), requests);
  if (row.deterministic || judge(row, first.played, false).length === 0) return { ...first, requests, times: 1 };
  const on = await playRow(pool, place, seedsOf(row), PLAYED_ON * requests);
  return { ...on, requests: PLAYED_ON * requests, times: PLAYED_ON, cpuSeconds: first.cpuSeconds + on.cpuSeconds };
}
