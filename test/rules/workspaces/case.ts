import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/pipeline.ts';
import { infer } from '../../../src/inference/infer.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../../src/model/scenario.ts';
import type { RuleId, Weakness } from '../../../src/model/weakness.ts';
import { RULES } from '../../../src/rules/index.ts';
import { assess } from '../../../src/simulator/index.ts';
import { memoryWorkspace } from '../../inference/memory-workspace.ts';
import { type Form, FORMS } from './forms.ts';
import { danglingIn, type Files } from './sources.ts';

/**
 * A small workspace with what a rule is to say about it, written once as TypeScript with ES modules.
 * `// expect: <rule>` marks each line where it must speak, and only those.
 * In a sound case `⟦…⟧` is what makes it so: without it the case must be weak at the marks.
 */
export interface WorkspaceCase {
  says: string;
  state: Weakness['state'];
  files: Files;
  scenario?: Partial<Scenario>;
}

/** A program as such stories are told, before it was mended and after. */
export interface Story {
  says: string;
  /** The rule speaks at its marks. */
  before: Files;
  /** The rule is silent. */
  after: Files;
  scenario?: Partial<Scenario>;
}

export interface RuleCases {
  cases: readonly WorkspaceCase[];
  story: Story;
  /** The remedy that the first weak case gets; one whose simulated effect is none does not reach the report. */
  remedy?: string;
  /** Forms that no case of this rule can take, with the reason. */
  never?: Readonly<Record<string, string>>;
}

/** A service that `node src/server.ts` starts. */
export const service = (dependencies: Readonly<Record<string, string>>, files: Files): Files => ({
  'package.json': JSON.stringify({ name: 'api', type: 'module', scripts: { start: 'node src/server.ts' }, dependencies }),
  ...files,
});

