import type { ReplicatedData } from '../../model/network-replicas.ts';
import type { Network } from '../../model/network.ts';
import { placesOf } from '../engine/autoscaling.ts';
import { type Check, fields, number, optional, text, whole } from './checks.ts';
import { distribution } from './validate-arrivals.ts';

/** Every replica notes for each key when its last write shows. */
const MOST_KEYS = 10_000_000;

export const replicatedData: Check = fields({
  id: text,
  keys: whole(1, MOST_KEYS),
  zipf: number(0, 10),
  lag: distribution,
  group: optional(text),
} satisfies Record<keyof ReplicatedData, Check>);

/** What instructions say of replicated data. */
export const REPLICA_STEPS = (body: Check): Readonly<Record<string, Readonly<Record<string, Check>>>> => ({
  write: { data: text },
  readReplica: { data: text, stale: optional(body) },
});

/** Keys times replicas that would not fit into memory. */
export function replicasHold(network: Network): string | null {
  for (const [index, it] of (network.replicatedData ?? []).entries()) {
    const group = network.groups.find((one) => one.id === it.group);
    if (it.keys * (group ? placesOf(group, network) : 1) > MOST_KEYS) return `replicatedData[${index}].keys: with all replicas too many, more than ${MOST_KEYS}`;
  }
  return null;
}
