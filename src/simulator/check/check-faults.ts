import type { Fault } from '../../model/network-faults.ts';
import type { Network } from '../../model/network.ts';
import { type Check, fields, isFields, number, oneOf, optional, shown, text, whole } from './checks.ts';
import { meanMsOf } from '../laws.ts';
import { distribution } from './validate-arrivals.ts';

const flag: Check = (value, at) => (typeof value === 'boolean' ? null : `${at}: expected true or false, found ${shown(value)}`);
const instances: Check = (value, at) => (value === 'all' ? null : whole(1)(value, at) && `${at}: expected a whole number of at least 1 or "all", found ${shown(value)}`);

const KINDS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  slow: { station: text, factor: number(0) },
  freeze: { station: text },
  refuse: { station: text },
  lose: { program: text, share: number(0, 1), cause: text, hangs: optional(flag) },
  down: { group: text, instances, cause: text },
};

/** One fault, with the times when it is present. */
export const fault: Check = (value, at) => {
  if (!isFields(value)) return `${at}: expected a fault, found ${shown(value)}`;
  const kind = oneOf(...Object.keys(KINDS));
  const wrong = kind(value.kind, `${at}.kind`);
  if (wrong !== null) return wrong;
  const isRepeated = 'up' in value || 'down' in value;
  const times: Readonly<Record<string, Check>> = isRepeated ? { up: distribution, down: distribution } : { fromMs: number(0), untilMs: number(0) };
  return fields({ kind, ...KINDS[value.kind as string], ...times })(value, at);
};

/** Faults that end before they begin, last no time at all, or crash more than there is. */
export function faultsHold(network: Network): string | null {
  for (const [index, it] of (network.faults ?? []).entries()) {
    const wrong = timesOf(it) ?? targetOf(it, network);
    if (wrong !== null) return `faults[${index}].${wrong}`;
  }
  return null;
}

function timesOf(fault: Fault): string | null {
  if ('fromMs' in fault) return fault.untilMs > fault.fromMs ? null : 'untilMs: must lie after fromMs';
  if (meanMsOf(fault.up) <= 0) return 'up: must last some time';
  return meanMsOf(fault.down) > 0 ? null : 'down: must last some time';
}

function targetOf(fault: Fault, network: Network): string | null {
  if (fault.kind !== 'down' || fault.instances === 'all') return null;
  const group = network.groups.find((it) => it.id === fault.group);
  const most = group?.autoscaling?.most ?? group?.instances ?? 0;
  return fault.instances <= most ? null : `instances: "${fault.group}" has only ${most}`;
}
