import { isCallable, propertyOf, text, textOf, textWith, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { bringComponent, COMPONENTS, isComponent } from './sst/components.ts';
import { appIn, bringHandler, LINK } from './sst/functions.ts';

/** What SST 3 puts beside the names of its configuration: no import tells them. */
export const SST_GLOBALS: Readonly<Record<string, Value>> = Object.fromEntries(
  ['$config', '$app', '$interpolate', '$concat', '$dev', '$resolve', '$jsonStringify', '$asset', '$util', '$transform', 'aws', 'sst'].map((name) => [
    name,
    { t: 'package', name: 'sst', path: name === 'sst' ? [] : [name] },
  ]),
);

/** SST 3: its configuration is a program that makes components; a function asks for those that it is linked to by `Resource`. */
export default {
  id: 'sst',
  packages: ['sst'],
  call(it, run) {
    if (it.receiver) return isComponent(it.receiver) ? COMPONENTS[it.receiver.data.kind as string]?.on?.(it.receiver, it, run) : undefined;
    const [first] = it.args;
    switch (it.name) {
      case 'bus.publish':
        publish(it, run);
        return UNKNOWN;
      case 'event.builder':
        return { t: 'native', call: run.keep(([type], place = it.place) => run.make('Event', place, { type })) };
      case 'bus.subscriber':
        return run.make('Wrapped', it.place, { inner: it.args.findLast(isCallable) });
      case 'auth.authorizer':
        return run.make('Wrapped', it.place, { inner: callbackOf(first, run) });
      case '$config':
        start(first, run);
        return UNKNOWN;
      case '$interpolate':
      case '$concat':
        return { t: 'text', parts: it.args };
      case '$resolve':
      case '$jsonStringify':
        return first ?? UNKNOWN;
      default:
        break;
    }
    const kind = it.name.replace(/^sst\./, '');
    if (kind === 'aws.StepFunctions.lambdaInvoke') bringHandler(propertyOf(first, 'function'), [textWith(propertyOf(first, 'name'), '*')], [], undefined, it.place, run);
    if (!it.isNew) return UNKNOWN;
    return bringComponent(kind, it, run);
  },
  member(of, name, run) {
    return isComponent(of) ? COMPONENTS[of.data.kind as string]?.member?.(of, name, run) : undefined;
  },
  /** `Resource.Orders.name`, of an app whose functions are told what they are linked to. */
  constant([first, id, name], run) {
    if (first !== 'Resource' || id === undefined || name === undefined) return undefined;
    const said = run.env(`${LINK}${id}_${name}`) ?? (/^(name|url|arn|host|endpoint|service)$/.test(name) ? run.env(`${LINK}${id}`) : undefined);
    return said && text(said.value, said.place);
  },
} satisfies LibraryDetector;

/** `bus.publish(Resource.Bus, Order.Event.Created, { id })`: known by the kind of the event, as those who wait for it know it. */
function publish(it: LibraryCall, run: CodeRun): void {
  const [bus, event] = it.args;
  const type = textOf(event) ?? textOf(event?.t === 'resource' ? (event.data.type as Value) : undefined);
  const channel = type ?? (bus?.t === 'package' ? bus.path.at(-1) : undefined) ?? 'events';
  const { client } = run.shared('sst bus', () => ({ client: run.make('AwsClient', it.place, { engine: 'eventbridge', library: 'sst', multiplexed: true }) }));
  run.claim({ kind: 'client', client });
  run.record({ kind: 'publish', client, channel, channelKind: 'topic', library: 'sst', awaited: true, place: it.place });
}

/** What an authorizer calls for whoever has proved who they are. */
const callbackOf = (options: Value | undefined, run: CodeRun): Value | undefined => {
  const of = options && run.property(run.property(run.property(options, 'callbacks'), 'auth'), 'success');
  return isCallable(of) ? of : undefined;
};

/** Reads the app's name, then runs what it deploys. */
function start(config: Value | undefined, run: CodeRun): void {
  const [app, body] = [config && run.property(config, 'app'), config && run.property(config, 'run')];
  const said = isCallable(app) ? run.call(app, [UNKNOWN]) : undefined;
  const name = textOf(propertyOf(said, 'name'));
  if (name !== undefined) appIn(run).name = name;
  if (isCallable(body)) run.call(body, []);
}
