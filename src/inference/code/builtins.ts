import type { Place } from '../../model/known.ts';
import { folderOf, joinPath } from '../detectors/paths.ts';
import { pick } from './alternatives.ts';
import { callFunction, callPackage } from './call.ts';
import { pushTo, setField, setIn } from './heap.ts';
import { collection } from './keeping.ts';
import { apart, hasWork, type Machine } from './machine.ts';
import { portionOf } from './rounds.ts';
import { waitTold } from './wait-time.ts';
import { DATA, FILE_URL, isCallable, join, list, NOTHING, numberOf, object, text, textOf, truth, UNKNOWN, type Value } from './values.ts';

const NAMES = [
  'process',
  'console',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'Promise',
  'JSON',
  'Number',
  'parseInt',
  'parseFloat',
  'String',
  'Boolean',
  'Object',
  'Array',
  'Math',
  'URL',
  'Date',
  'Symbol',
  'AbortSignal',
  'AbortController',
  'Map',
  'Set',
  'Deno',
  'Bun',
];

/** What the language itself gives. */
const ALL = new Map<string, Value>(NAMES.map((name) => [name, { t: 'package', name: 'global', path: [name] }]));
for (const name of ['globalThis', 'global']) ALL.set(name, { t: 'package', name: 'global', path: [] });
export const GLOBALS: ReadonlyMap<string, Value> = ALL;

const native = (call: (args: readonly Value[], place: Place) => Value): Value => ({ t: 'native', call });
const PASSES_THROUGH = new Set([
  'Number',
  'parseInt',
  'parseFloat',
  'Number.parseInt',
  'Number.parseFloat',
  'String',
  'URL',
  'Promise.resolve',
  'Object.freeze',
  'Array.from',
  'JSON.parse',
  'JSON.stringify',
  'Object.seal',
]);

