/**
 * What the engine keeps of a station's unit (one per instance) lies side by side, 64 bytes: eight halves of which the first four are numbers, seen as `Float64Array`,
 * and the rest integers, seen as `Int32Array`. A step at a station reads and writes nearly all of it.
 */
export const UNIT = 16;
export const UNIT_BITS = 4;
/** The same in numbers. */
export const UNIT_NUMBERS = 8;
/** Moments at which servers became free less those at which they became busy: with those that are busy now it is their time integral. */
export const HELD = 0;
/** The same of places in the queue. */
export const WAITED = 1;
/** Times of service that were drawn, at stations that are not `special`: the utilisation law compares them with the time that servers were busy. */
export const DEMANDED = 2;
/** Since `settle`: who did not wait and is not in the histogram of waits yet. */
export const UNWAITED = 3;
export const BUSY = 8;
/** Whole, and as many as there can be for any. */
export const SERVERS = 9;
export const HEAD = 10;
export const TAIL = 11;
export const LENGTH = 12;
export const ROOM = 13;
/** Since `settle`. */
export const ARRIVED = 14;
export const RELEASED = 15;

const MOST = 2147483647;

/** Units of stations with so many servers and so much room. */
export function unitsFor(servers: readonly number[], room: readonly number[]): Int32Array {
  const units = new Int32Array(UNIT * servers.length);
  servers.forEach((many, unit) => {
    units[UNIT * unit + SERVERS] = Math.min(MOST, Math.ceil(many));
    units[UNIT * unit + ROOM] = Math.min(MOST, Math.ceil(room[unit] as number));
    units[UNIT * unit + HEAD] = units[UNIT * unit + TAIL] = -1;
  });
  return units;
}
