import { isCallable, NOTHING, patternOf, propertyOf, REQUEST, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';

/** @grpc/grpc-js: services of a loaded proto file, their servers and clients. Methods match by their names. */
export default {
  id: 'grpc-js',
  packages: ['@grpc/grpc-js', 'grpc', '@grpc/proto-loader'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (name === 'loadPackageDefinition') return run.make('Proto', it.place, { name: '' });
    if (name === 'makeClientConstructor' || name === 'makeGenericClientConstructor')
      return run.make('Proto', it.place, { name: serviceOf(it.args[0]) ?? lastPart(patternOf(it.args[1]).pattern) });
    if (/credentials\./i.test(it.name) && /^create/.test(name)) return run.make('Credentials', it.place, { makesClients: true });
    if (it.isNew && name === 'Server') return run.make('Server', it.place, { mounted: [] satisfies Mounted[] });
    return UNKNOWN;
  },
  member(of, name, run) {
    // `proto.shop.OrderService.service` walks down to the service.
    if (of.type !== 'Proto' || name === 'then') return undefined;
    return name === 'service' ? of : run.make('Proto', of.place, { name });
  },
} satisfies LibraryDetector;

const lastPart = (it: string): string => it.split('.').at(-1) ?? it;

/** Generated code lists a service's methods with their paths: `/shop.OrderService/GetOrder`. */
function serviceOf(it: Value | undefined): string | undefined {
  const [method] = it?.t === 'object' ? it.props.values() : [];
  const [, service] = patternOf(propertyOf(method, 'path')).pattern.split('/');
  return service ? lastPart(service) : undefined;
}

const path = (service: unknown, method: string): string => `/${String(service)}/${method.charAt(0).toLowerCase()}${method.slice(1)}`;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Proto') return it.name === '' ? run.make('Client', it.place, { service: of.data.name, address: it.args[0] }) : UNKNOWN;
  if (of.type === 'Credentials') {
    const [, name] = /^new (\w+?)(?:Client)?$/.exec(it.name) ?? [];
    return name ? run.make('Client', it.place, { service: name, address: it.args[0] }) : UNKNOWN;
  }
  if (of.type === 'Client') {
    if (/^(close|waitForReady|getChannel|then)$/.test(it.name)) return UNKNOWN;
    const target = path(of.data.service, it.name);
    const url: Value = { t: 'text', parts: ['grpc://', (of.data.address as Value | undefined) ?? 'localhost', target] };
    run.record({ kind: 'request', url, method: 'POST', label: target.slice(1), library: '@grpc/grpc-js', protocol: 'grpc', awaited: true, place: it.place });
    const callback = it.args.find(isCallable);
    if (callback) run.call(callback, [NOTHING, { t: 'data' }]);
    return { t: 'data' };
  }
  return onServer(it, of, run);
}

function onServer(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const [service, methods] = it.args;
  if (it.name === 'addService' && methods?.t === 'object') {
    const name = service?.t === 'resource' ? service.data.name : (serviceOf(service) ?? '*');
    for (const [method, handler] of methods.props) {
      if (!isCallable(handler)) continue;
      (of.data.mounted as Mounted[]).push({
        path: path(name, method),
        method: 'post',
        handlers: [{ t: 'native', call: () => run.call(handler, [REQUEST, { t: 'native', call: () => NOTHING }]) }],
        place: methods.places.get(method) ?? it.place,
      });
    }
  }
  if (it.name === 'bind' || it.name === 'bindAsync') {
    run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: it.place });
    run.claim({ kind: 'listens', place: it.place });
    const callback = it.args.find(isCallable);
    if (callback) run.call(callback, [NOTHING]);
  }
  return UNKNOWN;
}
