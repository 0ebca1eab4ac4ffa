import { describe, expect, it } from 'vitest';
import { projectWords } from '../../src/editor/project-words.ts';
import type { Report } from '../../src/model/advice.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { outcomeOf } from '../advisor/outcomes.ts';
import { shopOf } from '../rules/topologies.ts';

const report: Report = {
  topology: shopOf(),
  scenario: DEFAULT_SCENARIO,
  outcome: outcomeOf(),
  advice: {
    headline: '',
    explanation: '',
    findings: [],
    layers: [{ layer: 'data', rules: [{ rule: 'n-plus-one', title: 'A query for each row', weak: 0, sound: 0, unknown: 0 }] }],
  },
  read: { files: 0, parsed: 0, ms: 0 },
};
const words = (before: string): string[] | null => projectWords(before, report)?.map((it) => it.text) ?? null;

describe('what fits in faultline.json', () => {
  it.each<[string, string, string | null]>([
    ['a measured number', '{ "measurements": [{ "input": "', 'hold db SELECT products'],
    ['half a name', '{ "measurements": [{ "input": "hold db', 'hold db SELECT products'],
    ['a share of the load', '{ "measurements": [{ "input": "', 'share api GET /products'],
    ['an overridden number', '{ "overrides": [{ "input": "', 'parallelism db'],
    ['a rule', '{ "suppressions": [{ "rule": "', 'n-plus-one'],
    ['a deployment', '{ "deployment": "', 'docker-compose.yml'],
    ['a route of the mix', '{ "mix": { "', 'api GET /products'],
    ['a second route', '{ "mix": {\n    // reads\n    "api GET /products": 8,\n    "', 'api GET /products'],
    ['after the mix', '{ "mix": { "GET /products": 8 }, "', null],
    ['a field', '{ "', null],
    ['a source', '{ "measurements": [{ "source": "', null],
  ])('%s', (_what, before, expected) => (expected === null ? expect(words(before)).toBeNull() : expect(words(before)).toContain(expected)));
});
