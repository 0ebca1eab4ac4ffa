import { known, none, type Place, unknown } from '../../model/known.ts';
import type { Call, Component, ComponentId, Conflict, Pool, PoolId, RateLimiter } from '../../model/topology.ts';
import type { Claims } from '../assemble.ts';
import { DATABASE_PARALLELISM, MAX_CONNECTIONS, ONE_CLIENT, ONE_CONNECTION, ONE_PROCESS, ONE_REPLICA, poolDefaults, REDIS_PARALLELISM } from '../assumptions.ts';
import type { Resource, Value } from '../code/values.ts';
import type { ImageClaim, Told } from '../detector.ts';
import { isInside } from '../detectors/paths.ts';
import { type Address, addressOf } from '../detectors/libraries/address.ts';
import { imageOf } from './images.ts';
import { ownFolder } from './builds.ts';
import { platformLimits, runsOf } from './functions.ts';
import { connectionsOfManaged, parallelismOfManaged, SCALED, scalesAlone } from './managed.ts';
import { declaredReplicas, replicaLike } from './replicas.ts';
import { isOneShot, type Service } from './service.ts';
import { BROKERS, engineOf, isAdminTool, kindOfEngine } from './engines.ts';
import { livesForOne } from './opened.ts';
import { engineOfOrm } from './orm-engines.ts';
import { outsideName } from './outside-names.ts';
import { type Pooler, poolersOf } from './poolers.ts';
import { proxyOf } from './proxies.ts';
import { told } from './steps.ts';
import { identityOf, isSwitchedOff, LOCAL, type StoreIdentity, writerBehind } from './store-identity.ts';
import { functionCalled, ownersOf, processAtOwnDomain, processNamedBy } from './process-names.ts';
import { majorOf } from './versions.ts';
import type { Unit } from './parts.ts';

/** Stores, gateways and outside services, and which client means which of them. */
export interface Connections {
  components(): readonly Component[];
  pools(): readonly Pool[];
  calls: readonly Call[];
  limiters: readonly RateLimiter[];
  /** The store that a client of a unit talks to; makes a component for one that no deployment file names. */
  storeOf(client: Resource, unit: Unit): { target: ComponentId; primary?: ComponentId; pool?: PoolId; opened?: { pool: Pool; engine: string }; engine: string } | undefined;
  /** The process or outside API behind a URL. */
  serverOf(url: Value, unit: Unit, knownOnly?: boolean): { target: ComponentId; isExternal: boolean } | undefined;
}

const NOT_A_STORE = unknown('not a store');

