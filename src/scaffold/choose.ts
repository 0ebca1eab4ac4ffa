import { type CacheStep, type Channel, type Component, type Endpoint, type Step, type Topology, walkSteps } from '../model/topology.ts';
import { type Choices, DEFAULT_CHOICES } from './grammar.ts';
import { databaseNameOf, projectNameOf } from './name.ts';

const DATABASES: Readonly<Record<string, Choices['database']>> = {
  postgres: 'PostgreSQL',
  postgresql: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MySQL',
  mongodb: 'MongoDB',
  mongo: 'MongoDB',
};
const REDIS = /^(redis|valkey|keydb|dragonfly)/;
const JOB_LIBRARY = /^(bullmq|bull|bee-queue)$/;

/** One service with everything that the generator would make around it. */
export interface Part {
  service: Component;
  /** Workers that share its process or take from its channels: the generator has no project of their own for them. */
  workers: readonly Component[];
  databases: readonly Component[];
  caches: readonly Component[];
  channels: readonly Channel[];
  gateways: readonly Component[];
  endpoints: readonly Endpoint[];
}

/** The service that the command stands for: the one that the outside world asks most. Undefined where no Node.js service runs. */
export function mainPart(topology: Topology): Part | undefined {
  const rank = (it: Component): number => {
    const own = topology.endpoints.filter((e) => e.component === it.id && e.role !== 'excluded');
    return own.filter((e) => e.external).length * 1000 + own.length * 10 + topology.calls.filter((call) => call.from === it.id).length;
  };
  const [service] = nodeServices(topology).sort((a, b) => rank(b) - rank(a) || (a.id < b.id ? -1 : 1));
  return service && partOf(topology, service);
}

/** Node.js services of the deployment, without workers, front ends and gateways. */
export function nodeServices(topology: Topology): Component[] {
  return topology.components.filter((it) => it.kind === 'service' && it.scope !== 'dev' && isNode(topology, it));
}

function isNode(topology: Topology, component: Component): boolean {
  if (/\b(node(\.?js)?|express|fastify|nest(js)?|koa|hapi|hono|javascript|typescript)\b/i.test(component.technology)) return true;
  return sources(topology, [component.id]).some((it) => SOURCE.test(it));
}

function partOf(topology: Topology, service: Component): Part {
  const made = topology.channels.filter((it) => it.producers.some((p) => p.component === service.id));
  const workers = topology.components.filter(
    (it) => it.id !== service.id && (it.runsIn === service.id || (it.kind === 'worker' && made.some((channel) => channel.consumers.some((c) => c.component === it.id)))),
  );
  const group = new Set([service, ...workers].map((it) => it.id));
  const channels = topology.channels.filter((it) => [...it.producers, ...it.consumers].some((end) => group.has(end.component)));
  const endpoints = topology.endpoints.filter((it) => group.has(it.component));
  const used = new Set([...topology.calls.filter((it) => group.has(it.from)).map((it) => it.to), ...endpoints.flatMap((it) => targets(it.steps))]);
  const behind = new Set([...used, ...topology.calls.filter((it) => used.has(it.from) && it.kind === 'query').map((it) => it.to)]);
  const near = topology.components.filter((it) => behind.has(it.id) && it.scope !== 'dev');
  const weight = (it: Component): number => endpoints.flatMap((e) => targets(e.steps)).filter((id) => id === it.id).length;
  return {
    service,
    workers,
    databases: near.filter((it) => it.kind === 'database' && it.engine !== 'pgbouncer').sort((a, b) => weight(b) - weight(a) || (a.id < b.id ? -1 : 1)),
    caches: near.filter((it) => it.kind === 'cache'),
    channels,
    gateways: topology.components.filter((it) => it.kind === 'gateway' && it.scope !== 'dev' && topology.calls.some((call) => call.from === it.id && group.has(call.to))),
    endpoints,
  };
}

