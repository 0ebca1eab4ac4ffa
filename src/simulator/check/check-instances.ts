import type { Memory, OnDemand } from '../../model/network-faults.ts';
import type { Network } from '../../model/network.ts';
import { type Check, fields, number, optional, text } from './checks.ts';
import { distribution } from './validate-arrivals.ts';

/** What a group's instances can do beyond running. */
export const INSTANCE_FIELDS = {
  onDemand: optional(fields({ coldStart: distribution, idleMs: number(0), cause: text } satisfies Record<keyof OnDemand, Check>)),
  memory: optional(fields({ baseMb: number(0), limitMb: number(0), restartMs: number(0), cause: text } satisfies Record<keyof Memory, Check>)),
} as const;

/** Instances that cannot even start, and groups that grow in two ways at once. */
export function instancesHold(network: Network): string | null {
  for (const [index, it] of network.groups.entries()) {
    if (it.memory && it.memory.baseMb >= it.memory.limitMb) return `groups[${index}].memory.limitMb: must be more than baseMb`;
    if (it.onDemand && it.autoscaling) return `groups[${index}].onDemand: starts instances itself; there is autoscaling too`;
  }
  return null;
}
