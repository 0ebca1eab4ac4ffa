import { describe, expect, it } from 'vitest';
import { counted, duration, grouped, groupedIn, inUnit, percent, rate, significant, span, times } from '../../src/advisor/numbers.ts';
import { type Effect, titleOf } from '../../src/advisor/phrase.ts';
import type { RemedyIdea } from '../../src/model/weakness.ts';

const idea = (does: string, price = ''): RemedyIdea => ({ id: 'x', effort: 1, does, change: null, edit: null, price });
const load = (before: number | null, after: number | null, assumed: boolean, bindsNext: string | null): Effect => ({ kind: 'load', before, after, assumed, bindsNext });

describe('titles state effect and price', () => {
  it.each<[string, RemedyIdea, Effect]>([
    ["Set pool max to 25: ×5 until db's 8 cores bind · 25 of 100 connections", idea('Set pool max to 25', '25 of 100 connections'), load(310, 1550, true, "db's 8 cores bind")],
    [
      'Set pool max to 25: breaks at 310 → 775 req/s until event loop of api binds · 75 of 100 connections',
      idea('Set pool max to 25', '75 of 100 connections'),
      load(310, 775, false, 'event loop of api binds'),
    ],
    ['Cache SELECT orders in Redis: ×1.4', idea('Cache SELECT orders in Redis'), load(1000, 1400, true, null)],
    ['Set pool max to 25: no limit found behind it', idea('Set pool max to 25'), load(310, null, false, null)],
    ['Share the connection: holds up to 810 req/s', idea('Share the connection'), load(0, 812, true, null)],
    [
      'Give up waiting for a connection after 2,000 ms: 12% → 66% answered in time at 1.5× overload · fails 4.8% of requests at the target',
      idea('Give up waiting for a connection after 2000 ms'),
      { kind: 'goodput', before: 0.12, after: 0.66, drainBefore: null, drainAfter: 3, failsAtTarget: 0.048 },
    ],
    ['Set a timeout: recovers from overload in 3 s', idea('Set a timeout'), { kind: 'goodput', before: 0.66, after: 0.66, drainBefore: 40, drainAfter: 3, failsAtTarget: 0 }],
    [
      'Put BullMQ between POST /orders and db: the spike passes, 99.9% answered in time, backlog gone 12 s after · answers 202',
      idea('Put BullMQ between POST /orders and db', 'answers 202'),
      { kind: 'spike', passes: true, before: 0.4, after: 0.9991, drainSeconds: 12 },
    ],
    [
      'Run mails in a process of its own: p95 120 ms → 40 ms for the requests beside it',
      idea('Run mails in a process of its own'),
      { kind: 'latency', beforeMs: 120, afterMs: 40 },
    ],
    [
      'Set pool max to 5: no connection refused when every pool is full · 60 of 100 connections',
      idea('Set pool max to 5', '60 of 100 connections'),
      { kind: 'refused', before: 140, after: 0 },
    ],
    ['Put PgBouncer before db · one service more', idea('Put PgBouncer before db', 'one service more'), { kind: 'none' }],
  ])('%s', (title, it, effect) => expect(titleOf(it, effect)).toBe(title));
});

describe('numbers', () => {
  it.each<[string, string]>([
    [grouped('1000'), '1,000'],
    [grouped('999'), '999'],
    [grouped('1234567.125'), '1,234,567.125'],
    [groupedIn('after 2000 ms, port:8080, src/a2000.ts and 12 more'), 'after 2,000 ms, port:8080, src/a2000.ts and 12 more'],
    [significant(1234, 2), '1,200'],
    [significant(0.0123, 2), '0.012'],
    [significant(999.6, 3), '1,000'],
    [significant(5, 2, true), '5.0'],
    [significant(5, 2), '5'],
    [significant(0, 2), '0'],
    [rate(312.4, true), '310'],
    [rate(312.4, false), '312'],
    [rate(1_000_000, false), '1,000,000'],
    [times(2.5), '×2.5'],
    [times(5.04), '×5'],
    [times(12.4), '×12'],
    [times(1.034), '×1.03'],
    [percent(0.9999), '99.9%'],
    [percent(1), '100%'],
    [percent(0.0004), 'under 0.1%'],
    [percent(0.048), '4.8%'],
    [percent(0.43), '43%'],
    [duration(84.4), '84 ms'],
    [duration(1234), '1.2 s'],
    [duration(60_000), '60 s'],
    [duration(180_000), '3 min'],
    [inUnit(5, 'ms'), '5.0 ms'],
    [inUnit(16, 'connections'), '16'],
    [inUnit(0.82, 'ratio'), '82%'],
    [span(1, 30, 'ms'), '1–30 ms'],
    [span(0.5, 0.95, 'ratio'), '50%–95%'],
    [counted(1, 'connection'), '1 connection'],
    [counted(2000, 'connection'), '2,000 connections'],
  ])('%s', (made, expected) => expect(made).toBe(expected));
});
