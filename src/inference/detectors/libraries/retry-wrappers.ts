import { isCallable, NOTHING, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector, ToldPause } from '../../detector.ts';
import { withPolicy } from './call-policies.ts';

/** p-retry, async-retry and their like: a function that is called again when it fails. */
export default {
  id: 'retry-wrappers',
  packages: ['p-retry', 'async-retry', 'exponential-backoff'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    const body = it.args.find(isCallable);
    const options = it.args.find((arg) => arg.t === 'object');
    if (!body || !/^(|default|pRetry|retry|backOff)$/.test(name)) return UNKNOWN;
    let result: Value = UNKNOWN;
    // async-retry hands over a way to give up, p-retry the number of the try.
    const bail: Value = { t: 'native', call: () => NOTHING };
    const steps = run.apart(() => {
      result = run.call(body, [it.package === 'async-retry' ? bail : { t: 'number', v: 1 }, { t: 'number', v: 1 }]);
    });
    const attempts = toldNumber(options, 'numOfAttempts');
    const retries = attempts && 'value' in attempts ? { ...attempts, value: attempts.value - 1 } : (attempts ?? toldNumber(options, 'retries'));
    for (const step of withPolicy(steps, { retries, retriedBy: it.package, pause: pauseOf(options) })) run.record(step);
    return result;
  },
} satisfies LibraryDetector;

function pauseOf(options: Value | undefined): ToldPause | undefined {
  const delayMs = toldNumber(options, 'minTimeout') ?? toldNumber(options, 'startingDelay');
  const factor = toldNumber(options, 'factor') ?? toldNumber(options, 'timeMultiple');
  return delayMs && { kind: factor && 'value' in factor && factor.value === 1 ? 'fixed' : 'exponential', delayMs };
}
