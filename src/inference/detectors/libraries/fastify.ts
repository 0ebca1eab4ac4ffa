import { isCallable, NOTHING, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';
import { portOf } from './address.ts';

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all']);

/** Fastify: routes, plugins with prefixes, hooks before handlers. */
export default {
  id: 'fastify',
  packages: ['fastify', 'fastify-plugin'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.package === 'fastify-plugin') return it.args[0] ?? UNKNOWN;
    return /^(|default|fastify|Fastify)$/.test(it.name) ? run.make('App', it.place, { mounted: [] satisfies Mounted[] }) : UNKNOWN;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const mounted = of.data.mounted as Mounted[] | undefined;
  if (!mounted) return UNKNOWN;
  const options = it.args.find((arg) => arg.t === 'object');
  if (METHODS.has(it.name)) {
    const handlers = [propertyOf(options, 'preHandler'), propertyOf(options, 'handler'), ...it.args.slice(1)].filter((arg) => isCallable(arg)) as Value[];
    mounted.push({ path: textOf(it.args[0]) ?? '*', method: it.name, handlers, place: it.place });
    return of;
  }
  if (it.name === 'route') {
    const methods = propertyOf(options, 'method');
    for (const method of methods?.t === 'list' ? methods.items : [methods])
      mounted.push({
        path: textOf(propertyOf(options, 'url') ?? propertyOf(options, 'path')) ?? '*',
        method: (textOf(method) ?? 'get').toLowerCase(),
        handlers: [propertyOf(options, 'preHandler'), propertyOf(options, 'handler')].filter((arg) => isCallable(arg)) as Value[],
        place: it.place,
      });
    return of;
  }
  if (it.name === 'register') {
    const plugin = it.args[0]?.t === 'object' ? propertyOf(it.args[0], 'default') : it.args[0];
    // A library's plugin puts what it brings on the app itself.
    if (plugin?.t === 'package') run.use(plugin.name, [...plugin.path.filter((part) => part !== 'default'), 'registered'].join('.'), [of, it.args[1] ?? UNKNOWN], it.place);
    if (!isCallable(plugin)) return of;
    const child = run.make('App', it.place, { mounted: [] satisfies Mounted[] });
    mounted.push({ path: textOf(propertyOf(it.args[1], 'prefix')) ?? '', method: null, handlers: [child], place: it.place });
    run.call(plugin, [child, it.args[1] ?? UNKNOWN, { t: 'native', call: () => NOTHING }]);
    return of;
  }
  if (it.name === 'listen') {
    run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: it.place });
    run.claim({ kind: 'listens', ...portOf(it.args[0]), place: it.place });
    const callback = it.args.find(isCallable);
    if (callback) run.call(callback);
  }
  if (it.name === 'addHook' && /^(onRequest|preHandler|preValidation)$/.test(textOf(it.args[0]) ?? ''))
    mounted.push({ path: '', method: null, handlers: it.args.slice(1), place: it.place });
  return it.name === 'code' || it.name === 'status' ? of : UNKNOWN;
}
