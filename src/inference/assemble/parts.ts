import { known, unknown } from '../../model/known.ts';
import type { Call, Channel, Component, ComponentId, Consumer, Endpoint, EndpointId, Problem, RateLimiter, Step } from '../../model/topology.ts';
import type { Claims } from '../assemble.ts';
import { attemptsDefault, backoffDefault, BRANCH_SHARE, concurrencyDefault, JOB_CPU_MS, ONE_PROCESS, ONE_REPLICA, pushedAtOnce, REQUEST_CPU_MS } from '../assumptions.ts';
import type { Reading } from '../code/interpret.ts';
import type { Resource, Value } from '../code/values.ts';
import type { AskClaim, DraftStep, ProcessClaim, Said } from '../detector.ts';
import { FRAMEWORKS, whyUnread } from '../detectors/libraries/unread.ts';
import { nameOf } from '../detectors/paths.ts';
import { runsOf } from './functions.ts';
import type { Service } from './service.ts';
import { BROKERS } from './engines.ts';
import { type Background, backgroundOf, type Pushed, routeBehind } from './background.ts';
import { endpointsBehind, matchEndpoint, type Signature } from './endpoint-match.ts';
import type { Layouts } from './layouts.ts';
import type { Consumption, Programs } from './programs.ts';
import { limitersOf } from './limiters.ts';
import { isSwitchedOff } from './store-identity.ts';
import { isOperational } from './operational-routes.ts';
import { commonBeginning, roleOf } from './route-role.ts';
import { isAnyPath, type Route } from './routes.ts';
import { stepsOf, type StepTargets, told } from './steps.ts';
import { callKind, type Connections } from './stores.ts';
import { innerDrafts, type Survey, surveyOf } from './survey.ts';
import { majorOf } from './versions.ts';

/** One process of ours: a service of the deployment, or a package that is started bare. */
export interface Unit {
  id: ComponentId;
  service?: Service;
  root: string;
  aliases: readonly string[];
  versions: Readonly<Record<string, string>>;
  /** Files that its command starts. */
  entries: readonly string[];
  reading: Reading;
  programs: Programs;
  processes: readonly ProcessClaim[];
  isFrontend: boolean;
  /** What a front end's code asks for. */
  asks: readonly AskClaim[];
  /** A variable as this process sees it. */
  variable(name: string): Said<string> | undefined;
  place: { file: string; line: number };
  /** The client that a library uses when code names none (mongoose). */
  defaultClient(library: string): Resource | undefined;
}

export interface Parts {
  components: Component[];
  endpoints: Endpoint[];
  channels: Channel[];
  limiters: RateLimiter[];
  calls: Call[];
  problems: Problem[];
  /** Uses of libraries that are not read. */
  unread: { unit: string; package: string; place: Endpoint['place'] }[];
}

/** Components, endpoints, channels and limiters of everything whose code was read. */
export function partsOf(claims: Claims, connections: Connections, layouts: Layouts): Parts {
  const parts: Parts = { components: [], endpoints: [], channels: [], limiters: [], calls: [], problems: [], unread: [] };
  const signatures = claims.units.flatMap((unit) =>
    unit.programs.apps.flatMap((app) =>
      app.routes.map((route) => ({ id: endpointId(unit.id, route), component: unit.id, method: route.method, path: route.path, place: route.place })),
    ),
  );
  const judged = signatures.filter((it) => !isOperational(it.method, it.path));
  const ids = claims.units.map((it) => it.id);
  const asked = (unit: Unit, method: string, url: Value): EndpointId | undefined =>
    routeBehind(signatures, ids, unit.id, connections.serverOf(url, unit, true)?.target, method, url);
  const background = backgroundOf(claims, signatures, asked, layouts);
  for (const unit of claims.units) {
    addUnit(unit, { signatures, judged, background, asked }, connections, layouts, parts);
    addProblems(unit, claims.problems, parts);
  }
  return { ...parts, endpoints: parts.endpoints.map(brokenBy(claims)) };
}

