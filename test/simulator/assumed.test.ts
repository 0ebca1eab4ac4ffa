import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../src/model/known.ts';
import { assess, compile } from '../../src/simulator/index.ts';
import { queueOf } from '../rules/topologies.ts';
import { apiAndDatabase, at, guess, ms, query } from './topologies.ts';

const cores = (value: number) => ({ parallelism: known(value, 'cores' as const, 'declared' as const) });

describe('the breaking point and its range', () => {
  // A sum of six skewed guesses lies above the sum of their low typical values.
  const optimistic = apiAndDatabase({ pool: 5, cpuMs: ms(0.1), steps: Array.from({ length: 6 }, (_, index) => query(`Q${index}`, guess(1, 1, 60))) });
  it('never tells a figure outside of its range', () => {
    const { value, low, high } = assess(optimistic, at(1000)).breaksAtPerSecond;
    expect(value).toBeLessThanOrEqual(high!);
    expect(value).toBeGreaterThanOrEqual(low!);
    expect(assess(optimistic, at(1000), { ranges: false }).breaksAtPerSecond.value).toBeGreaterThan(high!);
  });

  it.each([
    ['moved by guesses', guess(20, 10, 40), true],
    ['all measured', ms(20), false],
  ])('a failure names the guesses behind its figure: %s', (_says, holdMs, names) => {
    const outcome = assess(apiAndDatabase({ pool: 5, holdMs, cpuMs: ms(0.1) }), at(5000));
    expect(outcome.verdict).toBe('fails');
    expect(outcome.decidedBy.length > 0).toBe(names);
  });
});

describe('a break-even names what tips', () => {
  it.each([
    ['the pool', { pool: 5, database: cores(64) }, 'api→db pool'],
    ['the cores behind a large pool', { pool: 50, database: cores(4) }, 'db'],
  ])('%s', (_says, setting, binds) => {
    const [first] = assess(apiAndDatabase({ ...setting, holdMs: guess(5, 1, 30), cpuMs: ms(0.1) }), at(1000)).breakEven;
    expect(first).toMatchObject({ input: 'hold db SELECT users', binds });
  });
});

describe('a broker', () => {
  const station = (parallelism: ReturnType<typeof unknown> | ReturnType<typeof known<number>>, kafka: boolean) => {
    const topology = queueOf({ kafka });
    const components = topology.components.map((it) => (it.kind === 'queue' || it.engine === 'redis' ? { ...it, parallelism } : it));
    return compile({ ...topology, components }, at(1000)).network.stations.some((it) => it.id === (kafka ? 'kafka' : 'redis'));
  };
  it.each([
    ['Kafka of unknown capacity only delays', unknown('not said'), true, false],
    ['Kafka of assumed capacity only delays', known(8, 'cores', 'assumed', { range: [2, 32] }), true, false],
    ['Kafka of declared capacity binds', known(8, 'cores', 'declared'), true, true],
    ['Redis runs commands one after the other', unknown('not said'), false, true],
  ] as const)('%s', (_says, parallelism, kafka, binds) => expect(station(parallelism, kafka)).toBe(binds));
});
