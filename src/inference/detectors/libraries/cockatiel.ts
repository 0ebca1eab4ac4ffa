import { DATA, isCallable, propertyOf, type Resource, toldNumber, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { type CallPolicy, withPolicy } from './call-policies.ts';
import { scaledTold } from './cache-steps.ts';

/** cockatiel: retries, timeouts, breakers and bulkheads around whatever a policy executes. */
export default {
  id: 'cockatiel',
  packages: ['cockatiel'],
  call(it, run) {
    if (it.receiver) return onPolicy(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.isNew) return /Breaker$|Backoff$/.test(name) ? run.make(name, it.place, { args: it.args }) : UNKNOWN;
    const options = it.args[1];
    const made = (policy: CallPolicy): Resource => run.make('Policy', it.place, { policies: [policy] });
    switch (name) {
      case 'retry':
        return made({ retries: toldNumber(options, 'maxAttempts') ?? { why: 'it repeats until it works' }, ...pauseOf(propertyOf(options, 'backoff')) });
      case 'timeout':
        return made({ timeoutMs: toldValue(it.args[0], it.place) });
      case 'circuitBreaker':
        return made({ breaker: breakerOf(options, it) });
      case 'bulkhead': {
        const limit = toldValue(it.args[0], it.place);
        if (limit && 'value' in limit) run.claim({ kind: 'fact', type: 'bulkhead', subject: 'cockatiel', value: limit.value, unit: 'calls', place: limit.place });
        return made({});
      }
      case 'fallback':
        return made({});
      case 'wrap':
        return run.make('Policy', it.place, { policies: it.args.flatMap((arg) => (arg.t === 'resource' ? ((arg.data.policies as CallPolicy[] | undefined) ?? []) : [])) });
      default:
        // `handleAll`, `handleType(…)`: which errors count.
        return run.make('Policy', it.place, { policies: [] });
    }
  },
} satisfies LibraryDetector;

function pauseOf(it: Value | undefined): Pick<CallPolicy, 'pause' | 'retriedBy'> {
  if (it?.t !== 'resource') return {};
  const [first] = it.data.args as readonly Value[];
  if (it.type === 'ConstantBackoff') {
    const delayMs = toldValue(first, it.place);
    return delayMs ? { pause: { kind: 'fixed', delayMs } } : {};
  }
  const delayMs = toldNumber(first, 'initialDelay');
  if (it.type !== 'ExponentialBackoff') return {};
  return delayMs ? { pause: { kind: 'exponential', delayMs } } : { retriedBy: 'cockatiel' };
}

/** A share of failures over a window can be told; so many failures in a row are another kind of breaker. */
function breakerOf(options: Value | undefined, it: LibraryCall): CallPolicy['breaker'] {
  const breaker = propertyOf(options, 'breaker');
  if (breaker?.t !== 'resource' || breaker.type !== 'SamplingBreaker') return undefined;
  const [sampling] = breaker.data.args as readonly Value[];
  const unread = { why: 'the options of this breaker cannot be read' };
  const threshold = scaledTold(toldNumber(sampling, 'threshold'), 100);
  const duration = toldNumber(sampling, 'duration');
  const perSecond = toldNumber(sampling, 'minimumRps');
  const volume: Told =
    duration && 'value' in duration && threshold && 'value' in threshold && (!perSecond || 'value' in perSecond)
      ? { value: Math.ceil(((perSecond?.value ?? 500 / threshold.value) * duration.value) / 1000), place: duration.place }
      : unread;
  return {
    timeout: null,
    errorThresholdPercentage: threshold ?? unread,
    rollingCountTimeout: duration ?? unread,
    resetTimeout: toldNumber(options, 'halfOpenAfter') ?? unread,
    volumeThreshold: volume,
    hasFallback: false,
    place: it.place,
  };
}

function onPolicy(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const policies = (of.data.policies as CallPolicy[] | undefined) ?? [];
  if (it.name === 'execute') {
    let result: Value = UNKNOWN;
    let steps = run.apart(() => {
      result = run.call(it.args[0], [DATA]);
    });
    // The outermost stands first.
    for (const policy of [...policies].reverse()) steps = withPolicy(steps, policy);
    for (const step of steps) run.record(step);
    return result;
  }
  // `handleWhen(…).orType(…)`, and the builders of versions 1 and 2: what they make is not followed.
  return it.args.some(isCallable) && !/^(on|or)/.test(it.name) ? undefined : of;
}
