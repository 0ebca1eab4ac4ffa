import { isCallable, NOTHING, propertyOf, type Resource, textOf, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { everyMsOf } from './cron.ts';

/** node-cron, cron, node-schedule and croner: functions that a clock calls, in every process that loads them. */
export default {
  id: 'cron-jobs',
  packages: ['node-cron', 'cron', 'node-schedule', 'croner'],
  call(it, run) {
    if (it.receiver) return onJob(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    const [first, second] = it.args;
    if (it.package === 'cron') {
      if (!/^(CronJob|from|job|default|)$/.test(name)) return UNKNOWN;
      const isObject = first?.t === 'object';
      const time = isObject ? propertyOf(first, 'cronTime') : first;
      const starts = isObject ? propertyOf(first, 'start') : it.args[3];
      return job(it, time, isObject ? propertyOf(first, 'onTick') : second, starts !== undefined && truth(starts) === true, run);
    }
    const makes = it.package === 'croner' ? it.isNew || /^(Cron|)$/.test(name) : /^(schedule|scheduleJob|createTask)$/.test(name);
    if (!makes) return UNKNOWN;
    const handler = it.args.find((arg, at) => at > 0 && isCallable(arg));
    const options = it.args.find((arg, at) => at > 0 && arg.t === 'object');
    const waits = name === 'createTask' || [propertyOf(options, 'scheduled') ?? UNKNOWN, negated(propertyOf(options, 'paused'))].some((flag) => truth(flag) === false);
    // `scheduleJob(name, rule, fn)`: the rule is what stands before the function.
    const at = it.args.indexOf(handler ?? UNKNOWN);
    return job(it, it.package === 'node-schedule' && at > 0 ? it.args[at - 1] : first, handler, !waits, run);
  },
} satisfies LibraryDetector;

const negated = (it: Value | undefined): Value => (it?.t === 'boolean' ? { t: 'boolean', v: !it.v } : UNKNOWN);

function job(it: LibraryCall, time: Value | undefined, handler: Value | undefined, starts: boolean, run: CodeRun): Value {
  const made = run.make('CronJob', it.place, { time, handler });
  if (starts) start(made, run);
  return made;
}

function start(of: Resource, run: CodeRun): void {
  const handler = of.data.handler as Value | undefined;
  if (of.data.isStarted || !isCallable(handler)) return;
  of.data.isStarted = true;
  const time = of.data.time as Value | undefined;
  const expression = time?.t === 'package' ? (time.path.at(-1) ?? '') : (textOf(propertyOf(time, 'rule') ?? time) ?? '');
  // A date is reached once.
  const everyMs = everyMsOf(expression);
  run.claim({ kind: 'timer', handler, ...(everyMs !== undefined && { everyMs: { value: everyMs, place: of.place } }), place: of.place });
}

function onJob(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'start' || it.name === 'schedule' || it.name === 'resume') start(of, run);
  if (it.name === 'addCallback' || it.name === 'on') return of;
  return it.name === 'stop' ? NOTHING : of;
}
