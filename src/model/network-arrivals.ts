import type { Distribution } from './network.ts';

/**
 * How requests of a source come, at the rate that its phases give. All but `deterministic` are random.
 * `renewal`: independent gaps with this squared coefficient of variation (gamma below 1, hyperexponential with balanced means above).
 * `batch`: groups come as a Poisson stream, each with a geometric number of requests of this mean.
 * `mmpp`: a Poisson stream whose rate changes at random: each state multiplies the phases' rate by its `factor` and lasts an exponential time,
 * then the next state of the list begins (after the last the first; choose factors with Σ factor·meanMs / Σ meanMs = 1 to keep the phases' rate as the mean).
 */
export type ArrivalProcess =
  | 'poisson'
  | 'deterministic'
  | { kind: 'renewal'; cv2: number }
  | { kind: 'batch'; meanSize: number }
  | { kind: 'mmpp'; states: readonly { factor: number; meanMs: number }[] };

/** A rate from a moment on; with `toPerSecond` it changes linearly until the next phase begins (not in the last one). */
export interface Phase {
  fromMs: number;
  perSecond: number;
  toPerSecond?: number;
}

/** A fixed number of users; each begins with a think time. */
export interface Closed {
  users: number;
  think: Distribution;
}
