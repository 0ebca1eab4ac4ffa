import type { Place } from '../../../model/known.ts';
import { isCallable, NOTHING, object, type ObjectValue, propertyOf, REQUEST, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { type Mounted, saysCaching } from './express.ts';

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'all']);

/** Hono: apps that mount one another, and the server that runs one on Node.js. */
export default {
  id: 'hono',
  packages: ['hono', '@hono/node-server', '@hono/zod-openapi'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.isNew && /^(Hono|OpenAPIHono)$/.test(name)) return run.make('App', it.place, { mounted: [] satisfies Mounted[], base: '', context: contextOf(it, run) });
    if (name === 'createRoute' || name === 'createMiddleware') return it.args[0] ?? UNKNOWN;
    // `hono/vercel`, `hono/aws-lambda` and their like let a platform's function answer with an app.
    if (name === 'handle' || name === 'streamHandle') return run.make('Wrapped', it.place, { inner: it.args[0] });
    if (it.package !== '@hono/node-server' || name !== 'serve') return UNKNOWN;
    const fetch = propertyOf(it.args[0], 'fetch') ?? it.args[0];
    const app = fetch?.t === 'resource' ? ((fetch.data.app as Resource | undefined) ?? fetch) : undefined;
    if (!app) return UNKNOWN;
    run.claim({ kind: 'route', app, method: '', path: '', handlers: [], place: it.place });
    run.claim({ kind: 'listens', place: it.place });
    for (const arg of it.args) if (isCallable(arg)) run.call(arg);
    return UNKNOWN;
  },
  member(of, name, run) {
    if (of.type === 'App' && name === 'fetch') return run.make('Fetch', of.place, { app: of });
    if (of.type === 'Context' && name === 'var') return of.data.kept as Value;
    return of.type === 'Context' && name === 'req' ? REQUEST : undefined;
  },
} satisfies LibraryDetector;

/** What middleware puts on the context (`c.set('db', db)`) is there in every handler. */
export const contextOf = (it: Pick<LibraryCall, 'place'>, run: CodeRun): Resource =>
  run.shared<{ it: Resource }>('hono context', () => ({ it: run.make('Context', it.place, { kept: object() }) })).it;

const next = (run: CodeRun): Value => ({
  t: 'native',
  call: () => {
    run.goesOn();
    return NOTHING;
  },
});

/** A chain of routes begins at one line; what each is about stands where its handler does. */
function placeIn({ args, place }: LibraryCall): Place {
  const handler = args.findLast((arg) => arg.t === 'function' && arg.f.name === undefined && arg.scope.file === place.file);
  return handler?.t === 'function' && handler.f.at[0] > place.line ? { file: place.file, line: handler.f.at[0] } : place;
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Context') {
    if (saysCaching(it)) run.cachedByClients();
    const kept = of.data.kept as ObjectValue;
    const name = textOf(it.args[0]);
    if (it.name === 'set' && name !== undefined && it.args[1] && it.args[1].t !== 'data') run.put(kept, name, it.args[1]);
    if (it.name === 'get' && name !== undefined && kept.props.has(name)) return kept.props.get(name);
    if (/^(json|text|html|body|redirect|newResponse|notFound)$/.test(it.name))
      run.record({ kind: 'respond', failed: Number(textOf(it.args[1]) ?? 200) >= 400 || it.name === 'notFound', place: it.place });
    return REQUEST;
  }
  if (of.type !== 'App') return UNKNOWN;
  const mounted = of.data.mounted as Mounted[];
  const base = String(of.data.base);
  const adapt = (all: readonly Value[]): Value[] =>
    all.map((arg): Value => (isCallable(arg) ? { t: 'native', call: () => run.call(arg, [of.data.context as Value, next(run)]) } : arg));
  if (METHODS.has(it.name)) {
    const path = textOf(it.args[0]);
    mounted.push({ path: `${base}/${path ?? ''}`, method: it.name, handlers: adapt(it.args.slice(path === undefined ? 0 : 1)), place: placeIn(it) });
    return of;
  }
  switch (it.name) {
    case 'use': {
      const path = textOf(it.args[0]);
      mounted.push({
        path: `${base}/${(path ?? '').replace(/\/?\*$/, '')}`,
        method: null,
        handlers: adapt(it.args.slice(path === undefined ? 0 : 1)),
        place: it.place,
        isMiddleware: true,
      });
      return of;
    }
    case 'route':
    case 'mount':
      if (it.args[1]) mounted.push({ path: `${base}/${textOf(it.args[0]) ?? ''}`, method: null, handlers: [it.args[1]], place: it.place });
      return of;
    case 'openapi': {
      const route = it.args[0];
      mounted.push({
        path: `${base}/${(textOf(propertyOf(route, 'path')) ?? '*').replace(/\{(\w+)\}/g, ':$1')}`,
        method: textOf(propertyOf(route, 'method')) ?? 'get',
        handlers: adapt(it.args.slice(1, 2)),
        place: it.place,
      });
      return of;
    }
    case 'basePath':
      return { ...of, data: { ...of.data, base: `${base}/${textOf(it.args[0]) ?? ''}` } };
    default:
      return of;
  }
}
