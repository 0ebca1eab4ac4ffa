import type { InputId } from './inputs.ts';
import { withInputs } from './inputs.ts';
import { answerEarly, type EarlyAnswer } from './answer-early.ts';
import { answerRepeats, type Repeats } from './answer-repeats.ts';
import { askOnce } from './ask-once.ts';
import { type Bound, boundCollection } from './bound-collection.ts';
import { addIndex } from './add-index.ts';
import { loadOnce, setLockTtl } from './cache-changes.ts';
import { readSummary, type Summary } from './read-summary.ts';
import { type OffLoop, offLoop } from './off-loop.ts';
import { type ReadRoute, routeReads } from './route-reads.ts';
import { keepClient } from './keep-client.ts';
import { type Known, known, none, type Place } from './known.ts';
import type { Channel, ChannelId, Component, ComponentId, Endpoint, EndpointId, Step, Topology } from './topology.ts';
import { mapSteps } from './topology.ts';

export type QueueTechnology = 'bullmq' | 'kafka';
export type CacheTechnology = 'redis' | 'memory';

/** One thing that a change does to the topology. */
export type Operation =
  | { kind: 'setInput'; input: InputId; value: number }
  /** Writes of `from` to `to` (all, or of some endpoints), and requests to it, are enqueued and done by a worker of its own; whoever asked is answered early (202). */
  | { kind: 'insertQueue'; from: ComponentId; to: ComponentId; technology: QueueTechnology; endpoints?: readonly EndpointId[]; concurrency: number }
  /** Reads of `from` at `to` (all, those of some endpoints, or the ones with a label) go through a cache first. */
  | { kind: 'insertCache'; from: ComponentId; to: ComponentId; technology: CacheTechnology; hitRatio: Known; endpoints?: readonly EndpointId[]; label?: string }
  /** An in-process worker gets a process and a deployable of its own. */
  | { kind: 'extractWorker'; worker: ComponentId }
  /** Queries inside a hold run on the held connection. */
  | { kind: 'shareHeldConnection'; pool: string }
  /** Failing messages are tried again, the first time after `backoffMs`, then after twice that, and so on. */
  | { kind: 'retryJobs'; channel: ChannelId; attempts: number; backoffMs: number }
  /** What the loop asks round by round at `step` is asked once, before it. */
  | { kind: 'askOnce'; loop: Place; step: Place }
  /** A query gives a page instead of all rows. */
  | { kind: 'limitRows'; target: ComponentId; label: string; most: number }
  /** Whoever enqueues the job answers then and there instead of waiting for its end. */
  | ({ kind: 'answerEarly' } & EarlyAnswer)
  | ({ kind: 'boundCollection' } & Bound)
  | ({ kind: 'answerRepeats' } & Repeats)
  /** The table gets an index on these columns, in this order. */
  | { kind: 'addIndex'; table: string; columns: readonly string[] }
  /** The client that is made at `place` for every request is made once per process. */
  | { kind: 'keepClient'; place: Place }
  /** Whoever misses the key that is read at `place` while it is being loaded waits for that load. */
  | { kind: 'loadOnce'; place: Place }
  /** The lock that is taken at `place` is kept for so long. */
  | { kind: 'setLockTtl'; place: Place; ttlMs: number }
  /** Reads that may be a moment old go to a replica. */
  | ({ kind: 'routeReads' } & ReadRoute)
  | ({ kind: 'readSummary' } & Summary)
  | ({ kind: 'offLoop' } & OffLoop)
  | { kind: 'removeCall'; from: ComponentId; to: ComponentId };

/** A proposed improvement. Every reader shares it: simulator, canvas, code action, recipe, scaffold. */
export interface Change {
  id: string;
  operations: readonly Operation[];
}

/** Service times that an inserted part gets: assumptions, replaced as soon as they are measured. */
const COMMAND_MS = known(0.3, 'ms', 'assumed', { range: [0.1, 1], source: 'Redis command over a local network' });
const PUBLISH_MS = known(1, 'ms', 'assumed', { range: [0.3, 3], source: 'publishing one message' });
const JOB_OVERHEAD_MS = known(1, 'ms', 'assumed', { range: [0.3, 3], source: 'per-job overhead of the queue' });
const REDIS_PARALLELISM = known(1, 'count', 'libraryDefault', { source: 'Redis runs commands on one thread' });

/** The topology after a change. Operations on parts that it does not have change nothing. */
export function applyChange(topology: Topology, change: Change): Topology {
  return change.operations.reduce(applyOperation, topology);
}

export function applyChanges(topology: Topology, changes: readonly Change[]): Topology {
  return changes.reduce(applyChange, topology);
}

