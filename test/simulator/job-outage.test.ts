import { describe, expect, it } from 'vitest';
import { known } from '../../src/model/known.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import type { Channel } from '../../src/model/topology.ts';
import { playJobOutage } from '../../src/simulator/index.ts';
import { queueOf } from '../rules/topologies.ts';

const played = (channel: Partial<Channel>, id = 'emails') => {
  const topology = queueOf({ concurrency: known(20, 'jobs', 'declared') });
  return playJobOutage({ ...topology, channels: topology.channels.map((it) => ({ ...it, ...channel })) }, { ...DEFAULT_SCENARIO, targetPerSecond: 200 }, id);
};
const attempts = (value: number) => known(value, 'count', 'declared');
const pause = (kind: 'fixed' | 'exponential', ms: number) => ({ kind, delayMs: known(ms, 'ms', 'declared') }) as const;

describe('ten seconds in which every attempt fails', () => {
  // A job that comes t before the end is saved where its pauses add up to more than t: of 10 s those of the first 10 s − pauses are lost.
  it.each<[string, Partial<Channel>, number]>([
    ['one attempt loses all', {}, 1],
    ['three at once lose all', { attempts: attempts(3) }, 1],
    ['1 s and 2 s save the last 3 s', { attempts: attempts(3), backoff: pause('exponential', 1000) }, 0.7],
    ['twice 4 s save the last 8 s', { attempts: attempts(3), backoff: pause('fixed', 4000) }, 0.2],
    ['1 + 2 + 4 + 8 s save all', { attempts: attempts(5), backoff: pause('exponential', 1000) }, 0],
  ])('%s', (_says, channel, share) => {
    const it = played(channel);
    expect(it!.lost / it!.arrived).toBeGreaterThanOrEqual(share - 0.08);
    expect(it!.lost / it!.arrived).toBeLessThanOrEqual(share + 0.08);
  });

  it('is not played where no messages come', () => expect(played({}, 'no such channel')).toBeNull());
});
