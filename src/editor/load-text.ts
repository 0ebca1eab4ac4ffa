import { ratesOfDay } from '../model/scenario.ts';

/** `1000`, `2.5k`, `10M/day` (peak of that day) to requests per second; null for anything else. */
export function parseLoad(text: string): number | null {
  const match = /^\s*([\d,]+(?:\.\d+)?)\s*([kKmM]?)\s*(\/\s*(?:day|d|s|sec))?\s*$/.exec(text);
  if (!match) return null;
  const value = Number((match[1] as string).replaceAll(',', '')) * (match[2] === '' ? 1 : /k/i.test(match[2] as string) ? 1e3 : 1e6);
  const perSecond = /d/.test(match[3] ?? '') ? ratesOfDay(value).peakPerSecond : value;
  return perSecond > 0 && perSecond <= 1e6 ? Number(perSecond.toPrecision(3)) : null;
}
