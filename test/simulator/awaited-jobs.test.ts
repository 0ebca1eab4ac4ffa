import { describe, expect, it } from 'vitest';
import { applyChange } from '../../src/model/change.ts';
import { known } from '../../src/model/known.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { mapSteps, type Topology } from '../../src/model/topology.ts';
import { assess } from '../../src/simulator/index.ts';
import { queueOf } from '../rules/topologies.ts';

const SCENARIO = { ...DEFAULT_SCENARIO, targetPerSecond: 5 };
const fast = queueOf({ concurrency: known(10, 'jobs', 'declared') });

/** The route that enqueues waits for the end of its job. */
const waiting = (it: Topology): Topology => ({
  ...it,
  endpoints: it.endpoints.map((one) => ({
    ...one,
    steps: mapSteps(one.steps, (step) => [step.kind === 'publish' ? { ...step, waitsForJob: { timeoutMs: { state: 'none' }, place: { file: 'src/api.ts', line: 9 } } } : step]),
  })),
});
const publisher = fast.endpoints.find((it) => it.steps.some((step) => step.kind === 'publish'));
const publish = publisher?.steps.find((it) => it.kind === 'publish');
const handler = fast.endpoints.find((it) => it.trigger.kind === 'message');
const p95 = (it: Topology, id = publisher?.id): number =>
  assess(it, SCENARIO, { ladder: false, ranges: false, breakEven: false, spike: false }).endpoints.find((one) => one.id === id)?.latencyMs?.p95 ?? 0;

describe('a request that waits for its job', () => {
  it('is slower by the job', () => expect(p95(waiting(fast))).toBeGreaterThan(p95(fast) + 0.5 * p95(fast, handler?.id)));

  it('answers at once after the remedy', () => {
    const after = applyChange(waiting(fast), { id: 'early', operations: [{ kind: 'answerEarly', publish: publish?.place ?? { file: '', line: 0 } }] });
    expect(p95(after)).toBeLessThan(1.1 * p95(fast));
  });

  it('waits no longer than its limit', () => {
    const slow: Topology = {
      ...fast,
      endpoints: fast.endpoints.map((it) =>
        it === handler ? { ...it, steps: [...it.steps, { kind: 'wait', label: 'wait 5000 ms', ms: known(5000, 'ms', 'declared'), place: it.place }] } : it,
      ),
    };
    const limited = waiting(slow);
    const text = JSON.stringify(limited).replace(
      '"timeoutMs":{"state":"none"},"place":{"file":"src/api.ts"',
      '"timeoutMs":{"state":"known","value":200,"unit":"ms","basis":"declared"},"place":{"file":"src/api.ts"',
    );
    expect(p95(limited)).toBeGreaterThan(4000);
    expect(p95(JSON.parse(text) as Topology)).toBeLessThan(1000);
  });
});
