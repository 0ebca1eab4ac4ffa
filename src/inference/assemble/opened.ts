import { type Known, known } from '../../model/known.ts';
import type { Step } from '../../model/topology.ts';
import { CONNECT_CPU_MS, CONNECT_MS } from '../assumptions.ts';
import type { Resource } from '../code/values.ts';
import type { DraftStep } from '../detector.ts';
import type { StepTargets } from './steps.ts';

/** The client lives for one run of the program that makes it. */
export const livesForOne = (client: Resource): boolean => client.data.made === 'inProgram' && client.data.kept !== true && client.data.dedicated !== true;

/** A connection that is set up for one run: the way there and back, and what the server does for it. */
export function openingSteps(it: Extract<DraftStep, { kind: 'opens' }>, to: StepTargets): Step[] {
  const store = to.storeOf(it.client);
  if (!store?.opened) return [];
  const { place } = it;
  const cpu = CONNECT_CPU_MS[store.opened.engine] ?? (CONNECT_CPU_MS.other as Known);
  const whole = CONNECT_MS[store.opened.engine] ?? (CONNECT_MS.other as Known);
  return [
    { kind: 'wait', label: `wait for a new connection to ${store.target}`, ms: way(whole, cpu), place },
    {
      kind: 'query',
      label: `connect to ${store.target}`,
      target: store.target,
      operation: 'other',
      usesHeld: false,
      holdMs: cpu,
      awaited: true,
      opens: { pool: store.opened.pool, isCertain: it.client.data.unsure !== true },
      place,
    },
  ];
}

/** What is left of the whole for the network. */
function way(whole: Known, cpu: Known): Known {
  if (whole.state !== 'known' || cpu.state !== 'known') return whole;
  const [low, high] = whole.range ?? [whole.value, whole.value];
  const less = (ms: number): number => Math.max(0, ms - cpu.value);
  return known(less(whole.value), 'ms', 'assumed', { range: [less(low), less(high)], ...(whole.source && { source: whole.source }) });
}
