import type { Place } from '../../../model/known.ts';
import { firstTold, isCallable, NOTHING, object, patternOf, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftStep, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { globalRetry, type RetryOptions } from './axios-retry.ts';

const VERBS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'del']);

/** axios, fetch, got, ky, request: calls to other services and outside APIs. */
export default {
  id: 'http-clients',
  packages: ['axios', 'undici', 'node-fetch', 'cross-fetch', 'got', 'ky', 'request', 'request-promise', 'request-promise-native', 'superagent', 'needle', 'aws-signed-axios'],
  call(it, run) {
    const library = (it.receiver?.data.library as string | undefined) ?? it.package;
    const name = it.name.split('.').at(-1) ?? '';
    const defaults = (it.receiver?.data.options as Value | undefined) ?? (library === 'axios' && !it.receiver ? ofPackage(run) : undefined);
    if (it.package === 'undici' && /^(Agent|Pool|Client|RetryAgent|setGlobalDispatcher)$/.test(name)) return dispatcher(it, name, run);
    if (/^(create|extend|defaults|instance)$/.test(name)) return run.make('Client', it.place, { library, options: merged(defaults, it.args[0]) });
    const plain = /^(|default|fetch|request|axios|got|ky|safeFetch)$/.test(name);
    if (!plain && !VERBS.has(name)) return UNKNOWN;
    const [first, second, third] = it.args;
    const options =
      [first, second, third]
        .filter((arg) => arg?.t === 'object' && (propertyOf(arg, 'timeout') || propertyOf(arg, 'signal') || propertyOf(arg, 'method') || propertyOf(arg, 'url')))
        .at(-1) ?? second;
    const path = first?.t === 'object' ? (propertyOf(first, 'url') ?? propertyOf(first, 'uri')) : first;
    const base = propertyOf(defaults, 'baseURL') ?? propertyOf(defaults, 'prefixUrl') ?? propertyOf(options, 'baseURL') ?? (it.receiver?.data.base as Value | undefined);
    const url = base && base.t !== 'nothing' ? joined(base, path) : path;
    const method = (plain ? (textOf(propertyOf(options, 'method') ?? propertyOf(first, 'method')) ?? 'GET') : name === 'del' ? 'DELETE' : name).toUpperCase();
    const hasBody = !plain && /^(post|put|patch)$/.test(name);
    const timeoutMs = firstTold(timeoutIn(options?.t === 'object' ? options : hasBody ? third : second, it), timeoutIn(defaults, it));
    const asked = options?.t === 'object' ? options : hasBody ? third : second;
    const isOff = [asked, defaults].map((of) => propertyOf(of, 'timeout')).find((value) => value !== undefined && value.t !== 'nothing');
    run.record({
      kind: 'request',
      url: url ?? UNKNOWN,
      method,
      label: `${method} ${labelOf(url)}`,
      library,
      ...(timeoutMs ? { timeoutMs } : isOff?.t === 'boolean' && !isOff.v ? { timeoutMs: { value: 0, place: it.place } } : dispatched(library, asked, run)),
      ...retriesOf(library, method, asked, defaults, it.receiver, run),
      awaited: true,
      place: it.place,
    });
    return finish(it, run);
  },
  member(of, name) {
    if (of.type !== 'Client' || name !== 'defaults') return undefined;
    // Setting one changes what all later calls are made with.
    const options = of.data.options as Value | undefined;
    if (options?.t !== 'object') of.data.options = object();
    return of.data.options as Value;
  },
} satisfies LibraryDetector;

type RequestDraft = Extract<DraftStep, { kind: 'request' }>;

/** `axios.defaults.timeout = 2000`. */
function ofPackage(run: CodeRun): Value | undefined {
  const set = run.property({ t: 'package', name: 'axios', path: [] }, 'defaults');
  if (set.t === 'object') return set;
  const names = ['timeout', 'baseURL'].flatMap((name): [string, Value][] => {
    const value = run.property(set, name);
    return value.t === 'package' ? [] : [[name, value]];
  });
  return names.length > 0 ? object(names) : undefined;
}

/** What an instance is made with stands below what the one that it extends was made with. */
function merged(below: Value | undefined, own: Value | undefined): Value | undefined {
  if (below?.t !== 'object' || own?.t !== 'object') return own ?? below;
  return { ...own, props: new Map([...below.props, ...own.props]), places: new Map([...below.places, ...own.places]) };
}

