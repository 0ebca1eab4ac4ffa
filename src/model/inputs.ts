import type { Basis, Known, KnownValue, Place, Unit } from './known.ts';
import { known } from './known.ts';
import { type Component, type Endpoint, type EndpointId, mapSharedSteps, type Pool, type QueryStep, type Step, type Topology } from './topology.ts';

/** Stable name of one number of the topology; equal numbers (the same query in two endpoints) share it. */
export type InputId = string;

/** One number that a what-if, an override, a measurement or a draw of the range can set. */
export interface Input {
  id: InputId;
  /** For people: `SELECT orders holds a connection`. */
  label: string;
  unit: Unit;
  value: Known;
  places: readonly Place[];
}

type Visit = (id: InputId, label: string, unit: Unit, value: Known, place: Place | undefined) => Known;

export const inputId = {
  poolMax: (pool: string): InputId => `pool ${pool} max`,
  acquireTimeout: (pool: string): InputId => `pool ${pool} acquireTimeoutMs`,
  queueLimit: (pool: string): InputId => `pool ${pool} queueLimit`,
  component: (component: string, field: 'replicas' | 'processes' | 'cores' | 'maxConnections' | 'parallelism'): InputId => `${field} ${component}`,
  concurrency: (channel: string, component: string): InputId => `concurrency ${channel} ${component}`,
  hold: (target: string, label: string): InputId => `hold ${target} ${label}`,
  compute: (label: string): InputId => `compute ${label}`,
  service: (target: string, label: string): InputId => `service ${target} ${label}`,
  timeout: (target: string, label: string): InputId => `timeout ${target} ${label}`,
  hitRatio: (target: string, key: string): InputId => `hitRatio ${target} ${key}`,
  times: ({ file, line }: Place): InputId => `times ${file}:${line}`,
  probability: ({ file, line }: Place): InputId => `probability ${file}:${line}`,
  /** Waits of the same length are one input, as their label says. */
  wait: (label: string): InputId => label,
  roundTrip: (): InputId => 'roundTripMs',
  /** An endpoint's part of the external load. */
  share: (endpoint: EndpointId): InputId => `share ${endpoint}`,
  readShare: (): InputId => 'readShare',
};

/** How long a query holds its connection: at a copy of a store it is the same number as at the store. */
export const holdInput = ({ target, primary = target, label }: Pick<QueryStep, 'target' | 'primary' | 'label'>): InputId => inputId.hold(primary, label);

/** Every number of the topology, each once, with all places that share it. */
export function inputsOf(topology: Topology): Input[] {
  const found = new Map<InputId, Input & { places: Place[] }>();
  mapInputs(topology, (id, label, unit, value, place) => {
    const seen = found.get(id);
    if (!seen) found.set(id, { id, label, unit, value, places: place ? [place] : [] });
    else if (place && !seen.places.some((it) => it.file === place.file && it.line === place.line)) seen.places.push(place);
    return value;
  });
  return [...found.values()];
}

/** Where a set value comes from. */
export type Origin = Partial<Pick<KnownValue, 'source' | 'at' | 'perSecond' | 'code' | 'writtenAt'>>;

const NOWHERE: Origin = {};

/** The topology with some inputs set; ids that it does not have are ignored (ask `inputsOf` first). A set value keeps its place. */
export function withInputs(topology: Topology, values: ReadonlyMap<InputId, number>, basis: Basis = 'override', origin: Origin = NOWHERE): Topology {
  return mapInputs(topology, (id, _label, unit, value, place) => {
    const set = values.get(id);
    if (set === undefined) return value;
    if (origin === NOWHERE && basis !== 'measured') return withValue(value, set, unit, basis, place);
    const at = placeOf(value, place);
    const guessed = basis === 'measured' ? guessedIn(value) : undefined;
    return known(set, unit, basis, { ...(at && { place: at }), ...origin, ...(guessed && { guessed }) });
  });
}

/** The range of a guess, which a measurement is compared with that takes its place. */
const guessedIn = (old: Known): KnownValue['guessed'] => (old.state !== 'known' ? undefined : old.basis === 'assumed' ? old.range : old.guessed);

const placeOf = (old: Known, place: Place | undefined): Place | undefined => (old.state === 'unknown' ? undefined : old.place) ?? place;

/** A value in place of another, at the same place. Written out, for a range sets hundreds of inputs in each of its draws. */
export function withValue(old: Known, value: number, unit: Unit, basis: Basis, place: Place | undefined): Known {
  const at = placeOf(old, place);
  return at ? { state: 'known', value, unit, basis, place: at } : { state: 'known', value, unit, basis };
}

