import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepOrdersShort } from '../../../src/simulator/engine/calendar-order.ts';
import { type Calendar, calendarFor, cancel, growCalendar, nextTime, schedule, scheduleAfter, take } from '../../../src/simulator/engine/calendar.ts';

/** What a calendar must do, as a list that is sorted at every question. */
class Reference {
  now = 0;
  private readonly pending = new Map<number, { time: number; order: number }>();
  private order = 0;

  has(slot: number): boolean {
    return this.pending.has(slot);
  }
  schedule(slot: number, time: number): void {
    this.pending.set(slot, { time, order: this.order++ });
  }
  cancel(slot: number): void {
    this.pending.delete(slot);
  }
  next(): { slot: number; time: number } | null {
    const sorted = [...this.pending].sort(([, a], [, b]) => a.time - b.time || a.order - b.order);
    const [first] = sorted;
    return first && first[1].time < Number.POSITIVE_INFINITY ? { slot: first[0], time: first[1].time } : null;
  }
  take(): void {
    const first = this.next();
    if (!first) return;
    this.now = first.time;
    this.pending.delete(first.slot);
  }
}

type Step = { kind: 'schedule' | 'timer'; slot: number; delay: number } | { kind: 'cancel'; slot: number } | { kind: 'take' } | { kind: 'grow' } | { kind: 'shorten' };

function play(slots: number, registers: number, steps: readonly Step[]): void {
  const calendar = calendarFor(slots, registers);
  const reference = new Reference();
  let room = slots;
  const takeOne = (): void => {
    const expected = reference.next();
    expect(nextTime(calendar)).toBe(expected ? expected.time : Number.POSITIVE_INFINITY);
    if (!expected) return;
    expect(take(calendar)).toBe(expected.slot);
    reference.take();
  };
  for (const step of steps) {
    if (step.kind === 'take') takeOne();
    else if (step.kind === 'grow') growCalendar(calendar, (room *= 2));
    else if (step.kind === 'shorten') keepOrdersShort(calendar, 1);
    else if (step.kind === 'cancel') {
      cancel(calendar, step.slot % room);
      reference.cancel(step.slot % room);
    } else {
      // A register has no timer; a slot has one event.
      const slot = step.slot % room;
      if (reference.has(slot)) continue;
      const time = reference.now + step.delay;
      if (step.kind === 'timer' && slot >= registers) scheduleAfter(calendar, slot, reference.now, step.delay);
      else schedule(calendar, slot, time);
      reference.schedule(slot, time);
    }
  }
  while (reference.next()) takeOne();
  expect(nextTime(calendar)).toBe(Number.POSITIVE_INFINITY);
}

