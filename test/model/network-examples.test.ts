import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, runModel } from '../../src/simulator/index.ts';

const book = readFileSync(new URL('../../src/model/network.md', import.meta.url), 'utf8');
const sections = book.slice(book.indexOf('## Examples'), book.indexOf('## What it says')).split('\n### ').slice(1);
/** What the luck of a few hundred seconds may move. */
const TOLERANCE = 0.05;
/** A point of a series is one moment of a hundred runs. */
const POINT_TOLERANCE = 0.15;

/** The options of an example's command line. */
function optionsOf(section: string): ModelOptions {
  const words = (/faultline simulate MODEL\.json(.*)/.exec(section)?.[1] ?? '').trim().split(/\s+/);
  const value = (name: string): string | undefined => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  const number = (name: string): number | undefined => (value(name) === undefined ? undefined : Number(value(name)));
  const [seconds, replications] = [number('--seconds'), number('--replications')];
  return {
    engine: 'events',
    seed: 1,
    series: words.includes('--series'),
    ...(seconds !== undefined && { seconds }),
    ...(replications !== undefined && { replications }),
    ...(value('--within') && { withinMs: value('--within')!.split(',').map(Number) }),
  };
}

/** `stations.db.refusedShare`: lists are entered by id, program, moment or place. */
function read(value: unknown, path: string): number {
  let at = value as Record<string, unknown>;
  for (const word of path.split('.')) {
    const next = Array.isArray(at) ? (at.find((it) => it.id === word || it.program === word || String(it.atMs) === word) ?? at[Number(word)]) : at[word];
    if (next === undefined || next === null) throw new Error(`${path}: there is no ${word}`);
    at = next as Record<string, unknown>;
  }
  return at as unknown as number;
}

describe('the examples of network.md', () => {
  it('are found', () => expect(sections.length).toBeGreaterThanOrEqual(9));

  it.each(sections.map((it) => [it.split('\n')[0] as string, it]))('%s', (_title, section) => {
    const model = JSON.parse(/```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '');
    const ran = runModel(model, optionsOf(section));
    if ('error' in ran) throw new Error(ran.error);
    const promises = [...section.matchAll(/^- `([^`]+)`(?: ÷ `([^`]+)`)? = ([\d.]+)/gm)];
    expect(promises.length).toBeGreaterThan(0);
    for (const [, path, under, expected] of promises) {
      const found = read(ran.result, path as string) / (under ? read(ran.result, under) : 1);
      expect(Math.abs(found / Number(expected) - 1), `${path} is ${found} for ${expected}`).toBeLessThan((path as string).startsWith('series') ? POINT_TOLERANCE : TOLERANCE);
    }
  });
});