export function connectionsOf(claims: Claims, conflicts: Conflict[]): Connections {
  const read = new Set(claims.units.flatMap((it) => [it.id, it.service?.name ?? it.id]));
  const made = new Map<ComponentId, Component>();
  for (const it of claims.services) if (!read.has(it.name)) made.set(it.name, componentOf(it, claims));
  const processes = new Set([...read, ...[...made.values()].filter((it) => !it.engine).map((it) => it.id)]);
  const names = new Map<string, ComponentId>();
  for (const it of claims.services) {
    // An image of several processes is asked at the one that serves.
    const own = claims.units.filter((unit) => unit.service === it);
    const id = (own.find((unit) => unit.reading.claims.some((claim) => claim.kind === 'route')) ?? own[0])?.id ?? it.name;
    for (const name of [it.name, ...it.aliases]) if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), id);
  }
  for (const it of claims.units) if (!names.has(it.id.toLowerCase())) names.set(it.id.toLowerCase(), it.id);

  for (const it of declaredReplicas(claims.services, names, made)) made.set(it.id, it);

  const ports = portsOf(claims);
  // A web server that hands out a front end passes on what the pages ask.
  const isServedPage = (it: Service): boolean => claims.units.some((unit) => unit.service === it && unit.isFrontend) && engineOfService(it, claims)?.kind === 'gateway';
  const proxies = claims.services
    .filter((it) => (made.get(it.name)?.kind === 'gateway' && made.get(it.name)?.engine !== 'pgbouncer') || isServedPage(it))
    .map((it) => proxyOf(it, claims, (host) => names.get(host.toLowerCase()) ?? ports.get(Number(/^[\w.-]+\.docker\.internal:(\d+)$/i.exec(host)?.[1]))));
  const poolers = poolersOf(claims, made, names);
  const calls = [
    ...proxies.flatMap((it) => it.calls),
    ...pooledCalls(poolers),
    ...declaredCalls(claims, made, names),
    ...mentionedCalls(claims, made, names),
    ...fedCalls(claims, names),
  ];
  const pools = new Map<string, Pool>([...poolers.values()].map(({ pool }) => [pool.id, pool]));
  const found = new Map<string, NonNullable<ReturnType<Connections['storeOf']>>>();
  const deployed: ReadonlySet<ComponentId> = new Set(claims.services.map((it) => it.name));
  const identities = new Map<string, readonly StoreIdentity[]>();

  const deployedStores = (): Component[] => [...made.values()].filter((it) => deployed.has(it.id));

  const resolve = (client: Resource, unit: Unit): { id: ComponentId; engine: string; through?: string } | undefined => {
    const address = (client.data.address as Address | undefined) ?? {};
    const writer = writerBehind(address.host);
    if (writer !== undefined && !names.has(address.host ?? ''))
      return readerOf(resolve({ ...client, data: { ...client.data, address: { ...address, host: writer } } }, unit), client);
    const engine = (client.data.engine as string | undefined) ?? (address.host && made.get(names.get(address.host) ?? '')?.engine) ?? engineOfOrm(client, unit, deployedStores());
    const named = address.host ? names.get(address.host) : undefined;
    const pooler = named && poolers.get(named);
    if (pooler) return { id: pooler.target, engine: 'postgres', through: pooler.pool.id };
    if (named && made.get(named)?.engine) return { id: named, engine: made.get(named)?.engine ?? engine ?? '' };
    if (!engine) return undefined;
    const identity = engine === 'smtp' ? undefined : identityOf(client);
    const same = [...made.values()].filter((it) => it.engine === engine && it.scope === 'runtime' && it.replicaOf === undefined && deployed.has(it.id));
    const near = same.find((it) => unit.service?.dependsOn.includes(it.id)) ?? same[0];
    const isElsewhere = address.host !== undefined && !LOCAL.test(address.host) && address.host.includes('.');
    // One client whose host nobody names may well mean the one store there is; of several, nobody knows which.
    const isAlone = !identity?.name || (identitiesOf(engine).length < 2 && !isNamedBy(unit, near?.id));
    if (near && !isElsewhere && isAlone) {
      if (address.host && !LOCAL.test(address.host) && address.place)
        conflicts.push({
          message: `${unit.id} connects to host ${address.host}, which no deployment file names; taken as ${near.id}.`,
          places: [address.place, ...near.places.slice(0, 1)],
        });
      return { id: near.id, engine };
    }
    const id = nameOfStore(identity, engine);
    const before = made.get(id);
    const isOff = isSwitchedOff(client, unit);
    if (!before) made.set(id, { ...store(id, engine, client), ...(isOff && { scope: 'optional' }) });
    else if (before.scope === 'optional' && !isOff && !deployed.has(id)) made.set(id, { ...before, scope: 'runtime' });
    return { id, engine };
  };

  const readerOf = (primary: ReturnType<typeof resolve>, client: Resource): ReturnType<typeof resolve> => {
    const store = primary && made.get(primary.id);
    if (!primary || !store) return undefined;
    const id = `${store.id}-reader`;
    if (!made.has(id)) made.set(id, replicaLike(store, id, client));
    return { id, engine: primary.engine };
  };

  /** The copy that a library was told of: a store of the deployment where its address names one, else one as large as its primary. */
  const resolveReplica = (client: Resource, unit: Unit): ReturnType<typeof resolve> => {
    const of = storeOf(client.data.replicaOf as Resource, unit);
    const primary = of && made.get(of.target);
    if (!of || !primary) return undefined;
    const { host } = (client.data.address as Address | undefined) ?? {};
    const named = host ? names.get(host) : undefined;
    const there = named === undefined ? undefined : made.get(named);
    if (named !== undefined && named !== primary.id && there?.engine !== primary.engine) return undefined;
    const id = named ?? `${primary.id}-replica`;
    if (id !== primary.id) made.set(id, made.get(id)?.replicaOf ? (made.get(id) as Component) : there ? { ...there, replicaOf: primary.id } : replicaLike(primary, id, client));
    return { id, engine: of.engine };
  };

  /** Servers of an engine that clients of the workspace tell apart, and no deployment file describes. */
  const identitiesOf = (engine: string): readonly StoreIdentity[] => {
    const before = identities.get(engine);
    if (before) return before;
    const keys = new Map<string, StoreIdentity>();
    for (const unit of claims.units)
      for (const client of clientsOf(unit)) {
        const { host } = (client.data.address as Address | undefined) ?? {};
        const it = identityOf(client);
        if (it && client.data.replicaOf === undefined && !(host && names.has(host)) && (client.data.engine ?? engineOfOrm(client, unit, deployedStores())) === engine)
          keys.set(it.key, it);
      }
    const all = [...keys.values()];
    identities.set(engine, all);
    return all;
  };

  const isNamedBy = (unit: Unit, store: ComponentId | undefined): boolean =>
    clientsOf(unit).some((it) => {
      const { host } = (it.data.address as Address | undefined) ?? {};
      return host !== undefined && store !== undefined && names.get(host) === store;
    });

  /** A host is a name; a variable's stem or a long host is one only where there are several to tell apart. */
  const nameOfStore = (identity: StoreIdentity | undefined, engine: string): ComponentId => {
    if (!identity?.name) return engine;
    const host = identity.key.startsWith('host ') ? identity.key.slice('host '.length) : undefined;
    // Beside a host, a variable that no file sets and that is called after nothing tells of no other server.
    const others = identitiesOf(engine).filter((it) => it.key !== identity.key && !(host && it.name === ''));
    const isUnique = (id: string) => !processes.has(id) && !deployed.has(id) && (made.get(id)?.engine ?? engine) === engine;
    if (host && !host.includes('.') && isUnique(host)) return host;
    if (others.length === 0 && ![...deployed].some((it) => made.get(it)?.engine === engine)) return engine;
    if (host) return others.some((it) => it.name === identity.name) || !isUnique(identity.name) ? host : identity.name;
    return `${identity.name}-${kindOfEngine(engine) === 'database' ? 'db' : engine}`;
  };

  const storeOf: Connections['storeOf'] = (given, unit) => {
    // A client on top of a driver's pool has none of its own.
    if (given.data.pooledBy) return storeOf(given.data.pooledBy as Resource, unit);
    if (given.data.local) return { target: unit.id, engine: String(given.data.engine) };
    const client = given.data.address || given.data.engine ? given : (unit.defaultClient(given.library) ?? given);
    const key = `${unit.id} ${client.id}`;
    const before = found.get(key);
    if (before) return before;
    const target = client.data.replicaOf ? resolveReplica(client, unit) : resolve(client, unit);
    if (!target) return undefined;
    const primary = made.get(target.id)?.replicaOf;
    if (livesForOne(client)) {
      // Not counted among the pools: it is what one client for all would have.
      const pooled: Resource = { ...client, data: { ...client.data, single: false } };
      const opened = { target: target.id, engine: target.engine, opened: { pool: poolOf(pooled, unit, target, new Map()), engine: target.engine } };
      found.set(key, opened);
      return opened;
    }
    const pool =
      isSwitchedOff(client, unit) || client.data.library === 'nodemailer' || client.data.overHttp === true || BROKERS.has(String(client.data.engine))
        ? undefined
        : poolOf(client, unit, target, pools);
    const result = { target: target.id, engine: target.engine, ...(primary !== undefined && { primary }), ...(pool && { pool: pool.id }) };
    found.set(key, result);
    return result;
  };

  const running = new Set([...names.values()].filter((it) => processes.has(it)));
  // Functions that are deployed as one answer under its name.
  const functions = new Map(claims.units.toReversed().flatMap((it) => (it.service?.onDemand?.unit && it.service.hasPorts ? [[it.service.onDemand.unit, it.id] as const] : [])));
  const owners = ownersOf(claims.configuration.packages.values());
  const serverOf: Connections['serverOf'] = (url, unit, knownOnly = false) => {
    const { hostStart, port, variable, scheme, ...said } = addressOf(url);
    // Behind a service's name stands its domain, or nothing.
    const host = said.host ?? (hostStart !== undefined && names.has(hostStart) ? hostStart : undefined);
    if (scheme === 'lambda' && !knownOnly) {
      const named = functionCalled(host, variable, names, running);
      if (named) return named === unit.id ? undefined : { target: named, isExternal: false };
      const id = host ?? 'lambda';
      if (!made.has(id)) made.set(id, outside(id, 'aws lambda', addressOf(url).place));
      return { target: id, isExternal: true };
    }
    if (!host) {
      const meant = variable && (processNamedBy(variable, running) ?? functions.get(processNamedBy(variable, new Set(functions.keys())) ?? ''));
      return !meant || meant === unit.id ? undefined : { target: meant, isExternal: false };
    }
    const named = LOCAL.test(host) ? ports.get(port ?? 80) : (names.get(host) ?? processAtOwnDomain(host, owners, running));
    if (named) return named === unit.id ? undefined : { target: named, isExternal: false };
    if (knownOnly || LOCAL.test(host) || !host.includes('.') || /\.(local|internal|svc)$/.test(host)) return undefined;
    // The product's own site is no process of it.
    const short = outsideName(host);
    const id = processes.has(short) ? host : short;
    if (!made.has(id)) made.set(id, outside(id, host, addressOf(url).place));
    return { target: id, isExternal: true };
  };

  return {
    components: () => [...made.values()],
    pools: () => [...pools.values()],
    calls,
    limiters: [...proxies.flatMap((it) => it.limiters), ...platformLimits(claims)],
    storeOf,
    serverOf,
  };
}

