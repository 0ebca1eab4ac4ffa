import { known, none, unknown } from '../../src/model/known.ts';
import type { Outcome, SpikeOutcome } from '../../src/model/outcome.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import type { Step, Topology } from '../../src/model/topology.ts';
import type { RuleId, Weakness } from '../../src/model/weakness.ts';
import { ASYNC_CASES } from './cases-async.ts';
import { at, component, held, hold, nestedShop, pool, query, queueOf, shopOf } from './topologies.ts';

export interface Case {
  rule: RuleId;
  says: string;
  topology: Topology;
  state: Weakness['state'] | 'absent';
  scenario?: Scenario;
  /** Stands in for a played spike. */
  spike?: Partial<SpikeOutcome>;
  outcome?: Partial<Outcome>;
}

export const STEADY: Scenario = { ...DEFAULT_SCENARIO, targetSetByUser: true };
export const SPIKE: Scenario = { ...STEADY, profile: { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 60 } };

const declared = (value: number) => known(value, 'connections', 'declared');
const many = (replicas: number, max = 20) => shopOf({ max: declared(max), api: { replicas: known(replicas, 'replicas', 'declared') } });
const inKubernetes = (it: Topology): Topology => ({ ...it, deployments: it.deployments.map((d) => ({ ...d, source: 'kubernetes' })) });
const inDevelopment = (it: Topology): Topology => ({ ...it, deployments: it.deployments.map((d) => ({ ...d, stage: 'development' })) });
const withJob = (it: Topology): Topology => ({
  ...it,
  components: [...it.components, component('job', 'worker', { scope: 'dev' })],
  pools: [...it.pools, pool('job', 'db', declared(500))],
});
const slowLoop = shopOf({ readMs: hold(1), writeMs: hold(1) });
const bindingLoop: Topology = {
  ...slowLoop,
  endpoints: slowLoop.endpoints.map((e) => ({ ...e, steps: e.steps.map((s) => (s.kind === 'compute' ? { ...s, ms: known(5, 'ms', 'measured') } : s)) })),
};
const onlyMessages = (it: Topology): Topology => ({ ...it, endpoints: it.endpoints.map((e) => ({ ...e, trigger: { kind: 'message', channel: 'orders' } })) });
const unloaded = (it: Topology): Topology => ({ ...it, endpoints: it.endpoints.map((e) => ({ ...e, role: 'excluded' })) });
const inside = { runsIn: 'api' };
const jobs = (value: number) => known(value, 'jobs', 'declared');
const partitions = (value: number) => known(value, 'count', 'declared');

/** Jobs nest, and requests of the same process use the pool without nesting. */
const nestedJob = (atOnce: number, shop = nestedShop()): Topology => {
  const queue = queueOf({ concurrency: jobs(atOnce) }).channels[0]!;
  return {
    ...shop,
    endpoints: shop.endpoints.map((it) => (it.role === 'write' ? { ...it, trigger: { kind: 'message', channel: 'emails' }, external: false } : it)),
    channels: [{ ...queue, consumers: queue.consumers.map((it) => ({ ...it, component: 'api', endpoint: 'api POST /orders' })) }],
  };
};

/** A transaction inside a transaction, each with a connection of its own, and a query that takes a third one. */
const nestedTwice = (): Topology => {
  const third = query('SELECT stock', 'read', hold(2), { place: at('src/orders.ts', 9) });
  const inner: Step = { kind: 'hold', label: 'inner', pool: 'api→db pool', released: 'always', place: at('src/orders.ts', 7), steps: [third] };
  return shopOf({ write: [{ kind: 'hold', label: 'outer', pool: 'api→db pool', released: 'always', place: at('src/orders.ts', 5), steps: [inner] }] });
};

