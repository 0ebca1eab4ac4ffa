import { type Known, known, none, unknown } from '../../src/model/known.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import { type Component, EMPTY_TOPOLOGY, type Endpoint, type Pool, type Step, type Topology } from '../../src/model/topology.ts';

const place = { file: 'src/app.ts', line: 1 };

export const component = (id: string, kind: Component['kind'], more: Partial<Component> = {}): Component => ({
  id,
  name: id,
  kind,
  technology: kind,
  aliases: [],
  scope: 'runtime',
  replicas: known(1, 'replicas', 'declared'),
  processes: known(1, 'processes', 'declared'),
  cores: unknown('no limit'),
  maxConnections: unknown('not said'),
  parallelism: kind === 'service' ? unknown('a process') : known(8, 'cores', 'declared'),
  places: [],
  ...more,
});

export const pool = (client: string, target: string, max: number, more: Partial<Pool> = {}): Pool => ({
  id: `${client}→${target} pool`,
  client,
  target,
  library: 'pg',
  multiplexed: false,
  max: known(max, 'connections', 'declared'),
  acquireTimeoutMs: none(),
  queueLimit: none(),
  place,
  ...more,
});

export const ms = (value: number): Known => known(value, 'ms', 'measured');
export const guess = (value: number, low: number, high: number): Known => known(value, 'ms', 'assumed', { range: [low, high] });

export const query = (label: string, holdMs: Known, more: object = {}): Step => ({
  kind: 'query',
  label,
  target: 'db',
  pool: 'api→db pool',
  operation: 'read',
  usesHeld: false,
  holdMs,
  awaited: true,
  place,
  ...more,
});
export const compute = (value: Known, label = 'handling'): Step => ({ kind: 'compute', label, ms: value, where: 'eventLoop', place });

export const endpoint = (path: string, steps: readonly Step[], more: Partial<Endpoint> = {}): Endpoint => ({
  id: `api GET ${path}`,
  component: 'api',
  trigger: { kind: 'http', method: 'GET', path },
  role: 'read',
  external: true,
  steps,
  place,
  ...more,
});

/** An API with one pool in front of a database, and one endpoint that runs one query. */
export const apiAndDatabase = (
  setting: { pool?: number; holdMs?: Known; cpuMs?: Known; steps?: readonly Step[]; database?: Partial<Component>; api?: Partial<Component>; poolMore?: Partial<Pool> } = {},
): Topology => ({
  ...EMPTY_TOPOLOGY,
  components: [component('api', 'service', setting.api), component('db', 'database', { engine: 'postgres', parallelism: known(64, 'cores', 'declared'), ...setting.database })],
  calls: [{ from: 'api', to: 'db', kind: 'query', sync: true, scope: 'runtime', pool: 'api→db pool', places: [] }],
  pools: [pool('api', 'db', setting.pool ?? 5, setting.poolMore)],
  endpoints: [endpoint('/users', setting.steps ?? [compute(setting.cpuMs ?? ms(0.1)), query('SELECT users', setting.holdMs ?? ms(2))])],
  network: { roundTripMs: ms(0.2) },
});

export const at = (targetPerSecond: number, more: Partial<Scenario> = {}): Scenario => ({ ...DEFAULT_SCENARIO, targetPerSecond, ...more });
