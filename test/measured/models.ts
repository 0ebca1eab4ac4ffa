import type { Distribution, Instruction, Network, Program, Source, Station } from '../../src/model/network.ts';

/** What one request costs, ms; nothing here comes from a loaded run. */
export interface Alone {
  /** Alone in the system. */
  responseMs: number;
  /** Its spread, from the median and the 95th percentile as if it were normal: a single hiccup must not decide. */
  deviationMs: number;
  /** What of the response is not the CPU below. */
  restMs: number;
  /**
   * CPU of the service's process and of the store's, while three others ask the same, fewer than anything has places for. One request alone
   * wakes every process by itself and finds its caches cold: it needs half as much again, which no busy service pays.
   */
  serviceCpuMs: number;
  storeCpuMs: number;
}

/** How long a connection is held: what a request needs beyond one that asks nothing of the store. */
export const holdMs = (ping: Alone, whole: Alone): number => whole.restMs - ping.restMs + whole.serviceCpuMs - ping.serviceCpuMs + whole.storeCpuMs;

const fixed = (meanMs: number): Distribution => ({ kind: 'deterministic', meanMs: Math.max(0, meanMs) });
/** What varies on the way: kernel, timers, garbage collection. */
const jittered = (meanMs: number, deviationMs: number): Distribution =>
  meanMs > 0 && deviationMs > 0.001 * meanMs ? { kind: 'gamma', meanMs, cv2: (deviationMs / meanMs) * (deviationMs / meanMs) } : fixed(meanMs);
/** The spread that a request has beyond that of another. */
const beyond = (whole: Alone, part: Alone): number => Math.sqrt(Math.max(0, whole.deviationMs * whole.deviationMs - part.deviationMs * part.deviationMs));
const exponential = (meanMs: number): Distribution => ({ kind: 'exponential', meanMs });
const wait = (duration: Distribution): Instruction => ({ op: 'delay', duration });

/** All processes of a system share one core; each Node process has one event loop. */
const CORE: Station = { id: 'core', component: 'host', label: 'core', servers: 1, room: null, discipline: 'processorSharing' };
const loopOf = (group: string): Station => ({ id: `${group} loop`, component: group, label: `${group} loop`, servers: 1, room: null, discipline: 'fifo', group });
const onCore = (ms: number): Instruction[] => (ms > 0 ? [{ op: 'serve', station: 'core', service: { kind: 'gamma', meanMs: ms, cv2: 0.25 } }] : []);
const slice = (group: string, ms: number): Instruction[] => (ms > 0 ? [{ op: 'hold', station: `${group} loop`, body: onCore(ms) }] : []);

const source = (program: string, perSecond: number): Source => ({
  id: program,
  program,
  arrivals: 'poisson',
  share: 1,
  phases: [{ fromMs: 0, perSecond }],
  patienceMs: null,
});

export interface PoolSetting {
  pool: number;
  acquireTimeoutMs: number | null;
  /** Connections that the server has for the service's role, and what one costs that it refuses; absent: more than the pool asks for. */
  server?: { connections: number; refusal: Alone };
}

/** One request of an API: parsing and answering as `ping` costs, and in between what `work` says. */
function api(ping: Alone, stations: readonly Station[], work: readonly Instruction[], perSecond: number): Network {
  const half = slice('api', ping.serviceCpuMs / 2);
  return {
    version: 1,
    groups: [{ id: 'api', instances: 1, balancer: 'random' }],
    stations: [CORE, loopOf('api'), ...stations],
    programs: [{ id: 'request', group: 'api', body: [wait(jittered(ping.restMs, ping.deviationMs)), ...half, ...work, ...half] }],
    sources: [source('request', perSecond)],
  };
}

export const TIMEOUT = 'timeout exceeded when trying to connect';
export const REFUSAL = 'too many connections';

