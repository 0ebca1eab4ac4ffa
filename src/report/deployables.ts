import type { Call, ComponentId, Topology } from '../model/topology.ts';

/**
 * The topology as it is deployed: a worker that lives in another component's process is a part of that one.
 * What it calls and consumes counts for its host; endpoints keep their ids.
 */
export function deployablesOf(topology: Topology): Topology {
  const hosts = new Map(topology.components.flatMap((it) => (it.runsIn === undefined ? [] : [[it.id, it.runsIn] as const])));
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

/** Workers that live in a component's process. */
export const inProcessOf = (topology: Topology, host: ComponentId): ComponentId[] => topology.components.filter((it) => it.runsIn === host).map((it) => it.id);
