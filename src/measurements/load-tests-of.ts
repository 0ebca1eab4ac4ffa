import type { LoadedRoute, LoadTest } from '../model/load-test.ts';
import type { Matched } from './match.ts';

/** The responses of one file as a load test; undefined where it has none. Paths of one route are one: their counts add up, and their p95 is taken by their counts. */
export function loadTestOf({ responses, at }: Pick<Matched, 'responses' | 'at'>, tool: string): LoadTest | undefined {
  if (responses.length === 0) return undefined;
  const routes: Record<string, Required<LoadedRoute>> = {};
  for (const { endpoint, ...it } of responses) {
    const seen = routes[endpoint];
    const count = (seen?.count ?? 0) + it.count;
    const mean = (name: 'p95Ms' | 'errorShare'): number => (seen ? (seen[name] * seen.count + it[name] * it.count) / count : it[name]);
    routes[endpoint] = { perSecond: (seen?.perSecond ?? 0) + it.perSecond, p95Ms: mean('p95Ms'), errorShare: mean('errorShare'), count };
  }
  return { source: tool, at, routes };
}