/** A file of a process that is broken somewhere, as half-typed code is, may have held anything: nothing that the process serves was read to its end. */
function brokenBy({ units, problems }: Claims): (endpoint: Endpoint) => Endpoint {
  const broken = new Map(
    units.flatMap(({ id, reading }) => {
      const first = problems.find((it) => reading.files.includes(it.file));
      return first ? [[id, `${first.file}:${first.line} could not be read in full`] as const] : [];
    }),
  );
  return (it) => {
    const unread = it.unread ?? broken.get(it.component);
    return unread === undefined ? it : { ...it, unread };
  };
}

export const endpointId = (component: string, route: Route): string => `${component} ${route.method} ${route.path}`;

/** Routes of all processes, and those of them that users ask for. */
interface Signatures {
  signatures: readonly Signature[];
  judged: readonly Signature[];
  /** Those that no user asks for. */
  background: ReadonlyMap<EndpointId, Background>;
  asked(unit: Unit, method: string, url: Value): EndpointId | undefined;
}

function addUnit(unit: Unit, { signatures, judged: judgedOnes, background, asked }: Signatures, connections: Connections, layouts: Layouts, parts: Parts): void {
  const { apps, routes, consumers, timers } = unit.programs;
  const listens = apps.length > 0 || unit.reading.claims.some((it) => it.kind === 'listens');
  const drafts = [...routes.flatMap((it) => it.programs), ...consumers.map((it) => it.steps), ...timers.map((it) => it.steps)];
  const traced = routes.filter(({ route, programs }) => !route.isMounted || passesOn(programs));
  const used = surveyOf(drafts, layouts);
  const stores = new Map<Resource, ReturnType<StepTargets['storeOf']>>();
  const to: StepTargets = {
    component: unit.id,
    storeOf: (client) => {
      const before = stores.get(client);
      if (before) return before;
      const store = isSwitchedOff(client, unit) ? undefined : connections.storeOf(client, unit);
      const found = store && { ...store, ...(client.data.timeoutMs ? { timeoutMs: client.data.timeoutMs as Said<number> } : {}) };
      stores.set(client, found);
      return found;
    },
    channelOf: (client, name) => (!isSwitchedOff(client, unit) && connections.storeOf(client, unit) ? name : undefined),
    serverOf: (url) => connections.serverOf(url, unit),
    endpointOf: (target, method, url) => matchEndpoint(signatures, target, method, url),
    pushedTo: (url, method) => asked(unit, method, url),
    endpointsBehind: (target, url, mounted) => endpointsBehind(judgedOnes, target, url, mounted),
    major: (library) => majorOf(library, unit),
    hashCost: used.costs.size === 1 ? [...used.costs][0] : undefined,
    ttlOf: (client, key) => used.ttls.get(`${client.id} ${key}`),
  };

  const judged = traced.filter(({ route }) => !isOperational(route.method, route.path));
  // Who only answers whether it is alive serves nobody.
  const hasUnread = unit.reading.claims.some((it) => it.kind === 'unread' && FRAMEWORKS.includes(it.package));
  const serves = listens && (judged.length > 0 || traced.length === 0 || hasUnread);
  const isGateway = judged.length > 0 && judged.every(({ route }) => route.isMounted);
  parts.components.push(
    componentOf(
      unit,
      isGateway ? 'gateway' : unit.isFrontend ? 'frontend' : !serves && !consumers.some(({ it }) => it.answers) && consumers.length + timers.length > 0 ? 'worker' : 'service',
    ),
  );
  const common = commonBeginning(traced.flatMap((it) => it.programs));
  for (const { route, programs, answer } of traced) {
    const { share, ...endpoint } = endpointOf(unit, route, programs, to, common, layouts);
    const by = background.get(endpoint.id);
    if (by) parts.endpoints.push({ ...endpoint, trigger: by.trigger, role: 'write', external: false });
    else parts.endpoints.push({ ...endpoint, ...(share && { share }), ...((answer.kept || isAnonymous(unit)) && { answer }) });
    for (const it of by?.pushed ?? []) addPushed(endpoint, it, connections, parts);
  }
  for (const { it, steps } of consumers) addConsumer(unit, it, (component) => jobOf(component, it.place, steps, to, layouts), serves, connections, parts);
  timers.forEach(({ it, steps }, at) => {
    const { isEmpty, ...job } = jobOf(unit.id, it.place, steps, to, layouts);
    if (isEmpty) return;
    parts.endpoints.push({
      id: `${unit.id} timer${at === 0 ? '' : ` ${at + 1}`}`,
      component: unit.id,
      trigger: { kind: 'schedule', everyMs: it.everyMs ? known(it.everyMs.value, 'ms', 'declared', { place: it.everyMs.place }) : unknown('the interval is computed') },
      role: 'write',
      external: false,
      ...job,
      place: it.place,
    });
  });
  for (const it of used.unread) if (!parts.unread.some((other) => other.package === it.package && other.unit === unit.id)) parts.unread.push({ ...it, unit: unit.id });
  addChannels(unit, used, connections, parts);
  addCalls(unit, used, connections, to, parts);
  parts.limiters.push(...limitersOf(unit, parts.limiters.length));
}

