import { valueIn } from '../../model/known.ts';
import type { Instruction } from '../../model/network.ts';
import type { CircuitBreaker, Endpoint, Step } from '../../model/topology.ts';
import { isProcess } from './assume.ts';
import { backoffOf, fixed, queryTime } from './compile-laws.ts';
import type { Draft } from './draft.ts';

type Request = Extract<Step, { kind: 'request' }>;
type CallPolicy = Omit<Extract<Instruction, { op: 'call' }>, 'op' | 'program'>;
/** opossum counts in this many buckets. */
const BUCKETS = 10;

/** A request to another component with all that the caller has around it; one whose route was not found, and one to an outside service, is a delay. */
export function requestOf(draft: Draft, step: Request, endpoint: Endpoint, programOf: (callee: Endpoint) => string): Instruction[] {
  const target = draft.components.get(step.target);
  const callee = step.endpoint === undefined ? undefined : draft.endpoints.get(step.endpoint);
  const serviceMs = valueIn(step.serviceMs) ?? 0;
  const timeoutMs = valueIn(step.timeoutMs) ?? null;
  if (callee && target && isProcess(target)) {
    const travel: Instruction[] = draft.roundTripMs > 0 ? [{ op: 'delay', duration: fixed(draft.roundTripMs) }] : [];
    return [...travel, { op: 'call', program: programOf(callee), timeoutMs, ...policyOf(draft, step, endpoint) }];
  }
  if (target && target.kind !== 'external-api' && isProcess(target))
    draft.said.add(`${step.label}: the route of ${target.name} was not found; taken as a delay of ${serviceMs} ms`);
  const wait: Instruction = { op: 'delay', duration: queryTime(serviceMs) };
  // A delay can't fail: only a timeout gives retries and breakers something to do.
  if (timeoutMs === null) return [wait];
  const id = `${step.target} ${step.label}`;
  draft.programs.set(id, { id, body: [wait] });
  return [{ op: 'call', program: id, timeoutMs, ...policyOf(draft, step, endpoint) }];
}

function policyOf(draft: Draft, step: Request, endpoint: Endpoint): CallPolicy {
  const times = valueIn(step.retries) ?? 0;
  const backoff = backoffOf(step.pause);
  const breaker = step.breaker && breakerOf(draft, step.breaker, endpoint);
  return {
    ...(times > 0 && { retry: { times, ...(backoff && { backoff }) } }),
    ...(breaker !== undefined && { breaker }),
    ...(step.breaker?.hasFallback && { fallback: [] }),
  };
}

/** Id of the breaker, made at first need: each process has one of its own. Undefined, and said, where one of its numbers is not known. */
function breakerOf(draft: Draft, it: CircuitBreaker, endpoint: Endpoint): string | undefined {
  const id = `breaker at ${it.place.file}:${it.place.line}`;
  if (draft.breakers.some((made) => made.id === id)) return id;
  const [errorThresholdPercentage, volumeThreshold, rollingWindowMs, resetTimeoutMs] = [it.errorThresholdPercentage, it.volumeThreshold, it.rollingWindowMs, it.resetTimeoutMs].map(
    (value) => valueIn(value),
  );
  if (errorThresholdPercentage === undefined || volumeThreshold === undefined || rollingWindowMs === undefined || resetTimeoutMs === undefined) {
    draft.said.add(`${id}: its options are not known, so it never opens here`);
    return undefined;
  }
  draft.breakers.push({ id, errorThresholdPercentage, volumeThreshold, rollingWindowMs, buckets: BUCKETS, resetTimeoutMs, group: draft.groupOf(endpoint.component) });
  return id;
}
