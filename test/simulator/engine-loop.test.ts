import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/model/network.ts';
import { Engine } from '../../src/simulator/engine.ts';
import { single, topology8 } from '../theory/networks.ts';
import { diceOf } from './dice.ts';
import { randomNetwork } from './random-networks.ts';

/** All that a run leaves behind, as text. */
function played(network: Network, seed: number, isPlayedOut: boolean): string {
  const engine = new Engine(network, seed, (source) => network.sources[source]?.phases ?? []);
  engine.isPlayedOut = isPlayedOut;
  engine.run(300);
  engine.beginMeasuring();
  engine.run(1000);
  engine.run(1000.5);
  engine.run(4000);
  return JSON.stringify(engine, (_key, value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value), 0).replaceAll(/"(isPlayedOut|ready|readyHead|readyTail|state|pc)":[^[]*?(\[[^\]]*\])?,/g, '');
}

describe('the loop that has the common steps written out', () => {
  it.each([
    ['one server', single(0.8, 1)],
    ['three servers, limited room and patience', single(4, 3, { kind: 'gamma', meanMs: 1, cv2: 0.25 }, { room: 5 }, 2)],
    ['eight stations', topology8()],
  ])('does what the methods do, to the bit: %s', (_, network) => {
    expect(played(network, 7, false)).toBe(played(network, 7, true));
  });
});