/** Middleware becomes an endpoint of its own where it asks another server and answers. */
const passesOn = (programs: readonly (readonly DraftStep[])[]): boolean =>
  programs.some((it) => firstDraft(it, (step) => step.kind === 'request') && firstDraft(it, (step) => step.kind === 'respond'));

const handling = (component: string, ms: typeof REQUEST_CPU_MS, what: string, place: Endpoint['place']): Step => ({
  kind: 'compute',
  label: `${what} in ${component}`,
  ms,
  where: 'eventLoop',
  place,
});

const KNOWS_CLIENTS = /(^|[-/@])(auth|oauth|jwt|jsonwebtoken|jose|passport|sessions?|cookies?|clerk|lucia|keycloak|casl|iron)([-/]|$)|cookie/i;

/** No dependency of it knows clients: what a plugin of a library checks before a handler is not seen otherwise. */
const isAnonymous = ({ versions }: Unit): boolean => !Object.keys(versions).some((it) => KNOWS_CLIENTS.test(it));

interface LaidOut {
  steps: readonly Step[];
  /** Nothing beside what each request or job costs. */
  isEmpty: boolean;
  unread?: string;
}

/** Steps of one program, and why part of it is missing, if it is. */
const jobOf = (component: ComponentId, place: Endpoint['place'], drafts: readonly DraftStep[], to: StepTargets, layouts: Layouts): LaidOut =>
  layouts.laidOut(drafts, { ...to, component }, (now) => {
    const inside = stepsOf(drafts, { ...now, component: to.component });
    return { steps: [handling(component, JOB_CPU_MS, 'job overhead', place), ...inside], isEmpty: inside.length === 0, ...unreadIn(drafts, now) };
  });

function endpointOf(unit: Unit, route: Route, programs: readonly (readonly DraftStep[])[], to: StepTargets, common: readonly string[], layouts: Layouts): Endpoint {
  const { steps, onlyAnswers, ...unread } = layouts.laidOut(programs, { ...to, mounted: route.path }, (now) => {
    const why = unreadIn(programs.flat(), now, route);
    const written = programs.map((it) => stepsOf(it, now));
    return {
      steps: [handling(unit.id, REQUEST_CPU_MS, 'request handling', route.place), ...eitherOf(written, route, 0)],
      onlyAnswers: written.every((all) => all.every((it) => it.kind === 'respond')),
      ...why,
    };
  });
  return {
    id: endpointId(unit.id, route),
    component: unit.id,
    trigger: { kind: 'http', method: route.method, path: route.path },
    role:
      isOperational(route.method, route.path) || (onlyAnswers && isFallback(unit, route))
        ? 'excluded'
        : route.fields.length > 0
          ? 'read'
          : roleOf(route.method, programs, unread.unread === undefined, common),
    external: true,
    share: unknown('its traffic was not measured'),
    steps,
    ...unread,
    place: route.place,
  };
}

/** What is asked last and touches nothing answers wrong addresses, or with the page of a front end: no one's traffic. */
const isFallback = ({ programs }: Unit, { path }: Route): boolean => isAnyPath(path) && programs.routes.some(({ route }) => route.path !== path);

