import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planModel } from '../../src/simulator/index.ts';
import { cli, inFolder } from './run-cli.ts';

const queue = {
  version: 1,
  groups: [],
  stations: [{ id: 's', component: 's', label: 's', servers: 1, room: null, discipline: 'fifo' }],
  programs: [{ id: 'main', body: [{ op: 'serve', station: 's', service: { kind: 'exponential', meanMs: 1 } }] }],
  sources: [{ id: 'load', program: 'main', arrivals: 'poisson', share: 1, phases: [{ fromMs: 0, perSecond: 500 }], patienceMs: null }],
};
const spike = { ...queue, sources: [{ ...queue.sources[0], phases: [...queue.sources[0]!.phases, { fromMs: 1000, perSecond: 1500 }] }] };
const files = { 'queue.json': JSON.stringify(queue), 'spike.json': JSON.stringify(spike), 'wrong.json': JSON.stringify({ ...queue, stations: [] }) };
const json = (...args: string[]) => JSON.parse(cli('simulate', ...args, '--format', 'json').out);

describe('simulate', () => {
  it.each([
    [['wrong.json'], 'there is no station "s"'],
    [['queue.json', '--replications', '1.5'], '--replications takes a whole number'],
    [['queue.json', '--within', '1,soon'], '--within takes a number of at least 0'],
  ])('%j: one line, exit 2', (args, message) =>
    inFolder(files, (folder) => {
      const ran = cli('simulate', join(folder, args[0] as string), ...args.slice(1));
      expect(ran).toMatchObject({ code: 2, out: '' });
      expect(ran.err.trim().split('\n')).toHaveLength(1);
      expect(ran.err).toContain(message);
    }),
  );

  const plain = { engine: 'events', seed: 1, series: false } as const;
  it.each([
    [queue, { ...plain, precision: 0.05, seconds: 3 }, '--precision decides how long the run is'],
    [spike, { ...plain, precision: 0.05 }, 'a precision is for a steady load'],
    [spike, { ...plain, engine: 'solve' }, 'the analytic engine needs one steady rate'],
  ] as const)('options that do not go together: %#', (model, options, message) => expect(planModel(model, options)).toMatchObject({ error: expect.stringContaining(message) }));

  it('to a precision, with intervals and what the slowest waited for', () =>
    inFolder(files, (folder) => {
      const run = json(join(folder, 'queue.json'), '--precision', '0.05');
      expect(run.precision).toMatchObject({ asked: 0.05, isReached: true });
      const [low, high] = run.sources[0].latencyMs.interval95.mean;
      expect(low).toBeLessThan(2.1);
      expect(high).toBeGreaterThan(1.9);
      expect(run.sources[0].attribution.p99.stations[0].id).toBe('s');
    }));

  it('a story is told twenty times, and the threads do not show', () =>
    inFolder(files, (folder) => {
      const told = (...more: string[]) => cli('simulate', join(folder, 'spike.json'), '--seconds', '2', '--series', '--format', 'json', ...more).out;
      const two = told('--threads', '2');
      expect(JSON.parse(two)).toMatchObject({ replications: 20, warmupSeconds: 0 });
      expect(JSON.parse(two).series[1].interval95.inFlight[0]).toBeGreaterThan(100);
      expect(told('--threads', '1')).toBe(two);
    }));
});
