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

  it.each(RULES.map((it) => [it.id, it] as const))('%s has a page that says why, how and what it cannot see', (id, rule) => {
    expect(existsSync(`${folder}${id}.md`)).toBe(true);
    const page = readFileSync(`${folder}${id}.md`, 'utf8');
    expect(page.split('\n')[0]).toBe(`# ${id} (${rule.number})`);
    for (const part of ['**Why.**', "**What it can't see.**", 'Links: ']) expect(page).toContain(part);
    expect(page).toMatch(/\*\*How it is (computed|found)|\*\*When it speaks/);
  });

  // `testRule` asks the same of those that have workspaces.
  const workspaces = new URL('workspaces/', import.meta.url).pathname;
  const drawn = RULES.map((it) => it.id).filter((id) => !existsSync(`${workspaces}${id}.test.ts`));
  it.each(drawn)('%s has weak, sound and unknown cases', (id) => {
    const states = CASES.filter((it) => it.rule === id).map((it) => it.state);
    expect(states).toEqual(expect.arrayContaining(['weak', 'sound', 'unknown']));
  });

  it('every case belongs to a rule', () => expect(CASES.filter((it) => !RULES.some((rule) => rule.id === it.rule))).toEqual([]));
});
