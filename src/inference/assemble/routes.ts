import type { Place } from '../../model/known.ts';
import { isCallable, type Resource, type Value } from '../code/values.ts';
import type { Mounted } from '../detectors/libraries/express.ts';
import { resolversOf } from '../detectors/libraries/graphql-fields.ts';

export interface Route {
  method: string;
  path: string;
  handlers: readonly Value[];
  /** GraphQL fields behind the route, each with a resolver of its own. */
  fields: readonly { name: string; kind: 'Query' | 'Mutation'; resolver: Value }[];
  place: Place;
  /** Its handler leads to no function that could be read. */
  isLost?: true;
  /** A function mounted on a path: an endpoint only if it passes requests on. */
  isMounted?: true;
  /** It stands before other routes. */
  isBefore?: true;
  /** Limits for everything do not hold for it. */
  hasOwnLimit?: true;
}

export interface Limit {
  limiter: Resource;
  /** Routes that it guards: all from here on below a path, or one route. */
  guards: (route: Route) => boolean;
  everywhere: boolean;
  place: Place;
}

/** What a request can come to in one app. */
export interface Reach {
  /** Whose app it is. */
  library: string;
  routes: Route[];
  limits: Limit[];
}

const join = (prefix: string, path: string): string => `/${`${prefix}/${path}`.split('/').filter(Boolean).join('/')}`;
const below = (path: string, prefix: string): boolean => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);

/** All routes of an app with what runs before their handlers, in the order in which things were mounted. */
export function routesOf(app: Resource): Reach {
  const reach: Reach = { library: app.library, routes: [], limits: [] };
  walk(app, '', [], reach, new Set());
  // What runs before routes may answer, but passes nothing on.
  const isBefore = (it: Route): boolean => it.isBefore === true && reach.routes.some((other) => !other.isMounted && below(other.path, it.path.replace(/\/\*$/, '')));
  return { ...reach, routes: reach.routes.filter((it) => !isBefore(it)) };
}

/** What runs before the handlers of routes below a path, for one method or all. */
interface Before {
  path: string;
  f: Value;
  method?: string;
}

/** What is asked for by one method only is one route, what is for all methods also holds for those below. */
const runs = (it: Before, path: string, method: string): boolean => (it.method === undefined ? below(path, it.path) : it.method === method && it.path === path);

function walk(of: Resource, prefix: string, before: readonly Before[], reach: Reach, seen: ReadonlySet<number>): void {
  if (seen.has(of.id)) return;
  const middleware = [...before];
  for (const it of (of.data.mounted as Mounted[] | undefined) ?? []) {
    const path = join(prefix, it.path);
    // `app.all('*', …)` hands over what no route has answered.
    const last = it.handlers.at(-1);
    if (it.method === null) mount(it, path, middleware, reach, new Set([...seen, of.id]));
    else if (last?.t === 'resource' && last.data.mounted && isAnyPath(it.path)) mount(it, join(prefix, ''), middleware, reach, new Set([...seen, of.id]));
    else addRoute(it, path, middleware, reach);
  }
}

/** Whatever is asked for. */
export const isAnyPath = (path: string): boolean => /^\/?(\*|\(\.\*\)|\{?\*\w+\}?|:\w+\*)$/.test(path);

function mount(it: Mounted, path: string, middleware: Before[], reach: Reach, seen: ReadonlySet<number>): void {
  for (const handler of it.handlers) {
    if ((handler.t === 'function' && handler.f.params.length < 4) || ((it.isMiddleware || it.runsBefore) && handler.t === 'native'))
      middleware.push({ path, f: handler, ...(it.runsBefore && it.runsBefore !== 'ALL' && { method: it.runsBefore }) });
    if (!it.isMiddleware && (handler.t === 'function' || handler.t === 'native') && path !== '/')
      reach.routes.push({
        method: 'ALL',
        path: `${path}/*`,
        handlers: [...middleware.filter((m) => below(path, m.path) && m.f !== handler).map((m) => m.f), handler],
        fields: [],
        place: it.place,
        isMounted: true,
        ...(it.runsBefore && { isBefore: true as const }),
      });
    if (handler.t !== 'resource') continue;
    if (handler.type === 'Middleware') {
      middleware.push({ path, f: handler.data.call as Value });
      continue;
    }
    if (handler.type === 'Limiter') {
      const first = reach.routes.length;
      reach.limits.push({
        limiter: handler,
        everywhere: path === '/' && first === 0,
        guards: (route) => !route.hasOwnLimit && reach.routes.indexOf(route) >= first && below(route.path, path),
        place: it.place,
      });
    } else if (handler.type === 'GraphQL') {
      reach.routes.push({
        method: 'POST',
        path: path === '/' ? '/graphql' : path,
        handlers: middleware.filter((m) => runs(m, path, 'POST')).map((m) => m.f),
        fields: resolversOf(handler),
        place: it.place,
      });
    } else walk(handler, path, middleware, reach, seen);
  }
}

function addRoute(it: Mounted, path: string, middleware: readonly Before[], reach: Reach): void {
  const method = it.method === 'all' ? 'GET' : (it.method as string).toUpperCase();
  if (method === 'OPTIONS') return;
  const graphql = it.handlers.find((handler) => handler.t === 'resource' && handler.type === 'GraphQL');
  const route: Route = {
    method,
    path,
    handlers: [...middleware.filter((m) => runs(m, path, method)).map((m) => m.f), ...it.handlers.filter(isCallable)],
    fields: graphql?.t === 'resource' ? resolversOf(graphql) : [],
    ...(it.handlers.at(-1)?.t === 'unknown' && { isLost: true }),
    ...(it.hasOwnLimit && { hasOwnLimit: true }),
    place: it.place,
  };
  if (reach.routes.some((known) => known.method === method && known.path === path)) return;
  reach.routes.push(route);
  for (const handler of it.handlers)
    if (handler.t === 'resource' && handler.type === 'Limiter') reach.limits.push({ limiter: handler, everywhere: false, guards: (other) => other === route, place: it.place });
}
