import { DATA, isCallable, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftStep, LibraryCall, LibraryDetector, Told, ToldPause } from '../../detector.ts';
import { pathIn } from './address.ts';
import { everyMsOf } from './cron.ts';

type Publish = Extract<DraftStep, { kind: 'publish' }>;

/**
 * Upstash's QStash and Workflow: a queue behind an API, which hands its messages over to URLs and asks again where one does not answer 2xx.
 * https://upstash.com/docs/qstash, https://upstash.com/docs/workflow
 */
export default {
  id: 'qstash',
  packages: ['@upstash/qstash', '@upstash/workflow'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.isNew && (name === 'Client' || name === 'Receiver')) return made(name, it, run);
    // Wrappers of a handler: nobody else gets through.
    if (/^verifySignature(AppRouter|Edge)?$/.test(name)) return handedTo(it.args[0], it, run);
    if (name !== 'serve' && name !== 'servePagesRouter') return UNKNOWN;
    // A handler, or an object that holds it: which framework it is made for is not known here.
    return run.make('Wrapped', it.place, { inner: handedTo(it.args[0], it, run, [run.make('Context', it.place)]) });
  },
  member(of, name, run): Value | undefined {
    if (of.type === 'Client' && name === 'schedules') return run.make('Schedules', of.place);
    if (of.type === 'Wrapped') return /^(POST|handler)$/.test(name) ? (of.data.inner as Value) : undefined;
    return of.type === 'Context' && /^(requestPayload|headers|env|url|workflowRunId|label)$/.test(name) ? DATA : undefined;
  },
} satisfies LibraryDetector;

function made(type: string, it: LibraryCall, run: CodeRun): Resource {
  const client = run.make(type, it.place, { engine: 'qstash', library: 'qstash', multiplexed: true });
  if (type === 'Client') run.claim({ kind: 'client', client });
  return client;
}

/** A handler that only QStash asks. */
function handedTo(handler: Value | undefined, it: LibraryCall, run: CodeRun, given?: readonly Value[]): Value {
  if (!isCallable(handler)) return UNKNOWN;
  const client = made('Receiver', it, run);
  return {
    t: 'native',
    call: (args) => {
      run.claim({ kind: 'pushed', client, library: 'qstash', place: it.place });
      return run.call(handler, given ?? args);
    },
  };
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const [first] = it.args;
  switch (of.type) {
    case 'Receiver':
      if (it.name === 'verify') run.claim({ kind: 'pushed', client: of, library: 'qstash', place: it.place });
      return DATA;
    case 'Schedules': {
      const everyMs = everyMsOf((textOf(propertyOf(first, 'cron')) ?? '').replace(/^CRON_TZ=\S+\s+/, ''));
      const url = propertyOf(first, 'destination');
      if (it.name === 'create' && url)
        run.claim({ kind: 'scheduled', url, method: methodOf(first), ...(everyMs !== undefined && { everyMs: { value: everyMs, place: it.place } }), place: it.place });
      return DATA;
    }
    case 'Queue':
      if (it.name === 'upsert') settingsIn(run).set(String(of.data.name), toldNumber(first, 'parallelism'));
      if (/^enqueue(JSON)?$/.test(it.name)) publish(first, it, of.data.client as Resource, of, run);
      return DATA;
    case 'Context':
      return onContext(it, run);
    default:
      return onClient(it, of, run);
  }
}

function onClient(it: LibraryCall, client: Resource, run: CodeRun): Value | undefined {
  const [first] = it.args;
  if (it.name === 'queue') return run.make('Queue', it.place, { client, name: textOf(first) ?? textOf(propertyOf(first, 'queueName')) });
  if (/^publish(JSON)?$/.test(it.name)) publish(first, it, client, undefined, run);
  else if (/^(batch(JSON)?|trigger)$/.test(it.name)) publishAll(first, it, client, run);
  return DATA;
}

/** What a run of a workflow does: its steps in order, each in a request of its own. */
function onContext(it: LibraryCall, run: CodeRun): Value | undefined {
  const callback = it.args.find(isCallable);
  return it.name === 'run' && callback ? run.call(callback) : DATA;
}

/** A list of messages; one of unknown length is made by a loop. */
function publishAll(messages: Value | undefined, it: LibraryCall, client: Resource, run: CodeRun): void {
  const each = messages?.t === 'list' ? messages.items : [messages];
  const steps = run.apart(() => {
    for (const one of each) publish(one, it, client, undefined, run);
  });
  if (messages?.t === 'list' && !messages.open) for (const step of steps) run.record(step);
  else if (messages?.t === 'list' || messages?.t === 'data') run.record({ kind: 'loop', concurrent: true, steps, place: it.place });
  else for (const step of steps) run.record(step);
}

/** Messages at a time by queue, where code sets them. */
const settingsIn = (run: CodeRun): Map<string, Told | undefined> =>
  run.shared<{ parallelism: Map<string, Told | undefined> }>('qstash queues', () => ({ parallelism: new Map() })).parallelism;

const methodOf = (options: Value | undefined): string => textOf(propertyOf(options, 'method'))?.toUpperCase() ?? 'POST';

function publish(options: Value | undefined, it: LibraryCall, client: Resource, queue: Resource | undefined, run: CodeRun): void {
  const url = propertyOf(options, 'url');
  const path = url && pathIn(url);
  const name = (queue?.data.name as string | undefined) ?? textOf(propertyOf(options, 'queueName'));
  const retries = toldNumber(options, 'retries');
  const step: Publish = {
    kind: 'publish',
    client,
    // Without a queue each address has its messages to itself; where they go to others, all that is known is that they go.
    channel: name ?? (path?.some((part) => part !== '*') ? `/${path.join('/')}` : 'messages'),
    channelKind: 'queue',
    library: 'qstash',
    ...(url && { pushes: { url, method: methodOf(options), ...concurrencyIn(options, name, run) } }),
    ...(retries && { attempts: 'value' in retries ? { ...retries, value: retries.value + 1 } : retries }),
    ...pauseIn(options),
    // What fails for good goes to its dead letter queue by itself.
    failed: { fate: 'kept', place: it.place },
    ...((propertyOf(options, 'deduplicationId') ?? propertyOf(options, 'contentBasedDeduplication')) && { hasKey: true }),
    awaited: true,
    place: it.place,
  };
  run.record(step);
}

/** `retryDelay` is an expression, which replaces the pauses that it makes by itself. */
function pauseIn(options: Value | undefined): { backoff?: ToldPause } {
  const said = propertyOf(options, 'retryDelay');
  return said && said.t !== 'nothing' ? { backoff: { kind: 'fixed', delayMs: { why: 'an expression decides' } } } : {};
}

/** How many messages are handed over at a time: of all that have the same key, so one that comes with the data limits nothing in all. */
function concurrencyIn(options: Value | undefined, queued: string | undefined, run: CodeRun): Partial<NonNullable<Publish['pushes']>> {
  const flow = propertyOf(options, 'flowControl');
  const parallelism = textOf(propertyOf(flow, 'key')) === undefined ? undefined : toldNumber(flow, 'parallelism');
  const concurrency = queued === undefined ? parallelism : settingsIn(run).get(queued);
  return { ...(concurrency && { concurrency }), ...(queued !== undefined && { isQueued: true }) };
}