const SCENARIO: Scenario = { ...DEFAULT_SCENARIO, targetSetByUser: true };
const MARKED = /(?:\/\/|#|--)\s*expect: ([\w-]+)/g;
const REMOVABLE = /⟦([^⟧]*)⟧/g;

/** The case as it stands, and once without each of its marked tokens. */
export function variantsOf(files: Files): { whole: Files; without: readonly { token: string; files: Files }[] } {
  const tokens = Object.entries(files).flatMap(([file, text]) => [...text.matchAll(REMOVABLE)].map((it) => ({ file, token: it[1] as string, at: it.index })));
  const clean = (text: string): string => text.replace(REMOVABLE, '$1');
  const whole = Object.fromEntries(Object.entries(files).map(([file, text]) => [file, clean(text)]));
  return {
    whole,
    without: tokens.map(({ file, token, at }) => {
      const text = files[file] as string;
      return { token, files: { ...whole, [file]: clean(text.slice(0, at)) + clean(text.slice(at + token.length + 2)) } };
    }),
  };
}

/** Where the marks of a rule stand. */
export const marksOf = (files: Files, rule: RuleId): string[] =>
  Object.entries(files)
    .flatMap(([file, text]) => text.split('\n').flatMap((line, at) => [...line.matchAll(MARKED)].filter((it) => it[1] === rule).map(() => `${file}:${at + 1}`)))
    .sort();

/** What a rule says of a workspace that was read as any other. The outcome is computed only where the rule looks at it. */
export async function judged(files: Files, rule: RuleId, wished: Partial<Scenario> = {}): Promise<readonly Weakness[]> {
  const { topology } = await infer(memoryWorkspace(files));
  const scenario = { ...SCENARIO, ...wished };
  let outcome: ReturnType<typeof assess> | undefined;
  const found = RULES.find((it) => it.id === rule);
  if (!found) throw new Error(`there is no rule ${rule}`);
  return found.find({
    topology,
    scenario,
    get outcome() {
      outcome ??= assess(topology, scenario, { ladder: false, ranges: false, breakEven: false });
      return outcome;
    },
  });
}

export const weakIn = (found: readonly Weakness[]): string[] => [...new Set(found.filter((it) => it.state === 'weak').map((it) => `${it.place.file}:${it.place.line}`))].sort();

function stateOf(found: readonly Weakness[]): Weakness['state'] {
  const states = found.map((it) => it.state);
  return states.includes('weak') ? 'weak' : states.includes('sound') && !states.includes('unknown') ? 'sound' : 'unknown';
}

const reachedBy = new Set<string>();
const PLAIN: Form = { name: 'as it stands', make: (files) => files };

/** The tests that every rule passes: its cases, all their forms, the sound ones without what makes them so, and the report of the whole pipeline. */
export function testRule(rule: RuleId, { cases, story, remedy, never = {} }: RuleCases): void {
  describe(rule, () => {
    it('has weak, sound and unknown cases', () => expect([...new Set(cases.map((it) => it.state))].sort()).toEqual(['sound', 'unknown', 'weak']));

    describe.each(cases.map((it) => [`${it.state}: ${it.says}`, it] as const))('%s', (_says, one) => {
      const { whole, without } = variantsOf(one.files);
      const weak: readonly [string, Files][] = one.state === 'weak' ? [['as it stands', whole]] : without.map((it) => [`without ${it.token.trim()}`, it.files]);

      if (one.state !== 'weak') {
        it('is silent', async () => expect(stateOf(await judged(whole, rule, one.scenario)), 'as it stands').toBe(one.state));
        // The last form is all of them at once.
        it.each(FORMS.slice(-1))('is silent as $name', async ({ make }) => {
          const files = make(whole);
          expect(danglingIn(files), shown(files)).toEqual(danglingIn(whole));
          expect(weakIn(await judged(files, rule, one.scenario)), shown(files)).toEqual([]);
        });
      }
      if (one.state === 'sound') it('names what makes it sound', () => expect(without.length).toBeGreaterThan(0));

      describe.each(weak)('%s', (_which, files) => {
        it('is found at its marks', async () => {
          expect(marksOf(files, rule).length, 'marks').toBeGreaterThan(0);
          expect(weakIn(await judged(files, rule, one.scenario))).toEqual(marksOf(files, rule));
        });
        it.each(FORMS)('is found as $name', async ({ name, make }) => {
          const other = make(files);
          if (JSON.stringify(other) === JSON.stringify(files)) return;
          reachedBy.add(`${rule} ${name}`);
          expect(danglingIn(other), shown(other)).toEqual(danglingIn(files));
          expect(marksOf(other, rule), 'marks').toHaveLength(marksOf(files, rule).length);
          expect(weakIn(await judged(other, rule, one.scenario)), shown(other)).toEqual(marksOf(other, rule));
        });
      });
    });

    describe(`story: ${story.says}`, () => {
      it.each([PLAIN, ...FORMS.slice(-1)])('speaks before, $name', async ({ make }) => {
        const files = make(story.before);
        expect(marksOf(files, rule).length, 'marks').toBeGreaterThan(0);
        expect(weakIn(await judged(files, rule, story.scenario)), shown(files)).toEqual(marksOf(files, rule));
      });
      it.each([PLAIN, ...FORMS.slice(-1)])('is silent after, $name', async ({ make }) => {
        const files = make(story.after);
        expect(weakIn(await judged(files, rule, story.scenario)), shown(files)).toEqual([]);
      });
    });

    it('reaches the report, in words of its own, with every remedy titled', async () => {
      const [weak] = cases.filter((it) => it.state === 'weak');
      const { advice } = await analyse(memoryWorkspace(variantsOf((weak as WorkspaceCase).files).whole), { scenario: { ...SCENARIO, ...weak?.scenario } });
      const all = [...advice.findings, ...(advice.readiness ?? []).map((it) => ({ ...it, folded: [] }))];
      const said = all.flatMap((it) => [{ rule: it.rule, message: it.message }, ...it.folded]).filter((it) => it.rule === rule);
      expect(said.length).toBeGreaterThan(0);
      for (const it of said) expect(it.message).not.toBe(rule);
      if (remedy) expect(all.flatMap((it) => it.remedies.map((one) => one.id))).toContain(`${rule}/${remedy}`);
    });

    // Last: by now every form has been tried on every weak case.
    it('is reached by every form', () => {
      const missed = FORMS.map((it) => it.name).filter((it) => !reachedBy.has(`${rule} ${it}`));
      expect(missed.sort()).toEqual(Object.keys(never).sort());
    });
  });
}

const shown = (files: Files): string =>
  Object.entries(files)
    .filter(([file]) => /\.[cm]?[jt]s$/.test(file))
    .map(([file, text]) => `--- ${file}\n${text}`)
    .join('\n');

/** A service that asks one pool for what a route answers with: `pool` is the module's own lines, `route` the handler's. */
export const overPool = (pool: string, path: string, route: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'src/db.ts': `import { Pool } from 'pg';

${pool}
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool } from './db.ts';

const app = express();
app.get('${path}', async (req: Request, res: Response) => {
${route.map((it) => `  ${it}`).join('\n')}
});
app.listen(3000);
`,
      ...more,
    },
  );

/** A route's lines for `overPool`: one row by its key. */
export const ONE_ORDER = [`const { rows } = await pool.query('SELECT * FROM orders WHERE id = $1', [req.params.id]);`, 'res.json(rows[0]);'];
