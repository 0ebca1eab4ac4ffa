import { isCallable, NOTHING, REQUEST, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { type Mounted, saysCaching } from './express.ts';

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'del', 'head', 'all']);

/** Koa and its router: middleware gets a context, what it answers is the context's body. */
export default {
  id: 'koa',
  packages: ['koa', '@koa/router', 'koa-router', 'koa-mount'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.package === 'koa-mount') {
      const [path, app] = textOf(it.args[0]) === undefined ? ['', it.args[0]] : [textOf(it.args[0]) ?? '', it.args[1]];
      return app?.t === 'resource' ? run.make('Router', it.place, { mounted: [{ path, method: null, handlers: [app], place: it.place }] satisfies Mounted[] }) : UNKNOWN;
    }
    if (it.package === 'koa') {
      if (!it.isNew) return UNKNOWN;
      const context = contextOf(it, run);
      const app = run.make('App', it.place, { mounted: [] satisfies Mounted[], context });
      context.data.app ??= app;
      return app;
    }
    const prefix = it.args[0]?.t === 'object' ? textOf(it.args[0].props.get('prefix')) : undefined;
    return run.make('Router', it.place, { mounted: [] satisfies Mounted[], prefix: prefix ?? '', context: contextOf(it, run) });
  },
  member(of, name) {
    if (of.type === 'App' && name === 'context') return of.data.context as Resource;
    if (of.type !== 'Context') return undefined;
    if (name === 'app') return of.data.app as Resource | undefined;
    return /^(request|req|params|query|headers|header|state|cookies|ip|path|url|method|session|user)$/.test(name) ? REQUEST : undefined;
  },
} satisfies LibraryDetector;

/** What is put on the context of one app (`app.context.db`) or by a middleware is there in every handler. */
const contextOf = (it: LibraryCall, run: CodeRun): Resource => run.shared<{ it: Resource }>('koa context', () => ({ it: run.make('Context', it.place) })).it;

/** Koa hands a context and `next` to what express would hand request and response. */
function adapted(handler: Value, context: Value, run: CodeRun): Value {
  if (!isCallable(handler)) return handler;
  return { t: 'native', call: () => run.call(handler, [context, { t: 'native', call: () => NOTHING }]) };
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Context') {
    if (saysCaching(it)) run.cachedByClients();
    if (it.name === 'throw' || it.name === 'assert') {
      if (it.name === 'throw') run.record({ kind: 'respond', failed: true, place: it.place });
      return NOTHING;
    }
    if (it.name === 'render') run.record({ kind: 'compute', label: 'rendering', work: 'render', where: 'eventLoop', place: it.place });
    return REQUEST;
  }
  const mounted = of.data.mounted as Mounted[];
  const prefix = String(of.data.prefix ?? '');
  const adapt = (all: readonly Value[]): Value[] => all.flatMap((arg) => (arg.t === 'list' ? arg.items : [arg])).map((arg) => adapted(arg, of.data.context as Value, run));
  if (it.name === 'prefix') {
    of.data.prefix = textOf(it.args[0]) ?? '';
    return of;
  }
  if (it.name === 'routes' || it.name === 'middleware') return of;
  if (it.name === 'use') {
    const path = textOf(it.args[0]);
    mounted.push({ path: `${prefix}/${path ?? ''}`, method: null, handlers: adapt(it.args.slice(path === undefined ? 0 : 1)), place: it.place, isMiddleware: true });
    return of;
  }
  if (METHODS.has(it.name)) {
    // A route may have a name before its path.
    const texts = it.args.filter((arg) => arg.t === 'text');
    const path = textOf(texts.at(-1)) ?? '*';
    mounted.push({ path: `${prefix}/${path}`, method: it.name === 'del' ? 'delete' : it.name, handlers: adapt(it.args.filter((arg) => arg.t !== 'text')), place: it.place });
    return of;
  }
  if (it.name === 'listen') {
    run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: it.place });
    run.claim({ kind: 'listens', place: it.place });
    for (const arg of it.args) if (isCallable(arg)) run.call(arg);
    return UNKNOWN;
  }
  // `http.createServer(app.callback())` serves the app.
  return it.name === 'callback' ? of : UNKNOWN;
}
