import { isCallable, propertyOf, type Resource, textOf, toldNumber, type Value } from '../../../code/values.ts';
import type { CodeRun } from '../../../detector.ts';
import { addressOf, portOf } from '../address.ts';
import type { Application, Explorer, Made } from './application.ts';
import { eitherOf } from './alternatives.ts';
import { handlersOf } from './controllers.ts';
import { type DecoratorData, grpcPath, patternText } from './tokens.ts';
import { brokerOf, transportOf } from './transports.ts';

interface Handler {
  pattern: string;
  /** Path of a gRPC method. */
  path: string | undefined;
  /** `@MessagePattern`, not `@EventPattern`. */
  answers: boolean;
  run: Value;
  place: Resource['place'];
}

/** What answers messages: over TCP and gRPC like a route, over a broker as a consumer of its queue or topics. */
export const exploreMessages: Explorer = (app, made, run, place) => {
  if (app.transports.length === 0) return;
  const handlers = made.filter((it) => it.isController).flatMap((it) => handlersIn(app, it, run));
  for (const options of app.transports) {
    const transport = transportOf(options);
    if (transport === undefined) continue;
    const settings = propertyOf(options, 'options');
    if (transport === 'TCP' || transport === 'GRPC') {
      for (const it of handlers) {
        if ((transport === 'GRPC') !== (it.path !== undefined)) continue;
        app.mounted.push({ path: it.path ?? `/${it.pattern}`, method: 'post', handlers: [it.run], place: it.place });
      }
      app.serves = true;
      const { port } = transport === 'TCP' ? portOf(settings) : addressOf(propertyOf(settings, 'url'));
      if (port !== undefined) run.claim({ kind: 'listens', port, place });
    } else consume(transport, settings, handlers, run, place);
  }
};

function handlersIn(app: Application, it: Made, run: CodeRun): Handler[] {
  return run.inspect(it.of).members.flatMap((member) =>
    member.decorators.flatMap((one): Handler[] => {
      if (one.t !== 'resource' || one.type !== 'Decorator' || !/^(MessagePattern|EventPattern|GrpcMethod|GrpcStreamMethod|GrpcStreamCall)$/.test(String(one.data.name))) return [];
      const said = one.data as unknown as DecoratorData;
      const steps = handlersOf(app, it, member, run).filter(isCallable);
      const isGrpc = said.name.startsWith('Grpc');
      const service = textOf(said.args[0]) ?? it.of.c.name ?? '*';
      const method = textOf(said.args[1]) ?? member.name;
      return [
        {
          pattern: patternText(said.args[0]),
          path: isGrpc ? grpcPath(service, method) : undefined,
          answers: said.name === 'MessagePattern',
          run: { t: 'native', call: (args) => steps.reduce<Value>((_before, handler) => run.call(handler, args), { t: 'data' }) },
          place: one.place,
        },
      ];
    }),
  );
}

function consume(transport: string, settings: Value | undefined, all: readonly Handler[], run: CodeRun, place: Resource['place']): void {
  const handlers = all.filter((it) => it.path === undefined);
  const client = handlers.length > 0 ? brokerOf(transport, settings, place, run) : undefined;
  if (!client) return;
  const library = String(client.data.library);
  if (transport === 'RMQ') {
    const concurrency = toldNumber(settings, 'prefetchCount');
    const first = handlers[0] as Handler;
    const handler: Value = {
      t: 'native',
      call: (args) =>
        eitherOf(
          handlers.map((it) => it.run),
          args,
          { t: 'unknown' },
          run,
          'kind of message',
        ),
    };
    run.claim({
      kind: 'consumer',
      client,
      library,
      channel: textOf(propertyOf(settings, 'queue')) ?? 'default',
      channelKind: 'queue',
      handler,
      ...(concurrency && { concurrency }),
      place: first.place,
    });
    return;
  }
  for (const it of handlers)
    run.claim({ kind: 'consumer', client, library, channel: it.pattern, channelKind: 'topic', handler: it.run, ...(it.answers && { answers: true }), place: it.place });
}
