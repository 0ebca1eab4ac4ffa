import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argumentsOf, commandsOf, problemsOf, quote, withImplications } from '../../src/scaffold/command.ts';
import { type Choices, DEFAULT_CHOICES, IMPLICATIONS, OPTIONS } from '../../src/scaffold/grammar.ts';
import { LAB_ITEMS, type LabChoice, type LabDesign, isLabChoice } from '../../src/model/lab-items.ts';
import { labPlan, scaffoldOf, scaffoldWith } from '../../src/scaffold/index.ts';
import { databaseNameOf, projectNameOf } from '../../src/scaffold/name.ts';
import { channel, component, endpoint, shop } from './topologies.ts';

const choices = (more: Partial<Choices>): Choices => ({ ...DEFAULT_CHOICES, ...more });

describe('grammar', () => {
  it('every choice has one option, and every default is allowed', () => {
    expect(OPTIONS.map((it) => it.choice).sort()).toEqual(Object.keys(DEFAULT_CHOICES).sort());
    expect(problemsOf(DEFAULT_CHOICES)).toEqual([]);
  });

  it.each<[string, Partial<Choices>]>([
    ['a database of another kind', { database: 'Oracle' as never }],
    ['the wrong case', { database: 'postgresql' as never }],
    ['a queue as communication', { communication: 'RabbitMQ' as never }],
    ['another cache', { caching: 'Memcached' as never }],
    ['another gateway', { apiGateway: 'Traefik' as never }],
    ['a comma list', { resilience: ['Timeout,Retry' as never] }],
    ['a value twice', { resilience: ['Retry', 'Retry'] }],
    ['a text for a boolean', { withElk: 'yes' as never }],
    ['a way out of the folder', { projectName: '../outside' }],
    ['this folder', { projectName: '.' }],
    ['a scope', { projectName: '@acme/app' }],
    ['a flag as a name', { projectName: '--help' }],
    ['capitals, which npm refuses', { projectName: 'App' }],
    ['no name', { projectName: '' }],
    ['an endless name', { projectName: 'a'.repeat(61) }],
    ['a statement as database', { database: 'MySQL', databaseName: 'bad name;drop' }],
  ])('refuses %s', (_name, more) => {
    expect(problemsOf(choices(more))).toHaveLength(1);
    expect(() => argumentsOf(choices(more))).toThrow();
  });

  it.each([
    ['MVC asks for a view engine', {}, '--view-engine', true],
    ['Clean Architecture does not', { architecture: 'Clean Architecture' }, '--view-engine', false],
    ['no database, no name', {}, '--db-name', false],
    ['a database has a name', { database: 'MySQL' }, '--db-name', true],
    ['no CI, no security question', {}, '--no-include-security', false],
    ['CI asks for security', { ciProvider: 'Jenkins' }, '--no-include-security', true],
    ['terraform asks for a cloud', { terraform: 'Standard' }, '--cloud-provider', true],
    ['no terraform, no cloud', {}, '--cloud-provider', false],
    ['the gateway is always answered', {}, '--use-api-gateway', true],
    ['advanced prompts are always off', {}, '--no-advanced-options', true],
  ] as [string, Partial<Choices>, string, boolean][])('%s', (_name, more, flag, given) => expect(argumentsOf(choices(more)).includes(flag)).toBe(given));

  it.each([
    [{ backgroundJobs: true, caching: 'Memory Cache' }, { caching: 'Redis' }],
    [{ communication: 'Kafka', apiGateway: 'Nginx' }, { apiGateway: 'None' }],
    [{ architecture: 'Clean Architecture', viewEngine: 'EJS' }, { viewEngine: 'None' }],
    [{ auth: 'None', socialAuth: ['Google'] }, { socialAuth: [] }],
  ] as [Partial<Choices>, Partial<Choices>][])('%o becomes %o', (before, after) => {
    const done = withImplications(choices(before));
    expect(done.choices).toMatchObject(after);
    expect(done.says).toHaveLength(1);
    expect(withImplications(done.choices).says).toEqual([]);
  });
  it('covers every implication', () => expect(IMPLICATIONS).toHaveLength(4));

  it('the whole command', () => {
    const args = argumentsOf(
      choices({
        projectName: 'shop',
        language: 'JavaScript',
        database: 'PostgreSQL',
        databaseName: 'shop_db',
        caching: 'Redis',
        apiGateway: 'Kong (DB-less)',
        backgroundJobs: true,
      }),
    );
    const rest =
      'nodejs-quickstart-structure@2.9.5 init -n shop -l JavaScript -a MVC --view-engine None -d PostgreSQL --db-name shop_db -c "REST APIs" --caching Redis --ci-provider None --auth None --terraform None --resilience None --no-with-elk --background-jobs --use-api-gateway Yes --api-gateway "Kong (DB-less)" --no-advanced-options';
    expect(commandsOf(args)).toEqual({ npx: `npx --yes ${rest}`, yarn: `yarn dlx ${rest}`, pnpm: `pnpm dlx ${rest}` });
  });
});

