import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/simulator/engine/engine.ts';
import { AFTER, AGE, ANSWER, CAUSE, PARENT, ROLE, SOURCE, TASK } from '../../src/simulator/engine/task-row.ts';
import { NO_MESSAGE, NONE, UNAWAITED } from '../../src/simulator/engine/task-states.ts';
import { BUSY, LENGTH, UNIT } from '../../src/simulator/engine/units.ts';
import { simulate, validateNetwork } from '../../src/simulator/index.ts';
import { policyNetworks } from './policy-networks.ts';

/** What an engine has in use, for the eyes of this test only. */
interface Inside {
  capacity: number;
  sourceCount: number;
  freeHead: number;
  /** Records of tasks. */
  taskWords: Int32Array;
  child: Int32Array;
  pending: Int32Array;
  /** Records of units. */
  units: Int32Array;
  groupActive: Int32Array;
  groupBase: Int32Array;
  /** Clocks of faults, autoscalers and instances: they are no work. */
  standing: number;
}

describe('whatever policies a model has', () => {
  it('a run keeps the laws, and every number in it is a number', () => {
    // What happened in all runs together: a test of networks in which nothing happens would prove nothing.
    const seen = {
      timeouts: 0,
      withdrawn: 0,
      retries: 0,
      hedges: 0,
      fallbacks: 0,
      opened: 0,
      closed: 0,
      deadLettered: 0,
      dropped: 0,
      jobRetries: 0,
      delayed: 0,
      refused: 0,
      joined: 0,
      cold: 0,
      full: 0,
      crashed: 0,
      scaled: 0,
      deployed: 0,
    };
    fc.assert(
      fc.property(policyNetworks, fc.integer({ min: 1, max: 1000 }), (net, seed) => {
        expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
        const run = simulate(net, { seconds: 0.6, seed });
        expect(run.checks.little).toBeLessThan(1e-9);
        expect(run.checks.utilisation).toBeLessThan(1e-9);
        expect(run.checks.flow).toBe(0);
        for (const it of run.stations) seen.withdrawn += it.withdrawn;
        // JSON writes what is no number as null.
        expect(JSON.stringify(run, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? 'no number' : value))).not.toContain('no number');
        for (const it of run.calls ?? []) {
          seen.timeouts += it.timeouts;
          seen.retries += it.retries;
          seen.hedges += it.hedges;
          seen.fallbacks += it.fallbacks;
          expect(it.attempts).toBeLessThanOrEqual(it.calls + it.retries + it.hedges + 50);
          expect(it.fallbacks).toBeLessThanOrEqual(it.calls + 50);
        }
        for (const it of run.breakers ?? []) {
          expect(it.openShare).toBeLessThanOrEqual(1 + 1e-9);
          seen.opened += it.opened;
          seen.closed += it.closed;
        }
        for (const it of run.programs) {
          seen.deadLettered += it.deadLettered ?? 0;
          seen.dropped += it.dropped ?? 0;
          seen.jobRetries += it.retries ?? 0;
        }
        const changes = (run.groups ?? []).reduce((sum, it) => sum + it.changes.length - 1, 0);
        if (net.groups.some((it) => it.autoscaling)) seen.scaled += changes;
        else seen.deployed += changes;
        for (const it of run.caches ?? []) seen.joined += it.joined;
        for (const it of run.instances ?? []) {
          seen.cold += it.coldStarts;
          seen.full += it.noneFree;
          seen.crashed += it.crashes;
        }
        for (const it of run.limiters ?? []) {
          seen.delayed += it.delayed;
          seen.refused += it.refused;
        }
        expect(simulate(net, { seconds: 0.6, seed })).toEqual(run);
      }),
      { numRuns: 75, seed: 1 },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(20);
  });

  it('once all work has ended nothing is held, nobody waits, and no task is left over, not even in the records of free slots', () => {
    fc.assert(
      fc.property(policyNetworks, fc.integer({ min: 1, max: 1000 }), (net, seed) => {
        const engine = new Engine(net, seed, () => [{ fromMs: 0, perSecond: 200 }]);
        engine.run(300);
        engine.close();
        engine.run(Number.POSITIVE_INFINITY);
        const inside = engine as unknown as Inside;
        expect([...engine.busy].every((it) => it === 0)).toBe(true);
        expect([...engine.queued].every((it) => it === 0)).toBe(true);
        const units = Array.from({ length: inside.units.length / UNIT }, (_, unit) => [inside.units[UNIT * unit + BUSY], inside.units[UNIT * unit + LENGTH]]);
        expect(units.every(([busy, waiting]) => busy === 0 && waiting === 0)).toBe(true);
        // Before each group's instances lies a place for calls that never reached one.
        const nowhere = [...inside.groupBase].map((it) => it - 1);
        expect(inside.groupActive.every((it, place) => it === 0 || nowhere.includes(place))).toBe(true);
        for (const it of engine.breakers) expect(it.underWay).toBe(0);
        let free = 0;
        for (let slot = inside.freeHead; slot >= 0; slot = inside.taskWords[TASK * slot + AFTER] as number) {
          free++;
          const kept = [SOURCE, PARENT, CAUSE, ROLE, ANSWER, AGE].map((it) => inside.taskWords[TASK * slot + it]);
          expect([...kept, inside.child[slot], inside.pending[slot]]).toEqual([NONE, NONE, NONE, UNAWAITED, 0, NO_MESSAGE, NONE, 0]);
        }
        expect(inside.capacity - inside.sourceCount - free - inside.standing).toBe(0);
      }),
      { numRuns: 120, seed: 1 },
    );
  });
});
