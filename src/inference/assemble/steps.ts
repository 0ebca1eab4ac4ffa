import { type Known, known, none, unknown } from '../../model/known.ts';
import { errandOf, purposeOf } from './errands.ts';
import { openingSteps } from './opened.ts';
import { breakerOf, breakerTimeout, shorter } from './breakers.ts';
import type { Signature } from './endpoint-match.ts';
import { type ComponentId, type EndpointId, mapSteps, type Pool, type PoolId, type Step, walkSteps } from '../../model/topology.ts';
import {
  BRANCH_SHARE,
  CACHE_COMMAND_MS,
  CACHE_REQUEST_MS,
  ENTRY_SIZE,
  EXTERNAL_REQUEST_MS,
  HIT_RATIO,
  HOLD_MS,
  HYDRATION_CPU_MS,
  INNER_LOOP_ROUNDS,
  INTERNAL_REQUEST_MS,
  KEYSPACE_SCAN_MS,
  chunkRounds,
  computedMs,
  GROUP_ROUNDS,
  LOOP_ROUNDS,
  MAIL_MS,
  MAIL_TIMEOUT_MS,
  NEW_KEY_SHARE,
  OPTIONAL_SHARE,
  PUBLISH_MS,
  TRANSACTION_ENDS_MS,
  LOCAL_QUERY_MS,
  READ_SHARE,
  retriesDefault,
  pauseDefault,
  THREAD_TASK_MS,
  threadsDefault,
  timeoutDefault,
  waitDefault,
} from '../assumptions.ts';
import type { Rounds } from '../code/rounds.ts';
import type { Resource, Value } from '../code/values.ts';
import type { DraftCache, DraftHold, DraftStep, Said, Told } from '../detector.ts';

/** What steps need to know of the rest of the topology. */
export interface StepTargets {
  component: ComponentId;
  storeOf(
    client: Resource,
  ): { target: ComponentId; primary?: ComponentId; pool?: PoolId; opened?: { pool: Pool; engine: string }; timeoutMs?: Said<number>; engine: string } | undefined;
  channelOf(client: Resource, name: string): string | undefined;
  serverOf(url: Value): { target: ComponentId; isExternal: boolean } | undefined;
  endpointOf(target: ComponentId, method: string, url: Value): EndpointId | undefined;
  /** The route that a message to an address is handed over to. */
  pushedTo(url: Value, method: string): EndpointId | undefined;
  /** Routes that a gateway passes on to. */
  endpointsBehind(target: ComponentId, url: Value, mounted: string): readonly Signature[];
  /** Path of the route whose steps these are. */
  mounted?: string;
  /** TTL with which a key is written anywhere in this program. */
  ttlOf(client: Resource, key: string): Told | undefined;
  /** Major version of a package as this process has it. */
  major(library: string): number | undefined;
  /** These are the steps of a loop. */
  isInLoop?: boolean;
  /** The only cost at which this program hashes passwords; a comparison takes as long. */
  hashCost: number | undefined;
}

/** All its keys stand in the code: after the first round there is no new one. */
const NO_NEW_KEYS: Known = known(0, 'ratio', 'derived', { inputs: ['all keys stand in the code'] });

const declared = (it: Said<number>, unit: 'ms' | 'count'): Known => known(it.value, unit, 'declared', { place: it.place });

/** What is written but can't be read stays unknown: no default is taken for it. */
export const told = (it: Told, unit: 'ms' | 'count' | 'connections' | 'jobs' | 'replicas' | 'bytes'): Known =>
  'value' in it ? known(it.value, unit, 'declared', { place: it.place }) : unknown(it.why);

/** Chunks and groups part one list: together their items are no more than it has. */
function roundsTold(it: Rounds): Known {
  if ('times' in it) return told(it.times, 'count');
  if (it.portion === 'chunks') return chunkRounds(it.size);
  return GROUP_ROUNDS;
}

/** Draft steps with targets, pools and the assumed numbers. Steps that lead nowhere known are left out. */
export function stepsOf(drafts: readonly DraftStep[], to: StepTargets): Step[] {
  return withoutLastAnswer(drafts.flatMap((it, at) => stepOf(it, to, drafts[at + 1])));
}

/** An answer matters only where work follows it. */
function withoutLastAnswer(steps: readonly Step[]): Step[] {
  let end = steps.length;
  while (end > 0 && steps[end - 1]?.kind === 'respond') end -= 1;
  const kept = steps.slice(0, end);
  const first = kept.findIndex((it) => it.kind === 'respond');
  return kept.filter((it, at) => it.kind !== 'respond' || at === first);
}

const heldIn = (draft: DraftHold | undefined): boolean => draft !== undefined;

