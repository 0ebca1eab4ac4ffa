import { describe, expect, it } from 'vitest';
import * as assumptions from '../../src/inference/assumptions.ts';
import type { Known } from '../../src/model/known.ts';

const isKnown = (it: unknown): it is Known => typeof it === 'object' && it !== null && 'state' in it;
const knownsIn = (name: string, it: unknown): [string, Known][] =>
  isKnown(it) ? [[name, it]] : typeof it === 'object' && it !== null ? Object.entries(it).flatMap(([key, value]) => knownsIn(`${name}.${key}`, value)) : [];
const constants = Object.entries(assumptions).flatMap(([name, it]) => knownsIn(name, it));

describe('every number has its origin', () => {
  it('finds numbers to judge', () => expect(constants.length).toBeGreaterThan(20));

  it.each(constants)('%s', (_name, it) => {
    if (it.state !== 'known') return expect(it.state === 'unknown' ? it.why : it.source).toBeTruthy();
    expect(it.source).toBeTruthy();
    expect(['assumed', 'libraryDefault']).toContain(it.basis);
    if (it.basis === 'assumed') {
      const [low, high] = it.range ?? [Number.NaN, Number.NaN];
      expect(low).toBeLessThanOrEqual(it.value);
      expect(high).toBeGreaterThanOrEqual(it.value);
      expect(high).toBeGreaterThan(low);
    } else expect(it.range).toBeUndefined();
  });
});

/** Read in each package's own file at the newest release of the major version. */
describe('pool defaults by library and major version', () => {
  it.each<[string, number, number, number | 'none' | 'unknown']>([
    ['pg', 8, 10, 'none'],
    ['sequelize', 6, 5, 60_000],
    ['mysql2', 3, 10, 'none'],
    ['mongoose', 8, 100, 'none'],
    ['mongoose', 5, 5, 'unknown'],
    ['mongodb', 6, 100, 'none'],
    ['mongodb', 3, 5, 'unknown'],
  ])('%s %i', (library, major, max, acquireMs) => {
    const it = assumptions.poolDefaults(library, major);
    expect(it.max).toMatchObject({ value: max, basis: 'libraryDefault', unit: 'connections', source: expect.stringContaining(`${library} ${major}`) });
    expect(it.acquireTimeoutMs).toMatchObject(typeof acquireMs === 'string' ? { state: acquireMs } : { value: acquireMs, unit: 'ms' });
  });

  it('a library that we do not know has no default', () => expect(assumptions.poolDefaults('somewhere', 1).max.state).toBe('unknown'));

  it('password hashing doubles with each step of its cost', () => {
    const ms = (cost: number) => (assumptions.passwordHashMs(cost) as { value: number }).value;
    expect(ms(12) / ms(10)).toBe(4);
    expect(ms(8) / ms(10)).toBe(0.25);
  });
});

/** Read in the packages of the first and last major version that the table names. */
describe('defaults of versions that were read, and of others', () => {
  it.each<[string, number | undefined, number | 'none' | 'unknown', number | 'unknown']>([
    ['twilio', 3, 30_000, 0],
    ['twilio', 6, 30_000, 0],
    ['twilio', undefined, 30_000, 0],
    ['twilio', 2, 'unknown', 'unknown'],
    ['@slack/web-api', 5, 'none', 10],
    ['@slack/web-api', 8, 'none', 10],
    ['@slack/web-api', 9, 'unknown', 'unknown'],
  ])('%s %s', (library, major, timeoutMs, retries) => {
    const saidOf = (it: Known) => (it.state === 'known' ? it.value : it.state);
    expect(saidOf(assumptions.timeoutDefault(library, major))).toBe(timeoutMs);
    expect(saidOf(assumptions.retriesDefault(library, 'POST', major))).toBe(retries);
  });

  it('@fastify/rate-limit', () => {
    expect(assumptions.limiterDefaults('@fastify/rate-limit', 7).limit).toMatchObject({ value: 1000 });
    expect(assumptions.limiterDefaults('@fastify/rate-limit', 11).windowMs).toMatchObject({ value: 60_000 });
    expect(assumptions.limiterDefaults('@fastify/rate-limit', 6).limit.state).toBe('unknown');
  });

  it('knex has one connection to SQLite, ten to others', () => {
    expect(assumptions.poolDefaults('knex', 3, false, 'sqlite').max).toMatchObject({ value: 1, basis: 'libraryDefault' });
    expect(assumptions.poolDefaults('knex', 3, false, 'postgres').max).toMatchObject({ value: 10 });
  });
});
