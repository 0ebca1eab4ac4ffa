import { propertyOf, type Resource, toldNumber, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told, ToldBreaker } from '../../detector.ts';

/** opossum: what a circuit breaker calls is called through it, with its timeout. */
export default {
  id: 'opossum',
  packages: ['opossum'],
  call(it, run) {
    if (it.receiver) return onBreaker(it, it.receiver, run);
    if (!it.isNew) return UNKNOWN;
    const [action, options] = it.args;
    return run.make('Breaker', it.place, { action, options, place: it.place });
  },
} satisfies LibraryDetector;

function onBreaker(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'fallback') {
    of.data.fallback = true;
    return of;
  }
  if (it.name === 'on') return of;
  if (it.name !== 'fire' && it.name !== 'call') return UNKNOWN;
  const options = of.data.options as Value | undefined;
  const args = it.name === 'call' ? it.args.slice(1) : it.args;
  let result: Value = UNKNOWN;
  const steps = run.apart(() => {
    result = run.call(of.data.action as Value | undefined, args);
  });
  const breaker = breakerOf(of, options);
  for (const step of steps) run.record(step.kind === 'request' && breaker ? { ...step, breaker } : step);
  return result;
}

/** Undefined where it is switched off. */
function breakerOf(of: Resource, options: Value | undefined): ToldBreaker | undefined {
  if (truth(propertyOf(options, 'enabled') ?? { t: 'boolean', v: true }) === false) return undefined;
  const named = (name: string): Record<string, Told> => {
    const it = toldNumber(options, name);
    return it ? { [name]: it } : {};
  };
  const timeout = propertyOf(options, 'timeout');
  return {
    ...named('errorThresholdPercentage'),
    ...named('volumeThreshold'),
    ...named('rollingCountTimeout'),
    ...named('resetTimeout'),
    // `timeout: false` waits for ever.
    ...(timeout && truth(timeout) === false ? { timeout: null } : named('timeout')),
    hasFallback: of.data.fallback === true,
    place: of.place,
  };
}
