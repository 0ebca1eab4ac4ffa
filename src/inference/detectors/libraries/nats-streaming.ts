import { DATA, isCallable, NOTHING, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';

/** NATS Streaming: a client whose events are waited for, subjects that are published and subscribed to, each subscription with its options made by setters. */
export default {
  id: 'nats-streaming',
  packages: ['node-nats-streaming'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.name.split('.').at(-1) !== 'connect') return UNKNOWN;
    const options = it.args[2];
    const client = run.make('Stan', it.place, {
      engine: 'nats',
      library: 'node-nats-streaming',
      multiplexed: true,
      standsBehind: true,
      address: addressIn(propertyOf(options, 'url') ?? options),
    });
    run.claim({ kind: 'client', client });
    return client;
  },
  member: (of, name) => (of.type === 'Base' && name === 'client' ? (of.data.client as Resource) : undefined),
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const callback = it.args.find(isCallable);
  if (of.type === 'Options') return of;
  if (of.type === 'Base') return ofBase(it, of, run);
  if (it.name === 'standBehind') return run.make('Base', it.place, { client: of, self: it.args[0] });
  if (it.name === 'on' || it.name === 'once') {
    const event = textOf(it.args[0]);
    const consume = of.data.onMessage as ((handler: Value) => void) | undefined;
    if (callback && event === 'message') consume?.(callback);
    // Everything else happens once the client is connected.
    else if (callback && event === 'connect') run.call(callback, [of]);
    return of;
  }
  switch (it.name) {
    case 'subscriptionOptions':
      return run.make('Options', it.place, {});
    case 'publish':
      run.record({
        kind: 'publish',
        client: of,
        channel: textOf(it.args[0]) ?? '*',
        channelKind: 'topic',
        library: 'node-nats-streaming',
        awaited: callback !== undefined,
        place: it.place,
      });
      if (callback) run.call(callback, [NOTHING, DATA]);
      return UNKNOWN;
    case 'subscribe': {
      const onMessage = (handler: Value): void =>
        run.claim({ kind: 'consumer', client: of, library: 'node-nats-streaming', channel: textOf(it.args[0]) ?? '*', channelKind: 'topic', handler, place: it.place });
      return run.make('Subscription', it.place, { onMessage });
    }
    default:
      return UNKNOWN;
  }
}

/** Publishers and listeners whose base classes lie in a package that is not here: a `subject`, `publish(data)`, and `onMessage(data, message)` behind `listen()`. */
function ofBase(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const self = of.data.self as Value;
  const client = of.data.client as Resource;
  const subject = run.property(self, 'subject');
  const channel = textOf(subject) ?? (subject.t === 'package' ? subject.path.at(-1) : undefined) ?? '*';
  const common = { client, channel, channelKind: 'topic', library: 'node-nats-streaming', place: it.place } as const;
  if (it.name === 'publish') run.record({ kind: 'publish', ...common, awaited: true });
  const onMessage = run.property(self, 'onMessage');
  if (it.name === 'listen' && isCallable(onMessage))
    run.claim({ kind: 'consumer', ...common, handler: { t: 'native', call: ([message]) => run.call(onMessage, [DATA, message ?? UNKNOWN], self) } });
  return UNKNOWN;
}
