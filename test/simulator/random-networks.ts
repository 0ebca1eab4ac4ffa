import type { Closed, ArrivalProcess, Phase } from '../../src/model/network-arrivals.ts';
import type { Autoscaling, Fault } from '../../src/model/network-faults.ts';
import type { Backoff, Breaker, Cache, Limiter, Retry, RetryBudget } from '../../src/model/network-policies.ts';
import type { ReplicatedData } from '../../src/model/network-replicas.ts';
import type { Distribution, Group, Instruction, Network, Program, Source, Station, WaitLimit } from '../../src/model/network.ts';
import { draw } from '../../src/simulator/draw.ts';
import { validateNetwork } from '../../src/simulator/index.ts';

/** Draws of one network. */
export interface Dice {
  whole(low: number, high: number): number;
  between(low: number, high: number): number;
  chance(p: number): boolean;
  of<T>(list: readonly T[]): T;
}

/** The same throws for the same seed. */
export function diceOf(seed: number): Dice {
  let thrown = 0;
  const unit = (): number => draw(seed, 'random network', thrown++);
  const whole = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1));
  return {
    whole,
    between: (low, high) => low + unit() * (high - low),
    chance: (p) => unit() < p,
    of: (list) => list[whole(0, list.length - 1)] as (typeof list)[number],
  };
}

export interface Wishes {
  /** No two things can happen at the same moment: no fixed times, no bursts. */
  continuous?: boolean;
  /** Left out, where a property is about something else. */
  without?: readonly Instruction['op'][];
}

/** A small valid network in which every instruction and every option of the model may occur. Programs call later ones only, so every request comes to an end. */
export function randomNetwork(dice: Dice, wishes: Wishes = {}): Network {
  const shared = list(dice, 0, 2, (n) => group(dice, `group ${n}`, wishes));
  const groupIds = shared.map((it) => it.id);
  const stations = list(dice, 1, 4, (n) => station(dice, `station ${n}`, groupIds));
  const limiters = list(dice, 0, 1, (n) => limiter(dice, `limiter ${n}`, groupIds));
  const breakers = list(dice, 0, 1, (n) => breaker(dice, `breaker ${n}`, groupIds));
  const retryBudgets = list(dice, 0, 1, (n): RetryBudget => ({ id: `budget ${n}`, ratio: dice.between(0, 0.5), burst: dice.whole(0, 5) }));
  const caches = list(dice, 0, 1, (n) => cache(dice, `cache ${n}`, groupIds));
  const replicatedData = list(dice, 0, 1, (n) => replicated(dice, `data ${n}`, groupIds, wishes));
  const names = list(dice, 1, 4, (n) => `program ${n}`);
  const writer = new Writer(dice, wishes, { stations, limiters, breakers, retryBudgets, caches, replicatedData });
  // A service whose stations nobody else asks for: its instances may come and go. Called by the first program, so that it has work.
  const changing = dice.chance(0.5) ? changingService(dice, wishes, writer) : null;
  const groups = [...shared, ...(changing ? [changing.group] : [])];
  const programs = names.map((id, index): Program => {
    const place = maybe(dice, groupIds);
    return {
      id,
      body: [...(changing && (index === 0 || dice.chance(0.5)) ? [changing.call] : []), ...writer.body(2, names.slice(index + 1))],
      ...(place !== undefined && { group: place }),
      ...(dice.chance(0.2) && { channel: `channel of ${id}` }),
      ...(dice.chance(0.2) && {
        job: { attempts: dice.whole(1, 3), ...(dice.chance(0.5) && { backoff: backoff(dice) }), ...(dice.chance(0.3) && { retentionMs: dice.between(1, 100) }) },
      }),
      ...(shared.some((it) => it.id === place && it.memory) && { memoryMb: dice.between(0, 30) }),
    };
  });
  const sources = list(dice, 1, 2, (n) => source(dice, `source ${n}`, dice.of(names), wishes));
  if (changing) {
    stations.push(changing.station);
    programs.push(changing.program);
  }
  const faults = list(dice, 0, 1, () =>
    fault(dice, { groups: groupIds, stations: stations.map((it) => it.id), programs: names, deployed: shared.filter((it) => isApart(it, stations, programs)).map((it) => it.id) }),
  );
  for (let more = changing && !changing.group.autoscaling ? dice.whole(0, 2) : 0; more > 0; more--) faults.push(deploy(dice, changing?.group.id ?? ''));
  return playable({
    version: 1,
    groups,
    stations,
    programs,
    sources,
    ...(limiters.length > 0 && { limiters }),
    ...(breakers.length > 0 && { breakers }),
    ...(retryBudgets.length > 0 && { retryBudgets }),
    ...(caches.length > 0 && { caches }),
    ...(replicatedData.length > 0 && { replicatedData }),
    ...(faults.length > 0 && { faults }),
  });
}

