import { isCallable, type Resource, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';
import { portOf } from './address.ts';

/** Node's own HTTP servers: around an app of a framework, or with a handler of their own. */
export default {
  id: 'http',
  packages: ['http', 'https', 'http2'],
  call(it, run) {
    if (it.receiver) return onServer(it, it.receiver, run);
    if (it.name === 'Agent') {
      const most = toldNumber(it.args[0], 'maxSockets');
      if (most && 'value' in most)
        run.claim({ kind: 'fact', type: 'bulkhead', subject: `${it.package} sockets per host`, value: most.value, unit: 'connections', place: most.place });
      return UNKNOWN;
    }
    // `http.Server(app)` does the same with and without `new`.
    if (!/^(create(Secure)?)?Server$/.test(it.name.split('.').at(-1) ?? '')) return UNKNOWN;
    const app = it.args.find((arg) => arg.t === 'resource' && arg.data.mounted !== undefined);
    if (app) return run.make('Server', it.place, { app });
    const handler = it.args.find(isCallable);
    const mounted: Mounted[] = handler ? [{ path: '/', method: 'all', handlers: [handler], place: it.place }] : [];
    return run.make('Server', it.place, { mounted });
  },
} satisfies LibraryDetector;

function onServer(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'on' || it.name === 'once') return of;
  if (it.name !== 'listen') return UNKNOWN;
  // A port that the system picks is for this process itself: a tunnel, a proxy for what it starts.
  if (it.args[0]?.t === 'number' && it.args[0].v === 0) return of;
  const app = (of.data.app as Resource | undefined) ?? of;
  run.claim({ kind: 'route', app, method: '', path: '', handlers: [], place: it.place });
  run.claim({ kind: 'listens', ...portOf(it.args[0]), place: it.place });
  for (const arg of it.args) if (isCallable(arg)) run.call(arg);
  return of;
}
