import { describe, expect, it } from 'vitest';
import { headline } from '../../src/advisor/phrase.ts';
import { known } from '../../src/model/known.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { DEFAULT_SCENARIO, type Scenario } from '../../src/model/scenario.ts';
import { EMPTY_TOPOLOGY, type Topology } from '../../src/model/topology.ts';
import { component, shopOf } from '../rules/topologies.ts';
import { outcomeOf, poolStation, spikeOf } from './outcomes.ts';

const SPIKE: Scenario = { ...DEFAULT_SCENARIO, profile: { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 60 } };
const at310 = { value: 310, low: 310, high: 310 };
const holdRange = { input: 'hold db SELECT orders', label: 'SELECT orders holds a connection', basis: 'assumed', low: 1, high: 30, unit: 'ms', places: [] } as const;
const breakEven = { input: holdRange.input, label: holdRange.label, value: 5, direction: 'atMost', unit: 'ms', basis: 'assumed', typical: [1, 30], places: [] } as const;
const pooledBreakEven = { ...breakEven, input: 'hold db SELECT products', label: 'SELECT products holds a connection', value: 14 } as const;
const cpuBreakEven = { ...breakEven, input: 'compute request', label: 'CPU time of request', value: 0.83, typical: [0.1, 2] } as const;
const consumer = { ...poolStation(), id: 'emails', kind: 'consumer', component: 'worker', target: undefined, label: 'emails worker' } as const;
const queue = { id: 'emails', inPerSecond: 1000, drainPerSecond: 330, backlogGrowthPerSecond: 670, meanAgeMs: null };

