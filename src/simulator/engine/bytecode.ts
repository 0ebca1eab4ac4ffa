import type { Distribution, Instruction, Network, WaitLimit } from '../../model/network.ts';
import type { Backoff } from '../../model/network-policies.ts';
import { BREAKER_FULL, BREAKER_OPEN, CALL_TIMEOUT, PATIENCE } from '../compile/cause-words.ts';
import { type CallPolicy, hasPolicy, type JobPolicy, type Pause, policyOf } from './call-policies.ts';
import { stepsOf } from '../steps.ts';
import {
  ACQUIRE,
  AGAIN,
  BRANCH,
  CALL,
  CALL_WITH,
  CAUSE_CALL_TIMEOUT,
  CROSS,
  DELAY,
  END,
  ENTER,
  FAIL,
  FORK,
  HANG,
  INVALIDATE,
  JUMP,
  LIMIT,
  LOOKUP,
  LOOP,
  READ_REPLICA,
  RELEASE,
  RESPOND,
  SERVE,
  SPAWN,
  STORE,
  WRITE,
} from './opcodes.ts';
import { type Law, lawOf } from './times.ts';

/** Programs as instructions of a small machine: five columns of numbers, read by `pc`. */
export interface Bytecode {
  op: Uint8Array;
  /** Station, program, jump target or branch table. */
  a: Int32Array;
  /** Law of a time; rounds left in a loop's register; policy of a call. */
  b: Int32Array;
  /** Mean of a time, probability, rounds, timeout. */
  x: Float64Array;
  /** Second parameter of a law. */
  y: Float64Array;
  /** Wait limit; below 0 where it is drawn: by the law `limits[-1 - z]`. */
  z: Float64Array;
  limits: Law[];
  /** What empirical laws list. */
  lists: Float64Array;
  /** Program counter of the innermost hold around an instruction within its task; -1 for none. */
  hold: Int32Array;
  /** By fault: where a task stands that it makes fail or lets hang; -1 for faults of stations. */
  faultRow: Int32Array;
  /** Where tasks begin while some programs are cut off from others; -1 where that cannot be. */
  crossRow: number;
  /** By group: where a task stands that finds all instances busy, that starts one, or whose instance is out of memory; -1 where that cannot be. */
  fullRow: Int32Array;
  coldRow: Int32Array;
  memoryRow: Int32Array;
  /** Rank of a serve or hold among all priorities of the network: 0 is served first. */
  rank: Int32Array;
  ranks: number;
  /** Branch entries of all forks: count first, then starts. */
  forks: Int32Array;
  start: Int32Array;
  /** Rows of programs; those behind them belong to none. */
  programRows: number;
  programGroup: Int32Array;
  programIds: string[];
  isChannel: Uint8Array;
  loopDepth: number;
  policies: CallPolicy[];
  /** By program; null where no message is tried again or dropped. */
  jobs: (JobPolicy | undefined)[] | null;
  hasRetention: boolean;
  /** Some limiter tells clients apart. */
  knowsClients: boolean;
  limiterCause: Int32Array;
  causes: string[];
  breakerOpen: Int32Array;
  breakerFull: Int32Array;
  stationRefusal: Int32Array;
  stationTimeout: Int32Array;
}

