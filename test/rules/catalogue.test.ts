import { existsSync, readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/rules/index.ts';
import { CASES } from './cases.ts';

const folder = new URL('../../src/rules/', import.meta.url).pathname;
const files = globSync('*.ts', { cwd: folder }).filter((file) => readFileSync(folder + file, 'utf8').includes('satisfies Rule'));

describe('the catalogue', () => {
  it('lists every rule file, under its file name, in the order of its numbers', () => {
    expect(RULES.map((it) => `${it.id}.ts`).sort()).toEqual(files.sort());
    const numbers = RULES.map((it) => it.number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  // What each of them holds `testRule` asks: weak, sound and unknown cases, every form, sound ones without a token, a story before and after, the report.
  it.each(RULES.map((it) => it.id))('%s has workspaces', (id) => {
    const file = new URL(`workspaces/${id}.test.ts`, import.meta.url).pathname;
    expect(existsSync(file) && readFileSync(file, 'utf8')).toContain(`testRule('${id}', {`);
  });

  it('every case belongs to a rule', () => expect(CASES.filter((it) => !RULES.some((rule) => rule.id === it.rule))).toEqual([]));
});
