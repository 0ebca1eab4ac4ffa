import { describe, expect, it } from 'vitest';
import type { Network } from '../../../src/model/network.ts';
import { Engine } from '../../../src/simulator/engine/engine.ts';
import { type Histogram, quantileOf } from '../../../src/simulator/engine/histogram.ts';
import { single, topology8 } from '../../theory/networks.ts';
import { diceOf, randomNetwork } from '../random-networks.ts';

const lawOf = (it: Histogram): readonly number[] => [it.total, it.zeros, it.sum, it.sumOfSquares, it.max, quantileOf(it, 0.5), quantileOf(it, 0.99)];

/** What a run leaves behind, every bit of it. */
function played(network: Network, seed: number, isPlayedOut: boolean): object {
  const engine = new Engine(network, seed, (source) => network.sources[source]?.phases ?? []);
  engine.isPlayedOut = isPlayedOut;
  engine.run(300);
  engine.beginMeasuring();
  for (const untilMs of [1000, 1000.5, 3000]) engine.run(untilMs);
  const { events, allOffered, busyIntegral, queueIntegral, arrivals, released, refused, expired, demanded, offered, errors, inFlight, spent } = engine;
  const good = network.sources.map((_, source) => engine.goodOf(source));
  const laws = [engine.waits, engine.latency, engine.sojourn, engine.age].map((it) => it.map(lawOf));
  return { events, allOffered, busyIntegral, queueIntegral, arrivals, released, refused, expired, demanded, offered, good, errors, inFlight, spent, laws };
}

describe('the loop that has the common steps written out does what the methods do, to the bit', () => {
  it.each([
    ['one server', single(0.8, 1)],
    ['three servers, limited room and patience', single(4, 3, { kind: 'gamma', meanMs: 1, cv2: 0.25 }, { room: 5 }, 2)],
    ['eight stations', topology8()],
  ])('%s', (_, network) => {
    expect(played(network, 7, false)).toEqual(played(network, 7, true));
  });

  it('30 random networks of every instruction', () => {
    let events = 0;
    for (let seed = 0; seed < 30; seed++) {
      const network = randomNetwork(diceOf(seed));
      const fast = played(network, seed, false);
      expect(fast).toEqual(played(network, seed, true));
      events += (fast as { events: number }).events;
    }
    expect(events).toBeGreaterThan(50_000);
  });
});