/** The network, which must be valid. */
function playable(network: Network): Network {
  const valid = validateNetwork(JSON.parse(JSON.stringify(network)));
  if ('error' in valid) throw new Error(`${valid.error} in ${JSON.stringify(network)}`);
  return network;
}

const list = <T>(dice: Dice, least: number, most: number, make: (n: number) => T): T[] => Array.from({ length: dice.whole(least, most) }, (_, n) => make(n));
const maybe = <T>(dice: Dice, of: readonly T[], p = 0.5): T | undefined => (of.length > 0 && dice.chance(p) ? dice.of(of) : undefined);
const orNone = <T>(key: string, value: T | undefined): Record<string, T> => (value === undefined ? {} : { [key]: value });

/** A time with a law; mean between a twentieth of a millisecond and ten. */
export function time(dice: Dice, continuous = false): Distribution {
  const meanMs = dice.between(0.05, 10);
  switch (dice.whole(continuous ? 2 : 0, 6)) {
    case 0:
      return { kind: 'deterministic', meanMs };
    case 1:
      return { kind: 'empirical', timesMs: [meanMs, meanMs / 2, 0], ...(dice.chance(0.5) && { weights: [1, 2, 0.5] }) };
    case 2:
      return { kind: 'lognormal', meanMs, cv2: dice.between(0.1, 4) };
    case 3:
      return { kind: 'gamma', meanMs, cv2: dice.between(0.1, 4) };
    case 4:
      return { kind: 'hyperexponential', meanMs, cv2: dice.between(1, 6) };
    case 5:
      return { kind: 'uniform', lowMs: meanMs / 2, highMs: meanMs * 2 };
    default:
      return { kind: 'exponential', meanMs };
  }
}

function group(dice: Dice, id: string, wishes: Wishes): Group {
  const balancer = dice.of(['random', 'roundRobin', 'leastConnections', 'powerOfTwo', 'connection'] as const);
  const special = dice.whole(0, 5);
  return {
    id,
    instances: dice.whole(1, 3),
    balancer: special === 0 ? 'random' : balancer,
    ...(special === 0 && { onDemand: { coldStart: time(dice, wishes.continuous), idleMs: dice.between(1, 200), cause: 'no instance is free' } }),
    ...(special === 1 && { memory: { baseMb: dice.between(1, 50), limitMb: dice.between(60, 200), restartMs: dice.between(1, 50), cause: 'out of memory' } }),
  };
}

function station(dice: Dice, id: string, groups: readonly string[]): Station {
  const discipline = dice.of(['fifo', 'fifo', 'processorSharing', 'priority', 'eventLoop'] as const);
  const shares = discipline === 'processorSharing';
  return {
    id,
    component: dice.of(['one', 'other']),
    label: id,
    servers: discipline === 'eventLoop' ? 1 : shares || dice.chance(0.8) ? dice.whole(1, 4) : null,
    room: shares || dice.chance(0.6) ? null : dice.whole(0, 4),
    discipline,
    ...(shares && dice.chance(0.3) && { scalability: { contention: dice.between(0, 0.2), coherency: dice.between(0, 0.01) } }),
    ...orNone('group', maybe(dice, groups)),
    ...(dice.chance(0.3) && { refusal: 'sorry, too many clients already', timeout: 'took too long' }),
  };
}

function backoff(dice: Dice): Backoff {
  if (dice.chance(0.5)) return { kind: 'exponential', meanMs: dice.between(1, 20) };
  return {
    kind: 'growing',
    initialMs: dice.between(1, 10),
    factor: dice.between(1, 3),
    ...(dice.chance(0.5) && { maxMs: 50 }),
    jitter: dice.of(['none', 'full', 'equal'] as const),
  };
}

