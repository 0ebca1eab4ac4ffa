import { describe, expect, it } from 'vitest';
import { actionsAt, ignoreCall, safeFixesIn } from '../../src/editor/finding-actions.ts';
import type { Finding, Remedy } from '../../src/model/advice.ts';
import type { RecipeCall } from '../../src/model/weakness.ts';

const remedy = (recipe: string | null, more: Partial<Remedy> = {}): Remedy => ({
  id: `rule/${recipe}`,
  title: `Do ${recipe}`,
  change: null,
  edit: recipe === null ? null : { recipe, args: { file: 'src/db.ts', line: 3 } },
  breaksAtBefore: null,
  breaksAtAfter: null,
  verdictAfter: null,
  price: '',
  effort: 1,
  preferred: false,
  ...more,
});
const finding = (rule: string, file: string, line: number, remedies: readonly Remedy[], endLine = line): Finding => ({
  id: `${rule} ${file}:${line}`,
  rule,
  severity: 'information',
  place: { file, line, endLine },
  component: 'api',
  message: '',
  related: [],
  remedies,
  folded: [],
});
const PREFERRED = { preferred: true };
const lines = (findings: readonly Finding[], file = 'src/db.ts', from = 3, to = from) =>
  actionsAt(findings, file, from, to).map((it) => `${it.isPreferred ? '*' : ' '} ${it.kind}: ${it.title}${it.does.kind === 'edit' && it.does.isPreviewed ? ' (diff)' : ''}`);
const otherActions = (rule: string) => [
  `  quickfix: Ignore ${rule} on this line, for a reason…`,
  `  quickfix: Ignore ${rule} in this file, for a reason…`,
  `  quickfix: Ignore ${rule} in the workspace, for a reason…`,
  `  quickfix: Show documentation of ${rule}`,
];

