import { isCallable, propertyOf, type Resource, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { adapter, askAdapter } from './feathers/adapters.ts';
import { authenticate, type Application, callService, type Hooks, resolved, serve, signIn } from './feathers/services.ts';

const METHODS = /^(find|get|create|update|patch|remove|_find|_get|_create|_update|_patch|_remove)$/;

/** Feathers 5: services under a path with hooks around their methods, over its adapters for Knex and MongoDB. */
export default {
  id: 'feathers',
  packages: [
    ...['@feathersjs/feathers', '@feathersjs/express', '@feathersjs/koa', '@feathersjs/knex', '@feathersjs/mongodb', '@feathersjs/memory', '@feathersjs/schema'],
    ...['@feathersjs/authentication', '@feathersjs/authentication-local', '@feathersjs/configuration', '@feathersjs/socketio'],
  ],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const [first] = it.args;
    switch (`${it.package.replace('@feathersjs/', '')} ${it.name.split('.').at(-1)}`) {
      case 'feathers feathers':
      case 'feathers ':
        return application(it, run);
      case 'express express':
      case 'express ':
      case 'koa koa':
        return first?.t === 'resource' && first.type === 'App' ? first : UNKNOWN;
      case 'knex KnexService':
      case 'mongodb MongoDBService':
        return adapter(it, run);
      case 'authentication AuthenticationService':
        return run.make('Authentication', it.place, { app: first });
      case 'authentication authenticate':
        return { t: 'native', call: run.keep((args: readonly Value[]) => authenticate(args[0], run)) };
      case 'authentication-local passwordHash':
        return { t: 'native', call: run.keep(() => hashed(it, run)) };
      case 'schema resolve':
        return run.make('Resolver', it.place, { properties: propertyOf(first, 'properties') ?? first });
      case 'schema virtual':
        // It gets no value of its own: the object comes first.
        return { t: 'native', call: run.keep(([, of, context]: readonly Value[]) => run.call(first, [of ?? UNKNOWN, context ?? UNKNOWN])) };
      case 'schema resolveData':
      case 'schema resolveQuery':
      case 'schema resolveResult':
      case 'schema resolveExternal':
      case 'schema resolveAll':
        return resolved(it, run);
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

function application(it: LibraryCall, run: CodeRun): Resource {
  const app: Application = { mounted: [], settings: new Map(), services: new Map(), hooks: [], isInside: false, place: it.place, run };
  return run.make('App', it.place, { app, mounted: app.mounted });
}

function hashed(it: LibraryCall, run: CodeRun): Value {
  run.record({ kind: 'compute', label: 'bcrypt', work: 'passwordHash', where: 'eventLoop', place: it.place });
  return text('hash');
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Adapter') return METHODS.test(it.name) ? askAdapter(it, of, run) : UNKNOWN;
  if (of.type === 'Authentication') return it.name === 'create' ? signIn(of, run) : UNKNOWN;
  if (of.type === 'Service') return onService(it, of);
  if (of.type !== 'App') return UNKNOWN;
  const app = of.data.app as Application;
  const [first, second, third] = it.args;
  switch (it.name) {
    case 'configure':
      if (isCallable(first)) run.call(first, [of]);
      return of;
    case 'set':
      if (second) app.settings.set(textOf(first) ?? '', second);
      return of;
    case 'get':
      return app.settings.get(textOf(first) ?? '') ?? run.use('config', 'get', it.args, it.place);
    case 'use': {
      const path = textOf(first)?.replace(/^\/|\/$/g, '');
      const methods = propertyOf(third, 'methods');
      if (path !== undefined && second && second.t !== 'nothing')
        app.services.set(path, { value: second, hooks: [], methods: methods?.t === 'list' && !methods.open ? methods.items.map(textOf) : undefined, place: it.place });
      return of;
    }
    case 'service':
      return run.make('Service', it.place, { app, self: of, path: textOf(first)?.replace(/^\/|\/$/g, '') ?? '' });
    case 'hooks':
      if (first) app.hooks.push(first as Hooks);
      return of;
    case 'listen':
      serve(app, of);
      return UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function onService(it: LibraryCall, of: Resource): Value {
  const { app, path } = of.data as { app: Application; path: string };
  if (it.name === 'hooks' && it.args[0]) app.services.get(path)?.hooks.push(it.args[0]);
  return METHODS.test(it.name) ? callService(app, of.data.self as Resource, path, it.name, false) : of;
}
