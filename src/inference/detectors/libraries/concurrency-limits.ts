import { isCallable, type Resource, toldNumber, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';

/** p-limit, p-queue, Bottleneck and their like: work that runs so many at a time, in one process. What they run stands where it is handed over. */
export default {
  id: 'concurrency-limits',
  packages: ['p-limit', 'p-queue', 'bottleneck', 'p-map', 'p-all', 'async-sema'],
  call(it, run) {
    if (it.receiver) return onLimit(it, it.receiver, run);
    const [first] = it.args;
    switch (it.package) {
      case 'p-limit':
        return limit(it, first?.t === 'object' ? toldNumber(first, 'concurrency') : toldValue(first, it.place), run);
      case 'p-queue':
        return it.isNew ? limit(it, toldNumber(first, 'concurrency'), run) : UNKNOWN;
      case 'bottleneck':
        return it.isNew ? limit(it, toldNumber(first, 'maxConcurrent'), run) : UNKNOWN;
      case 'async-sema':
        return it.isNew ? limit(it, toldValue(first, it.place), run) : UNKNOWN;
      default:
        return overList(it, run);
    }
  },
} satisfies LibraryDetector;

function limit(it: LibraryCall, most: Told | undefined, run: CodeRun): Resource {
  say(most, it.package, run);
  return run.make('Limit', it.place, { package: it.package });
}

function say(most: Told | undefined, subject: string, run: CodeRun): void {
  if (most && 'value' in most && most.value > 0) run.claim({ kind: 'fact', type: 'bulkhead', subject, value: most.value, unit: 'calls', place: most.place });
}

function onLimit(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const body = it.args.find(isCallable);
  switch (it.name) {
    // p-limit's limiter is called itself.
    case '':
    case 'add':
    case 'schedule':
    case 'submit':
      return body ? run.call(body, it.args.slice(it.args.indexOf(body) + 1)) : UNKNOWN;
    case 'wrap':
      return body ?? UNKNOWN;
    case 'addAll':
    case 'map': {
      const each: Value = it.name === 'map' ? (run.property(it.args[0] ?? UNKNOWN, 'map') ?? UNKNOWN) : UNKNOWN;
      if (it.name === 'map' && isCallable(each)) return run.call(each, [body ?? UNKNOWN]);
      const all = it.args[0]?.t === 'list' ? it.args[0].items : [];
      for (const one of all) if (isCallable(one)) run.call(one);
      return all.length > 0 ? { t: 'data' } : undefined;
    }
    default:
      return of;
  }
}

/** `pMap(items, each, { concurrency })`: a loop whose rounds run beside each other, so many at a time. */
function overList(it: LibraryCall, run: CodeRun): Value | undefined {
  const [items, second, third] = it.args;
  const each = isCallable(second) ? second : undefined;
  say(toldNumber(third ?? (each ? undefined : second), 'concurrency'), it.package, run);
  if (!each) return undefined;
  const steps = run.apart(() => void run.call(each, [items?.t === 'list' ? (items.items[0] ?? { t: 'data' }) : { t: 'data' }]));
  if (steps.length > 0) run.record({ kind: 'loop', concurrent: true, steps, place: it.place });
  return { t: 'list', items: [], open: true };
}
