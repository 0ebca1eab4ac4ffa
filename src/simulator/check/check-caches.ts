import type { Cache } from '../../model/network-policies.ts';
import { type Check, fields, number, optional, orNull, text, whole, flag } from './checks.ts';

/** Every instance's cache has a place for each key. */
const MOST_KEYS = 10_000_000;

const keys: Check = (value, at) => whole(1)(value, at) ?? number(1, MOST_KEYS)(value, at);

export const cache: Check = fields({
  id: text,
  keys,
  zipf: number(0, 10),
  capacity: orNull(whole(0)),
  ttlMs: orNull(number(0)),
  singleFlight: optional(flag),
  warm: optional(number(0, 1)),
  group: optional(text),
} satisfies Record<keyof Cache, Check>);

/** What instructions say of caches. */
export const CACHE_STEPS = (body: Check): Readonly<Record<string, Readonly<Record<string, Check>>>> => ({
  lookup: { cache: text, hit: body, miss: body },
  invalidate: { cache: text, all: optional(flag) },
});
