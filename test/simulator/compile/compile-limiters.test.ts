import { describe, expect, it } from 'vitest';
import { type Known, known, unknown } from '../../../src/model/known.ts';
import type { RateLimiter, Topology } from '../../../src/model/topology.ts';
import { assess, compile, simulate } from '../../../src/simulator/index.ts';
import { apiAndDatabase, at, component, ms } from '../topologies.ts';

const place = { file: 'src/app.ts', line: 1 };
const FRAME = { ranges: false, ladder: false, breakEven: false, spike: false } as const;

describe('a rate limiter', () => {
  const perSecond = (value: number): Known => known(value, 'count', 'declared');
  const limiter = (more: Partial<RateLimiter> = {}): RateLimiter => ({
    id: 'api limiter 1',
    component: 'api',
    algorithm: 'fixedWindow',
    key: 'global',
    limit: perSecond(100),
    windowMs: ms(1000),
    library: 'express-rate-limit',
    endpoints: [],
    place,
    ...more,
  });
  const limited = (more: Partial<RateLimiter> = {}, base = apiAndDatabase()): Topology => ({ ...base, rateLimiters: [limiter(more)] });
  const words = 'Too many requests, please try again later.';
  const limits = (topology: Topology, clientCount: number | null = null) => compile(topology, at(50, { clientCount })).network.limiters;

  it.each<[string, Topology, number | null, object | undefined]>([
    ['global: one count', limited(), null, [{ id: 'api limiter 1', kind: 'fixedWindow', limit: 100, windowMs: 1000, keys: 1, cause: words }]],
    ['per client, nobody says how many there are: listed', limited({ key: 'perClient' }), null, undefined],
    ['per client, 40 of them', limited({ key: 'perClient' }), 40, [{ keys: 40 }]],
    ['whose limit is not known: listed', limited({ limit: unknown('computed') }), null, undefined],
    ['in each of 3 processes', limited({}, apiAndDatabase({ api: { processes: known(3, 'processes', 'declared') } })), null, [{ group: 'api', limit: 100 }]],
    ['of another endpoint', limited({ endpoints: ['api GET /else'] }), null, undefined],
    [
      'a leaky bucket with a burst',
      limited({ algorithm: 'leakyBucket', burst: perSecond(20), noDelay: true, library: 'nginx' }),
      null,
      [{ kind: 'leakyBucket', perSecond: 100, burst: 20, noDelay: true, cause: '503 Service Temporarily Unavailable' }],
    ],
  ])('%s', (_name, topology, clients, expected) => {
    const found = limits(topology, clients);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  it('of several processes that count together is one', () => {
    const three = apiAndDatabase({ api: { processes: known(3, 'processes', 'declared') } });
    expect(limits(limited({ shared: true }, three))).toMatchObject([{ limit: 100, keys: 1 }]);
    expect(limits(limited({ shared: true }, three))?.[0]).not.toHaveProperty('group');
  });

  it('that is not simulated is listed with its reason', () => {
    expect(compile(limited({ key: 'perClient' }), at(50)).assumptions).toContain(
      'api limiter 1: limits each client to 100 per 1 s; not simulated: how many clients there are is not declared',
    );
    expect(compile(limited(), at(50)).assumptions.join()).not.toContain('limiter');
  });

  it("of a gateway stands before the service's program, where only clients from outside meet it", () => {
    const base = apiAndDatabase();
    const { network } = compile(
      {
        ...limited({ component: 'edge', id: 'edge limit' }, base),
        components: [...base.components, component('edge', 'gateway')],
        calls: [...base.calls, { from: 'edge', to: 'api', kind: 'http', sync: true, scope: 'runtime', places: [] }],
      },
      at(50),
    );
    expect(network.sources).toMatchObject([{ id: 'api GET /users', program: 'api GET /users through its gateway' }]);
    expect(network.programs.find((it) => it.id === 'api GET /users through its gateway')?.body).toEqual([
      { op: 'limit', limiter: 'edge limit' },
      { op: 'call', program: 'api GET /users' },
    ]);
  });

  it('for all breaks where it refuses more than the objective allows, and is what binds', () => {
    const outcome = assess(limited(), at(120), FRAME);
    const breaks = outcome.breaksAtPerSecond.value ?? 0;
    expect(outcome).toMatchObject({ verdict: 'fails', criterion: 'errors', binding: 'api limiter 1', bindingComponent: 'api' });
    const refusedAt = (load: number): number => {
      const { network } = compile(limited(), at(load));
      const run = simulate(network, { seconds: 2000, seed: 1 });
      return (run.errorsByCause[words] ?? 0) / (run.sources[0]?.offered ?? 1);
    };
    expect(refusedAt(breaks)).toBeCloseTo(0.01, 2);
    expect(outcome.errorsByCause[words]).toBeCloseTo(120 * refusedAt(120), 0);
    expect(outcome.stations.find((it) => it.id === 'api limiter 1')).toMatchObject({ kind: 'limiter', utilisation: expect.closeTo(1.2, 6) });
  });

  it('of each client is no error of the system, and keeps it from breaking', () => {
    const base = apiAndDatabase({ pool: 5, holdMs: ms(20) });
    const free = assess(base, at(1000), FRAME).breaksAtPerSecond.value ?? 0;
    expect(free).toBeGreaterThan(200);
    expect(free).toBeLessThan(260);
    const protectedBy = limited({ key: 'perClient', limit: perSecond(5) }, base);
    expect(assess(protectedBy, at(1000, { clientCount: 20 }), FRAME)).toMatchObject({ verdict: 'holds', breaksAtPerSecond: { value: null } });
    expect(assess(protectedBy, at(1000), FRAME).breaksAtPerSecond.value).toBeCloseTo(free, 6);
  });
});
