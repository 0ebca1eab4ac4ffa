import { type Known, valueIn } from '../model/known.ts';
import { type ChannelId, type Endpoint, mapSteps, type Step, type Topology } from '../model/topology.ts';
import type { Evidence, Weakness } from '../model/weakness.ts';
import type { After, Shown, Simulator } from './effect.ts';
import { SLOW, slowResponse } from './slow-response.ts';

/** p95 of a route that enqueues, while the jobs of its queue take ten times as long, at a load that they carry even so. */
export function slowJobs(evidence: Evidence, after: After, weakness: Weakness, simulator: Simulator): Shown {
  const { channel, channelId } = weakness.facts;
  const carried = Math.min(evidence.outcome.breaksAtPerSecond.value ?? Number.POSITIVE_INFINITY, after.outcome.breaksAtPerSecond.value ?? Number.POSITIVE_INFINITY);
  return slowResponse(evidence, after, weakness, simulator, {
    slowed: (it) => slowedJobs(it, String(channelId)),
    id: String(channelId),
    target: `each job on ${String(channel)}`,
    mostPerSecond: carried / 2 / SLOW,
  });
}

/** Everything that the handlers of a channel do takes so many times as long, and whoever looks for their results looks so many times as often. */
export function slowedJobs(topology: Topology, channel: ChannelId): Topology {
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
