import type { Place } from '../../model/known.ts';
import { callPackage } from './call.ts';
import { setIn } from './heap.ts';
import type { Machine } from './machine.ts';
import { type ObjectValue, UNKNOWN, type Value } from './values.ts';

/** The package under which the detector of collections is asked. */
export const COLLECTIONS = 'language collections';

const ask = (m: Machine, name: string, args: readonly Value[], place: Place, isNew: boolean): Value =>
  callPackage(m, { t: 'package', name: COLLECTIONS, path: [name] }, args, place, isNew);

/** `new Map()` and `new Set()`: what lives longer than a handler may grow with each of them; what a handler makes goes with it. */
export const collection = (m: Machine, type: string, args: readonly Value[], place: Place): Value => (m.tracing > 0 ? UNKNOWN : ask(m, type, args, place, true));

/** `cache[key] = value` in a handler, of an object that was there before it. */
export function keepUnder(m: Machine, of: ObjectValue, key: Value, place: Place): void {
  if (m.tracing === 0 || !of.made) return;
  const made = m.collections.get(of) ?? ask(m, 'object', [], of.made, true);
  if (made.t !== 'resource') return;
  if (!m.collections.has(of)) setIn(m, m.collections, m.collections, of, made);
  ask(m, 'set', [made, key], place, false);
}
