import type { Unit } from './known.ts';

/** A value that somebody measured, as `faultline.json` keeps it. */
export interface Measurement {
  /** An input (`inputs.ts`), or an endpoint's share of the load (`share api GET /orders`). */
  input: string;
  value: number;
  /** Absent: the input's own unit. */
  unit?: string;
  basis?: 'measured';
  /** The tool, and what it went by: `pg_stat_statements, 1,204 calls`. */
  source?: string;
  /** How often it ran while it was measured, a second: executions of the statement, requests of the process. */
  perSecond?: number;
  /** When it was measured: a date, or a time in ISO 8601. */
  at?: string;
  /** Print of the code that it is about, as it was then (`measurements/code-print.ts`): when the code is another one, the value is stale. */
  code?: string;
}

const TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1000, us: 0.001, µs: 0.001 };
const RATIOS: Readonly<Record<string, number>> = { ratio: 1, '%': 0.01 };
const COUNTED: Readonly<Record<string, number>> = { connections: 1, jobs: 1, processes: 1, replicas: 1, cores: 1, count: 1 };

/** Every unit that a measurement may be written in. */
export const MEASUREMENT_UNITS: readonly string[] = [TIMES, RATIOS, COUNTED].flatMap((it) => Object.keys(it));

/** A value in the unit of its input; undefined where one can't be said in the other. */
export function inUnitOf(unit: Unit, value: number, written: string | undefined): number | undefined {
  if (written === undefined) return value;
  const scales = unit === 'ms' ? TIMES : unit === 'ratio' ? RATIOS : COUNTED;
  const scale = scales[written];
  // Divided by a whole number, 200 µs are 0.2 ms; multiplied by 0.001 they are not.
  return scale === undefined ? undefined : scale < 1 ? value / Math.round(1 / scale) : value * scale;
}
