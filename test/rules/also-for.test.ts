import { expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { RULES } from '../../src/rules/index.ts';
import { assess } from '../../src/simulator/index.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { queueOf } from './topologies.ts';

/** The same queue several times, each with a worker, all made by one construction. */
function made(times: number): Topology {
  const one = queueOf();
  const names = Array.from({ length: times }, (_, at) => (at === 0 ? 'emails' : `emails${at + 1}`));
  return { ...one, channels: names.flatMap((id) => one.channels.map((it) => ({ ...it, id, name: id }))) };
}

it.each([
  [1, '(?!.*also for)'],
  [2, 'also for emails2$'],
  [4, 'also for emails2 and 2 more$'],
])('the edit of a construction that %d queues come from says whom else it is for', (times, words) => {
  const topology = made(times);
  const scenario = { ...DEFAULT_SCENARIO, targetPerSecond: 1000, targetSetByUser: true };
  const found = RULES.filter((it) => it.id === 'slow-consumer').flatMap((it) => it.find({ topology, scenario, outcome: assess(topology, scenario) }));
  const price = found.find((it) => it.facts.channel === 'emails')?.remedies.find((it) => it.id === 'set-worker-concurrency')?.price;
  expect(price).toMatch(new RegExp(`^\\d+ jobs at once in each process${words.startsWith('(') ? words : `, ${words}`}`));
});
