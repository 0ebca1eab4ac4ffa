import { isCallable, propertyOf, UNKNOWN, type Value } from '../../code/values.ts';
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
    'hono/aws-lambda',
    '@middy/core',
    'middy',
  ],
  call(it, run) {
    if (it.receiver) return onWrapped(it, it.receiver, run);
    if (/middy$|^@middy\//.test(it.package)) return wrap(it.args[0], it, run);
    // The old adapter makes a server of the app first, and proxies each event to it by hand.
    if (it.name === 'proxy') return undefined;
    const app = propertyOf(it.args[0], 'app') ?? it.args[0];
    return app ? wrap(app, it, run) : UNKNOWN;
  },
} satisfies LibraryDetector;

const wrap = (inner: Value | undefined, it: LibraryCall, run: CodeRun): Value => run.make('Wrapped', it.place, { inner });

/** `middy(handler).use(…)` and `middy().use(…).handler(handler)`. */
function onWrapped(it: LibraryCall, of: NonNullable<LibraryCall['receiver']>, run: CodeRun): Value | undefined {
  if (of.type !== 'Wrapped') return undefined;
  const [handler] = it.args;
  if (it.name === 'handler' && handler && isCallable(handler)) return wrap(handler, it, run);
  return ['use', 'before', 'after', 'onError', 'handler'].includes(it.name) ? of : UNKNOWN;
}
