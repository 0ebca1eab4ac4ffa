import type { ArrivalProcess, Phase } from '../../model/network-arrivals.ts';
import { log } from '../arithmetic.ts';
import { exponential, gamma, hyperexponential, type Streams, uniform } from './streams.ts';
import { balancedShare } from './times.ts';
import { DETERMINISTIC, EXPONENTIAL, GAMMA, HYPEREXPONENTIAL } from './opcodes.ts';

/**
 * Arrivals that are more than a Poisson or paced stream at constant rates: plain data that `nextArrival` moves on.
 * Gaps are drawn in operational time, in which the rate is 1, and turned into real time through the integral of the rate (Çinlar's inversion):
 * exact for a Poisson stream of changing rate, and what keeps the shape of a renewal stream through a ramp.
 */
export interface ArrivalPlan {
  /** Law of the gaps, and its shape. */
  gaps: number;
  shape: number;
  /** Mean number that comes at once. */
  meanSize: number;
  /** Phases: start, requests a millisecond at the start, and what is added each millisecond. */
  fromMs: Float64Array;
  rate: Float64Array;
  slope: Float64Array;
  /** Modulating states in turn (none: no modulation), the present one, and when it ends. */
  factor: Float64Array;
  meanMs: Float64Array;
  state: number;
  stateEndsMs: number;
}

/** What a source needs beyond constant rates; null for Poisson and paced streams whose phases do not ramp, which the engine plays itself. */
export function planOf(arrivals: ArrivalProcess, phases: readonly Phase[]): ArrivalPlan | null {
  const isPlain = arrivals === 'poisson' || arrivals === 'deterministic';
  if (isPlain && phases.every((it) => it.toPerSecond === undefined)) return null;
  const [gaps, shape] = gapsOf(arrivals);
  const states = typeof arrivals === 'object' && arrivals.kind === 'mmpp' ? arrivals.states : [];
  return {
    gaps,
    shape,
    meanSize: typeof arrivals === 'object' && arrivals.kind === 'batch' ? arrivals.meanSize : 1,
    fromMs: Float64Array.from(phases, (it) => it.fromMs),
    rate: Float64Array.from(phases, (it) => it.perSecond / 1000),
    slope: Float64Array.from(phases, (it, index) => {
      const next = phases[index + 1];
      return it.toPerSecond === undefined || next === undefined ? 0 : (it.toPerSecond - it.perSecond) / 1000 / (next.fromMs - it.fromMs);
    }),
    factor: Float64Array.from(states, (it) => it.factor),
    meanMs: Float64Array.from(states, (it) => it.meanMs),
    state: -1,
    stateEndsMs: 0,
  };
}

function gapsOf(arrivals: ArrivalProcess): [number, number] {
  if (arrivals === 'deterministic') return [DETERMINISTIC, 0];
  if (arrivals === 'poisson' || arrivals.kind !== 'renewal' || arrivals.cv2 === 1) return [EXPONENTIAL, 0];
  if (arrivals.cv2 === 0) return [DETERMINISTIC, 0];
  return arrivals.cv2 < 1 ? [GAMMA, 1 / arrivals.cv2] : [HYPEREXPONENTIAL, balancedShare(arrivals.cv2)];
}

/** When the source's next request (or group of them) comes after `nowMs`; Infinity for never. Draws from the stream: ask once per arrival. */
export function nextArrival(plan: ArrivalPlan, streams: Streams, stream: number, nowMs: number): number {
  let left = gapOf(plan, streams, stream) * plan.meanSize;
  let at = nowMs;
  let phase = -1;
  while (phase + 1 < plan.fromMs.length && (plan.fromMs[phase + 1] as number) <= at) phase++;
  for (;;) {
    const phaseEnds = phase + 1 < plan.fromMs.length ? (plan.fromMs[phase + 1] as number) : Number.POSITIVE_INFINITY;
    const factor = plan.factor.length > 0 ? factorAt(plan, streams, stream, at) : 1;
    const end = plan.factor.length > 0 ? Math.min(phaseEnds, plan.stateEndsMs) : phaseEnds;
    const slope = phase < 0 ? 0 : factor * (plan.slope[phase] as number);
    const rate = phase < 0 ? 0 : Math.max(0, factor * (plan.rate[phase] as number) + slope * (at - (plan.fromMs[phase] as number)));
    const due = at + timeFor(left, rate, slope);
    if (due < end) return due;
    if (phaseEnds === Number.POSITIVE_INFINITY && (phase < 0 || (plan.rate[phase] as number) === 0)) return Number.POSITIVE_INFINITY;
    const span = end - at;
    left = Math.max(0, left - (rate + (slope * span) / 2) * span);
    at = end;
    if (end === phaseEnds) phase++;
  }
}

/** How many requests come at once: geometric, at least one. */
export function sizeOf(plan: ArrivalPlan, streams: Streams, stream: number): number {
  return plan.meanSize > 1 ? 1 + Math.floor(log(uniform(streams, stream)) / log(1 - 1 / plan.meanSize)) : 1;
}

function gapOf(plan: ArrivalPlan, streams: Streams, stream: number): number {
  switch (plan.gaps) {
    case DETERMINISTIC:
      return 1;
    case GAMMA:
      return gamma(streams, stream, plan.shape) / plan.shape;
    case HYPEREXPONENTIAL:
      return hyperexponential(streams, stream, plan.shape);
    default:
      return exponential(streams, stream);
  }
}

/** Factor of the modulating state that holds at this moment; the first of the list holds at time 0. */
function factorAt(plan: ArrivalPlan, streams: Streams, stream: number, at: number): number {
  while (plan.stateEndsMs <= at) {
    plan.state = plan.state + 1 < plan.factor.length ? plan.state + 1 : 0;
    plan.stateEndsMs += (plan.meanMs[plan.state] as number) * exponential(streams, stream);
  }
  return plan.factor[plan.state] as number;
}

/** Time in which a rate that changes evenly adds up to `sum`; Infinity where it never does. */
function timeFor(sum: number, rate: number, slope: number): number {
  if (sum <= 0) return 0;
  const square = rate * rate + 2 * slope * sum;
  return square > 0 ? (2 * sum) / (rate + Math.sqrt(square)) : Number.POSITIVE_INFINITY;
}
