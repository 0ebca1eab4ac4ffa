import { UNIT } from './units.ts';
import type { Bytecode } from './bytecode.ts';
import { HAS_LAW, HAS_LIMIT, HAS_ROOM, HAS_UNITS, MANY, NUMBER, OP, OPERAND, ROW, ROW_NUMBERS, STREAM, UNITS } from './hot-row.ts';
import { ACQUIRE, BRANCH, DELAY, EXPONENTIAL, OTHER, RELEASE, SERVE } from './opcodes.ts';

/** The instructions in the form of `hot-row.ts`. Rows of what the loop leaves to `step` say `OTHER`. */
export function hotRows(
  code: Bytecode,
  stations: { special: Uint8Array; room: Float64Array; unitBase: Int32Array; unitCount: Int32Array },
  firstProgram: number,
  firstStation: number,
): Int32Array {
  const { special, room, unitBase, unitCount } = stations;
  const rows = new Int32Array(ROW * code.op.length);
  const numbers = new Float64Array(rows.buffer);
  code.op.forEach((op, pc) => {
    const a = code.a[pc] as number;
    const at = ROW * pc;
    const isAtStation = op === SERVE || op === ACQUIRE || op === RELEASE;
    const program = pc < code.programRows ? programAt(code.start, pc) : -1;
    const asksFor = op === SERVE || op === ACQUIRE;
    rows[at + OP] =
      ((isAtStation && special[a]) || (program < 0 && (op === DELAY || op === BRANCH)) ? OTHER : op) +
      ((op === SERVE || op === DELAY) && code.b[pc] !== EXPONENTIAL ? HAS_LAW : 0) +
      (asksFor && (code.hasRetention || code.z[pc] !== Number.POSITIVE_INFINITY) ? HAS_LIMIT : 0) +
      (asksFor && room[a] !== Number.POSITIVE_INFINITY ? HAS_ROOM : 0) +
      (isAtStation && unitCount[a] !== 1 ? HAS_UNITS : 0);
    rows[at + OPERAND] = a;
    rows[at + STREAM] = isAtStation ? firstStation + a : firstProgram + program;
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
