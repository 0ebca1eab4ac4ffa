import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/known.ts';
import type { Step, Topology } from '../../../src/model/topology.ts';
import { busiestQuery } from '../../../src/simulator/answers/busiest-query.ts';
import { type Assumed, assumedInputs, triedTopology } from '../../../src/simulator/answers/ranges.ts';
import { compile } from '../../../src/simulator/compile/compile.ts';
import { draw } from '../../../src/simulator/draw.ts';
import { askAssumed } from '../../../src/simulator/solve/ask.ts';
import { solveAt } from '../../../src/simulator/solve/solve-at.ts';
import { apiAndDatabase, at, compute, endpoint, guess, ms, query } from '../topologies.ts';

const POOL = 'api→db pool';
const ROUTES = 8;
const scenario = at(100);
const place = { file: 'src/app.ts', line: 1 };

/** Routes that run queries alone, in loops, in arms, inside of transactions and for other routes that ask them. */
function routes(seed: number): Topology {
  const rest = { awaited: true, retries: known(0, 'count', 'declared'), timeoutMs: ms(1000), serviceMs: ms(1) } as const;
  const steps = (index: number): Step[] => {
    const typical = 1 + 9 * draw(seed, 'hold', index);
    const own = query(`SELECT ${index}`, guess(typical, typical / 3, typical * 3));
    const kind = Math.floor(5 * draw(seed, 'kind', index));
    if (kind === 0) return [{ kind: 'loop', times: known(4, 'count', 'declared'), concurrent: false, steps: [own], place: { ...place, line: index } }];
    if (kind === 1) return [{ kind: 'branch', label: 'seldom', probability: known(0.2, 'ratio', 'declared'), taken: [own], otherwise: [], place: { ...place, line: index } }];
    if (kind === 2)
      return [
        {
          kind: 'hold',
          label: 'transaction',
          pool: POOL,
          steps: [query(`SELECT ${index}`, guess(typical, typical / 3, typical * 3), { usesHeld: true })],
          released: 'always',
          place,
        },
      ];
    if (kind === 3) return [own, { kind: 'request', label: 'itself', target: 'api', endpoint: `api GET /${(index + 1) % ROUTES}`, ...rest, place }];
    return [own];
  };
  // Circles of requests are cut where they close, so the last route asks for none.
  const all = Array.from({ length: ROUTES }, (_, index) =>
    endpoint(`/${index}`, [compute(ms(0.1)), ...(index === ROUTES - 1 ? [query('SELECT last', guess(2, 1, 4))] : steps(index))]),
  );
  return compile({ ...apiAndDatabase({ pool: 20 }), endpoints: all }, scenario).topology;
}

/** Each is tried. */
function byTryingAll(topology: Topology, members: readonly Assumed[]): string | undefined {
  const works = members.map((it) => {
    const { flat, state } = askAssumed(triedTopology(topology, new Map([[it.id, it.value.value * 1.01]])), scenario).question;
    solveAt(flat, state, 1e-3);
    return state.work[flat.stationIds.indexOf(POOL)] as number;
  });
  return members[works.indexOf(Math.max(...works))]?.id;
}

describe('the query that keeps a pool busiest is the one that trying all of them finds', () => {
  it.each(Array.from({ length: 12 }, (_, index) => index + 1))('workspace %i', (seed) => {
    const topology = routes(seed);
    const members = assumedInputs(topology).filter((it) => it.id.startsWith('hold '));
    expect(members.length).toBe(ROUTES);
    expect(busiestQuery(topology, scenario, POOL, members).id).toBe(byTryingAll(topology, members));
  });
  it('of equals the first', () => {
    const same = Array.from({ length: 4 }, (_, index) => endpoint(`/${index}`, [compute(ms(0.1)), query(`SELECT ${index}`, guess(3, 1, 9))]));
    const { topology } = compile({ ...apiAndDatabase({ pool: 20 }), endpoints: same }, scenario);
    const members = assumedInputs(topology).filter((it) => it.id.startsWith('hold '));
    expect(busiestQuery(topology, scenario, POOL, members).id).toBe('hold db SELECT 0');
  });
});