const pooledCalls = (poolers: ReadonlyMap<ComponentId, Pooler>): Call[] =>
  [...poolers].map(([from, { target, pool }]) => ({ from, to: target, kind: 'query', sync: true, scope: 'runtime', pool: pool.id, places: [pool.place] }));

/** A bus or a topic that hands what comes to it on to a queue. */
const fedCalls = (claims: Claims, names: ReadonlyMap<string, ComponentId>): Call[] =>
  claims.services.flatMap((it) =>
    (it.managed?.feeds ?? []).flatMap(({ value, place }): Call[] => {
      const to = names.get(value);
      return to === undefined ? [] : [{ from: it.name, to, kind: 'publish', sync: false, scope: it.scope, places: [place] }];
    }),
  );

/** Who answers on a port of the machine that all share at a desk; a port that two claim leads nowhere. */
function portsOf(claims: Claims): ReadonlyMap<number, ComponentId> {
  const owners = new Map<number, Set<ComponentId>>();
  const add = (port: number, id: ComponentId) => owners.set(port, (owners.get(port) ?? new Set()).add(id));
  for (const unit of claims.units) for (const it of unit.reading.claims) if (it.kind === 'listens' && it.port) add(it.port, unit.id);
  for (const it of claims.services) {
    const unit = claims.units.find((other) => other.service?.name === it.name);
    for (const port of it.hostPorts) add(port, unit?.id ?? it.name);
  }
  return new Map([...owners].flatMap(([port, ids]) => (ids.size === 1 ? [[port, [...ids][0] as ComponentId] as const] : [])));
}

