import { slowed } from '../../../src/advisor/strains.ts';
import { comesBy } from '../../../src/advisor/route-alone.ts';
import { holdInput, inputsOf, withInputs } from '../../../src/model/inputs.ts';
import { valueIn } from '../../../src/model/known.ts';
import type { Scenario } from '../../../src/model/scenario.ts';
import { type Topology, walkSteps } from '../../../src/model/topology.ts';
import { ledgerOf } from '../../../src/rules/ledger.ts';
import { assess, breaksAt, compile, playJobOutage, playSpike, type Run, simulate } from '../../../src/simulator/index.ts';
import type { Metric, Strain } from './gate.ts';

/** Requests of a round: enough for an overload of a fifth to show. */
const REQUESTS = 1500;
export const POINT_ONLY = { ranges: false, ladder: false, breakEven: false };
/** What a route without an answer in time takes. */
export const NEVER_MS = 1e6;

export function play(topology: Topology, scenario: Scenario, perSecond: number, seed: number, requests = REQUESTS): Run {
  return simulate(compile(topology, { ...scenario, profile: { kind: 'steady' }, targetPerSecond: perSecond }).network, {
    seconds: requests / perSecond,
    perSecond,
    seed,
    intervals: false,
  });
}

/** p95 of the slowest of the routes that are meant. */
export function p95Of(run: Run, isMeant: (id: string) => boolean): number {
  const meant = run.sources.filter((it) => isMeant(it.id));
  if (meant.length === 0) throw new Error('no route is meant');
  return Math.max(...meant.map((it) => it.latencyMs?.p95 ?? NEVER_MS));
}

const answeredBy = (run: Run): number => run.sources.reduce((sum, it) => sum + it.goodputPerSecond, 0);

/** A rate that the system carries only with the remedy, as far as that reaches. */
function within(before: Topology, after: Topology, scenario: Scenario): number {
  const was = breaksAt(before, scenario) ?? 1e6;
  return Math.max(was * 1.02, Math.min((breaksAt(after, scenario) ?? 1e6) * 0.9, was * 10));
}

const ANSWERED: Metric = { says: 'answers, /s', goes: 'up' };

/** A steady rate beyond what the system carries today. */
export const steady: Strain = {
  under: 'a steady load that it does not carry',
  metrics: [ANSWERED],
  play(before, after, scenario) {
    const perSecond = within(before, after, scenario);
    return (topology, seed) => [answeredBy(play(topology, scenario, perSecond, seed))];
  },
};

/** The same where requests or jobs may wait for each other in a circle: then nothing ever moves again. */
export const progress: Strain = {
  under: steady.under,
  metrics: [
    { says: 'answers and jobs done, /s', goes: 'up' },
    { says: 'runs that stand still, of 1', goes: 'shown', to: 0 },
  ],
  play(before, after, scenario) {
    const perSecond = within(before, after, scenario);
    return (topology, seed) => {
      const run = play(topology, scenario, perSecond, seed);
      return [answeredBy(run) + run.programs.reduce((sum, it) => sum + it.finished, 0) / run.seconds, run.stuck ? 1 : 0];
    };
  },
};

/** The same, and beside it what the other routes of the process take at a load that it does carry. */
export const besideBlocking: Strain = {
  under: steady.under,
  metrics: [ANSWERED, { says: 'p95 of the other routes at half of what it carries, ms', goes: 'down' }],
  play(before, after, scenario, finding) {
    const beyond = steady.play(before, after, scenario, finding);
    const { component, place } = finding;
    const carried = 0.5 * (breaksAt(before, scenario) ?? 100);
    const others = new Set(before.endpoints.filter((it) => it.component === component && it.role !== 'excluded' && !comesBy(it.steps, place)).map((it) => it.id));
    return (topology, seed) => [...beyond(topology, seed), p95Of(play(topology, scenario, carried, seed), (id) => others.has(id))];
  },
};

/** The same with ten times the rows in every query that reads them all. */
export const moreRows: Strain = {
  under: 'ten times the rows, at a steady load that it does not carry then',
  metrics: [ANSWERED],
  play(before, after, scenario, finding) {
    const grown = (topology: Topology): Topology => {
      const unlimited = new Set<string>();
      for (const endpoint of topology.endpoints)
        walkSteps(endpoint.steps, (step) => {
          const isMeant = step.kind === 'query' && step.place.file === finding.place.file && step.place.line === finding.place.line;
          if (isMeant && step.statement?.limit !== 'some') unlimited.add(holdInput(step));
        });
      const values = inputsOf(topology).flatMap((it) => (unlimited.has(it.id) ? [[it.id, (valueIn(it.value) ?? 0) * 10] as const] : []));
      return withInputs(topology, new Map(values));
    };
    const played = steady.play(grown(before), grown(after), scenario, finding);
    return (topology, seed) => played(grown(topology), seed);
  },
};

