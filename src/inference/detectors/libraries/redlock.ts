import { isCallable, NOTHING, patternOf, type Resource, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftCache, LibraryCall, LibraryDetector } from '../../detector.ts';

/** redlock: a key that only one owner has until it is released or its time is over; `using` prolongs it while the work goes on. */
export default {
  id: 'redlock',
  packages: ['redlock', '@sesamecare-oss/redlock'],
  call(it, run) {
    if (it.receiver?.type === 'Lock') return onLock(it, it.receiver, run);
    if (it.receiver) return onRedlock(it, it.receiver, run);
    if (!it.isNew || !/^(|default|Redlock)$/.test(it.name)) return UNKNOWN;
    const [clients] = it.args;
    const first = clients?.t === 'list' ? clients.items.find((one) => one.t === 'resource') : clients;
    return first?.t === 'resource' ? run.make('Redlock', it.place, { client: (first.data.client as Resource | undefined) ?? first }) : UNKNOWN;
  },
} satisfies LibraryDetector;

function onRedlock(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = of.data.client as Resource;
  if (it.name === 'acquire' || it.name === 'lock') return take(it, client, run);
  if (it.name !== 'using') return it.args.some(isCallable) ? undefined : UNKNOWN;
  const lock = take(it, client, run);
  (lock.data.step as DraftCache).isExtended = true;
  const given = run.call(it.args.find(isCallable), [run.make('Signal', it.place)]);
  give(it, lock, run);
  return given;
}

/** Keys are a text or a list of them; the first stands for all. */
function take(it: LibraryCall, client: Resource, run: CodeRun): Resource {
  const [keys, ttl] = it.args;
  const { pattern, varies } = patternOf(keys?.t === 'list' ? keys.items[0] : keys);
  const ttlMs = toldValue(ttl, it.place);
  const step: DraftCache = {
    kind: 'cache',
    client,
    label: `lock ${pattern}`,
    operation: 'write',
    key: pattern,
    keyVaries: varies,
    ...(ttlMs && { ttlMs }),
    ifAbsent: true,
    onMiss: [],
    awaited: true,
    place: it.place,
  };
  run.record(step);
  return run.make('Lock', it.place, { client, step, key: pattern, varies });
}

function onLock(it: LibraryCall, lock: Resource, run: CodeRun): Value | undefined {
  if (it.name === 'extend') {
    (lock.data.step as DraftCache).isExtended = true;
    return lock;
  }
  if (it.name === 'release' || it.name === 'unlock') give(it, lock, run);
  return NOTHING;
}

function give(it: LibraryCall, lock: Resource, run: CodeRun): void {
  const key = String(lock.data.key);
  run.record({
    kind: 'cache',
    client: lock.data.client as Resource,
    label: `unlock ${key}`,
    operation: 'delete',
    key,
    keyVaries: lock.data.varies === true,
    onMiss: [],
    awaited: true,
    place: it.place,
  });
}