export function callBuiltin(m: Machine, path: readonly string[], args: readonly Value[], place: Place, isNew: boolean): Value {
  const name = path.length === 1 ? (path[0] as string) : path.join('.');
  const [first, second] = args;
  if (name === 'URL' && second) return onBase(first, second) ?? first ?? UNKNOWN;
  if (name === 'JSON.parse' && first?.t === 'resource' && first.data.parsed) return first.data.parsed as Value;
  if (PASSES_THROUGH.has(name)) return first ?? UNKNOWN;
  switch (name) {
    case 'Boolean': {
      if (first?.t === 'unset') return first;
      const known = first && truth(first);
      return known === undefined ? UNKNOWN : { t: 'boolean', v: known };
    }
    case 'process.cwd':
      return m.program.root === undefined ? UNKNOWN : text(m.program.root);
    case 'Symbol':
      return object();
    case 'Symbol.for':
      return { t: 'text', parts: ['Symbol ', first ?? UNKNOWN] };
    case 'fetch':
      return callPackage(m, { t: 'package', name: 'undici', path: ['fetch'] }, args, place, isNew);
    case 'AbortSignal.timeout': {
      const ms = waitTold(first, place);
      return ms && 'value' in ms ? m.run.make('Timeout', ms.place, { ms: ms.value }) : UNKNOWN;
    }
    case 'AbortController':
      return abortController(m, place);
    case 'Date':
      // The clock, and what is counted from it; a time that a request gives is the request's.
      return isNew && !args.some((it) => it.t === 'data' && !it.isTime) ? { t: 'data', isTime: true } : UNKNOWN;
    // `Deno.serve({ port }, app.fetch)`, `Bun.serve({ fetch: app.fetch })`.
    case 'Deno.serve':
    case 'Bun.serve':
      return m.run.use('@hono/node-server', 'serve', args.toReversed(), place);
    case 'Map':
    case 'Set':
      return isNew && args.length <= 1 ? collection(m, name, args, place) : UNKNOWN;
    case 'Promise':
      return newPromise(m, first);
    case 'Promise.reject':
      m.failures += 1;
      return UNKNOWN;
    case 'setTimeout':
      return later(m, first, second, place);
    case 'setImmediate':
    case 'queueMicrotask':
    case 'process.nextTick':
      return callFunction(m, first, [], undefined);
    case 'setInterval': {
      const everyMs = numberOf(second);
      if (isCallable(first) && m.tracing === 0) m.claims.push({ kind: 'timer', handler: first, ...(everyMs !== undefined && { everyMs: { value: everyMs, place } }), place });
      return UNKNOWN;
    }
    case 'Object.assign': {
      for (const it of args.slice(1)) if (first?.t === 'object' && it.t === 'object') for (const [key, value] of it.props) setIn(m, first, first.props, key, value);
      return first ?? UNKNOWN;
    }
    case 'Object.keys':
      return first?.t === 'object'
        ? list(
            [...first.props.keys()].map((it) => ({ t: 'text', parts: [it] })),
            first.open !== undefined,
          )
        : list([], true);
    case 'Object.groupBy':
    case 'Map.groupBy':
      return { t: 'data', portion: 'groups' };
    case 'Object.values':
      if (first?.t === 'data' && first.portion) return first;
      return first?.t === 'object' ? list([...first.props.values()], first.open !== undefined) : list([], true);
    case 'Object.entries':
      if (first?.t === 'data' && first.portion) return first;
      return first?.t === 'object'
        ? list(
            [...first.props].map(([key, value]) => list([{ t: 'text', parts: [key] }, value])),
            first.open !== undefined,
          )
        : list([], true);
    case 'process.on':
    case 'process.once': {
      // How a program ends is no part of its load.
      const event = textOf(first) ?? '';
      const type = /^SIG(TERM|INT|QUIT)$/.test(event) ? 'graceful_shutdown' : /^(unhandledRejection|uncaughtException)$/.test(event) ? 'unhandled_rejection_handler' : undefined;
      if (type) m.claims.push({ kind: 'fact', type, subject: event, value: true, place });
      return UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

/** `new URL('./worker.js', import.meta.url)`, `new URL('/orders', base)`: an address of its own wins over the base. */
function onBase(path: Value | undefined, base: Value): Value | undefined {
  const [own, file] = [textOf(path), textOf(base)];
  if (file?.startsWith(FILE_URL)) return own === undefined ? undefined : text(FILE_URL + joinPath(folderOf(file.slice(FILE_URL.length)), own));
  if (path === undefined || own?.includes('://') || (base.t !== 'text' && base.t !== 'unset')) return undefined;
  return { t: 'text', parts: [base, '/', own === undefined ? path : own.replace(/^\/+/, '')] };
}

/** The value that the executor resolves with. */
function newPromise(m: Machine, executor: Value | undefined): Value {
  let resolved: Value | undefined;
  const resolve = native(([value]) => {
    resolved = join(resolved, value ?? NOTHING);
    return NOTHING;
  });
  RESOLVERS.add(resolve);
  const reject = native(() => {
    m.failures += 1;
    return NOTHING;
  });
  const { sink } = m;
  const start = sink.length;
  callFunction(m, executor, [resolve, reject], undefined);
  // Whoever awaits the promise waits for what its executor started.
  for (const step of sink.slice(start)) if ('awaited' in step) step.awaited = true;
  return resolved ?? UNKNOWN;
}

const RESOLVERS = new WeakSet<object>();

/** `setTimeout(resolve, ms)` is a wait; other callbacks run where they stand. */
function later(m: Machine, callback: Value | undefined, after: Value | undefined, place: Place): Value {
  const resolves = callback && (RESOLVERS.has(callback) || resolvesOnly(m, callback));
  if (resolves) {
    const ms = waitTold(after, place);
    if (ms && m.tracing > 0) m.sink.push({ kind: 'wait', ms, awaited: true, place });
    return NOTHING;
  }
  const { after: outer } = m;
  m.after = waitTold(after, place);
  const steps = apart(m, () => void callFunction(m, callback, [], undefined));
  m.after = outer;
  const answers = steps.some((it) => it.kind === 'respond');
  // A pure timeout guard rejects and holds no work.
  if (hasWork(steps) || answers) m.sink.push(...steps.map((it) => ('awaited' in it && !answers ? { ...it, awaited: false } : it)));
  return NOTHING;
}

/** `setTimeout(() => controller.abort(), ms)` makes its signal a timeout; who ends it otherwise does so after any time. */
function abortController(m: Machine, place: Place): Value {
  const signal = m.run.make('Timeout', place);
  const abort = native(() => {
    if (m.after && 'value' in m.after) Object.assign(signal, { place: m.after.place, data: { ms: m.after.value } });
    return NOTHING;
  });
  return object([
    ['signal', signal],
    ['abort', abort],
  ]);
}

/** `setTimeout(() => resolve(x), ms)`: the call itself tells, by what it does. */
function resolvesOnly(m: Machine, callback: Value): boolean {
  if (callback.t !== 'function') return false;
  m.heap.ran.add(callback.f);
  if (callback.f.body.length !== 1) return false;
  const [only] = callback.f.body;
  const e = only?.k === 'return' || only?.k === 'expression' ? only.e : undefined;
  if (e?.k !== 'call' || e.f.k !== 'name') return false;
  let scope: typeof callback.scope | null = callback.scope;
  while (scope && !scope.names.has(e.f.n)) scope = scope.parent;
  const target = scope?.names.get(e.f.n);
  if (!target || !RESOLVERS.has(target)) return false;
  callFunction(m, callback, [], undefined);
  return true;
}

/** Known only where every element and the wanted one are. */
function includes(of: Extract<Value, { t: 'list' }>, wanted: Value | undefined): Value {
  if (wanted?.t === 'unset') return wanted;
  const known = textOf(wanted);
  const items = of.items.map(textOf);
  if (known === undefined || of.open || items.some((it) => it === undefined)) return UNKNOWN;
  return { t: 'boolean', v: items.includes(known) };
}

/** Methods of lists, texts, functions and plain objects. */
export function builtinMember(m: Machine, of: Value, name: string): Value {
  if (of.t === 'function') return functionMember(m, of, name);
  if (of.t === 'list') return listMember(m, of, name);
  if (of.t === 'text') return textMember(of, name);
  return UNKNOWN;
}

function functionMember(m: Machine, of: Extract<Value, { t: 'function' }>, name: string): Value {
  if (name === 'bind')
    return native(([self, ...bound]) => (bound.length === 0 ? { ...of, ...(self && { self }) } : native((args) => callFunction(m, of, [...bound, ...args], self))));
  if (name === 'call') return native(([self, ...args]) => callFunction(m, of, args, self));
  if (name === 'apply') return native(([self, args]) => callFunction(m, of, args?.t === 'list' ? args.items : [], self));
  return UNKNOWN;
}

function textMember(of: Extract<Value, { t: 'text' }>, name: string): Value {
  if (name === 'split')
    return native(([by]) => {
      const [whole, mark] = [textOf(of), textOf(by)];
      return whole !== undefined && mark ? list(whole.split(mark).map((it) => ({ t: 'text', parts: [it] }))) : list([of], true);
    });
  if (name === 'length') return UNKNOWN;
  const known = textOf(of);
  const ofKnown = known === undefined ? undefined : textMethod(known, name, of);
  if (ofKnown) return ofKnown;
  if ((name === 'href' || name === 'pathname') && textOf(of)?.startsWith(FILE_URL)) return of;
  return native(() =>
    /^(trim|toString|toLowerCase|toUpperCase|replace|replaceAll|concat|slice|substring)/.test(name) ? (name.startsWith('t') ? of : { t: 'text', parts: [{ t: 'data' }] }) : UNKNOWN,
  );
}

/** Methods of a text that is known, asked with what is known. */
function textMethod(known: string, name: string, of: Value): Value | undefined {
  switch (name) {
    case 'startsWith':
    case 'endsWith':
    case 'includes':
      return native(([part]) => {
        const wanted = textOf(part);
        return wanted === undefined ? UNKNOWN : { t: 'boolean', v: known[name](wanted) };
      });
    case 'toLowerCase':
    case 'toUpperCase':
    case 'trim': {
      const changed = known[name]();
      return native(() => (changed === known ? of : { t: 'text', parts: [changed] }));
    }
    default:
      return undefined;
  }
}

/** Those of a list of known texts that a test of the code's own is known to keep; undefined where anything of it is not known. */
function kept(m: Machine, { items, open }: Extract<Value, { t: 'list' }>, test: Value | undefined): Value | undefined {
  if (open || items.length > 100 || test?.t !== 'function' || items.some((it) => textOf(it) === undefined)) return undefined;
  const keeps = items.map((it, at) => truth(callFunction(m, test, [it, { t: 'number', v: at }], undefined)));
  return keeps.includes(undefined) ? undefined : list(items.filter((_, at) => keeps[at]));
}

function sliced({ items, open }: Extract<Value, { t: 'list' }>, from: Value | undefined, to: Value | undefined): Value | undefined {
  const [start, end] = [numberOf(from), to === undefined ? items.length : numberOf(to)];
  return open || start === undefined || end === undefined ? undefined : list(items.slice(start, end));
}

/** What a test of ours picks from objects of ours. */
function found(m: Machine, { items, open }: Extract<Value, { t: 'list' }>, test: Value | undefined): Value | undefined {
  const isOurs = items.length > 1 && items.length <= 100 && !open && items.every((it) => it.t === 'instance');
  return isOurs && isCallable(test) ? pick(m, items, (it) => callFunction(m, test, [it], undefined)) : undefined;
}

function listMember(m: Machine, of: Extract<Value, { t: 'list' }>, name: string): Value {
  if (of.open && (m.tracing > 0 || of.items.length === 0) && ['map', 'forEach', 'flatMap', 'filter', 'reduce'].includes(name)) return UNKNOWN;
  const each = (callback: Value | undefined) => of.items.map((it, at) => callFunction(m, callback, [it, { t: 'number', v: at }], undefined));
  switch (name) {
    case 'length':
      return of.open ? UNKNOWN : { t: 'number', v: of.items.length };
    case 'push':
      return native((args) => {
        pushTo(m, of, of.items, args);
        // How much of it is in the list is not known.
        if ((m.conditional > 0 || m.rounds > 0) && !of.open) setField(m, of, of, 'open', true);
        return UNKNOWN;
      });
    case 'forEach':
    case 'map':
      return native(([callback]) => list(each(callback), of.open));
    case 'flatMap':
      return native(([callback]) => list(each(callback).flatMap((it) => (it.t === 'list' ? it.items : [it]))));
    case 'entries':
      return native(() => ({
        ...list(
          of.items.map((it, at) => list([{ t: 'number', v: at }, it])),
          of.open,
        ),
        ...portionOf(of),
      }));
    case 'values':
      return native(() => of);
    case 'includes':
      return native(([wanted]) => includes(of, wanted));
    case 'filter':
      return native(([test]) => kept(m, of, test) ?? of);
    case 'slice':
      return native(([from, to]) => sliced(of, from, to) ?? of);
    case 'sort':
    case 'reverse':
      return native(() => of);
    case 'concat':
      return native((args) => list([...of.items, ...args.flatMap((it) => (it.t === 'list' ? it.items : [it]))], of.open));
    case 'find':
      return native(([test]) => found(m, of, test) ?? of.items[0] ?? DATA);
    case 'reduce':
      return native(([callback, start]) => of.items.reduce<Value>((sum, it) => callFunction(m, callback, [sum, it], undefined), start ?? object()));
    case 'join':
      return native(([by]) => ({ t: 'text', parts: of.items.flatMap((it, at) => (at === 0 ? [it] : [textOf(by) ?? ',', it])) }));
    default:
      return UNKNOWN;
  }
}
