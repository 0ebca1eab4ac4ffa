import { describe, expect, it } from 'vitest';
import { inputId, withInputs } from '../../../src/model/inputs.ts';
import { DEFAULT_SCENARIO } from '../../../src/model/scenario.ts';
import { type Endpoint, EMPTY_TOPOLOGY, type Topology } from '../../../src/model/topology.ts';
import { assumedInputs, drawColumns, drawing, triedTopology } from '../../../src/simulator/answers/ranges.ts';
import { assume } from '../../../src/simulator/compile/assume.ts';
import { sharesOf } from '../../../src/simulator/compile/mix.ts';
import { assess } from '../../../src/simulator/index.ts';
import { endpoint, hold, query, shopOf } from '../../rules/topologies.ts';

/** `reads` GET and `writes` POST routes of one service. */
function routes(reads: number, writes: number, more: readonly Endpoint[] = []): Topology {
  const of = (method: string, count: number) => Array.from({ length: count }, (_, index) => endpoint('api', method, `/${index}`, []));
  return { ...EMPTY_TOPOLOGY, components: shopOf().components, endpoints: [...of('GET', reads), ...of('POST', writes), ...more] };
}
const assumed = (topology: Topology): Topology => assume(topology, DEFAULT_SCENARIO).topology;
const shares = (topology: Topology, scenario = DEFAULT_SCENARIO): Record<string, number> =>
  Object.fromEntries([...sharesOf(topology, scenario)].map(([id, share]) => [id.slice('api '.length), Number(share.toFixed(6))]));
const share = (route: string) => inputId.share(`api ${route}`);

describe('shares of the load', () => {
  const four = { 'GET /0': 0.4, 'GET /1': 0.4, 'POST /0': 0.1, 'POST /1': 0.1 };
  it.each<[string, Topology, Record<string, number>]>([
    ['nobody says: reads 80%, writes 20%, shared equally', routes(2, 2), four],
    ['only reads', routes(2, 0), { 'GET /0': 0.5, 'GET /1': 0.5 }],
    ['only writes', routes(0, 1), { 'POST /0': 1 }],
    ['health routes have none', routes(1, 0, [endpoint('api', 'GET', '/health', [], { role: 'excluded' })]), { 'GET /0': 1 }],
    ['one share is measured as it was guessed: nothing moves', withInputs(routes(2, 2), new Map([[share('GET /0'), 0.4]]), 'measured'), four],
    [
      'one share is measured: the others keep their proportions',
      withInputs(routes(2, 2), new Map([[share('POST /0'), 0.4]]), 'measured'),
      { 'GET /0': 0.266667, 'GET /1': 0.266667, 'POST /0': 0.4, 'POST /1': 0.066667 },
    ],
    ['all of the load goes to one', withInputs(routes(2, 2), new Map([[share('POST /0'), 1]]), 'measured'), { 'POST /0': 1 }],
    ['a route that nobody asks for', withInputs(routes(2, 0), new Map([[share('GET /0'), 0]]), 'measured'), { 'GET /1': 1 }],
    [
      'measured shares that add up to more than all',
      withInputs(
        routes(2, 0),
        new Map([
          [share('GET /0'), 0.9],
          [share('GET /1'), 0.3],
        ]),
        'measured',
      ),
      { 'GET /0': 0.75, 'GET /1': 0.25 },
    ],
    [
      'the share of reads alone',
      withInputs({ ...routes(2, 1), readShare: hold(0.8, 'assumed') }, new Map([[inputId.readShare(), 0.5]]), 'measured'),
      { 'GET /0': 0.25, 'GET /1': 0.25, 'POST /0': 0.5 },
    ],
  ])('%s', (_name, topology, expected) => {
    expect(shares(topology)).toEqual(expected);
    expect(shares(assumed(topology))).toEqual(expected);
  });

  it('a named mix wins over all of it', () => {
    const scenario = { ...DEFAULT_SCENARIO, mix: { 'api GET /0': 3, 'api POST /0': 1 } };
    const topology = withInputs(routes(2, 2), new Map([[share('GET /1'), 0.9]]), 'measured');
    expect(shares(topology, scenario)).toEqual({ 'GET /0': 0.75, 'POST /0': 0.25 });
    expect(assumedInputs(assume(topology, scenario).topology).filter((it) => it.id.startsWith('share') || it.id === 'readShare')).toEqual([]);
  });
});