interface Pooled {
  stations: readonly Station[];
  /** Programs that `held` calls. */
  programs: readonly Program[];
  /** A connection around some work. */
  held: Instruction;
}

/** A pool around some work; where the server may refuse, its no costs CPU at both ends, and a place of the pool until it is there. */
function pooled({ pool, acquireTimeoutMs, server }: PoolSetting, ping: Alone, work: readonly Instruction[]): Pooled {
  const own: Station = { id: 'pool', component: 'api', label: 'pool', servers: pool, room: null, discipline: 'fifo', group: 'api', timeout: TIMEOUT };
  const around = (body: readonly Instruction[]): Instruction => ({ op: 'hold', station: 'pool', waitLimitMs: acquireTimeoutMs, body });
  if (!server) return { stations: [own], programs: [], held: around(work) };
  const cpu = server.refusal.serviceCpuMs - ping.serviceCpuMs;
  const refused: Instruction[] = [
    ...slice('api', cpu / 2),
    ...onCore(server.refusal.storeCpuMs),
    wait(fixed(server.refusal.restMs - ping.restMs)),
    ...slice('api', cpu / 2),
    { op: 'fail', cause: REFUSAL },
  ];
  const connections: Station = { id: 'connections', component: 'db', label: 'connections', servers: server.connections, room: 0, discipline: 'fifo', refusal: REFUSAL };
  return {
    stations: [own, connections],
    programs: [{ id: 'connected', group: 'api', body: [{ op: 'hold', station: 'connections', body: work }] }],
    held: around([{ op: 'call', program: 'connected', fallback: refused }]),
  };
}

/** What a connection is held for: CPU at both ends, the sleep, and the rest of the time that it took alone. */
function statements(ping: Alone, whole: Alone, sleeps: readonly Distribution[], sleepMs: number): Instruction[] {
  const cpu = whole.serviceCpuMs - ping.serviceCpuMs;
  const rest = whole.restMs - ping.restMs - sleepMs;
  const share = 1 / sleeps.length;
  return sleeps.flatMap((sleep) => [
    ...slice('api', (cpu * share) / 2),
    ...onCore((whole.storeCpuMs * share) / 2),
    wait(sleep),
    wait(jittered(rest * share, beyond(whole, ping) * Math.sqrt(share))),
    ...onCore((whole.storeCpuMs * share) / 2),
    ...slice('api', (cpu * share) / 2),
  ]);
}

/** `pool.query` or a transaction of several statements; `whole` is the request alone with fixed sleeps of `sleepMs` in all. */
export function queries(ping: Alone, whole: Alone, setting: PoolSetting, sleeps: 'fixed' | 'random', count: number, sleepMs: number, perSecond: number): Network {
  const law = sleeps === 'fixed' ? fixed : exponential;
  const each = Array.from({ length: count }, () => law(sleepMs / count));
  const { stations, programs, held } = pooled(setting, ping, statements(ping, whole, each, sleepMs));
  const base = api(ping, stations, [held], perSecond);
  return { ...base, programs: [...base.programs, ...programs] };
}

/** A second connection of the same pool inside a held one. */
export function nested(ping: Alone, single: Alone, setting: PoolSetting, sleepMs: number, perSecond: number): Network {
  const one = statements(ping, single, [fixed(sleepMs)], sleepMs);
  const inner = pooled(setting, ping, one);
  const { stations, held } = pooled(setting, ping, [...one, inner.held]);
  return api(ping, stations, [held], perSecond);
}

