import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../src/model/known.ts';
import { walkRuns } from '../../src/model/often.ts';
import type { CacheStep, Step } from '../../src/model/topology.ts';
import { tallyOf } from '../../src/model/uses.ts';
import { at, hold, query } from '../rules/topologies.ts';

const place = at('src/orders.ts', 4);
const asked = query('SELECT orders', 'read', hold(1));
const other = query('SELECT stock', 'read', hold(1));
const share = (value: number) => known(value, 'ratio', 'declared');
const loop = (times: number, ...steps: Step[]): Step => ({ kind: 'loop', times: known(times, 'count', 'declared'), concurrent: false, steps, place });
const branch = (probability: Extract<Step, { kind: 'branch' }>['probability'], taken: Step[], otherwise: Step[] = []): Step => ({
  kind: 'branch',
  label: 'if',
  probability,
  taken,
  otherwise,
  place,
});
const cache = (hitRatio: CacheStep['hitRatio'], ...onMiss: Step[]): Step => ({
  kind: 'cache',
  label: 'get',
  target: 'redis',
  key: 'orders',
  keyVaries: false,
  serviceMs: known(0.3, 'ms', 'declared'),
  operation: 'read',
  hitRatio,
  ttlMs: unknown('no expiry'),
  awaited: true,
  onMiss,
  place,
});

/** How often each query runs for one run of the program. */
function runs(steps: readonly Step[], misses?: (step: CacheStep) => number): Record<string, number> {
  const found: Record<string, number> = {};
  walkRuns(steps, (step, often) => step.kind === 'query' && (found[step.label] = (found[step.label] ?? 0) + often), misses);
  return found;
}

describe('how often a step runs for one run of its program', () => {
  it.each<[says: string, steps: Step[], expected: Record<string, number>]>([
    ['written once', [asked], { 'SELECT orders': 1 }],
    ['the rounds of loops multiply', [loop(4, loop(5, asked), other)], { 'SELECT orders': 20, 'SELECT stock': 4 }],
    ['each arm by its share', [branch(share(0.25), [asked], [other])], { 'SELECT orders': 0.25, 'SELECT stock': 0.75 }],
    ['an arm of unknown share half the time', [branch(unknown('from a variable'), [asked], [asked, other])], { 'SELECT orders': 1, 'SELECT stock': 0.5 }],
    ['what a cache answers is not asked', [cache(share(0.75), asked)], { 'SELECT orders': 0.25 }],
    ['an unknown hit ratio spares nothing', [cache(unknown('never measured'), asked)], { 'SELECT orders': 1 }],
    ['side by side and held', [{ kind: 'parallel', branches: [[asked], [asked, other]], place }], { 'SELECT orders': 2, 'SELECT stock': 1 }],
    ['one within another', [loop(8, branch(share(0.5), [cache(share(0.5), asked)]))], { 'SELECT orders': 2 }],
  ])('%s', (_says, steps, expected) => expect(runs(steps)).toEqual(expected));

  it('the share of misses may be told otherwise', () => expect(runs([cache(share(0.75), asked)], () => 1)).toEqual({ 'SELECT orders': 1 }));

  it('what encloses a step is told, outermost first', () => {
    const met: string[][] = [];
    walkRuns([loop(2, branch(share(0.5), [asked]))], (step, _often, enclosing) => step.kind === 'query' && met.push(enclosing.map((it) => it.kind)));
    expect(met).toEqual([['loop', 'branch']]);
  });
});

describe('what is one object is counted once, and as often as it is met', () => {
  const labels = (step: Step): readonly string[] => (step.kind === 'query' ? [step.label] : []);
  it('as the walk counts it', () => {
    const steps = [loop(3, asked, branch(share(0.25), [other], [asked])), cache(share(0.9), asked)];
    expect(Object.fromEntries(tallyOf(steps, labels, new Map()))).toEqual(runs(steps));
  });

  it('a function that calls another one twice, forty deep', () => {
    let step: Step = asked;
    for (let depth = 0; depth < 40; depth += 1) step = loop(1, step, step);
    expect(tallyOf([step], labels, new Map()).get('SELECT orders')).toBe(2 ** 40);
  });
});
