import { DATA, isCallable, list, NOTHING, propertyOf, REQUEST, type Resource, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { type Application, type Middleware, createApplication, startApplication } from './nestjs/application.ts';
import type { Container, ModuleNode } from './nestjs/container.ts';
import { portOf } from './address.ts';

/** NestJS: the application, its modules and what they inject, decorators, guards' and interceptors' contexts. */
export default {
  id: 'nestjs',
  packages: ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', '@nestjs/platform-fastify'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.name.startsWith('NestFactory.')) return createApplication(it, name, run);
    if (it.package === '@nestjs/core') return fromCore(it, name, run);
    // Up to version 9 caching was a part of Nest itself.
    if (it.package === '@nestjs/common' && /^Cache(Module\.|Interceptor|Key$|TTL$)/.test(it.name)) return run.use('@nestjs/cache-manager', it.name, it.args, it.place, it.isNew);
    if (it.isNew && /^(Express|Fastify)Adapter$/.test(name)) return run.make('HttpAdapter', it.place, { inner: it.args[0] });
    if (it.isNew || !/^[A-Z]/.test(it.name)) return lowerCase(it, name, run);
    // Every factory of a capital name is a decorator; `Logger.log` is none.
    return it.name.includes('.') ? NOTHING : run.make('Decorator', it.place, { name, args: it.args });
  },
} satisfies LibraryDetector;

function lowerCase(it: LibraryCall, name: string, run: CodeRun): Value | undefined {
  switch (name) {
    case 'forwardRef':
      return run.make('ForwardRef', it.place, { to: it.args[0] ?? UNKNOWN });
    case 'applyDecorators':
      return list([...it.args]);
    case 'mixin':
      return it.args[0] ?? UNKNOWN;
    case 'createParamDecorator':
      return { t: 'native', call: () => run.make('Decorator', it.place, { name: 'Custom', args: [] }) };
    case 'Logger':
    case 'ConsoleLogger':
      return run.make('Silent', it.place);
    default:
      return UNKNOWN;
  }
}

function fromCore(it: LibraryCall, name: string, run: CodeRun): Value | undefined {
  if (name === 'injected') return run.make(it.name.split('.')[0] ?? '', it.place);
  if (it.name === 'Reflector' && it.isNew) return run.make('Reflector', it.place);
  if (it.name === 'Reflector.createDecorator') return run.make('DecoratorKey', it.place, { key: it.args[0] });
  if (it.name === 'RouterModule.register') return run.make('NestModule', it.place, { gives: [], routes: it.args[0] ?? UNKNOWN });
  return UNKNOWN;
}

/** Metadata of a route and its class, by key: what `SetMetadata` put there. */
export type Metadata = ReadonlyMap<string, Value>;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  switch (of.type) {
    case 'App':
      return onApplication(it, of, run);
    case 'Context':
      return onContext(it, of);
    case 'CallHandler':
      return it.name === 'handle' ? run.call(of.data.rest as Value) : UNKNOWN;
    case 'Reflector':
      return metadataOf(it, run);
    case 'Consumer':
      return onConsumer(it, of, run);
    case 'HttpAdapter':
      return it.name === 'getInstance' ? ((of.data.inner as Value | undefined) ?? UNKNOWN) : UNKNOWN;
    case 'ModuleRef': {
      const app = run.shared<{ last?: Application }>('nestjs', () => ({})).last;
      return app ? lookUp(it, app.container, app.root) : UNKNOWN;
    }
    case 'Missing':
      // What is called on it is load that nobody sees.
      if (run.isTracing()) run.record({ kind: 'unread', package: '', place: it.place });
      return DATA;
    default:
      return UNKNOWN;
  }
}

function lookUp(it: LibraryCall, container: Container, root: ModuleNode): Value {
  if (it.name === 'get' || it.name === 'resolve') return it.args[0] ? container.inject(it.args[0], root) : UNKNOWN;
  if (it.name === 'create' && it.args[0]?.t === 'class') return container.instantiate(it.args[0], root);
  return UNKNOWN;
}

