import { afterAll, describe, expect, it } from 'vitest';
import { judge, knownOf, nameOf, seedsOf } from '../row.ts';
import { ROWS } from '../rows.ts';
import { playAll, type RowPlayed } from './play-all.ts';

const all = await playAll((row) => ({ seeds: seedsOf(row), requests: row.requests }));
afterAll(() => all.end());

describe('events against theory, as long as the bar on the standard error asks for', () => {
  ROWS.forEach((row, index) => {
    it(`${nameOf(row)}: ${Object.keys(row.measures).join(' ')} — ${knownOf(row).source}`, async () => {
      const { played } = await (all.rows[index] as Promise<RowPlayed>);
      expect(judge(row, played, false)).toEqual([]);
    });
  });
});
