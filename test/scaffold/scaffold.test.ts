import { describe, expect, it } from 'vitest';
import { applyChange } from '../../src/model/change.ts';
import { known } from '../../src/model/known.ts';
import { EMPTY_TOPOLOGY, type Topology } from '../../src/model/topology.ts';
import { type Choices, scaffoldOf } from '../../src/scaffold/index.ts';
import { channel, component, endpoint, pool, shop } from './topologies.ts';

const call = (from: string, to: string, kind: 'query' | 'http' | 'cache' = 'query') => ({ from, to, kind, sync: true, scope: 'runtime' as const, places: [] });
const place = { file: 'src/server.ts', line: 1 };
const cacheStep = (target: string) =>
  ({
    kind: 'cache',
    label: 'get',
    target,
    operation: 'read',
    key: 'k',
    keyVaries: false,
    ttlMs: known(60_000, 'ms', 'declared'),
    hitRatio: known(0.5, 'ratio', 'assumed'),
    serviceMs: known(1, 'ms', 'assumed'),
    onMiss: [],
    awaited: true,
    place,
  }) as const;

const ROWS: readonly { name: string; topology: Topology; chosen: Partial<Choices> }[] = [
  {
    name: 'an API and its database',
    topology: shop(),
    chosen: {
      projectName: 'api',
      language: 'TypeScript',
      architecture: 'MVC',
      database: 'PostgreSQL',
      communication: 'REST APIs',
      caching: 'None',
      backgroundJobs: false,
      apiGateway: 'None',
    },
  },
  { name: 'JavaScript by the extension of its files', topology: shop({}, 'js'), chosen: { language: 'JavaScript' } },
  { name: 'JavaScript modules', topology: shop({}, 'mjs'), chosen: { language: 'JavaScript' } },
  {
    name: 'Clean Architecture only in JavaScript',
    topology: shop({ endpoints: [endpoint('api', '/x', { file: 'src/usecases/x.js', line: 1 })] }, 'js'),
    chosen: { architecture: 'Clean Architecture' },
  },
  {
    name: 'not in TypeScript, where it is broken',
    topology: shop({ endpoints: [endpoint('api', '/x', { file: 'src/usecases/x.ts', line: 1 })] }),
    chosen: { architecture: 'MVC' },
  },
  {
    name: 'a Redis cache',
    topology: shop({ components: [component('redis', 'cache', { engine: 'redis' })], calls: [call('api', 'redis', 'cache')] }),
    chosen: { caching: 'Redis', backgroundJobs: false },
  },
  { name: 'a cache in memory', topology: shop({ endpoints: [endpoint('api', '/y', place, [cacheStep('api')])] }), chosen: { caching: 'Memory Cache' } },
  {
    name: 'Redis only as the broker of BullMQ',
    topology: shop({
      components: [component('redis', 'cache', { engine: 'redis' }), component('mailer', 'worker')],
      channels: [channel('mail', 'bullmq', 'redis', 'api', 'mailer')],
    }),
    chosen: { backgroundJobs: true, caching: 'Redis', communication: 'REST APIs' },
  },
  {
    name: 'Kafka drops the gateway',
    topology: shop({
      components: [component('kafka', 'topic', { engine: 'kafka' }), component('edge', 'gateway', { engine: 'nginx' })],
      calls: [call('edge', 'api', 'http')],
      channels: [channel('orders', 'kafkajs', 'kafka', 'api', 'api')],
    }),
    chosen: { communication: 'Kafka', apiGateway: 'None' },
  },
  {
    name: 'Nginx before the API',
    topology: shop({ components: [component('edge', 'gateway', { engine: 'nginx' })], calls: [call('edge', 'api', 'http')] }),
    chosen: { apiGateway: 'Nginx' },
  },
  {
    name: 'Kong before the API',
    topology: shop({ components: [component('edge', 'gateway', { engine: 'kong' })], calls: [call('edge', 'api', 'http')] }),
    chosen: { apiGateway: 'Kong (DB-less)' },
  },
  {
    name: 'a gateway before something else',
    topology: shop({ components: [component('edge', 'gateway', { engine: 'nginx' }), component('site', 'frontend')], calls: [call('edge', 'site', 'http')] }),
    chosen: { apiGateway: 'None' },
  },
  { name: 'GraphQL', topology: shop({ endpoints: [endpoint('api', '/graphql', place)] }), chosen: { communication: 'GraphQL' } },
  { name: 'a token', topology: shop({ facts: [{ type: 'jwt_ttl', subject: 'api', value: 900, basis: 'declared' }] }), chosen: { auth: 'JWT' } },
  {
    name: 'a breaker',
    topology: shop({ facts: [{ type: 'circuit_breaker', subject: 'api→payments', value: true, basis: 'declared' }] }),
    chosen: { resilience: ['CircuitBreaker'] },
  },
];

