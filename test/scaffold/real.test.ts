import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_CHOICES, OPTIONS, SCAFFOLD_PACKAGE, SCAFFOLD_VERSION } from '../../src/scaffold/grammar.ts';
import { type Choices, labPlan, planOf, type ScaffoldPlan, scaffoldOf } from '../../src/scaffold/index.ts';
import { runScaffoldCli } from './real-cli.ts';
import { channel, component, shop } from './topologies.ts';

const chosen = (more: Partial<Choices>): ScaffoldPlan => planOf({ ...DEFAULT_CHOICES, ...more });
const call = (from: string, to: string, kind: 'http' | 'cache') => ({ from, to, kind, sync: true, scope: 'runtime' as const, places: [] });

/** What must lie in the generated folder: compose services, dependencies, files. */
interface Expected {
  services?: readonly string[];
  image?: RegExp;
  dependencies?: readonly string[];
  absent?: readonly string[];
  files?: readonly string[];
}

const ROWS: readonly { name: string; plan: ScaffoldPlan; has: Expected }[] = [
  {
    name: 'defaults',
    plan: chosen({}),
    has: { services: ['app'], dependencies: ['express'], absent: ['sequelize', 'ioredis', 'bullmq'], files: ['tsconfig.json', 'src/index.ts'] },
  },
  {
    name: 'an inferred shop',
    plan: scaffoldOf(shop()),
    has: { services: ['app', 'db'], image: /^postgres:/, dependencies: ['sequelize', 'pg'], absent: ['ioredis'], files: ['src/index.ts'] },
  },
  {
    name: 'an inferred shop with a cache and a gateway',
    plan: scaffoldOf(
      shop(
        {
          components: [component('redis', 'cache', { engine: 'redis' }), component('edge', 'gateway', { engine: 'nginx' })],
          calls: [call('api', 'redis', 'cache'), call('edge', 'api', 'http')],
        },
        'js',
      ),
    ),
    has: { services: ['redis'], dependencies: ['ioredis'], files: ['src/index.js', 'deploy/gateway/nginx.conf'] },
  },
  {
    name: 'an inferred shop with a queue and hostile names',
    plan: scaffoldOf(
      shop({
        components: [component('main', 'service', { name: '../`id` $(touch x)\n"\'' }), component('redis', 'cache', { engine: 'redis' })],
        endpoints: [1, 2].map(
          (it) =>
            ({
              id: `main ${it}`,
              component: 'main',
              trigger: { kind: 'http', method: 'GET', path: '/' },
              role: 'read',
              external: true,
              steps: [],
              place: { file: 'a.ts', line: it },
            }) as const,
        ),
        channels: [channel('q', 'bullmq', 'redis', 'main', 'main')],
      }),
    ),
    has: { services: ['redis'], dependencies: ['bullmq', 'ioredis'], files: ['src/utils/queues/emailQueue.ts'] },
  },
  {
    name: "the lab's story",
    plan: labPlan({ gateway: 'No Gateway', app: 'MVC Node', queue: 'BullMQ', database: 'PostgreSQL', cache: 'Redis', ci: 'No CI/CD', cloud: 'No Cloud' }),
    has: { services: ['app', 'db', 'redis'], dependencies: ['bullmq', 'ioredis', 'pg'], files: ['src/utils/queues/emailQueue.js'] },
  },
  {
    name: 'the lab with Kong, CircleCI and GCP',
    plan: labPlan({ gateway: 'Kong', app: 'MVC Node', queue: 'REST API', database: 'MongoDB', cache: 'Memory', ci: 'CircleCI', cloud: 'GCP Prod' }),
    has: { services: ['db'], image: /^mongo:/, dependencies: ['mongoose', 'node-cache'], files: ['.circleci/config.yml', 'terraform', 'deploy/gateway/kong.yml'] },
  },
  {
    name: 'the lab with Clean and Kafka',
    plan: labPlan({ gateway: 'Nginx', app: 'Clean Node', queue: 'Kafka Bus', database: 'PostgreSQL', cache: 'No Cache', ci: 'GitHub Action', cloud: 'AWS Prod' }),
    has: { services: ['kafka', 'db'], dependencies: ['kafkajs'], absent: ['ioredis'], files: ['.github/workflows', 'terraform'] },
  },
  {
    name: 'MySQL and GraphQL',
    plan: chosen({ database: 'MySQL', databaseName: 'shop_db', communication: 'GraphQL' }),
    has: { services: ['db'], image: /^mysql:/, dependencies: ['mysql2', '@apollo/server'] },
  },
  {
    name: 'Kafka without a database',
    plan: chosen({ communication: 'Kafka', language: 'JavaScript' }),
    has: { services: ['kafka'], dependencies: ['kafkajs'], absent: ['sequelize'] },
  },
  {
    name: 'jobs overrule the memory cache',
    plan: chosen({ backgroundJobs: true, caching: 'Memory Cache' }),
    has: { services: ['redis'], dependencies: ['bullmq', 'ioredis'], absent: ['node-cache'] },
  },
  {
    name: 'tokens and social login',
    plan: chosen({ auth: 'JWT', socialAuth: ['Google', 'GitHub'], database: 'MongoDB', caching: 'Redis' }),
    has: { dependencies: ['jsonwebtoken', 'mongoose'] },
  },
  { name: 'tokens alone', plan: chosen({ auth: 'JWT', database: 'MySQL', language: 'JavaScript' }), has: { dependencies: ['jsonwebtoken', 'mysql2'] } },
  {
    name: 'Clean Architecture in JavaScript',
    plan: chosen({ architecture: 'Clean Architecture', language: 'JavaScript', database: 'PostgreSQL', ciProvider: 'Jenkins' }),
    has: { files: ['src/infrastructure/webserver/server.js', 'Jenkinsfile'] },
  },
  {
    name: 'resilience, ELK, Azure, views',
    plan: chosen({
      resilience: ['Timeout', 'Retry', 'CircuitBreaker'],
      withElk: true,
      terraform: 'Standard',
      cloudProvider: 'Azure',
      viewEngine: 'Pug',
      ciProvider: 'GitLab CI',
      includeSecurity: true,
    }),
    has: { dependencies: ['pug'], files: ['docker-compose.elk.yml', 'terraform', '.gitlab-ci.yml', 'SECURITY.md', 'src/utils/resilience'] },
  },
];

