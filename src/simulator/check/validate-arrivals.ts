import type { Network } from '../../model/network.ts';
import { type Check, fields, isFields, listOf, number, oneOf, optional, orNull, shown, whole } from './checks.ts';

const positive: Check = (value, at) => number(0)(value, at) ?? (value === 0 ? `${at}: expected a number above 0, found 0` : null);

const weighted: Check = (value, at) => {
  const { timesMs, weights } = value as { timesMs: readonly number[]; weights?: readonly number[] };
  if (timesMs.length === 0) return `${at}.timesMs: expected at least one time`;
  if (!weights) return null;
  if (weights.length !== timesMs.length) return `${at}.weights: expected one for each of the ${timesMs.length} times, found ${weights.length}`;
  return weights.some((it) => it > 0) ? null : `${at}.weights: expected one above 0`;
};

/** A law of times. */
export const distribution: Check = (value, at) => {
  if (!isFields(value)) return `${at}: expected a distribution, found ${shown(value)}`;
  const kind = oneOf('deterministic', 'exponential', 'uniform', 'lognormal', 'gamma', 'hyperexponential', 'empirical');
  const wrong = kind(value.kind, `${at}.kind`);
  if (wrong !== null) return wrong;
  switch (value.kind) {
    case 'uniform':
      return (
        fields({ kind, lowMs: number(0), highMs: number(0) })(value, at) ??
        ((value.highMs as number) < (value.lowMs as number) ? `${at}.highMs: expected a number of at least lowMs, found ${shown(value.highMs)}` : null)
      );
    case 'empirical':
      return fields({ kind, timesMs: listOf(number(0)), weights: optional(listOf(number(0))) })(value, at) ?? weighted(value, at);
    case 'deterministic':
    case 'exponential':
      return fields({ kind, meanMs: number(0) })(value, at);
    default:
      return fields({ kind, meanMs: number(0), cv2: number(0) })(value, at);
  }
};

/** How long somebody waits for a server: a number, a law, or null. */
export const waitLimit: Check = orNull((value, at) => (isFields(value) ? distribution(value, at) : number(0)(value, at)));

const states: Check = (value, at) => {
  const wrong = listOf(fields({ factor: number(0), meanMs: positive }))(value, at);
  if (wrong !== null) return wrong;
  return (value as readonly { factor: number }[]).some((it) => it.factor > 0) ? null : `${at}: expected a state with a factor above 0`;
};

/** How requests come. */
export const arrivals: Check = (value, at) => {
  if (!isFields(value)) return value === 'poisson' || value === 'deterministic' ? null : `${at}: expected poisson or deterministic or an object, found ${shown(value)}`;
  const kind = oneOf('renewal', 'batch', 'mmpp');
  const wrong = kind(value.kind, `${at}.kind`);
  if (wrong !== null) return wrong;
  if (value.kind === 'renewal') return fields({ kind, cv2: number(0) })(value, at);
  if (value.kind === 'batch') return fields({ kind, meanSize: number(1) })(value, at);
  return fields({ kind, states })(value, at);
};

export const phase: Check = fields({ fromMs: number(0), perSecond: number(0), toPerSecond: optional(number(0)) });
export const closed: Check = fields({ users: whole(0), think: distribution });

/** Phases that do not follow each other, ramps that lead nowhere, and users who have phases as well. */
export function phasesOf(network: Network): string | null {
  for (const [index, source] of network.sources.entries()) {
    const phases = source.phases ?? [];
    for (let phase = 1; phase < phases.length; phase++)
      if ((phases[phase]?.fromMs ?? 0) <= (phases[phase - 1]?.fromMs ?? 0)) return `sources[${index}].phases[${phase}].fromMs: must lie after the phase before`;
    if (phases[phases.length - 1]?.toPerSecond !== undefined) return `sources[${index}].phases[${phases.length - 1}].toPerSecond: the last phase has no end to change until`;
    if (source.closed && phases.length > 0) return `sources[${index}].closed: stands in place of phases; there are both`;
  }
  return null;
}
