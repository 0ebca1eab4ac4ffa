import { COVERED, hitsOf } from '../coverage.ts';
import { compare } from '../exactness.ts';
import { play as playNetwork } from '../played.ts';
import { play, type Row } from '../row.ts';
import { ROWS } from '../rows.ts';

/** What worker threads can be asked for: tables are known on both sides, so their rows are named by their place. */
export const WORK = {
  /** One seed of one row of the table. */
  row: ({ row, seed, requests }: { row: number; seed: number; requests: number }) => play(ROWS[row] as Row, seed, requests),
  /** How many of some runs, from one seed on, have an interval with the exact value inside. */
  covered: ({ of, first, runs, requests }: { of: number; first: number; runs: number; requests: number }) => hitsOf(COVERED[of] as (typeof COVERED)[number], runs, requests, first),
  /** What `solve` calls exact of one random network, beside what is played. */
  exactness: ({ network, requests }: { network: number; requests: number }) => compare(network, requests),
  /** One of the random networks that the closed form is judged by. */
  network: ({ index, mostEvents, perSecond }: { index: number; mostEvents: number; perSecond: number }) => playNetwork(index, mostEvents, perSecond),
} as const;

export type Kind = keyof typeof WORK;
export type Question<K extends Kind> = Parameters<(typeof WORK)[K]>[0];
export type Answer<K extends Kind> = ReturnType<(typeof WORK)[K]>;
