import { ACQUIRE, type Bytecode, RELEASE, SERVE } from './bytecode.ts';

/** What the loop leaves to `step`: stations that do more than serve in order of arrival. Greater than any instruction. */
export const OTHER = 255;

/**
 * What the loop reads of an instruction, four words side by side: the instruction, its station or target, and of a station the first of its units and their number.
 */
export function hotRows(code: Bytecode, special: Uint8Array, unitBase: Int32Array, unitCount: Int32Array): Int32Array {
  const rows = new Int32Array(4 * code.op.length);
  code.op.forEach((op, pc) => {
    const a = code.a[pc] as number;
    const isAtStation = op === SERVE || op === ACQUIRE || op === RELEASE;
    rows.set(isAtStation ? [special[a] ? OTHER : op, a, unitBase[a] as number, unitCount[a] as number] : [op, a, 0, 0], 4 * pc);
  });
  return rows;
}
