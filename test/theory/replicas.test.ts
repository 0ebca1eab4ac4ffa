import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../src/model/network.ts';
import type { ReplicatedData } from '../../src/model/network-replicas.ts';
import { exp, power } from '../../src/simulator/arithmetic.ts';
import { type Run, simulate, solve, validateNetwork } from '../../src/simulator/index.ts';
import { expectKnown, type Known } from './against.ts';
import { delay, deterministic, exponential, law, network, serve, station } from './networks.ts';

/** Writes and reads of one kind of data, each per ms. */
function replicated(data: Partial<ReplicatedData>, writes: number, reads: number, stale?: readonly Instruction[], readGroup?: string): Network {
  return {
    version: 1,
    groups: readGroup === undefined ? [] : [{ id: readGroup, instances: 3, balancer: 'random' }],
    stations: [],
    programs: [
      { id: 'save', body: [{ op: 'write', data: 'd' }] },
      { id: 'show', ...(readGroup !== undefined && { group: readGroup }), body: [{ op: 'readReplica', data: 'd', ...(stale && { stale }) }] },
    ],
    sources: [
      { id: 'writers', program: 'save', arrivals: 'poisson', share: 0, phases: [{ fromMs: 0, perSecond: writes * 1000 }], patienceMs: null },
      { id: 'readers', program: 'show', arrivals: 'poisson', share: 0, phases: [{ fromMs: 0, perSecond: reads * 1000 }], patienceMs: null },
    ],
    replicatedData: [{ id: 'd', keys: 1, zipf: 0, lag: deterministic(), ...data }],
  };
}
const stale = (run: Run): number => run.replicatedData?.[0]?.staleShare ?? Number.NaN;
const lag = (run: Run): number => run.replicatedData?.[0]?.meanLagMs ?? Number.NaN;
const pending = (writes: number): number => 1 - exp(-writes);

/** Keys that are popular like 1 ÷ rank, each stale for itself. */
function zipfStale(keys: number, writes: number): number {
  const all = Array.from({ length: keys }, (_, k) => power(k + 1, -1));
  const sum = all.reduce((a, b) => a + b, 0);
  return all.reduce((share, weight) => share + (weight / sum) * (1 - exp((-writes * weight) / sum)), 0);
}

/** M/M/∞ in order: a write of rate λ with lag Exp(1) shows when it and all before it do; ∫ 1 − (1 − e⁻ᵗ) e^(−λ e⁻ᵗ) dt by λ. */
function inOrder(writes: number): number {
  let sum = 0;
  const step = 1e-3;
  for (let t = step / 2; t < 40; t += step) sum += (1 - (1 - exp(-t)) * exp(-writes * exp(-t))) * step;
  return sum;
}

const ROWS: readonly Known[] = [
  ...[exponential(), deterministic(), law('gamma', 3)].map(
    (it): Known => ({
      name: `one key, lag ${it.kind}`,
      theory: 'M/G/∞ is empty with e^(−λ·lag), whatever the law (Takács 1962)',
      make: () => replicated({ lag: it }, 0.7, 2),
      units: 40_000,
      expected: { stale: [pending(0.7), stale] },
    }),
  ),
  {
    name: 'a lag of its own at each of three replicas',
    theory: 'M/G/∞ at each',
    make: () => replicated({ group: 'g', lag: exponential() }, 0.7, 2, undefined, 'g'),
    units: 40_000,
    expected: { stale: [pending(0.7), stale] },
  },
  {
    name: 'twenty keys, the first most popular, equal lags',
    theory: 'M/G/∞ for each key',
    make: () => replicated({ keys: 20, zipf: 1 }, 5, 2),
    units: 40_000,
    expected: { stale: [zipfStale(20, 5), stale], lag: [1, lag] },
  },
  {
    name: 'writes show in their order',
    theory: 'the largest of what is left of earlier lags and one’s own: extremes of M/M/∞',
    make: () => replicated({ keys: 20, lag: exponential() }, 3, 0.1),
    units: 40_000,
    expected: { lag: [inOrder(3), lag] },
  },
  {
    name: 'a second read where the first was stale',
    theory: 'M/G/∞',
    make: () => replicated({}, 0.7, 2, [delay(deterministic(10))]),
    units: 40_000,
    expected: { T: [10 * pending(0.7), (run) => run.sources[1]?.latencyMs?.mean ?? Number.NaN] },
  },
];

