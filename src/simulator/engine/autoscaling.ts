import type { Autoscaling } from '../../model/network-faults.ts';
import type { Group, Network } from '../../model/network.ts';

/** Kubernetes leaves things as they are while usage is this near to the target. */
const TOLERANCE = 0.1;
/** Usage that comes to a whole number of instances must not ask for one more. */
const ROUNDING = 1e-9;

/** Instances that a group may have at once. Those that are being taken away may still be busy when others are added. */
export const placesOf = (group: Group, network: Network): number =>
  Math.max(group.instances, group.autoscaling ? 2 * group.autoscaling.most : 0, isDeployed(group, network) ? 2 * group.instances : 0);

/** True where a new version replaces the group's instances at some moment. */
export const isDeployed = (group: Group, network: Network): boolean => (network.faults ?? []).some((it) => it.kind === 'deploy' && it.group === group.id);

/** What a group's autoscaler has wanted so far. */
export interface Scaler {
  readonly rule: Autoscaling;
  /** Instances that serve or are being started. */
  wanted: number;
  /** What was recommended within the stabilisation time, and when; the oldest first. */
  recommended: { atMs: number; instances: number }[];
}

export const scalerFor = (rule: Autoscaling, instances: number): Scaler => ({ rule, wanted: instances, recommended: [{ atMs: 0, instances }] });

/**
 * Looks once: `usage` is the mean number of instances' worth of work under way since the last look (active instances · utilisation). Returns the instances wanted from now on.
 * The rule of Kubernetes' HorizontalPodAutoscaler: ⌈usage ÷ target⌉, more at once, fewer only down to the most that was recommended within the stabilisation time.
 */
export function look(it: Scaler, usage: number, nowMs: number): number {
  const { rule } = it;
  const needed = usage / rule.targetUtilisation;
  const isNear = Math.abs(needed / it.wanted - 1) <= TOLERANCE + ROUNDING;
  const instances = Math.max(rule.least, Math.min(rule.most, isNear ? it.wanted : Math.ceil(needed - ROUNDING)));
  it.recommended = it.recommended.filter((past) => past.atMs > nowMs - rule.stabilisationMs);
  it.recommended.push({ atMs: nowMs, instances });
  const most = it.recommended.reduce((all, past) => Math.max(all, past.instances), 0);
  it.wanted = Math.max(instances, Math.min(it.wanted, most));
  return it.wanted;
}
