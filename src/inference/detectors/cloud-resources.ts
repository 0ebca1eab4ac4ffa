import type { Place } from '../../model/known.ts';
import type { FailedMessages } from '../../model/topology.ts';
import type { FunctionEvent, ManagedStore, Said, ServiceClaim } from '../detector.ts';
import { componentName, everyMs, kept, type Names, resolved, routePath, toldIn, variablesIn } from './cloud-values.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { joinPath } from './paths.ts';
import type { YamlReading } from './yaml-places.ts';

/** Resources of CloudFormation by logical name. */
export type Resources = Readonly<Record<string, { type: string; properties: Json }>>;

export function resourcesIn(value: unknown): Resources {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([id, it]) => (isObject(it) && isText(it.Type) ? [[id, { type: it.Type, properties: isObject(it.Properties) ? it.Properties : {} }]] : [])),
  );
}

/** Stores of which a workspace sees one server, however many tables, queues or topics there are. */
const SHARED: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'dynamodb',
  'AWS::DynamoDB::GlobalTable': 'dynamodb',
  'AWS::Serverless::SimpleTable': 'dynamodb',
  'AWS::SQS::Queue': 'sqs',
  'AWS::SNS::Topic': 'sns',
  'AWS::S3::Bucket': 's3',
  'AWS::Kinesis::Stream': 'kinesis',
};
const NAME_FIELDS = ['QueueName', 'TopicName', 'TableName', 'BucketName', 'Name'];

/** What a resource is called by the code that uses it; undefined for one that is no store, or is not known here. */
export function nameOfResource(resources: Resources, id: string, names: Names): string | undefined {
  const it = resources[id];
  if (!it) return undefined;
  if (SHARED[it.type]) {
    const said = NAME_FIELDS.map((field) => it.properties[field]).find((value) => value !== undefined);
    const name = said === undefined ? undefined : resolved(said, names);
    // A name with the stage in it is told apart by what it ends with, or not at all.
    return isText(name) && !name.includes('*') ? name : id;
  }
  return engineOfResource(it.type, it.properties, names) ? componentName(id) : undefined;
}

function engineOfResource(type: string, properties: Json, names: Names): string | undefined {
  const engine = String(resolved(properties.Engine, names) ?? '').toLowerCase();
  switch (type) {
    case 'AWS::RDS::DBInstance':
      // An instance of a cluster is a part of it.
      return properties.DBClusterIdentifier === undefined ? engineOf(engine) : undefined;
    case 'AWS::RDS::DBCluster':
      return engineOf(engine);
    case 'AWS::DocDB::DBCluster':
      return 'mongodb';
    case 'AWS::ElastiCache::CacheCluster':
    case 'AWS::ElastiCache::ReplicationGroup':
    case 'AWS::ElastiCache::ServerlessCache':
      return engine === 'memcached' ? 'memcached' : 'redis';
    case 'AWS::MemoryDB::Cluster':
      return 'redis';
    case 'AWS::AmazonMQ::Broker':
      return String(properties.EngineType ?? '').toLowerCase() === 'rabbitmq' ? 'rabbitmq' : undefined;
    case 'AWS::MSK::Cluster':
    case 'AWS::MSK::ServerlessCluster':
      return 'kafka';
    case 'AWS::OpenSearchService::Domain':
      return 'opensearch';
    case 'AWS::Elasticsearch::Domain':
      return 'elasticsearch';
    default:
      return undefined;
  }
}

/** A managed database's engine by its provider's word. */
export const engineOf = (word: string): string | undefined =>
  word.includes('postgres')
    ? 'postgres'
    : word.includes('mysql') || word === 'aurora'
      ? 'mysql'
      : word.includes('mariadb')
        ? 'mariadb'
        : word.includes('sqlserver')
          ? 'mssql'
          : undefined;

/** The stores that a template brings: one of each shared kind, and every server of its own. */
export function storesIn(resources: Resources, at: readonly string[], yaml: YamlReading, names: Names): ServiceClaim[] {
  const found: ServiceClaim[] = [];
  for (const [id, { type, properties }] of Object.entries(resources)) {
    const place = yaml.placeAt([...at, id]);
    const shared = SHARED[type];
    if (shared) {
      // Its tables or queues are what people and code call it by.
      const called = [...new Set([id, nameOfResource(resources, id, names) ?? id])];
      const before = found.findIndex((it) => it.name === shared);
      if (before < 0) found.push(storeClaim(shared, { engine: shared, place }, called));
      else found[before] = { ...(found[before] as ServiceClaim), aliases: [...(found[before] as ServiceClaim).aliases, ...called] };
      continue;
    }
    const engine = engineOfResource(type, properties, names);
    if (!engine) continue;
    const path = [...at, id, 'Properties'];
    const version = resolved(properties.EngineVersion, names);
    const field = ['DBInstanceClass', 'CacheNodeType', 'NodeType'].find((it) => properties[it] !== undefined);
    const size = field && resolved(properties[field], names);
    found.push(
      storeClaim(componentName(id), {
        engine,
        ...((isText(version) || typeof version === 'number') && { version: String(version) }),
        ...(field && isText(size) && { instanceClass: { value: size, place: yaml.placeAt([...path, field]) } }),
        place,
      }),
    );
  }
  return found;
}

/** What a service has of which nothing else is said. */
export const NOTHING_RUN = { envFiles: [], dependsOn: [], aliases: [], hasPorts: false, mountsSource: false, hasHealthcheck: false, isRouted: false } as const;

