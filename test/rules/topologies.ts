import { type Basis, type Known, known, none, type Place, unknown } from '../../src/model/known.ts';
import { type Component, type ComponentKind, type Endpoint, EMPTY_TOPOLOGY, type Pool, type QueryStep, type Step, type Topology } from '../../src/model/topology.ts';

export const at = (file: string, line: number): Place => ({ file, line });

export function component(id: string, kind: ComponentKind, more: Partial<Component> = {}): Component {
  return {
    id,
    name: id,
    kind,
    technology: kind === 'database' ? 'postgres 16' : 'node express 4',
    ...(kind === 'database' && { engine: 'postgres' }),
    aliases: [],
    scope: 'runtime',
    replicas: known(1, 'replicas', 'declared'),
    processes: known(1, 'processes', 'declared'),
    cores: unknown('no CPU limit'),
    maxConnections: kind === 'database' ? known(100, 'connections', 'libraryDefault', { source: 'postgres max_connections' }) : unknown('not a store'),
    parallelism: kind === 'database' ? known(16, 'cores', 'declared') : unknown('not a store'),
    places: [at('docker-compose.yml', 3)],
    ...more,
  };
}

export function pool(client: string, target: string, max: Known, more: Partial<Pool> = {}): Pool {
  return {
    id: `${client}→${target} pool`,
    client,
    target,
    library: 'pg',
    majorVersion: 8,
    multiplexed: false,
    max,
    acquireTimeoutMs: none(at('src/db.ts', 3)),
    queueLimit: none(),
    place: at('src/db.ts', 3),
    ...more,
  };
}

export function query(label: string, operation: QueryStep['operation'], holdMs: Known, more: Partial<QueryStep> = {}): QueryStep {
  return { kind: 'query', label, target: 'db', pool: 'api→db pool', operation, usesHeld: false, holdMs, awaited: true, place: at('src/orders.ts', 8), ...more };
}

export function endpoint(component: string, method: string, path: string, steps: readonly Step[], more: Partial<Endpoint> = {}): Endpoint {
  return {
    id: `${component} ${method} ${path}`,
    component,
    trigger: { kind: 'http', method, path },
    share: unknown('its traffic was not measured'),
    role: method === 'GET' ? 'read' : 'write',
    external: true,
    steps,
    place: at('src/routes.ts', 5),
    ...more,
  };
}

export const hold = (ms: number, basis: Basis = 'measured', range?: readonly [number, number]): Known => known(ms, 'ms', basis, range && { range });

export interface ShopOptions {
  readMs?: Known;
  writeMs?: Known;
  max?: Known;
  api?: Partial<Component>;
  db?: Partial<Component>;
  pool?: Partial<Pool>;
  /** Steps of the write handler in place of one INSERT. */
  write?: readonly Step[];
}

/** An API before its database: one read, one write, one pool. */
export function shopOf(options: ShopOptions = {}): Topology {
  const { readMs = hold(8), writeMs = hold(12), max = known(10, 'connections', 'declared') } = options;
  const compute: Step = { kind: 'compute', label: 'request', ms: known(0.1, 'ms', 'measured'), where: 'eventLoop', place: at('src/routes.ts', 5) };
  return {
    ...EMPTY_TOPOLOGY,
    components: [component('api', 'service', options.api), component('db', 'database', options.db)],
    calls: [{ from: 'api', to: 'db', kind: 'query', sync: true, scope: 'runtime', pool: 'api→db pool', places: [] }],
    pools: [pool('api', 'db', max, options.pool)],
    endpoints: [
      endpoint('api', 'GET', '/products', [compute, query('SELECT products', 'read', readMs, { place: at('src/products.ts', 7) })]),
      endpoint('api', 'POST', '/orders', [compute, ...(options.write ?? [query('INSERT orders', 'write', writeMs)])]),
    ],
    deployments: [{ id: 'compose', name: 'docker-compose.yml', source: 'compose', stage: 'unmarked', active: true, places: [] }],
    network: { roundTripMs: known(0.5, 'ms', 'measured') },
  };
}