interface Dispatchers extends Record<string, unknown> {
  global?: Value;
}
const dispatchers = (run: CodeRun) => run.shared<Dispatchers>('undici', () => ({}));

/** undici's agents: how many connections to each origin, and how long they wait for an answer. */
function dispatcher(it: LibraryCall, name: string, run: CodeRun): Value {
  if (name === 'setGlobalDispatcher') {
    const [given] = it.args;
    if (given) dispatchers(run).global = given;
    return NOTHING;
  }
  if (name === 'RetryAgent') return it.args[0] ?? UNKNOWN;
  const options = name === 'Agent' ? it.args[0] : it.args[1];
  const connections = toldNumber(options, 'connections');
  if (connections && 'value' in connections)
    run.claim({ kind: 'fact', type: 'bulkhead', subject: 'undici connections per origin', value: connections.value, unit: 'connections', place: connections.place });
  return run.make('Client', it.place, { library: 'undici', options, base: name === 'Agent' ? undefined : it.args[0] });
}

/** fetch and undici's own calls wait as long as their dispatcher says. */
function dispatched(library: string, options: Value | undefined, run: CodeRun): { timeoutMs?: Told } {
  if (library !== 'undici') return {};
  const given = propertyOf(options, 'dispatcher') ?? dispatchers(run).global;
  const told =
    toldNumber(options?.t === 'object' ? options : undefined, 'headersTimeout') ??
    (given?.t === 'resource' ? toldNumber(given.data.options as Value | undefined, 'headersTimeout') : undefined);
  if (told) return { timeoutMs: told };
  return given !== undefined && given.t !== 'resource' ? { timeoutMs: { why: 'a dispatcher that is not read decides' } } : {};
}

const REPEATABLE = /^(GET|PUT|HEAD|DELETE|OPTIONS|TRACE)$/;

/** got and ky repeat by themselves, axios where something was set on it. */
function retriesOf(library: string, method: string, options: Value | undefined, defaults: Value | undefined, of: Resource | undefined, run: CodeRun): Partial<RequestDraft> {
  for (const from of [options, defaults]) {
    const retry = propertyOf(from, 'retry');
    const said =
      retry?.t === 'object'
        ? toldNumber(retry, 'limit')
        : (toldNumber(retry ? from : undefined, 'retry') ?? (propertyOf(from, 'retries') ? toldNumber(from, 'retries') : undefined));
    if (said) return { retries: said };
  }
  const set = (of?.data.retry as RetryOptions | undefined) ?? (library === 'axios' ? globalRetry(run).all : undefined);
  if (!set) return {};
  if (set.onlyIdempotent && !REPEATABLE.test(method)) return { retries: { why: 'axios-retry sends such a request again only if its connection failed' } };
  return { ...(set.retries && { retries: set.retries }), retriedBy: 'axios-retry', ...(set.pause && { pause: set.pause }), ...(set.pauseBy && { pauseBy: set.pauseBy }) };
}

const joined = (base: Value, path: Value | undefined): Value => ({ t: 'text', parts: [base, '/', ...(path ? [path] : [])] });
const labelOf = (url: Value | undefined): string =>
  patternOf(url)
    .pattern.replace(/^[a-z]+:\/\//, '')
    .replace(/[?#].*$/, '');

function timeoutIn(options: Value | undefined, it: LibraryCall): Told | undefined {
  const direct = toldNumber(options, 'timeout');
  if (direct && 'value' in direct) return direct;
  const signal = propertyOf(options, 'signal');
  if (signal?.t === 'resource' && signal.type === 'Timeout' && signal.data.ms !== undefined)
    return { value: Number(signal.data.ms), place: (signal.place as Place | undefined) ?? it.place };
  // Another signal may end the call after any time.
  const ended = signal && signal.t !== 'nothing' ? { why: 'a signal ends the call' } : undefined;
  return firstTold(direct, propertyOf(options, 'timeout')?.t === 'object' ? toldNumber(options, 'timeout', 'request') : undefined, ended);
}

function finish(it: LibraryCall, run: CodeRun): Value {
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, { t: 'data' }, { t: 'data' }]);
  return { t: 'data' };
}