/**
 * Fields of a GraphQL endpoint: one of them runs per request, each as likely as the others. The shares are not drawn: each is a part of what those before it leave,
 * and guesses of their own for all of them would give nearly everything to the first.
 */
function eitherOf(programs: readonly (readonly Step[])[], route: Route, at: number): readonly Step[] {
  const left = programs.length - at;
  if (left <= 1) return programs[at] ?? [];
  const probability = known(1 / left, 'ratio', 'assumed', { source: `${BRANCH_SHARE.source ?? ''}: GraphQL field` });
  return [
    { kind: 'branch', label: `field ${route.fields[at]?.name ?? at}`, probability, taken: programs[at] ?? [], otherwise: eitherOf(programs, route, at + 1), place: route.place },
  ];
}

function componentOf(unit: Unit, kind: Component['kind']): Component {
  const { service } = unit;
  const framework = ['@nestjs/core', 'fastify', 'express', 'koa', '@hapi/hapi', 'next'].find((it) => unit.versions[it] !== undefined);
  const major = framework && /\d+/.exec(unit.versions[framework] ?? '')?.[0];
  const reason = unknown('not a store');
  return {
    id: unit.id,
    name: unit.id,
    kind,
    technology: ['node', framework?.replace('@nestjs/core', 'nestjs'), major].filter(Boolean).join(' '),
    aliases: unit.aliases,
    scope: service?.scope ?? 'runtime',
    root: unit.root,
    replicas: ONE_REPLICA,
    cores: unknown('no CPU limit is declared'),
    ...(service && runsOf(service)),
    processes: processesOf(unit),
    ...threadsOf(unit),
    maxConnections: reason,
    parallelism: reason,
    places: service ? service.claims.map((it) => it.place) : [unit.place],
  };
}

/** libuv reads the size of its pool from the environment when it is first needed. */
function threadsOf(unit: Unit): Pick<Component, 'threads'> {
  const said = unit.variable('UV_THREADPOOL_SIZE');
  const count = Number(said?.value);
  return said && Number.isInteger(count) && count >= 1 ? { threads: known(Math.min(count, MOST_THREADS), 'count', 'declared', { place: said.place }) } : {};
}

/** libuv takes no more. */
const MOST_THREADS = 1024;

/** PM2's instances where PM2 is what starts the process; the cluster module forks one per core. */
function processesOf(unit: Unit): Component['processes'] {
  const perCore = unknown('one process per core, and the cores are not declared');
  const instances = unit.processes[0]?.instances;
  const cores = unit.service?.cores;
  const forks = instances?.value === 'max' || unit.reading.claims.some((it) => it.kind === 'cluster');
  if (forks) return cores ? known(Math.max(1, Math.floor(cores.value)), 'processes', 'derived', { place: cores.place, inputs: ['CPU limit', 'one process per core'] }) : perCore;
  return instances && instances.value !== 'max' ? known(instances.value, 'processes', 'declared', { place: instances.place }) : ONE_PROCESS;
}

/** The first that fits, of those inside of others too. */
function firstDraft(steps: readonly DraftStep[], fits: (it: DraftStep) => boolean): DraftStep | undefined {
  for (const it of steps) {
    if (fits(it)) return it;
    for (const inner of innerDrafts(it)) {
      const found = firstDraft(inner, fits);
      if (found) return found;
    }
  }
  return undefined;
}

/** Why part of a program is missing, if it is. */
function unreadIn(drafts: readonly DraftStep[], to: StepTargets, route?: Route): { unread?: string } {
  if (route?.isLost) return { unread: 'its handler could not be followed' };
  const first = firstDraft(drafts, (it) => it.kind === 'unread');
  if (first?.kind === 'unread') return { unread: whyUnread(first.package) };
  return firstDraft(drafts, (it) => it.kind === 'query' && !it.client.data.switchedOnBy && !to.storeOf(it.client)) ? { unread: 'which server its queries go to is not known' } : {};
}

