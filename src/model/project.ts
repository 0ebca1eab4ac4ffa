import type { LoadTest } from './load-test.ts';
import type { Measurement } from './measurement.ts';
import type { Profile } from './scenario.ts';

/** The committed `faultline.json`: what the workspace itself cannot say. Every field may be missing. Schema: project.schema.json. */
export interface Project {
  target?: { requestsPerSecond: number };
  profile?: Profile;
  objective?: { p95Ms?: number; errorShare?: number; messageAgeSeconds?: number };
  /** Weight per endpoint id (`api GET /orders`) or bare `GET /orders`. */
  mix?: Record<string, number>;
  deployment?: string;
  clients?: { patienceMs?: number; count?: number };
  /** Values by input id (`model/inputs.ts`), or by the short form `db SELECT orders`. */
  measurements?: Measurement[];
  /** What predictions are held against. */
  loadTests?: LoadTest[];
  overrides?: { input: string; value: number; reason?: string }[];
  suppressions?: { rule: string; file?: string; reason: string }[];
}
