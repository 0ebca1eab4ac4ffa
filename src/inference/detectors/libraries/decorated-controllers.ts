import { type ClassValue, isCallable, propertyOf, REQUEST, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';
import { type DecoratorData, decoratorsNamed, itemsIn, itemsOf } from './nestjs/tokens.ts';

/** Both call decorators and their parts alike, but for case and prefix: `@httpGet`, `@Get`. */
const VERB = /^(?:http)?(get|post|put|patch|delete|head|all)$/i;
const CONTROLLER = /^(json)?controller$/i;
/** Parameters that are the framework's own objects; all others are parts of the request. */
const OWN: Readonly<Record<string, number>> = { request: 0, req: 0, response: 1, res: 1, next: 2 };

/**
 * Classes whose decorators are routes: inversify-express-utils (https://github.com/inversify/inversify-express-utils, all that are loaded, made by the container)
 * and routing-controllers (https://github.com/typestack/routing-controllers, those that are listed or lie in a folder).
 */
export default {
  id: 'decorated-controllers',
  packages: ['inversify-express-utils', 'routing-controllers'],
  call(it, run) {
    if (it.receiver) return it.receiver.type === 'Server' ? onServer(it, it.receiver, run) : UNKNOWN;
    const name = it.name.split('.').at(-1) ?? '';
    if (it.isNew) return name === 'InversifyExpressServer' ? run.make('Server', it.place, { configure: [], options: it.args[2] }) : UNKNOWN;
    const [first, second] = it.args;
    if (name === 'createExpressServer') return serve(run.use('express', 'express', [], it.place), first, it, run);
    if (name === 'useExpressServer') return serve(first ?? UNKNOWN, second, it, run);
    if (/^(create|use)KoaServer$/.test(name)) {
      run.claim({ kind: 'unread', package: it.package, place: it.place });
      return UNKNOWN;
    }
    const data: DecoratorData = { name: name === 'inject' ? 'Inject' : name, args: it.args };
    return run.make('Decorator', it.place, CONTROLLER.test(name) ? { ...data, decorates: (of: ClassValue) => void controllersIn(run).push(of) } : data);
  },
} satisfies LibraryDetector;

const controllersIn = (run: CodeRun): ClassValue[] => run.shared<{ all: ClassValue[] }>('decorated controllers', () => ({ all: [] })).all;

/** inversify-express-utils: nothing is mounted before `build`. */
function onServer(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const steps = of.data.configure as { isLast: boolean; run: Value }[];
  if ((it.name === 'setConfig' || it.name === 'setErrorConfig') && it.args[0]) steps.push({ isLast: it.name === 'setErrorConfig', run: it.args[0] });
  if (it.name !== 'build') return of;
  const app = run.use('express', 'express', [], it.place);
  for (const one of steps) if (!one.isLast) run.call(one.run, [app]);
  const base = textOf(propertyOf(of.data.options as Value | undefined, 'rootPath')) ?? '';
  for (const one of controllersIn(run)) mount(one, base, app, it, run);
  for (const one of steps) if (one.isLast) run.call(one.run, [app]);
  return app;
}

function serve(app: Value, options: Value | undefined, it: LibraryCall, run: CodeRun): Value {
  const named = itemsIn(options, 'controllers');
  for (const folder of named.flatMap((one) => /^(.*?)\/[^/]*\*/.exec(textOf(one) ?? '')?.[1] ?? [])) for (const file of run.filesIn(folder)) run.load(file);
  const isByName = named.length === 0 || named.some((one) => one.t === 'text');
  const all = isByName ? controllersIn(run) : named.filter((one): one is ClassValue => one.t === 'class');
  const prefix = textOf(propertyOf(options, 'routePrefix')) ?? '';
  for (const one of itemsIn(options, 'middlewares').flatMap((given) => middlewareOf(given, it, run))) run.call(run.property(app, 'use'), [one]);
  for (const one of all) mount(one, prefix, app, it, run);
  return app;
}

/** The routes of a class, its own and those of its parents. */
function mount(of: ClassValue, below: string, app: Value, it: LibraryCall, run: CodeRun): void {
  if (app.t !== 'resource') return;
  const own = ['controller', 'Controller', 'JsonController'].flatMap((name) => decoratorsNamed(of.decorators ?? [], name))[0];
  if (!own) return;
  const controller = made(of, it, run);
  const isInversify = own.name === 'controller';
  const before = [...(isInversify ? own.args.slice(1) : []), ...around(of.decorators ?? [])].flatMap((one) => middlewareOf(one, it, run));
  for (const member of run.inspect(of).members) {
    const method = run.property(controller, member.name);
    if (!isCallable(method)) continue;
    for (const one of member.decorators) {
      const data = one.t === 'resource' && one.type === 'Decorator' ? (one.data as DecoratorData) : undefined;
      const [, verb] = (data && VERB.exec(data.name)) ?? [];
      if (!data || verb === undefined || one.t !== 'resource') continue;
      const handler: Value = { t: 'native', call: (args) => run.call(method, argumentsFor(member.parameters, args), controller) };
      const between = [...(isInversify ? data.args.slice(1) : []), ...around(member.decorators)].flatMap((given) => middlewareOf(given, it, run));
      ((app.data.mounted ??= []) as Mounted[]).push({
        path: [below, textOf(own.args[0]) ?? '', textOf(data.args[0]) ?? ''].join('/'),
        method: verb.toLowerCase(),
        handlers: [...before, ...between, handler],
        place: one.place,
      });
    }
  }
}

const around = (decorators: readonly Value[]): Value[] => decoratorsNamed(decorators, 'UseBefore').flatMap((it) => it.args);

/** A function, a class with `use`, or what the container gives for a token, with `handler` (inversify) or `use` (routing-controllers). */
function middlewareOf(given: Value, it: LibraryCall, run: CodeRun): Value[] {
  return itemsOf(given).flatMap((one): Value[] => {
    if (isCallable(one)) return [one];
    const object = made(one, it, run);
    const method = object.t === 'instance' ? ['handler', 'use'].map((name) => run.property(object, name)).find(isCallable) : undefined;
    if (method) return [{ t: 'native', call: (args) => run.call(method, args, object) }];
    return isCallable(object) ? [object] : [];
  });
}

const made = (of: Value, { place }: LibraryCall, run: CodeRun): Value => run.use('inversify', 'get', [of], place);

/** Without decorators a method gets what a handler of Express gets. */
function argumentsFor(parameters: readonly { decorators: readonly Value[] }[], args: readonly Value[]): readonly Value[] {
  const names = parameters.map(({ decorators }) => decorators.flatMap((it) => (it.t === 'resource' && it.type === 'Decorator' ? [String(it.data.name)] : []))[0]);
  if (names.every((it) => it === undefined)) return args;
  return names.map((name) => args[OWN[(name ?? '').toLowerCase()] ?? -1] ?? REQUEST);
}
