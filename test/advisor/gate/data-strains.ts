import { slowedJobs } from '../../../src/advisor/awaited-jobs.ts';
import { heapAfterDay } from '../../../src/advisor/kept-memory.ts';
import { holdInputAt } from '../../../src/advisor/data-strains.ts';
import { withInputs } from '../../../src/model/inputs.ts';
import { valueIn } from '../../../src/model/known.ts';
import type { Instruction, Network } from '../../../src/model/network.ts';
import type { Scenario } from '../../../src/model/scenario.ts';
import { type CacheStep, type Topology, walkSteps } from '../../../src/model/topology.ts';
import { SCANNED_PER_SECOND } from '../../../src/rules/missing-index.ts';
import { RULES } from '../../../src/rules/index.ts';
import { assess, breaksAt, compile, simulate } from '../../../src/simulator/index.ts';
import { draw } from '../../../src/simulator/draw.ts';
import type { Strain } from './gate.ts';
import { play, steady } from './strains.ts';

const POINT_ONLY = { ranges: false, ladder: false, breakEven: false };
/** Share of what a system carries at which it is tried. */
const PLANNED = 0.8;

/** p95 of the route, less is better, at 0.8 × what it carries with one pool for all. */
export const setUps: Strain = (_before, after, scenario, finding) => {
  const perSecond = PLANNED * (breaksAt(after, scenario) ?? 100);
  return (topology, seed) =>
    -Math.max(
      ...play(topology, scenario, perSecond, seed, 8000)
        .sources.filter((it) => it.id.startsWith(`${finding.component} `))
        .map((it) => it.latencyMs?.p95 ?? 1e6),
    );
};

/** Answers a second while the table has a hundred thousand rows: whoever has no index for them reads all. */
export const largeTable: Strain = (before, after, scenario, finding) => {
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
  const played = steady(was, is, scenario, finding);
  return (topology, seed) => played(topology === before ? was : is, seed);
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
    programs: network.programs.map((it) => (it.id.startsWith(reader) ? { ...it, body: cached(it.body) } : it)),
    caches: [{ id: 'key', keys: 1, zipf: 0, capacity: null, ttlMs, warm: 1, singleFlight: step.loadsOnce === true }],
  };
}

function holds(steps: Parameters<typeof walkSteps>[0], wanted: CacheStep): boolean {
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

/** Loads of the hot key while it runs out five times, less is better, at 0.8 × what the system carries with the key in place. */
export const keyRunsOut: Strain = (before, _after, scenario, finding) => {
  const perSecond = PLANNED * (breaksAt(before, scenario) ?? 100);
  const seconds = 2;
  return (topology, seed) => {
    const step = cacheAt(topology, finding.place, (it) => it.operation === 'read');
    const { network } = compile(topology, { ...scenario, profile: { kind: 'steady' }, targetPerSecond: perSecond });
    const run = simulate(withOneKey(topology, network, step, (1000 * seconds) / 5), { seconds, perSecond, seed, intervals: false });
    return -(run.caches?.[0]?.misses ?? Number.POSITIVE_INFINITY);
  };
};

/** Times that two work at once behind the lock, less is better: somebody comes every tenth of the work's longest time, and it takes anything up to that. */
export const slowWork =
  (longestMs: number): Strain =>
  (_before, _after, _scenario, finding) =>
  (topology, seed) => {
    const ttlMs = valueIn(cacheAt(topology, finding.place, (it) => it.ifAbsent === true).ttlMs) ?? 0;
    let [freeAt, busyUntil, twice] = [0, 0, 0];
    for (let now = 0; now < 200 * longestMs; now += longestMs / 10) {
      if (now < freeAt) continue;
      if (now < busyUntil) twice += 1;
      const workMs = draw(seed, 'work', now) * longestMs;
      freeAt = now + Math.min(ttlMs, workMs);
      busyUntil = Math.max(busyUntil, now + workMs);
    }
    return -twice;
  };

/** Heap of a process after a day at the target, less is better. */
export const dayLong: Strain = (before, _after, scenario, finding) => {
  const outcome = assess(before, scenario, POINT_ONLY);
  const step = cacheAt(before, finding.place, (it) => it.operation === 'write');
  return (topology) => -heapAfterDay(topology, outcome, step.target, step.key);
};

/** p95 of the route that enqueues, less is better, while its jobs take ten times as long. */
export const slowJobs =
  (channel: string, endpoint: string, perSecond: number): Strain =>
  (_before: Topology, _after: Topology, scenario: Scenario) =>
  (topology, seed) =>
    -(play(slowedJobs(topology, channel), scenario, perSecond, seed).sources.find((it) => it.id.startsWith(endpoint))?.latencyMs?.p95 ?? 1e6);
