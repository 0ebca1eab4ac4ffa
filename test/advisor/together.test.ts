import { describe, expect, it } from 'vitest';
import { advise } from '../../src/advisor/index.ts';
import type { Remedy } from '../../src/model/advice.ts';
import { applyChanges, type Change } from '../../src/model/change.ts';
import { known } from '../../src/model/known.ts';
import type { Topology } from '../../src/model/topology.ts';
import { assess, breaksAt } from '../../src/simulator/index.ts';
import { STEADY } from '../rules/cases.ts';
import { hold, shopOf } from '../rules/topologies.ts';

const pool = { acquireTimeoutMs: known(2000, 'ms', 'measured') };
const connections = (value: number) => known(value, 'connections', 'declared');
const cores = (value: number) => known(value, 'cores', 'declared');
const findingsOf = (topology: Topology) => advise(topology, STEADY, assess(topology, STEADY, { ladder: false })).findings;

/** Each request computes for so long. */
const handledIn = (ms: number, it: Topology): Topology => ({
  ...it,
  endpoints: it.endpoints.map((one) => ({ ...one, steps: one.steps.map((step) => (step.kind === 'compute' ? { ...step, ms: known(ms, 'ms', 'measured') } : step)) })),
});

describe('two remedies of one bottleneck', () => {
  const SYSTEMS: readonly (readonly [string, Topology])[] = [
    ['the database behind the pool is small', shopOf({ pool, max: connections(4), readMs: hold(20), writeMs: hold(20), db: { parallelism: cores(5) } })],
    ['the database has room', shopOf({ pool, max: connections(4), readMs: hold(20), writeMs: hold(20), db: { parallelism: cores(64) } })],
    ['the event loop gives way next', handledIn(2, shopOf({ pool, max: connections(4), readMs: hold(20), writeMs: hold(20), db: { parallelism: cores(64) } }))],
    ['reads are few of the work', shopOf({ pool, max: connections(4), readMs: hold(2), writeMs: hold(40), db: { parallelism: cores(16) } })],
  ];
  it.each(SYSTEMS)('%s: they are alternatives exactly where both bring less than a tenth more', (_says, topology) => {
    const rateOf = (it: Remedy): number => it.breaksAtAfter ?? 1e6;
    const raising = findingsOf(topology)
      .slice(0, 3)
      .flatMap((it) => it.remedies.filter((one) => one.change !== null && one.breaksAtBefore !== null && rateOf(one) > 1.1 * one.breaksAtBefore).slice(0, 2));
    expect(raising.length).toBeGreaterThan(1);
    const isAlternative = (one: Remedy, two: Remedy): boolean => {
      const both = breaksAt(applyChanges(topology, [one.change as Change, two.change as Change]), STEADY) ?? 1e6;
      return JSON.stringify(one.change?.operations) !== JSON.stringify(two.change?.operations) && both < Math.max(rateOf(one), rateOf(two)) * 1.1;
    };
    for (const one of raising) expect(one.insteadOf !== undefined, one.title).toBe(raising.some((two) => two !== one && isAlternative(one, two)));
  });

  it('says which', () => {
    const said = SYSTEMS.flatMap(([, topology]) => findingsOf(topology)).flatMap((it) => it.remedies.flatMap((one) => one.insteadOf ?? []));
    expect(said.length).toBeGreaterThan(0);
    for (const it of said) expect(it).toMatch(/^one of the two is enough: (Set pool max to \d+|Cache SELECT products for 60 s in (Redis|memory))$/);
  });
});