describe('the light bulb', () => {
  it('offers each edit once, a way to excuse the finding, and its page', () => {
    expect(lines([finding('pool', 'src/db.ts', 3, [remedy('set-pool-max', PREFERRED), remedy('insert-cache'), remedy(null)])])).toEqual([
      '* quickfix: Do set-pool-max',
      '  refactor.rewrite: Do insert-cache (diff)',
      ...otherActions('pool'),
    ]);
  });

  it('lists what mends one finding before what excuses another', () => {
    const found = [finding('wait', 'src/db.ts', 2, [remedy('set-acquire-timeout')], 6), finding('pool', 'src/db.ts', 3, [remedy('set-pool-max')])];
    expect(lines(found)).toEqual(['* quickfix: Do set-pool-max', '* quickfix: Do set-acquire-timeout', ...otherActions('pool'), ...otherActions('wait')]);
  });

  it.each([
    ['set-pool-max', 'quickfix', ''],
    ['use-held-connection', 'quickfix', ''],
    ['extract-worker', 'quickfix', ' (diff)'],
    ['add-pgbouncer', 'quickfix', ' (diff)'],
    ['insert-queue', 'refactor.rewrite', ' (diff)'],
    ['enqueue-call', 'refactor.rewrite', ' (diff)'],
    ['insert-cache', 'refactor.rewrite', ' (diff)'],
  ])('%s is a %s%s', (recipe, kind, diff) =>
    expect(lines([finding('it', 'src/db.ts', 3, [remedy(recipe)])])[0]).toBe(`${kind === 'quickfix' ? '*' : ' '} ${kind}: Do ${recipe}${diff}`),
  );

  it('begins with what is about the fewest lines', () => {
    const two = [finding('timeout', 'src/db.ts', 1, [], 6), finding('pool', 'src/db.ts', 3, [])];
    expect(lines(two)).toEqual([...otherActions('pool'), ...otherActions('timeout')]);
  });

  it.each<[string, (readonly [rule: string, remedies: readonly Remedy[]])[], string[]]>([
    [
      'one of each finding',
      [
        ['pool', [remedy('set-pool-max', PREFERRED), remedy('add-pgbouncer')]],
        ['timeout', [remedy('set-acquire-timeout', PREFERRED)]],
      ],
      ['* quickfix: Do set-pool-max', '* quickfix: Do set-acquire-timeout'],
    ],
    [
      'the first repair that an edit makes where the preferred one is done by hand',
      [['pool', [remedy(null, PREFERRED), remedy('insert-cache'), remedy('set-pool-max'), remedy('set-replicas')]]],
      ['* quickfix: Do set-pool-max'],
    ],
    ['a rewrite that the advisor prefers', [['store', [remedy('insert-cache', PREFERRED), remedy('set-pool-max')]]], ['* refactor.rewrite: Do insert-cache (diff)']],
    ['no rewrite that it does not prefer', [['writes', [remedy('insert-queue')]]], []],
    ['nothing where nothing is edited', [['outbox', [remedy(null, PREFERRED)]]], []],
  ])('prefers %s', (_says, all, preferred) => {
    const findings = all.map(([rule, remedies]) => finding(rule, 'src/db.ts', 3, remedies));
    expect(lines(findings).filter((it) => it.startsWith('*'))).toEqual(preferred);
  });

  it.each([
    ['another line', 'src/db.ts', 9, 9, 0],
    ['another file', 'src/other.ts', 3, 3, 0],
    ['the last line of the finding', 'src/db.ts', 5, 5, 5],
    ['a selection around it', 'src/db.ts', 1, 30, 5],
  ])('on %s', (_says, file, from, to, count) => expect(lines([finding('it', 'src/db.ts', 3, [remedy('set-pool-max')], 5)], file, from, to)).toHaveLength(count));

  it('writes no comments into JSON', () => expect(lines([finding('it', 'faultline.json', 3, [])], 'faultline.json').join()).not.toContain('this line'));

  it('shows edits of several files as a diff, whatever the recipe', () => {
    const edit: RecipeCall = { recipe: 'set-pool-max', args: { file: 'src/db.ts' }, also: [{ recipe: 'set-pool-max', args: { file: 'src/worker.ts' } }] };
    expect(lines([finding('it', 'src/db.ts', 3, [remedy('set-pool-max', { edit })])])[0]).toContain('(diff)');
    const inOne: RecipeCall = { ...edit, also: [{ recipe: 'set-pool-max', args: { file: 'src/db.ts' } }] };
    expect(lines([finding('it', 'src/db.ts', 3, [remedy('set-pool-max', { edit: inOne })])])[0]).not.toContain('(diff)');
  });
});

describe('source.fixAll.faultline', () => {
  const at = (recipe: string, more: Partial<Remedy> = PREFERRED) => finding(recipe, 'src/db.ts', 3, [remedy(recipe, more)]);
  it.each([
    ['a query on the held connection', [at('use-held-connection')], ['use-held-connection']],
    ['a bound where there was none', [at('set-acquire-timeout'), at('set-queue-limit')], ['set-acquire-timeout', 'set-queue-limit']],
    ['no size: it costs others their connections', [at('set-pool-max')], []],
    ['no attempts: a job may be done twice', [at('set-job-attempts')], []],
    ['nothing that is not preferred', [at('set-acquire-timeout', {})], []],
    ['nothing that makes files', [at('insert-cache')], []],
    ['nothing of another file', [finding('it', 'src/other.ts', 3, [remedy('set-acquire-timeout', PREFERRED)])], []],
  ])('%s', (_says, findings, recipes) => expect(safeFixesIn(findings, 'src/db.ts').map((it) => it.recipe)).toEqual(recipes));
});

describe('ignoring', () => {
  it('keeps rule, place and reason together', () =>
    expect(ignoreCall(finding('pool', 'src/db.ts', 3, []), 'file', 'measured in May')).toEqual({
      recipe: 'suppress-finding',
      args: { rule: 'pool', file: 'src/db.ts', line: 3, scope: 'file', reason: 'measured in May' },
    }));
});
