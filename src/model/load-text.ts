import { ratesOfDay } from './scenario.ts';

/** Peak over average that a text may name: beyond, it is a spike and no day. */
const MOST_PEAK = 100;

/** `1000`, `2.5k`, `10M/day` (the peak of that day), `10M/day x6` (a peak of six times its average) to requests per second; null for anything else. */
export function parseLoad(text: string): number | null {
  const match = /^\s*([\d,]+(?:\.\d+)?)\s*([kKmM]?)\s*(?:(\/\s*(?:s|sec))|(\/\s*(?:day|d))(?:\s*[x×*]\s*(\d+(?:\.\d+)?))?)?\s*$/.exec(text);
  if (!match) return null;
  const [, digits, suffix, , day, peak] = match;
  const value = Number((digits as string).replaceAll(',', '')) * (suffix === '' ? 1 : /k/i.test(suffix as string) ? 1e3 : 1e6);
  const factor = peak === undefined ? undefined : Number(peak);
  if (factor !== undefined && (factor < 1 || factor > MOST_PEAK)) return null;
  const perSecond = day ? ratesOfDay(value, factor).peakPerSecond : value;
  return perSecond > 0 && perSecond <= 1e6 ? Number(perSecond.toPrecision(3)) : null;
}
