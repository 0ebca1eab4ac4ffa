import { numberText, percentText } from '../src/diagram/index.ts';
import type { Basis, Known, Place, Unit } from '../src/model/known.ts';
import type { Criterion, Outcome, RateRange, StationKind, Verdict } from '../src/model/outcome.ts';

export const UNIT_TEXT: Record<Unit, string> = {
  ms: 'ms',
  s: 's',
  perSecond: '/s',
  connections: 'connections',
  jobs: 'jobs',
  processes: 'processes',
  replicas: 'replicas',
  cores: 'cores',
  count: '',
  ratio: '',
  bytes: 'bytes',
};

export const BASIS_TEXT: Record<Basis, string> = {
  override: 'set',
  measured: 'measured',
  declared: 'declared',
  derived: 'derived',
  libraryDefault: 'library default',
  assumed: 'assumed',
};

export const VERDICT_TEXT: Record<Verdict, string> = { holds: 'Holds', tight: 'Tight', unknown: 'Undecided', fails: 'Fails' };
/** What a fix leaves behind, at the load that was judged. */
export function afterwards(verdict: Verdict, targetPerSecond: number): string {
  const at = `at ${numberText(targetPerSecond)}/s`;
  return {
    holds: `afterwards: holds ${at}`,
    tight: `afterwards: holds ${at}, but tightly`,
    fails: `afterwards: still fails ${at}`,
    unknown: `afterwards: open ${at} until more is measured`,
  }[verdict];
}
export const CRITERION_TEXT: Record<Criterion, string> = { stability: 'queue grows without end', latency: 'too slow', errors: 'too many errors', messageAge: 'messages too old' };
export const STATION_TEXT: Record<StationKind, string> = {
  pool: 'connection pool',
  eventLoop: 'event loop',
  threadPool: 'thread pool',
  store: 'store',
  connections: 'connection limit',
  consumer: 'consumer',
  host: 'CPU limit',
  external: 'outside service',
  limiter: 'rate limit',
};

export function millisText(ms: number | null): string {
  if (ms === null) return 'no steady state';
  return ms >= 1000 ? `${numberText(ms / 1000)} s` : `${numberText(ms)} ms`;
}

/** What counts as working: `p95 within 50 to 500 ms by route, errors ≤ 1%, messages ≤ 60 s old (assumed)`. */
export function objectiveText({ objective, endpoints }: Pick<Outcome, 'objective' | 'endpoints'>): string {
  const limits = endpoints.map((it) => it.objectiveP95Ms).filter((it) => Number.isFinite(it));
  const [low, high] = [Math.min(...limits), Math.max(...limits)];
  const p95 = limits.length === 0 ? '' : `p95 within ${millisText(low) === millisText(high) ? millisText(low) : `${millisText(low)} to ${millisText(high)} by route`}, `;
  return `${p95}errors ≤ ${percentText(objective.errorShare)}, messages ≤ ${numberText(objective.messageAgeSeconds)} s old${objective.basis === 'declared' ? '' : ' (assumed)'}`;
}

export const shareText = (share: number): string => (share > 0 && share < 0.005 ? '< 1%' : percentText(share));

/** Two digits where assumptions went in, three otherwise. */
export const breakingText = (perSecond: number, isAssumed: boolean): string => numberText(perSecond < 10 ? perSecond : Number(perSecond.toPrecision(isAssumed ? 2 : 3)));

export function rangeText(it: RateRange, isAssumed: boolean): string {
  const text = (rate: number): string => breakingText(rate, isAssumed);
  if (it.value === null && it.low === null && it.high === null) return 'not below 10⁶/s';
  if (it.value === null) return it.low === null ? 'not below 10⁶/s' : `${text(it.low)} to ${it.high === null ? '10⁶' : text(it.high)}/s`;
  const wide = it.low !== null && it.high !== null && it.high > it.low * 1.05;
  if (!wide) return `${text(it.value)}/s`;
  // The value at typical inputs may lie at an end of the range, or just outside: of many inputs the worst decides, and seldom are all typical at once.
  return isAssumed ? `${text(it.low!)} to ${text(it.high!)}/s (${text(it.value)} at typical values)` : `${text(it.value)}/s (${text(it.low!)} to ${text(it.high!)})`;
}

export function valueText(it: Known, unit: Unit): string {
  if (it.state === 'none') return 'none';
  if (it.state === 'unknown') return 'not known';
  return amountText(it.value, unit);
}

export const amountText = (value: number, unit: Unit): string => [figureText(value, unit), UNIT_TEXT[unit]].filter(Boolean).join(' ');
/** `1 to 30 ms` */
export const spanText = (low: number, high: number, unit: Unit): string => `${figureText(low, unit)} to ${amountText(high, unit)}`;
/** A share of the load may be a hundredth of a percent. */
const figureText = (value: number, unit: Unit): string => (unit !== 'ratio' ? numberText(value) : value < 0.1 ? `${Number((value * 100).toPrecision(2))}%` : percentText(value));

export const placeText = (it: Place): string => `${it.file}:${it.line}`;
/** Places of inserted parts point nowhere; a link to them would open nothing. */
export const isReal = (it: Place | undefined): it is Place => it !== undefined && it.file !== '' && it.line > 0;

export const numberOrNull = (value: number | null, factor: number): number | null => (value === null ? null : value * factor);