const clientsOf = (unit: Unit): Resource[] => unit.reading.claims.flatMap((it) => ('client' in it ? [it.client] : []));

/** Clients whose package is called otherwise. */
const PACKAGES: Readonly<Record<string, string>> = { prisma: '@prisma/client', 'mikro-orm': '@mikro-orm/core' };

/** TypeORM's drivers for SQLite hand their one connection to everybody, transactions among them. */
const sharesOne = (library: string, engine: string): boolean => library === 'typeorm' && engine === 'sqlite';

function poolOf(client: Resource, unit: Unit, { id: target, engine, through }: { id: ComponentId; engine: string; through?: string }, pools: Map<string, Pool>): Pool {
  const library = String(client.data.library ?? client.library);
  const multiplexed = client.data.multiplexed === true || sharesOne(library, engine);
  const major = majorOf(PACKAGES[library] ?? library, unit) ?? majorOf(library, unit);
  const defaults = poolDefaults(library, major, client.data.unified as boolean | null | undefined, engine, client.data.driver as string | undefined);
  const max = client.data.max as Told | undefined;
  const acquire = (client.data.acquireTimeoutMs as Told | undefined) ?? acquireInUrl(client, library);
  const queueLimit = client.data.queueLimit as Told | undefined;
  const statement = client.data.statementTimeoutMs as Told | undefined;
  // With a driver adapter the URL's parameters no longer size a pool.
  const fromUrl =
    library === 'prisma' && client.data.driver !== undefined
      ? undefined
      : ((client.data.address as Address | undefined)?.query?.connection_limit ?? (client.data.address as Address | undefined)?.query?.maxPoolSize);
  const base = `${unit.id}→${target} pool`;
  let id = base;
  for (let n = 2; pools.has(id); n++) id = `${base} ${n}`;
  const pool: Pool = {
    id,
    client: unit.id,
    target,
    library,
    ...(major !== undefined && { majorVersion: major }),
    multiplexed,
    max: multiplexed
      ? client.data.max
        ? told(client.data.max as Told, 'connections')
        : library === 'postgres'
          ? defaults.max
          : ONE_CONNECTION(library)
      : client.data.single
        ? ONE_CLIENT(library)
        : max
          ? told(max, 'connections')
          : fromUrl !== undefined
            ? known(fromUrl, 'connections', 'declared', { place: client.place })
            : defaults.max,
    acquireTimeoutMs: multiplexed
      ? none(client.place, `${library} has no pool to wait for`)
      : acquire
        ? 'value' in acquire && acquire.value <= 0
          ? none(acquire.place)
          : told(acquire, 'ms')
        : defaults.acquireTimeoutMs.state === 'none'
          ? { ...defaults.acquireTimeoutMs, place: client.place }
          : defaults.acquireTimeoutMs,
    queueLimit: client.data.refuses
      ? known(0, 'count', 'declared', { place: client.place })
      : queueLimit && !('value' in queueLimit && queueLimit.value <= 0)
        ? told(queueLimit, 'count')
        : { ...defaults.queueLimit, ...(defaults.queueLimit.state === 'none' && { place: client.place }) },
    ...(statement && { statementTimeoutMs: 'value' in statement && statement.value <= 0 ? none(statement.place) : told(statement, 'ms') }),
    ...(through && { through }),
    place: client.place,
  };
  pools.set(id, pool);
  return pool;
}