/** Work on the event loop alone, in one process or several on the core; `fresh`: what a share of the requests costs that come over new connections. */
export function computing(ping: Alone, whole: Alone, processes: number, perSecond: number, connections: number, fresh?: { whole: Alone; share: number }): Network {
  const work = (of: Alone, newConnection?: true): Instruction => ({
    op: 'hold',
    station: 'api loop',
    ...(newConnection && { newConnection }),
    body: [{ op: 'serve', station: 'core', service: jittered(of.serviceCpuMs, of.deviationMs) }],
  });
  const either: Instruction = fresh ? { op: 'branch', probability: fresh.share, taken: [work(fresh.whole, true)], otherwise: [work(whole)] } : work(whole);
  return {
    version: 1,
    // A cluster deals out connections, in turn.
    groups: [{ id: 'api', instances: processes, balancer: processes > 1 ? 'connection' : 'random' }],
    stations: [CORE, { ...loopOf('api'), discipline: 'eventLoop' }],
    programs: [{ id: 'request', group: 'api', body: [wait(jittered(ping.restMs, ping.deviationMs)), either] }],
    sources: [{ ...source('request', perSecond), connections }],
  };
}

export interface JobsAlone {
  /** Publishing one job, as a request. */
  publish: Alone;
  /** How long a job keeps its place while several others run, and all places have a backlog: a job's end brings the next one. */
  cycleMs: number;
  /** From publishing to the end where the worker is idle, and has to be woken. */
  soloMs: number;
  /** CPU of a job while several others run. */
  workerCpuMs: number;
  storeCpuMs: number;
}

/** Requests that publish jobs, and a worker with `concurrency` places; `backlog` jobs wait at the beginning. */
export function jobs(ping: Alone, alone: JobsAlone, concurrency: number, jobMs: number, perSecond: number, backlog: number): Network {
  const { publish } = alone;
  const cpu = publish.serviceCpuMs - ping.serviceCpuMs;
  const onTheWay = Math.max(0, publish.restMs - ping.restMs);
  const publishing: Instruction[] = [
    ...slice('api', cpu / 2),
    ...onCore(publish.storeCpuMs),
    { op: 'spawn', program: 'job' },
    wait(jittered(onTheWay, beyond(publish, ping))),
    ...slice('api', cpu / 2),
  ];
  const rest = Math.max(0, alone.cycleMs - alone.workerCpuMs - alone.storeCpuMs - jobMs);
  const work: Instruction[] = [...slice('worker', alone.workerCpuMs / 2), wait(fixed(jobMs + rest)), ...onCore(alone.storeCpuMs), ...slice('worker', alone.workerCpuMs / 2)];
  const placed = (waitLimitMs: number | null, body: readonly Instruction[]): Instruction => ({ op: 'hold', station: 'workers', waitLimitMs, body });
  // Who has to wait is handed over with another's end; only an idle place has to be woken first.
  const job: Program = { id: 'job', group: 'worker', channel: 'mails', body: [{ op: 'call', program: 'woken', fallback: [placed(null, work)] }] };
  const woken: Program = { id: 'woken', group: 'worker', body: [placed(0, [wait(fixed(alone.soloMs - alone.cycleMs)), ...work])] };
  const base = api(ping, [loopOf('worker'), { id: 'workers', component: 'worker', label: 'workers', servers: concurrency, room: null, discipline: 'fifo' }], publishing, perSecond);
  return {
    ...base,
    groups: [...base.groups, { id: 'worker', instances: 1, balancer: 'random' }],
    programs: [...base.programs, job, woken, { id: 'backlog', body: [{ op: 'spawn', program: 'job' }] }],
    sources: [...base.sources, ...(backlog > 0 ? [{ id: 'backlog', program: 'backlog', arrivals: 'deterministic' as const, share: 0, burst: backlog, patienceMs: null }] : [])],
  };
}

/** A request that only waits. */
export const waiting = (ping: Alone, whole: Alone, perSecond: number): Network =>
  api(ping, [], [wait(jittered(whole.restMs - ping.restMs, beyond(whole, ping))), ...slice('api', whole.serviceCpuMs - ping.serviceCpuMs)], perSecond);

/** A request that publishes. */
export const publishing = (ping: Alone, alone: JobsAlone, perSecond: number): Network => jobs(ping, alone, 1000, 1, perSecond, 0);
