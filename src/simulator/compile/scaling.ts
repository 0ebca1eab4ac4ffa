import { valueIn } from '../../model/known.ts';
import type { Autoscaling } from '../../model/network-faults.ts';
import type { Network } from '../../model/network.ts';
import type { Component } from '../../model/topology.ts';
import { solve } from '../solve/solve.ts';
import type { Compiled } from './compile.ts';

/** Kubernetes looks every 15 s, and takes none away before nothing more was wanted for five minutes. */
const EVERY_MS = 15_000;
const STABILISATION_MS = 300_000;
/** A pod is scheduled, its image is there, Node starts and its readiness probe passes: assumed. */
const START_MS = 10_000;
/** A loop that is asked to be fuller than this would queue without end before anybody looked. */
const FULLEST = 0.95;

/**
 * The network with groups that their autoscaler makes larger and smaller, as they are at a load of `perSecond`; for runs in which load changes.
 * `compile` gives each its most, which is what a steady overload comes to. One process per replica only: for several nobody knows which of them is busy.
 */
export function withAutoscaling({ network, topology }: Compiled, perSecond: number): Network {
  const rules = new Map(topology.components.flatMap((it) => ruleOf(it, network)));
  if (rules.size === 0) return network;
  const solved = new Map(solve(network, perSecond).stations.map((it) => [it.id, it.utilisation]));
  return {
    ...network,
    groups: network.groups.map((group) => {
      const rule = rules.get(group.id);
      if (!rule) return group;
      const wanted = Math.ceil(((solved.get(rule.station) ?? 0) * group.instances) / rule.targetUtilisation);
      return { ...group, instances: Math.max(rule.least, Math.min(rule.most, wanted)), autoscaling: rule };
    }),
  };
}

function ruleOf(component: Component, network: Network): [string, Autoscaling][] {
  const least = component.autoscaling && valueIn(component.autoscaling.least);
  const target = component.autoscaling && valueIn(component.autoscaling.targetCores);
  const group = network.groups.find((it) => it.id === component.id);
  const station = network.stations.find((it) => it.id === `event loop of ${component.id}`);
  if (!least || !target || !group || !station || group.onDemand || (valueIn(component.processes) ?? 1) > 1 || least >= group.instances) return [];
  // A limit below one core is a slower loop: what it uses of a core is less than its busy time.
  const cores = Math.min(1, valueIn(component.cores) ?? 1);
  const targetUtilisation = Math.min(FULLEST, target / cores);
  return [
    [
      component.id,
      {
        station: station.id,
        targetUtilisation,
        least: Math.max(1, Math.round(least)),
        most: group.instances,
        everyMs: EVERY_MS,
        startMs: START_MS,
        stabilisationMs: STABILISATION_MS,
      },
    ],
  ];
}
