import { describe, expect, it } from 'vitest';
import { type Known, known, none, unknown } from '../../src/model/known.ts';
import type { Channel, Topology } from '../../src/model/topology.ts';
import { assess, compile } from '../../src/simulator/index.ts';
import { apiAndDatabase, at, component, compute, endpoint, ms } from './topologies.ts';

const place = { file: 'src/app.ts', line: 1 };
const FRAME = { ranges: false, ladder: false, breakEven: false, spike: false } as const;
const count = (value: number): Known => known(value, 'jobs', 'declared');

/** An API that publishes to a channel, and a worker of `processes` processes with `jobMs` of CPU per message. */
const messages = (concurrency: Known, more: Partial<Channel> = {}, processes = 1, jobMs = 2): Topology => {
  const base = apiAndDatabase();
  return {
    ...base,
    components: [
      ...base.components,
      component('broker', 'queue', { engine: 'rabbitmq', parallelism: unknown('not said') }),
      component('worker', 'worker', { processes: known(processes, 'processes', 'declared') }),
    ],
    endpoints: [
      endpoint('/mails', [compute(ms(0.1)), { kind: 'publish', label: 'publish mails', channel: 'mails', serviceMs: ms(1), awaited: true, place }]),
      endpoint('', [compute(ms(jobMs), 'mailing')], { id: 'worker consumes mails', component: 'worker', trigger: { kind: 'message', channel: 'mails' }, external: false }),
    ],
    channels: [
      {
        id: 'mails',
        name: 'mails',
        broker: 'broker',
        kind: 'queue',
        library: 'amqplib',
        producers: [{ component: 'api', place }],
        consumers: [{ component: 'worker', endpoint: 'worker consumes mails', concurrency, place }],
        attempts: unknown('not asked'),
        partitions: unknown('a queue has none'),
        place,
        ...more,
      },
    ],
  };
};

describe('messages that are handled at once', () => {
  it.each<[string, Topology, number | null]>([
    ['concurrency 4', messages(count(4)), 4],
    ['concurrency 4 in each of 3 processes', messages(count(4), {}, 3), 12],
    ['no limit: as many as come', messages(none()), null],
    ['no limit, in 3 processes', messages(none(), {}, 3), null],
    ['a topic: no more than its partitions', messages(count(8), { kind: 'topic', partitions: known(6, 'count', 'declared') }), 6],
    ['a topic whose partitions nobody knows', messages(count(8), { kind: 'topic' }), 8],
  ])('%s', (_name, topology, servers) => {
    const { network } = compile(topology, at(10));
    expect(network.stations.find((it) => it.id === 'mails consumers at worker')?.servers).toBe(servers);
  });

  it('a missing limit is said, and its process drains at the rate of the event loop', () => {
    const outcome = assess(messages(none()), at(1000), FRAME);
    expect(outcome.assumptions).toContain('concurrency of mails at worker: no limit is set, so nothing but its process limits the messages under way');
    expect(outcome.channels).toMatchObject([{ id: 'mails', inPerSecond: expect.closeTo(1000, 3), drainPerSecond: expect.closeTo(500, 0) }]);
    expect(outcome.channels[0]?.backlogGrowthPerSecond).toBeCloseTo(500, 0);
  });
});