/** Translates the programs of a network that `validateNetwork` would accept. */
export function assemble(network: Network): Bytecode {
  const stations = new Map(network.stations.map((it, index) => [it.id, index]));
  const programs = new Map(network.programs.map((it, index) => [it.id, index]));
  const groups = new Map(network.groups.map((it, index) => [it.id, index]));
  const rows: number[][] = [];
  const forks: number[] = [];
  const causes = [PATIENCE, CALL_TIMEOUT];
  const budgets = new Map((network.retryBudgets ?? []).map((it, index) => [it.id, index]));
  const breakers = new Map((network.breakers ?? []).map((it, index) => [it.id, index]));
  const limiters = new Map((network.limiters ?? []).map((it, index) => [it.id, index]));
  const caches = new Map((network.caches ?? []).map((it, index) => [it.id, index]));
  const replicatedData = new Map((network.replicatedData ?? []).map((it, index) => [it.id, index]));
  const policies: CallPolicy[] = [];
  /** Laws that no instruction holds: rows after all programs, never stepped on. */
  const laws: [Extract<Pause, { kind: 'law' }>, Distribution][] = [];
  const limits: Law[] = [];
  const lists: number[] = [];
  const priorities = [...new Set([0, ...stepsOf(network).map((it) => ('priority' in it ? (it.priority ?? 0) : 0))])].sort((a, b) => a - b);
  /** Of rows whose rank is not the first. */
  const rankOf = new Map<number, number>();
  /** At an event loop: 1 waits to be let in. */
  const rankIn = (step: Extract<Instruction, { op: 'serve' | 'hold' }>): number =>
    network.stations[stations.get(step.station) ?? -1]?.discipline === 'eventLoop' ? Number(step.newConnection ?? false) : priorities.indexOf(step.priority ?? 0);
  const noteRank = (row: number, step: Parameters<typeof rankIn>[0]): void => {
    const rank = rankIn(step);
    if (rank !== 0) rankOf.set(row, rank);
  };
  let loopDepth = 0;
  const find = (map: ReadonlyMap<string, number>, id: string, what: string): number => {
    const index = map.get(id);
    if (index === undefined) throw new Error(`unknown ${what} "${id}"`);
    return index;
  };
  const emit = (op: number, hold: number, a = 0, b = 0, x = 0, y = 0, z = 0): number => rows.push([op, a, b, x, y, z, hold]) - 1;
  const patch = (row: number, column: number, value: number): void => {
    (rows[row] as number[])[column] = value;
  };
  const causeOf = (words: string | undefined): number => {
    if (words === undefined) return CAUSE_CALL_TIMEOUT;
    const known = causes.indexOf(words);
    return known >= 0 ? known : causes.push(words) - 1;
  };
  const pauseOf = (backoff: Backoff): Pause => {
    if (backoff.kind === 'growing')
      return { kind: 'growing', initialMs: backoff.initialMs, factor: backoff.factor, maxMs: backoff.maxMs ?? Number.POSITIVE_INFINITY, jitter: backoff.jitter ?? 'none' };
    const pause: Pause = { kind: 'law', row: -1 };
    laws.push([pause, backoff]);
    return pause;
  };
  const limitOf = (limit: WaitLimit | undefined): number => {
    if (typeof limit !== 'object' || limit === null) return limit ?? Number.POSITIVE_INFINITY;
    return limit.kind === 'deterministic' ? limit.meanMs : -limits.push(lawOf(limit, lists));
  };
  const write = (body: readonly Instruction[], hold: number, loops: number): void => {
    for (const step of body) {
      switch (step.op) {
        case 'serve': {
          const [kind, mean, second] = lawOf(step.service, lists);
          const at = emit(SERVE, hold, find(stations, step.station, 'station'), kind, mean, second, limitOf(step.waitLimitMs));
          noteRank(at, step);
          break;
        }
        case 'hold': {
          const station = find(stations, step.station, 'station');
          const at = emit(ACQUIRE, hold, station, 0, 0, 0, limitOf(step.waitLimitMs));
          noteRank(at, step);
          write(step.body, at, loops);
          emit(RELEASE, hold, station, at);
          break;
        }
        case 'delay': {
          const [kind, mean, second] = lawOf(step.duration, lists);
          emit(DELAY, hold, 0, kind, mean, second);
          break;
        }
        case 'call': {
          const program = find(programs, step.program, 'program');
          if (!hasPolicy(step)) {
            emit(CALL, hold, program, 0, step.timeoutMs ?? Number.POSITIVE_INFINITY);
            break;
          }
          emit(CALL_WITH, hold, program, policies.length);
          const breaker = step.breaker === undefined ? -1 : find(breakers, step.breaker, 'breaker');
          const policy = policyOf(
            step,
            pauseOf,
            breaker,
            network.breakers?.[breaker]?.inside === 'retry',
            step.retry?.budget === undefined ? -1 : find(budgets, step.retry.budget, 'retry budget'),
          );
          policies.push(policy);
          if (step.fallback) {
            const jump = emit(JUMP, hold);
            policy.fallback = rows.length;
            write(step.fallback, hold, loops);
            patch(jump, 1, rows.length);
          }
          break;
        }
        case 'limit':
          emit(LIMIT, hold, find(limiters, step.limiter, 'limiter'));
          break;
        case 'fail':
          emit(FAIL, hold, causeOf(step.cause));
          break;
        case 'spawn':
          emit(SPAWN, hold, find(programs, step.program, 'program'));
          break;
        case 'parallel': {
          if (step.branches.length === 0) break;
          const at = emit(FORK, hold);
          const table = forks.length;
          patch(at, 1, table);
          forks.push(step.branches.length, ...step.branches.map(() => 0));
          step.branches.forEach((branch, index) => {
            forks[table + 1 + index] = rows.length;
            write(branch, -1, loops);
            emit(END, -1);
          });
          patch(at, 2, rows.length);
          break;
        }
        case 'loop': {
          loopDepth = Math.max(loopDepth, loops + 1);
          const at = emit(LOOP, hold, 0, loops, step.times);
          write(step.body, hold, loops + 1);
          emit(AGAIN, hold, at + 1, loops);
          patch(at, 1, rows.length);
          break;
        }
        case 'branch': {
          const at = emit(BRANCH, hold, 0, 0, step.probability);
          write(step.taken, hold, loops);
          const jump = emit(JUMP, hold);
          patch(at, 1, rows.length);
          write(step.otherwise, hold, loops);
          patch(jump, 1, rows.length);
          break;
        }
        case 'lookup': {
          loopDepth = Math.max(loopDepth, loops + 1);
          const at = emit(LOOKUP, hold, find(caches, step.cache, 'cache'), loops);
          write(step.hit, hold, loops + 1);
          const jump = emit(JUMP, hold);
          // Whoever waits for another's miss that fails is sent to the row before it.
          emit(FAIL, hold, causeOf(`the lookup in ${step.cache} that was waited for failed`));
          patch(at, 3, rows.length);
          // A miss that others wait for must not end without telling them, as a hold must not end without giving back.
          write(step.miss, network.caches?.[caches.get(step.cache) ?? -1]?.singleFlight ? at : hold, loops + 1);
          emit(STORE, hold, at);
          patch(jump, 1, rows.length);
          break;
        }
        case 'invalidate':
          emit(INVALIDATE, hold, find(caches, step.cache, 'cache'), step.all ? 1 : 0);
          break;
        case 'write':
          emit(WRITE, hold, find(replicatedData, step.data, 'replicated data'));
          break;
        case 'readReplica': {
          const at = emit(READ_REPLICA, hold, find(replicatedData, step.data, 'replicated data'));
          write(step.stale ?? [], hold, loops);
          patch(at, 2, rows.length);
          break;
        }
        case 'respond':
          emit(RESPOND, hold);
          break;
      }
    }
  };
  const start = network.programs.map((program) => {
    const at = rows.length;
    write(program.body, -1, 0);
    emit(END, -1);
    return at;
  });
  const programRows = rows.length;
  const jobs = network.programs.map(
    ({ job }): JobPolicy | undefined =>
      job && { attempts: job.attempts, pause: job.backoff ? pauseOf(job.backoff) : { kind: 'none' }, retentionMs: job.retentionMs ?? Number.POSITIVE_INFINITY },
  );
  for (const [pause, law] of laws) {
    const [kind, mean, second] = lawOf(law, lists);
    pause.row = emit(DELAY, -1, 0, kind, mean, second);
  }
  const faultRow = Int32Array.from(network.faults ?? [], (it) => ('hangs' in it && it.hangs ? emit(HANG, -1) : 'cause' in it ? emit(FAIL, -1, causeOf(it.cause)) : -1));
  const crossRow = (network.faults ?? []).some((it) => it.kind === 'partition') ? emit(CROSS, -1) : -1;
  const failRow = (cause: string | undefined): number => (cause === undefined ? -1 : emit(FAIL, -1, causeOf(cause)));
  const fullRow = Int32Array.from(network.groups, (it) => failRow(it.onDemand?.cause));
  const memoryRow = Int32Array.from(network.groups, (it) => failRow(it.memory?.cause));
  const coldRow = Int32Array.from(network.groups, (it) => {
    if (!it.onDemand) return -1;
    const [kind, mean, second] = lawOf(it.onDemand.coldStart, lists);
    const row = emit(DELAY, -1, 0, kind, mean, second);
    emit(ENTER, -1);
    return row;
  });
  const column = <Numbers extends { [row: number]: number }>(into: Numbers, index: number): Numbers => {
    for (let row = 0; row < rows.length; row++) into[row] = (rows[row] as number[])[index] as number;
    return into;
  };
  const rank = new Int32Array(rows.length);
  for (const [row, it] of rankOf) rank[row] = it;
  return {
    op: column(new Uint8Array(rows.length), 0),
    a: column(new Int32Array(rows.length), 1),
    b: column(new Int32Array(rows.length), 2),
    x: column(new Float64Array(rows.length), 3),
    y: column(new Float64Array(rows.length), 4),
    z: column(new Float64Array(rows.length), 5),
    limits,
    lists: Float64Array.from(lists),
    hold: column(new Int32Array(rows.length), 6),
    faultRow,
    crossRow,
    fullRow,
    coldRow,
    memoryRow,
    rank,
    ranks: priorities.length,
    forks: Int32Array.from(forks),
    start: Int32Array.from(start),
    programRows,
    programGroup: Int32Array.from(network.programs, (it) => (it.group === undefined ? -1 : find(groups, it.group, 'group'))),
    programIds: network.programs.map((it) => it.id),
    isChannel: Uint8Array.from(network.programs, (it) => (it.channel === undefined ? 0 : 1)),
    loopDepth: Math.max(1, loopDepth),
    policies,
    jobs: jobs.some((it) => it) ? jobs : null,
    hasRetention: jobs.some((it) => it && it.retentionMs < Number.POSITIVE_INFINITY),
    knowsClients: (network.limiters ?? []).some((it) => it.keys > 1),
    limiterCause: Int32Array.from(network.limiters ?? [], (it) => causeOf(it.cause)),
    causes,
    breakerOpen: Int32Array.from(network.breakers ?? [], (it) => causeOf(it.cause ?? BREAKER_OPEN)),
    breakerFull: Int32Array.from(network.breakers ?? [], (it) => causeOf(it.cause ?? BREAKER_FULL)),
    stationRefusal: Int32Array.from(network.stations, (it) => causeOf(it.refusal ?? `${it.label || it.id} refused`)),
    stationTimeout: Int32Array.from(network.stations, (it) => causeOf(it.timeout ?? `waited too long for ${it.label || it.id}`)),
  };
}