function onApplication(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const app = of.data.app as Application;
  switch (it.name) {
    case 'get':
    case 'resolve':
      return lookUp(it, app.container, app.root);
    case 'select':
      return of;
    case 'setGlobalPrefix':
      app.prefix = textOf(it.args[0]) ?? '';
      app.unprefixed = propertyOf(it.args[1], 'exclude');
      return of;
    case 'enableVersioning': {
      const type = propertyOf(it.args[0], 'type');
      if (!type || (type.t === 'package' ? type.path.at(-1) === 'URI' : textOf(type) === '0'))
        app.versions = { prefix: textOf(propertyOf(it.args[0], 'prefix')) ?? 'v', ...withDefault(propertyOf(it.args[0], 'defaultVersion')) };
      return of;
    }
    case 'use':
      app.mounted.push({ path: textOf(it.args[0]) ?? '', method: null, handlers: it.args.filter((arg) => arg.t === 'resource' || isCallable(arg)), place: it.place });
      return of;
    case 'useGlobalGuards':
      app.enhancers.push(...it.args.map((value) => ({ kind: 'guard' as const, value })));
      return of;
    case 'useGlobalInterceptors':
      app.enhancers.push(...it.args.map((value) => ({ kind: 'interceptor' as const, value })));
      return of;
    case 'connectMicroservice':
      app.transports.push(it.args[0] ?? UNKNOWN);
      return of;
    case 'listen':
    case 'listenAsync':
    case 'init':
    case 'startAllMicroservices':
    case 'startAllMicroservicesAsync':
      startApplication(of, app, run);
      if (it.name.startsWith('listen')) {
        if (app.serves) {
          run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: it.place });
          run.claim({ kind: 'listens', ...portOf(it.args[0]), place: it.place });
        }
        for (const arg of it.args) if (isCallable(arg)) run.call(arg);
      }
      return of;
    case 'enableShutdownHooks':
      run.claim({ kind: 'fact', type: 'graceful_shutdown', subject: 'enableShutdownHooks', value: true, place: it.place });
      return of;
    case 'getHttpAdapter':
      return run.make('HttpAdapter', it.place, { inner: of });
    case 'getHttpServer':
    case 'getInstance':
      return UNKNOWN;
    default:
      return of;
  }
}

const withDefault = (it: Value | undefined): { initial?: string } => {
  const version = textOf(it?.t === 'list' ? it.items[0] : it);
  return version === undefined ? {} : { initial: version };
};

/** Whatever the transport, a context leads to the request. */
function onContext(it: LibraryCall, of: Resource): Value {
  switch (it.name) {
    case 'switchToHttp':
    case 'switchToRpc':
    case 'switchToWs':
      return of;
    case 'getRequest':
    case 'getData':
      return REQUEST;
    case 'getResponse':
      return (of.data.response as Value | undefined) ?? UNKNOWN;
    case 'getHandler':
      return of.data.handler as Value;
    case 'getClass':
      return of.data.class as Value;
    case 'getType':
      return text('http');
    case 'getArgs':
    case 'getArgByIndex':
      return REQUEST;
    default:
      return DATA;
  }
}

/** Texts, lists of them, and values of which no more is known than that they were given. */
const NAMES_SOME: ReadonlySet<Value['t']> = new Set(['text', 'number', 'list', 'either', 'object', 'unknown', 'data']);

/** What `SetMetadata` and `Reflector.createDecorator` put on a handler or its class; the first of several wins. */
function metadataOf(it: LibraryCall, run: CodeRun): Value {
  const [key, from] = it.args;
  const name = key?.t === 'resource' ? `key ${key.id}` : textOf(key);
  if (name === undefined) return UNKNOWN;
  const targets = from?.t === 'list' ? from.items : from ? [from] : [];
  let isKnown = targets.length > 0;
  for (const target of targets) {
    const all = target.t === 'resource' ? (target.data.metadata as Metadata | undefined) : undefined;
    if (!all) isKnown = false;
    const found = all?.get(name);
    // What a guard finds written at its route, and is more than a yes or no (`@Public()`), names who may pass.
    if (found && target.t === 'resource' && target.data.isGuarded === true && NAMES_SOME.has(found.t)) run.servesSome();
    if (found) return found;
  }
  return isKnown ? NOTHING : UNKNOWN;
}

/** `consumer.apply(A, b).exclude(…).forRoutes('cats')`. */
function onConsumer(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const all = of.data.all as Middleware[];
  if (it.name === 'apply') return run.make('Consumer', it.place, { all, applied: it.args.flatMap((arg) => (arg.t === 'list' ? arg.items : [arg])) });
  if (it.name === 'forRoutes') all.push({ uses: (of.data.applied as Value[] | undefined) ?? [], routes: it.args, place: it.place });
  return of;
}
