import { isCallable, object, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told, ToldPause } from '../../detector.ts';
import { addressIn } from './address.ts';

/** BullMQ (and Bull): queues, workers, the Redis they share. */
export default {
  id: 'bullmq',
  packages: ['bullmq', 'bull'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (!it.isNew || !['Queue', 'Worker', ''].includes(name)) return UNKNOWN;
    const channel = textOf(it.args[0]) ?? 'queue';
    const options = it.args.find((arg) => arg.t === 'object');
    const client = connectionOf(it, options, run);
    if (name === 'Worker') {
      const handler = it.args[1] ?? UNKNOWN;
      const concurrency = toldNumber(options ?? it.args[2], 'concurrency');
      run.claim({ kind: 'consumer', client, library: 'bullmq', channel, channelKind: 'queue', handler, ...(concurrency && { concurrency }), place: it.place });
      return run.make('Worker', it.place, { channel, client });
    }
    // What cannot be read may hold them too.
    const defaults = options ? propertyOf(options, 'defaultJobOptions') : undefined;
    const attempts = toldNumber(options ?? it.args[1], 'defaultJobOptions', 'attempts');
    run.claim({ kind: 'channel', client, library: it.package, channel, channelKind: 'queue', ...(attempts && { attempts }), ...backoffIn(defaults), place: it.place });
    return run.make('Queue', it.place, { channel, client, library: it.package });
  },
} satisfies LibraryDetector;

function connectionOf(it: LibraryCall, options: Value | undefined, run: CodeRun): Resource {
  const given = propertyOf(options, 'connection') ?? propertyOf(options, 'redis');
  if (given?.t === 'resource') return given;
  const client = run.make('Connection', it.place, { engine: 'redis', library: 'bullmq', multiplexed: true, address: given ? addressIn(given) : addressIn(it.args[1]) });
  run.claim({ kind: 'client', client });
  return client;
}

/** `backoff: 500` and `{ type: 'fixed', delay: 500 }` mean the same; a strategy of one's own is not read. */
function backoffIn(options: Value | undefined): { backoff?: ToldPause } {
  const given = propertyOf(options, 'backoff');
  const kind = given?.t === 'object' ? textOf(propertyOf(given, 'type')) : 'fixed';
  const delayMs = given?.t === 'object' ? toldNumber(given, 'delay') : toldNumber(options, 'backoff');
  if (delayMs && (kind === 'fixed' || kind === 'exponential')) return { backoff: { kind, delayMs } };
  return given && given.t !== 'nothing' ? { backoff: { kind: 'fixed', delayMs: { why: 'a strategy of its own decides' } } } : {};
}

/** `add(name, data, options)`; Bull takes jobs without a name too. */
const jobOptions = (args: readonly Value[]): Value | undefined => (textOf(args[0]) === undefined && args[0]?.t === 'object' ? args[1] : args[2]);

/** A job that comes again by itself needs no second attempt; what is not told is decided by the queue. */
function attemptsIn(options: Value | undefined): Told | undefined {
  if (propertyOf(options, 'repeat')) return { why: 'it comes again by itself' };
  if (options && options.t !== 'object' && options.t !== 'nothing') return { why: 'the options of the job cannot be read' };
  return toldNumber(options, 'attempts');
}

function attemptsOfAll(jobs: Value | undefined): Told | undefined {
  if (jobs?.t !== 'list' || jobs.open) return { why: 'the jobs are made where they cannot be read' };
  return jobs.items
    .map((it) => (it.t === 'object' && !it.open ? attemptsIn(propertyOf(it, 'opts')) : { why: 'a job is made where it cannot be read' }))
    .find((it) => it !== undefined);
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const { channel, client } = of.data as { channel: string; client: Resource };
  if (of.type === 'Queue' && (it.name === 'add' || it.name === 'addBulk')) {
    const options = it.name === 'add' ? jobOptions(it.args) : undefined;
    const attempts = it.name === 'add' ? attemptsIn(options) : attemptsOfAll(it.args[0]);
    run.record({
      kind: 'publish',
      client,
      channel,
      channelKind: 'queue',
      library: 'bullmq',
      ...(attempts && { attempts, ...backoffIn(options) }),
      awaited: true,
      place: it.place,
    });
    return { t: 'data' };
  }
  if (of.type === 'Queue' && it.name === 'process') {
    const handler = it.args.find(isCallable);
    const number = it.args.find((arg) => arg.t === 'number');
    const given = it.args
      .slice(
        0,
        it.args.findIndex((arg) => arg === handler),
      )
      .filter((arg) => textOf(arg) === undefined || arg === number);
    const concurrency: Told | undefined =
      number?.t === 'number' ? { value: number.v, place: number.place ?? it.place } : toldNumber(object(given.map((arg) => ['concurrency', arg] as const)), 'concurrency');
    if (handler)
      run.claim({
        kind: 'consumer',
        client,
        library: 'bull',
        channel,
        channelKind: 'queue',
        handler,
        ...(concurrency && { concurrency }),
        place: it.place,
      });
  }
  return UNKNOWN;
}
