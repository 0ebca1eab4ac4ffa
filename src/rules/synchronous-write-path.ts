import type { QueueTechnology } from '../model/change.ts';
import { valueIn } from '../model/known.ts';
import type { ComponentId, Endpoint, QueryStep } from '../model/topology.ts';
import { walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { bindingDatabase, fails, PLANNED_UTILISATION } from './binding.ts';
import { routeOf } from './route-of.ts';

/** Oldest message that may wait when nobody has declared a freshness. */
const FRESHNESS_SECONDS = 60;
const JOB_OVERHEAD_MS = 1;

export interface Write {
  endpoint: Endpoint;
  query: QueryStep;
  target: ComponentId;
}

/** The write that keeps each client's database busiest; the others stand beside it. */
export function writes({ topology, outcome }: Evidence): { most: Write; others: readonly Write[] }[] {
  const groups = new Map<string, (Write & { work: number })[]>();
  for (const endpoint of topology.endpoints) {
    if (endpoint.trigger.kind !== 'http' || endpoint.role === 'excluded') continue;
    const offered = outcome.endpoints.find((it) => it.id === endpoint.id)?.offeredPerSecond ?? 0;
    const seen = new Set<ComponentId>();
    walkSteps(endpoint.steps, (step) => {
      if (step.kind !== 'query' || step.operation !== 'write' || !step.awaited || seen.has(step.target)) return;
      seen.add(step.target);
      const key = `${endpoint.component} ${step.target}`;
      groups.set(key, [...(groups.get(key) ?? []), { endpoint, query: step, target: step.target, work: offered * (valueIn(step.holdMs) ?? 0) }]);
    });
  }
  return [...groups.values()].flatMap((group) => {
    const [most, ...others] = group.sort((a, b) => b.work - a.work);
    return most ? [{ most, others }] : [];
  });
}

function judge(evidence: Evidence, write: Write, others: readonly Write[]): Weakness {
  const { topology, scenario, outcome } = evidence;
  const { endpoint, query } = write;
  const base = { rule: 'synchronous-write-path', place: query.place, component: endpoint.component, certain: false, related: [] as Weakness['related'] };
  // Only a spike asks for a buffer: under steady load a queue accepts what it can never work off.
  if (scenario.profile.kind !== 'spike' || !outcome.spike) return { ...base, state: 'unknown', facts: {}, remedies: [] };
  const weak = fails(scenario, outcome) && bindingDatabase(topology, outcome) === write.target;
  if (!weak) return { ...base, state: outcome.spike.passes ? 'sound' : 'unknown', facts: {}, remedies: [] };
  const store = topology.components.find((it) => it.id === write.target)?.name ?? write.target;
  const running = topology.components.some((it) => it.engine === 'kafka') ? 'kafka' : 'bullmq';
  const technologies: QueueTechnology[] = running === 'kafka' ? ['kafka', 'bullmq'] : ['bullmq', 'kafka'];
  return {
    ...base,
    ...(outcome.binding && { station: outcome.binding }),
    state: 'weak',
    facts: { endpoint: routeOf(endpoint), store, storeId: write.target },
    related: others.map((it) => ({ place: it.query.place, says: `${routeOf(it.endpoint)} writes to ${store} while the client waits, too` })),
    remedies: technologies.map((it) => enqueue(evidence, write, it)),
  };
}

export function enqueue(evidence: Evidence, { endpoint, query, target }: Write, technology: QueueTechnology): RemedyIdea {
  const { topology } = evidence;
  const { file, line } = query.place;
  const name = technology === 'kafka' ? 'Kafka' : 'BullMQ';
  const broker = technology === 'kafka' ? 'kafka' : 'redis';
  const isNew = !topology.components.some((it) => it.engine === broker);
  const concurrency = concurrencyOf(evidence, endpoint, target);
  return {
    id: `insert-queue-${technology}`,
    effort: 5,
    does: `Put ${name} between ${routeOf(endpoint)} and ${topology.components.find((it) => it.id === target)?.name ?? target}`,
    change: {
      id: `insert-queue ${technology} ${endpoint.id}`,
      operations: [{ kind: 'insertQueue', from: endpoint.component, to: target, technology, endpoints: [endpoint.id], concurrency }],
    },
    edit: file === '' ? null : { recipe: 'insert-queue', args: { file, line, technology, queue: `${endpoint.component}-writes`, concurrency } },
    price: `answers 202 before the write is done (contract change), plus a worker${isNew ? ` and ${broker === 'kafka' ? 'Kafka' : 'Redis'}` : ''}${broker === 'kafka' ? '; a message that can’t be handled holds up its partition' : ''}`,
  };
}

/** Jobs at once by Little's law, at most one per connection: under steady load as many writes as come, of a spike its writes over its own and the freshness' seconds. */
function concurrencyOf({ scenario, outcome, topology }: Evidence, endpoint: Endpoint, target: ComponentId): number {
  const { profile, objective } = scenario;
  const offered = outcome.endpoints.find((it) => it.id === endpoint.id)?.offeredPerSecond ?? 0;
  const peak = profile.kind === 'spike' && outcome.targetPerSecond > 0 ? (offered * profile.peakPerSecond) / outcome.targetPerSecond : offered;
  const freshness = objective.messageAgeSeconds ?? FRESHNESS_SECONDS;
  const drain = profile.kind === 'spike' ? (peak * profile.seconds) / (profile.seconds + freshness) : offered;
  let jobMs = JOB_OVERHEAD_MS;
  walkSteps(endpoint.steps, (step) => {
    if (step.kind === 'query' && step.target === target) jobMs += valueIn(step.holdMs) ?? 0;
  });
  const connections = valueIn(topology.pools.find((it) => it.client === endpoint.component && it.target === target)?.max ?? { state: 'unknown', why: '' });
  return Math.max(1, Math.min(Math.ceil((drain * jobMs) / 1000 / PLANNED_UTILISATION), connections ?? Number.POSITIVE_INFINITY));
}

export default {
  id: 'synchronous-write-path',
  number: 18,
  layer: 'async',
  title: 'A spike of writes goes straight into the database',
  find: (evidence) => writes(evidence).map(({ most, others }) => judge(evidence, most, others)),
} satisfies Rule;