/** Prisma's own pool counts in seconds, MongoDB's driver in milliseconds; 0 waits for ever. */
function acquireInUrl(client: Resource, library: string): Told | undefined {
  const query = (client.data.address as Address | undefined)?.query;
  const ms =
    library === 'prisma' && client.data.driver === undefined
      ? query?.pool_timeout !== undefined
        ? query.pool_timeout * 1000
        : undefined
      : library === 'mongodb' || library === 'mongoose'
        ? query?.waitQueueTimeoutMS
        : undefined;
  return ms === undefined ? undefined : { value: ms, place: client.place };
}

/** What a service runs, by its image, by the base of its Dockerfile, or (last) by its name. */
export function engineOfService(it: Service, claims: Pick<Claims, 'configuration'>): ReturnType<typeof engineOf> {
  if (it.managed) return { engine: it.managed.engine, kind: kindOfEngine(it.managed.engine) };
  if (it.onDemand) return undefined;
  if (it.engine) return { engine: it.engine, kind: kindOfEngine(it.engine) };
  const base = imageOf(it.build, claims.configuration)?.bases.at(-1);
  if (base) return engineOf(base);
  return engineOf(it.image) ?? (!it.build || !it.image ? undefined : engineOf(it.name)) ?? (it.build && !it.image ? engineOf(it.name) : undefined);
}