const slot = fc.nat({ max: 255 });
/** Whole numbers make ties; the rest spans what a network has, from a slice to a far timeout. */
const delay = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 6 }) },
  { weight: 3, arbitrary: fc.double({ min: 0, max: 50, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 1e9, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(1e-9, 1000, 1e15, Number.POSITIVE_INFINITY) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 100, arbitrary: fc.record({ kind: fc.constant('schedule' as const), slot, delay }) },
  { weight: 40, arbitrary: fc.record({ kind: fc.constant('timer' as const), slot, delay: fc.oneof(fc.nat({ max: 12 }), fc.constantFrom(0.5, 7.25, 1e6)) }) },
  { weight: 40, arbitrary: fc.record({ kind: fc.constant('cancel' as const), slot }) },
  { weight: 80, arbitrary: fc.constant<Step>({ kind: 'take' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'grow' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'shorten' }) },
);

describe('calendar', () => {
  it('takes events as a sorted list would, ties in order of scheduling, whatever is cancelled', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 200 }), fc.constantFrom(0, 1, 3, 16, 20), fc.array(step, { maxLength: 600, size: 'max' }), (slots, registers, steps) => {
        play(Math.max(slots, registers + 1), registers, steps);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it.each([
    ['steady', (n: number) => 1 + (n % 97) / 97],
    ['ever quicker, so that days must shrink', (n: number) => 1000 / (1 + n)],
    ['ever slower, so that days must grow', (n: number) => 1e-6 * (1 + n) * (1 + n)],
    ['bursts and pauses', (n: number) => (n % 1000 < 990 ? (n % 7) * 1e-4 : 500)],
    ['all at once', (n: number) => Math.floor(n / 500) % 2],
    ['from microseconds to hours', (n: number) => [1e-3, 1, 1e3, 3.6e6][n % 4] as number],
  ])('keeps the order through every change of width: %s', (_, delayOf) => {
    const slots = 400;
    const calendar = calendarFor(slots, 1);
    const time = new Float64Array(slots);
    const order = new Float64Array(slots);
    let scheduled = 0;
    const put = (which: number, at: number): void => {
      time[which] = at;
      order[which] = scheduled++;
      schedule(calendar, which, at);
    };
    for (let which = 0; which < slots; which++) put(which, delayOf(which));
    let [lastTime, lastOrder] = [-1, -1];
    for (let n = slots; n < 30_000; n++) {
      const now = nextTime(calendar);
      const taken = take(calendar);
      expect(time[taken]).toBe(now);
      if (now < lastTime || (now === lastTime && (order[taken] as number) < lastOrder)) expect.fail(`event ${n} at ${now} after ${lastTime}`);
      [lastTime, lastOrder] = [now, order[taken] as number];
      put(taken, now + delayOf(n));
      if (n % 13 === 0) {
        const other = (n * 31) % slots;
        cancel(calendar, other);
        put(other, now + delayOf(n + 5));
      }
    }
    expect(pendingOf(calendar, slots)).toBe(slots);
  });

  it('keeps the order of so many that most wait in months, some taken back from there', () => {
    const slots = 20_000;
    const calendar = calendarFor(slots, 1);
    const time = new Float64Array(slots);
    const delayOf = (n: number): number => ((n * 7919) % 10_007) * (n % 100 === 0 ? 5 : 0.1);
    for (let which = 0; which < slots; which++) schedule(calendar, which, (time[which] = delayOf(which)));
    let last = -1;
    let mostInMonths = 0;
    for (let n = slots; n < 150_000; n++) {
      const now = nextTime(calendar);
      const taken = take(calendar);
      if (time[taken] !== now || now < last) expect.fail(`event ${n}: slot ${taken} of ${time[taken]} at ${now} after ${last}`);
      last = now;
      schedule(calendar, taken, (time[taken] = now + delayOf(n)));
      const other = (n * 31) % slots;
      if (n % 3 === 0) {
        cancel(calendar, other);
        schedule(calendar, other, (time[other] = now + delayOf(n + 5)));
      }
      mostInMonths = Math.max(mostInMonths, calendar.months.total);
    }
    expect(mostInMonths).toBeGreaterThan(slots / 2);
    expect(pendingOf(calendar, slots)).toBe(slots);
  });

  it('does not sort in one by one what is scheduled in one go', () => {
    const slots = 20_000;
    const calendar = calendarFor(slots);
    for (let which = 0; which < slots; which++) schedule(calendar, which, ((which * 7919) % 10_007) / 1000);
    expect(calendar.ahead + calendar.overflow.size).toBeGreaterThan(0.95 * slots);
    expect(pendingOf(calendar, slots)).toBe(slots);
  });

  it('does not make ever narrower days for events at one moment', () => {
    const slots = 64;
    const calendar = calendarFor(slots);
    for (let which = 0; which < slots; which++) schedule(calendar, which, which % 3);
    let now = 0;
    for (let n = 0; n < 400_000; n++) {
      now = nextTime(calendar);
      const taken = take(calendar);
      // Whole moments, reached out of order.
      schedule(calendar, taken, Math.floor(now) + 1 + ((n * 7) % 3));
    }
    expect(now).toBeGreaterThan(10_000);
    expect(calendar.perTime).toBeLessThan(100_000);
    expect(pendingOf(calendar, slots)).toBe(slots);
  });

  it('gives new orders before 32 bits run short, and not earlier', () => {
    const calendar = calendarFor(8);
    calendar.scheduled = 2 ** 30 - 2;
    // One near, one in the heap, one of a timer; all at one moment but the last.
    schedule(calendar, 5, 1e12);
    keepOrdersShort(calendar);
    expect(calendar.scheduled).toBe(2 ** 30 - 1);
    schedule(calendar, 2, 7);
    scheduleAfter(calendar, 3, 0, 7);
    keepOrdersShort(calendar);
    expect(calendar.scheduled).toBe(3);
    schedule(calendar, 1, 7);
    schedule(calendar, 4, 1e12);
    expect([0, 0, 0, 0, 0].map(() => [nextTime(calendar), take(calendar)])).toEqual([
      [7, 2],
      [7, 3],
      [7, 1],
      [1e12, 5],
      [1e12, 4],
    ]);
  });

  it('leaves nothing behind when everything is cancelled', () => {
    const calendar = calendarFor(64);
    for (let which = 0; which < 64; which++) {
      if (which % 3 === 0) scheduleAfter(calendar, which, 0, 10);
      else schedule(calendar, which, which * which * which);
    }
    for (let which = 0; which < 64; which++) cancel(calendar, which);
    expect(nextTime(calendar)).toBe(Number.POSITIVE_INFINITY);
    expect([calendar.ahead, calendar.today, calendar.overflow.size]).toEqual([0, -1, 0]);
  });

  it('serves an event that is earlier than one already looked at', () => {
    const calendar = calendarFor(8);
    schedule(calendar, 1, 1000);
    expect(nextTime(calendar)).toBe(1000);
    schedule(calendar, 2, 3);
    scheduleAfter(calendar, 3, 0, 2);
    const taken = [0, 0, 0].map(() => [nextTime(calendar), take(calendar)]);
    expect(taken).toEqual([
      [2, 3],
      [3, 2],
      [1000, 1],
    ]);
  });
});

function pendingOf(calendar: Calendar, slots: number): number {
  let pending = 0;
  for (let taken = 0; taken < slots && nextTime(calendar) < Number.POSITIVE_INFINITY; taken++) {
    take(calendar);
    pending++;
  }
  return pending;
}