function stepOf(it: DraftStep, to: StepTargets, next: DraftStep | undefined): Step[] {
  const steps = plainStepOf(it, to, next);
  if (!('ofOneRow' in it) || !it.ofOneRow || !to.isInLoop || steps.length === 0) return steps;
  return [{ kind: 'branch', label: 'the row of who asks', probability: alternativeShare(1 / LOOP_ROUNDS.value), taken: steps, otherwise: [], place: it.place }];
}

function plainStepOf(it: DraftStep, to: StepTargets, next: DraftStep | undefined): Step[] {
  switch (it.kind) {
    case 'query': {
      const store = to.storeOf(it.client);
      if (!store) return [];
      const query: Step = {
        kind: 'query',
        label: it.label,
        target: store.target,
        ...(store.primary !== undefined && { primary: store.primary }),
        ...(store.pool && { pool: store.pool }),
        operation: it.operation,
        usesHeld: heldIn(it.holds),
        // A file is read by the process itself: no network lies between.
        holdMs: store.engine === 'sqlite' ? LOCAL_QUERY_MS[it.operation === 'write' ? 'localWrite' : 'localRead'] : HOLD_MS[it.shape],
        awaited: it.awaited,
        ...(store.opened && { madeAt: it.client.place }),
        ...(it.statement && { statement: it.statement }),
        ...(it.batches && { batches: true }),
        ...(it.caught && { caught: it.caught }),
        ...(it.mayBeUndone && { mayBeUndone: it.mayBeUndone }),
        ...(it.mayShare && { mayShare: it.mayShare }),
        ...(it.forSome && { forSome: it.forSome }),
        ...(it.admits && { admits: it.admits }),
        ...(it.roundsOf && { roundsOf: it.roundsOf }),
        place: it.place,
      };
      return it.orm ? [query, { kind: 'compute', label: `ORM hydration in ${to.component}`, ms: HYDRATION_CPU_MS, where: 'eventLoop', place: it.place }] : [query];
    }
    case 'opens':
      return openingSteps(it, to);
    case 'cache':
      return cacheStep(it, to);
    case 'request':
      return requestStep(it, to);
    case 'mail': {
      const store = to.storeOf(it.client);
      if (!store) return [];
      const timeoutMs = store.timeoutMs ? declared(store.timeoutMs, 'ms') : MAIL_TIMEOUT_MS;
      return [
        {
          kind: 'request',
          label: 'send mail',
          target: store.target,
          serviceMs: MAIL_MS,
          timeoutMs,
          retries: known(0, 'count', 'libraryDefault', { source: 'nodemailer 6 sends once' }),
          errand: errandOf('mail', it.caller),
          awaited: it.awaited,
          place: it.place,
        },
      ];
    }
    case 'publish': {
      const channel = to.channelOf(it.client, it.channel);
      const waitsForJob = it.waitsForJob && {
        place: it.waitsForJob.place,
        timeoutMs: it.waitsForJob.timeoutMs ? told(it.waitsForJob.timeoutMs, 'ms') : none(it.waitsForJob.place),
      };
      const job = it.pushes && to.pushedTo(it.pushes.url, it.pushes.method);
      return channel
        ? [
            {
              kind: 'publish',
              label: `publish to ${it.channel}`,
              channel,
              ...(job !== undefined && { job }),
              serviceMs: PUBLISH_MS[it.pushes ? 'api' : it.channelKind],
              awaited: it.awaited,
              ...(waitsForJob && { waitsForJob }),
              ...(it.hasKey && { hasKey: it.hasKey }),
              ...(it.caller && { calledAt: it.caller.place }),
              ...(it.caught && { caught: it.caught }),
              place: it.place,
            },
          ]
        : [];
    }
    case 'hold': {
      const pool = to.storeOf(it.client)?.pool;
      const steps = stepsOf(it.steps, to);
      if (!pool) return steps;
      const endsAfterMs = it.endsAfterMs === undefined ? undefined : it.endsAfterMs === null ? TRANSACTION_ENDS_MS : told(it.endsAfterMs, 'ms');
      return [{ kind: 'hold', label: it.label, pool, steps, released: it.released, ...(endsAfterMs && { endsAfterMs }), ...(!it.awaited && { awaited: false }), place: it.place }];
    }
    case 'loop': {
      // Chunks are a list in pieces: what goes over one of them is not inside another loop.
      const isInLoop = it.rounds && 'portion' in it.rounds && it.rounds.portion === 'chunks' ? to.isInLoop === true : true;
      const steps = stepsOf(it.steps, { ...to, isInLoop });
      const times = it.rounds ? roundsTold(it.rounds) : to.isInLoop ? INNER_LOOP_ROUNDS : LOOP_ROUNDS;
      return steps.length > 0 ? [{ kind: 'loop', times, concurrent: it.concurrent, steps, ...(it.over && { over: it.over }), place: it.place }] : [];
    }
    case 'parallel': {
      const branches = it.branches.map((branch) => stepsOf(branch, to)).filter((branch) => branch.length > 0);
      return branches.length > 1 ? [{ kind: 'parallel', branches, place: it.place }] : branches.flat();
    }
    case 'branch': {
      const taken = stepsOf(it.taken, to);
      const otherwise = stepsOf(it.otherwise, to);
      return taken.length + otherwise.length > 0
        ? [
            {
              kind: 'branch',
              label: it.isOptional ? whatFirst(it.label, taken) : it.label,
              probability: shareOf(it),
              ...(it.unlessThere && { unlessThere: it.unlessThere }),
              taken,
              otherwise,
              place: it.place,
            },
          ]
        : [];
    }
    case 'compute':
      return [
        {
          kind: 'compute',
          label: it.work === 'render' ? `rendering in ${to.component}` : `${it.label}${it.cost ? ` cost ${it.cost.value}` : ''} in ${to.component}`,
          ms: computedMs(it.work, it.cost?.value ?? (it.work === 'passwordHash' ? to.hashCost : undefined)),
          where: it.where,
          ...(it.call && { call: it.call }),
          place: it.place,
        },
      ];
    case 'wait':
      return it.awaited ? [waitStep(it)] : [];
    case 'thread':
      return threadSteps(it, to);
    case 'batch':
      return stepsOf(it.steps, to);
    case 'unread':
      return [];
    case 'respond':
      return it.failed || next?.kind === 'respond' ? [] : [{ kind: 'respond', place: it.place }];
  }
}

