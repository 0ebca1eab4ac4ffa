import { valueIn } from '../../model/known.ts';
import type { Instruction } from '../../model/network.ts';
import type { StationId } from '../../model/outcome.ts';
import type { CacheStep, ChannelId, Endpoint, EndpointId, QueryStep, Step } from '../../model/topology.ts';
import { type CpuShare, cpuShareOf, fixed, queryTime } from './compile-laws.ts';
import { limitsAt } from './compile-limiters.ts';
import { consumed, waitedFor } from './compile-messages.ts';
import { requestOf } from './compile-requests.ts';
import { atStore, cpuSlice, heldConnection, threadSlice, workerSlice } from './compile-stations.ts';
import type { Draft } from './draft.ts';
import { hitRatioOf } from './hit-ratio.ts';

/** A longer concurrent loop is played as this many branches that loop. */
const MOST_BRANCHES = 32;

/** Where a step stands: its endpoint, the CPU of its slices, the pools that are held around it, the message that is handled. */
interface Inside {
  endpoint: Endpoint;
  cpu: CpuShare;
  holding: readonly string[];
  handler?: EndpointId | undefined;
  /** What steps were made into: the same step at the same place is the same work. */
  made: Map<Step, readonly Instruction[]>;
}

/**
 * Id of the program of an endpoint, made at first need; a channel's messages wait at its station and hold a place there.
 * `handler`: the message that is handled where it is asked; its program is another one where that would lead back to the handler.
 */
export function programOf(draft: Draft, endpoint: Endpoint, channel?: { id: ChannelId; station: StationId }, handler?: EndpointId): string {
  if (handler !== undefined && draft.circles.leadsBack(endpoint.id, handler)) return programWithin(draft, endpoint, handler);
  if (draft.programs.has(endpoint.id)) return endpoint.id;
  const group = draft.groupOf(endpoint.component);
  // Entered before its body is made: programs may call each other in a circle.
  draft.programs.set(endpoint.id, { id: endpoint.id, group, body: [] });
  const body = programBody(draft, endpoint, channel && endpoint.id);
  if (channel && draft.hostOf(endpoint.component).onDemand) {
    // A message waits with its platform, not in an instance.
    const inside = `${endpoint.id} in an instance`;
    draft.programs.set(inside, { id: inside, group, body });
    draft.programs.set(endpoint.id, { id: endpoint.id, body: [{ op: 'hold', station: channel.station, body: [{ op: 'call', program: inside }] }], channel: channel.id });
    return endpoint.id;
  }
  draft.programs.set(endpoint.id, {
    id: endpoint.id,
    group,
    body: channel ? [{ op: 'hold', station: channel.station, body }] : body,
    ...(channel && { channel: channel.id }),
  });
  return endpoint.id;
}

function programWithin(draft: Draft, endpoint: Endpoint, handler: EndpointId): string {
  const id = `${endpoint.id} within ${handler}`;
  if (draft.programs.has(id)) return id;
  const group = draft.groupOf(endpoint.component);
  draft.programs.set(id, { id, group, body: [] });
  draft.programs.set(id, { id, group, body: programBody(draft, endpoint, handler) });
  return id;
}

const programBody = (draft: Draft, endpoint: Endpoint, handler: EndpointId | undefined): Instruction[] => [
  ...limitsAt(draft, endpoint),
  ...bodyOf(draft, endpoint.steps, { endpoint, cpu: cpuShareOf(endpoint, draft.topology), holding: [], handler, made: new Map() }),
];

function bodyOf(draft: Draft, steps: readonly Step[], inside: Inside): Instruction[] {
  return steps.flatMap((step) => sharedWork(draft, step, inside));
}

/** Steps that are one object are made once. What nobody awaits becomes a program of its own each time. */
function sharedWork(draft: Draft, step: Step, inside: Inside): readonly Instruction[] {
  const known = inside.made.get(step);
  if (known) return known;
  const before = draft.inBackground;
  const made = instructionsOf(draft, step, inside);
  if (draft.inBackground === before) inside.made.set(step, made);
  return made;
}