function componentOf(it: Service, claims: Claims): Component {
  // What only prepares a store has its image, and is none.
  const engine = isOneShot(it) ? undefined : engineOfService(it, claims);
  const image = imageOf(it.build, claims.configuration);
  const isStore = engine && !['gateway', 'observability'].includes(engine.kind);
  const { replicas, cores, ...more } = runsOf(it);
  const isWorker = isOneShot(it) || (it.onDemand !== undefined && !it.hasPorts) || (!it.hasPorts && image !== undefined && !image.exposes && !it.hasHealthcheck);
  return {
    id: it.name,
    name: it.name,
    kind: engine?.kind ?? (isAdminTool(it.image) ? 'frontend' : isWorker ? 'worker' : 'service'),
    technology: technologyOf(it, image, engine?.engine),
    ...(engine && { engine: engine.engine }),
    aliases: it.aliases,
    scope: it.scope,
    ...(it.build && !isStore && { root: it.build.context }),
    ...more,
    replicas: replicas ?? { ...ONE_REPLICA, place: it.place },
    processes: ONE_PROCESS,
    cores: cores ?? unknown('no CPU limit is declared'),
    maxConnections: it.managed ? connectionsOfManaged(it.managed) : isStore ? maxConnectionsOf(it, engine.engine) : NOT_A_STORE,
    parallelism: isStore
      ? it.managed
        ? parallelismOfManaged(it.managed)
        : engine.engine === 'redis'
          ? REDIS_PARALLELISM
          : it.cores
            ? known(it.cores.value, 'cores', 'derived', { place: it.cores.place, inputs: ['CPU limit'] })
            : DATABASE_PARALLELISM
      : NOT_A_STORE,
    places: it.claims.map((claim) => claim.place),
  };
}

/** `postgres -c max_connections=200` beats the default. */
function maxConnectionsOf(it: Service, engine: string): Component['maxConnections'] {
  const said = /max[_-]connections[= ](\d+)/.exec(it.command ?? '')?.[1];
  if (said) return known(Number(said), 'connections', 'declared', { place: it.place });
  return MAX_CONNECTIONS[engine] ?? unknown(`the connection limit of ${engine} is not known here`);
}

function technologyOf(it: Service, image: ImageClaim | undefined, engine: string | undefined): string {
  if (it.managed) return [it.managed.engine, /^\d+(\.\d+)?/.exec(it.managed.version ?? '')?.[0]].filter(Boolean).join(' ');
  if (it.onDemand) return [it.onDemand.platform, it.onDemand.runtime].filter(Boolean).join(' ');
  const from = (it.build ? image?.bases.at(-1) : it.image) ?? it.image ?? '';
  const version = /:v?(\d+(?:\.\d+)?)/.exec(from)?.[1];
  const product =
    engine ??
    from
      .replace(/\$\{[^}]*\}\/?/g, '')
      .replace(/[:@].*$/, '')
      .split('/')
      .slice(-2)
      .join('/');
  return [product || it.name, version].filter(Boolean).join(' ');
}

