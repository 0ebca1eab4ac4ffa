import type { Cache } from '../../src/model/network-policies.ts';
import type { Distribution, Group, Instruction, Network, Program, Source, Station } from '../../src/model/network.ts';
import { draw } from '../../src/simulator/draw.ts';
import { deterministic, exponential, hold, law, serve, station } from './networks.ts';

/** What a random network is made of; each is a row of the table of errors. */
export const FAMILIES = [
  'servers',
  'laws',
  'balancers',
  'branches and loops',
  'parallel',
  'pools',
  'nested holds',
  'calls',
  'jobs',
  'wait limits',
  'workspaces',
  'caches',
  'failures',
] as const;
/** Those that other networks are made of, too, and those that were added later without making others of them. */
export type Family = (typeof FAMILIES)[number] | typeof RARE_LONG_JOBS;
export const RARE_LONG_JOBS = 'rare long jobs';

/** The networks below this number are those that the approximations were made with; they know no caches and no failures, which were made with the next ones. */
const FIRST_FRESH = 500;
/** From here on are those that nothing was made with. */
export const FIRST_JUDGED = 1000;
const FAMILIES_MADE_WITH = 11;
/** From here on rare long jobs hold up requests that come back to one server many times. */
export const FIRST_RARE_LONG = 3000;

/** Draws of one network: numbers in order, so that the same index always makes the same network. */
class Dice {
  private thrown = 0;
  private readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
  unit(): number {
    return draw(SEED, `network ${this.index}`, this.thrown++);
  }
  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }
  /** Evenly over orders of magnitude. */
  spread(low: number, high: number): number {
    return low * Math.exp(this.unit() * Math.log(high / low));
  }
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }
  chance(p: number): boolean {
    return this.unit() < p;
  }
  of<T>(list: readonly T[]): T {
    return list[Math.floor(this.unit() * list.length)] as T;
  }
}

const SEED = 500;
const GENEROUS_MS = 10_000;

/** The `index`-th random network with its family and, of 0.3 to 0.9, the share of its capacity that it should be loaded with. */
export function randomNetwork(index: number): { family: Family; network: Network; load: number } {
  const dice = new Dice(index);
  if (index >= FIRST_RARE_LONG) return { family: RARE_LONG_JOBS, network: withRareLongJobs(dice), load: dice.between(0.15, 0.89) };
  const family = familyOf(index);
  const builder = new Builder(dice, family);
  const network = builder.network();
  return { family, network, load: dice.between(0.3, 0.9) };
}

export const familyOf = (index: number): Family =>
  index >= FIRST_RARE_LONG ? RARE_LONG_JOBS : (FAMILIES[index % (index < FIRST_FRESH ? FAMILIES_MADE_WITH : FAMILIES.length)] as Family);

const LOOP = 'loop';

/** An event loop with a few slices to hundreds for each request, and now and then a job that keeps it for as long as many of them. */
function withRareLongJobs(dice: Dice): Network {
  const stations = [station(LOOP, 1), station('store', dice.whole(4, 16))];
  const slice = (): Instruction => serve(LOOP, law('gamma', 0.25, dice.spread(0.1, 1)));
  const elsewhere = (): Instruction => (dice.chance(0.7) ? serve('store', exponential(dice.spread(1, 20))) : { op: 'delay', duration: exponential(dice.spread(1, 300)) });
  const longMs = dice.spread(20, 400);
  const programs: Program[] = [];
  const work: number[] = [];
  for (let n = dice.whole(1, 3); n > 0; n--) {
    const visits = Math.floor(dice.spread(2, 150));
    const round = [slice(), elsewhere(), slice(), elsewhere()];
    const isLoop = dice.chance(0.3);
    const body = isLoop ? [{ op: 'loop', times: Math.ceil(visits / 2), body: round } as const] : Array.from({ length: visits }, () => [slice(), elsewhere()]).flat();
    programs.push({ id: `route${n}`, body });
    work.push(visits * 0.4);
  }
  const job = serve(LOOP, law('gamma', dice.of([0, 0.25, 1]), longMs));
  programs.push({ id: 'long', body: dice.chance(0.5) ? [job] : [slice(), elsewhere(), job, slice()] });
  work.push(longMs);
  const part = dice.spread(0.05, 0.7);
  const shares = programs.map((_, at) => (at === programs.length - 1 ? part : ((1 - part) * dice.spread(0.2, 1)) / (programs.length - 1)) / (work[at] as number));
  const total = shares.reduce((sum, it) => sum + it, 0);
  return {
    version: 1,
    groups: [],
    stations,
    programs,
    sources: programs.map((it, at) => ({ id: `in ${it.id}`, program: it.id, arrivals: 'poisson', share: (shares[at] as number) / total, patienceMs: null })),
  };
}

