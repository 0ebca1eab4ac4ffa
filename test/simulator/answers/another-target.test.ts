import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/model/scenario.ts';
import type { Topology } from '../../../src/model/topology.ts';
import { assess, type AssessOptions } from '../../../src/simulator/index.ts';
import { SCENARIO, shopTopology } from '../../webview-harness/shop.ts';
import { apiAndDatabase, guess, ms, query } from '../topologies.ts';

const FRAME = { ranges: false, ladder: false, breakEven: false, spike: false } as const;
const SYSTEMS: readonly [string, Topology, Scenario][] = [
  ['the shop', shopTopology, SCENARIO],
  ['a pool', apiAndDatabase({ steps: [query('SELECT a', ms(10)), query('SELECT b', ms(3))] }), { ...SCENARIO, mix: null }],
  ['a guess', apiAndDatabase({ pool: 5, steps: [query('SELECT a', guess(8, 4, 16))] }), { ...SCENARIO, mix: null }],
];
/** Light, heavy, beyond what can be carried, and back. */
const TARGETS = [20, 300, 900, 910, 40_000, 20, 2500, 320];

describe('what a system can do is worked out once, whatever target is asked for next', () => {
  it.each(SYSTEMS)('%s answers each as if it were the first', (_, topology, scenario) => {
    const ask = (system: Topology, targetPerSecond: number, options: AssessOptions) => assess(system, { ...scenario, targetPerSecond }, options);
    for (const options of [FRAME, { ...FRAME, ladder: true, ranges: true }])
      expect(TARGETS.map((it) => ask(topology, it, options))).toEqual(TARGETS.map((it) => ask(structuredClone(topology), it, options)));
  });

  it('another objective, another mix and a changed system are questions of their own', () => {
    const changed: [Topology, Scenario][] = [
      [shopTopology, SCENARIO],
      [shopTopology, { ...SCENARIO, objective: { ...SCENARIO.objective, p95Ms: 40 } }],
      [shopTopology, { ...SCENARIO, mix: null }],
      [apiAndDatabase({ pool: 3 }), SCENARIO],
    ];
    const breaks = changed.map(([topology, scenario]) => assess(topology, scenario, FRAME).breaksAtPerSecond.value);
    expect(breaks).toEqual(changed.map(([topology, scenario]) => assess(structuredClone(topology), scenario, FRAME).breaksAtPerSecond.value));
    expect(new Set(breaks).size).toBeGreaterThan(2);
  });
});
