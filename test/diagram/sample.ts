import { known, unknown } from '../../src/model/known.ts';
import type { Outcome, StationOutcome } from '../../src/model/outcome.ts';
import { type Call, type Component, type ComponentKind, EMPTY_TOPOLOGY, type Endpoint, type Topology } from '../../src/model/topology.ts';

const at = { file: 'src/server.ts', line: 1 };

export function component(id: string, kind: ComponentKind, more: Partial<Component> = {}): Component {
  const gap = unknown('not declared');
  return {
    id,
    name: id,
    kind,
    technology: kind,
    aliases: [],
    scope: 'runtime',
    replicas: known(1, 'replicas', 'assumed'),
    processes: known(1, 'processes', 'assumed'),
    cores: gap,
    maxConnections: gap,
    parallelism: gap,
    places: [at],
    ...more,
  };
}

export const call = (from: string, to: string, kind: Call['kind'] = 'http', more: Partial<Call> = {}): Call => ({
  from,
  to,
  kind,
  sync: kind !== 'publish' && kind !== 'consume',
  scope: 'runtime',
  places: [at],
  ...more,
});

export const endpoint = (owner: string, more: Partial<Endpoint> = {}): Endpoint => ({
  id: `${owner} GET /`,
  component: owner,
  trigger: { kind: 'http', method: 'GET', path: '/' },
  role: 'read',
  external: true,
  steps: [],
  place: at,
  ...more,
});

export const topology = (more: Partial<Topology>): Topology => ({ ...EMPTY_TOPOLOGY, ...more });

export const station = (more: Partial<StationOutcome> & { component: string; utilisation: number }): StationOutcome => ({
  id: `${more.component} loop`,
  kind: 'eventLoop',
  label: `event loop of ${more.component}`,
  servers: 1,
  instances: 1,
  meanQueue: 0,
  meanWaitMs: 0,
  meanHoldMs: 1,
  arrivalsPerSecond: 100,
  places: [],
  ...more,
});

export function outcome(more: Partial<Outcome> = {}): Outcome {
  return {
    targetPerSecond: 1000,
    verdict: 'fails',
    silentBecause: null,
    breaksAtPerSecond: { value: 310, low: 300, high: 320 },
    saturatesAtPerSecond: { value: 330, low: 320, high: 340 },
    criterion: 'latency',
    binding: null,
    bindingComponent: null,
    ladder: [],
    breakEven: [],
    decidedBy: [],
    objective: { p95Ms: null, errorShare: 0.01, messageAgeSeconds: 60, basis: 'assumed' },
    goodputPerSecond: 310,
    errorShare: 0,
    errorsByCause: {},
    latencyMs: null,
    growing: null,
    stations: [],
    endpoints: [],
    channels: [],
    validity: { kind: 'exact' },
    spike: null,
    assumptions: [],
    ...more,
  };
}
