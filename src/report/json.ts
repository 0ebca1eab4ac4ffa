import type { Report } from '../model/advice.ts';
import { answerOf } from '../model/answer.ts';
import { digestOf } from '../model/digest.ts';
import type { Known } from '../model/known.ts';
import type { Endpoint, Step, Topology } from '../model/topology.ts';
import { activeDeployment } from '../model/topology.ts';
import { deployablesOf, inProcessOf } from './deployables.ts';
import { type FindingRow, findingRows } from './finding-rows.ts';

/** What the scaffold command's part of a report needs. */
export interface ScaffoldWord {
  command: string | null;
  notExpressible: readonly string[];
}

/**
 * The report as `faultline check --format json` prints it: fields may be added, names and units stay.
 * Deterministic for the same input; times of the run are left out unless asked for.
 */
export function jsonOf(report: Report, scaffold: ScaffoldWord, timing: boolean): object {
  const { topology, scenario, outcome, advice } = report;
  return {
    version: 1,
    topology: topologyOf(topology),
    scenario,
    outcome: {
      targetPerSecond: outcome.targetPerSecond,
      digest: digestOf(outcome),
      verdict: answerOf(report.scenario, outcome),
      headline: advice.headline,
      explanation: advice.explanation,
      breaksAtPerSecond: outcome.breaksAtPerSecond,
      saturatesAtPerSecond: outcome.saturatesAtPerSecond,
      ...(outcome.draws && { draws: outcome.draws }),
      criterion: outcome.criterion,
      breakEven: outcome.breakEven.map((it) => ({
        input: it.label,
        value: it.value,
        direction: it.direction,
        unit: it.unit,
        basis: it.basis,
        typical: it.typical,
        places: it.places,
      })),
      objective: outcome.objective,
      ladder: outcome.ladder.map((it) => ({ station: it.label, component: it.component, breaksAtPerSecond: it.breaksAtPerSecond, why: it.criterion, places: it.places })),
      goodputPerSecond: outcome.goodputPerSecond,
      errorShare: outcome.errorShare,
      errorsByCause: outcome.errorsByCause,
      latencyMs: outcome.latencyMs,
      growing: outcome.growing,
      stations: outcome.stations.map((it) => ({ id: it.label, component: it.component, utilisation: it.utilisation, meanQueue: it.meanQueue, meanWaitMs: it.meanWaitMs })),
      endpoints: outcome.endpoints,
      channels: outcome.channels,
      decidedBy: outcome.decidedBy.map((it) => ({ input: it.label, basis: it.basis, low: it.low, high: it.high, unit: it.unit, places: it.places })),
      assumptions: outcome.assumptions,
      spike: outcome.spike && { ...outcome.spike, series: undefined },
    },
    measured: report.measured ?? [],
    findings: findingsOf(advice.findings),
    scaffold,
    readiness: (advice.readiness ?? []).map((it) => ({
      layer: it.layer,
      rule: it.rule,
      state: 'weak',
      file: it.place.file,
      line: it.place.line,
      message: it.message,
      remedies: it.remedies.map((row) => row.title),
    })),
    problems: topology.problems,
    ...(timing && { timingMs: report.read.ms }),
  };
}

function findingsOf(findings: Report['advice']['findings']): object[] {
  const rows = findingRows(findings);
  const said = ({ rule, severity, place, message, subject, fingerprint }: FindingRow) => ({
    rule,
    severity,
    file: place.file,
    line: place.line,
    endLine: place.endLine ?? place.line,
    message,
    subject,
    fingerprint,
  });
  return findings.map((it, index) => {
    const mine = rows.filter((row) => row.at[0] === index);
    const [lead, ...folded] = mine as [FindingRow, ...FindingRow[]];
    return {
      ...said(lead),
      folded: folded.map(said),
      related: it.related.map((row) => ({ file: row.place.file, line: row.place.line, message: row.message })),
      remedies: it.remedies.map((row) => ({
        title: row.title,
        breaksAtBefore: row.breaksAtBefore,
        breaksAtAfter: row.breaksAtAfter,
        price: row.price,
        fix: row.edit ? 'edit' : 'guidance',
        ...(row.insteadOf !== undefined && { insteadOf: row.insteadOf }),
      })),
    };
  });
}

function topologyOf(whole: Topology): object {
  const topology = deployablesOf(whole);
  return {
    components: topology.components.map((it) => ({
      id: it.id,
      name: it.name,
      kind: it.kind,
      technology: it.technology,
      aliases: it.aliases,
      scope: it.scope,
      ...(it.replicaOf !== undefined && { replicaOf: it.replicaOf }),
      ...(inProcessOf(whole, it.id).length > 0 && { inProcess: inProcessOf(whole, it.id) }),
      replicas: flat(it.replicas),
      processes: flat(it.processes),
      ...(it.maxConnections.state === 'known' && { maxConnections: flat(it.maxConnections) }),
      places: it.places,
    })),
    calls: topology.calls.map((it) => ({
      from: it.from,
      to: it.to,
      kind: it.kind,
      sync: it.sync,
      scope: it.scope,
      ...(it.pool !== undefined && { pool: flat(topology.pools.find((pool) => pool.id === it.pool)?.max ?? { state: 'unknown', why: 'the pool was not found' }) }),
      places: it.places,
    })),
    endpoints: topology.endpoints.map((it: Endpoint) => ({
      id: it.id,
      component: it.component,
      role: it.role,
      external: it.external,
      trigger: triggerOf(it.trigger),
      place: it.place,
      steps: it.steps.map(stepOf),
    })),
    facts: topology.facts,
    deployment: activeDeployment(topology)?.name ?? null,
    deployments: topology.deployments.map((it) => ({ name: it.name, source: it.source, stage: it.stage, active: it.active })),
    channels: topology.channels.map((it) => ({
      name: it.name,
      broker: it.broker,
      producers: it.producers.map((row) => row.component),
      consumers: it.consumers.map((row) => row.component),
      concurrency: it.consumers[0] ? flat(it.consumers[0].concurrency) : null,
    })),
    conflicts: topology.conflicts,
  };
}

const triggerOf = (it: Endpoint['trigger']): object => (it.kind === 'schedule' ? { kind: it.kind, everyMs: flat(it.everyMs) } : it);

/** A known value flat, as the corpus and scripts read it; the other two states by name. */
function flat(it: Known): object {
  if (it.state === 'none') return { state: 'none', ...(it.place && { place: it.place }) };
  if (it.state === 'unknown') return { state: 'unknown', why: it.why };
  return {
    value: it.value,
    unit: it.unit,
    basis: it.basis,
    ...(it.place && { place: it.place }),
    ...(it.source && { source: it.source }),
    ...(it.range && { range: it.range }),
    ...(it.at && { at: it.at }),
    ...(it.perSecond !== undefined && { perSecond: it.perSecond }),
    ...(it.isStale && { stale: true }),
  };
}

function stepOf(step: Step): object {
  return Object.fromEntries(Object.entries(step).map(([key, value]) => [key, fieldOf(value)]));
}

function fieldOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((it) => (isStep(it) ? stepOf(it) : Array.isArray(it) ? it.map((inner) => (isStep(inner) ? stepOf(inner) : inner)) : it));
  return isKnown(value) ? flat(value) : value;
}

const isStep = (it: unknown): it is Step => typeof it === 'object' && it !== null && 'kind' in it && 'place' in it;
const isKnown = (it: unknown): it is Known => typeof it === 'object' && it !== null && 'state' in it;
