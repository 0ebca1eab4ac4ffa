import { valueIn } from '../../model/known.ts';
import type { Instruction } from '../../model/network.ts';
import type { Limiter } from '../../model/network-policies.ts';
import type { Endpoint, RateLimiter } from '../../model/topology.ts';
import { limitWords } from './cause-words.ts';
import type { Draft } from './draft.ts';

/** Asks leave of the limiters that an endpoint's own component has in front of it: every caller meets them. */
export const limitsAt = (draft: Draft, endpoint: Endpoint): Instruction[] =>
  draft.topology.rateLimiters
    .filter((it) => it.component === endpoint.component && (it.endpoints.length === 0 || it.endpoints.includes(endpoint.id)))
    .flatMap((it) => ask(draft, it));

/** Those of the gateways that pass requests to an endpoint's component: only clients from outside meet them. */
export const limitsBefore = (draft: Draft, endpoint: Endpoint): Instruction[] =>
  draft.topology.rateLimiters
    .filter(
      (it) =>
        it.component !== endpoint.component &&
        it.endpoints.length === 0 &&
        (it.passesTo ?? endpoint.component) === endpoint.component &&
        draft.topology.calls.some((call) => call.from === it.component && call.to === endpoint.component),
    )
    .flatMap((it) => ask(draft, it));

/** Says once of each limiter that is not simulated why it isn't. */
function ask(draft: Draft, it: RateLimiter): Instruction[] {
  if (!draft.runs(it.component)) return [];
  if (!draft.limiters.some((known) => known.id === it.id)) {
    const made = limiterOf(draft, it);
    if (typeof made === 'string') {
      draft.said.add(`${it.id}: ${made}`);
      return [];
    }
    draft.limiters.push(made);
    draft.meta.set(it.id, { component: it.component, kind: 'limiter', label: `rate limit of ${draft.hostOf(it.component).name}`, places: [it.place] });
  }
  return [{ op: 'limit', limiter: it.id }];
}

/** The limiter, or why nothing can be said of it. Counts lie in the memory of each process unless the limiter says otherwise. */
function limiterOf(draft: Draft, it: RateLimiter): Limiter | string {
  const { clientCount } = draft.scenario;
  const limit = valueIn(it.limit);
  const windowMs = valueIn(it.windowMs);
  if (limit === undefined || windowMs === undefined || windowMs <= 0) return 'its limit is not known, so it limits nothing here';
  if (it.key === 'perClient' && clientCount === null) return `limits each client to ${limit} per ${windowMs / 1000} s; not simulated: how many clients there are is not declared`;
  const group = !it.shared && draft.instancesOf(draft.hostOf(it.component)) > 1 ? draft.groupOf(it.component) : undefined;
  const base = { id: it.id, keys: it.key === 'perClient' ? Math.max(1, Math.round(clientCount ?? 1)) : 1, ...(group !== undefined && { group }), cause: limitWords(it.library) };
  const burst = (it.burst && valueIn(it.burst)) ?? 0;
  const perSecond = (limit * 1000) / windowMs;
  switch (it.algorithm) {
    case 'fixedWindow':
    case 'slidingWindow':
      return { ...base, kind: it.algorithm, limit: Math.floor(limit), windowMs };
    case 'tokenBucket':
      return { ...base, kind: 'tokenBucket', perSecond, burst: Math.max(1, burst || limit) };
    case 'leakyBucket':
      return { ...base, kind: 'leakyBucket', perSecond, burst, ...(it.noDelay && { noDelay: true }) };
  }
}
