import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import schema from '../../src/model/network.schema.json' with { type: 'json' };
import { type Run, runModel, simulate, validateNetwork } from '../../src/simulator/index.ts';

const page = readFileSync(new URL('../../src/model/network.md', import.meta.url), 'utf8');
/** Whole models of the page under the heading that they stand below. */
const examples = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map((found): [string, unknown] => [
  page
    .slice(0, found.index)
    .split('\n')
    .findLast((line) => line.startsWith('#'))
    ?.replace(/^#+ /, '') ?? '',
  JSON.parse(found[1] as string),
]);

describe('the page about MODEL.json', () => {
  it.each(examples)('%s: its example is valid and plays', (_, model) => {
    const valid = validateNetwork(model);
    expect('error' in valid ? valid.error : '').toBe('');
    if ('error' in valid) return;
    const run: Run = simulate(valid.network, { seconds: 2, seed: 1 });
    expect(run.sources.every((it, index) => it.offered > 0 || valid.network.sources[index]?.burst)).toBe(true);
    expect(run.checks.little).toBeLessThan(1e-9);
    expect(runModel(model, { engine: 'solve', seed: 1, series: false })).toBeDefined();
  });

  it('names every field and word of the schema', () => {
    const names = new Set<string>();
    const walk = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(walk);
      else if (typeof value === 'object' && value !== null)
        for (const [key, it] of Object.entries(value)) {
          if (key === 'properties') for (const name of Object.keys(it as object)) names.add(name);
          if (key === 'enum' || key === 'const') for (const word of [it].flat()) if (typeof word === 'string') names.add(word);
          walk(it);
        }
    };
    walk(schema);
    expect(names.size).toBeGreaterThan(80);
    expect([...names].filter((name) => !new RegExp(`(?<![A-Za-z])${name.replace('$', '\\$')}(?![A-Za-z])`).test(page))).toEqual([]);
  });
});