function instructionsOf(draft: Draft, step: Step, inside: Inside): Instruction[] {
  const { endpoint, cpu } = inside;
  switch (step.kind) {
    case 'compute': {
      const ms = valueIn(step.ms) ?? 0;
      if (step.workers) return draft.perhapsUnawaited(step.awaited !== false, workerSlice(draft, endpoint.component, ms, step.workers), endpoint);
      return step.where === 'eventLoop' ? cpuSlice(draft, endpoint.component, ms * cpu.scale) : threadSlice(draft, endpoint.component, ms);
    }
    case 'query':
      return draft.perhapsUnawaited(step.awaited, query(draft, step, inside), endpoint);
    case 'cache':
      return draft.perhapsUnawaited(step.awaited, cache(draft, step, inside), endpoint);
    case 'request':
      return draft.perhapsUnawaited(
        step.awaited,
        [...requestOf(draft, step, endpoint, (callee) => programOf(draft, callee, undefined, inside.handler)), ...reply(draft, inside)],
        endpoint,
      );
    case 'publish':
      return publish(draft, step, inside);
    case 'hold': {
      const pool = draft.pools.get(step.pool);
      const body = bodyOf(draft, step.steps, { ...inside, holding: [...inside.holding, step.pool], made: new Map() });
      return draft.perhapsUnawaited(step.awaited !== false, pool ? heldConnection(draft, pool, body) : body, endpoint);
    }
    case 'loop':
      return loop(draft, step, inside);
    case 'parallel':
      return [{ op: 'parallel', branches: step.branches.map((it) => bodyOf(draft, it, inside)) }];
    case 'branch':
      return [{ op: 'branch', probability: valueIn(step.probability) ?? 0.5, taken: bodyOf(draft, step.taken, inside), otherwise: bodyOf(draft, step.otherwise, inside) }];
    case 'wait':
      return [{ op: 'delay', duration: fixed(valueIn(step.ms) ?? 0) }];
    case 'respond':
      return [{ op: 'respond' }];
  }
}

/** The event loop's turn that reads a reply. */
const reply = (draft: Draft, { endpoint, cpu }: Inside): Instruction[] => cpuSlice(draft, endpoint.component, cpu.replyMs);

function query(draft: Draft, step: QueryStep, inside: Inside): Instruction[] {
  const pool = step.pool === undefined ? undefined : draft.pools.get(step.pool);
  const work = [...atStore(draft, step.target, valueIn(step.holdMs) ?? 0, queryTime), ...reply(draft, inside)];
  if (!pool || (step.usesHeld && inside.holding.includes(pool.id))) return work;
  return heldConnection(draft, pool, work);
}

function cache(draft: Draft, step: CacheStep, inside: Inside): Instruction[] {
  const service = valueIn(step.serviceMs) ?? 0;
  const isRemote = step.target !== inside.endpoint.component;
  const command = service > 0 && isRemote ? [...atStore(draft, step.target, service, queryTime), ...reply(draft, inside)] : [];
  if (step.operation !== 'read' || step.onMiss.length === 0) return command;
  const hit = hitRatioOf(step, draft.topology, draft.shares, draft.scenario.targetPerSecond);
  return [...command, { op: 'branch', probability: 1 - hit, taken: bodyOf(draft, step.onMiss, inside), otherwise: [] }];
}

function publish(draft: Draft, step: Extract<Step, { kind: 'publish' }>, inside: Inside): Instruction[] {
  const channel = draft.topology.channels.find((it) => it.id === step.channel);
  const serviceMs = valueIn(step.serviceMs) ?? 0;
  const send: Instruction[] = channel ? [...atStore(draft, channel.broker, serviceMs, queryTime), ...reply(draft, inside)] : [{ op: 'delay', duration: fixed(serviceMs) }];
  const handlerOf = (endpoint: Endpoint, waiting: { id: ChannelId; station: StationId }): string => programOf(draft, endpoint, waiting);
  const work = channel ? consumed(draft, channel, handlerOf, step.job, inside.handler) : [];
  // A job that waits for jobs of its own kind would be a circle without an end: only who is served is seen to wait.
  const waitsForJob = inside.endpoint.trigger.kind === 'http' ? step.waitsForJob : undefined;
  return [...draft.perhapsUnawaited(step.awaited, send, inside.endpoint), ...(waitsForJob ? waitedFor(work, valueIn(waitsForJob.timeoutMs) ?? null) : work)];
}

function loop(draft: Draft, step: Extract<Step, { kind: 'loop' }>, inside: Inside): Instruction[] {
  const times = valueIn(step.times) ?? 1;
  const body = bodyOf(draft, step.steps, inside);
  if (!step.concurrent) return [{ op: 'loop', times, body }];
  const branches = Math.max(1, Math.min(MOST_BRANCHES, Math.round(times)));
  const branch: readonly Instruction[] = times > branches ? [{ op: 'loop', times: times / branches, body }] : body;
  return [{ op: 'parallel', branches: Array.from({ length: branches }, () => branch) }];
}
