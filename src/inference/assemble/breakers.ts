import { type Known, none } from '../../model/known.ts';
import type { CircuitBreaker } from '../../model/topology.ts';
import { BREAKER_DEFAULTS } from '../assumptions.ts';
import type { Told, ToldBreaker } from '../detector.ts';
import { told } from './steps.ts';

/** The breaker's own limit of a call. */
export const breakerTimeout = ({ timeout, place }: ToldBreaker): Known =>
  timeout === null ? none(place) : timeout ? told(timeout, 'ms') : { ...BREAKER_DEFAULTS.timeoutMs, place };

/** Of two timeouts around one call the shorter strikes first; one that is not known leaves the other. */
export function shorter(a: Known, b: Known): Known {
  if (a.state !== 'known') return b.state === 'known' ? b : a;
  return b.state === 'known' && b.value < a.value ? b : a;
}

export function breakerOf(it: ToldBreaker): CircuitBreaker {
  const or = (said: Told | undefined, unit: 'ms' | 'count', otherwise: Known): Known => (said ? told(said, unit) : otherwise);
  return {
    errorThresholdPercentage: or(it.errorThresholdPercentage, 'count', BREAKER_DEFAULTS.errorThresholdPercentage),
    volumeThreshold: or(it.volumeThreshold, 'count', BREAKER_DEFAULTS.volumeThreshold),
    rollingWindowMs: or(it.rollingCountTimeout, 'ms', BREAKER_DEFAULTS.rollingWindowMs),
    resetTimeoutMs: or(it.resetTimeout, 'ms', BREAKER_DEFAULTS.resetTimeoutMs),
    hasFallback: it.hasFallback,
    place: it.place,
  };
}
