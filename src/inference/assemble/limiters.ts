import type { RateLimiter } from '../../model/topology.ts';
import { limiterDefaults } from '../assumptions.ts';
import type { Resource } from '../code/values.ts';
import type { Told } from '../detector.ts';
import { endpointId, type Unit } from './parts.ts';
import { told } from './steps.ts';
import { majorOf } from './versions.ts';

/** Limits that stand before the routes of a process, and those that its handlers ask by themselves; `before`: how many there are already. */
export function limitersOf(unit: Unit, before: number): RateLimiter[] {
  const found: { limiter: Resource; endpoints: readonly string[] }[] = [];
  for (const app of unit.programs.apps)
    for (const it of app.limits) {
      const endpoints = it.everywhere ? [] : app.routes.filter((route) => it.guards(route)).map((route) => endpointId(unit.id, route));
      if (it.everywhere || endpoints.length > 0) found.push({ limiter: it.limiter, endpoints });
    }
  return [...found, ...askedIn(unit)].map(({ limiter, endpoints }, at) => limiterOf(unit, limiter, endpoints, `${unit.id} limiter ${before + at + 1}`));
}

/** Handlers that count alike share one limit. */
function askedIn({ id, programs }: Unit): { limiter: Resource; endpoints: readonly string[] }[] {
  const found = new Map<string, { limiter: Resource; endpoints: Set<string> }>();
  for (const { route, limits } of programs.routes)
    for (const { limiter } of limits) {
      const { limit, windowMs, global, prefix } = limiter.data;
      const alike = JSON.stringify([limiter.place, limit, windowMs, global, prefix]);
      const known = found.get(alike) ?? { limiter, endpoints: new Set() };
      known.endpoints.add(endpointId(id, route));
      found.set(alike, known);
    }
  return [...found.values()].map(({ limiter, endpoints }) => ({ limiter, endpoints: [...endpoints] }));
}

function limiterOf(unit: Unit, { data, library: of, place }: Resource, endpoints: readonly string[], id: string): RateLimiter {
  const library = String(data.library ?? of);
  const said = data as { limit?: Told; windowMs?: Told; burst?: Told; algorithm?: RateLimiter['algorithm'] };
  const usual = limiterDefaults(library, majorOf(library, unit));
  return {
    id,
    component: unit.id,
    algorithm: said.algorithm ?? 'fixedWindow',
    key: data.global ? 'global' : 'perClient',
    limit: said.limit ? told(said.limit, 'count') : usual.limit,
    windowMs: said.windowMs ? told(said.windowMs, 'ms') : usual.windowMs,
    ...(said.burst && { burst: told(said.burst, 'count') }),
    ...(data.shared === true && { shared: true as const }),
    library,
    endpoints,
    place,
  };
}