describe('names', () => {
  it.each([
    ['shop', 'shop'],
    ['@acme/Shop API', 'shop-api'],
    ['orderService', 'order-service'],
    ['../outside', 'outside'],
    ['.', 'nodejs-service'],
    ['', 'nodejs-service'],
    ['$(rm -rf /)', 'rm-rf'],
    ["'; touch x; '", 'touch-x'],
    ['9lives', 'app-9lives'],
    ['--help', 'help'],
    ['Größe', 'gro-e'],
    ['日本', 'nodejs-service'],
    ['CON', 'con-app'],
    ['node_modules', 'node-modules'],
    ['a\nb', 'a-b'],
  ])('%j is the project %s', (text, name) => expect(projectNameOf(text)).toBe(name));
  it.each([
    ['shop-api db', 'shop_api_db'],
    ['1', 'db_1'],
    ['"; DROP', 'drop'],
    ['', 'demo'],
  ])('%j is the database %s', (text, name) => expect(databaseNameOf(text)).toBe(name));
  it('any text becomes a name that the grammar takes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(problemsOf(choices({ projectName: projectNameOf(text), database: 'MySQL', databaseName: databaseNameOf(text) }))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    "'",
    '"',
    '`id`',
    '$(id)',
    '$' + '{IFS}',
    '\n',
    '\r\n',
    '\0',
    '../x',
    '..\\x',
    '-rf',
    '--',
    '~',
    '%PATH%',
    '!!',
    ';&|',
    '\u202e',
    'prn',
    'COM1',
    'a'.repeat(1000),
  ),
);

/** What a POSIX shell hands to a program for a command line. */
function shellWords(lines: readonly string[]): string[][] {
  const script = lines.map((it) => `printf '%s\\n' ${it}; printf '\\036\\n'`).join('\n');
  const ran = spawnSync('sh', ['-s'], { input: script, encoding: 'utf8', env: { PATH: process.env.PATH ?? '' } });
  expect(ran.stderr).toBe('');
  return ran.stdout
    .split('\x1e\n')
    .slice(0, -1)
    .map((it) => it.split('\n').slice(0, -1));
}

const anyChoices: fc.Arbitrary<Partial<Choices>> = fc.record(
  Object.fromEntries(
    OPTIONS.filter((it) => it.kind !== 'name').map((it) => {
      if (it.kind === 'boolean') return [it.choice, fc.boolean()];
      if (it.kind === 'anyOf') return [it.choice, fc.subarray([...it.values])];
      return [it.choice, fc.constantFrom(...(it.kind === 'gateway' ? ['None', ...it.values] : it.kind === 'oneOf' ? it.values : []))];
    }),
  ),
) as never;

const anyTopology = fc.record({ name: hostile, other: hostile, engine: hostile, library: hostile, path: hostile, file: hostile }).map((it) =>
  shop({
    components: [
      component('main', 'service', { name: it.name, technology: `node ${it.library}` }),
      component('x', 'service', { name: it.other }),
      component('store', 'database', { engine: it.engine, name: it.other }),
      component('edge', 'gateway', { engine: it.engine, technology: it.library }),
    ],
    calls: [
      { from: 'main', to: 'store', kind: 'query', sync: true, scope: 'runtime', places: [{ file: it.file, line: 1 }] },
      { from: 'edge', to: 'main', kind: 'http', sync: true, scope: 'runtime', places: [] },
    ],
    endpoints: [endpoint('main', it.path, { file: it.file, line: 1 }), endpoint('main', `${it.path}/2`, { file: it.file, line: 2 })],
    channels: [channel(it.name, it.library, 'store', 'main', 'x')],
  }),
);

describe('any topology', () => {
  it('gives arguments that the grammar takes and a shell reads back word for word', () => {
    const plans: { args: readonly string[]; npx: string; yarn: string; pnpm: string }[] = [];
    fc.assert(
      fc.property(anyTopology, anyChoices, (topology, forced) => {
        const plan = scaffoldOf(topology, forced);
        if ('cannot' in plan) throw new Error(plan.cannot);
        expect(problemsOf(plan.choices)).toEqual([]);
        expect(plan.args).toEqual(argumentsOf(plan.choices));
        expect(plan.folder).toMatch(/^[a-z][a-z0-9_-]{0,63}$/);
        expect(plan.args[1]).toBe(plan.folder);
        for (const it of plan.notExpressible) expect(it).not.toMatch(/[\p{Cc}\u202e]/u);
        plans.push(plan);
      }),
      { numRuns: 300 },
    );
    const words = shellWords(plans.flatMap((it) => [it.npx, it.yarn, it.pnpm]));
    const expected = plans.flatMap((it) => {
      const rest = ['nodejs-quickstart-structure@2.9.5', 'init', ...it.args];
      return [
        ['npx', '--yes', ...rest],
        ['yarn', 'dlx', ...rest],
        ['pnpm', 'dlx', ...rest],
      ];
    });
    expect(words).toEqual(expected);
  });

  it('quoting refuses what it cannot say in every shell', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const quoted = attempt(() => quote(text));
        if (quoted !== undefined) expect(shellWords([quoted])).toEqual([[text]]);
        else expect(text).toMatch(/^$|[^A-Za-z0-9_./@() -]/);
      }),
      { numRuns: 100 },
    );
  });
});

