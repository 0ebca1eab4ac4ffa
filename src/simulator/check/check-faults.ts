import type { Deploy, PassingFault } from '../../model/network-faults.ts';
import type { Network } from '../../model/network.ts';
import { type Check, fields, isFields, listOf, number, oneOf, optional, shown, text, whole, flag } from './checks.ts';
import { meanMsOf } from '../laws.ts';
import { stationsIn } from './check-policies.ts';
import { distribution } from './validate-arrivals.ts';

const instances: Check = (value, at) => (value === 'all' ? null : whole(1)(value, at) && `${at}: expected a whole number of at least 1 or "all", found ${shown(value)}`);

const KINDS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  slow: { station: text, factor: number(0) },
  freeze: { station: text },
  refuse: { station: text },
  lose: { program: text, share: number(0, 1), cause: text, hangs: optional(flag) },
  partition: { programs: listOf(text), cause: text, hangs: optional(flag) },
  down: { group: text, instances, cause: text },
};

const DEPLOY: Readonly<Record<keyof Deploy, Check>> = {
  kind: oneOf('deploy'),
  group: text,
  fromMs: number(0),
  unavailable: whole(0),
  surge: whole(0),
  coldStart: distribution,
  graceMs: number(0),
  cause: text,
  warmUp: optional(fields({ factor: number(0), forMs: number(0) })),
};

/** One fault, with the times when it is present. */
export const fault: Check = (value, at) => {
  if (!isFields(value)) return `${at}: expected a fault, found ${shown(value)}`;
  if (value.kind === 'deploy') return fields(DEPLOY)(value, at);
  const kind = oneOf(...Object.keys(KINDS), 'deploy');
  const wrong = kind(value.kind, `${at}.kind`);
  if (wrong !== null) return wrong;
  const isRepeated = 'up' in value || 'down' in value;
  const times: Readonly<Record<string, Check>> = isRepeated ? { up: distribution, down: distribution } : { fromMs: number(0), untilMs: number(0) };
  return fields({ kind, ...KINDS[value.kind as string], ...times })(value, at);
};

/** Faults that end before they begin, last no time at all, or crash more than there is. */
export function faultsHold(network: Network): string | null {
  for (const [index, it] of (network.faults ?? []).entries()) {
    const wrong = it.kind === 'deploy' ? deployHolds(it, network) : (timesOf(it) ?? targetOf(it, network));
    if (wrong !== null) return `faults[${index}].${wrong}`;
  }
  return null;
}

function timesOf(fault: PassingFault): string | null {
  if ('fromMs' in fault) return fault.untilMs > fault.fromMs ? null : 'untilMs: must lie after fromMs';
  if (meanMsOf(fault.up) <= 0) return 'up: must last some time';
  return meanMsOf(fault.down) > 0 ? null : 'down: must last some time';
}

function targetOf(fault: PassingFault, network: Network): string | null {
  if (fault.kind === 'partition') {
    const missing = fault.programs.find((id) => !network.programs.some((it) => it.id === id));
    return missing === undefined ? null : `programs[${fault.programs.indexOf(missing)}]: there is no program "${missing}"`;
  }
  if (fault.kind !== 'down' || fault.instances === 'all') return null;
  const group = network.groups.find((it) => it.id === fault.group);
  const most = group?.autoscaling?.most ?? group?.instances ?? 0;
  return fault.instances <= most ? null : `instances: "${fault.group}" has only ${most}`;
}

function deployHolds(deploy: Deploy, network: Network): string | null {
  const group = network.groups.find((it) => it.id === deploy.group);
  if (!group) return null;
  if (group.autoscaling || group.onDemand) return `group: the instances of "${group.id}" come and go by themselves, so no deploy must replace them`;
  if (deploy.unavailable > group.instances) return `unavailable: must be at most ${group.instances}, which "${group.id}" has`;
  if (deploy.unavailable + deploy.surge < 1) return 'unavailable: must be at least 1 where surge is 0, or nothing could ever be replaced';
  const own = new Set(network.stations.filter((it) => it.group === group.id).map((it) => it.id));
  const stranger = network.programs.find((it) => it.group !== group.id && stationsIn(it.body).some((id) => own.has(id)));
  return stranger ? `group: program "${stranger.id}" uses its stations, so it must run in group "${group.id}"` : null;
}
