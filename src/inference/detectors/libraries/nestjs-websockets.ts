import { DATA, isCallable, patternOf, propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';
import { type Explorer, exploreWith } from './nestjs/application.ts';
import { decoratorsNamed } from './nestjs/tokens.ts';

/** @nestjs/websockets: classes that answer to messages of connected clients. */
export default {
  id: 'nestjs-websockets',
  packages: ['@nestjs/websockets', '@nestjs/platform-socket.io', '@nestjs/platform-ws'],
  call(it, run) {
    exploreWith(run, explore);
    return /^(WebSocketGateway|SubscribeMessage)$/.test(it.name) ? run.make('Decorator', it.place, { name: it.name, args: it.args }) : UNKNOWN;
  },
} satisfies LibraryDetector;

const explore: Explorer = (_app, made, run) => {
  for (const it of made) {
    const [gateway] = decoratorsNamed(it.of.decorators ?? [], 'WebSocketGateway');
    if (!gateway) continue;
    const options = gateway.args.find((arg) => arg.t === 'object');
    const base = `/${textOf(propertyOf(options, 'namespace'))?.replace(/^\//, '') ?? 'socket.io'}`;
    const mounted: Mounted[] = [];
    for (const member of run.inspect(it.of).members) {
      const [message] = decoratorsNamed(member.decorators, 'SubscribeMessage');
      const method = run.property(it.value, member.name);
      if (!message || !isCallable(method)) continue;
      const place = member.decorators.flatMap((one) => (one.t === 'resource' ? [one.place] : []))[0];
      if (place)
        mounted.push({
          path: `${base}/${patternOf(message.args[0]).pattern}`,
          method: 'ws',
          handlers: [{ t: 'native', call: () => run.call(method, [DATA, DATA], it.value) }],
          place,
        });
    }
    const decorator = (it.of.decorators ?? []).find((one): one is Extract<Value, { t: 'resource' }> => one.t === 'resource' && one.data.name === 'WebSocketGateway');
    if (!decorator) continue;
    const app = run.make('SocketServer', decorator.place, { mounted, base });
    run.claim({ kind: 'route', app, method: '', path: '', handlers: [], place: decorator.place });
    run.claim({ kind: 'listens', sockets: true, place: decorator.place });
  }
};