const TABLE: [says: string, Partial<Outcome>, Scenario, headline: string, explanation: string][] = [
  ['holds', {}, DEFAULT_SCENARIO, 'Holds at 1,000 req/s · breaks at 1,400 · first: api→db pool', 'p95 84 ms at the target · objective assumed'],
  [
    'holds for ever',
    { breaksAtPerSecond: { value: null, low: null, high: null }, binding: null },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s · no limit found',
    'p95 84 ms at the target · objective assumed',
  ],
  [
    'holds as far as it was read',
    { unread: { endpoint: 'api GET /orders', why: 'calls through knex are not read yet' } },
    DEFAULT_SCENARIO,
    'No verdict at 1,000 req/s: part of the code could not be read',
    'api GET /orders: calls through knex are not read yet · in what was read: breaks at 1,400 · first: api→db pool',
  ],
  [
    'fails whatever was not read',
    { verdict: 'fails', breaksAtPerSecond: at310, binding: 'db', unread: { endpoint: 'api GET /orders', why: 'its handler could not be followed' } },
    DEFAULT_SCENARIO,
    'System Failure: Database Overload',
    'Breaks at 310 req/s · target 1,000 · first: db',
  ],
  [
    'fails, though typical values would bear it',
    { verdict: 'fails', breaksAtPerSecond: { value: 98, low: 6.8, high: 98, typical: 265 }, binding: 'db' },
    { ...DEFAULT_SCENARIO, targetPerSecond: 200 },
    'System Failure: Database Overload',
    'Breaks between 6.8 and 98 req/s · target 1,000 · first: db · figures are of typical values, which bear 270',
  ],
  [
    'tight',
    { verdict: 'tight', breaksAtPerSecond: { value: 1234, low: 1234, high: 1234 } },
    DEFAULT_SCENARIO,
    'Tight at 1,000 req/s · breaks at 1,230 · first: api→db pool',
    'p95 84 ms at the target · less than 30% of room',
  ],
  [
    'fails × pool of a database',
    { verdict: 'fails', breaksAtPerSecond: at310, latencyMs: null, growing: { requestsPerSecond: 690, p95After60sMs: 40_000 } },
    DEFAULT_SCENARIO,
    'System Failure: Database Overload',
    'Breaks at 310 req/s · target 1,000 · first: api→db pool · 690 requests more in the system every second',
  ],
  [
    'fails × database',
    { verdict: 'fails', breaksAtPerSecond: at310, binding: 'db' },
    DEFAULT_SCENARIO,
    'System Failure: Database Overload',
    'Breaks at 310 req/s · target 1,000 · first: db',
  ],
  [
    'fails × event loop',
    { verdict: 'fails', breaksAtPerSecond: at310, binding: 'api loop', criterion: 'errors' },
    DEFAULT_SCENARIO,
    'System Failure: api event loop overload',
    'Breaks at 310 req/s · target 1,000 · first: api event loop · more than 1% fail',
  ],
  [
    'fails × consumer',
    { verdict: 'fails', breaksAtPerSecond: { value: 330, low: 330, high: 330 }, binding: 'emails', stations: [consumer], channels: [queue] },
    DEFAULT_SCENARIO,
    'System Failure: emails worker overload',
    'Accepts 1,000/s, drains 330/s, backlog +670/s, never recovers · needs a concurrency of 5 · Breaks at 330 req/s · target 1,000 · first: emails worker',
  ],
  [
    'fails × at any load',
    { verdict: 'fails', breaksAtPerSecond: { value: 0, low: 0, high: 0 } },
    DEFAULT_SCENARIO,
    'System Failure: Database Overload',
    'Breaks at any load · target 1,000 · first: api→db pool',
  ],
  [
    'fails × wide range',
    { verdict: 'fails', breaksAtPerSecond: { value: 310, low: 123, high: 812 }, decidedBy: [holdRange] },
    DEFAULT_SCENARIO,
    'System Failure: Database Overload',
    'Breaks between 120 and 810 req/s · target 1,000 · first: api→db pool',
  ],
  [
    'fails × narrow range',
    { verdict: 'fails', breaksAtPerSecond: { value: 312, low: 223, high: 412 }, decidedBy: [holdRange] },
    DEFAULT_SCENARIO,
    'System Failure: Database Overload',
    'Breaks at 310 req/s (220–410) · target 1,000 · first: api→db pool',
  ],
  [
    'fails × narrow range that no input decides alone',
    { verdict: 'fails', breaksAtPerSecond: { value: 312, low: 223, high: 412 } },
    DEFAULT_SCENARIO,
    'System Failure: Database Overload',
    'Breaks at 310 req/s (220–410) · target 1,000 · first: api→db pool',
  ],
  [
    'fails × less than 5% apart',
    { verdict: 'fails', breaksAtPerSecond: { value: 312, low: 310, high: 320 } },
    DEFAULT_SCENARIO,
    'System Failure: Database Overload',
    'Breaks at 312 req/s · target 1,000 · first: api→db pool',
  ],
  [
    'holds × narrow range',
    { breaksAtPerSecond: { value: 2345, low: 1812, high: 3456 } },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s · breaks at 2,300 (1,800–3,500) · first: api→db pool',
    'p95 84 ms at the target · objective assumed',
  ],
  [
    'unknown × break-even',
    { verdict: 'unknown', breakEven: [breakEven], decidedBy: [holdRange] },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s only if SELECT orders holds a connection ≤ 5.0 ms',
    'not measured, typically 1–30 ms · measure it to know',
  ],
  [
    'unknown × no single input decides',
    { verdict: 'unknown', breaksAtPerSecond: { value: 1100, low: 520, high: 3400 }, breakEven: [{ ...breakEven, value: null }], decidedBy: [holdRange] },
    DEFAULT_SCENARIO,
    'Breaks between 520 and 3,400 req/s · target 1,000',
    'decided by SELECT orders holds a connection: not measured, typically 1–30 ms · measure it to know',
  ],
  [
    'spike × passes',
    { verdict: 'fails', spike: spikeOf({ passes: true, acceptedShare: 0.9981, drainSeconds: 12, p95Ms: 240 }) },
    SPIKE,
    'Survives the spike 50 → 1,000 req/s for 60 s',
    '99.8% accepted · backlog gone 12 s after · p95 240 ms',
  ],
  [
    'spike × database',
    { verdict: 'holds', breaksAtPerSecond: at310, spike: spikeOf({ errorsByCause: { 'timeout exceeded when trying to connect': 9, 'gave up': 2 } }) },
    SPIKE,
    'System Failure: Database Overload',
    'Spike 50 → 1,000 req/s for 60 s: 43% answered in time · mostly “timeout exceeded when trying to connect” · breaks at 310 req/s · target 1,000 · first: api→db pool',
  ],
  [
    'spike × queue never drains',
    { verdict: 'fails', breaksAtPerSecond: at310, binding: 'emails', stations: [consumer], channels: [queue], spike: spikeOf({ acceptedShare: 1 }) },
    SPIKE,
    'System Failure: emails worker overload',
    'Accepts 1,000/s, drains 330/s, backlog +670/s, never recovers · needs a concurrency of 5 · breaks at 310 req/s · target 1,000 · first: emails worker',
  ],
  [
    'spike × assumptions spread wide',
    {
      verdict: 'unknown',
      breaksAtPerSecond: { value: 1100, low: 310, high: 2200 },
      breakEven: [{ ...breakEven, label: `${holdRange.label} (the others in proportion)` }],
      decidedBy: [holdRange],
      spike: spikeOf({ passes: true }),
    },
    SPIKE,
    'Holds at 1,000 req/s only if SELECT orders holds a connection ≤ 5.0 ms',
    'not measured, typically 1–30 ms · the others in proportion · with typical values the spike passes · measure it to know',
  ],
  [
    'unknown × the pool comes before the CPU',
    {
      verdict: 'unknown',
      breakEven: [cpuBreakEven, pooledBreakEven],
      decidedBy: [
        { ...holdRange, input: cpuBreakEven.input },
        { ...holdRange, input: pooledBreakEven.input },
      ],
    },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s only if SELECT products holds a connection ≤ 14 ms',
    'api→db pool has 10 connections · not measured, typically 1–30 ms · and CPU time of request ≤ 0.83 ms · measure them to know',
  ],
  [
    'unknown × its pool is what tips it',
    {
      verdict: 'unknown',
      breakEven: [{ ...pooledBreakEven, binds: 'api→db pool' }],
      decidedBy: [{ ...holdRange, input: pooledBreakEven.input }],
    },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s only if SELECT products holds a connection ≤ 14 ms',
    'api→db pool has 10 connections · not measured, typically 1–30 ms · measure it to know',
  ],
  [
    'unknown × the cores behind its pool tip it',
    {
      verdict: 'unknown',
      breakEven: [{ ...pooledBreakEven, binds: 'db' }],
      decidedBy: [{ ...holdRange, input: pooledBreakEven.input }],
    },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s only if SELECT products holds a connection ≤ 14 ms',
    'db does 8 operations at once · not measured, typically 1–30 ms · measure it to know',
  ],
  [
    'unknown × another station tips it',
    {
      verdict: 'unknown',
      breakEven: [{ ...pooledBreakEven, binds: 'api loop' }],
      decidedBy: [{ ...holdRange, input: pooledBreakEven.input }],
    },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s only if SELECT products holds a connection ≤ 14 ms',
    'limited by api event loop · not measured, typically 1–30 ms · measure it to know',
  ],
  [
    'holds × declared objective',
    { objective: { p95Ms: 250, errorShare: 0.01, messageAgeSeconds: 60, basis: 'declared' } },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s · breaks at 1,400 · first: api→db pool',
    'p95 84 ms at the target · objective p95 250 ms',
  ],
  [
    'holds × only the error share is declared',
    { objective: { p95Ms: null, errorShare: 0.02, messageAgeSeconds: 60, basis: 'declared' } },
    DEFAULT_SCENARIO,
    'Holds at 1,000 req/s · breaks at 1,400 · first: api→db pool',
    'p95 84 ms at the target · objective declared',
  ],
  [
    'spike × assumptions hardly matter',
    {
      verdict: 'unknown',
      breaksAtPerSecond: { value: 1000, low: 900, high: 1100 },
      decidedBy: [holdRange],
      spike: spikeOf({ passes: true, acceptedShare: 1, drainSeconds: 0, p95Ms: 40 }),
    },
    SPIKE,
    'Survives the spike 50 → 1,000 req/s for 60 s',
    '100% accepted · no backlog left · p95 40 ms',
  ],
  [
    'fails × event loop with jobs behind it',
    { verdict: 'fails', breaksAtPerSecond: at310, binding: 'api loop', channels: [queue] },
    DEFAULT_SCENARIO,
    'System Failure: api event loop overload',
    'Breaks at 310 req/s · target 1,000 · first: api event loop',
  ],
];