/** Visits of the services' event loops while repeats come. */
export const repeats: Strain = {
  under: 'half of what it carries, three in ten of the requests being repeats',
  metrics: [{ says: 'requests that reach the service, /s', goes: 'down' }],
  play(before, _after, scenario, { component }) {
    const perSecond = 0.5 * (breaksAt(before, scenario) ?? 100);
    return (topology, seed) => {
      const { stations } = compile(topology, scenario).network;
      const own = new Set(stations.filter((it) => it.component === component).map((it) => it.id));
      const run = play(topology, scenario, perSecond, seed);
      const first = run.stations.find((it) => own.has(it.id))?.arrivalsPerSecond ?? 0;
      return [first];
    };
  },
};

/** Connections that are refused when every pool is full, while a deployment rolls where the platform does that. */
export const fullPools: Strain = {
  under: 'every pool full, and a rolling update',
  metrics: [{ says: 'connections refused', goes: 'down', to: 0 }],
  play: () => (topology) => [
    topology.components.reduce((sum, store) => {
      const { total, limit } = ledgerOf(topology, store);
      return sum + Math.max(0, total - (limit ?? total));
    }, 0),
  ],
};

/** Half as much again as it can carry, from clients that wait five seconds. */
export const overload: Strain = {
  under: '1.5 × saturation for 60 s from clients that wait 5 s',
  metrics: [
    { says: 'answered in time, of 1', goes: 'up' },
    { says: 'until nobody waits any more, s', goes: 'down' },
  ],
  play(before, _after, scenario) {
    const saturates = assess(before, scenario, POINT_ONLY).saturatesAtPerSecond.value as number;
    const strained: Scenario = { ...scenario, clientPatienceMs: 5000, profile: { kind: 'spike', basePerSecond: saturates / 10, peakPerSecond: 1.5 * saturates, seconds: 60 } };
    return (topology, seed) => {
      const { goodputShare, drainSeconds, runSeconds } = playSpike(topology, { ...strained, seed }, { attribution: false, untilDrained: true });
      return [goodputShare, drainSeconds ?? runSeconds];
    };
  },
};

/** The spike of the lab's story, or the scenario's own. */
export const spike: Strain = {
  under: 'a spike, 50 → 1,000 req/s for 60 s where none is named',
  metrics: [
    { says: 'accepted, of 1', goes: 'up' },
    { says: 'answered in time, of 1', goes: 'up' },
    { says: 'until nobody waits any more, s', goes: 'shown' },
  ],
  play: (_before, _after, scenario) => (topology, seed) => {
    const { acceptedShare, goodputShare, drainSeconds, runSeconds } = playSpike(topology, { ...scenario, seed }, { attribution: false });
    return [acceptedShare, goodputShare, drainSeconds ?? runSeconds];
  },
};

/** What it waits for takes ten times as long, at half of what it carries otherwise. */
export const slowDependency: Strain = {
  under: 'what it waits for ten times as slow',
  metrics: [{ says: 'p95 of the route, ms', goes: 'down' }],
  play(before, _after, scenario, { facts }) {
    const slow = (it: Topology): Topology => slowed(it, String(facts.targetId), 10);
    const perSecond = Math.min(100, 0.5 * (breaksAt(before, scenario) ?? 200));
    return (topology, seed) => [p95Of(play(slow(topology), scenario, perSecond, seed), (id) => id === facts.endpointId)];
  },
};

/** What the jobs need is down for ten seconds. */
export const calleeDown: Strain = {
  under: 'what the jobs need down for 10 s',
  metrics: [{ says: 'jobs lost, of those that came meanwhile', goes: 'down' }],
  play: (before, _after, scenario) => (topology, seed) => [
    Math.max(
      ...before.channels.map(({ id }) => {
        const played = playJobOutage(topology, { ...scenario, targetPerSecond: 20, seed }, id);
        return played ? played.lost / played.arrived : 0;
      }),
    ),
  ],
};

/** Jobs come at the target. */
export const jobs: Strain = {
  under: 'the target’s jobs',
  metrics: [
    { says: 'jobs done, /s', goes: 'up' },
    // What is under way at the end of a round is no backlog that grows.
    { says: 'backlog grows, of the jobs that come', goes: 'down', to: 0.05 },
  ],
  play: (_before, _after, scenario) => (topology, seed) => {
    const run = play(topology, scenario, scenario.targetPerSecond, seed);
    const [came, done] = run.programs.reduce(([all, ended], it) => [all + it.started, ended + it.finished], [0, 0]);
    return [done / run.seconds, (came - done) / Math.max(1, came)];
  },
};

/** The jobs of the load are done beside its requests. */
export const besideJobs: Strain = {
  under: 'the target’s requests and jobs',
  metrics: [{ says: 'p95 of the requests, ms', goes: 'down' }],
  play: (_before, _after, scenario) => (topology, seed) => [p95Of(play(topology, scenario, scenario.targetPerSecond, seed), () => true)],
};
