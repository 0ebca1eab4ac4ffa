import { advise } from '../../src/advisor/index.ts';
import type { Report } from '../../src/model/advice.ts';
import { mapInputs } from '../../src/model/inputs.ts';
import { known, none, unknown } from '../../src/model/known.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import { type Component, type ComponentKind, EMPTY_TOPOLOGY, type Endpoint, type Step, type Topology } from '../../src/model/topology.ts';
import { assess, heldAgainst } from '../../src/simulator/index.ts';

const at = (file: string, line: number) => ({ file, line });
const gap = unknown('no CPU limit is declared');

const component = (id: string, kind: ComponentKind, technology: string, more: Partial<Component> = {}): Component => ({
  id,
  name: id,
  kind,
  technology,
  aliases: [],
  scope: 'runtime',
  replicas: known(1, 'replicas', 'declared', { place: at('docker-compose.yml', 2) }),
  processes: known(1, 'processes', 'derived'),
  cores: gap,
  maxConnections: unknown('no server'),
  parallelism: unknown('no server'),
  places: [at('docker-compose.yml', 2)],
  ...more,
});

const POOL = 'api→db pool';
const query = (label: string, operation: 'read' | 'write', ms: number, file: string, line: number, usesHeld = false): Step => ({
  kind: 'query',
  label,
  target: 'db',
  pool: POOL,
  operation,
  usesHeld,
  holdMs: known(ms, 'ms', 'measured', { source: 'pg_stat_statements' }),
  awaited: true,
  place: at(file, line),
});
const compute = (label: string, line: number): Step => ({
  kind: 'compute',
  label,
  ms: known(0.3, 'ms', 'assumed', { range: [0.1, 1], source: 'CPU of one request' }),
  where: 'eventLoop',
  place: at('src/server.ts', line),
});

const endpoint = (method: string, path: string, role: Endpoint['role'], steps: readonly Step[], line: number): Endpoint => ({
  id: `api ${method} ${path}`,
  component: 'api',
  trigger: { kind: 'http', method, path },
  role,
  external: true,
  steps: [...steps, { kind: 'respond', place: at('src/routes.ts', line) }],
  place: at('src/routes.ts', line),
});

/** An API on a database with a pool of ten and measured hold times, as the sample workspace has it. */
export const shopTopology: Topology = {
  ...EMPTY_TOPOLOGY,
  components: [
    component('api', 'service', 'node express 4', { root: '.' }),
    component('worker', 'scheduler', 'node', { root: '.' }),
    component('db', 'database', 'postgres 16', {
      engine: 'postgres',
      maxConnections: known(100, 'connections', 'libraryDefault', { source: 'PostgreSQL max_connections' }),
      parallelism: known(16, 'cores', 'override'),
    }),
    component('adminer', 'service', 'adminer', { scope: 'dev' }),
  ],
  calls: [
    { from: 'api', to: 'db', kind: 'query', sync: true, scope: 'runtime', pool: POOL, places: [at('src/orders.ts', 8), at('src/routes/products.ts', 7)] },
    { from: 'worker', to: 'db', kind: 'query', sync: true, scope: 'runtime', pool: 'worker→db pool', places: [at('src/worker.ts', 6)] },
    { from: 'adminer', to: 'db', kind: 'query', sync: true, scope: 'dev', places: [at('docker-compose.yml', 30)] },
  ],
  pools: [
    {
      id: POOL,
      client: 'api',
      target: 'db',
      library: 'pg',
      multiplexed: false,
      max: known(10, 'connections', 'declared', { place: at('src/db.ts', 5) }),
      acquireTimeoutMs: none(at('src/db.ts', 3)),
      queueLimit: none(),
      place: at('src/db.ts', 3),
    },
    {
      id: 'worker→db pool',
      client: 'worker',
      target: 'db',
      library: 'pg',
      multiplexed: false,
      max: known(10, 'connections', 'declared', { place: at('src/db.ts', 5) }),
      acquireTimeoutMs: none(),
      queueLimit: none(),
      place: at('src/db.ts', 3),
    },
  ],
  endpoints: [
    endpoint('GET', '/products', 'read', [compute('GET /products', 6), query('SELECT products', 'read', 8, 'src/routes/products.ts', 7)], 6),
    endpoint('GET', '/products/:id', 'read', [compute('GET /products/:id', 11), query('SELECT products', 'read', 8, 'src/routes/products.ts', 12)], 11),
    endpoint(
      'POST',
      '/orders',
      'write',
      [
        compute('POST /orders', 6),
        {
          kind: 'hold',
          label: 'transaction',
          pool: POOL,
          released: 'always',
          place: at('src/orders.ts', 5),
          steps: [query('UPDATE products', 'write', 12, 'src/orders.ts', 8, true), query('INSERT orders', 'write', 12, 'src/orders.ts', 9, true)],
        },
      ],
      6,
    ),
    endpoint('GET', '/health', 'excluded', [], 8),
  ],
  deployments: [
    { id: 'compose', name: 'docker-compose.yml', source: 'compose', stage: 'unmarked', active: true, places: [at('docker-compose.yml', 1)] },
    { id: 'dev', name: 'docker-compose.dev.yml', source: 'compose', stage: 'development', active: false, places: [at('docker-compose.dev.yml', 1)] },
  ],
  problems: [{ file: 'infra/broken.yml', line: 12, message: 'YAML could not be read: bad indentation of a mapping entry' }],
  network: { roundTripMs: known(0.5, 'ms', 'assumed', { range: [0.2, 2], source: 'one network hop' }) },
};

