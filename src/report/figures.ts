import { isSpread, isWide } from '../model/answer.ts';
import type { Place, Unit } from '../model/known.ts';
import type { Outcome, RateRange, Rung, StationOutcome } from '../model/outcome.ts';

/** Beyond this a share is no figure any more: it says only that the part cannot keep up. */
const MOST_SHARE = 3;

/** `97% busy`; a part that is asked for several times what it can do is `over 300% busy`. */
export const busyText = ({ utilisation }: StationOutcome): string =>
  Number.isFinite(utilisation) && utilisation <= MOST_SHARE ? `${Math.round(utilisation * 100)}% busy` : `over ${MOST_SHARE * 100}% busy`;

/** A rate in plain digits: two significant ones where assumptions went in, three otherwise. */
export const rateText = (perSecond: number, assumed: boolean): string => Number(perSecond.toPrecision(assumed ? 2 : 3)).toLocaleString('en-US');

/** What a rung breaks at. The first one is the system's own breaking point: it carries its range. */
export function rungText(rung: Rung, index: number, { breaksAtPerSecond }: Outcome): string {
  if (rung.breaksAtPerSecond === null) return '';
  if (index > 0 || !isSpread(breaksAtPerSecond)) return rateText(rung.breaksAtPerSecond, isSpread(breaksAtPerSecond));
  return isWide(breaksAtPerSecond) ? rangeText(breaksAtPerSecond) : `${rateText(breaksAtPerSecond.value ?? rung.breaksAtPerSecond, true)} (${rangeText(breaksAtPerSecond)})`;
}

const rangeText = ({ low, high }: RateRange): string => `${rateText(low ?? 0, true)} to ${high === null ? 'no limit' : rateText(high, true)}`;

const SUFFIX: Partial<Record<Unit, string>> = { ms: ' ms', s: ' s', perSecond: '/s', bytes: ' bytes' };

/** `1 to 30 ms`, `50 to 95%`. */
export function spanText(low: number, high: number, unit: Unit): string {
  const [scale, suffix] = unit === 'ratio' ? [100, '%'] : [1, SUFFIX[unit] ?? ''];
  return `${rateText(low * scale, true)} to ${rateText(high * scale, true)}${suffix}`;
}

/** `8 ms`, `95%`. */
export function amountText(value: number, unit: Unit): string {
  const [scale, suffix] = unit === 'ratio' ? [100, '%'] : [1, SUFFIX[unit] ?? ''];
  return `${rateText(value * scale, false)}${suffix}`;
}

export const placeText = (place: Place | undefined): string => (place?.file ? `${oneLine(place.file)}:${place.line}` : '');

/** Names come from files that anybody may have written: a line of the report stays one line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go.
export const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
