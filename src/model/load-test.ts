import type { InputId } from './inputs.ts';
import type { Place, Unit } from './known.ts';
import type { EndpointId } from './topology.ts';

/** How one route answered under a load. */
export interface LoadedRoute {
  perSecond: number;
  p95Ms: number;
  /** Share of the requests that failed; absent: not told. */
  errorShare?: number;
  /** Requests that it rests on; absent: not told. */
  count?: number;
}

/** A load that somebody put on the system and how it answered, as `faultline.json` keeps it: no input of the model, but what it is held against. */
export interface LoadTest {
  /** By endpoint id (`api GET /orders`), or `GET /orders` for the one that ends so: all that were loaded, for they share what is behind them. */
  routes: Readonly<Record<string, LoadedRoute>>;
  source?: string;
  /** A date, or a time in ISO 8601. */
  at?: string;
  /** Print of the code that was loaded (`measurements/code-print.ts`). */
  code?: string;
}

/** A load test with its routes by endpoint id. */
export interface ResolvedLoadTest extends Omit<LoadTest, 'routes'> {
  routes: Readonly<Record<EndpointId, LoadedRoute>>;
}

/**
 * How a prediction stands to a measurement:
 * `agrees` within the model's own error and the measurement's; `withinAssumed`: some values within the assumed ranges bring them together; `disagrees`: none does.
 */
export type Standing = 'agrees' | 'withinAssumed' | 'disagrees';

/** One route of a load test beside what the model says of it. */
export interface RouteHeld {
  endpoint: EndpointId;
  perSecond: number;
  measuredP95Ms: number;
  /** Of the measurement: 95% interval of a quantile of that many requests. */
  measuredRangeMs: readonly [number, number];
  /** Null: no steady state at that load. */
  predictedP95Ms: number | null;
  /** P10 to P90 over what is assumed; null: no upper end. */
  predictedRangeMs: readonly [low: number, high: number | null];
  measuredErrorShare: number | null;
  predictedErrorShare: number;
  /** Predicted ÷ measured − 1; null where nothing steady was predicted. */
  error: number | null;
  standing: Standing;
}

/** The assumed input whose change brings a prediction to its measurement with the least violence to its range. */
export interface Suspect {
  input: InputId;
  label: string;
  unit: Unit;
  /** What it would have to be. */
  value: number;
  low: number;
  high: number;
  /** How far that is from the middle of its range, in standard deviations (its range ends at ±1.64). */
  deviations: number;
  /** With it, prediction and measurement agree. */
  explains: boolean;
  places: readonly Place[];
}

/** A load test beside the prediction for exactly that load. */
export interface HeldAgainst {
  source: string;
  at: string | null;
  /** The code that was loaded is another one by now. */
  isStale: boolean;
  routes: readonly RouteHeld[];
  /** Null where all agree, or nothing that is assumed explains the difference. */
  suspect: Suspect | null;
}
