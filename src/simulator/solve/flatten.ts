import type { Distribution, Instruction, Network } from '../../model/network.ts';
import type { Limiter } from '../../model/network-policies.ts';
import { answersOf } from './answers.ts';
import { type Balance, findBalance } from './balance.ts';
import { type CacheUse, isAskedAgain, popularityOf } from './cache-hits.ts';
import { boundPopulations } from './bounds.ts';
import { type CopiedParallel, folded, type SpreadLoop } from './folded.ts';
import { BRANCH, CALL, DELAY, FAIL, HOLD, LOOP, PARALLEL, RESPOND, SEQUENCE, SERVE, SPAWN } from './node-kinds.ts';
import { findRegulars, type Regulars } from './regulars.ts';
import { findReturns, type Returns } from './returns.ts';
import { findSiblings, type Siblings } from './siblings.ts';
import { whatSolveCannot } from './unsolved.ts';
import { meanLimitMs, meanMsOf, pausesMs, thirdMomentOf, variationOf } from '../laws.ts';

export { BRANCH, CALL, DELAY, HOLD, LOOP, PARALLEL, RESPOND, SEQUENCE, SERVE, SPAWN };

/**
 * A network as trees of numbers: one tree per source and per spawned program, with called programs written out in place.
 * Nodes stand in pre-order: a parent before its children, siblings in program order; so one backward pass adds up times
 * and one forward pass hands out rates.
 */
export interface Flat {
  nodes: number;
  kind: Uint8Array;
  parent: Int32Array;
  /** Station of a serve or hold, root of a spawn; else -1. */
  target: Int32Array;
  mean: Float64Array;
  /** Second moment of the node's own service or delay. */
  square: Float64Array;
  /** Third moment of the same. */
  cube: Float64Array;
  /** Wait limit or call timeout in ms; Infinity for none. */
  limit: Float64Array;
  /** Rounds of a loop, probability of a branch's arm, 1 otherwise. */
  factor: Float64Array;
  retries: Float64Array;
  /** Mean pauses before the retries of calls that make some; the last one stands for all further. */
  pauses: ReadonlyMap<number, readonly number[]>;
  /** 1 where the caller has its answer already. */
  after: Uint8Array;
  /** The innermost hold around a serve or hold: its node, or -1. */
  holder: Int32Array;
  /** The innermost loop around a node, or -1. */
  loop: Int32Array;
  rootNode: Int32Array;
  /** Per root: arrivals a second at load 0 and per unit of load. Spawned programs have none of their own. */
  rootBase: Float64Array;
  rootShare: Float64Array;
  rootSource: Int32Array;
  rootProgram: string[];
  sources: number;
  servers: Float64Array;
  instances: Float64Array;
  /** Group of each station, -1 for none. */
  group: Int32Array;
  room: Float64Array;
  sharing: Uint8Array;
  /** Places among which every visitor of the station is found (pool sizes around it); Infinity where some visitor holds none. */
  population: Float64Array;
  /** Stations whose places bound the population of this one. */
  bounders: readonly (readonly number[])[];
  /** Per station: index of its first pair with a bounder; pairs of a station stand in the order of its bounders. */
  pairStart: Int32Array;
  /** Per node: its pair of station and bounder, or -1. */
  pair: Int32Array;
  pairs: number;
  /** Nodes that ask for each station. */
  nodesOf: readonly (readonly number[])[];
  /** Shortest wait limit at the station. */
  stationLimit: Float64Array;
  stationIds: string[];
  /** They stand behind the stations: each is asked like one, takes no server and refuses. */
  limiters: readonly Limiter[];
  /** Index of the first limiter; what is below is a station. */
  firstLimiter: number;
  /** True where a station is held while it is asked for again. */
  nested: Uint8Array;
  /** Per node: 1 where it asks for a station that is already held around it. */
  inner: Uint8Array;
  /** Variance of the node's own service or delay. */
  ownVariance: Float64Array;
  /** Groups whose instances are picked with care; null where all are picked at random. */
  balance: Balance | null;
  /** Visits of one station by branches that run side by side; null where there are none. */
  siblings: Siblings | null;
  /** Visits that follow another of the same request at the same station; null where there are none. */
  returns: Returns | null;
  /** Requests that come back many times, where visits are only counted; null where there are none. */
  regulars: Regulars | null;
  /** Where replicated data is written and read. */
  marks: readonly Mark[];
  /** Caches that are looked up; null where there are none. Their hit ratios are written into `factor` at every round. */
  caches: CacheUse | null;
  /** Per root: how often its program is tried in all (messages). */
  attempts: Float64Array;
  /** Why response times can't be given; null where they can. */
  cannot: string | null;
  /** Some source is no Poisson stream: a timer. */
  paced: boolean;
  /** Some program answers before its end. */
  splits: boolean;
  /** Per node: share of its runs by whose end the caller has been answered; empty where no program answers before its end. */
  answers: Float64Array;
  /** Something may be refused or give up, or change its chances with the load. */
  loses: boolean;
  /** What is refused, or found in a cache that fills, spares the stations behind it. */
  thins: boolean;
  /** Programs may fail: what they spend until then counts beside what those spend that come through. */
  fails: boolean;
}