function applyOperation(topology: Topology, operation: Operation): Topology {
  switch (operation.kind) {
    case 'setInput':
      return withInputs(topology, new Map([[operation.input, operation.value]]));
    case 'insertQueue':
      return insertQueue(topology, operation);
    case 'insertCache':
      return insertCache(topology, operation);
    case 'extractWorker':
      return extractWorker(topology, operation.worker);
    case 'shareHeldConnection':
      return shareHeldConnection(topology, operation.pool);
    case 'retryJobs':
      return retryJobs(topology, operation);
    case 'askOnce':
      return { ...topology, endpoints: topology.endpoints.map((it) => ({ ...it, steps: askOnce(it.steps, operation) })) };
    case 'limitRows':
      return limitRows(topology, operation);
    case 'answerEarly':
      return { ...topology, endpoints: topology.endpoints.map((it) => ({ ...it, steps: answerEarly(it.steps, operation) })) };
    case 'boundCollection':
      return boundCollection(topology, operation);
    case 'answerRepeats':
      return answerRepeats(topology, operation);
    case 'addIndex':
      return addIndex(topology, operation);
    case 'keepClient':
      return keepClient(topology, operation);
    case 'loadOnce':
      return loadOnce(topology, operation);
    case 'setLockTtl':
      return setLockTtl(topology, operation);
    case 'readSummary':
      return readSummary(topology, operation);
    case 'routeReads':
      return routeReads(topology, operation);
    case 'offLoop': {
      const changed = new Map<Step, Step>();
      return { ...topology, endpoints: topology.endpoints.map((it) => ({ ...it, steps: offLoop(it.steps, operation, changed) })) };
    }
    case 'removeCall':
      return removeCall(topology, operation.from, operation.to);
  }
}

function insertQueue(topology: Topology, operation: Extract<Operation, { kind: 'insertQueue' }>): Topology {
  const { from, to, technology } = operation;
  const client = topology.components.find((it) => it.id === from);
  const moved = topology.endpoints.filter((it) => it.component === from && (operation.endpoints?.includes(it.id) ?? true) && writesTo(it, to));
  if (!client || moved.length === 0) return topology;
  const broker = brokerFor(topology, technology);
  const workerId = unique(topology, `${from}-worker`);
  const channelId = uniqueChannel(topology, `${from}-writes`);
  const jobId = (endpoint: Endpoint): EndpointId => `${workerId} consumes ${channelId} (${endpoint.id})`;
  const worker: Component = {
    ...client,
    id: workerId,
    name: workerId,
    kind: 'worker',
    technology: `node ${technology} worker`,
    aliases: [],
    replicas: known(1, 'replicas', 'override'),
    processes: known(1, 'processes', 'override'),
  };
  const clientPool = topology.pools.find((it) => it.client === from && it.target === to);
  const workerPool = clientPool && { ...clientPool, id: `${workerId}→${to} pool`, client: workerId };
  // A transaction moves as a whole: what it begins and commits belongs to its writes.
  const moves = (step: Step): boolean => sends(step, to) || (step.kind === 'hold' && step.pool === clientPool?.id && step.steps.some(moves));
  const jobs = moved.map(
    (endpoint): Endpoint => ({
      ...endpoint,
      id: jobId(endpoint),
      component: workerId,
      trigger: { kind: 'message', channel: channelId },
      external: false,
      role: 'write',
      steps: [
        { kind: 'compute', label: 'job overhead', ms: JOB_OVERHEAD_MS, where: 'eventLoop', place: endpoint.place },
        ...sift(endpoint.steps, (step) => (moves(step) ? [step] : [])).map((step) => repool(step, clientPool?.id, workerPool?.id)),
      ],
    }),
  );
  const endpoints = topology.endpoints.map((endpoint): Endpoint => {
    if (!moved.includes(endpoint)) return endpoint;
    const publish: Step = {
      kind: 'publish',
      label: `enqueue on ${channelId}`,
      channel: channelId,
      job: jobId(endpoint),
      serviceMs: technology === 'bullmq' ? COMMAND_MS : PUBLISH_MS,
      awaited: true,
      place: endpoint.place,
    };
    let enqueued = false;
    const steps = sift(endpoint.steps, (step) => {
      if (!moves(step)) return [step];
      if (enqueued) return [];
      enqueued = true;
      return [{ ...publish, place: step.place }];
    });
    return { ...endpoint, steps };
  });
  const first = moved[0] as Endpoint;
  const channel: Channel = {
    id: channelId,
    name: channelId,
    broker: broker.id,
    kind: technology === 'kafka' ? 'topic' : 'queue',
    library: technology,
    producers: moved.map((it) => ({ component: from, place: it.place })),
    consumers: [{ component: workerId, endpoint: jobId(first), concurrency: known(operation.concurrency, 'jobs', 'override'), place: first.place }],
    attempts: known(3, 'count', 'override'),
    partitions: { state: 'unknown', why: 'decided when the topic is made' },
    place: first.place,
  };
  const at = first.place;
  return {
    ...topology,
    components: [...topology.components, worker, ...(topology.components.includes(broker) ? [] : [broker])],
    pools: workerPool ? [...topology.pools, workerPool] : topology.pools,
    endpoints: [...endpoints, ...jobs],
    channels: [...topology.channels, channel],
    calls: [
      ...topology.calls.filter((it) => !(it.from === from && it.to === to) || endpoints.some((e) => e.component === from && touches(e, to))),
      { from, to: broker.id, kind: 'publish', sync: false, scope: 'runtime', places: [at] },
      { from: workerId, to: broker.id, kind: 'consume', sync: false, scope: 'runtime', places: [at] },
      { from: workerId, to, kind: 'query', sync: true, scope: 'runtime', ...(workerPool && { pool: workerPool.id }), places: [at] },
    ],
  };
}

