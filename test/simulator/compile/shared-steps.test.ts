import { describe, expect, it } from 'vitest';
import { inputsOf, withInputs } from '../../../src/model/inputs.ts';
import { known } from '../../../src/model/known.ts';
import { DEFAULT_SCENARIO } from '../../../src/model/scenario.ts';
import { withSharedSteps } from '../../../src/model/shared-steps.ts';
import { EMPTY_TOPOLOGY, type Step, type Topology } from '../../../src/model/topology.ts';
import { compile } from '../../../src/simulator/compile/compile.ts';
import { component, compute, endpoint, ms, pool, query } from '../topologies.ts';

const place = { file: 'src/app.ts', line: 9 };
const twice = (steps: () => readonly Step[]): Step => ({ kind: 'branch', label: 'either', probability: known(0.5, 'ratio', 'assumed'), taken: steps(), otherwise: steps(), place });
const rounds = (steps: readonly Step[]): Step => ({ kind: 'loop', times: known(40, 'count', 'assumed'), concurrent: true, steps, place });
const guard = (): Step[] => [compute(ms(0.2), 'guard'), query('SELECT user', ms(2))];
const unawaited = (): Step[] => [query('INSERT audit', ms(1), { awaited: false })];

const topology: Topology = {
  ...EMPTY_TOPOLOGY,
  components: [component('api', 'service'), component('db', 'database')],
  pools: [pool('api', 'db', 10)],
  endpoints: [
    endpoint('/a', [...guard(), twice(() => [...guard(), rounds(guard())]), ...unawaited(), ...unawaited()]),
    endpoint('/b', [...guard(), rounds([twice(guard)]), query('SELECT user', ms(3))]),
  ],
};

/** Steps by identity. */
function objectsOf(of: Topology): { all: number; different: number } {
  const seen: Step[] = [];
  const look = (steps: readonly Step[]): void => {
    for (const it of steps) {
      seen.push(it);
      if (it.kind === 'branch') for (const arm of [it.taken, it.otherwise]) look(arm);
      if (it.kind === 'loop') look(it.steps);
    }
  };
  for (const it of of.endpoints) look(it.steps);
  return { all: seen.length, different: new Set(seen).size };
}

describe('equal steps as one object', () => {
  const shared = withSharedSteps(topology);

  it('are what they were, and fewer', () => {
    expect(shared).toEqual(topology);
    const [before, after] = [objectsOf(topology), objectsOf(shared)];
    expect(before.different).toBe(before.all);
    expect(after.all).toBe(before.all);
    // guard and query of it, the audit, the third query, two branches and two loops.
    expect(after.different).toBe(8);
  });

  it('stay one object when inputs are set, and other steps stay as they are', () => {
    const [input] = inputsOf(shared).filter((it) => it.label.startsWith('SELECT user'));
    const set = withInputs(shared, new Map([[input?.id ?? '', 7]]));
    expect(set).toEqual(withInputs(topology, new Map([[input?.id ?? '', 7]])));
    expect(objectsOf(set).different).toBe(8);
    expect(set.endpoints[0]?.steps[0]).toBe(shared.endpoints[0]?.steps[0]);
  });

  it('make the same network', () => {
    expect(compile(shared, DEFAULT_SCENARIO).network).toEqual(compile(topology, DEFAULT_SCENARIO).network);
  });

  it('that nobody awaits are a program each time', () => {
    const programs = compile(shared, DEFAULT_SCENARIO).network.programs.filter((it) => it.id.includes('in the background'));
    expect(programs).toHaveLength(2);
  });
});