/** Puts one network together; lives for one `randomNetwork`. */
class Builder {
  private readonly dice: Dice;
  private readonly family: Family;
  private readonly groups: Group[] = [];
  private readonly stations: Station[] = [];
  private readonly programs: Program[] = [];
  private readonly stores: string[] = [];
  private readonly caches: Cache[] = [];
  private jobs = 0;

  constructor(dice: Dice, family: Family) {
    this.dice = dice;
    this.family = family;
  }

  private get isWorkspace(): boolean {
    return this.family === 'workspaces';
  }

  network(): Network {
    const { dice, family } = this;
    const plain = family === 'servers' || family === 'laws';
    for (let n = dice.whole(1, plain ? 4 : 2); n > 0; n--) {
      const id = `store${n}`;
      const shares = dice.chance(this.isWorkspace ? 0.5 : 0.15);
      this.stations.push(station(id, dice.chance(0.3) ? 1 : dice.whole(2, 16), shares && family !== 'wait limits' ? { discipline: 'processorSharing' } : {}));
      this.stores.push(id);
    }
    const entries: string[] = [];
    const services = plain ? 1 : family === 'calls' || family === 'failures' || this.isWorkspace ? dice.whole(2, 3) : dice.whole(1, 2);
    for (let n = 1; n <= services; n++) entries.push(...this.service(`service${n}`, entries));
    const sources = entries.map((program): Source => ({ id: `in ${program}`, program, arrivals: 'poisson', share: this.dice.spread(0.1, 1), patienceMs: null }));
    const total = sources.reduce((sum, it) => sum + it.share, 0);
    return {
      version: 1,
      groups: this.groups,
      stations: this.stations,
      programs: this.programs,
      sources: sources.map((it) => ({ ...it, share: it.share / total })),
      ...(this.caches.length > 0 && { caches: this.caches }),
    };
  }

  /** A service with its own stations and one to three programs; may call programs made before it. */
  private service(id: string, callable: readonly string[]): string[] {
    const { dice, family } = this;
    const instances = family === 'balancers' ? dice.whole(2, 6) : family === 'servers' || family === 'laws' ? 1 : dice.whole(1, 3);
    this.groups.push({ id, instances, balancer: family === 'balancers' ? dice.of(['roundRobin', 'leastConnections', 'random'] as const) : 'random' });
    if (family !== 'servers' && family !== 'laws') this.stations.push(station(`${id} loop`, 1, { group: id }));
    const pools = new Map<string, string>();
    if (family === 'pools' || family === 'nested holds' || family === 'wait limits' || this.isWorkspace || ((family === 'caches' || family === 'failures') && dice.chance(0.5)))
      for (const store of this.stores) {
        const pool = `${id} pool ${store}`;
        this.stations.push(station(pool, dice.whole(2, 20), { group: id }));
        pools.set(store, pool);
      }
    if (family === 'nested holds') this.stations.push(station(`${id} threads`, dice.whole(4, 30), { group: id }));
    if (family === 'caches') this.cache(id);
    // As in most code, a request reads or writes; or else it may read what it has just removed.
    const isApart = family === 'caches' && dice.chance(0.6);
    const places: Places = { id, pools, callable };
    const names: string[] = [];
    for (let n = dice.whole(1, family === 'servers' ? 2 : 3); n > 0; n--) {
      const name = `${id} route${n}`;
      if (isApart) places.asks = n === 1 && names.length > 0 ? 'removes' : 'looks up once';
      const body = this.body(places, 2);
      this.programs.push({ id: name, group: id, body: family === 'nested holds' ? [hold(`${id} threads`, ...body)] : body });
      names.push(name);
    }
    return names;
  }

