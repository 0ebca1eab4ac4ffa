import { DATA, isCallable, list, NOTHING, object, propertyOf, type Resource, text, textOf, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { loadThrough, scaledTold } from './cache-steps.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';

type Inject = (token: Value) => Value;

/** @nestjs/cache-manager: one cache to inject, and the interceptor that answers GET requests from it. */
export default {
  id: 'nestjs-cache',
  packages: ['@nestjs/cache-manager'],
  call(it, run) {
    if (it.receiver) return onInterceptor(it, it.receiver, run);
    switch (it.name) {
      case 'CacheModule.register':
      case 'CacheModule.imported':
        return module(it, () => it.args[0] ?? object(), run);
      case 'CacheModule.registerAsync':
        return module(it, (inject) => asyncOptions(it.args[0], 'createCacheOptions', inject, run), run);
      case 'CacheKey':
      case 'CacheTTL':
        return run.make('Decorator', it.place, { name: 'SetMetadata', args: [text(`cache ${it.name}`), it.args[0] ?? NOTHING] });
      case 'CacheInterceptor.injected':
      case 'CacheInterceptor':
        return run.make('Interceptor', it.place, {});
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

/** The token came from Nest's own package up to version 9. */
const KEYS = ['@nestjs/cache-manager CACHE_MANAGER', '@nestjs/common CACHE_MANAGER', '@nestjs/cache-manager Cache', 'CACHE_MANAGER'];

function module(it: LibraryCall, optionsOf: (inject: Inject) => Value, run: CodeRun): Value {
  const shared = run.shared<{ cache?: Value }>('nestjs-cache', () => ({}));
  let made: Value | undefined;
  const make = (inject: Inject): Value => {
    made ??= cacheOf(it, optionsOf(inject), run);
    shared.cache ??= made;
    return made;
  };
  const isGlobal = propertyOf(it.args[0], 'isGlobal');
  return libraryModule({ ...it, args: it.args.slice(0, 1) }, run, { isGlobal: isGlobal?.t === 'boolean' && isGlobal.v, gives: KEYS.map((key) => ({ key, make })) });
}

/** What Nest makes of the options, by the version of cache-manager behind it. */
function cacheOf(it: LibraryCall, options: Value, run: CodeRun): Value {
  if (options.t !== 'object') return run.use('cache-manager', 'unread', [], it.place);
  const stores = propertyOf(options, 'stores');
  const store = propertyOf(options, 'store');
  const withOption = (name: string, value: Value): Value => ({ ...options, props: new Map([...options.props, [name, value]]) });
  const isOld = (run.major('cache-manager') ?? (it.package === '@nestjs/common' ? 4 : 6)) < 5;
  if (isOld) return run.use('cache-manager', 'caching', [store ? options : withOption('store', text('memory'))], it.place);
  if (!stores && store) return run.use('cache-manager', 'caching', [store, options], it.place);
  return run.use('cache-manager', 'createCache', [stores ? withOption('stores', stores.t === 'list' ? stores : list([stores])) : options], it.place);
}

/** `GET` requests only; the key is the route's own, or the URL. */
function onInterceptor(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name !== 'intercept') return of;
  const [context, handler] = it.args;
  const rest = (): Value => (handler?.t === 'resource' ? run.call(handler.data.rest as Value) : UNKNOWN);
  const cache = run.shared<{ cache?: Value }>('nestjs-cache', () => ({})).cache;
  if (cache?.t !== 'resource' || context?.t !== 'resource' || context.data.method !== 'get') return rest();
  const client = cache.data.client as Resource | undefined;
  if (!client) {
    run.record({ kind: 'unread', package: 'cache-manager', place: context.place });
    return rest();
  }
  const own = metadataOf(context, 'cache CacheTTL');
  const said = scaledTold(toldValue(own, context.place), cache.data.isOld === true ? 1000 : 1);
  const ttlMs = isCallable(own) ? { why: 'the time to live is computed for each request' } : (said ?? (cache.data.ttlMs as Told | undefined));
  const named = metadataOf(context, 'cache CacheKey');
  const key: Value = textOf(named) !== undefined ? (named as Value) : { t: 'text', parts: [`/${String(context.data.path)}`, DATA] };
  return loadThrough({ ...it, name: 'get', place: context.place }, client, key, { t: 'native', call: rest }, ttlMs, run);
}

/** Of the route, else of its class. */
function metadataOf(context: Resource, name: string): Value | undefined {
  for (const at of [context.data.handler, context.data.class] as Resource[]) {
    const found = (at.data.metadata as ReadonlyMap<string, Value>).get(name);
    if (found) return found;
  }
  return undefined;
}