/** Maps every input; leaves each part that does not change as the same object. */
export function mapInputs(topology: Topology, visit: Visit): Topology {
  const component = (it: Component): Component =>
    keep(it, {
      ...(it.threads && { threads: visit(`threads ${it.id}`, `threads of libuv in ${it.name}`, 'count', it.threads, it.places[0]) }),
      ...(it.autoscaling && {
        autoscaling: keep(it.autoscaling, { least: visit(`leastReplicas ${it.id}`, `least replicas of ${it.name}`, 'replicas', it.autoscaling.least, it.places[0]) }),
      }),
      ...(it.onDemand && {
        onDemand: keep(it.onDemand, {
          most: visit(`instances ${it.id}`, `instances of ${it.name} at once`, 'replicas', it.onDemand.most, it.places[0]),
          coldStartMs: visit(`coldStart ${it.id}`, `cold start of ${it.name}`, 'ms', it.onDemand.coldStartMs, it.places[0]),
        }),
      }),
      replicas: visit(inputId.component(it.id, 'replicas'), `replicas of ${it.name}`, 'replicas', it.replicas, it.places[0]),
      processes: visit(inputId.component(it.id, 'processes'), `processes of ${it.name}`, 'processes', it.processes, it.places[0]),
      cores: visit(inputId.component(it.id, 'cores'), `CPU limit of ${it.name}`, 'cores', it.cores, it.places[0]),
      maxConnections: visit(inputId.component(it.id, 'maxConnections'), `connections that ${it.name} accepts`, 'connections', it.maxConnections, it.places[0]),
      parallelism: visit(inputId.component(it.id, 'parallelism'), `operations at once in ${it.name}`, 'cores', it.parallelism, it.places[0]),
    });
  const pool = (it: Pool): Pool =>
    keep(it, {
      max: visit(inputId.poolMax(it.id), `size of ${it.id}`, 'connections', it.max, it.place),
      acquireTimeoutMs: visit(inputId.acquireTimeout(it.id), `acquire timeout of ${it.id}`, 'ms', it.acquireTimeoutMs, it.place),
      queueLimit: visit(inputId.queueLimit(it.id), `queue limit of ${it.id}`, 'count', it.queueLimit, it.place),
    });
  // A visit sees an input that stands in one object once, however often that is run.
  const changed = new Map<Step, Step>();
  const program = (steps: readonly Step[]): readonly Step[] => mapSharedSteps(steps, (step) => mapStep(step, visit), changed);
  const endpoint = (it: Endpoint): Endpoint =>
    keep(it, {
      steps: program(it.steps),
      ...(it.share && { share: visit(inputId.share(it.id), `share of ${it.id} in the load`, 'ratio', it.share, it.place) }),
    });
  return keep(topology, {
    components: keepAll(topology.components, component),
    pools: keepAll(topology.pools, pool),
    endpoints: keepAll(topology.endpoints, endpoint),
    channels: keepAll(topology.channels, (it) => ({
      ...it,
      consumers: it.consumers.map((c) => ({ ...c, concurrency: visit(inputId.concurrency(it.id, c.component), `concurrency of ${it.name}`, 'jobs', c.concurrency, c.place) })),
    })),
    network: { roundTripMs: visit(inputId.roundTrip(), 'round trip to a store', 'ms', topology.network.roundTripMs, undefined) },
    ...(topology.readShare && { readShare: visit(inputId.readShare(), 'share of reads in the load', 'ratio', topology.readShare, undefined) }),
  });
}

function mapStep(step: Step, visit: Visit): Step {
  switch (step.kind) {
    case 'compute':
      return keep(step, {
        ms: visit(inputId.compute(step.label), `CPU time of ${step.label}`, 'ms', step.ms, step.place),
        ...(step.workers && {
          workers: keep(step.workers, { threads: visit(`threads ${step.workers.name}`, `threads of ${step.workers.name}`, 'count', step.workers.threads, step.place) }),
        }),
      });
    case 'query':
      return keep(step, { holdMs: visit(holdInput(step), `${step.label} holds a connection`, 'ms', step.holdMs, step.place) });
    case 'request':
      return keep(step, {
        serviceMs: visit(inputId.service(step.target, step.label), `${step.label} takes`, 'ms', step.serviceMs, step.place),
        timeoutMs: visit(inputId.timeout(step.target, step.label), `timeout of ${step.label}`, 'ms', step.timeoutMs, step.place),
      });
    case 'publish':
      return keep(step, { serviceMs: visit(inputId.service(step.channel, 'publish'), `publishing to ${step.channel}`, 'ms', step.serviceMs, step.place) });
    case 'cache':
      return keep(step, {
        serviceMs: step.scans
          ? visit(inputId.service(step.target, 'keyspace scan'), `looking at every key of ${step.target}`, 'ms', step.serviceMs, step.place)
          : visit(inputId.service(step.target, 'command'), `a command of ${step.target}`, 'ms', step.serviceMs, step.place),
        hitRatio: step.operation === 'read' ? visit(inputId.hitRatio(step.target, step.key), `hit ratio of ${step.key}`, 'ratio', step.hitRatio, step.place) : step.hitRatio,
      });
    case 'wait':
      return keep(step, { ms: visit(inputId.wait(step.label), `time of ${step.label}`, 'ms', step.ms, step.place) });
    case 'loop':
      return keep(step, {
        times: visit(inputId.times(step.place), `rounds of the loop at ${step.place.file}:${step.place.line}`, 'count', step.times, step.place),
      });
    case 'branch':
      return keep(step, { probability: visit(inputId.probability(step.place), `share of ${step.label}`, 'ratio', step.probability, step.place) });
    default:
      return step;
  }
}

/** `old` itself when `next` changes nothing: unchanged parts stay comparable by identity. */
function keep<T extends object>(old: T, next: Partial<T>): T {
  return (Object.keys(next) as (keyof T)[]).every((key) => old[key] === next[key]) ? old : { ...old, ...next };
}

function keepAll<T>(old: readonly T[], map: (it: T) => T): readonly T[] {
  const next = old.map(map);
  return next.every((it, index) => it === old[index]) ? old : next;
}
