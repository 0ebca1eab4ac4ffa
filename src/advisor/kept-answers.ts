import { valueIn } from '../model/known.ts';
import type { Evidence, Weakness } from '../model/weakness.ts';
import type { After, Shown } from './effect.ts';

/** Requests a second that still reach a route's program once repeats are answered on the way. */
export function repeatsKept({ outcome }: Evidence, after: After, weakness: Weakness): Shown {
  const id = String(weakness.facts.endpointId);
  const before = outcome.endpoints.find((it) => it.id === id)?.offeredPerSecond ?? 0;
  const [kept] = after.topology.endpoints.find((it) => it.id === id)?.steps ?? [];
  const share = kept?.kind === 'cache' ? (valueIn(kept.hitRatio) ?? 0) : 0;
  if (before <= 0) return { effect: { kind: 'unplayed', why: 'the route takes no load' }, helps: true, gain: 0 };
  const remaining = before * (1 - share);
  return { effect: { kind: 'origin', before, after: remaining }, helps: remaining < before, gain: before / Math.max(1e-9, remaining) };
}