function limiter(dice: Dice, id: string, groups: readonly string[]): Limiter {
  const base = { id, keys: dice.whole(1, 3), cause: 'Too many requests', ...orNone('group', maybe(dice, groups, 0.3)) };
  switch (dice.whole(0, 3)) {
    case 0:
      return { ...base, kind: 'fixedWindow', limit: dice.whole(0, 20), windowMs: dice.between(10, 200), ...(dice.chance(0.5) && { aligned: true }) };
    case 1:
      return { ...base, kind: 'slidingWindow', limit: dice.whole(0, 20), windowMs: dice.between(10, 200) };
    case 2:
      return { ...base, kind: 'tokenBucket', perSecond: dice.between(10, 200), burst: dice.whole(1, 20) };
    default:
      return { ...base, kind: 'leakyBucket', perSecond: dice.between(10, 200), burst: dice.whole(0, 20), ...(dice.chance(0.5) && { noDelay: true }) };
  }
}

const breaker = (dice: Dice, id: string, groups: readonly string[]): Breaker => ({
  id,
  errorThresholdPercentage: dice.whole(0, 100),
  volumeThreshold: dice.whole(0, 5),
  rollingWindowMs: dice.between(50, 500),
  buckets: dice.whole(1, 10),
  resetTimeoutMs: dice.between(5, 100),
  ...(dice.chance(0.3) && { inside: 'retry' as const }),
  ...(dice.chance(0.3) && { capacity: dice.whole(0, 5) }),
  ...orNone('group', maybe(dice, groups, 0.3)),
});

const cache = (dice: Dice, id: string, groups: readonly string[]): Cache => ({
  id,
  keys: dice.whole(1, 50),
  zipf: dice.between(0, 1.5),
  capacity: dice.chance(0.6) ? dice.whole(1, 20) : null,
  ttlMs: dice.chance(0.5) ? dice.between(1, 200) : null,
  ...(dice.chance(0.4) && { singleFlight: true }),
  ...(dice.chance(0.3) && { warm: dice.between(0, 1) }),
  ...orNone('group', maybe(dice, groups, 0.3)),
});

const replicated = (dice: Dice, id: string, groups: readonly string[], wishes: Wishes): ReplicatedData => ({
  id,
  keys: dice.whole(1, 50),
  zipf: dice.between(0, 1.5),
  lag: time(dice, wishes.continuous),
  ...orNone('group', maybe(dice, groups, 0.5)),
});

/** A group that a deploy may replace: nobody else is at its stations. */
const isApart = (group: Group, stations: readonly Station[], programs: readonly Program[]): boolean =>
  !group.onDemand &&
  stations.every((it) => it.group !== group.id || programs.every((program) => program.group === group.id || !JSON.stringify(program.body).includes(`"station":"${it.id}"`)));

/** A group with a station and a program of its own, which does other things besides, and how it is called. It scales itself, or waits for deploys. */
function changingService(dice: Dice, wishes: Wishes, writer: Writer): { group: Group; station: Station; program: Program; call: Instruction } {
  const id = 'changing';
  const own: Station = { ...station(dice, 'changing station', []), servers: dice.whole(1, 3), group: id };
  const used: Station = own.discipline === 'eventLoop' ? { ...own, servers: 1 } : own;
  const instances = dice.whole(1, 3);
  const autoscaling: Autoscaling = {
    station: used.id,
    targetUtilisation: dice.between(0.02, 0.6),
    least: dice.whole(1, instances),
    most: instances + dice.whole(1, 3),
    everyMs: dice.between(5, 50),
    startMs: dice.chance(0.3) ? 0 : dice.between(1, 50),
    stabilisationMs: dice.chance(0.3) ? 0 : dice.between(1, 200),
  };
  const { onDemand: _, ...group_ } = group(dice, id, wishes);
  return {
    group: { ...group_, instances, ...(dice.chance(0.6) && { autoscaling }) },
    station: used,
    program: { id: 'changing program', group: id, body: [{ op: 'serve', station: used.id, service: time(dice, wishes.continuous) }, ...writer.body(1, [])] },
    call: { op: 'call', program: 'changing program', ...(dice.chance(0.3) && { timeoutMs: dice.between(0.5, 50), cancels: dice.chance(0.5) }) },
  };
}