/** A connection of the shop's pool, held around a step. */
export const held = (inner: Step, more: { awaited?: false } = {}): Step => ({
  kind: 'hold',
  label: 'client',
  pool: 'api→db pool',
  released: 'always',
  place: at('src/orders.ts', 8),
  steps: [inner],
  ...more,
});

/** A write that holds a connection and asks for a second one of the same pool. */
export function nestedShop(inner: Partial<QueryStep> = {}, options: ShopOptions = {}, around: (second: Step) => Step = (it) => it): Topology {
  const first = query('INSERT orders', 'write', hold(3), { usesHeld: true });
  const second = query('SELECT stock', 'read', hold(2), { place: at('src/orders.ts', 9), ...inner });
  const transaction: Step = { kind: 'hold', label: 'client', pool: 'api→db pool', released: 'always', place: at('src/orders.ts', 5), steps: [first, around(second)] };
  return shopOf({ ...options, write: [transaction] });
}

export interface QueueOptions {
  concurrency?: Known;
  /** What a job waits for outside (no CPU). */
  jobMs?: Known;
  /** What a job computes. */
  jobCpuMs?: Known;
  kafka?: boolean;
  partitions?: Known;
  worker?: Partial<Component>;
  api?: Partial<Component>;
}

/** An API that enqueues a job with every POST, a worker that does it. */
export function queueOf(options: QueueOptions = {}): Topology {
  const { concurrency = known(1, 'jobs', 'libraryDefault'), jobMs = known(20, 'ms', 'measured'), jobCpuMs = known(0.2, 'ms', 'measured'), kafka = false } = options;
  const broker = kafka ? 'kafka' : 'redis';
  const compute: Step = { kind: 'compute', label: 'request', ms: known(0.1, 'ms', 'measured'), where: 'eventLoop', place: at('src/routes.ts', 5) };
  const publish: Step = { kind: 'publish', label: 'enqueue', channel: 'emails', serviceMs: known(0.3, 'ms', 'measured'), awaited: true, place: at('src/routes.ts', 12) };
  return {
    ...EMPTY_TOPOLOGY,
    components: [
      component('api', 'service', options.api),
      component('mailer', 'worker', { places: [at('src/worker.ts', 1)], ...options.worker }),
      component('mail', 'external-api'),
      component(broker, kafka ? 'queue' : 'cache', { engine: broker, parallelism: known(8, 'count', 'declared') }),
    ],
    endpoints: [
      endpoint('api', 'GET', '/products', [compute]),
      endpoint('api', 'POST', '/signup', [compute, publish]),
      {
        ...endpoint('mailer', 'POST', '/', [
          { kind: 'compute', label: 'job', ms: jobCpuMs, where: 'eventLoop', place: at('src/worker.ts', 6) },
          { kind: 'request', label: 'send mail', target: 'mail', serviceMs: jobMs, timeoutMs: none(), retries: none(), awaited: true, place: at('src/worker.ts', 7) },
        ]),
        id: 'mailer consumes emails',
        trigger: { kind: 'message', channel: 'emails' },
        external: false,
      },
    ],
    channels: [
      {
        id: 'emails',
        name: 'emails',
        broker,
        kind: kafka ? 'topic' : 'queue',
        library: kafka ? 'kafkajs' : 'bullmq',
        producers: [{ component: 'api', place: at('src/routes.ts', 12) }],
        consumers: [{ component: 'mailer', endpoint: 'mailer consumes emails', concurrency, place: at('src/worker.ts', 5) }],
        attempts: known(1, 'count', 'libraryDefault'),
        partitions: options.partitions ?? unknown('not in the workspace'),
        place: at('src/queue.ts', 2),
      },
    ],
    deployments: [{ id: 'compose', name: 'docker-compose.yml', source: 'compose', stage: 'unmarked', active: true, places: [] }],
    network: { roundTripMs: known(0.5, 'ms', 'measured') },
  };
}

/** The same architecture under other names: nothing that is computed may change. */
export function renamed<T>(it: T): T {
  const names: Record<string, string> = { db: 'ledger9', api: 'front9', mailer: 'hands9', emails: 'letters9' };
  return JSON.parse(JSON.stringify(it).replace(/(?<![-\w])(db|api|mailer|emails)(?![\w.]|":)/g, (name) => names[name] as string));
}