export const CASES: readonly Case[] = [
  { rule: 'pool-saturation', says: 'measured 20 ms do not fit', topology: shopOf({ readMs: hold(20), writeMs: hold(20) }), state: 'weak' },
  {
    rule: 'pool-saturation',
    says: 'assumed times decide',
    topology: shopOf({ max: declared(5), readMs: hold(5, 'assumed', [1, 30]), writeMs: hold(3, 'assumed', [1, 15]) }),
    state: 'weak',
  },
  { rule: 'pool-saturation', says: 'measured 1 ms fits', topology: shopOf({ readMs: hold(1), writeMs: hold(1) }), state: 'sound' },
  { rule: 'pool-saturation', says: 'the event loop binds', topology: bindingLoop, state: 'sound' },
  { rule: 'pool-saturation', says: 'size not known', topology: shopOf({ max: unknown('from a variable'), readMs: hold(20) }), state: 'unknown' },
  { rule: 'pool-saturation', says: 'nothing takes load', topology: unloaded(shopOf({ readMs: hold(20) })), state: 'unknown' },
  { rule: 'pool-saturation', says: 'multiplexed client', topology: shopOf({ readMs: hold(20), pool: { multiplexed: true } }), state: 'absent' },

  { rule: 'connection-budget', says: '6 replicas × 20', topology: many(6), state: 'weak' },
  { rule: 'connection-budget', says: '5 replicas × 20 fill it to the last', topology: many(5), state: 'sound' },
  { rule: 'connection-budget', says: '5 replicas × 20 and a rolling update', topology: inKubernetes(many(5)), state: 'weak' },
  {
    rule: 'connection-budget',
    says: '4 processes in each of 3 replicas',
    topology: shopOf({ api: { replicas: known(3, 'replicas', 'declared'), processes: known(4, 'processes', 'declared') } }),
    state: 'weak',
  },
  { rule: 'connection-budget', says: 'a development job does not count', topology: withJob(many(4)), state: 'sound' },
  { rule: 'connection-budget', says: 'limit not known', topology: shopOf({ max: declared(500), db: { maxConnections: unknown('managed') } }), state: 'unknown' },
  { rule: 'connection-budget', says: 'a size not known', topology: shopOf({ max: unknown('from a variable') }), state: 'unknown' },
  { rule: 'connection-budget', says: 'development deployment', topology: inDevelopment(many(6)), state: 'absent' },

  { rule: 'missing-acquire-timeout', says: 'pg without one', topology: shopOf(), state: 'weak' },
  { rule: 'missing-acquire-timeout', says: 'set', topology: shopOf({ pool: { acquireTimeoutMs: known(2000, 'ms', 'declared') } }), state: 'sound' },
  {
    rule: 'missing-acquire-timeout',
    says: 'sequelize gives up by itself',
    topology: shopOf({ pool: { library: 'sequelize', acquireTimeoutMs: known(60_000, 'ms', 'libraryDefault') } }),
    state: 'sound',
  },
  {
    rule: 'missing-acquire-timeout',
    says: 'mysql2 with a bounded queue',
    topology: shopOf({ pool: { library: 'mysql2', queueLimit: known(50, 'count', 'declared') } }),
    state: 'sound',
  },
  {
    rule: 'missing-acquire-timeout',
    says: 'mysql2 with an unbounded queue',
    topology: shopOf({ pool: { library: 'mysql2', queueLimit: known(0, 'count', 'libraryDefault') } }),
    state: 'weak',
  },
  { rule: 'missing-acquire-timeout', says: 'value not known', topology: shopOf({ pool: { acquireTimeoutMs: unknown('from a variable') } }), state: 'unknown' },
  { rule: 'missing-acquire-timeout', says: 'only a worker uses it', topology: onlyMessages(shopOf()), state: 'unknown' },

  {
    rule: 'synchronous-write-path',
    says: 'the spike ends in the pool',
    topology: shopOf({ readMs: hold(20), writeMs: hold(20) }),
    scenario: SPIKE,
    spike: { passes: false },
    state: 'weak',
  },
  { rule: 'synchronous-write-path', says: 'the spike passes', topology: shopOf(), scenario: SPIKE, spike: { passes: true }, state: 'sound' },
  { rule: 'synchronous-write-path', says: 'steady load', topology: shopOf({ readMs: hold(20), writeMs: hold(20) }), state: 'unknown' },
  { rule: 'synchronous-write-path', says: 'the event loop binds', topology: bindingLoop, scenario: SPIKE, spike: { passes: false }, state: 'unknown' },
  {
    rule: 'synchronous-write-path',
    says: 'nobody waits for the write',
    topology: shopOf({ write: [query('INSERT log', 'write', hold(20), { awaited: false })] }),
    scenario: SPIKE,
    spike: { passes: false },
    state: 'absent',
  },

  { rule: 'slow-consumer', says: '200 jobs/s at 47/s', topology: queueOf(), state: 'weak' },
  { rule: 'slow-consumer', says: 'ten at once', topology: queueOf({ concurrency: jobs(10) }), state: 'sound' },
  { rule: 'slow-consumer', says: 'concurrency not known', topology: queueOf({ concurrency: unknown('from a variable') }), state: 'unknown' },
  { rule: 'slow-consumer', says: 'topic with unknown partitions is never sound', topology: queueOf({ kafka: true, concurrency: jobs(10) }), state: 'unknown' },
  { rule: 'slow-consumer', says: 'topic with ten partitions', topology: queueOf({ kafka: true, concurrency: jobs(10), partitions: partitions(10) }), state: 'sound' },
  { rule: 'slow-consumer', says: 'topic with two partitions', topology: queueOf({ kafka: true, concurrency: jobs(10), partitions: partitions(2) }), state: 'weak' },

  { rule: 'worker-in-web-process', says: 'worker in the API', topology: queueOf({ worker: inside, concurrency: jobs(10), jobCpuMs: known(2, 'ms', 'measured') }), state: 'weak' },
  { rule: 'worker-in-web-process', says: 'worker of its own', topology: queueOf({ concurrency: jobs(10) }), state: 'sound' },
  {
    rule: 'worker-in-web-process',
    says: 'host without routes',
    topology: { ...queueOf({ worker: inside }), endpoints: queueOf().endpoints.filter((it) => it.component === 'mailer') },
    state: 'unknown',
  },

  { rule: 'nested-acquire', says: 'pool.query in a transaction', topology: nestedShop(), state: 'weak' },
  { rule: 'nested-acquire', says: 'on the held client', topology: nestedShop({ usesHeld: true }), state: 'sound' },
  { rule: 'nested-acquire', says: 'nobody awaits it', topology: nestedShop({ awaited: false }), state: 'sound' },
  { rule: 'nested-acquire', says: 'a transaction in a transaction', topology: nestedShop({ usesHeld: true }, {}, (it) => held(it)), state: 'weak' },
  { rule: 'nested-acquire', says: 'nobody awaits the inner one', topology: nestedShop({ usesHeld: true }, {}, (it) => held(it, { awaited: false })), state: 'sound' },
  { rule: 'nested-acquire', says: 'pool not told', topology: nestedShop({ pool: undefined }), state: 'unknown' },
  {
    rule: 'nested-acquire',
    says: 'another pool',
    topology: {
      ...nestedShop({ pool: 'api→cache pool' }),
      pools: [...shopOf().pools, pool('api', 'cache', declared(10), { place: at('src/cache.ts', 1), acquireTimeoutMs: none() })],
    },
    state: 'sound',
  },
  { rule: 'nested-acquire', says: 'one job at a time in a worker beside requests', topology: nestedJob(1), state: 'unknown' },
  { rule: 'nested-acquire', says: 'five jobs, each of which holds two of ten and asks for a third', topology: nestedJob(5, nestedTwice()), state: 'weak' },
  { rule: 'nested-acquire', says: 'four jobs, each of which holds two of ten and asks for a third', topology: nestedJob(4, nestedTwice()), state: 'unknown' },
  { rule: 'nested-acquire', says: 'more jobs at a time than connections', topology: nestedJob(20), state: 'weak' },
  ...ASYNC_CASES,
];
