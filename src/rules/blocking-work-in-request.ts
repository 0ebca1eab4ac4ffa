import { valueIn } from '../model/known.ts';
import type { Errand, Topology } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { PLANNED_UTILISATION } from './binding.ts';
import { errandsOf, type Sent } from './errands.ts';
import { routeOf } from './route-of.ts';

const WORDS: Readonly<Record<Errand['purpose'], string>> = {
  mail: 'a mail',
  push: 'a push notification',
  sms: 'a text message',
  chat: 'a chat message',
  analytics: 'an analytics event',
  audit: 'an audit event',
};

function judge(evidence: Evidence, all: readonly Sent[]): Weakness {
  const [first] = all as [Sent, ...Sent[]];
  const { endpoint, step, errand, place } = first;
  const base = { rule: 'blocking-work-in-request', place, component: endpoint.component, certain: false };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  const isWaitedFor = all.filter((it) => it.step.awaited && !it.isAnswered);
  if (isWaitedFor.length === 0) return { ...silent, state: 'sound' };
  // Its answer, or its failure, may be what the client is told.
  if (!errand.isForgotten) return { ...silent, state: 'unknown' };
  const routes = [...new Set(isWaitedFor.map((it) => routeOf(it.endpoint)))];
  return {
    ...base,
    state: 'weak',
    facts: {
      route: routes.length > 1 ? `${routes[0]} (and ${routes.length - 1} more)` : (routes[0] ?? ''),
      what: WORDS[errand.purpose],
      target: nameOf(evidence.topology, step.target),
      targetId: step.target,
      endpointId: endpoint.id,
      timeoutMs: valueIn(step.timeoutMs) ?? null,
    },
    related: place === step.place ? [] : [{ place: step.place, says: `sent here, and waited for by ${routes.slice(0, 3).join(', ')}` }],
    remedies: [enqueue(evidence, first, [...new Set(isWaitedFor.map((it) => it.endpoint.id))], place)],
  };
}

const nameOf = (topology: Topology, id: string): string => topology.components.find((it) => it.id === id)?.name ?? id;

function enqueue({ topology, outcome }: Evidence, { endpoint, step, errand }: Sent, endpoints: readonly string[], place: Weakness['place']): RemedyIdea {
  const isNew = !topology.components.some((it) => it.engine === 'redis');
  const arriving = outcome.endpoints.filter((it) => endpoints.includes(it.id)).reduce((sum, it) => sum + it.offeredPerSecond, 0);
  // As many at once as arrive while one is sent, by Little's law, with room.
  const concurrency = Math.max(1, Math.min(50, Math.ceil((arriving * (valueIn(step.serviceMs) ?? 0)) / 1000 / PLANNED_UTILISATION)));
  const { file, line } = place;
  return {
    id: 'enqueue-call',
    effort: 5,
    does: `Enqueue ${WORDS[errand.purpose]} with BullMQ and answer at once`,
    change: {
      id: `enqueue-call ${endpoint.component} ${step.target} ${file}:${line}`,
      operations: [{ kind: 'insertQueue', from: endpoint.component, to: step.target, technology: 'bullmq', endpoints, concurrency }],
    },
    edit: file === '' ? null : { recipe: 'enqueue-call', args: { file, line, technology: 'bullmq', queue: `${endpoint.component}-errands`, concurrency } },
    price: `a failure is seen by the worker, not by the client; plus a worker process${isNew ? ' and Redis' : ''}`,
    guidance: "await errands.add('send', data, { attempts: 5, backoff: { type: 'exponential', delay: 1000 } }) in place of the call; a Worker makes the call",
  };
}

export default {
  id: 'blocking-work-in-request',
  number: 17,
  layer: 'async',
  title: 'A request waits for work that its answer does not need',
  find: (evidence) => {
    const { topology } = evidence;
    const runs = (id: string): boolean => topology.components.some((it) => it.id === id && it.scope === 'runtime');
    const byPlace = new Map<string, Sent[]>();
    for (const endpoint of topology.endpoints) {
      if (endpoint.trigger.kind !== 'http' || endpoint.role === 'excluded' || !runs(endpoint.component)) continue;
      for (const it of errandsOf(endpoint)) {
        const key = `${endpoint.component} ${it.place.file}:${it.place.line}`;
        byPlace.set(key, [...(byPlace.get(key) ?? []), it]);
      }
    }
    return [...byPlace.values()].map((all) => judge(evidence, all));
  },
} satisfies Rule;
