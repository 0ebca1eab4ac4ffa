import { propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun } from '../../../detector.ts';
import { addressIn } from '../address.ts';
import { itemsOf } from './tokens.ts';

/** Names of the enum `Transport` in the order of its numbers. */
const TRANSPORTS = ['TCP', 'REDIS', 'NATS', 'MQTT', 'GRPC', 'RMQ', 'KAFKA'];

/** The transport of a client's or a microservice's options; TCP where none is named. */
export function transportOf(options: Value | undefined): string | undefined {
  if (options?.t !== 'object') return undefined;
  const said = propertyOf(options, 'transport');
  if (!said) return 'TCP';
  const name = said.t === 'package' ? said.path.at(-1) : textOf(said);
  return name !== undefined && /^\d$/.test(name) ? TRANSPORTS[Number(name)] : name;
}

/** The client of the broker between two services, or undefined where they talk to each other directly. */
export function brokerOf(transport: string, settings: Value | undefined, place: Resource['place'], run: CodeRun): Resource | undefined {
  const made = ((): Value => {
    switch (transport) {
      case 'RMQ':
        return run.use('amqplib', 'connect', [itemsOf(propertyOf(settings, 'urls'))[0] ?? UNKNOWN], place);
      case 'KAFKA': {
        const kafka = run.use('kafkajs', 'Kafka', [propertyOf(settings, 'client') ?? UNKNOWN], place, true);
        if (kafka.t === 'resource') run.claim({ kind: 'client', client: kafka });
        return kafka;
      }
      case 'REDIS':
        return run.use('ioredis', '', [settings ?? UNKNOWN], place, true);
      case 'NATS':
      case 'MQTT': {
        const client = run.make('Broker', place, {
          engine: transport.toLowerCase(),
          library: transport.toLowerCase(),
          multiplexed: true,
          address: addressIn(settings?.t === 'object' ? (propertyOf(settings, 'servers') ?? settings) : settings),
        });
        run.claim({ kind: 'client', client });
        return client;
      }
      default:
        return UNKNOWN;
    }
  })();
  return made.t === 'resource' ? made : undefined;
}