describe('the real generator makes what the command asks for', () => {
  it.concurrent.each(ROWS)('$name', async ({ plan, has }) => {
    if ('cannot' in plan) throw new Error(plan.cannot);
    const parent = await mkdtemp(join(tmpdir(), 'scaffold-'));
    try {
      const ran = await runScaffoldCli(plan.args, parent);
      expect(ran.output).toContain('Project generated successfully');
      expect(ran.output).not.toMatch(/^\s*\? |cancelled/m);
      expect(ran.code).toBe(0);
      // Nothing beside the one folder: a name cannot leave it.
      expect(await readdir(parent)).toEqual([plan.folder]);
      await expectProject(join(parent, plan.folder), plan.choices, has);
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  });

  it('its help still names every flag and value of the grammar', async () => {
    const { output } = await runScaffoldCli(['--help'], tmpdir());
    const help = output.replace(/\s+/g, ' ');
    for (const option of OPTIONS) {
      expect(help).toContain(option.flag);
      if (option.kind === 'gateway') expect(help).toContain(option.useFlag);
      // MongoDB works and is missing from the help.
      if ('values' in option) for (const value of option.values.filter((it) => it !== 'None' && it !== 'MongoDB')) expect(help).toContain(value);
    }
    expect(`${SCAFFOLD_PACKAGE}@${SCAFFOLD_VERSION}`).toBe('nodejs-quickstart-structure@2.9.5');
  });

  it('a wrong value still passes it with exit code 0, which is why the grammar refuses', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'scaffold-'));
    try {
      const plan = chosen({ database: 'PostgreSQL' });
      if ('cannot' in plan) throw new Error(plan.cannot);
      const ran = await runScaffoldCli(
        plan.args.map((it) => (it === 'PostgreSQL' ? 'Oracle' : it)),
        parent,
      );
      expect(ran.code).toBe(0);
      expect(chosen({ database: 'Oracle' as never })).toHaveProperty('cannot');
    } finally {
      await rm(parent, { recursive: true, force: true });
    }
  });
});

async function expectProject(folder: string, choices: Choices, has: Expected): Promise<void> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const compose = parse(await readFile(join(folder, 'docker-compose.yml'), 'utf8'));
  const dependencies = Object.keys(manifest.dependencies);
  expect(manifest.name).toBe(choices.projectName);
  expect(Object.keys(compose.services)).toEqual(expect.arrayContaining([...(has.services ?? [])]));
  if (has.image) expect(compose.services.db.image).toMatch(has.image);
  expect(dependencies).toEqual(expect.arrayContaining([...(has.dependencies ?? [])]));
  for (const it of has.absent ?? []) expect(dependencies).not.toContain(it);
  for (const it of has.files ?? []) expect(existsSync(join(folder, it)), it).toBe(true);
  expect(existsSync(join(folder, 'tsconfig.json'))).toBe(choices.language === 'TypeScript');
  expect(existsSync(join(folder, 'deploy/gateway'))).toBe(choices.apiGateway !== 'None');
  expect(existsSync(join(folder, 'terraform'))).toBe(choices.terraform !== 'None');
  if (choices.database !== 'None') expect(JSON.stringify(compose)).toContain(choices.databaseName);
}
