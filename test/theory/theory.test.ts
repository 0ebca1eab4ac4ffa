import { describe, expect, it } from 'vitest';
import { CASES, caseOf } from './cases.ts';
import { judge, knownOf, nameOf, play, type Row, seedsOf, settlingRequestsOf } from './row.ts';
import { ROWS, STORIES } from './rows.ts';

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
  for (const story of STORIES) it(`${story.id}: ${story.tells} — ${caseOf(story.id).source}`, () => expect(story.tell()).toEqual([]));
});

describe('the table', () => {
  it('has all 68 cases', () => expect(CASES).toHaveLength(68));
  it('holds every expected value of every case against a run', () => {
    const asked = new Set(ROWS.flatMap((row) => Object.keys(row.measures).map((name) => `${row.id} ${name}`)));
    for (const story of STORIES) for (const name of story.covers) asked.add(`${story.id} ${name}`);
    const missing = CASES.flatMap((it) => Object.keys(it.expected).map((name) => `${it.id} ${name}`));
    expect(missing.filter((it) => !asked.has(it))).toEqual([]);
  });
});
