import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { touchesSeveralFiles } from '../../src/editor/finding-actions.ts';
import type { RecipeCall } from '../../src/model/weakness.ts';
import { RULES } from '../../src/rules/index.ts';
import { type Fix, fixed, placeOf, rates, readAll } from './fixes/fix.ts';
import { inForm } from './fixes/in-forms.ts';
import { type Form, FORMS } from './workspaces/forms.ts';
import { differenceOf } from './fixes/topology-lines.ts';
import { expectWhole } from './fixes/whole.ts';

const folder = join(import.meta.dirname, 'fixes');
const rulesFolder = join(import.meta.dirname, '../../src/rules');
const written = readdirSync(folder).map((it) => it.replace('.ts', ''));
const listed = RULES.filter((it) => written.includes(it.id));
const rows = await Promise.all(listed.map(async (rule) => [rule.id, ((await import(join(folder, `${rule.id}.ts`))) as { default: readonly Fix[] }).default] as const));

describe('every fixable rule has a row for each of its edits', () => {
  it.each(RULES.map((it) => it.id))('%s', (id) => {
    const recipes = [...readFileSync(join(rulesFolder, `${id}.ts`), 'utf8').matchAll(/edit: (?!null)|recipe: '/g)];
    // An edit may stand in a file beside the rule's own: more rows than are seen here do no harm.
    expect(existsSync(join(folder, `${id}.ts`)) || recipes.length === 0).toBe(true);
  });
});

describe.each(rows)('%s', (rule, fixes) => {
  describe.each(fixes.map((it) => [`${it.remedy}: ${it.says}`, it] as const))('%s', (_says, fix) => {
    it('cures the weakness and does nothing else', async () => {
      const made = await fixed(rule, fix.remedy, fix.files, fix.scenario);
      if ('cannot' in made) throw new Error(made.cannot);
      expectWhole(fix.files, made.files);
      // What makes or changes several files is looked at before it is written.
      const recipe = made.idea.edit as RecipeCall;
      expect(touchesSeveralFiles(recipe) || new Set(made.edits.map((it) => it.file)).size === 1, `${recipe.recipe} is previewed`).toBe(true);
      const after = await readAll(made.files, fix.scenario);
      expect(differenceOf(made.read.topology, after.topology)).toEqual([...fix.changes].sort());
      expect(after.weak.filter((it) => it.rule === rule).map(placeOf), 'still weak').toEqual([]);
      const before = new Set(made.read.weak.map(placeOf));
      expect(
        after.weak.map(placeOf).filter((it) => !before.has(it)),
        'newly weak',
      ).toEqual(fix.brings ?? []);
      const rate = rates(made.read, made.idea, after.topology);
      if (rate) expect(Math.abs(rate.is / rate.promised - 1) < 0.05, `promised ${rate.promised}, is ${rate.is}`).toBe(fix.otherRate === undefined);
    });
  });
});

// Every fix in every form: `npm run fixes`. Here one form of each, another one for each rule.
describe('other forms of the same program', () => {
  it.each(rows.map(([rule, fixes], at) => [rule, (FORMS[at % 3] as Form).name, FORMS[at % 3] as Form, fixes[0] as Fix] as const))('%s, %s', async (rule, _name, form, fix) => {
    expect(['same', 'made']).toContain(await inForm(rule, fix, form));
  });
});
