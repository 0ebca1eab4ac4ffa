import type { ComponentKind } from '../../model/topology.ts';
import type { Service } from './service.ts';

interface Engine {
  engine: string;
  kind: ComponentKind;
}

const ENGINES: readonly [pattern: RegExp, engine: string, kind: ComponentKind][] = [
  [/pgbouncer|pgcat|odyssey/, 'pgbouncer', 'gateway'],
  [/postgres|postgis|timescale|pgvector|supabase\/postgres/, 'postgres', 'database'],
  [/mariadb/, 'mariadb', 'database'],
  [/mysql|percona/, 'mysql', 'database'],
  [/mongo(?!-express)|documentdb|ferretdb/, 'mongodb', 'database'],
  [/cockroach/, 'cockroachdb', 'database'],
  [/clickhouse/, 'clickhouse', 'database'],
  [/cassandra|scylla/, 'cassandra', 'database'],
  [/mssql|sqlserver/, 'mssql', 'database'],
  [/neo4j/, 'neo4j', 'database'],
  [/redis(?!.*(insight|commander))|valkey|keydb|dragonfly/, 'redis', 'cache'],
  [/memcached/, 'memcached', 'cache'],
  [/kafka(?!.*(-ui|drop|connect))|redpanda(?!.*console)/, 'kafka', 'queue'],
  [/rabbitmq/, 'rabbitmq', 'queue'],
  [/\bnats\b/, 'nats', 'queue'],
  [/mosquitto|emqx|vernemq/, 'mqtt', 'queue'],
  [/elasticsearch/, 'elasticsearch', 'search'],
  [/opensearch/, 'opensearch', 'search'],
  [/meilisearch/, 'meilisearch', 'search'],
  [/typesense/, 'typesense', 'search'],
  [/zookeeper/, 'zookeeper', 'database'],
  [/\betcd\b/, 'etcd', 'database'],
  [/\bconsul\b/, 'consul', 'database'],
  [/^libsql$|\bsqld\b|libsql-server/, 'libsql', 'database'],
  [/^d1$/, 'd1', 'database'],
  [/minio|localstack|^s3$/, 's3', 'object-store'],
  [/dynamodb/, 'dynamodb', 'database'],
  [/elasticmq|^sqs$/, 'sqs', 'queue'],
  [/^sns$/, 'sns', 'topic'],
  [/^kinesis$/, 'kinesis', 'queue'],
  [/^eventbridge$/, 'eventbridge', 'topic'],
  [/^servicebus$/, 'servicebus', 'queue'],
  [/^pubsub$/, 'pubsub', 'topic'],
  [/^qstash$/, 'qstash', 'queue'],
  [/nginx/, 'nginx', 'gateway'],
  [/traefik/, 'traefik', 'gateway'],
  [/\bkong\b/, 'kong', 'gateway'],
  [/envoy/, 'envoy', 'gateway'],
  [/haproxy/, 'haproxy', 'gateway'],
  [/caddy/, 'caddy', 'gateway'],
  [/prometheus|grafana(?!\/x?k6)|jaeger|zipkin|\bloki\b|otel|opentelemetry|kibana|logstash|fluentd|instana|datadog|\btempo\b|^spotlight$/, 'observability', 'observability'],
];

/** Engines that carry messages and nothing else: publishing and consuming are the calls, and no pool stands before them. */
export const BROKERS: ReadonlySet<string> = new Set(['kafka', 'rabbitmq', 'nats', 'mqtt', 'sqs', 'sns', 'kinesis', 'eventbridge', 'servicebus', 'pubsub', 'qstash']);

/** The product in an image name or a Dockerfile base; tags and registries don't count. */
export function engineOf(image: string | undefined): Engine | undefined {
  if (!image) return undefined;
  const name = image
    .toLowerCase()
    .replace(/@sha256.*$/, '')
    .replace(/:[^/]*$/, '')
    .replace(/\$\{[^}]*\}/g, '');
  const bare = name.split('/').slice(-2).join('/');
  const found = ENGINES.find(([pattern]) => pattern.test(bare.split('/').at(-1) ?? '')) ?? ENGINES.find(([pattern]) => pattern.test(bare));
  return found && { engine: found[1], kind: found[2] };
}

/** Settings that only a store's own image reads. */
const SETTINGS: readonly [pattern: RegExp, engine: string][] = [
  [/^MYSQL_(DATABASE|USER|ALLOW_EMPTY_\w+|RANDOM_ROOT_\w+|CHARSET)$/, 'mysql'],
  [/^MARIADB_(DATABASE|USER|ALLOW_EMPTY_\w+)$/, 'mariadb'],
  [/^(POSTGRES_(DB|USER|INITDB_ARGS|HOST_AUTH_METHOD)|PGDATA)$/, 'postgres'],
  [/^MONGO_INITDB_\w+$/, 'mongodb'],
  [/^RABBITMQ_DEFAULT_\w+$/, 'rabbitmq'],
];
/** Schemes that lead to nothing but a server of one kind. */
const SCHEMES: Readonly<Record<string, string>> = {
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mariadb',
  mongodb: 'mongodb',
  redis: 'redis',
  rediss: 'redis',
  amqp: 'rabbitmq',
  amqps: 'rabbitmq',
  nats: 'nats',
  clickhouse: 'clickhouse',
  memcached: 'memcached',
};
const PORTS: Readonly<Record<string, string>> = {
  5432: 'postgres',
  3306: 'mysql',
  27017: 'mongodb',
  6379: 'redis',
  5672: 'rabbitmq',
  9092: 'kafka',
  4222: 'nats',
  11211: 'memcached',
};

/**
 * Somebody else's images that are stores although their names don't tell: all that they are told is settings of one, or others reach them by its scheme or port.
 * What is built here is told apart by its Dockerfile.
 */
export function withEngines(services: readonly Service[]): Service[] {
  const byScheme = new Map<string, string>();
  for (const it of services)
    for (const { value } of Object.values(it.environment)) {
      const [, scheme = '', host = '', port = ''] = /^(?:jdbc:)?(?:([a-z]+):\/\/)?(?:[^@/\s]*@)?([\w.-]+)(?::(\d+))?/i.exec(value) ?? [];
      const engine = SCHEMES[scheme.toLowerCase()] ?? PORTS[port];
      if (engine) byScheme.set(host.toLowerCase(), engine);
    }
  return services.map((it) => {
    if (!it.image || it.build || it.managed || it.onDemand || engineOf(it.image)) return it;
    const names = Object.keys(it.environment);
    const engine =
      SETTINGS.find(([pattern]) => names.length > 0 && names.every((name) => pattern.test(name)))?.[1] ??
      [it.name, ...it.aliases].map((name) => byScheme.get(name.toLowerCase())).find((one) => one !== undefined);
    return engine ? { ...it, engine } : it;
  });
}

const ADMIN_TOOLS =
  /(^|\/)(phpmyadmin|adminer|pgadmin4?|mongo-express|redis-?(insight|commander)|kafka-?ui|kafdrop|akhq|kafka-manager|bull-board|sqlpad|cloudbeaver|temporalio\/(ui|web|admin-tools))$/;

/** Pages for people who look into a store. */
export const isAdminTool = (image: string | undefined): boolean => ADMIN_TOOLS.test((image ?? '').toLowerCase().replace(/[:@].*$/, ''));

export const kindOfEngine = (engine: string): ComponentKind => ENGINES.find(([, it]) => it === engine)?.[2] ?? (engine === 'smtp' ? 'external-api' : 'database');
