/** One figure beside its prediction. */
export interface Row {
  system: string;
  what: string;
  unit: string;
  predicted: number;
  measured: number;
  /** Relative error that is allowed; null: shown, not judged. */
  bar: number | null;
  /** What the machine did besides. */
  machine?: string;
}

/** A line of the table. */
export function print({ system, what, unit, predicted, measured, bar, machine = '' }: Row): string {
  const error = measured === 0 ? (predicted === 0 ? 0 : Number.POSITIVE_INFINITY) : predicted / measured - 1;
  const verdict = bar === null ? ' ' : Math.abs(error) <= bar ? '✓' : '✗';
  const shown = (value: number): string => (Number.isFinite(value) ? (Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4)) : '–').padStart(9);
  return `${verdict} ${system.padEnd(58)} ${what.padEnd(44)} ${shown(predicted)} ${shown(measured)} ${unit.padEnd(6)} ${`${(100 * error).toFixed(1)}%`.padStart(8)}  ${machine}`.trimEnd();
}

export const THROUGHPUT_BAR = 0.05;
export const P95_BAR = 0.15;
