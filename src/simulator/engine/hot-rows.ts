import { UNIT } from './units.ts';
import type { Bytecode } from './bytecode.ts';
import { ACQUIRE, OTHER, RELEASE, SERVE } from './opcodes.ts';

/**
 * What the loop reads of an instruction, four words side by side: the instruction, its station or target, and of a station the place of its first unit's record and the number of its units.
 */
export function hotRows(code: Bytecode, special: Uint8Array, unitBase: Int32Array, unitCount: Int32Array): Int32Array {
  const rows = new Int32Array(4 * code.op.length);
  code.op.forEach((op, pc) => {
    const a = code.a[pc] as number;
    const isAtStation = op === SERVE || op === ACQUIRE || op === RELEASE;
    rows.set(isAtStation ? [special[a] ? OTHER : op, a, UNIT * (unitBase[a] as number), unitCount[a] as number] : [op, a, 0, 0], 4 * pc);
  });
  return rows;
}
