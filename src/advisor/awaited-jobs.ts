import { type Known, valueIn } from '../model/known.ts';
import type { Scenario } from '../model/scenario.ts';
import { type ChannelId, type Endpoint, mapSteps, type Step, type Topology } from '../model/topology.ts';
import type { Evidence, Weakness } from '../model/weakness.ts';
import type { After, Shown, Simulator } from './effect.ts';
import { POINT_ONLY } from './strains.ts';

/** How much slower than expected jobs get. */
const SLOW = 10;
const LEAST_RATE = 0.1;

/** p95 of a route that enqueues, while the jobs of its queue take ten times as long, at a load that they carry even so. */
export function slowJobs(evidence: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const { channelId, endpointId } = weakness.facts;
  const carried = Math.min(evidence.outcome.breaksAtPerSecond.value ?? Number.POSITIVE_INFINITY, after.outcome.breaksAtPerSecond.value ?? Number.POSITIVE_INFINITY);
  const targetPerSecond = Math.max(LEAST_RATE, Math.min(evidence.scenario.targetPerSecond, carried / 2 / SLOW));
  const scenario: Scenario = { ...evidence.scenario, profile: { kind: 'steady' }, targetPerSecond };
  const p95 = (topology: Topology): number =>
    simulator.assess(slowed(topology, String(channelId)), scenario, POINT_ONLY).endpoints.find((it) => it.id === endpointId)?.latencyMs?.p95 ?? 0;
  const [beforeMs, afterMs] = [p95(evidence.topology), p95(after.topology)];
  if (beforeMs <= 0 || afterMs <= 0) return { effect: { kind: 'unplayed', why: 'the route takes no load' }, helps: true, gain: 0 };
  return {
    effect: { kind: 'response', route: String(weakness.facts.route), target: `each job on ${String(weakness.facts.channel)}`, slow: SLOW, beforeMs, afterMs },
    helps: afterMs * 1.02 < beforeMs,
    gain: beforeMs / afterMs,
  };
}

/** Everything that the handlers of a channel do takes so many times as long, and whoever looks for their results looks so many times as often. */
function slowed(topology: Topology, channel: ChannelId): Topology {
  const done = new Set(topology.channels.filter((it) => it.id === channel).flatMap((it) => it.consumers.map((one) => one.endpoint)));
  const isHandler = (it: Endpoint): boolean => done.has(it.id) || (it.trigger.kind === 'message' && it.trigger.channel === channel);
  return { ...topology, endpoints: topology.endpoints.map((it) => ({ ...it, steps: mapSteps(it.steps, (step) => [isHandler(it) ? slower(step) : polledLonger(step)]) })) };
}

const longer = (it: Known): Known => (valueIn(it) === undefined || it.state !== 'known' ? it : { ...it, value: it.value * SLOW });

function slower(step: Step): Step {
  if (step.kind === 'compute' || step.kind === 'wait') return { ...step, ms: longer(step.ms) };
  if (step.kind === 'query') return { ...step, holdMs: longer(step.holdMs) };
  return step.kind === 'request' || step.kind === 'cache' ? { ...step, serviceMs: longer(step.serviceMs) } : step;
}

const polledLonger = (step: Step): Step => (step.kind === 'wait' && step.polls ? { ...step, ms: longer(step.ms) } : step);
