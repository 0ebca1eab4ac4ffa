import type { Place } from '../../../model/known.ts';
import { firstTold, isCallable, NOTHING, patternOf, propertyOf, saidNumber, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';

const VERBS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'del']);

/** axios, fetch, got, ky, request: calls to other services and outside APIs. */
export default {
  id: 'http-clients',
  packages: ['axios', 'undici', 'node-fetch', 'cross-fetch', 'got', 'ky', 'request', 'request-promise', 'request-promise-native', 'superagent', 'needle'],
  call(it, run) {
    const library = (it.receiver?.data.library as string | undefined) ?? it.package;
    const name = it.name.split('.').at(-1) ?? '';
    const defaults = it.receiver?.data.options as Value | undefined;
    if (/^(create|extend|defaults|instance)$/.test(name)) return run.make('Client', it.place, { library, options: it.args[0] });
    const plain = /^(|default|fetch|request|axios|got|ky|safeFetch)$/.test(name);
    if (!plain && !VERBS.has(name)) return UNKNOWN;
    const [first, second, third] = it.args;
    const options =
      [first, second, third]
        .filter((arg) => arg?.t === 'object' && (propertyOf(arg, 'timeout') || propertyOf(arg, 'signal') || propertyOf(arg, 'method') || propertyOf(arg, 'url')))
        .at(-1) ?? second;
    const path = first?.t === 'object' ? (propertyOf(first, 'url') ?? propertyOf(first, 'uri')) : first;
    const base = propertyOf(defaults, 'baseURL') ?? propertyOf(defaults, 'prefixUrl') ?? propertyOf(options, 'baseURL');
    const url = base && base.t !== 'nothing' ? joined(base, path) : path;
    const method = (plain ? (textOf(propertyOf(options, 'method') ?? propertyOf(first, 'method')) ?? 'GET') : name === 'del' ? 'DELETE' : name).toUpperCase();
    const hasBody = !plain && /^(post|put|patch)$/.test(name);
    const timeoutMs = firstTold(timeoutIn(options?.t === 'object' ? options : hasBody ? third : second, it), timeoutIn(defaults, it));
    const retries = saidNumber(propertyOf(options, 'retry'), 'limit') ?? saidNumber(options, 'retry') ?? saidNumber(options, 'retries');
    run.record({
      kind: 'request',
      url: url ?? UNKNOWN,
      method,
      label: `${method} ${labelOf(url)}`,
      library,
      ...(timeoutMs && { timeoutMs }),
      ...(retries && { retries }),
      awaited: true,
      place: it.place,
    });
    return finish(it, run);
  },
} satisfies LibraryDetector;

const joined = (base: Value, path: Value | undefined): Value => ({ t: 'text', parts: [base, '/', ...(path ? [path] : [])] });
const labelOf = (url: Value | undefined): string =>
  patternOf(url)
    .pattern.replace(/^[a-z]+:\/\//, '')
    .replace(/[?#].*$/, '');

function timeoutIn(options: Value | undefined, it: LibraryCall): Told | undefined {
  const direct = toldNumber(options, 'timeout');
  if (direct && 'value' in direct) return direct;
  const signal = propertyOf(options, 'signal');
  if (signal?.t === 'resource' && signal.type === 'Timeout') return { value: Number(signal.data.ms), place: (signal.place as Place | undefined) ?? it.place };
  // Another signal may end the call after any time.
  const ended = signal && signal.t !== 'nothing' ? { why: 'a signal ends the call' } : undefined;
  return firstTold(direct, propertyOf(options, 'timeout')?.t === 'object' ? toldNumber(options, 'timeout', 'request') : undefined, ended);
}

function finish(it: LibraryCall, run: CodeRun): Value {
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, { t: 'data' }, { t: 'data' }]);
  return { t: 'data' };
}
