import { slowedJobs } from '../../../src/advisor/awaited-jobs.ts';
import { heapAfterDay } from '../../../src/advisor/kept-memory.ts';
import { holdInputAt } from '../../../src/advisor/data-strains.ts';
import { withInputs } from '../../../src/model/inputs.ts';
import { valueIn } from '../../../src/model/known.ts';
import type { Instruction, Network } from '../../../src/model/network.ts';
import { type CacheStep, type Endpoint, type Topology, walkSteps } from '../../../src/model/topology.ts';
import { SCANNED_PER_SECOND } from '../../../src/rules/missing-index.ts';
import { RULES } from '../../../src/rules/index.ts';
import { assess, breaksAt, compile, simulate } from '../../../src/simulator/index.ts';
import { draw } from '../../../src/simulator/draw.ts';
import type { Strain } from './gate.ts';
import { NEVER_MS, p95Of, play, POINT_ONLY, steady } from './strains.ts';

/** Share of what a system carries at which it is tried. */
const PLANNED = 0.8;
/** Connections without a pool: nothing bounds them. */
const UNBOUND = 'connections that nothing bounds';

/** The network with what comes behind the set-up of a connection in a station without an end, so that they can be counted. */
function withConnections(network: Network, component: string): Network {
  const counted = (body: readonly Instruction[]): readonly Instruction[] => {
    const at = body.findIndex((it) => it.op === 'delay');
    return at < 0 ? body : [...body.slice(0, at), { op: 'hold', station: UNBOUND, body: body.slice(at) }];
  };
  return {
    ...network,
    stations: [...network.stations, { id: UNBOUND, component, label: UNBOUND, servers: 100_000, room: null, discipline: 'fifo' }],
    programs: network.programs.map((it) => (it.id.startsWith(`${component} `) ? { ...it, body: counted(it.body) } : it)),
  };
}

/** At 0.8 × what it carries with one pool for all. */
export const setUps: Strain = {
  under: '0.8 × what it carries with one pool',
  metrics: [
    { says: 'p95 of the route, ms', goes: 'down' },
    { says: 'connections that are open for requests, mean', goes: 'down' },
  ],
  play(_before, after, scenario, { component }) {
    const perSecond = PLANNED * (breaksAt(after, scenario) ?? 100);
    const pools = new Set(compile(after, scenario).network.stations.flatMap((it) => (/pool/.test(it.id) ? [it.id] : [])));
    const options = (seed: number) => ({ seconds: 20_000 / perSecond, perSecond, seed, intervals: false });
    return (topology, seed) => {
      const { network } = compile(topology, { ...scenario, profile: { kind: 'steady' }, targetPerSecond: perSecond });
      const hasPool = network.stations.some((it) => pools.has(it.id));
      const run = simulate(hasPool ? network : withConnections(network, component), options(seed));
      const open = run.stations.reduce((sum, it) => sum + (it.id === UNBOUND || pools.has(it.id) ? it.meanBusy : 0), 0);
      return [p95Of(run, (id) => id.startsWith(`${component} `)), open];
    };
  },
};

/** A table of a hundred thousand rows: whoever has no index for them reads all. */
export const largeTable: Strain = {
  under: 'a hundred thousand rows in the table',
  metrics: [
    { says: 'work of the store for a request, ms', goes: 'down' },
    { says: 'answers at a steady load that it does not carry then, /s', goes: 'up' },
  ],
  play(before, after, scenario, finding) {
    const scanMs = (100_000 / SCANNED_PER_SECOND) * 1000;
    const isScanned = (topology: Topology): boolean =>
      (RULES.find((it) => it.id === 'missing-index')?.find({ topology, scenario, outcome: assess(topology, scenario, POINT_ONLY) }) ?? []).some(
        (it) => it.state === 'weak' && it.place.file === finding.place.file && it.place.line === finding.place.line,
      );
    const filled = (topology: Topology): Topology => {
      const input = isScanned(topology) ? holdInputAt(topology, finding.place) : undefined;
      return input ? withInputs(topology, new Map([[input.id, input.ms + scanMs]])) : topology;
    };
    const [was, is] = [filled(before), filled(after)];
    const beyond = steady.play(was, is, scenario, finding);
    const carried = 0.5 * (breaksAt(was, scenario) ?? 1);
    const stores = new Set(before.components.filter((it) => it.kind === 'database').map((it) => it.id));
    return (topology, seed) => {
      const system = topology === before ? was : is;
      const { network } = compile(system, scenario);
      const of = new Set(network.stations.filter((it) => stores.has(it.id)).map((it) => it.id));
      const run = play(system, scenario, carried, seed);
      const busy = run.stations.reduce((sum, it) => sum + (of.has(it.id) ? it.meanBusy : 0), 0);
      return [(1000 * busy) / carried, ...beyond(system, seed)];
    };
  },
};

