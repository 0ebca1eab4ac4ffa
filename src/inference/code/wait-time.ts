import type { Place } from '../../model/known.ts';
import type { Told } from '../detector.ts';
import { numberOf, object, toldNumber, type Value } from './values.ts';

/** How long a timer waits: a number, a time that is not read, or undefined where there is nothing to wait for. */
export function waitTold(after: Value | undefined, place: Place): Told | undefined {
  const ms = numberOf(after);
  if (ms !== undefined) return ms > 0 ? { value: ms, place: (after && 'place' in after ? after.place : undefined) ?? place } : undefined;
  return after === undefined || after.t === 'nothing' ? undefined : toldNumber(object([['ms', after]]), 'ms');
}