describe('topology to choices', () => {
  it.each(ROWS)('$name', ({ topology, chosen }) => {
    const plan = scaffoldOf(topology);
    if ('cannot' in plan) throw new Error(plan.cannot);
    expect(plan.choices).toMatchObject(chosen);
  });

  it.each([
    ['postgres', 'PostgreSQL'],
    ['mysql', 'MySQL'],
    ['mariadb', 'MySQL'],
    ['mongodb', 'MongoDB'],
    ['cassandra', 'None'],
  ])('%s becomes %s', (engine, database) => {
    const topology = { ...shop(), components: [component('api', 'service'), component('store', 'database', { engine })], calls: [call('api', 'store')] };
    expect(scaffoldOf(topology)).toMatchObject({ choices: { database } });
  });

  it('a database behind PgBouncer is found through it', () => {
    const topology = {
      ...shop(),
      components: [component('api', 'service'), component('bouncer', 'gateway', { engine: 'pgbouncer' }), component('db', 'database', { engine: 'postgres' })],
      calls: [call('api', 'bouncer'), call('bouncer', 'db')],
      endpoints: [],
    };
    expect(scaffoldOf(topology)).toMatchObject({ choices: { database: 'PostgreSQL' }, notExpressible: [expect.stringContaining('PgBouncer')] });
  });

  it('a what-if with a queue and a cache is in the command', () => {
    const topology = applyChange(shop(), {
      id: 'story',
      operations: [
        { kind: 'insertQueue', from: 'api', to: 'db', technology: 'bullmq', concurrency: 20 },
        { kind: 'insertCache', from: 'api', to: 'db', technology: 'redis', hitRatio: known(0.9, 'ratio', 'assumed') },
      ],
    });
    const plan = scaffoldOf(topology);
    expect(plan).toMatchObject({ choices: { backgroundJobs: true, caching: 'Redis', database: 'PostgreSQL', projectName: 'api' } });
    expect('notExpressible' in plan && plan.notExpressible).toEqual([
      'worker api-worker as a process of its own: the generated worker runs inside the web process',
      'concurrency 20 of api-worker on api-writes: an option of the generated worker',
    ]);
  });

  it('renaming the components changes no choice but the names', () => {
    const renamed: Topology = JSON.parse(JSON.stringify(shop()).replaceAll('"db"', '"zebra"'));
    const [before, after] = [scaffoldOf(shop()), scaffoldOf(renamed)];
    expect('choices' in after && after.choices).toEqual('choices' in before && before.choices);
  });

  it('of several services the one that is asked most', () => {
    const plan = scaffoldOf(
      shop({ components: [component('billing', 'service'), component('stock', 'service')], endpoints: [endpoint('stock', '/a', place), endpoint('stock', '/b', place)] }),
    );
    expect(plan).toMatchObject({
      folder: 'stock',
      notExpressible: ['service api: a project of its own, run the generator once more', 'service billing: a project of its own, run the generator once more'],
    });
  });

  it.each([
    ['nothing', EMPTY_TOPOLOGY],
    ['stores only', { ...EMPTY_TOPOLOGY, components: [component('db', 'database', { engine: 'postgres' })] }],
    ['a service in another language', { ...EMPTY_TOPOLOGY, components: [component('cart', 'service', { technology: 'python flask' })] }],
    ['a service of the tools', { ...EMPTY_TOPOLOGY, components: [component('seed', 'service', { scope: 'dev' })] }],
  ] as [string, Topology][])('%s gives no command', (_name, topology) => {
    expect(scaffoldOf(topology)).toEqual({ cannot: 'There is no Node.js service here that the generator could make.' });
  });
});