describe('headline', () => {
  const withQueue: Topology = {
    ...shopOf(),
    channels: [
      {
        id: 'emails',
        name: 'emails',
        broker: 'redis',
        kind: 'queue',
        library: 'bullmq',
        producers: [],
        consumers: [{ component: 'worker', concurrency: known(1, 'jobs', 'libraryDefault'), place: { file: 'w.ts', line: 1 } }],
        attempts: known(1, 'count', 'libraryDefault'),
        partitions: { state: 'none' },
        place: { file: 'w.ts', line: 1 },
      },
    ],
  };
  it.each(TABLE)('%s', (_says, outcome, scenario, first, second) => {
    expect(headline(withQueue, scenario, outcomeOf(outcome))).toEqual({ headline: first, explanation: second });
  });

  it('without routes says why and what next', () => {
    const said = headline(EMPTY_TOPOLOGY, DEFAULT_SCENARIO, outcomeOf({ silentBecause: 'nothing takes load' }));
    expect(said).toEqual({ headline: 'No verdict: nothing takes load', explanation: 'Open the folder that holds package.json or docker-compose.yml' });
    const routeless = { ...EMPTY_TOPOLOGY, components: [component('api', 'service')] };
    expect(headline(routeless, DEFAULT_SCENARIO, outcomeOf({ silentBecause: 'no endpoint takes load' })).explanation).toMatch(/^No routes were found/);
  });

  it('the kind of the store decides, never its name', () => {
    const cache = { ...withQueue, components: withQueue.components.map((it) => (it.id === 'db' ? { ...it, kind: 'cache' as const } : it)) };
    expect(headline(cache, DEFAULT_SCENARIO, outcomeOf({ verdict: 'fails' })).headline).toBe('System Failure: api→db pool overload');
  });
});