export const storeClaim = (name: string, managed: ManagedStore, aliases: readonly string[] = []): ServiceClaim => ({
  kind: 'service',
  ...NOTHING_RUN,
  name,
  aliases,
  environment: {},
  managed,
  place: managed.place,
});

/** Whose messages an ARN or a reference means, by the resource behind it or by its own words. */
export function channelOf(value: unknown, resources: Resources, names: Names): { engine: string; channel: string; queue?: { id: string; properties: Json } } | undefined {
  const given = isObject(value) ? (value['Fn::GetAtt'] ?? value.Ref) : undefined;
  const id = isText(given) ? given.split('.')[0] : Array.isArray(given) && isText(given[0]) ? given[0] : undefined;
  const type = id === undefined ? undefined : resources[id]?.type;
  const said = resolved(value, names);
  const name = isText(said) ? /([\w.-]+)$/.exec(said.replace(/\/stream\/.*$/, ''))?.[1] : undefined;
  const engine = (type && SHARED[type]) ?? (isText(said) ? /^arn:[\w*-]*:(sqs|sns|dynamodb|kinesis):/.exec(said)?.[1] : undefined);
  const channel = name ?? id;
  const queue = id !== undefined && type === 'AWS::SQS::Queue' ? { id, properties: resources[id]?.properties ?? {} } : undefined;
  return channel === undefined ? undefined : { engine: engine ?? '', channel, ...(queue && { queue }) };
}

/** A queue without one for dead letters hands a failed message out again until it is too old. */
export const fateOf = (queue: Json, place: Place): FailedMessages => ({ fate: queue.RedrivePolicy === undefined ? 'expired' : 'kept', place });

/** The same of all queues of a template, by their logical names. */
export const fatesIn = (resources: Resources, at: readonly string[], yaml: YamlReading): Record<string, FailedMessages> =>
  Object.fromEntries(Object.entries(resources).flatMap(([id, it]) => (it.type === 'AWS::SQS::Queue' ? [[id, fateOf(it.properties, yaml.placeAt([...at, id]))]] : [])));

/** Where a function's parts stand in its file. */
export interface FunctionSource {
  id: string;
  platform: 'serverless' | 'lambda';
  folder: string;
  at: readonly (string | number)[];
  names: Names;
  yaml: YamlReading;
  /** Field by meaning: its value and the way to it; what is said for all functions stands in for one's own. */
  field(name: 'handler' | 'runtime' | 'memory' | 'timeout' | 'limit' | 'image'): { value: unknown; path: readonly (string | number)[] };
  environments: readonly { value: unknown; path: readonly (string | number)[] }[];
  events: readonly FunctionEvent[];
}

export function functionClaim(it: FunctionSource): ServiceClaim {
  const handler = resolved(it.field('handler').value, it.names);
  const runtime = resolved(it.field('runtime').value, it.names);
  const [limit, memory, timeout] = [it.field('limit'), it.field('memory'), it.field('timeout')];
  const told = (field: { value: unknown; path: readonly (string | number)[] }, factor = 1) => toldIn(field.value, field.path, it.yaml, it.names, factor);
  const [limitTold, memoryTold, timeoutTold] = [told(limit), told(memory), told(timeout, 1000)];
  return {
    kind: 'service',
    ...NOTHING_RUN,
    name: it.id,
    environment: Object.assign({}, ...it.environments.map((all) => variablesIn(all.value, all.path, it.yaml, it.names))) as Record<string, Said<string>>,
    hasPorts: it.events.some((event) => event.kind === 'http'),
    onDemand: {
      platform: it.platform,
      ...(isText(handler) && !handler.includes('*') && it.field('image').value === undefined && { handler: joinPath(it.folder, handler) }),
      ...(isText(runtime) && { runtime }),
      events: it.events,
      ...(limitTold && { limit: limitTold }),
      ...(memoryTold && { memoryMb: memoryTold }),
      ...(timeoutTold && { timeoutMs: timeoutTold }),
    },
    place: it.yaml.placeAt(it.at),
  };
}

export const httpEvent = (method: unknown, path: unknown, place: FunctionEvent['place']): FunctionEvent[] =>
  isText(path) ? [{ kind: 'http', method: isText(method) && !/^(\*|any)$/i.test(method) ? method.toUpperCase() : 'ALL', path: routePath(path), place }] : [];

export const scheduleEvent = (expression: unknown, place: FunctionEvent['place']): FunctionEvent => {
  const ms = everyMs(expression);
  return { kind: 'schedule', ...(ms !== undefined && { everyMs: { value: ms, place } }), place };
};

/** What a rule of EventBridge waits for: events by their kind, else all of a source or of a bus. */
export function busEvents(pattern: unknown, bus: unknown, names: Names, place: FunctionEvent['place']): FunctionEvent[] {
  const own = isObject(pattern) ? pattern : {};
  const all = [own['detail-type'], own.source].map((it) => (Array.isArray(it) ? it : [it]).map((one) => resolved(one, names)).filter(isText)).find((it) => it.length > 0);
  const named = resolved(bus, names);
  const channels = all ?? [isText(named) && !named.includes('*') ? (/([\w.-]+)$/.exec(named)?.[1] ?? 'events') : 'events'];
  return channels.map((channel) => ({ kind: 'message', engine: 'eventbridge', channel, channelKind: 'topic', place }));
}

export { kept };
