import type { Unit } from './parts.ts';

/** Major version of a library as the unit's package.json (or a parent's) declares it. */
export function majorOf(library: string, unit: Pick<Unit, 'versions'>): number | undefined {
  const range = unit.versions[library];
  const major = range && /(\d+)(?:\.|$|\s|-)/.exec(`${range} `)?.[1];
  return major ? Number(major) : undefined;
}
