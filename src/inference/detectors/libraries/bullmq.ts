import { DATA, isCallable, object, patternOf, propertyOf, type Resource, textOf, toldNumber, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { Place } from '../../../model/known.ts';
import type { FailedMessages } from '../../../model/topology.ts';
import type { CodeRun, DraftStep, LibraryCall, LibraryDetector, Told, ToldPause } from '../../detector.ts';
import { addressIn } from './address.ts';

/** BullMQ (and Bull): queues, workers, the Redis they share. */
export default {
  id: 'bullmq',
  packages: ['bullmq', 'bull'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (!it.isNew || !['Queue', 'Worker', ''].includes(name)) return UNKNOWN;
    const channel = channelIn(it.args[0]);
    const options = it.args.find((arg) => arg.t === 'object');
    const client = connectionOf(it, options, run);
    if (name === 'Worker') {
      const handler = it.args[1] ?? UNKNOWN;
      const concurrency = toldNumber(options ?? it.args[2], 'concurrency');
      run.claim({ kind: 'consumer', client, library: 'bullmq', channel, channelKind: 'queue', handler, ...(concurrency && { concurrency }), ...startOf(it, run), place: it.place });
      return run.make('Worker', it.place, { channel, client, name: it.args[0] ?? UNKNOWN });
    }
    // What cannot be read may hold them too.
    const defaults = options ? propertyOf(options, 'defaultJobOptions') : undefined;
    const attempts = toldNumber(options ?? it.args[1], 'defaultJobOptions', 'attempts');
    run.claim({
      kind: 'channel',
      client,
      library: it.package,
      channel,
      channelKind: 'queue',
      ...(attempts && { attempts }),
      ...backoffIn(defaults),
      ...failedIn(defaults),
      place: it.place,
    });
    return run.make('Queue', it.place, { channel, client, name: it.args[0] ?? UNKNOWN, library: it.package });
  },
  member: (of, name) => (of.type === 'Job' && !WAITS.test(name) ? DATA : (of.type === 'Queue' || of.type === 'Worker') && name === 'name' ? (of.data.name as Value) : undefined),
} satisfies LibraryDetector;

/** A queue's name; parts of it that cannot be read are `*`. */
export function channelIn(name: Value | undefined): string {
  const { pattern } = patternOf(name);
  return pattern === '*' ? 'queue' : pattern;
}

type Publish = Extract<DraftStep, { kind: 'publish' }>;

/** BullMQ's and Bull's ways to wait for the end of a job. */
const WAITS = /^(waitUntilFinished|finished)$/;

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

/** `removeOnFail: true` leaves nothing of a job that failed for good; a number or an age keeps the last ones. What comes again by itself needs no keeping. */
function failedIn(options: Value | undefined): { failed?: FailedMessages } {
  const said = options?.t === 'object' && !options.open?.has('removeOnFail') && !propertyOf(options, 'repeat') ? propertyOf(options, 'removeOnFail') : undefined;
  const place = options?.t === 'object' ? options.places.get('removeOnFail') : undefined;
  if (!said || !place) return {};
  const isRemoved = (said.t === 'boolean' && said.v) || (said.t === 'number' && said.v === 0);
  return isRemoved ? { failed: { fate: 'removed', place } } : said.t === 'boolean' || said.t === 'number' ? { failed: { fate: 'kept', place } } : {};
}

/** `add(name, data, options)`; Bull takes jobs without a name too. */
const jobOptions = (args: readonly Value[]): Value | undefined => (textOf(args[0]) === undefined && args[0]?.t === 'object' ? args[1] : args[2]);

/** A job that comes again by itself needs no second attempt; what is not told is decided by the queue. */
function attemptsIn(options: Value | undefined): Told | undefined {
  if (propertyOf(options, 'repeat')) return { why: 'it comes again by itself' };
  if (options && options.t !== 'object' && options.t !== 'nothing') return { why: 'the options of the job cannot be read' };
  return toldNumber(options, 'attempts');
}

/** Options of jobs that are put in together; undefined where one of them can't be read. What a `map` makes stands for all of its rounds. */
function optionsOfAll(jobs: Value | undefined): (Value | undefined)[] | undefined {
  if (jobs?.t !== 'list' || jobs.items.length === 0) return undefined;
  return jobs.items.every((it) => it.t === 'object' && !it.open) ? jobs.items.map((it) => propertyOf(it, 'opts')) : undefined;
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const { channel, client } = of.data as { channel: string; client: Resource };
  if (of.type === 'Queue' && (it.name === 'add' || it.name === 'addBulk')) {
    const all = it.name === 'add' ? [jobOptions(it.args)] : optionsOfAll(it.args[0]);
    const options = all?.find((one) => one !== undefined);
    const attempts = all ? all.map(attemptsIn).find((one) => one !== undefined) : { why: 'the jobs are made where they cannot be read' };
    const step: Publish = {
      kind: 'publish',
      client,
      channel,
      channelKind: 'queue',
      library: 'bullmq',
      ...(attempts && { attempts, ...backoffIn(options) }),
      ...failedIn(options),
      ...(propertyOf(options, 'jobId') && { hasKey: true }),
      awaited: true,
      place: it.place,
    };
    run.record(step);
    return it.name === 'add' ? jobOf(it, of, step, run) : { t: 'data' };
  }
  if (of.type === 'Queue' && it.name === 'getJob') return jobOf(it, of, undefined, run);
  if (of.type === 'Job') return onJob(it, of, run);
  if (of.type === 'Queue' && it.name === 'process') {
    const handler = it.args.find(isCallable);
    const number = it.args.find((arg) => arg.t === 'number');
    const given = it.args.slice(0, handler ? it.args.indexOf(handler) : -1).filter((arg) => textOf(arg) === undefined || arg === number);
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
        ...startOf(it, run),
        place: it.place,
      });
  }
  return UNKNOWN;
}

const jobOf = (it: LibraryCall, queue: Resource, step: Publish | undefined, run: CodeRun): Value => ({ t: 'data', row: run.make('Job', it.place, { ...queue.data, step }) });

/** A job that was looked up is the one that this program enqueued last, if it did. */
function onJob(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const isMine = (step: DraftStep): step is Publish => step.kind === 'publish' && step.channel === of.data.channel;
  const step = (of.data.step as Publish | undefined) ?? run.recorded().findLast(isMine);
  const timeoutMs = it.name === 'waitUntilFinished' ? toldValue(it.args[1], it.place) : undefined;
  // Whoever has answered before keeps nobody waiting.
  const isAnswered =
    step &&
    run
      .recorded()
      .slice(run.recorded().indexOf(step))
      .some((one) => one.kind === 'respond' && !one.failed);
  if (step && !isAnswered) step.waitsForJob ??= { ...(timeoutMs && { timeoutMs }), place: it.place };
  return DATA;
}

/** Lines that start a worker which is made elsewhere, by the place where it is made: the import of its module by an application's own. */
export const startsIn = (run: CodeRun): Map<string, Place> => run.shared<{ at: Map<string, Place> }>('bull starts', () => ({ at: new Map() })).at;

function startOf({ place }: LibraryCall, run: CodeRun): { startedAt?: Place } {
  const startedAt = startsIn(run).get(`${place.file}:${place.line}`);
  return startedAt ? { startedAt } : {};
}
