import { duration, flow, percent, rate, told } from '../src/model/amounts.ts';
import { isWide } from '../src/model/answer.ts';
import { breakingText } from '../src/model/breaking-words.ts';
import { spanMs } from '../src/model/held-words.ts';
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
  const at = `at ${flow(targetPerSecond)}`;
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

export const millisText = (ms: number | null): string => (ms === null ? 'no steady state' : duration(ms));

/** What counts as working: `p95 within 50–500 ms by route, errors ≤ 1%, messages ≤ 60 s old (assumed)`. */
export function objectiveText({ objective, endpoints }: Pick<Outcome, 'objective' | 'endpoints'>): string {
  const limits = endpoints.map((it) => it.objectiveP95Ms).filter((it) => Number.isFinite(it));
  const [low, high] = [Math.min(...limits), Math.max(...limits)];
  const p95 = limits.length === 0 ? '' : `p95 within ${millisText(low) === millisText(high) ? millisText(low) : `${spanMs(low, high)} by route`}, `;
  return `${p95}errors ≤ ${percent(objective.errorShare)}, messages ≤ ${duration(objective.messageAgeSeconds * 1000)} old${objective.basis === 'declared' ? '' : ' (assumed)'}`;
}

/** The range where assumptions spread it wide, and then what typical values give: of many inputs the worst decides, and seldom are all typical at once. */
export const rangeText = (it: RateRange, isAssumed: boolean): string =>
  isWide(it) && it.value !== null ? `${breakingText(it, isAssumed)} (${rate(it.value, true)} at typical values)` : breakingText(it, isAssumed);

export function valueText(it: Known, unit: Unit): string {
  if (it.state === 'none') return 'none';
  if (it.state === 'unknown') return 'not known';
  return told(it.value, unit);
}

export const placeText = (it: Place): string => `${it.file}:${it.line}`;
/** Places of inserted parts point nowhere; a link to them would open nothing. */
export const isReal = (it: Place | undefined): it is Place => it !== undefined && it.file !== '' && it.line > 0;

export const numberOrNull = (value: number | null, factor: number): number | null => (value === null ? null : value * factor);
