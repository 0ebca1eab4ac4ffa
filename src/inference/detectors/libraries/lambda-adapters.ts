import { isCallable, object, patternOf, propertyOf, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** Adapters that let a function answer with an app, and engines that wrap a handler: what is inside counts. */
export default {
  id: 'lambda-adapters',
  packages: [
    'serverless-http',
    '@vendia/serverless-express',
    '@codegenie/serverless-express',
    'aws-serverless-express',
    '@fastify/aws-lambda',
    '@middy/core',
    'middy',
    '@middy/ssm',
    '@middy/secrets-manager',
  ],
  call(it, run) {
    if (it.receiver) return onWrapped(it, it.receiver, run);
    if (/^@middy\/(ssm|secrets-manager)$/.test(it.package)) return run.make('Parameters', it.place, { options: it.args[0] });
    if (/middy$|^@middy\//.test(it.package)) return wrap(it.args[0], it, run);
    // The old adapter makes a server of the app first, and proxies each event to it by hand.
    if (it.name === 'proxy') {
      noteAsked(it.args[0], run);
      return undefined;
    }
    const app = propertyOf(it.args[0], 'app') ?? it.args[0];
    return app ? wrap(app, it, run) : UNKNOWN;
  },
} satisfies LibraryDetector;

/** Apps that handlers were seen to ask while the program started. */
export const askedApps = (run: CodeRun): Value[] => run.shared('lambda adapters', () => ({ asked: [] as Value[] })).asked;

function noteAsked(it: Value | undefined, run: CodeRun): void {
  if (it && !run.isTracing()) askedApps(run).push(it);
}

/** Parameters that are fetched before each call stand in the handler's context. Each is taken for a variable called after its path: `/live/users/url` for `LIVE_USERS_URL`. */
function addParameters(of: NonNullable<LibraryCall['receiver']>, given: Value | undefined, run: CodeRun): void {
  const options = given?.t === 'resource' && given.type === 'Parameters' ? (given.data.options as Value | undefined) : undefined;
  const fetched = propertyOf(options, 'fetchData');
  const inner = of.data.inner as Value | undefined;
  if (fetched?.t !== 'object' || !inner || truth(propertyOf(options, 'setToContext') ?? UNKNOWN) !== true) return;
  const known = [...fetched.props].map(([name, path]): [string, Value] => [name, { t: 'unset', name: variableFor(patternOf(path).pattern) }]);
  of.data.inner = {
    t: 'native',
    call: ([event, context, ...rest]) =>
      run.call(inner, [event ?? UNKNOWN, { ...object([...(context?.t === 'object' ? context.props : []), ...known]), open: new Set() }, ...rest]),
  } satisfies Value;
}

const variableFor = (path: string): string =>
  path
    .split('/')
    .filter((it) => it !== '' && it !== '*')
    .join('_')
    .replace(/\W+/g, '_')
    .toUpperCase();

const wrap = (inner: Value | undefined, it: LibraryCall, run: CodeRun): Value => run.make('Wrapped', it.place, { inner });

/** `middy(handler).use(…)` and `middy().use(…).handler(handler)`. */
function onWrapped(it: LibraryCall, of: NonNullable<LibraryCall['receiver']>, run: CodeRun): Value | undefined {
  if (of.type !== 'Wrapped') return undefined;
  const [handler] = it.args;
  if (it.name === '') noteAsked(of, run);
  if (it.name === 'use') for (const one of handler?.t === 'list' ? handler.items : [handler]) addParameters(of, one, run);
  if (it.name === 'handler' && handler && isCallable(handler)) return wrap(handler, it, run);
  return ['use', 'before', 'after', 'onError', 'handler'].includes(it.name) ? of : UNKNOWN;
}
