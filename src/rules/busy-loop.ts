import { valueIn } from '../model/known.ts';
import { innerRuns } from '../model/often.ts';
import { activeDeployment, type Component, type ComputeStep, type Step } from '../model/topology.ts';
import { instancesOf, runsPerSecond, type Tally, tallyOf } from '../model/uses.ts';
import type { Evidence, Weakness } from '../model/weakness.ts';
import { bindingStation, fails, PLANNED_UTILISATION } from './binding.ts';
import { hostOf } from './ledger.ts';
import { moreReplicas } from './more-replicas.ts';

/** What is less of a loop's work is not named. */
const NAMED = 0.05;
const MOST_NAMED = 3;
/** More processes than this want another look at what each of them does. */
const MOST_TIMES = 8;

/** What each request or job costs whatever it does: that alone is no news. */
const ANYWAY = /\bhandling\b/;

/** What is kept for the next time is no part of a run. */
export const runsOf: typeof innerRuns = (step, misses) =>
  innerRuns(step, misses).map(([steps, times]) => [steps, step.kind === 'branch' && step.unlessThere && steps === step.taken ? 0 : times]);

/** An event loop gives way first and no single call is why: what it does most, and more processes of it. Its shares rest on assumed times, so it accuses nobody. */
export function busyLoop(evidence: Evidence, explained: ReadonlySet<string>): Weakness[] {
  const { topology, scenario, outcome } = evidence;
  const loop = bindingStation(outcome);
  const host = loop?.kind === 'eventLoop' ? topology.components.find((it) => it.id === loop.component) : undefined;
  const [place] = host?.places ?? [];
  if (!loop || !host || !place || explained.has(host.id) || host.scope !== 'runtime' || !fails(scenario, outcome)) return [];
  if (activeDeployment(topology)?.stage === 'development') return [];
  const parts = partsOf(evidence, host, loop.utilisation * 1000);
  if (parts.every(({ label }) => ANYWAY.test(label))) return [];
  // Beyond saturation the loop is as busy as it can be: the load that it is asked for tells how many are wanted.
  const asked = Math.max(loop.utilisation, outcome.targetPerSecond / (outcome.saturatesAtPerSecond.value ?? outcome.targetPerSecond));
  const wanted = Math.ceil((valueIn(host.replicas) ?? 1) * Math.min(MOST_TIMES, asked / PLANNED_UTILISATION));
  return [
    {
      rule: 'event-loop-blocking',
      place,
      component: host.id,
      certain: false,
      state: 'weak',
      facts: { process: host.name, parts: parts.map(({ label, share }) => `${label} ${Math.round(share * 100)}%`).join(', '), kind: 'busy' },
      related: parts.flatMap(({ step }) => (step.call ? [{ place: step.place, says: `${step.call.library}.${step.call.name} is part of it` }] : [])),
      remedies: moreReplicas(topology, host, wanted),
    },
  ];
}

interface Part {
  label: string;
  step: ComputeStep;
  share: number;
}

/** The largest parts of what one process's event loop does a second, of `busyMs`. */
function partsOf({ topology, outcome }: Evidence, host: Component, busyMs: number): Part[] {
  const runs = runsPerSecond(topology, outcome);
  const known = new Map<Step, Tally>();
  const steps = new Map<string, ComputeStep>();
  const nameOf = (step: ComputeStep): string => (step.call ? `${step.call.library}.${step.call.name}` : step.label.replace(` in ${host.name}`, ''));
  const of = (step: Step): readonly string[] => {
    if (step.kind !== 'compute' || step.where !== 'eventLoop') return [];
    const key = `${nameOf(step)} ${valueIn(step.ms) ?? 0}`;
    steps.set(key, step);
    return [key];
  };
  const work = new Map<string, { step: ComputeStep; ms: number }>();
  for (const endpoint of topology.endpoints) {
    const perSecond = runs.get(endpoint.id) ?? 0;
    // Jobs wait in their queue: `slow-consumer` tells of them.
    if (perSecond <= 0 || endpoint.trigger.kind !== 'http' || hostOf(topology, endpoint.component) !== host) continue;
    for (const [key, times] of tallyOf(endpoint.steps, of, known, runsOf)) {
      const step = steps.get(key) as ComputeStep;
      const label = nameOf(step);
      const before = work.get(label)?.ms ?? 0;
      work.set(label, { step, ms: before + (perSecond * times * (valueIn(step.ms) ?? 0)) / instancesOf(host) });
    }
  }
  return [...work]
    .map(([label, { step, ms }]) => ({ label, step, share: busyMs > 0 ? Math.min(1, ms / busyMs) : 0 }))
    .filter(({ share }) => share >= NAMED)
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_NAMED);
}