describe('an assumed mix is drawn', () => {
  const drawn = (topology: Topology): string[] => assumedInputs(assumed(topology)).flatMap((it) => (it.id.startsWith('share ') || it.id === 'readShare' ? [it.id] : []));
  it.each<[string, Topology, string[]]>([
    ['one route has all of the load', routes(1, 0), []],
    ['one read and one write: how the load divides is one guess', routes(1, 1), ['readShare']],
    ['two reads', routes(2, 0), [share('GET /0'), share('GET /1')]],
    ['two reads and a write', routes(2, 1), [share('GET /0'), share('GET /1'), 'readShare']],
    ['one of two is measured: of the other nothing is left to guess but its part', withInputs(routes(2, 0), new Map([[share('GET /0'), 0.2]]), 'measured'), []],
  ])('%s', (_name, topology, expected) => expect(drawn(topology)).toEqual(expected));

  it('shares of every draw add up to 1, and in the middle they are equal', () => {
    const topology = assumed(routes(3, 3));
    const columns = drawColumns(topology, 1);
    const logs = new Map<string, number[]>();
    for (let index = 0; index < 64; index++) {
      const found = sharesOf(drawing(topology, columns)(index), DEFAULT_SCENARIO);
      expect([...found.values()].reduce((sum, it) => sum + it, 0)).toBeCloseTo(1, 12);
      for (const [id, it] of found) logs.set(id, [...(logs.get(id) ?? []), it]);
    }
    const medians = [...logs.values()].map((it) => it.sort((a, b) => a - b)[32] as number);
    for (const it of medians.slice(0, 3)) expect(it).toBeGreaterThan(0.18);
    for (const it of medians.slice(0, 3)) expect(it).toBeLessThan(0.34);
  });

  it('tried alone, a share is what it is said to be', () => {
    const topology = assumed(routes(2, 2));
    for (const value of [0.001, 0.1, 0.7]) expect(shares(triedTopology(topology, new Map([[share('POST /0'), value]])))['POST /0']).toBeCloseTo(value, 6);
  });
});

describe('a verdict that hangs on the mix', () => {
  /** Of three routes one holds a connection fifty times as long. */
  const heavy = (mix: number | null): Topology => {
    const topology = shopOf();
    const route = (method: string, path: string, ms: number) => endpoint('api', method, path, [query(`${method} ${path}`, 'read', hold(ms))]);
    const all = { ...topology, endpoints: [route('GET', '/a', 2), route('GET', '/b', 2), route('GET', '/import', 100)] };
    return mix === null ? all : withInputs(all, new Map([[share('GET /import'), mix]]), 'measured');
  };
  const at = (targetPerSecond: number) => ({ ...DEFAULT_SCENARIO, targetPerSecond });
  const before = assess(heavy(null), at(300));

  it('is unknown, names the share and says where it tips', () => {
    expect(before.verdict).toBe('unknown');
    expect(before.decidedBy[0]?.input).toBe(share('GET /import'));
    const [tips] = before.breakEven;
    expect(tips).toMatchObject({ input: share('GET /import'), direction: 'atMost' });
    const value = tips?.value ?? 0;
    expect(assess(heavy(value), at(300)).verdict).not.toBe('fails');
    expect(assess(heavy(value * 1.2), at(300)).verdict).toBe('fails');
  });

  it('is none any more once that share is measured', () => {
    expect(assess(heavy(0.01), at(300)).verdict).toBe('holds');
    expect(assess(heavy(0.5), at(300)).verdict).toBe('fails');
  });
});