describe('what no option can ask for', () => {
  const declared = (value: number) => known(value, 'connections', 'declared');
  const rows: readonly [name: string, topology: Topology, says: string][] = [
    ['replicas', { ...shop(), components: [component('api', 'service', { replicas: known(3, 'replicas', 'declared') })] }, '3 replicas of api: set them where it is deployed'],
    [
      'processes',
      { ...shop(), components: [component('api', 'service', { processes: known(4, 'processes', 'override') })] },
      '4 processes of api: instances in ecosystem.config.js',
    ],
    ['a pool', shop({ pools: [pool('api', 'db', { max: declared(25) })] }), 'pool of 25 connections (api→db pool): pool: { max: 25 } in src/config/database.ts'],
    [
      'an acquire timeout',
      shop({ pools: [pool('api', 'db', { acquireTimeoutMs: known(2000, 'ms', 'override') })] }),
      'acquire timeout of 2000 ms (api→db pool) in src/config/database.ts',
    ],
    ['RabbitMQ', shop({ channels: [channel('jobs', 'amqplib', 'rabbit', 'api', 'api')] }), 'queue jobs on amqplib: generated as BullMQ background jobs, move it by hand'],
    [
      'SQS',
      shop({ channels: [channel('jobs', '@aws-sdk/client-sqs', 'sqs', 'api', 'api')] }),
      'queue jobs on @aws-sdk/client-sqs: generated as BullMQ background jobs, move it by hand',
    ],
    ['a topic elsewhere', shop({ channels: [channel('jobs', 'nats', 'nats', 'api', 'api', { kind: 'topic' })] }), 'topic jobs on nats: generated as Kafka, move it by hand'],
    ['a second database', shop({ components: [component('log', 'database', { engine: 'mongodb' })], calls: [call('api', 'log')] }), 'second database log'],
    [
      'another gateway',
      shop({ components: [component('edge', 'gateway', { engine: 'traefik' })], calls: [call('edge', 'api', 'http')] }),
      'gateway edge (traefik): the generator has Nginx and Kong',
    ],
    [
      'Kubernetes',
      shop({ deployments: [{ id: 'k', name: 'k8s', source: 'kubernetes', stage: 'production', active: true, places: [] }] }),
      'Kubernetes: the generator makes a compose file only',
    ],
    ['a payment service', shop({ components: [component('stripe', 'external-api')] }), 'calls to stripe'],
  ];
  it.each(rows)('%s', (_name, topology, says) => {
    const plan = scaffoldOf(topology);
    expect('notExpressible' in plan && plan.notExpressible).toContain(says);
  });
  it('is empty where the generator makes all of it', () => expect(scaffoldOf(shop({ pools: [pool('api', 'db')] }))).toMatchObject({ notExpressible: [] }));
  it('a name cannot break out of its line', () => {
    const plan = scaffoldOf(shop({ components: [component('x', 'service', { name: 'a\n$(rm -rf /)\u0007' })] }));
    expect('notExpressible' in plan && plan.notExpressible).toEqual(['service a $(rm -rf /): a project of its own, run the generator once more']);
  });
});

describe('notices', () => {
  const rows: readonly [string, Partial<Choices>, RegExp][] = [
    ['always', {}, /Node\.js 22\.12 or later/],
    ['Clean Architecture in TypeScript', { architecture: 'Clean Architecture' }, /broken on case-sensitive/],
    ['background jobs', { backgroundJobs: true }, /needs Redis: Redis is included/],
    ['background jobs, again', { backgroundJobs: true }, /nothing on the generated write path enqueues/],
    ['Kafka with a gateway', { communication: 'Kafka', apiGateway: 'Nginx' }, /makes no API gateway/],
    ['Kafka', { communication: 'Kafka' }, /stay synchronous/],
    ['Terraform for MongoDB', { database: 'MongoDB', terraform: 'Standard' }, /MySQL database for MongoDB/],
    ['resilience', { resilience: ['Retry'] }, /nothing calls/],
  ];
  it.each(rows)('%s', (_name, forced, says) => {
    const plan = scaffoldOf(shop(), forced);
    expect('notices' in plan && plan.notices.some((it) => says.test(it))).toBe(true);
  });
  it('a forced value that the generator does not know gives no command', () =>
    expect(scaffoldOf(shop(), { database: 'Oracle' as never })).toEqual({ cannot: expect.stringMatching(/^database: "Oracle" is not one of None, MySQL/) }));
});