function store(id: ComponentId, engine: string, client: Resource): Component {
  const isStore = kindOfEngine(engine) !== 'external-api';
  const outsideIt = unknown('not described in this workspace');
  return {
    id,
    name: id,
    kind: kindOfEngine(engine),
    technology: engine === 'smtp' ? 'smtp (nodemailer)' : engine,
    engine,
    aliases: [],
    scope: 'runtime',
    replicas: isStore ? ONE_REPLICA : outsideIt,
    processes: isStore ? ONE_PROCESS : outsideIt,
    cores: outsideIt,
    // Somebody else's server has limits of its own.
    maxConnections: outsideIt,
    parallelism: !isStore
      ? outsideIt
      : scalesAlone(engine) || client.data.overHttp === true
        ? none(client.place, SCALED)
        : engine === 'redis'
          ? REDIS_PARALLELISM
          : DATABASE_PARALLELISM,
    places: [client.place],
  };
}

function outside(id: ComponentId, host: string, place: Place | undefined): Component {
  const it = unknown('an outside service');
  return {
    id,
    name: id,
    kind: 'external-api',
    technology: host,
    aliases: [host],
    scope: 'runtime',
    replicas: it,
    processes: it,
    cores: it,
    maxConnections: it,
    parallelism: it,
    places: place ? [place] : [],
  };
}

/** Services without code that we read: their environment tells whom they call. */
function declaredCalls(claims: Claims, made: ReadonlyMap<ComponentId, Component>, names: ReadonlyMap<string, ComponentId>): Call[] {
  return claims.services.flatMap((it) => {
    const from = made.get(it.name);
    // Of stores only Kafka asks another one: who leads it stands in ZooKeeper.
    if (!from || (from.engine && from.engine !== 'kafka') || from.kind === 'gateway') return [];
    const hosts = Object.values(it.environment).flatMap((said) => said.value.split(',').map((part) => ({ host: addressOf({ t: 'text', parts: [part] }).host, place: said.place })));
    return hosts.flatMap(({ host, place }): Call[] => {
      const to = host && names.get(host);
      const target = to ? made.get(to) : undefined;
      if (!to || to === it.name || (!target && !claims.units.some((unit) => unit.id === to))) return [];
      if (from.engine && target?.engine !== 'zookeeper') return [];
      return [{ from: it.name, to, kind: from.engine ? 'tcp' : callKind(target?.kind), sync: true, scope: it.scope, places: [place] }];
    });
  });
}

/** Services in other languages: the hosts that their code and their image's environment name. */
function mentionedCalls(claims: Claims, made: Map<ComponentId, Component>, names: ReadonlyMap<string, ComponentId>): Call[] {
  const others = claims.services.filter((it) => it.build && ownFolder(it.build) !== '.' && made.has(it.name) && !made.get(it.name)?.engine);
  return others.flatMap((it): Call[] => {
    const mentions = [...claims.configuration.mentions].filter(([file]) => it.build && isInside(file, ownFolder(it.build))).flatMap(([, all]) => all);
    const fromImage = Object.values(imageOf(it.build, claims.configuration)?.environment ?? {}).flatMap((said) => {
      const { host } = addressOf({ t: 'text', parts: [said.value] });
      return host ? [{ host, consumes: false, place: said.place }] : [];
    });
    return [...mentions, ...fromImage].flatMap((mention): Call[] => {
      const named = names.get(mention.host);
      if (!named && /^[\w-]+(\.[\w-]+)*\.[a-z]{2,}$/.test(mention.host) && !/^(www\.)?example\./.test(mention.host) && mentions.includes(mention as never)) {
        const id = outsideName(mention.host);
        if (!made.has(id)) made.set(id, outside(id, mention.host, mention.place));
        return [{ from: it.name, to: id, kind: 'http', sync: true, scope: it.scope, places: [mention.place] }];
      }
      if (!named || named === it.name) return [];
      const kind = callKind(made.get(named)?.kind);
      return [{ from: it.name, to: named, kind: kind === 'publish' && mention.consumes ? 'consume' : kind, sync: kind !== 'publish', scope: it.scope, places: [mention.place] }];
    });
  });
}

export const callKind = (kind: Component['kind'] | undefined): Call['kind'] =>
  kind === 'database' || kind === 'search' ? 'query' : kind === 'cache' ? 'cache' : kind === 'queue' || kind === 'topic' ? 'publish' : 'http';
