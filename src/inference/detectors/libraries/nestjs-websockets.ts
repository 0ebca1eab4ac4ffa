import { isCallable, patternOf, propertyOf, REQUEST, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';
import { type Explorer, exploreWith } from './nestjs/application.ts';
import { handlersOf } from './nestjs/controllers.ts';

/** @nestjs/websockets: classes that answer to messages of connected clients. */
export default {
  id: 'nestjs-websockets',
  packages: ['@nestjs/websockets', '@nestjs/platform-socket.io', '@nestjs/platform-ws'],
  call(it, run) {
    exploreWith(run, explore);
    // emit, to: what goes out costs its receiver.
    if (it.receiver) return it.receiver;
    return /^[A-Z]\w*$/.test(it.name) && !it.isNew ? run.make('Decorator', it.place, { name: it.name, args: it.args }) : UNKNOWN;
  },
} satisfies LibraryDetector;

const explore: Explorer = (app, made, run) => {
  for (const it of made) {
    const gateway = (it.of.decorators ?? []).find((one): one is Resource => one.t === 'resource' && one.data.name === 'WebSocketGateway');
    if (!gateway) continue;
    const options = (gateway.data.args as readonly Value[]).find((arg) => arg.t === 'object');
    const base = `/${textOf(propertyOf(options, 'namespace'))?.replace(/^\//, '') ?? 'socket.io'}`;
    const mounted: Mounted[] = [];
    for (const member of run.inspect(it.of).members)
      for (const one of member.decorators) {
        if (one.t !== 'resource' || one.data.name !== 'SubscribeMessage' || member.kind !== 'method') continue;
        const [event] = one.data.args as readonly Value[];
        mounted.push({ path: `${base}/${patternOf(event).pattern}`, method: 'ws', handlers: handlersOf(app, it, member, run).filter(isCallable), place: one.place });
      }
    // Whoever connects has it run once; by its name alone, no decorator says so.
    const connect = run.property(it.value, 'handleConnection');
    if (connect.t === 'function')
      mounted.push({ path: `${base}/connection`, method: 'ws', handlers: [{ t: 'native', call: () => run.call(connect, [REQUEST, REQUEST], it.value) }], place: gateway.place });
    run.claim({ kind: 'route', app: run.make('SocketServer', gateway.place, { mounted, base }), method: '', path: '', handlers: [], place: gateway.place });
    run.claim({ kind: 'listens', sockets: true, place: gateway.place });
  }
};
