import { DATA, isCallable, NOTHING, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';

/** NATS: subjects that are published, asked and subscribed to. */
export default {
  id: 'nats',
  packages: ['nats', '@nats-io/transport-node'],
  call(it, run) {
    if (it.receiver) return onClient(it, it.receiver, run);
    if (it.name.split('.').at(-1) !== 'connect') return UNKNOWN;
    const servers = propertyOf(it.args[0], 'servers');
    const client = run.make('Nats', it.place, { engine: 'nats', library: 'nats', multiplexed: true, address: addressIn(servers ?? it.args[0]) });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;

function onClient(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  if (it.name === 'jetstream') return run.make('JetStream', it.place, { client });
  const channel = textOf(it.args[0]) ?? '*';
  if (it.name === 'publish' || it.name === 'request' || it.name === 'requestMany') {
    run.record({ kind: 'publish', client, channel, channelKind: 'topic', library: 'nats', awaited: it.name !== 'publish' || of.type === 'JetStream', place: it.place });
    return DATA;
  }
  if (it.name !== 'subscribe') return UNKNOWN;
  const consume = (handler: Value): void => run.claim({ kind: 'consumer', client, library: 'nats', channel, channelKind: 'topic', handler, place: it.place });
  const callback = propertyOf(it.args[1], 'callback');
  if (callback && isCallable(callback)) consume({ t: 'native', call: () => run.call(callback, [NOTHING, DATA]) });
  // `for await (const message of subscription)` is the handler, wherever it stands.
  return run.make('Subscription', it.place, { onEach: consume });
}