function deploy(dice: Dice, group: string): Fault {
  const [unavailable, surge] = dice.of([
    [1, 0],
    [0, 1],
    [1, 2],
  ] as const);
  return {
    kind: 'deploy',
    group,
    fromMs: dice.between(0, 300),
    unavailable,
    surge,
    coldStart: time(dice),
    graceMs: dice.between(0, 30),
    cause: 'connection refused',
    ...(dice.chance(0.5) && { warmUp: { factor: dice.between(0.5, 5), forMs: dice.between(0, 50) } }),
  };
}

function fault(dice: Dice, ids: Readonly<Record<'groups' | 'stations' | 'programs' | 'deployed', readonly string[]>>): Fault {
  const replaced = maybe(dice, ids.deployed, 0.3);
  if (replaced !== undefined) return deploy(dice, replaced);
  const fromMs = dice.between(0, 300);
  const when = dice.chance(0.5)
    ? { fromMs, untilMs: fromMs + dice.between(1, 300) }
    : { up: { kind: 'exponential' as const, meanMs: dice.between(50, 500) }, down: { kind: 'exponential' as const, meanMs: dice.between(5, 100) } };
  const of = dice.of(ids.stations);
  switch (dice.whole(0, ids.groups.length > 0 ? 5 : 4)) {
    case 4:
      return { ...when, kind: 'partition', programs: [dice.of(ids.programs)], cause: 'unreachable', ...(dice.chance(0.3) && { hangs: true }) };
    case 0:
      return { ...when, kind: 'slow', station: of, factor: dice.between(0.5, 5) };
    case 1:
      return { ...when, kind: 'freeze', station: of };
    case 2:
      return { ...when, kind: 'refuse', station: of };
    case 3:
      return { ...when, kind: 'lose', program: dice.of(ids.programs), share: dice.between(0, 1), cause: 'lost' };
    default:
      return { ...when, kind: 'down', group: dice.of(ids.groups), instances: dice.chance(0.5) ? 'all' : 1, cause: 'connection refused' };
  }
}

function source(dice: Dice, id: string, program: string, wishes: Wishes): Source {
  const arrivals: readonly ArrivalProcess[] = [
    'poisson',
    { kind: 'renewal', cv2: dice.between(0.1, 4) },
    ...(wishes.continuous
      ? []
      : [
          'deterministic' as const,
          { kind: 'batch' as const, meanSize: dice.between(1, 4) },
          {
            kind: 'mmpp' as const,
            states: [
              { factor: 0.5, meanMs: 50 },
              { factor: 2, meanMs: 25 },
            ],
          },
        ]),
  ];
  const closed: Closed = { users: dice.whole(1, 20), think: time(dice, true) };
  const phases: Phase[] = [{ fromMs: 0, perSecond: dice.between(5, 200) }];
  if (dice.chance(0.4)) {
    phases.push({ fromMs: dice.between(100, 400), perSecond: dice.between(0, 300) });
    if (dice.chance(0.3)) (phases[0] as Phase).toPerSecond = dice.between(5, 200);
  }
  return {
    id,
    program,
    arrivals: dice.of(arrivals),
    share: 1,
    ...(dice.chance(0.2) ? { closed } : { phases }),
    ...(!wishes.continuous && dice.chance(0.2) && { burst: dice.whole(0, 10) }),
    patienceMs: dice.chance(0.4) ? dice.between(1, 100) : null,
    ...(dice.chance(0.3) && { clients: dice.whole(1, 5) }),
    ...(dice.chance(0.3) && { connections: dice.whole(1, 5) }),
  };
}

type Things = Required<Pick<Network, 'stations' | 'limiters' | 'breakers' | 'retryBudgets' | 'caches' | 'replicatedData'>>;

/** Writes the bodies of one network's programs. */
class Writer {
  private readonly dice: Dice;
  private readonly wishes: Wishes;
  private readonly things: Things;

  constructor(dice: Dice, wishes: Wishes, things: Things) {
    this.dice = dice;
    this.wishes = wishes;
    this.things = things;
  }