/** The network with the key that is read at a place as a cache of one key: it runs out, and whoever misses it loads it, alone where the step says so. */
function withOneKey(topology: Topology, network: Network, step: CacheStep, ttlMs: number): Network {
  const cached = (body: readonly Instruction[]): Instruction[] => {
    const at = body.findIndex((it) => it.op === 'branch');
    const branch = body[at];
    if (branch?.op !== 'branch') throw new Error('the program does not read the key');
    return [...body.slice(0, at), { op: 'lookup', cache: 'key', hit: branch.otherwise, miss: branch.taken }, ...body.slice(at + 1)];
  };
  const reader = topology.endpoints.find((it) => holds(it.steps, step))?.id ?? '';
  return {
    ...network,
    programs: alike(network.programs).map((it) => (it.id.startsWith(reader) ? { ...it, body: cached(it.body) } : it)),
    caches: [{ id: 'key', keys: 1, zipf: 0, capacity: null, ttlMs, warm: 1, singleFlight: step.loadsOnce === true }],
  };
}

/** Loads of one key do the same work: with exponential times the first of fifty would be back after a fiftieth of what one takes. */
const alike = (programs: Network['programs']): Network['programs'] => JSON.parse(JSON.stringify(programs).replaceAll('"kind":"exponential"', '"kind":"deterministic"'));

function holds(steps: Endpoint['steps'], wanted: CacheStep): boolean {
  let found = false;
  walkSteps(steps, (it) => {
    found ||= it === wanted;
  });
  return found;
}

function cacheAt(topology: Topology, place: { file: string; line: number }, wanted: (it: CacheStep) => boolean): CacheStep {
  let found: CacheStep | undefined;
  for (const { steps } of topology.endpoints)
    walkSteps(steps, (it) => {
      if (it.kind === 'cache' && it.place.file === place.file && it.place.line === place.line && wanted(it)) found ??= it;
    });
  if (!found) throw new Error('no cache stands there');
  return found;
}

/** The key runs out five times, at 0.8 × what the system carries with it in place. */
export const keyRunsOut: Strain = {
  under: 'the hot key runs out at 0.8 × what it carries',
  metrics: [
    { says: 'loads', goes: 'down' },
    { says: 'p99 of who reads it, ms', goes: 'down' },
  ],
  play(before, _after, scenario, finding) {
    const perSecond = PLANNED * (breaksAt(before, scenario) ?? 100);
    const seconds = 2;
    return (topology, seed) => {
      const step = cacheAt(topology, finding.place, (it) => it.operation === 'read');
      const { network } = compile(topology, { ...scenario, profile: { kind: 'steady' }, targetPerSecond: perSecond });
      const run = simulate(withOneKey(topology, network, step, (1000 * seconds) / 5), { seconds, perSecond, seed, intervals: false });
      return [run.caches?.[0]?.misses ?? NEVER_MS, Math.max(...run.sources.map((it) => it.latencyMs?.p99 ?? 0))];
    };
  },
};

/** Somebody comes every tenth of the work's longest time, and it takes anything up to that. */
export const slowWork: Strain = {
  under: 'guarded work that takes as long as it may',
  metrics: [{ says: 'times that two work at once', goes: 'down', to: 0 }],
  play:
    (_before, _after, _scenario, { place, facts }) =>
    (topology, seed) => {
      const longestMs = Number(facts.workMs);
      const ttlMs = valueIn(cacheAt(topology, place, (it) => it.ifAbsent === true).ttlMs) ?? 0;
      let [freeAt, busyUntil, twice] = [0, 0, 0];
      for (let now = 0; now < 200 * longestMs; now += longestMs / 10) {
        if (now < freeAt) continue;
        if (now < busyUntil) twice += 1;
        const workMs = draw(seed, 'work', now) * longestMs;
        freeAt = now + Math.min(ttlMs, workMs);
        busyUntil = Math.max(busyUntil, now + workMs);
      }
      return [twice];
    },
};

/** A day at the target. */
export const dayLong: Strain = {
  under: '24 h at the target',
  metrics: [{ says: 'heap of a process at the end, MB', goes: 'down' }],
  play(before, _after, scenario, finding) {
    const outcome = assess(before, scenario, POINT_ONLY);
    const step = cacheAt(before, finding.place, (it) => it.operation === 'write');
    return (topology) => [heapAfterDay(topology, outcome, step.target, step.key) / 1e6];
  },
};

/** The jobs that a route waits for take ten times as long. */
export const slowJobs = (perSecond: number): Strain => ({
  under: 'its jobs ten times as slow',
  metrics: [{ says: 'p95 of the route, ms', goes: 'down' }],
  play:
    (_before, _after, scenario, { facts }) =>
    (topology, seed) => [p95Of(play(slowedJobs(topology, String(facts.channelId)), scenario, perSecond, seed), (id) => id === facts.endpointId)],
});
