import { describe, expect, it } from 'vitest';
import { type Known, known, unknown } from '../../../src/model/known.ts';
import type { Channel, Endpoint, Step, Topology } from '../../../src/model/topology.ts';
import { compile, saturatesAt } from '../../../src/simulator/index.ts';
import { apiAndDatabase, at, component, compute, endpoint, ms } from '../topologies.ts';

const place = { file: 'src/jobs.ts', line: 1 };
const ratio = (value: number, basis: 'measured' | 'assumed'): Known => known(value, 'ratio', basis, basis === 'assumed' ? { range: [0.05, 0.95] } : {});
const rounds = (value: number, basis: 'declared' | 'assumed'): Known => known(value, 'count', basis, basis === 'assumed' ? { range: [2, 100] } : {});
const publish = (channel: string): Step => ({ kind: 'publish', label: `publish to ${channel}`, channel, serviceMs: ms(0.1), awaited: true, place });
const branch = (probability: Known, taken: readonly Step[], otherwise: readonly Step[] = []): Step => ({ kind: 'branch', label: 'more', probability, taken, otherwise, place });
const loop = (times: Known, steps: readonly Step[]): Step => ({ kind: 'loop', times, concurrent: false, steps, place });
const ask = (path: string): Step => ({
  kind: 'request',
  label: `ask ${path}`,
  target: 'api',
  endpoint: `api GET ${path}`,
  serviceMs: ms(1),
  timeoutMs: unknown('not asked'),
  retries: known(0, 'count', 'declared'),
  awaited: true,
  place,
});
const WORK = compute(ms(2), 'working');

/** An API whose `/start` publishes to the first queue; each queue has a worker of its own that does `handlers[queue]`. */
function jobs(handlers: Readonly<Record<string, readonly Step[]>>, more: readonly Endpoint[] = []): Topology {
  const base = apiAndDatabase();
  const names = Object.keys(handlers);
  return {
    ...base,
    components: [
      ...base.components,
      component('broker', 'queue', { engine: 'redis', parallelism: unknown('not said') }),
      ...names.map((it) => component(`${it}-worker`, 'worker')),
    ],
    endpoints: [
      endpoint('/start', [compute(ms(0.1)), publish(names[0] as string)]),
      ...more,
      ...names.map((it) => endpoint('', handlers[it] ?? [], { id: `handles ${it}`, component: `${it}-worker`, trigger: { kind: 'message', channel: it }, external: false })),
    ],
    channels: names.map(
      (it): Channel => ({
        id: it,
        name: it,
        broker: 'broker',
        kind: 'queue',
        library: 'bullmq',
        producers: [{ component: 'api', place }],
        consumers: [{ component: `${it}-worker`, endpoint: `handles ${it}`, concurrency: known(100, 'jobs', 'declared'), place }],
        attempts: known(1, 'count', 'declared'),
        partitions: unknown('a queue has none'),
        place,
      }),
    ),
  };
}

const LEFT_OUT = (name: string): string => `messages of ${name} that come of handling its messages: how many is not known, so they are left out here`;
const saidOf = (topology: Topology): string[] => compile(topology, at(1)).assumptions.filter((it) => it.includes('left out'));

describe('jobs that make jobs of their own kind', () => {
  it.each<[string, Topology, string[], number]>([
    ['none: a job each 2 ms', jobs({ a: [WORK] }), [], 500],
    ['one each, as it was read', jobs({ a: [WORK, publish('a')] }), [LEFT_OUT('a')], 500],
    ['perhaps one each: the share is assumed', jobs({ a: [WORK, branch(ratio(0.5, 'assumed'), [publish('a')])] }), [LEFT_OUT('a')], 500],
    ['half of them one, measured: two jobs in all', jobs({ a: [WORK, branch(ratio(0.5, 'measured'), [publish('a')])] }), [], 250],
    ['half of them two, written down', jobs({ a: [WORK, branch(ratio(0.5, 'measured'), [loop(rounds(2, 'declared'), [publish('a')])])] }), [LEFT_OUT('a')], 500],
    ['a tenth of them some, nobody knows how many', jobs({ a: [WORK, branch(ratio(0.1, 'measured'), [loop(rounds(3, 'assumed'), [publish('a')])])] }), [LEFT_OUT('a')], 500],
    ['by way of a route that they ask', jobs({ a: [WORK, ask('/start')] }), [LEFT_OUT('a')], 500],
    ['a chain that does not come back', jobs({ a: [WORK, publish('b')], b: [WORK] }), [], 500],
    ['a chain that comes back: each link runs once', jobs({ a: [WORK, publish('b')], b: [compute(ms(4), 'slower'), publish('a')] }), [LEFT_OUT('a')], 250],
    ['a chain that comes back less and less', jobs({ a: [WORK, publish('b')], b: [compute(ms(1), 'quick'), branch(ratio(0.5, 'measured'), [publish('a')])] }), [], 250],
  ])('%s', (_name, topology, said, most) => {
    expect(saidOf(topology)).toEqual(said);
    // Half a percent or a few more of a worker's time goes into its replies.
    expect(Math.abs((saturatesAt(topology, at(1)) ?? 0) / most - 1)).toBeLessThan(0.1);
  });

  it('what others ask of the same route still makes its jobs', () => {
    const topology = jobs({ a: [WORK, ask('/start')] });
    const spawns = compile(topology, at(1)).network.programs.map((it) => [it.id, JSON.stringify(it.body).includes('"spawn"')]);
    expect(Object.fromEntries(spawns)).toMatchObject({ 'api GET /start': true, 'api GET /start within handles a': false });
  });

  it('that some of them are measured does not make the others known', () => {
    const topology = jobs({ a: [WORK, branch(ratio(0.1, 'measured'), [publish('a')])], b: [WORK, publish('b')] }, [endpoint('/other', [publish('b')])]);
    expect(saidOf(topology)).toEqual([LEFT_OUT('b')]);
  });
});
