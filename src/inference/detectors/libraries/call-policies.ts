import type { DraftStep, Told, ToldBreaker, ToldPause } from '../../detector.ts';

/** What stands around calls to others. `retries` are tries beyond the first. */
export interface CallPolicy {
  retries?: Told | undefined;
  /** The library that repeats: its own numbers hold where none are told. */
  retriedBy?: string;
  pause?: ToldPause | undefined;
  timeoutMs?: Told | undefined;
  breaker?: ToldBreaker | undefined;
}

/** The same steps with a policy around each call to another service; a call that repeats itself is repeated as a whole. */
export function withPolicy(steps: readonly DraftStep[], policy: CallPolicy): DraftStep[] {
  return steps.map((it): DraftStep => {
    switch (it.kind) {
      case 'request': {
        const retries = repeated(it.retries, policy.retries);
        const timeoutMs = shorterTold(it.timeoutMs, policy.timeoutMs);
        return {
          ...it,
          ...(retries && { retries }),
          ...(policy.retriedBy && { retriedBy: policy.retriedBy }),
          ...(policy.pause && !it.pause && { pause: policy.pause }),
          ...(timeoutMs && { timeoutMs }),
          ...(policy.breaker && { breaker: policy.breaker }),
        };
      }
      case 'loop':
      case 'hold':
      case 'thread':
        return Object.assign(it, { steps: withPolicy(it.steps, policy) });
      case 'cache':
        return Object.assign(it, { onMiss: withPolicy(it.onMiss, policy) });
      case 'parallel':
        return Object.assign(it, { branches: it.branches.map((branch) => withPolicy(branch, policy)) });
      case 'branch':
        return Object.assign(it, { taken: withPolicy(it.taken, policy), otherwise: withPolicy(it.otherwise, policy) });
      default:
        return it;
    }
  });
}

function repeated(inner: Told | undefined, outer: Told | undefined): Told | undefined {
  if (!outer || !inner) return outer ?? inner;
  if (!('value' in outer)) return outer;
  return 'value' in inner ? { ...outer, value: (1 + inner.value) * (1 + outer.value) - 1 } : inner;
}

/** Of two limits of one call the shorter strikes; one that can't be read leaves the other. */
export function shorterTold(a: Told | undefined, b: Told | undefined): Told | undefined {
  if (!a || !b) return a ?? b;
  if (!('value' in a)) return b;
  return 'value' in b && b.value < a.value ? b : a;
}
