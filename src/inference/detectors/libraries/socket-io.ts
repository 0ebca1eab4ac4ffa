import { DATA, isCallable, NOTHING, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';

/** Socket.IO and ws: what a server does with each message of a connected client. */
export default {
  id: 'socket-io',
  packages: ['socket.io', 'ws'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (!/^(|Server|WebSocketServer|default)$/.test(name) || (it.package === 'ws' && name === '')) return UNKNOWN;
    const mounted: Mounted[] = [];
    const made = run.make('SocketServer', it.place, { mounted, base: it.package === 'ws' ? '/ws' : '/socket.io' });
    run.claim({ kind: 'route', app: made, method: '', path: '', handlers: [], place: it.place });
    run.claim({ kind: 'listens', sockets: true, place: it.place });
    return made;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const mounted = of.data.mounted as Mounted[];
  const handler = it.args.find(isCallable);
  const event = textOf(it.args[0]);
  if (of.type === 'SocketServer' && /^(on|of|use)$/.test(it.name)) {
    if (it.name === 'of') return of;
    // Sockets are handed over once per client; what they wait for is registered then.
    if (handler && (event === 'connection' || event === 'connect')) run.call(handler, [run.make('Socket', it.place, { mounted, base: of.data.base }), DATA]);
    return of;
  }
  if (of.type === 'Socket' && (it.name === 'on' || it.name === 'addEventListener') && handler) {
    if (event !== undefined && /^(disconnect|disconnecting|close|error|pong|ping|open)$/.test(event)) return of;
    mounted.push({
      path: `${String(of.data.base)}/${event ?? '*'}`,
      method: 'ws',
      handlers: [{ t: 'native', call: () => run.call(handler, [DATA, { t: 'native', call: () => NOTHING }]) }],
      place: it.place,
    });
    return of;
  }
  // emit, to, join: what goes out costs its receiver.
  return of;
}
