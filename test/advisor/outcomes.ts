import type { Outcome, SpikeOutcome, StationOutcome } from '../../src/model/outcome.ts';

/** Outcomes written by hand: what the sentences are made of, without a simulator. */
export function outcomeOf(more: Partial<Outcome> = {}): Outcome {
  return {
    targetPerSecond: 1000,
    verdict: 'holds',
    silentBecause: null,
    breaksAtPerSecond: { value: 1400, low: 1400, high: 1400 },
    saturatesAtPerSecond: { value: 1500, low: 1500, high: 1500 },
    criterion: 'stability',
    binding: 'api→db pool',
    bindingComponent: 'api',
    ladder: [],
    breakEven: [],
    decidedBy: [],
    objective: { p95Ms: null, errorShare: 0.01, messageAgeSeconds: 60, basis: 'assumed' },
    goodputPerSecond: 1000,
    errorShare: 0,
    errorsByCause: {},
    latencyMs: { p50: 20, p95: 84, p99: 130 },
    growing: null,
    stations: [
      poolStation(),
      { ...poolStation(), id: 'db', component: 'db', kind: 'store', label: 'db', servers: 8 },
      { ...poolStation(), id: 'api loop', kind: 'eventLoop', label: 'api event loop' },
    ],
    endpoints: [],
    channels: [],
    validity: { kind: 'exact' },
    spike: null,
    assumptions: [],
    ...more,
  };
}

export function poolStation(more: Partial<StationOutcome> = {}): StationOutcome {
  return {
    id: 'api→db pool',
    component: 'api',
    target: 'db',
    kind: 'pool',
    label: 'api→db pool',
    servers: 10,
    instances: 1,
    utilisation: 0.5,
    meanQueue: 0,
    meanWaitMs: 0,
    meanHoldMs: 5,
    arrivalsPerSecond: 1000,
    places: [],
    ...more,
  };
}

export function spikeOf(more: Partial<SpikeOutcome> = {}): SpikeOutcome {
  return {
    passes: false,
    acceptedShare: 0.62,
    goodputShare: 0.43,
    drainSeconds: null,
    p95Ms: 9800,
    errorsByCause: {},
    attribution: [],
    stations: [],
    series: [],
    runSeconds: 120,
    ...more,
  };
}
