import { isCallable, NOTHING, patternOf, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';
import { portOf } from './address.ts';

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all']);
/** Hooks that run before a handler, in this order. */
const BEFORE = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const;
/** What `fastify-plugin` marks: what such a plugin adds is seen outside it. */
const SKIPS_OVERRIDE = 'Symbol skip-override';

/** Fastify: routes, plugins with prefixes, decorators, hooks before handlers. */
export default {
  id: 'fastify',
  packages: ['fastify', 'fastify-plugin'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.package === 'fastify-plugin') return transparent(it.args[0]);
    return /^(|default|fastify|Fastify)$/.test(it.name) ? run.make('App', it.place, { mounted: [] satisfies Mounted[] }) : UNKNOWN;
  },
  member(of, name) {
    // Decorators are seen in all plugins below.
    for (let at = of.data.parent as Resource | undefined; at; at = at.data.parent as Resource | undefined) {
      const found = at.data[`set ${name}`] as Value | undefined;
      if (found) return found;
    }
    return undefined;
  },
} satisfies LibraryDetector;

const transparent = (plugin: Value | undefined): Value =>
  plugin?.t === 'function' ? { ...plugin, props: new Map([...plugin.props, [SKIPS_OVERRIDE, { t: 'boolean', v: true }]]) } : (plugin ?? UNKNOWN);

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (!of.data.mounted) return UNKNOWN;
  const options = it.args.find((arg) => arg.t === 'object');
  if (METHODS.has(it.name)) {
    mountRoute(it, of, [it.name], textOf(it.args[0]) ?? '*', options, it.args.slice(1).filter(isCallable), run);
    return of;
  }
  if (it.name === 'route') {
    mountAsObject(it, of, options, run);
    return of;
  }
  switch (it.name) {
    case 'register':
      registerPlugin(it, of, run);
      return of;
    case 'decorate': {
      const [name, value] = [textOf(it.args[0]), it.args[1]];
      if (name !== undefined && value) of.data[`set ${name}`] = propertyOf(value, 'getter') ?? value;
      return of;
    }
    case 'listen': {
      run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: it.place });
      run.claim({ kind: 'listens', ...portOf(it.args[0]), place: it.place });
      const callback = it.args.find(isCallable);
      if (callback) run.call(callback);
      return UNKNOWN;
    }
    case 'addHook':
      if ((BEFORE as readonly string[]).includes(textOf(it.args[0]) ?? ''))
        (of.data.mounted as Mounted[]).push({ path: '', method: null, handlers: it.args.slice(1).map((arg) => bound(arg, of)), place: it.place });
      return of;
    case 'after':
    case 'ready': {
      const callback = it.args.find(isCallable);
      if (callback) run.call(callback, [NOTHING]);
      return of;
    }
    default:
      return it.name === 'code' || it.name === 'status' || it.name === 'withTypeProvider' ? of : UNKNOWN;
  }
}

function mountAsObject(it: LibraryCall, of: Resource, options: Value | undefined, run: CodeRun): void {
  const methods = propertyOf(options, 'method');
  const path = patternOf(propertyOf(options, 'url') ?? propertyOf(options, 'path')).pattern;
  for (const method of methods?.t === 'list' ? methods.items : [methods]) mountRoute(it, of, [(textOf(method) ?? 'get').toLowerCase()], path, options, [], run);
}

/** Hooks of the route, then its handler. A limit of the route's own stands instead of the one for all. */
function mountRoute(it: LibraryCall, of: Resource, methods: readonly string[], path: string, options: Value | undefined, given: readonly Value[], run: CodeRun): void {
  const before = BEFORE.flatMap((name) => itemsOf(propertyOf(options, name)));
  const handlers = [...before, ...itemsOf(propertyOf(options, 'handler')), ...given].filter((one) => one.t === 'resource' || isCallable(one)).map((one) => bound(one, of));
  const limit = propertyOf(propertyOf(options, 'config'), 'rateLimit');
  const limiter = limit?.t === 'object' ? run.use('@fastify/rate-limit', 'limits', [of, limit], it.place) : undefined;
  for (const method of methods)
    (of.data.mounted as Mounted[]).push({
      path,
      method,
      handlers: limiter?.t === 'resource' ? [limiter, ...handlers] : handlers,
      place: it.place,
      ...(limit && limit.t !== 'nothing' && { hasOwnLimit: true }),
    });
}

function registerPlugin(it: LibraryCall, of: Resource, run: CodeRun): void {
  const given = it.args[0]?.t === 'object' ? propertyOf(it.args[0], 'default') : it.args[0];
  const options = isCallable(it.args[1]) ? run.call(it.args[1], [of]) : (it.args[1] ?? NOTHING);
  // A library's plugin puts what it brings on the app itself.
  if (given?.t === 'package') run.use(given.name, [...given.path.filter((part) => part !== 'default'), 'registered'].join('.'), [of, options], it.place);
  if (!isCallable(given)) return;
  const done: Value = { t: 'native', call: () => NOTHING };
  if (given.t === 'function' && given.props.has(SKIPS_OVERRIDE)) {
    run.call(given, [of, options, done], of);
    return;
  }
  const child = run.make('App', it.place, { mounted: [] satisfies Mounted[], parent: of });
  (of.data.mounted as Mounted[]).push({ path: textOf(propertyOf(options, 'prefix')) ?? '', method: null, handlers: [child], place: it.place });
  run.call(given, [child, options, done], child);
}

/** A function that is not an arrow has the app for its `this`. */
const bound = (it: Value, app: Resource): Value => (it.t === 'function' && !it.f.isArrow && !it.self ? { ...it, self: app } : it);
const itemsOf = (it: Value | undefined): readonly Value[] => (it?.t === 'list' ? it.items.flatMap(itemsOf) : it ? [it] : []);
