import type { Place } from '../../../../model/known.ts';
import { DATA, isCallable, NOTHING, object, propertyOf, REQUEST, type Resource, text, textOf, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, LibraryCall } from '../../../detector.ts';
import type { Mounted } from '../express.ts';

/** An object of hooks by when they run and for which method. */
export type Hooks = Value;

export interface Service {
  value: Value;
  hooks: Hooks[];
  /** Those that clients may call; undefined: all that it has. */
  methods: readonly (string | undefined)[] | undefined;
  place: Place;
}

export interface Application {
  mounted: Mounted[];
  settings: Map<string, Value>;
  services: Map<string, Service>;
  hooks: Hooks[];
  /** Code of the server asks, not a client. */
  isInside: boolean;
  place: Place;
  run: CodeRun;
}

/** Methods that HTTP reaches (https://feathersjs.com/api/client/rest.html). */
const ROUTES: readonly [method: string, verb: string, path: string][] = [
  ['find', 'get', ''],
  ['get', 'get', '/:id'],
  ['create', 'post', ''],
  ['update', 'put', '/:id'],
  ['patch', 'patch', '/:id'],
  ['remove', 'delete', '/:id'],
];

/** Mounts what clients may call. */
export function serve(app: Application, of: Resource): void {
  const { run } = app;
  for (const [path, service] of app.services)
    for (const [method, verb, below] of ROUTES) {
      if (service.methods && !service.methods.includes(method)) continue;
      if (!isCallable(run.property(service.value, method)) || (isSignIn(service.value) && method !== 'create')) continue;
      const handler: Value = { t: 'native', call: run.keep(() => callService(app, of, path, method, true)) };
      app.mounted.push({ path: `/${path}${below}`, method: verb, handlers: [handler], place: service.place });
    }
  run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: app.place });
  run.claim({ kind: 'listens', place: app.place });
}

const isSignIn = (it: Value): boolean => (it.t === 'instance' ? it.base : it.t === 'resource' ? it : undefined)?.type === 'Authentication';

/** Runs a method with its hooks: those around and before it, the method, those after it (https://feathersjs.com/api/hooks.html). */
export function callService(app: Application, of: Resource, path: string, method: string, isOutside: boolean): Value {
  const { run } = app;
  const service = app.services.get(path);
  if (!service || !run.isTracing()) return DATA;
  const before = app.isInside;
  app.isInside = !isOutside;
  const context = object([
    ['app', of],
    ['path', text(path)],
    ['method', text(method)],
    ['service', run.make('Service', service.place, { app, self: of, path })],
    ['params', REQUEST],
    ['data', REQUEST],
    ['id', REQUEST],
    ['result', DATA],
  ]);
  const hooks = (when: string): Value[] => [...app.hooks, ...service.hooks].flatMap((it) => ['all', method].flatMap((name) => listed(propertyOf(propertyOf(it, when), name))));
  const go: Value = { t: 'native', call: () => NOTHING };
  for (const it of [...hooks('around'), ...hooks('before')]) run.call(it, [context, go]);
  const given = run.call(run.property(service.value, method), method === 'find' ? [REQUEST] : [REQUEST, REQUEST, REQUEST], service.value);
  for (const it of hooks('after')) run.call(it, [context, go]);
  app.isInside = before;
  return given.t === 'unknown' || given.t === 'nothing' ? DATA : given;
}

const listed = (it: Value | undefined): Value[] => (it?.t === 'list' ? it.items.filter(isCallable) : isCallable(it) ? [it] : []);

const applicationOf = (it: Value | undefined): { app: Application; of: Resource } | undefined =>
  it?.t === 'resource' && it.type === 'App' ? { app: it.data.app as Application, of: it } : undefined;

/** A client's token is checked, and the user that it names is looked up; what code of the server asks is let through. */
export function authenticate(context: Value | undefined, run: CodeRun): Value {
  const found = applicationOf(context?.t === 'object' ? context.props.get('app') : undefined);
  if (found && !found.app.isInside && run.isTracing()) callService(found.app, found.of, usersOf(found.app), 'get', false);
  return context ?? UNKNOWN;
}

/** Signing in with a password: the user is looked up, and the password compared. */
export function signIn(of: Resource, run: CodeRun): Value {
  const found = applicationOf(of.data.app as Value | undefined);
  if (!found || !run.isTracing()) return DATA;
  callService(found.app, found.of, usersOf(found.app), 'find', false);
  run.record({ kind: 'compute', label: 'bcrypt', work: 'passwordHash', where: 'eventLoop', place: of.place });
  return DATA;
}

/** The service that knows the users, as settings name it. */
const usersOf = ({ settings, run, place }: Application): string => {
  const own = propertyOf(settings.get('authentication'), 'service');
  return textOf(own) ?? textOf(run.use('config', 'get', [text('authentication.service')], place)) ?? 'users';
};

/** Resolvers run for each thing that a method gives back: many where it finds. */
export function resolved(it: LibraryCall, run: CodeRun): Value {
  const ofResult = /resolve(Result|External|All)$/.test(it.name);
  const functions = it.args.flatMap((arg) => {
    const properties = arg.t === 'resource' && arg.type === 'Resolver' ? (arg.data.properties as Value | undefined) : undefined;
    return properties?.t === 'object' ? [...properties.props.values()].filter(isCallable) : [];
  });
  return {
    t: 'native',
    call: run.keep(([context]: readonly Value[]) => {
      const method = propertyOf(context, 'method');
      const isMany = ofResult && method?.t === 'text' && method.parts[0] === 'find';
      const steps = run.apart(() => {
        for (const one of functions) run.call(one, [DATA, isMany ? run.round(it.place) : DATA, context ?? UNKNOWN]);
      });
      if (isMany && steps.length > 0) run.record({ kind: 'loop', concurrent: true, steps, place: it.place });
      else for (const step of steps) run.record(step);
      return context ?? UNKNOWN;
    }),
  };
}
