import { describe, expect, it } from 'vitest';
import type { LoadedRoute } from '../../../src/model/load-test.ts';
import type { Known } from '../../../src/model/known.ts';
import { DEFAULT_SCENARIO } from '../../../src/model/scenario.ts';
import type { Topology } from '../../../src/model/topology.ts';
import { assess, heldAgainst } from '../../../src/simulator/index.ts';
import { hold, query, type ShopOptions, shopOf } from '../../rules/topologies.ts';

const GUESS = hold(5.5, 'assumed', [1, 30]);
const [READ, WRITE] = shopOf().endpoints.map((it) => it.id) as [string, string];

/** What a load test would measure on a system that is as it is told. */
function measuredOn(topology: Topology, perSecond: Record<string, number>, factor = 1): Record<string, LoadedRoute> {
  const targetPerSecond = Object.values(perSecond).reduce((sum, it) => sum + it, 0);
  const { endpoints } = assess(topology, { ...DEFAULT_SCENARIO, targetPerSecond, mix: perSecond }, { ranges: false, ladder: false, breakEven: false });
  return Object.fromEntries(endpoints.map((it) => [it.id, { perSecond: it.offeredPerSecond, p95Ms: factor * (it.latencyMs?.p95 ?? 30_000), errorShare: 0, count: 20_000 }]));
}
const held = (model: ShopOptions, truth: ShopOptions, perSecond: Record<string, number>, factor?: number) =>
  heldAgainst(shopOf(model), DEFAULT_SCENARIO, { routes: measuredOn(shopOf(truth), perSecond, factor), source: 'k6' });

describe('how a prediction stands to a measurement', () => {
  it.each<[string, ShopOptions, ShopOptions, number, string]>([
    ['the model is right', { readMs: GUESS }, { readMs: hold(5.5) }, 1, 'agrees'],
    ['within the model’s own error', {}, {}, 1.1, 'agrees'],
    ['a guess is off, within its range', { readMs: GUESS }, { readMs: hold(15) }, 1, 'withinAssumed'],
    ['a guess is off, beyond its range', { readMs: GUESS }, { readMs: hold(80) }, 1, 'disagrees'],
    ['nothing is assumed, and yet', {}, {}, 3, 'disagrees'],
  ])('%s', (_what, model, truth, factor, standing) => expect(held(model, truth, { [READ]: 60 }, factor)?.routes.map((it) => it.standing)).toEqual([standing]));

  it('tells both, with the error', () => {
    const [route] = held({ readMs: GUESS }, { readMs: hold(15) }, { [READ]: 60 })!.routes;
    expect(route).toMatchObject({ endpoint: READ, perSecond: 60, measuredErrorShare: 0 });
    expect(route!.error).toBeCloseTo(route!.predictedP95Ms! / route!.measuredP95Ms - 1, 6);
    expect(route!.predictedRangeMs[0]).toBeLessThan(route!.predictedP95Ms!);
    expect(route!.predictedRangeMs[1]).toBeGreaterThan(route!.predictedP95Ms!);
  });

  it('errors that nobody predicted are a disagreement, however fast the rest', () => {
    const routes = measuredOn(shopOf(), { [READ]: 60 });
    const failing = { [READ]: { ...routes[READ]!, errorShare: 0.2 } };
    expect(heldAgainst(shopOf(), DEFAULT_SCENARIO, { routes: failing })?.routes[0]?.standing).toBe('disagrees');
  });

  it('a load that the model does not carry', () => {
    const test = held({ readMs: hold(30) }, { readMs: hold(3) }, { [READ]: 900 });
    expect(test?.routes[0]).toMatchObject({ predictedP95Ms: null, error: null, standing: 'disagrees' });
  });

  it('routes that are not there', () => expect(heldAgainst(shopOf(), DEFAULT_SCENARIO, { routes: { 'api GET /none': { perSecond: 1, p95Ms: 1 } } })).toBeNull());
});

describe('which assumption is most likely wrong', () => {
  it.each<[string, ShopOptions, ShopOptions, Record<string, number>, string | null, number]>([
    ['none where they agree', { readMs: GUESS }, { readMs: hold(5.5) }, { [READ]: 60 }, null, 0],
    ['none where nothing is assumed', {}, { readMs: hold(30) }, { [READ]: 60 }, null, 0],
    // The write's guess has no part in reads.
    ['none where those that are assumed have no part in it', { writeMs: GUESS }, { readMs: hold(30) }, { [READ]: 60 }, null, 0],
    ['the only one, at its true value', { readMs: GUESS }, { readMs: hold(15) }, { [READ]: 60 }, 'SELECT', 15],
    [
      'of two that answer for their own routes, the one that is off',
      { readMs: GUESS, writeMs: GUESS },
      { readMs: hold(5.5), writeMs: hold(20) },
      { [READ]: 60, [WRITE]: 40 },
      'INSERT',
      20,
    ],
    ['the other one', { readMs: GUESS, writeMs: GUESS }, { readMs: hold(20), writeMs: hold(5.5) }, { [READ]: 60, [WRITE]: 40 }, 'SELECT', 20],
  ])('%s', (_what, model, truth, perSecond, label, value) => {
    const { suspect } = held(model, truth, perSecond)!;
    if (label === null) return expect(suspect).toBeNull();
    expect(suspect?.label).toContain(label);
    expect(suspect?.explains).toBe(true);
    expect(suspect!.value / value).toBeGreaterThan(0.8);
    expect(suspect!.value / value).toBeLessThan(1.25);
  });

  it('of two in one request, the one that is moved less far in its range', () => {
    const shopWith = (items: Known): Topology => {
      const shop = shopOf({ readMs: hold(6, 'assumed', [5, 7]) });
      const [first, ...others] = shop.endpoints;
      return { ...shop, endpoints: [{ ...first!, steps: [...first!.steps, query('SELECT items', 'read', items)] }, ...others] };
    };
    const routes = measuredOn(shopWith(hold(22)), { [READ]: 60 });
    const { suspect } = heldAgainst(shopWith(GUESS), DEFAULT_SCENARIO, { routes })!;
    expect(suspect).toMatchObject({ label: expect.stringContaining('SELECT items'), explains: true });
  });

  it('says when its range does not reach', () => {
    const { suspect } = held({ readMs: GUESS }, { readMs: hold(80) }, { [READ]: 60 })!;
    expect(suspect!.deviations).toBeGreaterThan(1.645);
  });
});