  private body(places: Places, depth: number): Instruction[] {
    const { dice } = this;
    const steps: Instruction[] = [];
    for (let n = dice.whole(1, 3); n > 0; n--) steps.push(...this.turn(places), ...this.step(places, depth));
    return [...steps, ...this.turn(places)];
  }

  /** A slice of the event loop, where the service has one. */
  private turn(places: Places): Instruction[] {
    if (this.family === 'servers' || this.family === 'laws') return [];
    const [low, high] = this.family === 'balancers' ? [1, 10] : [0.1, this.isWorkspace ? 3 : 1];
    return [serve(`${places.id} loop`, law('gamma', 0.25, this.dice.spread(low, high)))];
  }

  private step(places: Places, depth: number): Instruction[] {
    const { dice, family } = this;
    const any = this.isWorkspace;
    if (depth > 0) {
      if ((family === 'branches and loops' && dice.chance(0.7)) || (any && dice.chance(0.25))) {
        if (dice.chance(0.5)) return [{ op: 'loop', times: dice.whole(2, 6), body: this.body(places, depth - 1) }];
        return [{ op: 'branch', probability: dice.between(0.1, 0.9), taken: this.body(places, depth - 1), otherwise: dice.chance(0.5) ? [] : this.body(places, depth - 1) }];
      }
      if ((family === 'parallel' && dice.chance(0.6)) || (any && dice.chance(0.1)))
        return [{ op: 'parallel', branches: Array.from({ length: dice.whole(2, 4) }, () => this.body(places, 0)) }];
    }
    if ((family === 'jobs' && dice.chance(0.5)) || (any && dice.chance(0.1))) return [this.job(places)];
    if (family === 'caches' && dice.chance(0.7)) return this.cached(places);
    if (family === 'failures') return this.risky(places);
    if ((family === 'calls' || any) && places.callable.length > 0 && dice.chance(family === 'calls' ? 0.6 : 0.25))
      return [{ op: 'call', program: dice.of(places.callable), timeoutMs: dice.chance(0.5) ? null : GENEROUS_MS }];
    return this.query(places);
  }

  private job(places: Places): Instruction {
    const id = `job${++this.jobs}`;
    const workers = `${id} workers`;
    this.stations.push(station(workers, this.dice.whole(1, 10)));
    this.programs.push({ id, body: [hold(workers, { op: 'delay', duration: exponential(this.dice.spread(0.5, 5)) }, ...this.query(places))] });
    return { op: 'spawn', program: id };
  }

  /** A cache of a service's own, or of each of its instances, whose keys end by a TTL, a removal or for want of room. */
  private cache(service: string): void {
    const { dice } = this;
    const keys = dice.whole(1, 3) === 1 ? 1 : Math.floor(dice.spread(2, 2000));
    const isBounded = keys > 3 && dice.chance(0.5);
    this.caches.push({
      id: `${service} cache`,
      keys,
      zipf: dice.chance(0.3) ? 0 : dice.between(0.4, 1.2),
      capacity: isBounded ? Math.max(1, Math.floor(keys * dice.spread(0.02, 0.8))) : null,
      // One key dies often enough for hundreds of lives in a run.
      ttlMs: !isBounded || dice.chance(0.5) ? dice.spread(20, 5000) : null,
      ...(isBounded && { warm: 1 }),
      ...(dice.chance(0.5) && { group: service }),
    });
  }