/** The CPU time of what a thread does is taken from its pool; what it asks of others it asks like the rest of the process. */
function threadSteps(it: Extract<DraftStep, { kind: 'thread' }>, to: StepTargets): Step[] {
  const workers = { name: it.pool, threads: it.threads ? told(it.threads, 'count') : threadsDefault(it.library) };
  const beside = it.awaited ? {} : { awaited: false };
  const own = mapSteps(stepsOf(it.steps, to), (step) => {
    if (step.kind === 'compute') return [{ ...step, label: `${step.label}, ${it.pool}`, where: 'threadPool', workers, ...beside }];
    return ['awaited' in step && !it.awaited ? { ...step, awaited: false } : step];
  });
  let computes = false;
  walkSteps(own, (step) => {
    computes ||= step.kind === 'compute' && !step.label.startsWith('ORM hydration');
  });
  // Whoever starts a thread has something to compute, even where no library shows it.
  const task: Step = { kind: 'compute', label: `task of ${it.pool} in ${to.component}`, ms: THREAD_TASK_MS, where: 'threadPool', workers, ...beside, place: it.place };
  return computes ? [...own] : [task, ...own];
}

const shareOf = (it: Extract<DraftStep, { kind: 'branch' }>): Known => (it.isOptional ? OPTIONAL_SHARE : it.share === undefined ? BRANCH_SHARE : alternativeShare(it.share));

/** Names what is done sometimes: `calls with INSERT orders`. */
function whatFirst(label: string, taken: readonly Step[]): string {
  let first: string | undefined;
  walkSteps(taken, (step) => {
    if ('label' in step && step.kind !== 'branch') first ??= step.label;
  });
  const words = first === undefined ? 'calls with more work' : `calls with ${first}`;
  return label === 'sometimes' ? words : `${words}, where ${label}`;
}

const alternativeShare = (share: number): Known => known(share, 'ratio', 'assumed', { range: [0.02, 0.95], source: `${BRANCH_SHARE.source ?? ''}: each of several alternatives` });

function waitStep(it: Extract<DraftStep, { kind: 'wait' }>): Step {
  const ms = it.ms ? told(it.ms, 'ms') : waitDefault(it.library ?? '');
  return {
    kind: 'wait',
    label: ms.state === 'known' ? `wait ${ms.value} ms` : `wait at ${it.place.file}:${it.place.line}`,
    ms,
    ...(it.polls && { polls: it.polls }),
    ...(it.looksAt && it.looksAt.length > 0 && { looksAt: it.looksAt }),
    place: it.place,
  };
}

