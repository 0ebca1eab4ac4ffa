import { known, none, unknown } from '../../src/model/known.ts';
import type { Network } from '../../src/model/network.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { type Component, EMPTY_TOPOLOGY, type Topology } from '../../src/model/topology.ts';
import { compile } from '../../src/simulator/index.ts';
import { type Alone, holdMs } from './models.ts';

const place = { file: 'pg-service.mjs', line: 1 };
const ms = (value: number) => known(value, 'ms', 'measured');

const component = (id: string, kind: Component['kind'], parallelism: Component['parallelism']): Component => ({
  id,
  name: id,
  kind,
  technology: kind,
  aliases: [],
  scope: 'runtime',
  replicas: known(1, 'replicas', 'declared'),
  processes: known(1, 'processes', 'declared'),
  cores: known(1, 'cores', 'declared'),
  maxConnections: unknown('not asked'),
  parallelism,
  places: [],
});

/** What the rules of `compile` make of the service with one query of random length, given what one request alone costs. */
export function compiledQuery(ping: Alone, whole: Alone, pool: number, sleepMs: number, perSecond: number): Network {
  const heldMs = holdMs(ping, whole);
  const topology: Topology = {
    ...EMPTY_TOPOLOGY,
    components: [component('api', 'service', unknown('a process')), component('db', 'database', known(1000, 'cores', 'declared'))],
    calls: [{ from: 'api', to: 'db', kind: 'query', sync: true, scope: 'runtime', pool: 'api→db pool', places: [] }],
    pools: [
      {
        id: 'api→db pool',
        client: 'api',
        target: 'db',
        library: 'pg',
        multiplexed: false,
        max: known(pool, 'connections', 'declared'),
        acquireTimeoutMs: none(),
        queueLimit: none(),
        place,
      },
    ],
    endpoints: [
      {
        id: 'api GET /random',
        component: 'api',
        trigger: { kind: 'http', method: 'GET', path: '/random' },
        role: 'read',
        external: true,
        place,
        steps: [
          { kind: 'compute', label: 'handling', ms: ms(whole.serviceCpuMs), where: 'eventLoop', place },
          { kind: 'query', label: 'pg_sleep', target: 'db', pool: 'api→db pool', operation: 'read', usesHeld: false, holdMs: ms(heldMs), awaited: true, place },
        ],
      },
    ],
    network: { roundTripMs: ms(heldMs - sleepMs) },
  };
  return compile(topology, { ...DEFAULT_SCENARIO, targetPerSecond: perSecond }).network;
}