function insertCache(topology: Topology, operation: Extract<Operation, { kind: 'insertCache' }>): Topology {
  const { from, to, technology } = operation;
  const chosen = (it: Endpoint) => it.component === from && it.role === 'read' && (operation.endpoints?.includes(it.id) ?? true);
  if (!topology.endpoints.some((it) => chosen(it) && touches(it, to))) return topology;
  const cache = technology === 'redis' ? redisFor(topology) : undefined;
  const target = cache?.id ?? from;
  const wrap = (step: Step): Step => {
    // Calls are wrapped only where one is meant by its label.
    const isCall = step.kind === 'request' && step.target === to && operation.label === step.label && step.awaited;
    if (!isCall && (step.kind !== 'query' || step.target !== to || step.operation !== 'read' || step.usesHeld || (operation.label ?? step.label) !== step.label)) return step;
    return {
      kind: 'cache',
      label: `cached ${step.label}`,
      target,
      operation: 'read',
      key: step.label,
      keyVaries: true,
      ttlMs: known(60_000, 'ms', 'override'),
      hitRatio: operation.hitRatio,
      serviceMs: technology === 'redis' ? COMMAND_MS : none(step.place),
      onMiss: [step],
      awaited: true,
      place: step.place,
    };
  };
  const alreadyCached = (endpoint: Endpoint) => endpoint.steps.some((it) => it.kind === 'cache' && it.operation === 'read' && it.onMiss.length > 0);
  const endpoints = topology.endpoints.map((it) => (chosen(it) && !alreadyCached(it) ? { ...it, steps: mapSteps(it.steps, (step) => [wrap(step)]) } : it));
  return {
    ...topology,
    endpoints,
    components: cache && !topology.components.includes(cache) ? [...topology.components, cache] : topology.components,
    calls:
      cache && !topology.calls.some((it) => it.from === from && it.to === target && it.kind === 'cache')
        ? [...topology.calls, { from, to: target, kind: 'cache', sync: true, scope: 'runtime', places: [] }]
        : topology.calls,
  };
}

function extractWorker(topology: Topology, workerId: ComponentId): Topology {
  return {
    ...topology,
    components: topology.components.map((it) => {
      if (it.id !== workerId) return it;
      const { runsIn: _host, ...own } = it;
      return { ...own, replicas: known(1, 'replicas', 'override'), processes: known(1, 'processes', 'override') };
    }),
  };
}

function shareHeldConnection(topology: Topology, pool: string): Topology {
  const onHeld = (step: Step): Step =>
    step.kind === 'hold' && step.pool === pool
      ? { ...step, steps: mapSteps(step.steps, (it) => [it.kind === 'query' && it.pool === pool ? { ...it, usesHeld: true } : it]) }
      : step;
  return { ...topology, endpoints: topology.endpoints.map((it) => ({ ...it, steps: mapSteps(it.steps, (step) => [onHeld(step)]) })) };
}

function retryJobs(topology: Topology, { channel, attempts, backoffMs }: Extract<Operation, { kind: 'retryJobs' }>): Topology {
  const backoff = { kind: 'exponential', delayMs: known(backoffMs, 'ms', 'override') } as const;
  return { ...topology, channels: topology.channels.map((it) => (it.id === channel ? { ...it, attempts: known(attempts, 'count', 'override'), backoff } : it)) };
}

