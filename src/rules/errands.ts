import { type Endpoint, type Errand, type Step, walkSteps } from '../model/topology.ts';
import type { Place } from '../model/known.ts';

export type Request = Extract<Step, { kind: 'request' }>;

/** A request that is an errand, in the program of an endpoint. */
export interface Sent {
  endpoint: Endpoint;
  step: Request;
  errand: Errand;
  place: Place;
  /** The client has its answer already. */
  isAnswered: boolean;
}

/** Errands of a program in its order. An answer on any way through it counts: whoever stands behind one may keep nobody waiting. */
export function errandsOf(endpoint: Endpoint): Sent[] {
  const found: Sent[] = [];
  let isAnswered = false;
  walkSteps(endpoint.steps, (step) => {
    isAnswered ||= step.kind === 'respond';
    if (step.kind === 'request' && step.errand) found.push({ endpoint, step, errand: step.errand, place: step.errand.calledAt ?? step.place, isAnswered });
  });
  return found;
}
