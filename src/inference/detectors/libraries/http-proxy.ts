import { NOTHING, propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** http-proxy and its middleware: whatever comes in goes on to a target. */
export default {
  id: 'http-proxy',
  packages: ['http-proxy', 'http-proxy-middleware', 'express-http-proxy', '@fastify/http-proxy'],
  call(it, run) {
    if (it.receiver) {
      if (it.name === 'web') pass(propertyOf(it.args[2], 'target') ?? propertyOf(it.receiver.data.options as Value | undefined, 'target'), it, run);
      return UNKNOWN;
    }
    const name = it.name.split('.').at(-1) ?? '';
    if (/^create(ProxyServer|Server|Proxy)$/.test(name)) return run.make('Proxy', it.place, { options: it.args[0] });
    const target = it.args.map((arg) => propertyOf(arg, 'target')).find((arg) => arg !== undefined) ?? it.args[0];
    return {
      t: 'native',
      call: () => {
        pass(target, it, run);
        return NOTHING;
      },
    };
  },
} satisfies LibraryDetector;

function pass(target: Value | undefined, it: LibraryCall, run: CodeRun): void {
  if (!target) return;
  run.record({
    kind: 'request',
    url: target,
    method: 'ALL',
    label: `pass on to ${(textOf(target) ?? '*').replace(/^[a-z]+:\/\//, '')}`,
    library: 'http-proxy',
    awaited: true,
    place: it.place,
  });
  run.record({ kind: 'respond', failed: false, place: it.place });
}
