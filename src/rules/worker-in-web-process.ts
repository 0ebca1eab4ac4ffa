import type { Component, Topology } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';

/** Only a process that answers requests has something to lose. */
const answers = (topology: Topology, host: Component): boolean => topology.endpoints.some((it) => it.component === host.id && it.trigger.kind === 'http' && it.role !== 'excluded');

function judge({ topology, outcome }: Evidence, worker: Component): Weakness[] {
  const consumers = topology.channels.flatMap((channel) => channel.consumers.filter((it) => it.component === worker.id).map((consumer) => ({ channel, consumer })));
  const made = consumers[0]?.consumer.place ?? worker.places[0];
  // What has to go is the line that starts it.
  const place = consumers[0]?.consumer.startedAt ?? made;
  if (!place || !made) return [];
  const base = { rule: 'worker-in-web-process', place, component: worker.id, certain: false };
  if (!worker.runsIn) return [besideWeb(topology, worker) ?? { ...base, state: 'sound', facts: {}, related: [], remedies: [] }];
  const host = topology.components.find((it) => it.id === worker.runsIn);
  if (!host || !answers(topology, host)) return [{ ...base, state: 'unknown', facts: {}, related: [], remedies: [] }];
  const loop = outcome.stations.find((it) => it.kind === 'eventLoop' && it.component === host.id);
  return [
    {
      ...base,
      ...(loop && { station: loop.id }),
      state: 'weak',
      facts: { worker: worker.name, host: host.name },
      related: [...(made === place ? [] : [{ place: made, says: `${worker.name} is made here` }]), ...host.places.slice(0, 1)].map((it) =>
        'says' in it ? it : { place: it, says: `${host.name}: the process that it shares` },
      ),
      remedies: [extract(topology, worker, host, made)],
    },
  ];
}

/** A process of its own, but in the container of one that answers: a limit, a restart or a crash of one is the other's too. */
function besideWeb(topology: Topology, worker: Component): Weakness | undefined {
  const { container } = worker;
  const host = container && topology.components.find((it) => it !== worker && it.container?.name === container.name && answers(topology, it));
  if (!container || !host) return undefined;
  return {
    rule: 'worker-in-web-process',
    place: container.place,
    component: worker.id,
    certain: false,
    state: 'weak',
    facts: { worker: worker.name, host: host.name, container: container.name },
    related: worker.places.slice(0, 1).map((at) => ({ place: at, says: `${container.name}: the container of both` })),
    remedies: [
      {
        id: 'own-container',
        effort: 3,
        does: `Start ${worker.name} in a container of its own`,
        change: null,
        edit: null,
        price: 'one container more, of the same image',
        guidance: `A second service with the same image whose command starts ${worker.name} alone, and a command of the first that starts ${host.name} alone; each gets its own limit, health check and number of replicas.`,
      },
    ],
  };
}

function extract(topology: Topology, worker: Component, host: Component, place: { file: string; line: number }): RemedyIdea {
  const compose = host.places.find((it) => /(^|\/)(docker-)?compose[^/]*\.ya?ml$/.test(it.file));
  const editable = place.file !== '' && compose !== undefined;
  const pools = topology.pools.filter((it) => it.client === worker.id || it.client === host.id).length;
  return {
    id: 'extract-worker',
    effort: 6,
    does: `Run ${worker.name} in a process of its own`,
    change: { id: `extract-worker ${worker.id}`, operations: [{ kind: 'extractWorker', worker: worker.id }] },
    edit: editable ? { recipe: 'extract-worker', args: { file: place.file, line: place.line, worker: worker.id, service: host.id, compose: compose.file } } : null,
    price: `one process more${pools > 0 ? ' with its own connections' : ''}`,
    ...(!editable && { guidance: `Give the worker an entry file of its own and start it beside ${host.name}.` }),
  };
}

export default {
  id: 'worker-in-web-process',
  number: 24,
  layer: 'async',
  title: 'A queue worker runs inside the API process',
  find: (evidence) => evidence.topology.components.filter((it) => it.kind === 'worker' && it.scope === 'runtime').flatMap((it) => judge(evidence, it)),
} satisfies Rule;
