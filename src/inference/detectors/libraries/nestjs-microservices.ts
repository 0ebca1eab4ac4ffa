import { propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { exploreWith } from './nestjs/application.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { exploreMessages } from './nestjs/messages.ts';
import { grpcPath, itemsOf, patternText } from './nestjs/tokens.ts';
import { brokerOf, transportOf } from './nestjs/transports.ts';

/** @nestjs/microservices: clients that ask or tell other services, and what a service answers. */
export default {
  id: 'nestjs-microservices',
  packages: ['@nestjs/microservices'],
  call(it, run) {
    exploreWith(run, exploreMessages);
    if (it.receiver) return onClient(it, it.receiver, run);
    const [first] = it.args;
    switch (it.name) {
      case 'ClientsModule.register':
        return libraryModule(it, run, { gives: clientsIn(first).map((options) => ({ key: nameOf(options), make: () => client(options, it, run) })) });
      case 'ClientsModule.registerAsync':
        return libraryModule(it, run, {
          imports: { t: 'list', items: clientsIn(first).flatMap((options) => [...itemsOf(propertyOf(options, 'imports'))]), open: false },
          gives: clientsIn(first).map((options) => ({ key: nameOf(options), make: (inject) => client(asyncOptions(options, 'createClientOptions', inject, run), it, run) })),
        });
      case 'ClientProxyFactory.create':
        return client(first, it, run);
      case 'Client':
        return run.make('Decorator', it.place, { name: 'Inject', args: [run.make('Injected', it.place, { value: client(first, it, run) })] });
      default:
        return /^[A-Z]\w*$/.test(it.name) && !it.isNew ? run.make('Decorator', it.place, { name: it.name, args: it.args }) : UNKNOWN;
    }
  },
} satisfies LibraryDetector;

const clientsIn = (it: Value | undefined): readonly Value[] => itemsOf(propertyOf(it, 'clients') ?? it);
const nameOf = (it: Value): string => textOf(propertyOf(it, 'name')) ?? '*';

function client(options: Value | undefined, it: LibraryCall, run: CodeRun): Value {
  const transport = transportOf(options);
  if (transport === undefined) return UNKNOWN;
  const settings = propertyOf(options, 'options');
  return run.make('ClientProxy', it.place, { transport, settings, broker: brokerOf(transport, settings, it.place, run) });
}

function onClient(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const { transport, settings } = of.data as { transport: string; settings: Value | undefined };
  if (of.type === 'GrpcService') {
    if (it.name === 'then') return UNKNOWN;
    request(it, grpcPath(String(of.data.service), it.name), 'grpc', settings, run);
    return { t: 'data' };
  }
  if (it.name === 'getService' || it.name === 'getServiceByName') return run.make('GrpcService', it.place, { settings, transport, service: textOf(it.args[0]) ?? '*' });
  if (it.name !== 'send' && it.name !== 'emit') return UNKNOWN;
  const pattern = patternText(it.args[0]);
  const broker = of.data.broker as Resource | undefined;
  if (broker) {
    const channel = transport === 'RMQ' ? (textOf(propertyOf(settings, 'queue')) ?? 'default') : pattern;
    run.record({
      kind: 'publish',
      client: broker,
      channel,
      channelKind: transport === 'RMQ' ? 'queue' : 'topic',
      library: String(broker.data.library),
      awaited: it.name === 'send',
      place: it.place,
    });
  } else if (transport === 'TCP') request(it, `/${pattern}`, 'tcp', settings, run);
  return { t: 'data' };
}

function request(it: LibraryCall, path: string, protocol: 'grpc' | 'tcp', settings: Value | undefined, run: CodeRun): void {
  const address = protocol === 'grpc' ? propertyOf(settings, 'url') : propertyOf(settings, 'host');
  const url: Value = { t: 'text', parts: [`${protocol}://`, address ?? 'localhost', path] };
  run.record({
    kind: 'request',
    url,
    method: 'POST',
    label: path.slice(1),
    library: protocol === 'grpc' ? '@grpc/grpc-js' : '@nestjs/microservices',
    protocol,
    awaited: it.name !== 'emit',
    place: it.place,
  });
}