function cacheStep(it: DraftCache, to: StepTargets): Step[] {
  const store = to.storeOf(it.client);
  if (!store) return [];
  const onMiss = stepsOf(it.onMiss, to);
  const ttl = it.ttlMs ?? (it.operation === 'read' ? to.ttlOf(it.client, it.key) : undefined);
  const reads = it.operation === 'read' && onMiss.length > 0;
  const hitRatio: Known = !reads
    ? unknown('nothing depends on it')
    : it.keyVaries
      ? { ...HIT_RATIO, place: it.place }
      : unknown('a constant key: follows from its reads, writes and time to live');
  return [
    {
      kind: 'cache',
      label: it.label,
      target: store.target,
      operation: it.operation,
      key: it.key,
      keyVaries: it.keyVaries,
      // 0 means for ever to every library that takes it.
      ttlMs: ttl ? ('value' in ttl && ttl.value <= 0 ? none(ttl.place) : told(ttl, 'ms')) : it.operation === 'delete' ? unknown('a delete has no time to live') : none(it.place),
      hitRatio,
      // In the memory of the process nobody is asked.
      serviceMs:
        store.target === to.component ? none(it.place) : it.scans ? KEYSPACE_SCAN_MS : it.client.data.overHttp === true && !it.isBatched ? CACHE_REQUEST_MS : CACHE_COMMAND_MS,
      ...(it.scans && { scans: true }),
      ...(it.keeping &&
        store.target === to.component && { keeping: { ...it.keeping, newShare: it.keeping.keys === 'endless' ? NEW_KEY_SHARE : NO_NEW_KEYS, entrySize: ENTRY_SIZE } }),
      ...(it.ifAbsent && { ifAbsent: it.ifAbsent }),
      ...(it.isExtended && { isExtended: it.isExtended }),
      ...(it.loadsOnce && onMiss.length > 0 && { loadsOnce: it.loadsOnce }),
      onMiss,
      awaited: it.awaited,
      ...(it.roundsOf && { roundsOf: it.roundsOf }),
      place: it.place,
    },
  ];
}

function requestStep(it: Extract<DraftStep, { kind: 'request' }>, to: StepTargets): Step[] {
  const server = to.serverOf(it.url);
  if (!server) return [];
  const repeats = it.retriedBy ?? it.library;
  const purpose = purposeOf(it);
  const pause = it.pause ? { kind: it.pause.kind, delayMs: told(it.pause.delayMs, 'ms') } : pauseDefault(it.pauseBy ?? repeats);
  // 0 and false switch a limit off.
  const isOff = it.timeoutMs && 'value' in it.timeoutMs && it.timeoutMs.value <= 0;
  const timeoutMs = isOff ? none(it.place) : it.timeoutMs ? told(it.timeoutMs, 'ms') : withPlace(timeoutDefault(it.library, to.major(it.library)), it);
  const stepTo = (endpoint: EndpointId | undefined): Step[] => [
    {
      kind: 'request',
      label: it.label,
      target: server.target,
      ...(endpoint && { endpoint }),
      serviceMs: server.isExternal ? EXTERNAL_REQUEST_MS : INTERNAL_REQUEST_MS,
      timeoutMs: it.breaker ? shorter(timeoutMs, breakerTimeout(it.breaker)) : timeoutMs,
      retries: it.retries ? told(it.retries, 'count') : retriesDefault(repeats, it.method, to.major(repeats)),
      ...(pause && { pause }),
      ...(it.breaker && { breaker: breakerOf(it.breaker) }),
      ...(purpose && { errand: errandOf(purpose, it.caller) }),
      ...(it.hasKey && { hasKey: it.hasKey }),
      ...(it.caught && { caught: it.caught }),
      ...(it.mayBeUndone && { mayBeUndone: it.mayBeUndone }),
      ...(it.mayShare && { mayShare: it.mayShare }),
      awaited: it.awaited,
      ...(it.roundsOf && { roundsOf: it.roundsOf }),
      place: it.place,
    },
  ];
  if (server.isExternal) return stepTo(undefined);
  return it.method === 'ALL' ? passedOn(to.endpointsBehind(server.target, it.url, to.mounted ?? ''), it, stepTo) : stepTo(to.endpointOf(server.target, it.method, it.url));
}

const READS = new Set(['GET', 'HEAD', 'ALL']);

/** One of the routes behind a gateway: which, only its clients know; as everywhere, most ask for something. A route's share stands where the route does, so that each is a number of its own. */
function passedOn(all: readonly Signature[], it: DraftStep, stepTo: (endpoint: EndpointId | undefined) => Step[]): Step[] {
  const [reads, writes] = [all.filter((one) => READS.has(one.method)), all.filter((one) => !READS.has(one.method))];
  const oneOf = (some: readonly Signature[]): Step[] => {
    const [first, ...rest] = some;
    if (!first || rest.length === 0) return stepTo(first?.id);
    return [
      {
        kind: 'branch',
        label: `${first.method} ${first.path}`,
        probability: alternativeShare(1 / some.length),
        taken: stepTo(first.id),
        otherwise: oneOf(rest),
        place: first.place,
      },
    ];
  };
  if (reads.length === 0 || writes.length === 0) return oneOf(all);
  return [{ kind: 'branch', label: 'a read', probability: READ_SHARE, taken: oneOf(reads), otherwise: oneOf(writes), place: it.place }];
}

const withPlace = (value: Known, it: DraftStep): Known => (value.state === 'none' ? { ...value, place: it.place } : value);
