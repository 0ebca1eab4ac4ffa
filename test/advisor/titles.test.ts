import { describe, expect, it } from 'vitest';
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
