import { UNIT } from './units.ts';
import type { Bytecode } from './bytecode.ts';
import { ACQUIRE, BRANCH, DELAY, EXPONENTIAL, OTHER, RELEASE, SERVE } from './opcodes.ts';

/**
 * What the loop reads of an instruction, eight words side by side; the last two are a number, seen as a `Float64Array`.
 * It is what `Bytecode` says, with everything looked up that follows from it.
 */
export const ROW = 8;
export const OP = 0;
/** Station, program or target. */
export const OPERAND = 1;
/** Of a station: the place of its first unit's record, and how many units it has. */
export const UNITS = 2;
export const MANY = 3;
/** Stream of its draws. */
export const STREAM = 4;
/** How much the loop must ask for: nothing, the law of a time that is not exponential, or the wait limit as well. */
export const ASKS = 5;
export const NUMBER = 3;
export const ROW_NUMBERS = 4;

/** Draws an exponential time, and nobody who waits has a limit. */
export const PLAIN = 0;
export const HAS_LAW = 1;
export const HAS_LIMIT = 2;

/** Rows of what the loop leaves to `step` say `OTHER`. */
export function hotRows(code: Bytecode, special: Uint8Array, unitBase: Int32Array, unitCount: Int32Array, firstProgram: number, firstStation: number): Int32Array {
  const rows = new Int32Array(ROW * code.op.length);
  const numbers = new Float64Array(rows.buffer);
  code.op.forEach((op, pc) => {
    const a = code.a[pc] as number;
    const at = ROW * pc;
    const isAtStation = op === SERVE || op === ACQUIRE || op === RELEASE;
    const program = pc < code.programRows ? programAt(code.start, pc) : -1;
    rows[at + OP] = (isAtStation && special[a]) || (program < 0 && (op === DELAY || op === BRANCH)) ? OTHER : op;
    rows[at + OPERAND] = a;
    rows[at + STREAM] = isAtStation ? firstStation + a : firstProgram + program;
    rows[at + ASKS] =
      ((op === SERVE || op === DELAY) && code.b[pc] !== EXPONENTIAL ? HAS_LAW : PLAIN) +
      ((op === SERVE || op === ACQUIRE) && (code.hasRetention || code.z[pc] !== Number.POSITIVE_INFINITY) ? HAS_LIMIT : PLAIN);
    numbers[ROW_NUMBERS * pc + NUMBER] = code.x[pc] as number;
    if (!isAtStation) return;
    rows[at + UNITS] = UNIT * (unitBase[a] as number);
    rows[at + MANY] = unitCount[a] as number;
  });
  return rows;
}

/** The program that a row lies in. */
function programAt(start: Int32Array, pc: number): number {
  let program = 0;
  while (program + 1 < start.length && (start[program + 1] as number) <= pc) program++;
  return program;
}