function limitRows(topology: Topology, { target, label, most }: Extract<Operation, { kind: 'limitRows' }>): Topology {
  const limited = (step: Step): Step =>
    step.kind === 'query' && step.target === target && step.label === label && step.statement ? { ...step, statement: { ...step.statement, limit: 'some', most } } : step;
  return { ...topology, endpoints: topology.endpoints.map((it) => ({ ...it, steps: mapSteps(it.steps, (step) => [limited(step)]) })) };
}

function removeCall(topology: Topology, from: ComponentId, to: ComponentId): Topology {
  const gone = (step: Step) =>
    (step.kind === 'query' || step.kind === 'request' || step.kind === 'cache') && step.target === to ? (step.kind === 'cache' ? [...step.onMiss] : []) : [step];
  return {
    ...topology,
    calls: topology.calls.filter((it) => it.from !== from || it.to !== to),
    endpoints: topology.endpoints.map((it) => (it.component === from ? { ...it, steps: mapSteps(it.steps, gone) } : it)),
  };
}

/** Decides on whole steps from the outside in: `decide` sees leaves and holds; loops, branches and the like are entered and dropped when nothing is left inside. */
function sift(steps: readonly Step[], decide: (step: Step) => readonly Step[]): readonly Step[] {
  return steps.flatMap((step): readonly Step[] => {
    switch (step.kind) {
      case 'loop': {
        const inner = sift(step.steps, decide);
        return inner.length > 0 ? [{ ...step, steps: inner }] : [];
      }
      case 'parallel': {
        const branches = step.branches.map((it) => sift(it, decide)).filter((it) => it.length > 0);
        return branches.length > 0 ? [{ ...step, branches }] : [];
      }
      case 'branch': {
        const taken = sift(step.taken, decide);
        const otherwise = sift(step.otherwise, decide);
        return taken.length + otherwise.length > 0 ? [{ ...step, taken, otherwise }] : [];
      }
      case 'cache':
        // A miss path without anything to move stays as it is.
        return decide(step).length > 0 ? [{ ...step, onMiss: sift(step.onMiss, decide) }] : sift(step.onMiss, decide);
      default:
        return decide(step);
    }
  });
}

function repool(step: Step, old: string | undefined, next: string | undefined): Step {
  if (!old || !next) return step;
  const [moved] = mapSteps([step], (it) => [(it.kind === 'query' || it.kind === 'hold') && it.pool === old ? { ...it, pool: next } : it]);
  return moved ?? step;
}

const touches = (endpoint: Endpoint, target: ComponentId): boolean => stepsOf(endpoint).some((it) => 'target' in it && it.target === target);
const writesTo = (endpoint: Endpoint, target: ComponentId): boolean =>
  endpoint.trigger.kind === 'http' && endpoint.role !== 'excluded' && stepsOf(endpoint).some((it) => sends(it, target));
const sends = (step: Step, target: ComponentId): boolean =>
  (step.kind === 'query' && step.target === target && step.operation === 'write') || (step.kind === 'request' && step.target === target);

function stepsOf(endpoint: Endpoint): Step[] {
  const all: Step[] = [];
  mapSteps(endpoint.steps, (step) => {
    all.push(step);
    return [step];
  });
  return all;
}

function brokerFor(topology: Topology, technology: QueueTechnology): Component {
  if (technology === 'bullmq') return redisFor(topology);
  return (
    topology.components.find((it) => it.engine === 'kafka') ?? {
      ...store(unique(topology, 'kafka'), 'queue', 'kafka', 'kafka'),
      parallelism: known(8, 'cores', 'assumed', { range: [2, 32] }),
    }
  );
}

function redisFor(topology: Topology): Component {
  return topology.components.find((it) => it.engine === 'redis') ?? { ...store(unique(topology, 'redis'), 'cache', 'redis', 'redis'), parallelism: REDIS_PARALLELISM };
}

function store(id: string, kind: Component['kind'], technology: string, engine: string): Component {
  const absent: Known = { state: 'unknown', why: 'not in the workspace yet' };
  return {
    id,
    name: id,
    kind,
    technology,
    engine,
    aliases: [],
    scope: 'runtime',
    replicas: known(1, 'replicas', 'override'),
    processes: known(1, 'processes', 'override'),
    cores: absent,
    maxConnections: absent,
    parallelism: absent,
    places: [],
  };
}

const unique = (topology: Topology, wanted: string): string => (topology.components.some((it) => it.id === wanted) ? unique(topology, `${wanted}-2`) : wanted);

const uniqueChannel = (topology: Topology, wanted: string): string => (topology.channels.some((it) => it.id === wanted) ? uniqueChannel(topology, `${wanted}-2`) : wanted);
