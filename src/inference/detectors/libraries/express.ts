import { isCallable, NOTHING, object, REQUEST, type Resource, textOf, text, UNKNOWN, type Value, patternOf, numberOf } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { portOf } from './address.ts';

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'all']);
const ANSWERS = new Set(['json', 'send', 'end', 'sendStatus', 'redirect', 'sendFile', 'download', 'jsonp', 'write']);

/** One thing that was put on an app or router, in order. */
export interface Mounted {
  path: string;
  method: string | null;
  handlers: readonly Value[];
  place: LibraryCall['place'];
  /** Its handlers run before what is mounted behind it, and none answers by itself. */
  isMiddleware?: true;
  /** Its handlers run before what is mounted behind it and asked for by this method, even where they are no functions of ours; they may answer too. */
  runsBefore?: string;
  /** A limit for all that is mounted before it does not hold for it. */
  hasOwnLimit?: true;
}

/** Express: apps, routers, `route()`, and the answers of a handler. What hangs where is put together in `assemble`. */
export default {
  id: 'express',
  packages: ['express', 'express-promise-router'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.name === '' || it.name === 'Router' || it.name === 'express') {
      const isApp = it.name !== 'Router' && it.package === 'express';
      return run.make(isApp ? 'App' : 'Router', it.place, { mounted: [] satisfies Mounted[], ...(isApp && { locals: object() }) });
    }
    // express.json(), express.static(): middleware without load of its own.
    return it.name === 'static' ? text('static files') : UNKNOWN;
  },
  member(of, name) {
    if (of.type === 'App' && name === 'locals') return of.data.locals as Value;
    if (of.type === 'Response') return name === 'locals' ? object() : undefined;
    return undefined;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Response') return onResponse(it, of, run);
  if (of.type === 'Next') {
    if (it.args[0] && it.args[0].t !== 'nothing') run.record({ kind: 'respond', failed: true, place: it.place });
    return NOTHING;
  }
  const mounted = of.data.mounted as Mounted[];
  if (of.type === 'Route') {
    if (METHODS.has(it.name))
      (of.data.router as Resource & { data: { mounted: Mounted[] } }).data.mounted.push({ path: String(of.data.path), method: it.name, handlers: flat(it.args), place: it.place });
    return of;
  }
  if (it.name === 'use') {
    const at = it.args[0]?.t === 'text' || it.args[0]?.t === 'list' ? pathsOf(it.args[0]) : [''];
    const handlers = flat(it.args.filter((arg) => arg.t !== 'text'));
    for (const path of at) mounted.push({ path, method: null, handlers, place: it.place });
    return of;
  }
  if (METHODS.has(it.name) && it.args.length > 1) {
    for (const path of pathsOf(it.args[0])) mounted.push({ path, method: it.name, handlers: flat(it.args.slice(1)), place: it.place });
    return of;
  }
  if (it.name === 'route') return run.make('Route', it.place, { router: of, path: pathsOf(it.args[0])[0] ?? '' });
  if (it.name === 'listen') {
    if (of.type === 'App') {
      run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: it.place });
      run.claim({ kind: 'listens', ...portOf(it.args[0]), place: it.place });
    }
    for (const arg of it.args) if (isCallable(arg)) run.call(arg);
    return UNKNOWN;
  }
  const setting = `setting ${textOf(it.args[0]) ?? ''}`;
  if (it.name === 'set' && it.args[1]) of.data[setting] = it.args[1];
  if (it.name === 'get' && of.data[setting]) return of.data[setting] as Value;
  return it.name === 'get' || it.name === 'set' || it.name === 'disable' || it.name === 'enable' ? UNKNOWN : undefined;
}

const flat = (args: readonly Value[]): Value[] => args.flatMap((it) => (it.t === 'list' ? it.items : [it]));
const pathsOf = (it: Value | undefined): string[] => (it?.t === 'list' ? it.items.flatMap(pathsOf) : it?.t === 'text' ? [patternOf(it).pattern] : ['*']);

function onResponse(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'status' || it.name === 'code') {
    of.data.status = numberOf(it.args[0]) ?? statusByName(it.args[0]);
    return of;
  }
  if (saysCaching(it)) run.cachedByClients();
  if (it.name === 'sendStatus') of.data.status = numberOf(it.args[0]);
  if (it.name === 'render') run.record({ kind: 'compute', label: 'rendering', work: 'render', where: 'eventLoop', place: it.place });
  if (ANSWERS.has(it.name) || it.name === 'render') {
    run.record({ kind: 'respond', failed: Number(of.data.status ?? 200) >= 400, place: it.place });
    of.data.status = undefined;
    return of;
  }
  return of;
}

const CACHING = /^(cache-control|etag|expires|last-modified|surrogate-control|cdn-cache-control)$/i;

/** `set('Cache-Control', …)`, `header({ ETag: … })`, or a file, which comes with both. */
export function saysCaching(it: LibraryCall): boolean {
  if (it.name === 'sendFile' || it.name === 'download') return true;
  if (!/^(set|header|headers|setHeader|append|type)$/.test(it.name)) return false;
  const [first] = it.args;
  return CACHING.test(textOf(first) ?? '') || (first?.t === 'object' && [...first.props.keys()].some((name) => CACHING.test(name)));
}

/** `httpStatus.NOT_FOUND` of a package that we don't read. */
function statusByName(it: Value | undefined): number {
  const name = it?.t === 'package' ? (it.path.at(-1) ?? '') : (textOf(it) ?? '');
  return /NOT_|BAD|UNAUTH|FORBID|CONFLICT|ERROR|UNAVAILABLE|TOO_MANY|GONE|UNPROCESSABLE|TIMEOUT/i.test(name) ? 500 : 200;
}

/** Request, response and next, as express hands them to a handler. */
export function handlerArguments(run: Pick<CodeRun, 'make'> | undefined, place: LibraryCall['place'], method?: string): Value[] {
  const make = (type: string): Resource => (run ? run.make(type, place) : { t: 'resource', library: 'express', type, id: 0, data: {}, place });
  return [method === undefined ? REQUEST : { t: 'data', request: true, method }, make('Response'), make('Next')];
}