/** Many services with long names, a gateway, a broker, outside services: what strains the picture. */
export function manyServices(count = 24): Topology {
  const services = Array.from({ length: count }, (_, index) =>
    component(`svc-${index}`, 'service', 'node nestjs 11', { name: index % 4 === 0 ? `customer-notification-preferences-${index}` : `service-${index}` }),
  );
  const stores = ['postgres', 'mongodb', 'redis'].map((engine) => component(`${engine}-main`, engine === 'redis' ? 'cache' : 'database', engine, { engine }));
  const gateway = component('gateway', 'gateway', 'nginx 1.27', { engine: 'nginx' });
  const broker = component('rabbit', 'queue', 'rabbitmq 3.13', { engine: 'rabbitmq' });
  const worker = component('mailer', 'worker', 'node amqplib worker');
  const mail = component('smtp', 'external-api', 'smtp mail relay');
  const call = (from: string, to: string, kind: 'http' | 'query' | 'cache' | 'publish' | 'consume' | 'smtp') => ({
    from,
    to,
    kind,
    sync: !['publish', 'consume'].includes(kind),
    scope: 'runtime' as const,
    places: [at(`services/${from}/src/client.ts`, 3)],
  });
  return {
    ...EMPTY_TOPOLOGY,
    components: [gateway, ...services, ...stores, broker, worker, mail],
    calls: [
      ...services.filter((_, index) => index % 3 === 0).map((it) => call('gateway', it.id, 'http')),
      ...services.flatMap((it, index) => (index % 3 !== 0 ? [call(`svc-${index - (index % 3)}`, it.id, 'http')] : [])),
      ...services.map((it, index) => call(it.id, stores[index % 3]!.id, index % 3 === 2 ? 'cache' : 'query')),
      call('svc-1', 'rabbit', 'publish'),
      call('svc-4', 'rabbit', 'publish'),
      call('mailer', 'rabbit', 'consume'),
      call('mailer', 'smtp', 'smtp'),
    ],
    endpoints: [
      { id: 'gateway GET /', component: 'gateway', trigger: { kind: 'http', method: 'GET', path: '/' }, role: 'read', external: true, steps: [], place: at('nginx.conf', 4) },
    ],
  };
}

/** The sample's access log tells the mix. */
const MIX = { 'api GET /products': 40, 'api GET /products/:id': 40, 'api POST /orders': 20 };
export const SCENARIO: Scenario = { ...DEFAULT_SCENARIO, targetSetByUser: true, mix: MIX };
export const SPIKE: Scenario = { ...SCENARIO, profile: { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 60 } };

/** A report as the worker makes it. */
export function reportOf(topology: Topology, scenario: Scenario): Report {
  const outcome = assess(topology, scenario);
  return { topology, scenario, outcome, advice: advise(topology, scenario, outcome), read: { files: 42, parsed: 11, ms: 180 } };
}

/** The same with a load test that the prediction does not meet, and a measured time whose code has changed since. */
export function measuredReportOf(topology: Topology, scenario: Scenario): Report {
  const guessed = mapInputs(topology, (id, _label, _unit, value) => {
    if (value.state !== 'known') return value;
    if (id === 'hold db INSERT orders') return { ...value, at: '2026-11-02', isStale: true };
    return id === 'hold db SELECT products' ? known(5.5, 'ms', 'assumed', { range: [1, 30], source: 'one query' }) : value;
  });
  const routes = { 'api GET /products': { perSecond: 120, p95Ms: 61, errorShare: 0, count: 14_400 }, 'api POST /orders': { perSecond: 30, p95Ms: 70, errorShare: 0, count: 3600 } };
  const held = heldAgainst(guessed, scenario, { routes, source: 'k6', at: '2026-11-20' });
  return { ...reportOf(guessed, scenario), measured: held ? [{ ...held, isStale: true }] : [] };
}
