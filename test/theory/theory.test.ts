import { describe, expect, it } from 'vitest';
import { judge, knownOf, nameOf, play, type Row, seedsOf, settlingRequestsOf } from './row.ts';
import { ROWS } from './rows.ts';

/** Measured requests per seed in this quick suite; `long/` plays as many as the bar on the standard error asks for. */
const QUICK = 5_000;

/** A run that is shorter than its own warm-up would see one moment of the queue, not its law. */
const quickRequestsOf = (row: Row): number => Math.min(row.requests, Math.max(row.quick ?? QUICK, settlingRequestsOf(row)));

describe('events against theory', () => {
  for (const row of ROWS) {
    if (row.onlyLong) continue;
    const requests = row.deterministic ? row.requests : quickRequestsOf(row);
    const isShort = requests < row.requests;
    it(`${nameOf(row)}: ${Object.keys(row.measures).join(' ')} — ${knownOf(row).source}${isShort ? ' [three standard errors only]' : ''}`, () => {
      const played = seedsOf(row).map((seed) => play(row, seed, requests));
      expect(judge(row, played, isShort)).toEqual([]);
    });
  }
});
