import { applyChange } from '../model/change.ts';
import type { Outcome, SpikeOutcome, StationOutcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/topology.ts';
import type { Evidence, RemedyIdea, RuleId, Weakness } from '../model/weakness.ts';
import { RULES } from '../rules/index.ts';
import type { Effect } from './phrase.ts';

/** What the advisor asks of the simulator; tests hand in one with known answers. */
export interface Simulator {
  breaksAt(topology: Topology, scenario: Scenario): number | null;
  assess(topology: Topology, scenario: Scenario, options?: { ranges?: boolean; ladder?: boolean; breakEven?: boolean; spike?: boolean }): Outcome;
  playSpike(topology: Topology, scenario: Scenario): SpikeOutcome;
}

export interface Measured {
  effect: Effect;
  helps: boolean;
  /** For ranking between remedies of equal effort; larger is better. */
  gain: number;
  breaksAtBefore: number | null;
  breaksAtAfter: number | null;
  verdictAfter: Outcome['verdict'] | null;
}

/** breaksAt is searched to 1%: less than twice that is no difference. */
const NOTICEABLE = 1.02;
/** Requests that one strain may play: keeps an analysis within its second. */
const PLAYED_REQUESTS = 60_000;
const POINT_ONLY = { ranges: false, ladder: false, breakEven: false, spike: false };

type Shown = Pick<Measured, 'effect' | 'helps' | 'gain'>;
type Strain = (simulator: Simulator, evidence: Evidence, after: Topology, weakness: Weakness) => Shown;

/** The strain under which a rule's remedy has to show itself; all others by the rate at which the system breaks. */
const STRAINS: Readonly<Record<RuleId, Strain>> = {
  'connection-budget': fullPools,
  'missing-acquire-timeout': overload,
  'synchronous-write-path': spike,
  'worker-in-web-process': besideJobs,
};

/** Plays a remedy against the system as it is; before and after share every draw. */
export function measure(simulator: Simulator, evidence: Evidence, weakness: Weakness, idea: RemedyIdea): Measured {
  const breaksAtBefore = evidence.outcome.breaksAtPerSecond.value;
  if (!idea.change) return { effect: { kind: 'none' }, helps: true, gain: 0, breaksAtBefore: null, breaksAtAfter: null, verdictAfter: null };
  const after = applyChange(evidence.topology, idea.change);
  const options = { ...POINT_ONLY, ranges: evidence.outcome.decidedBy.length > 0 };
  const outcome = simulator.assess(after, evidence.scenario, options);
  const strain = STRAINS[weakness.rule] ?? load(outcome);
  const shown = strain(simulator, evidence, after, weakness);
  return { ...shown, breaksAtBefore, breaksAtAfter: outcome.breaksAtPerSecond.value, verdictAfter: outcome.verdict };
}

/** Steady load: the rate at which the system breaks, and what gives way then. */
function load(outcomeAfter: Outcome): Strain {
  return (simulator, { topology, scenario, outcome }) => {
    const before = simulator.breaksAt(topology, scenario);
    const after = outcomeAfter.breaksAtPerSecond.value;
    const ratio = (after ?? 1e6) / Math.max(before ?? 1e6, 0.1);
    const next = outcomeAfter.stations.find((it) => it.id === outcomeAfter.binding);
    const isOther = next !== undefined && next.id !== outcome.binding;
    return {
      effect: { kind: 'load', before, after, assumed: outcome.decidedBy.length > 0, bindsNext: isOther ? limitWords(next) : null },
      helps: before !== null && (after === null || ratio >= NOTICEABLE),
      gain: ratio,
    };
  };
}

function limitWords(station: StationOutcome): string {
  const cores = station.kind === 'store' && station.servers !== null && station.servers > 1;
  return cores ? `${station.label}'s ${station.servers} cores bind` : `${station.label} binds`;
}

/** The scenario's own spike. */
function spike(simulator: Simulator, { topology, scenario, outcome }: Evidence, after: Topology): Shown {
  const before = outcome.spike ?? simulator.playSpike(topology, scenario);
  const played = simulator.playSpike(after, scenario);
  const better = (played.passes && !before.passes) || played.acceptedShare > before.acceptedShare + 0.01 || played.goodputShare > before.goodputShare + 0.01;
  return {
    effect: { kind: 'spike', passes: played.passes, acceptedBefore: before.acceptedShare, acceptedAfter: played.acceptedShare, drainSeconds: played.drainSeconds },
    helps: better,
    gain: 1 + played.acceptedShare - before.acceptedShare + (played.passes ? 1 : 0),
  };
}

/** Half as much again as the system can carry, from clients that wait 5 s. */
function overload(simulator: Simulator, { topology, scenario, outcome }: Evidence, after: Topology): Shown {
  const saturates = outcome.saturatesAtPerSecond.value;
  const none = { effect: { kind: 'none' } as const, helps: false, gain: 0 };
  if (saturates === null || saturates <= 0) return none;
  const peakPerSecond = 1.5 * saturates;
  const seconds = Math.max(8, Math.min(60, PLAYED_REQUESTS / peakPerSecond));
  const strained: Scenario = { ...scenario, clientPatienceMs: 5000, profile: { kind: 'spike', basePerSecond: saturates / 4, peakPerSecond, seconds } };
  const [was, is] = [simulator.playSpike(topology, strained), simulator.playSpike(after, strained)];
  const gained = is.goodputShare - was.goodputShare;
  const sooner = (was.drainSeconds ?? was.runSeconds) - (is.drainSeconds ?? is.runSeconds);
  const failsAtTarget = simulator.assess(after, scenario, POINT_ONLY).errorShare;
  return {
    effect: { kind: 'goodput', before: was.goodputShare, after: is.goodputShare, drainBefore: was.drainSeconds, drainAfter: is.drainSeconds, failsAtTarget },
    helps: gained > 0.01 || (gained > -0.01 && sooner > 1),
    gain: 1 + gained,
  };
}

/** Every pool full at once: connections that the server would refuse. */
function fullPools(_simulator: Simulator, evidence: Evidence, after: Topology, weakness: Weakness): Shown {
  const rule = RULES.find((it) => it.id === weakness.rule);
  const still = rule?.find({ ...evidence, topology: after }).find((it) => it.component === weakness.component && it.state === 'weak');
  const refused = (it: Weakness | undefined) => Math.max(0, Number(it?.facts.total ?? 0) - Number(it?.facts.limit ?? 0));
  const [before, remaining] = [refused(weakness), refused(still)];
  return { effect: { kind: 'refused', before, after: remaining }, helps: remaining < before, gain: 1 + before - remaining };
}

/** Latency of the endpoints that share the process with jobs. */
function besideJobs(simulator: Simulator, { topology, scenario, outcome }: Evidence, after: Topology, weakness: Weakness): Shown {
  const host = topology.components.find((it) => it.id === weakness.component)?.runsIn;
  const mine = topology.endpoints.filter((it) => it.component === host && it.trigger.kind === 'http').map((it) => it.id);
  const p95 = (it: Outcome) => it.endpoints.reduce((worst, e) => (mine.includes(e.id) && e.latencyMs ? Math.max(worst, e.latencyMs.p95) : worst), 0);
  const played = simulator.assess(after, scenario, POINT_ONLY);
  const [beforeMs, afterMs] = [p95(outcome), p95(played)];
  if (beforeMs > 0 && afterMs > 0 && afterMs < beforeMs * 0.99) return { effect: { kind: 'latency', beforeMs, afterMs }, helps: true, gain: beforeMs / afterMs };
  return load(played)(simulator, { topology, scenario, outcome }, after, weakness);
}