/** The generator's choices that come nearest to the part. `forced` wins over what was found. */
export function chooseFor(topology: Topology, part: Part, forced: Partial<Choices> = {}): Choices {
  const ids = [part.service, ...part.workers].map((it) => it.id);
  const files = sources(topology, ids);
  const language = languageOf(files);
  const projectName = projectNameOf(part.service.name);
  const facts = topology.facts.filter((it) => ids.some((id) => it.subject === id || it.subject.startsWith(`${id}→`) || it.subject.startsWith(`${id} `)));
  const has = (type: string): boolean => facts.some((it) => it.type === type);
  const resilience: readonly [string, Choices['resilience'][number]][] = [
    ['timeout', 'Timeout'],
    ['max_retries', 'Retry'],
    ['circuit_breaker', 'CircuitBreaker'],
  ];
  return {
    ...DEFAULT_CHOICES,
    projectName,
    language,
    // Clean Architecture in TypeScript comes out broken on case-sensitive file systems, so it is never chosen unasked.
    architecture: language === 'JavaScript' && looksClean(files) ? 'Clean Architecture' : 'MVC',
    database: part.databases.map((it) => DATABASES[it.engine ?? '']).find((it) => it !== undefined) ?? 'None',
    databaseName: databaseNameOf(`${projectName} db`),
    communication: communicationOf(topology, part),
    caching: cachingOf(part),
    auth: has('jwt_ttl') ? 'JWT' : 'None',
    resilience: resilience.filter(([type]) => has(type)).map(([, name]) => name),
    withElk: topology.components.some((it) => it.scope !== 'dev' && /^(elasticsearch|kibana|logstash)$/.test(it.engine ?? '') && it.kind === 'observability'),
    backgroundJobs: part.channels.some((it) => channelBecomes(topology, it) === 'jobs'),
    apiGateway: part.gateways.map(gatewayOf).find((it) => it !== 'None') ?? 'None',
    ...forced,
  };
}

/** What the generator has for a channel. Brokers that it does not know become the kind that behaves most alike. */
export function channelBecomes(topology: Topology, channel: Channel): 'kafka' | 'jobs' {
  if (isKafka(topology, channel)) return 'kafka';
  if (JOB_LIBRARY.test(channel.library)) return 'jobs';
  return channel.kind === 'topic' ? 'kafka' : 'jobs';
}

/** True when the generator makes this very broker. */
export const isNativeChannel = (topology: Topology, channel: Channel): boolean => channel.library === 'bullmq' || isKafka(topology, channel);

const isKafka = (topology: Topology, channel: Channel): boolean =>
  /kafka/i.test(channel.library) || /^(kafka|redpanda)$/.test(topology.components.find((it) => it.id === channel.broker)?.engine ?? '');

export const databaseOf = (component: Component): Choices['database'] | undefined => DATABASES[component.engine ?? ''];

export function gatewayOf(component: Component): Choices['apiGateway'] {
  const name = (component.engine ?? component.technology).toLowerCase();
  if (/\b(nginx|openresty)\b/.test(name)) return 'Nginx';
  return /\bkong\b/.test(name) ? 'Kong (DB-less)' : 'None';
}

function communicationOf(topology: Topology, part: Part): Choices['communication'] {
  if (part.channels.some((it) => channelBecomes(topology, it) === 'kafka')) return 'Kafka';
  const graphql = /\b(graphql|apollo)\b/i.test(part.service.technology) || part.endpoints.some((it) => it.trigger.kind === 'http' && /^\/graphql\b/.test(it.trigger.path));
  return graphql ? 'GraphQL' : 'REST APIs';
}

function cachingOf(part: Part): Choices['caching'] {
  const steps: CacheStep[] = [];
  for (const endpoint of part.endpoints)
    walkSteps(endpoint.steps, (step) => {
      if (step.kind === 'cache') steps.push(step);
    });
  const brokers = new Set(part.channels.map((it) => it.broker));
  // A Redis that only carries queues is no cache.
  const redis = part.caches.some((it) => REDIS.test(it.engine ?? '') && (!brokers.has(it.id) || steps.some((step) => step.target === it.id)));
  if (redis) return 'Redis';
  return steps.some((it) => it.target === part.service.id) ? 'Memory Cache' : 'None';
}

const SOURCE = /\.([cm]?[jt]s|[jt]sx)$/;

/** Code files in which something of these components stands, each once. */
function sources(topology: Topology, components: readonly string[]): string[] {
  const places = [
    ...topology.components.filter((it) => components.includes(it.id)).flatMap((it) => it.places),
    ...topology.endpoints.filter((it) => components.includes(it.component)).map((it) => it.place),
    ...topology.pools.filter((it) => components.includes(it.client)).map((it) => it.place),
    ...topology.calls.filter((it) => components.includes(it.from)).flatMap((it) => it.places),
  ];
  return [...new Set(places.map((it) => it.file))].filter((it) => SOURCE.test(it));
}

function languageOf(files: readonly string[]): Choices['language'] {
  const typed = files.filter((it) => /\.([cm]?ts|tsx)$/.test(it)).length;
  return files.length - typed > typed ? 'JavaScript' : 'TypeScript';
}

const looksClean = (files: readonly string[]): boolean => files.some((it) => /(^|\/)(usecases?|use-cases|infrastructure|interfaces)\//.test(it));

function targets(steps: readonly Step[]): string[] {
  const found: string[] = [];
  walkSteps(steps, (step) => {
    if ('target' in step) found.push(step.target);
  });
  return found;
}
