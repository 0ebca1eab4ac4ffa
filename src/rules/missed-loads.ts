import { valueIn } from '../model/known.ts';
import { type CacheStep, type QueryStep, type Step, walkSteps } from '../model/topology.ts';

export type Load = QueryStep | Extract<Step, { kind: 'request' }>;

/** What is asked of others, and waited for, where a key is missed. */
export function loadsOf(cache: CacheStep): Load[] {
  const found: Load[] = [];
  walkSteps(cache.onMiss, (step) => {
    if ((step.kind === 'query' || step.kind === 'request') && step.awaited) found.push(step);
  });
  return found;
}

/** Time that these take one after another, unloaded; undefined where one of them is not known. */
export function loadMs(loads: readonly Load[]): number | undefined {
  let sum = 0;
  for (const it of loads) {
    const ms = valueIn(it.kind === 'query' ? it.holdMs : it.serviceMs);
    if (ms === undefined) return undefined;
    sum += ms;
  }
  return sum;
}

/** Somebody takes a key to himself before the value is loaded. */
export function isLocked(cache: CacheStep): boolean {
  let found = false;
  walkSteps(cache.onMiss, (step) => {
    found ||= step.kind === 'cache' && step.ifAbsent === true;
  });
  return found;
}
