import type { FileEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import {
  addDependency,
  addEnvironment,
  type Compose,
  type ComposeService,
  composeEdit,
  composeFor,
  composeOf,
  imageOf,
  insertServices,
  serviceLines,
  serviceNamed,
  twin,
} from './compose.ts';
import type { Manifest } from './manifest.ts';
import { startCommand } from './start-command.ts';
import { VERSIONS } from './versions.ts';

const BROKERS = {
  bullmq: {
    name: 'redis',
    image: /(^|\/)(redis|valkey|keydb)\b/,
    variable: 'REDIS_HOST',
    value: (host: string) => host,
    // A queue must lose nothing: the append-only file survives a restart.
    body: [`image: ${VERSIONS.images.redis}`, 'command: redis-server --appendonly yes', 'restart: unless-stopped'],
  },
  kafka: {
    name: 'kafka',
    image: /kafka|redpanda/,
    variable: 'KAFKA_BROKERS',
    value: (host: string) => `${host}:9092`,
    body: [
      `image: ${VERSIONS.images.kafka}`,
      'environment:',
      '\tKAFKA_NODE_ID: 1',
      '\tKAFKA_PROCESS_ROLES: broker,controller',
      '\tKAFKA_LISTENERS: PLAINTEXT://:9092,CONTROLLER://:9093',
      '\tKAFKA_ADVERTISED_LISTENERS: PLAINTEXT://kafka:9092',
      '\tKAFKA_CONTROLLER_LISTENER_NAMES: CONTROLLER',
      '\tKAFKA_LISTENER_SECURITY_PROTOCOL_MAP: CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      '\tKAFKA_CONTROLLER_QUORUM_VOTERS: 1@localhost:9093',
      '\tKAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 1',
    ],
  },
} as const;

/** The compose part of a queue: the broker where it is missing, its address for the service, and the worker beside it. Null where there is no compose file or all of it stands there. */
export async function queueServices(
  workspace: Workspace,
  manifest: Manifest,
  sourceFile: string,
  workerAt: string,
  wanted: { technology: 'bullmq' | 'kafka'; queue: string },
): Promise<FileEdit | null> {
  const compose = await composeFor(workspace, sourceFile);
  if (!compose) return null;
  const { file, text, service } = compose;
  const broker = BROKERS[wanted.technology];
  const running = composeOf(file, text).services.find((it) => broker.image.test(imageOf(it)));
  const host = running?.name ?? broker.name;
  const worker = `${wanted.queue}-worker`;
  const command = await startCommand(workspace, manifest, workerAt);
  const at = (it: Compose): ComposeService => serviceNamed(it, file, service);
  return composeEdit(file, text, [
    (it) => addEnvironment(it, at(it), broker.variable, broker.value(host)),
    (it) => addDependency(it, at(it), host),
    (it) => {
      const isThere = (name: string) => it.services.some((other) => other.name === name);
      const blocks = [...(isThere(worker) ? [] : [twin(it, at(it), worker, command)]), ...(isThere(host) ? [] : [serviceLines(it, at(it), host, broker.body)])];
      return blocks.length > 0 ? [insertServices(it, at(it), blocks)] : [];
    },
  ]);
}
