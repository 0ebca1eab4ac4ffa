import type { Distribution } from '../../../src/model/network.ts';
import { deterministic, exponential, law } from '../networks.ts';
import type { Row } from '../row.ts';

/** A row; `requests` per seed, `settle` in the case's unit of time. */
export const row = (id: string, make: Row['make'], measures: Row['measures'], requests: number, settle: number, more: Partial<Row> = {}): Row => ({
  id,
  make,
  measures,
  requests,
  settle,
  ...more,
});

/**
 * Ten relaxation times of a single queue: mean service ÷ servers · (ca² + cs²) / 2 ÷ (1 − √ρ)² each, exact for M/M/1 (Morse 1958), in heavy traffic right for the others.
 * An empty start is then forgotten to e⁻¹⁰. On top come ten services, in which many servers fill.
 */
export function relaxed(rate: number, servers: number, { mean = 1, cs2 = 1, ca2 = 1 } = {}): number {
  const idle = 1 - Math.sqrt((rate * mean) / servers);
  return 10 * mean * (1 + (ca2 + cs2) / 2 / servers / (idle * idle));
}

/** Insensitive models are held to three laws of equal mean. */
export const anyLaw: readonly (readonly [string, Distribution])[] = [
  ['exponential', exponential()],
  ['deterministic', deterministic()],
  ['lognormal', law('lognormal', 4)],
];