describe('replicas that lag, against theory', () => {
  it.each(ROWS.map((it) => [`${it.name}: ${Object.keys(it.expected).join(' ')} — ${it.theory}`, it] as const))('%s', (_, row) => expectKnown(row));

  it('to the bit: a write shows after its lag, not before, and a slow one holds up those behind it', () => {
    const at = (fromMs: number) => ({
      arrivals: 'deterministic' as const,
      phases: [
        { fromMs, perSecond: 1000 },
        { fromMs: fromMs + 1.5, perSecond: 0 },
      ],
    });
    const net = replicated({ lag: { kind: 'deterministic', meanMs: 5 } }, 0, 0);
    const played = (readAtMs: number): number | undefined =>
      simulate({ ...net, sources: net.sources.map((it, index) => ({ ...it, ...at(index === 0 ? 10 : readAtMs) })) }, { seconds: 0.1, warmupSeconds: 0 }).replicatedData?.[0]
        ?.staleReads;
    // Written at 11, shown at 16; read a millisecond after the phase begins.
    expect([9, 10.5, 14.5, 15, 16].map(played)).toEqual([0, 1, 1, 0, 0]);
  });
});

describe('what solve says of replicas', () => {
  it.each<[string, Network, number | null]>([
    ['one key, any law', replicated({ lag: exponential() }, 0.7, 2), pending(0.7)],
    ['several keys, equal lags', replicated({ keys: 20, zipf: 1 }, 5, 2), zipfStale(20, 5)],
    ['several keys, random lags: not known', replicated({ keys: 20, lag: exponential() }, 5, 2), null],
    ['something follows from a stale read: not known', replicated({}, 0.7, 2, [delay(deterministic(1))]), null],
    ['paced writes: not known', { ...replicated({}, 0.7, 2), sources: replicated({}, 0.7, 2).sources.map((it) => ({ ...it, arrivals: 'deterministic' as const })) }, null],
  ])('%s', (_, net, share) => {
    const found = solve(net).replicatedData?.[0];
    if (share === null) expect(found?.staleShare).toBeNull();
    else expect(found?.staleShare).toBeCloseTo(share, 9);
    expect([found?.writesPerSecond, found?.readsPerSecond]).toEqual(net.sources.map((it) => it.phases?.[0]?.perSecond));
  });
  it('a million keys are told in less than a frame, and as if each were asked', () => {
    const told = (keys: number): number => solve(replicated({ keys, zipf: 1 }, 500, 2)).replicatedData?.[0]?.staleShare ?? Number.NaN;
    expect(told(20_000)).toBeCloseTo(zipfStale(20_000, 500), 5);
    const began = performance.now();
    told(1_000_000);
    expect(performance.now() - began).toBeLessThan(50);
  });
  it('times are what they are without them', () => {
    const plain = network({ stations: [station('s', 2), station('t', 1)], body: [serve('s'), serve('t', exponential(0.5))], rate: 1 });
    const marked = {
      ...plain,
      programs: [{ id: 'main', body: [serve('s'), { op: 'write' as const, data: 'd' }, serve('t', exponential(0.5))] }],
      replicatedData: [{ id: 'd', keys: 5, zipf: 0, lag: deterministic() }],
    };
    expect(solve(marked)).toMatchObject({ validity: { kind: 'exact' }, sources: solve(plain).sources });
  });
  it('closed users are not known', () =>
    expect(
      solve({ ...replicated({}, 1, 1), sources: [{ id: 'u', program: 'save', arrivals: 'poisson', share: 0, closed: { users: 3, think: exponential() }, patienceMs: null }] })
        .replicatedData?.[0]?.staleShare,
    ).toBeNull());
});

it.each<[string, Partial<Network>, string]>([
  ['data that is not there', { replicatedData: [] }, 'programs[0].body[0].data: there is no replicated data "d"'],
  ['no keys', { replicatedData: [{ id: 'd', keys: 0, zipf: 0, lag: deterministic() }] }, 'replicatedData[0].keys: expected a number from 1 to 10000000, found 0'],
  ['no such group', { replicatedData: [{ id: 'd', keys: 1, zipf: 0, lag: deterministic(), group: 'x' }] }, 'replicatedData[0].group: there is no group "x"'],
  [
    'more keys than fit',
    { groups: [{ id: 'g', instances: 100, balancer: 'random' }], replicatedData: [{ id: 'd', keys: 1_000_000, zipf: 0, lag: deterministic(), group: 'g' }] },
    'replicatedData[0].keys: with all replicas too many, more than 10000000',
  ],
])('a model with %s is refused', (_, more, error) => expect(validateNetwork({ ...replicated({}, 1, 1), ...more })).toEqual({ error }));
