import { isCallable, NOTHING, object, propertyOf, type Resource, textOf, toldNumber, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { FailedMessages } from '../../../model/topology.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { addressIn } from './address.ts';

/** amqplib: one connection, its channels, what is sent and consumed. */
export default {
  id: 'amqplib',
  packages: ['amqplib', 'amqp-connection-manager'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.name.split('.').at(-1) !== 'connect') return UNKNOWN;
    const client = run.make('Connection', it.place, { engine: 'rabbitmq', library: 'amqplib', multiplexed: true, address: addressIn(it.args[0]) });
    run.claim({ kind: 'client', client });
    return handOver(client, it, run);
  },
} satisfies LibraryDetector;

function handOver(made: Value, it: LibraryCall, run: CodeRun): Value {
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, made]);
  return made;
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  switch (it.name) {
    case 'createChannel':
    case 'createConfirmChannel':
      return handOver(run.make('Channel', it.place, { client }), it, run);
    case 'assertQueue':
      noteQueue(it, client);
      return handOver(object([['queue', isUnnamed(it.args[0]) ? run.make('Queue', it.place, { client }) : (it.args[0] as Value)]]), it, run);
    case 'bindQueue':
      bind(it, client);
      return UNKNOWN;
    case 'prefetch': {
      of.data.prefetch = prefetchOf(it);
      return UNKNOWN;
    }
    case 'sendToQueue':
    case 'publish': {
      // Each queue that is bound to an exchange gets a message of its own; the one without a name hands it to the queue that the key names.
      const isShared = it.name === 'publish' && textOf(it.args[0]) !== '';
      const channel = (it.name === 'publish' ? keyOf(it.args[0], it.args[1]) : textOf(it.args[0])) ?? 'messages';
      run.record({ kind: 'publish', client, channel, channelKind: isShared ? 'topic' : 'queue', library: 'amqplib', awaited: true, place: it.place });
      return UNKNOWN;
    }
    case 'consume': {
      // Prefetch counts unacknowledged messages, so nothing limits a consumer that never acknowledges.
      const isUncounted = truth(propertyOf(it.args[2], 'noAck') ?? NOTHING) === true;
      const concurrency = isUncounted ? undefined : (of.data.prefetch as Told | undefined);
      for (const from of consumedFrom(it, client))
        run.claim({
          kind: 'consumer',
          client,
          library: 'amqplib',
          ...from,
          handler: it.args[1] ?? UNKNOWN,
          ...(concurrency && { concurrency }),
          ...failedAt(it, client, isUncounted, run),
          place: it.place,
        });
      return UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

/** Messages that a channel delivers ahead of their acknowledgement; 0 is AMQP's word for no limit. */
function prefetchOf(it: LibraryCall): Told | undefined {
  const told = toldNumber(object([['count', it.args[0] ?? UNKNOWN]]), 'count');
  if (!told || !('value' in told)) return told;
  return told.value > 0 ? { value: told.value, place: it.place } : undefined;
}

/** A queue for which the server finds a name: it belongs to one connection, and ends with it. */
const isUnnamed = (it: Value | undefined): boolean => it === undefined || it.t === 'nothing' || textOf(it) === '';

/** What messages are known by: their key, or the exchange where it has none. */
const keyOf = (exchange: Value | undefined, key: Value | undefined): string | undefined => textOf(key) || textOf(exchange);

type Bound = Map<string, Set<string>>;

/** Keys by which a queue gets messages from exchanges, as far as this program says. */
function keysOf(queue: Value | undefined, client: Resource): Set<string> {
  if (queue?.t === 'resource') return (queue.data.keys ??= new Set()) as Set<string>;
  const bound = (client.data.bound ??= new Map()) as Bound;
  const name = textOf(queue) ?? '';
  const keys = bound.get(name) ?? new Set();
  bound.set(name, keys);
  return keys;
}

function bind(it: LibraryCall, client: Resource): void {
  const key = keyOf(it.args[1], it.args[2]);
  if (key !== undefined) keysOf(it.args[0], client).add(key);
}

/** The queue, and what is sent to exchanges for it. One without a name is known by that alone. */
function consumedFrom(it: LibraryCall, client: Resource): { channel: string; channelKind: 'queue' | 'topic' }[] {
  const [queue] = it.args;
  const name = queue?.t === 'resource' ? undefined : (textOf(queue) ?? 'messages');
  const shared = [...keysOf(queue, client)].filter((key) => key !== name).map((channel) => ({ channel, channelKind: 'topic' as const }));
  if (name !== undefined) return [{ channel: name, channelKind: 'queue' as const }, ...shared];
  return shared.length > 0 ? shared : [{ channel: `queue at ${it.place.file}:${it.place.line}`, channelKind: 'queue' as const }];
}

type Queues = Map<string, 'plain' | 'kept' | 'unread'>;

/** Whether a queue hands what fails to another one: options of the queue's first declaration decide. */
function noteQueue(it: LibraryCall, client: Resource): void {
  const queues = (client.data.queues ??= new Map()) as Queues;
  const [name, options] = [textOf(it.args[0]) ?? '', it.args[1]];
  const more = propertyOf(options, 'arguments');
  const isOpen = (of: Value | undefined): boolean => of !== undefined && of.t !== 'nothing' && (of.t !== 'object' || of.open !== undefined);
  const keeps = propertyOf(options, 'deadLetterExchange') ?? propertyOf(more, 'x-dead-letter-exchange') ?? propertyOf(more, 'x-delivery-limit');
  queues.set(name, keeps ? 'kept' : isOpen(options) || isOpen(more) ? 'unread' : 'plain');
}

/** Known only of queues that this program declares: what others declare may have an exchange for the dead. */
function failedAt(it: LibraryCall, client: Resource, isUncounted: boolean, run: CodeRun): { failed?: FailedMessages } {
  const declared = (client.data.queues as Queues | undefined)?.get(textOf(it.args[0]) ?? '');
  if (it.args[0]?.t === 'resource') return { failed: { fate: 'unnamed', place: it.place } };
  if (isUncounted) return { failed: { fate: 'unasked', place: it.place } };
  if (declared === 'kept' || run.callsAny(/^(nack|nackAll|reject)$/)) return { failed: { fate: 'kept', place: it.place } };
  return declared === 'plain' && run.callsAny(/^(ack|ackAll)$/) ? { failed: { fate: 'unacknowledged', place: it.place } } : {};
}
