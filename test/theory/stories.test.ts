import { describe, expect, it } from 'vitest';
import { CASES, caseOf } from './cases.ts';
import { ROWS, STORIES } from './rows.ts';

describe('events against theory, in several runs', () => {
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