  body(depth: number, callable: readonly string[]): Instruction[] {
    return list(this.dice, 0, 3, () => this.step(depth, callable)).filter((it) => !this.wishes.without?.includes(it.op));
  }

  private time(): Distribution {
    return time(this.dice, this.wishes.continuous);
  }

  private waits(at: Station): { waitLimitMs?: WaitLimit; priority?: number; newConnection?: boolean } {
    const { dice } = this;
    return {
      ...(dice.chance(0.3) && { waitLimitMs: dice.of([null, dice.between(0.1, 50), this.time()]) }),
      ...(at.discipline === 'priority' && dice.chance(0.6) && { priority: dice.whole(0, 2) }),
      ...(at.discipline === 'eventLoop' && dice.chance(0.5) && { newConnection: dice.chance(0.7) }),
    };
  }

  private serve(at: Station): Instruction {
    return { op: 'serve', station: at.id, service: this.time(), ...this.waits(at) };
  }

  private hold(at: Station, body: readonly Instruction[]): Instruction {
    return { op: 'hold', station: at.id, ...this.waits(at), body };
  }

  private step(depth: number, callable: readonly string[]): Instruction {
    const { dice, things } = this;
    const inner = (): Instruction[] => (depth > 0 ? this.body(depth - 1, callable) : []);
    const holdable = things.stations.filter((it) => it.discipline !== 'processorSharing');
    const kinds: (() => Instruction)[] = [
      () => this.serve(dice.of(things.stations)),
      () => ({ op: 'serve', station: dice.of(things.stations).id, service: this.time() }),
      () => ({ op: 'delay', duration: this.time() }),
      () => ({ op: 'branch', probability: dice.between(0, 1), taken: inner(), otherwise: inner() }),
      () => ({ op: 'loop', times: dice.between(0, 3), body: inner() }),
      () => ({ op: 'parallel', branches: list(dice, 0, 3, inner) }),
      () => ({ op: 'respond' }),
      () => ({ op: 'branch', probability: 0.2, taken: [{ op: 'fail', cause: 'failed' }], otherwise: [] }),
    ];
    if (holdable.length > 0) kinds.push(() => this.hold(dice.of(holdable), inner()));
    if (callable.length > 0)
      kinds.push(
        () => this.call(dice.of(callable), inner),
        () => ({ op: 'spawn', program: dice.of(callable) }),
      );
    const [first] = [things.limiters[0], things.caches[0]];
    if (first) kinds.push(() => ({ op: 'limit', limiter: first.id }));
    const store = things.caches[0];
    if (store)
      kinds.push(
        () => ({ op: 'lookup', cache: store.id, hit: inner(), miss: inner() }),
        () => ({ op: 'invalidate', cache: store.id, ...(dice.chance(0.3) && { all: true }) }),
      );
    const data = things.replicatedData[0];
    if (data)
      kinds.push(
        () => ({ op: 'write', data: data.id }),
        () => ({ op: 'readReplica', data: data.id, ...(dice.chance(0.5) && { stale: inner() }) }),
      );
    return dice.of(kinds)();
  }

  private call(program: string, inner: () => Instruction[]): Instruction {
    const { dice, things } = this;
    const budget = maybe(
      dice,
      things.retryBudgets.map((it) => it.id),
    );
    const retry: Retry = {
      times: dice.chance(0.2) ? null : dice.whole(0, 2),
      backoff: backoff(dice),
      ...(dice.chance(0.4) && { probability: dice.between(0, 0.9) }),
      ...orNone('budget', budget),
    };
    return {
      op: 'call',
      program,
      ...(dice.chance(0.4) && { timeoutMs: dice.between(0.5, 50) }),
      ...(dice.chance(0.3) && { cancels: true }),
      ...(dice.chance(0.4) && { retry }),
      ...(dice.chance(0.2) && { hedge: { afterMs: dice.between(1, 20), ...(dice.chance(0.5) && { most: dice.whole(1, 2) }) } }),
      ...orNone(
        'breaker',
        maybe(
          dice,
          things.breakers.map((it) => it.id),
          0.4,
        ),
      ),
      ...(dice.chance(0.2) && { fallback: inner() }),
    };
  }
}
