import type { EndpointId } from './topology.ts';

/** How offered load moves over time. `spike` starts at the base rate, jumps for `seconds`, and falls back. */
export type Profile = { kind: 'steady' } | { kind: 'spike'; basePerSecond: number; peakPerSecond: number; seconds: number };

/** What counts as working. `null` = not declared: the documented assumption applies (simulation.md, "Breaks at"). */
export interface Objective {
  p95Ms: number | null;
  errorShare: number | null;
  messageAgeSeconds: number | null;
}

/** The question that is put to a topology. */
export interface Scenario {
  /** External requests per second over all entry endpoints. */
  targetPerSecond: number;
  /** The user chose the target (command, slider, `faultline.json`, `--rps`): only then may a finding be a warning. */
  targetSetByUser: boolean;
  profile: Profile;
  /** Weight per endpoint; null = the assumed mix (reads 80%, writes 20%, excluded 0). */
  mix: Readonly<Record<EndpointId, number>> | null;
  objective: Objective;
  /** How long a client waits before it gives up; null = the assumed 10 s. */
  clientPatienceMs: number | null;
  /** Clients behind the load; per-client limiters bind only where it is declared. */
  clientCount: number | null;
  seed: number;
}

export const DEFAULT_SCENARIO: Scenario = {
  targetPerSecond: 1000,
  targetSetByUser: false,
  profile: { kind: 'steady' },
  mix: null,
  objective: { p95Ms: null, errorShare: null, messageAgeSeconds: null },
  clientPatienceMs: null,
  clientCount: null,
  seed: 1,
};

/** Seconds of a day. */
const DAY_SECONDS = 86_400;

/** Average and peak requests per second of a daily volume; the peak factor 4 is assumed (2 to 10 seen). */
export function ratesOfDay(requestsPerDay: number, peakFactor = 4): { averagePerSecond: number; peakPerSecond: number } {
  const averagePerSecond = requestsPerDay / DAY_SECONDS;
  return { averagePerSecond, peakPerSecond: averagePerSecond * peakFactor };
}