const attempt = <T>(run: () => T): T | undefined => {
  try {
    return run();
  } catch {
    return undefined;
  }
};

describe('the 22 items of the lab, and MySQL', () => {
  const slots = Object.entries(LAB_ITEMS);
  const cached = shop({
    components: [component('redis', 'cache', { engine: 'redis' })],
    calls: [{ from: 'api', to: 'redis', kind: 'cache', sync: true, scope: 'runtime', places: [] }],
  });
  const designs = slots.reduce<Record<string, string>[]>(
    (all, [slot, items]) => all.flatMap((it) => items.map((item) => ({ ...it, [slot]: item }))),
    [{}],
  ) as unknown as LabDesign[];

  it('are all there', () => expect(slots.flatMap(([, items]) => items)).toHaveLength(22 + 1));
  it('give a command in every combination but BullMQ without Redis', () => {
    const refused = designs.filter((it) => 'cannot' in labPlan(it));
    expect(designs).toHaveLength(3 * 2 * 3 * 3 * 3 * 6 * 3);
    expect(refused.every((it) => it.queue === 'BullMQ' && it.cache !== 'Redis')).toBe(true);
    expect(refused).toHaveLength(designs.filter((it) => it.queue === 'BullMQ').length * (2 / 3));
  });
  it("its seed's canvas gives the seed's choices, with the gateway answered", () => {
    const plan = labPlan({ gateway: 'No Gateway', app: 'MVC Node', queue: 'BullMQ', database: 'PostgreSQL', cache: 'Redis', ci: 'No CI/CD', cloud: 'No Cloud' });
    expect('npx' in plan && plan.npx).toBe(
      'npx --yes nodejs-quickstart-structure@2.9.5 init -n factory-backend -l JavaScript -a MVC --view-engine None -d PostgreSQL --db-name factory_db -c "REST APIs" --caching Redis --ci-provider None --auth None --terraform None --resilience None --no-with-elk --background-jobs --use-api-gateway No --no-advanced-options',
    );
  });
  it.each<[says: string, chosen: LabChoice, expected: object]>([
    ['nothing chosen: as the workspace has it', {}, { choices: { caching: 'Redis', backgroundJobs: false } }],
    ['CI and cloud', { ci: 'GitLab CI', cloud: 'AWS Prod' }, { choices: { ciProvider: 'GitLab CI', cloudProvider: 'AWS', caching: 'Redis' } }],
    ['another database and gateway', { database: 'MySQL', gateway: 'Kong' }, { choices: { database: 'MySQL', apiGateway: 'Kong (DB-less)' } }],
    ['BullMQ where Redis is already', { queue: 'BullMQ' }, { choices: { backgroundJobs: true, caching: 'Redis' } }],
    ['BullMQ without Redis', { queue: 'BullMQ', cache: 'Memory' }, { cannot: 'BullMQ requires Redis: choose Redis as the cache.' }],
  ])('some of them in place of what is here: %s', (_says, chosen, expected) => expect(scaffoldWith(cached, chosen)).toMatchObject(expected));
  it.each<[it: unknown, is: boolean]>([
    [{}, true],
    [{ queue: 'BullMQ', ci: 'Jenkins' }, true],
    [{ queue: 'RabbitMQ' }, false],
    [{ mesh: 'Istio' }, false],
    [null, false],
  ])('a message may ask for %j: %s', (it, is) => expect(isLabChoice(it)).toBe(is));
  it.each<[says: string, more: Partial<LabDesign>, expected: string]>([
    ['the article’s failure', { queue: 'REST API', cache: 'No Cache' }, 'it explodes at 1,000 req/s, for (300 + 500) ÷ 2 = 400.'],
    ['the article’s cure', {}, 'stable at 1,000 req/s, for (300 + 500) ÷ 2 × 2.5 for BullMQ × 1.5 for Redis = 1,500.'],
    [
      'a gateway that multiplies',
      { app: 'Clean Node', queue: 'REST API', database: 'MongoDB', gateway: 'Nginx' },
      'stable at 1,000 req/s, for (500 + 600) ÷ 2 × 1.5 for Redis × 1.5 for Nginx = 1,238.',
    ],
    ['what it does not have', { database: 'MySQL' }, 'it has no MySQL.'],
  ])('what the lab would say: %s', (_says, more, expected) => {
    const plan = labPlan({ gateway: 'No Gateway', app: 'MVC Node', queue: 'BullMQ', database: 'PostgreSQL', cache: 'Redis', ci: 'No CI/CD', cloud: 'No Cloud', ...more });
    expect('lab' in plan && plan.lab).toContain(expected);
  });
  it('a chosen cloud stays the chosen one', () => {
    const plan = labPlan({ gateway: 'Kong', app: 'MVC Node', queue: 'REST API', database: 'MongoDB', cache: 'Memory', ci: 'CircleCI', cloud: 'GCP Prod' });
    expect(plan).toMatchObject({ choices: { cloudProvider: 'GCP', apiGateway: 'Kong (DB-less)', includeSecurity: true } });
  });
});
