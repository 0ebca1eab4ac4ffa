import type { Weakness } from '../model/weakness.ts';

/** One line is one defect, however many routes reach it: the weak judgement stands for all. */
export function oncePerPlace(all: readonly Weakness[]): Weakness[] {
  const byPlace = new Map<string, Weakness>();
  for (const it of all) {
    const key = `${it.place.file}:${it.place.line}:${it.place.column ?? 0}`;
    const seen = byPlace.get(key);
    if (!seen || (seen.state !== 'weak' && it.state === 'weak')) byPlace.set(key, it);
  }
  return [...byPlace.values()];
}
