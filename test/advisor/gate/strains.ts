import { slowed } from '../../../src/advisor/strains.ts';
import { holdInput, inputsOf, withInputs } from '../../../src/model/inputs.ts';
import { valueIn } from '../../../src/model/known.ts';
import type { Scenario } from '../../../src/model/scenario.ts';
import { type Topology, walkSteps } from '../../../src/model/topology.ts';
import { ledgerOf } from '../../../src/rules/ledger.ts';
import { assess, breaksAt, compile, playJobOutage, playSpike, simulate } from '../../../src/simulator/index.ts';
import type { Strain } from './gate.ts';

/** Requests of a round: enough for an overload of a fifth to show. */
const REQUESTS = 1500;
const POINT_ONLY = { ranges: false, ladder: false, breakEven: false };

export function play(topology: Topology, scenario: Scenario, perSecond: number, seed: number, requests = REQUESTS) {
  return simulate(compile(topology, { ...scenario, profile: { kind: 'steady' }, targetPerSecond: perSecond }).network, {
    seconds: requests / perSecond,
    perSecond,
    seed,
    intervals: false,
  });
}

/** A rate that the system carries only with the remedy, as far as that reaches. */
function within(before: Topology, after: Topology, scenario: Scenario): number {
  const was = breaksAt(before, scenario) ?? 1e6;
  return Math.max(was * 1.02, Math.min((breaksAt(after, scenario) ?? 1e6) * 0.9, was * 10));
}

/** Answers a second at a steady rate beyond what the system carries today. */
export const steady: Strain = (before, after, scenario) => {
  const perSecond = within(before, after, scenario);
  return (topology, seed) => play(topology, scenario, perSecond, seed).sources.reduce((sum, it) => sum + it.goodputPerSecond, 0);
};

/** The same with ten times the rows in every query that reads them all. */
export const moreRows: Strain = (before, after, scenario, finding) => {
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
  const played = steady(grown(before), grown(after), scenario, finding);
  return (topology, seed) => played(grown(topology), seed);
};

/** Connections that are refused when every pool is full, against none. */
export const fullPools: Strain = () => (topology) =>
  topology.components.reduce((sum, store) => {
    const { total, limit } = ledgerOf(topology, store);
    return sum - Math.max(0, total - (limit ?? total));
  }, 0);

/** Share answered in time while half as much again comes as it can carry, from clients that wait five seconds. */
export const overload: Strain = (before, _after, scenario) => {
  const saturates = assess(before, scenario, POINT_ONLY).saturatesAtPerSecond.value as number;
  const strained: Scenario = { ...scenario, clientPatienceMs: 5000, profile: { kind: 'spike', basePerSecond: saturates / 10, peakPerSecond: 1.5 * saturates, seconds: 25 } };
  return (topology, seed) => playSpike(topology, { ...strained, seed }).goodputShare;
};

/** Share of the scenario's spike that is answered in time. */
export const spike: Strain = (_before, _after, scenario) => (topology, seed) => playSpike(topology, { ...scenario, seed }).goodputShare;

/** p95 of the endpoint, less is better, while what it waits for takes ten times as long. */
export const slowDependency =
  (target: string, endpoint: string, perSecond: number): Strain =>
  (_before, _after, scenario) =>
  (topology, seed) =>
    -(play(slowed(topology, target, 10), scenario, perSecond, seed).sources.find((it) => it.id.startsWith(endpoint))?.latencyMs?.p95 ?? Number.POSITIVE_INFINITY);

/** Jobs that are lost in an outage of ten seconds, less is better. */
export const calleeDown =
  (channel: string, perSecond: number): Strain =>
  (_before, _after, scenario) =>
  (topology, seed) =>
    -(playJobOutage(topology, { ...scenario, targetPerSecond: perSecond, seed }, channel)?.lost ?? Number.POSITIVE_INFINITY);

/** Jobs done a second while the target's come. */
export const jobsDone =
  (program: string): Strain =>
  (_before, _after, scenario) =>
  (topology, seed) => {
    const run = play(topology, scenario, scenario.targetPerSecond, seed);
    return run.programs.filter((it) => it.id.startsWith(program)).reduce((sum, it) => sum + it.finished, 0) / (REQUESTS / scenario.targetPerSecond);
  };

/** p95 of all requests, less is better, while the jobs of the load are done beside them. */
export const besideJobs: Strain = (_before, _after, scenario) => (topology, seed) =>
  -Math.max(...play(topology, scenario, scenario.targetPerSecond, seed).sources.map((it) => it.latencyMs?.p95 ?? Number.POSITIVE_INFINITY));