  private cached(places: Places): Instruction[] {
    const cache = `${places.id} cache`;
    const { asks } = places;
    if (asks === 'removes' || (asks === undefined && this.dice.chance(0.2)))
      return [...this.query(places), { op: 'invalidate', cache, ...(this.dice.chance(0.1) && { all: true }) }];
    if (asks === 'has looked up') return this.query(places);
    if (asks) places.asks = 'has looked up';
    const hit: Instruction[] = this.dice.chance(0.5) ? [] : [{ op: 'delay', duration: deterministic(this.dice.spread(0.1, 1)) }];
    return [{ op: 'lookup', cache, hit, miss: [...this.query(places), ...this.turn(places)] }];
  }

  /** Work that may end with an error: of the program, of a call that is tried again, of a message with several attempts. */
  private risky(places: Places): Instruction[] {
    const { dice } = this;
    const failing: Instruction = { op: 'branch', probability: dice.spread(0.01, 0.3), taken: [{ op: 'fail', cause: 'broken' }], otherwise: [] };
    if (places.callable.length > 0 && dice.chance(0.5))
      return [
        {
          op: 'call',
          program: dice.of(places.callable),
          timeoutMs: dice.chance(0.5) ? null : GENEROUS_MS,
          ...(dice.chance(0.6) && { retry: { times: dice.whole(1, 3), backoff: dice.chance(0.5) ? deterministic(dice.spread(1, 20)) : exponential(dice.spread(1, 20)) } }),
        },
      ];
    if (!dice.chance(0.3)) return [...this.query(places), failing];
    const id = `job${++this.jobs}`;
    const workers = `${id} workers`;
    this.stations.push(station(workers, dice.whole(1, 10)));
    const work = [{ op: 'delay', duration: exponential(dice.spread(0.5, 5)) } as const, failing, ...this.query(places)];
    this.programs.push({ id, job: { attempts: dice.whole(1, 5), backoff: deterministic(dice.spread(1, 50)) }, body: [hold(workers, ...work)] });
    return [{ op: 'spawn', program: id }];
  }

  private query(places: Places): Instruction[] {
    const { dice, family } = this;
    const store = dice.of(this.stores);
    const one = (): Instruction => serve(store, this.law(dice.spread(1, 20)), family === 'wait limits' && places.pools.size === 0 ? dice.spread(50, 500) : undefined);
    const pool = places.pools.get(store);
    if (pool === undefined || dice.chance(0.1)) return [one()];
    const inside: Instruction[] = [{ op: 'delay', duration: deterministic(dice.spread(0.1, 1)) }, one(), ...this.turn(places)];
    // A transaction: more than one statement on the same connection.
    if (dice.chance(0.3)) inside.push(one(), ...this.turn(places));
    const held = hold(pool, ...inside);
    return [family === 'wait limits' && held.op === 'hold' ? { ...held, waitLimitMs: dice.spread(20, 500) } : held];
  }

  private law(meanMs: number): Distribution {
    const { dice, family } = this;
    if (family === 'servers') return exponential(meanMs);
    if (family !== 'laws' && dice.chance(0.7)) return exponential(meanMs);
    const kind = dice.of(['deterministic', 'gamma', 'lognormal', 'hyperexponential'] as const);
    if (kind === 'deterministic') return deterministic(meanMs);
    return law(kind, kind === 'hyperexponential' ? dice.between(1.2, 4) : dice.between(0.1, kind === 'gamma' ? 2 : 4), meanMs);
  }
}

interface Places {
  id: string;
  pools: ReadonlyMap<string, string>;
  callable: readonly string[];
  asks?: 'removes' | 'looks up once' | 'has looked up';
}
