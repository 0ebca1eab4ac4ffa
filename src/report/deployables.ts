import type { Call, Component, ComponentId, Topology } from '../model/topology.ts';

/**
 * The topology as it is deployed: a worker that lives in another component's process is a part of that one, and functions of one template are one.
 * What it calls and consumes counts for its host; endpoints keep their ids.
 */
export function deployablesOf(whole: Topology): Topology {
  const { topology, members } = withUnits(whole);
  const hosts = new Map([...members, ...topology.components.flatMap((it) => (it.runsIn === undefined ? [] : [[it.id, it.runsIn] as const]))]);
  if (hosts.size === 0) return topology;
  const hostOf = (id: ComponentId): ComponentId => hosts.get(id) ?? id;
  const calls = new Map<string, Call>();
  for (const it of topology.calls) {
    const [from, to] = [hostOf(it.from), hostOf(it.to)];
    if (from === to) continue;
    const key = `${from}\n${to}\n${it.kind}`;
    const before = calls.get(key);
    calls.set(key, { ...it, ...before, from, to, places: [...(before?.places ?? []), ...it.places] });
  }
  return {
    ...topology,
    components: topology.components.filter((it) => it.runsIn === undefined),
    calls: [...calls.values()],
    endpoints: topology.endpoints.map((it) => ({ ...it, component: hostOf(it.component) })),
    channels: topology.channels.map((it) => ({
      ...it,
      producers: it.producers.map((row) => ({ ...row, component: hostOf(row.component) })),
      consumers: it.consumers.map((row) => ({ ...row, component: hostOf(row.component) })),
    })),
  };
}

/** Functions by the unit that they are deployed with; it takes the place of the first of them. */
function withUnits(topology: Topology): { topology: Topology; members: [ComponentId, ComponentId][] } {
  const units = new Map<string, Component[]>();
  for (const it of topology.components) if (it.onDemand?.unit) units.set(it.onDemand.unit, [...(units.get(it.onDemand.unit) ?? []), it]);
  if (units.size === 0) return { topology, members: [] };
  const ids = new Set(topology.components.filter((it) => !it.onDemand?.unit).map((it) => it.id));
  const made = new Map<Component, Component>();
  const members: [ComponentId, ComponentId][] = [];
  for (const [unit, [first, ...rest]] of units) {
    if (!first) continue;
    const all = [first, ...rest];
    const id = ids.has(unit) ? `${unit} functions` : unit;
    members.push(...all.map((it): [ComponentId, ComponentId] => [it.id, id]));
    made.set(first, {
      ...first,
      id,
      name: unit,
      kind: all.some((it) => it.kind === 'service') ? 'service' : first.kind,
      aliases: [...new Set(all.flatMap((it) => [it.name, ...it.aliases]))].filter((it) => it !== id),
      places: all.flatMap((it) => it.places),
    });
  }
  const components = topology.components.flatMap((it) => (it.onDemand?.unit ? (made.get(it) ?? []) : [it]));
  return { topology: { ...topology, components }, members };
}

/** Workers that live in a component's process. */
export const inProcessOf = (topology: Topology, host: ComponentId): ComponentId[] => topology.components.filter((it) => it.runsIn === host).map((it) => it.id);