/** What was met and not read, once per library and per place of a lost handler. */
function addProblems(unit: Unit, said: readonly Problem[], parts: Parts): void {
  const add = (place: Endpoint['place'], what: string): void => {
    const message = `${what.charAt(0).toUpperCase()}${what.slice(1)}: the load is missing from every figure.`;
    if (!parts.problems.some((it) => it.message === message && it.file === place.file)) parts.problems.push({ file: place.file, line: place.line, message });
  };
  const met = [...unit.reading.claims.flatMap((it) => (it.kind === 'unread' ? [it] : [])), ...parts.unread.filter((it) => it.unit === unit.id)];
  for (const it of new Map([...met].reverse().map((it) => [it.package, it])).values()) if (it.package !== '') add(it.place, whyUnread(it.package));
  // In half-typed code the broken line is the one cause of whatever leads nowhere.
  if (said.some((it) => unit.reading.files.includes(it.file))) return;
  for (const it of met) if (it.package === '') add(it.place, whyUnread(''));
  const lost = unit.programs.apps.flatMap((app) => app.routes).filter((it) => it.isLost && !isOperational(it.method, it.path));
  for (const it of lost) {
    const first = lost.find((other) => other.place.file === it.place.file && other.place.line === it.place.line);
    if (first === it) add(it.place, `the handler of ${it.method} ${it.path} could not be followed`);
  }
}

/** A queue's worker inside a web process is a part of its own, so that it can be judged and moved out; a topic's consumer is its process. */
function addConsumer(unit: Unit, it: Consumption, job: (component: ComponentId) => LaidOut, serves: boolean, connections: Connections, parts: Parts): void {
  const broker = connections.storeOf(it.client, unit)?.target;
  if (!broker) return;
  // Whether a web process runs it has to be certain before anybody is told to move it out.
  const inProcess = serves && !it.perhaps && it.channelKind === 'queue' && it.library !== 'amqplib' && it.library !== 'lambda';
  const component = inProcess ? `${it.channel}-worker` : unit.id;
  const host = parts.components.find((part) => part.id === unit.id);
  if (inProcess && host && !parts.components.some((part) => part.id === component))
    parts.components.push({
      ...host,
      id: component,
      name: component,
      kind: 'worker',
      technology: `${it.library} worker`,
      aliases: [nameOf(it.place.file).replace(/\.\w+$/, '')],
      runsIn: unit.id,
      places: [it.place],
    });
  const id = `${component} consumes ${it.channel}`;
  const consumer: Consumer = {
    component,
    endpoint: id,
    concurrency: it.concurrency ? told(it.concurrency, 'jobs') : concurrencyDefault(it.library),
    ...(it.startedAt && { startedAt: it.startedAt }),
    place: it.place,
  };
  if (!parts.endpoints.some((endpoint) => endpoint.id === id)) {
    const { isEmpty: _, ...does } = job(component);
    parts.endpoints.push({
      id,
      component,
      trigger: { kind: 'message', channel: it.channel },
      role: 'write',
      external: false,
      ...does,
      place: it.place,
    });
  }
  const channel = channelOf(unit, parts, it, broker);
  Object.assign(channel, { consumers: [...channel.consumers.filter((other) => other.component !== component), consumer], ...(it.failed && { failed: it.failed }) });
  parts.calls.push({ from: component, to: broker, kind: 'consume', sync: false, scope: 'runtime', places: [it.place] });
}

/** A route that a broker asks with each message is the consumer of its queue. */
function addPushed({ id, component, place }: Endpoint, it: Pushed, connections: Connections, parts: Parts): void {
  const broker = connections.storeOf(it.client, it.unit)?.target;
  if (!broker) return;
  const channel = channelOf(it.unit, parts, { ...it, channelKind: 'queue' }, broker);
  const { concurrency, isQueued } = it.pushes ?? {};
  const before = channel.consumers.find((one) => one.component === component);
  const said = concurrency ? told(concurrency, 'jobs') : (before?.concurrency ?? pushedAtOnce(it.library, isQueued === true));
  const consumer: Consumer = { component, endpoint: id, concurrency: said, isPushed: true, place, ...before, ...(concurrency && { concurrency: said }) };
  Object.assign(channel, { consumers: [...channel.consumers.filter((one) => one !== before), consumer] });
  parts.calls.push({ from: component, to: broker, kind: 'consume', sync: false, scope: 'runtime', places: [place] });
}

