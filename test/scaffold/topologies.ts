import { known, type Place } from '../../src/model/known.ts';
import { type Channel, type Component, EMPTY_TOPOLOGY, type Endpoint, type Pool, type Step, type Topology } from '../../src/model/topology.ts';

const one = known(1, 'replicas', 'libraryDefault');
const unknown = { state: 'unknown', why: 'not read' } as const;

export const component = (id: string, kind: Component['kind'], more: Partial<Component> = {}): Component => ({
  id,
  name: id,
  kind,
  technology: kind === 'service' || kind === 'worker' ? 'node express' : id,
  aliases: [],
  scope: 'runtime',
  replicas: one,
  processes: known(1, 'processes', 'libraryDefault'),
  cores: unknown,
  maxConnections: unknown,
  parallelism: unknown,
  places: [],
  ...more,
});

export const endpoint = (owner: string, path: string, place: Place, steps: readonly Step[] = []): Endpoint => ({
  id: `${owner} POST ${path}`,
  component: owner,
  trigger: { kind: 'http', method: 'POST', path },
  role: 'write',
  external: true,
  steps,
  place,
});

export const query = (target: string, place: Place): Step => ({
  kind: 'query',
  label: `INSERT ${target}`,
  target,
  operation: 'write',
  usesHeld: false,
  holdMs: known(5, 'ms', 'assumed'),
  awaited: true,
  place,
});

export const pool = (client: string, target: string, more: Partial<Pool> = {}): Pool => ({
  id: `${client}→${target} pool`,
  client,
  target,
  library: 'pg',
  multiplexed: false,
  max: known(10, 'connections', 'libraryDefault'),
  acquireTimeoutMs: { state: 'none' },
  queueLimit: { state: 'none' },
  place: { file: 'src/db.ts', line: 1 },
  ...more,
});

export const channel = (name: string, library: string, broker: string, producer: string, consumer: string, more: Partial<Channel> = {}): Channel => ({
  id: name,
  name,
  broker,
  kind: /kafka/.test(library) ? 'topic' : 'queue',
  library,
  producers: [{ component: producer, place: { file: 'src/queue.ts', line: 1 } }],
  consumers: [{ component: consumer, concurrency: known(1, 'jobs', 'libraryDefault'), place: { file: 'src/worker.ts', line: 1 } }],
  attempts: unknown,
  partitions: unknown,
  place: { file: 'src/queue.ts', line: 1 },
  ...more,
});

/** An API with a PostgreSQL database behind it; `more` adds to the lists or replaces them. */
export function shop(more: Partial<Topology> = {}, extension = 'ts'): Topology {
  const place = { file: `src/server.${extension}`, line: 1 };
  return {
    ...EMPTY_TOPOLOGY,
    ...more,
    components: [component('api', 'service'), component('db', 'database', { engine: 'postgres' }), ...(more.components ?? [])],
    calls: [{ from: 'api', to: 'db', kind: 'query', sync: true, scope: 'runtime', places: [] }, ...(more.calls ?? [])],
    endpoints: [endpoint('api', '/orders', place, [query('db', place)]), ...(more.endpoints ?? [])],
  };
}