/** A write of replicated data, or a read of it at a replica: it takes no time, only its rate counts. */
export interface Mark {
  node: number;
  data: string;
  isWrite: boolean;
}

/** Deeper chains of calls are cut (the program calls itself), and so is what would unfold without end (programs that call each other several times). */
const DEEPEST_CALL = 24;
const MOST_NODES = 20_000;
const MOST_RETRIES = 100;

/** Fields of a node while the tree grows. */
const KIND = 0;
const PARENT = 1;
const TARGET = 2;
const MEAN = 3;
const SQUARE = 4;
const LIMIT = 5;
const FACTOR = 6;
const RETRIES = 7;
const AFTER = 8;
const HOLDER = 9;
const CUBE = 10;
const OWN_VARIANCE = 11;
const FIELDS = 12;
/** Most networks have fewer. */
const FIRST_NODES = 256;

/** Lays out a network for `solve`. Throws where a name in it leads nowhere (`validateNetwork` finds that first). */
export function flatten(written: Network): Flat {
  const network = folded(written);
  const stationOf = new Map(network.stations.map((it, index) => [it.id, index]));
  const programOf = new Map(network.programs.map((it) => [it.id, it]));
  const groups = new Map(network.groups.map((it) => [it.id, it.instances]));
  const groupIndex = new Map(network.groups.map((it, index) => [it.id, index]));
  const limiters = network.limiters ?? [];
  /** One field after the other, a node in each: one block of memory, for an array that grows takes longer than what is written into it. */
  let block = new Float64Array(FIELDS * FIRST_NODES);
  let capacity = FIRST_NODES;
  let nodes = 0;
  const rootNode: number[] = [];
  const rootProgram: string[] = [];
  const entries: { node: number; program: string }[] = [];
  const spawned = new Map<string, number>();
  const queue: string[] = [];
  const count = network.stations.length + limiters.length;
  const stationLimit = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const nested = new Uint8Array(count);
  const inner: number[] = [];
  const caches = network.caches ?? [];
  const lookups: CacheUse['lookups'][number][] = [];
  const removals: CacheUse['removals'][number][] = [];
  const marks: Mark[] = [];
  const pauses = new Map<number, readonly number[]>();

  const push = (kind: number, parent: number, target: number, service: Distribution | undefined, after: boolean, holder: number): number => {
    const node = nodes++;
    if (node === capacity) grow();
    const mean = service ? meanMsOf(service) : 0;
    block[KIND * capacity + node] = kind;
    block[PARENT * capacity + node] = parent;
    block[TARGET * capacity + node] = target;
    block[LIMIT * capacity + node] = Number.POSITIVE_INFINITY;
    block[FACTOR * capacity + node] = 1;
    block[AFTER * capacity + node] = after ? 1 : 0;
    block[HOLDER * capacity + node] = holder;
    if (mean > 0) {
      const square = mean * mean * (1 + variationOf(service));
      block[MEAN * capacity + node] = mean;
      block[SQUARE * capacity + node] = square;
      block[OWN_VARIANCE * capacity + node] = square - mean * mean;
      block[CUBE * capacity + node] = mean * mean * mean * thirdMomentOf(service);
    }
    return node;
  };
  const grow = (): void => {
    const wider = new Float64Array(FIELDS * capacity * 2);
    for (let field = 0; field < FIELDS; field++) wider.set(block.subarray(field * capacity, (field + 1) * capacity), field * capacity * 2);
    capacity *= 2;
    block = wider;
  };
  const put = (field: number, node: number, value: number): void => {
    block[field * capacity + node] = value;
  };
  const station = (id: string): number => {
    const index = stationOf.get(id);
    if (index === undefined) throw new Error(`unknown station "${id}"`);
    return index;
  };
  /** Writes a body under `parent`; says whether the caller has its answer at the end of it. */
  const write = (body: readonly Instruction[], parent: number, answered: boolean, holds: readonly number[], holder: number, depth: number): boolean => {
    let after = answered;
    for (const step of body) {
      switch (step.op) {
        case 'serve':
        case 'hold': {
          const at = station(step.station);
          const node = push(step.op === 'serve' ? SERVE : HOLD, parent, at, step.op === 'serve' ? step.service : undefined, after, holder);
          const limit = meanLimitMs(step.waitLimitMs);
          put(LIMIT, node, limit);
          stationLimit[at] = Math.min(stationLimit[at] as number, limit);
          if (holds.includes(at)) {
            nested[at] = 1;
            inner.push(node);
          }
          if (step.op === 'hold') after = write(step.body, node, after, [...holds, at], node, depth);
          break;
        }
        case 'limit':
          push(SERVE, parent, network.stations.length + limiters.findIndex((it) => it.id === step.limiter), undefined, after, holder);
          break;
        case 'delay':
          push(DELAY, parent, -1, step.duration, after, holder);
          break;
        case 'call': {
          const program = programOf.get(step.program);
          if (!program) throw new Error(`unknown program "${step.program}"`);
          if (depth >= DEEPEST_CALL || nodes >= MOST_NODES) break;
          const node = push(CALL, parent, -1, undefined, after, holder);
          put(LIMIT, node, step.timeoutMs ?? Number.POSITIVE_INFINITY);
          // Retries without end are not solved (unsolved.ts); many must do for a first guess at rates.
          put(RETRIES, node, Math.min(MOST_RETRIES, step.retry ? (step.retry.times ?? MOST_RETRIES) : 0));
          if (step.retry?.backoff) pauses.set(node, pausesMs(step.retry.backoff, Math.min(MOST_RETRIES, step.retry.times ?? MOST_RETRIES)));
          entries.push({ node, program: step.program });
          write(program.body, node, false, holds, holder, depth + 1);
          break;
        }
        case 'spawn': {
          if (!programOf.has(step.program)) throw new Error(`unknown program "${step.program}"`);
          if (!spawned.has(step.program)) {
            spawned.set(step.program, network.sources.length + queue.length);
            queue.push(step.program);
          }
          push(SPAWN, parent, spawned.get(step.program) as number, undefined, after, holder);
          break;
        }
        case 'parallel': {
          const node = push(PARALLEL, parent, -1, undefined, after, holder);
          step.branches.forEach((branch, index) => {
            const at = push(SEQUENCE, node, -1, undefined, after, holder);
            put(FACTOR, at, (step as CopiedParallel).copies?.[index] ?? 1);
            write(branch, at, after, holds, holder, depth);
          });
          break;
        }
        case 'loop': {
          const node = push(LOOP, parent, -1, undefined, after, holder);
          put(FACTOR, node, step.times);
          put(SQUARE, node, (step as SpreadLoop).spread ?? 0);
          after = write(step.body, node, after, holds, holder, depth);
          break;
        }
        case 'branch': {
          const node = push(BRANCH, parent, -1, undefined, after, holder);
          const arms = [
            [step.probability, step.taken],
            [1 - step.probability, step.otherwise],
          ] as const;
          for (const [probability, arm] of arms) {
            const at = push(SEQUENCE, node, -1, undefined, after, holder);
            put(FACTOR, at, probability);
            write(arm, at, after, holds, holder, depth);
          }
          break;
        }
        case 'write':
        case 'readReplica':
          marks.push({ node: push(SEQUENCE, parent, -1, undefined, after, holder), data: step.data, isWrite: step.op === 'write' });
          break;
        case 'lookup': {
          const node = push(BRANCH, parent, -1, undefined, after, holder);
          const hit = push(SEQUENCE, node, -1, undefined, after, holder);
          write(step.hit, hit, after, holds, holder, depth);
          const miss = push(SEQUENCE, node, -1, undefined, after, holder);
          put(FACTOR, miss, 0);
          write(step.miss, miss, after, holds, holder, depth);
          lookups.push({ node, hit, miss, cache: caches.findIndex((it) => it.id === step.cache) });
          break;
        }
        case 'invalidate':
          removals.push({ node: push(DELAY, parent, -1, undefined, after, holder), cache: caches.findIndex((it) => it.id === step.cache), all: step.all === true });
          break;
        case 'fail':
          push(FAIL, parent, -1, undefined, after, holder);
          break;
        case 'respond':
          push(RESPOND, parent, -1, undefined, after, holder);
          after = true;
          break;
      }
    }
    return after;
  };
  const writeRoot = (programId: string): void => {
    const program = programOf.get(programId);
    if (!program) throw new Error(`unknown program "${programId}"`);
    const node = push(SEQUENCE, -1, -1, undefined, false, -1);
    rootNode.push(node);
    entries.push({ node, program: programId });
    rootProgram.push(programId);
    write(program.body, node, false, [], -1, 0);
  };
  for (const source of network.sources) writeRoot(source.program);
  for (let next = 0; next < queue.length; next++) writeRoot(queue[next] as string);

  const column = (field: number): Float64Array => block.subarray(field * capacity, field * capacity + nodes);
  const roots = rootNode.length;
  const mayLose = column(LIMIT).some((it) => it !== Number.POSITIVE_INFINITY) || network.stations.some((it) => it.room !== null) || limiters.length > 0;
  const flat: Flat = {
    nodes,
    kind: new Uint8Array(column(KIND)),
    parent: new Int32Array(column(PARENT)),
    target: new Int32Array(column(TARGET)),
    mean: column(MEAN),
    square: column(SQUARE),
    limit: column(LIMIT),
    factor: column(FACTOR),
    retries: column(RETRIES),
    pauses,
    after: new Uint8Array(column(AFTER)),
    holder: new Int32Array(column(HOLDER)),
    cube: column(CUBE),
    loop: new Int32Array(nodes),
    rootNode: new Int32Array(rootNode),
    rootBase: new Float64Array(roots),
    rootShare: new Float64Array(roots),
    rootSource: new Int32Array(rootNode.map((_, index) => (index < network.sources.length ? index : -1))),
    rootProgram,
    sources: network.sources.length,
    servers: new Float64Array([...network.stations.map((it) => it.servers ?? Number.POSITIVE_INFINITY), ...limiters.map(() => 1)]),
    instances: new Float64Array([...network.stations, ...limiters].map((it) => (it.group === undefined ? 1 : (groups.get(it.group) ?? 1)))),
    group: new Int32Array([...network.stations, ...limiters].map((it) => (it.group === undefined ? -1 : (groupIndex.get(it.group) ?? -1)))),
    room: new Float64Array([...network.stations.map((it) => it.room ?? Number.POSITIVE_INFINITY), ...limiters.map(() => 0)]),
    sharing: new Uint8Array([...network.stations.map((it) => (it.discipline === 'processorSharing' ? 1 : 0)), ...limiters.map(() => 0)]),
    population: new Float64Array(count),
    bounders: [],
    pairStart: new Int32Array(count),
    pair: new Int32Array(0),
    pairs: 0,
    nodesOf: [],
    stationLimit,
    stationIds: [...network.stations, ...limiters].map((it) => it.id),
    limiters,
    firstLimiter: network.stations.length,
    nested,
    inner: new Uint8Array(nodes),
    ownVariance: column(OWN_VARIANCE),
    siblings: null,
    balance: findBalance(network, entries, count),
    returns: null,
    regulars: null,
    caches: null,
    attempts: new Float64Array(rootProgram.map((it) => programOf.get(it)?.job?.attempts ?? 1)),
    marks,
    cannot: whatSolveCannot(network),
    paced: network.sources.some((it) => it.arrivals !== 'poisson'),
    splits: column(KIND).includes(RESPOND),
    answers: new Float64Array(0),
    thins: network.stations.some((it) => it.room !== null) || limiters.length > 0 || lookups.length > 0,
    loses: mayLose || lookups.length > 0,
    fails: mayLose || column(KIND).includes(FAIL),
  };
  for (const node of inner) flat.inner[node] = 1;
  for (let node = 0; node < flat.nodes; node++) {
    const up = flat.parent[node] as number;
    flat.loop[node] = up < 0 ? -1 : flat.kind[up] === LOOP ? up : (flat.loop[up] as number);
  }
  network.sources.forEach((source, index) => {
    // A share follows the load; a source without one (a timer) keeps the rate of its first phase.
    if (source.share > 0) flat.rootShare[index] = source.share;
    else flat.rootBase[index] = source.phases?.[0]?.perSecond ?? 0;
  });
  if (flat.splits) flat.answers = answersOf(flat);
  if (lookups.length > 0) {
    const use = { caches: caches.map((it) => popularityOf(it, it.group === undefined ? 1 : (groups.get(it.group) ?? 1))), lookups, removals };
    flat.caches = { ...use, isAskedAgain: isAskedAgain(flat, use) };
  }
  boundPopulations(flat);
  flat.siblings = findSiblings(flat);
  // What visits of one request know of each other is told of networks that are solved as they are written.
  if (network === written) flat.returns = findReturns(flat);
  flat.regulars = findRegulars(flat, network === written);
  return flat;
}