function channelOf(unit: Unit, parts: Parts, it: { channel: string; channelKind: 'queue' | 'topic'; library: string; place: Channel['place'] }, broker: ComponentId): Channel {
  const before = parts.channels.find((channel) => channel.id === it.channel);
  if (before) return before;
  const made: Channel = {
    id: it.channel,
    name: it.channel,
    broker,
    kind: it.channelKind,
    library: it.library,
    producers: [],
    consumers: [],
    attempts: attemptsDefault(it.library, majorOf(it.library, unit)),
    ...backoffDefault(it.library),
    partitions: it.channelKind === 'topic' ? unknown('decided when the topic is made') : unknown('a queue has no partitions'),
    place: it.place,
  };
  parts.channels.push(made);
  return made;
}

function addChannels(unit: Unit, { published }: Survey, connections: Connections, parts: Parts): void {
  const said = unit.reading.claims.filter((it) => it.kind === 'channel');
  for (const it of [...said, ...published]) {
    const broker = connections.storeOf(it.client, unit)?.target;
    if (!broker) continue;
    const channel = channelOf(unit, parts, it, broker);
    const producers = channel.producers.some((producer) => producer.component === unit.id) ? channel.producers : [...channel.producers, { component: unit.id, place: it.place }];
    // Its options stand where a program makes the queue, not where another one listens.
    const isListener = channel.consumers.some((one) => one.place.file === channel.place.file && one.place.line === channel.place.line);
    Object.assign(channel, {
      producers,
      ...(it.kind === 'channel' && isListener && { place: it.place }),
      ...(it.attempts && ('value' in it.attempts || it.kind === 'channel' || !isDeclared(channel.attempts)) && { attempts: told(it.attempts, 'count') }),
      ...(it.failed && { failed: it.failed }),
      ...(it.backoff && { backoff: { kind: it.backoff.kind, delayMs: told(it.backoff.delayMs, 'ms') } }),
    });
    parts.calls.push({ from: unit.id, to: broker, kind: 'publish', sync: false, scope: 'runtime', places: [it.place] });
  }
}

const isDeclared = (it: Channel['attempts']): boolean => it.state === 'known' && it.basis === 'declared';

/** Clients that were made are calls; so are requests in handlers. A Redis that only carries queues is no cache. */
function addCalls(unit: Unit, { places, caches, requests }: Survey, connections: Connections, to: StepTargets, parts: Parts): void {
  const carriesQueues = new Set([...unit.programs.consumers.map(({ it }) => it), ...unit.reading.claims.filter((it) => it.kind === 'channel')].map((it) => it.client.id));
  for (const claim of unit.reading.claims) {
    if (claim.kind !== 'client') continue;
    const { client } = claim;
    // A broker that nobody publishes to or consumes from is not there.
    if (BROKERS.has(String(client.data.engine))) continue;
    // Functions of one file share what its head makes; each uses some of it.
    if (unit.service?.onDemand && !places.has(client.id)) continue;
    // What is led to a copy only where somebody says so is told of by what reads there.
    if (client.data.replicaOf && !places.has(client.id)) continue;
    const store = connections.storeOf(client, unit);
    if (!store || (client.data.engine === 'redis' && carriesQueues.has(client.id) && !caches.has(client.id))) continue;
    const kind = client.data.engine === 'smtp' ? 'smtp' : callKind(connections.components().find((it) => it.id === store.target)?.kind);
    parts.calls.push({
      from: unit.id,
      to: store.target,
      kind,
      sync: true,
      scope: isSwitchedOff(client, unit) ? 'optional' : (unit.service?.scope ?? 'runtime'),
      ...(store.pool && { pool: store.pool }),
      places: [client.place, ...(places.get(client.id) ?? [])],
    });
  }
  for (const it of requests) {
    const server = to.serverOf(it.url);
    if (server) parts.calls.push({ from: unit.id, to: server.target, kind: it.protocol ?? 'http', sync: it.awaited, scope: unit.service?.scope ?? 'runtime', places: [it.place] });
  }
}
