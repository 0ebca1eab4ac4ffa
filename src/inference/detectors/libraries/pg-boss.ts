import { firstTold, isCallable, NOTHING, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { addressIn } from './address.ts';
import { scaledTold } from './cache-steps.ts';
import { everyMsOf } from './cron.ts';

const SENDS = /^(send|sendAfter|sendOnce|sendSingleton|sendThrottled|sendDebounced|publish|publishAfter|publishOnce|insert)$/;

/** pg-boss: queues in PostgreSQL tables. A worker takes a batch, and the next one not before its polling interval is over. */
export default {
  id: 'pg-boss',
  packages: ['pg-boss'],
  call(it, run) {
    if (it.receiver) return onBoss(it, it.receiver, run);
    if (!it.isNew || !/^(|default|PgBoss)$/.test(it.name)) return UNKNOWN;
    const [options] = it.args;
    // `new PgBoss({ db })` asks over what it is given, and connects to nothing itself.
    const isLent = (propertyOf(options, 'db') ?? NOTHING).t !== 'nothing';
    const boss = run.make('Boss', it.place, {
      engine: 'postgres',
      library: 'pg-boss',
      address: addressIn(options),
      max: toldNumber(options, 'max'),
      options,
      ...(isLent && { lent: true }),
    });
    run.claim({ kind: 'client', client: boss });
    return boss;
  },
} satisfies LibraryDetector;

function onBoss(it: LibraryCall, boss: Resource, run: CodeRun): Value | undefined {
  const [first, second] = it.args;
  const channel = textOf(propertyOf(first, 'name') ?? first);
  if (SENDS.test(it.name)) {
    const options = it.args.slice(channel === textOf(first) ? 2 : 0).findLast((arg) => arg.t === 'object');
    const attempts = retriesIn(first?.t === 'object' ? propertyOf(first, 'options') : options);
    run.record({
      kind: 'publish',
      client: boss,
      channel: channel ?? 'queue',
      channelKind: 'queue',
      library: 'pg-boss',
      ...(attempts && { attempts }),
      awaited: true,
      place: it.place,
    });
    return { t: 'data' };
  }
  switch (it.name) {
    case 'createQueue': {
      const attempts = retriesIn(second?.t === 'object' ? second : boss.data.options);
      run.claim({ kind: 'channel', client: boss, library: 'pg-boss', channel: channel ?? 'queue', channelKind: 'queue', ...(attempts && { attempts }), place: it.place });
      return NOTHING;
    }
    case 'work':
    case 'subscribe':
      work(it, boss, channel ?? 'queue', run);
      return UNKNOWN;
    case 'schedule': {
      // The clock sends a job; who works on it stands elsewhere.
      const everyMs = everyMsOf(textOf(second) ?? '');
      const handler: Value = {
        t: 'native',
        call: () => {
          run.record({ kind: 'publish', client: boss, channel: channel ?? 'queue', channelKind: 'queue', library: 'pg-boss', awaited: true, place: it.place });
          return NOTHING;
        },
      };
      run.claim({ kind: 'timer', handler, ...(everyMs !== undefined && { everyMs: { value: everyMs, place: it.place } }), place: it.place });
      return NOTHING;
    }
    case 'start':
      return boss;
    default:
      return it.args.some(isCallable) && it.name !== 'on' ? undefined : UNKNOWN;
  }
}

/** Tries are one more than retries. */
function retriesIn(options: unknown): Told | undefined {
  const told = toldNumber(options as Value | undefined, 'retryLimit');
  return told && 'value' in told ? { ...told, value: told.value + 1 } : told;
}

function work(it: LibraryCall, boss: Resource, channel: string, run: CodeRun): void {
  const handler = it.args.find(isCallable) ?? UNKNOWN;
  const options = it.args[1]?.t === 'object' ? it.args[1] : undefined;
  const own = boss.data.options as Value | undefined;
  const pollingMs = [options, own]
    .map((of) =>
      firstTold(scaledTold(toldNumber(of, 'pollingIntervalSeconds'), 1000), scaledTold(toldNumber(of, 'newJobCheckIntervalSeconds'), 1000), toldNumber(of, 'newJobCheckInterval')),
    )
    .find((told) => told !== undefined);
  const concurrency = product(firstTold(toldNumber(options, 'batchSize'), toldNumber(options, 'teamSize')), toldNumber(options, 'localConcurrency'));
  run.claim({
    kind: 'consumer',
    client: boss,
    library: 'pg-boss',
    channel,
    channelKind: 'queue',
    handler: {
      t: 'native',
      call: (args) => {
        const job = run.apart(() => void run.call(handler, args));
        run.record({
          kind: 'parallel',
          branches: [job, [{ kind: 'wait', ...(pollingMs && { ms: pollingMs }), library: 'pg-boss', awaited: true, place: it.place }]],
          place: it.place,
        });
        return NOTHING;
      },
    },
    ...(concurrency && { concurrency }),
    place: it.place,
  });
}

function product(a: Told | undefined, b: Told | undefined): Told | undefined {
  if (!a || !b) return a ?? b;
  return 'value' in a && 'value' in b ? { value: a.value * b.value, place: a.place } : 'value' in a ? b : a;
}
