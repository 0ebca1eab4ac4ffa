import { alsoFor } from './also-for.ts';
import { inputId } from '../model/inputs.ts';
import { isAssumed, valueIn } from '../model/known.ts';
import type { ChannelOutcome } from '../model/outcome.ts';
import { type Channel, type Consumer, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { PLANNED_UTILISATION } from './binding.ts';
import { hostOf } from './ledger.ts';
import { moreReplicas } from './more-replicas.ts';

const SET_BY_RECIPE = ['bullmq', 'kafkajs'];
/** Growth below this share of what arrives is within the search's precision. */
const NOTICEABLE = 0.01;
/** A station this busy may be what holds the jobs up. */
const NEARLY_FULL = 0.9;

function judge(evidence: Evidence, channel: Channel, consumer: Consumer): Weakness {
  const { topology, outcome } = evidence;
  const flow = outcome.channels.find((it) => it.id === channel.id);
  const concurrency = valueIn(consumer.concurrency);
  const station = outcome.stations.find((it) => it.kind === 'consumer' && it.component === consumer.component && it.label.endsWith(` ${channel.name}`));
  const base = { rule: 'slow-consumer', place: consumer.place, component: consumer.component, ...(station && { station: station.id }), certain: false };
  const silent: Weakness = { ...base, state: 'unknown', facts: {}, related: [], remedies: [] };
  // How many jobs run at once may be set where nobody reads it, in the console of a queue that hands its messages over.
  const isGuessed = isAssumed(consumer.concurrency);
  if (!flow || concurrency === undefined || isGuessed || flow.inPerSecond <= 0) return silent;
  // Behind a bottleneck elsewhere the workers' rate is its effect: that one has to be told first.
  const isEffect = outcome.binding !== station?.id && outcome.stations.some((it) => it.kind !== 'consumer' && it.utilisation >= NEARLY_FULL);
  if (isEffect) return silent;
  const growth = flow.inPerSecond - flow.drainPerSecond;
  if (growth <= flow.inPerSecond * NOTICEABLE) {
    // Partitions cap what consumers can share: without their number only the weak side is certain.
    return { ...silent, state: isKafka(channel) && channel.partitions.state !== 'known' ? 'unknown' : 'sound' };
  }
  return {
    ...base,
    state: 'weak',
    facts: {
      channel: channel.name,
      inPerSecond: flow.inPerSecond,
      drainPerSecond: flow.drainPerSecond,
      concurrency,
      assumed: hasAssumedJobs(evidence, consumer),
    },
    related: channel.producers.map((it) => ({
      place: it.place,
      says: `${topology.components.find((c) => c.id === it.component)?.name ?? it.component} puts work on ${channel.name}`,
    })),
    remedies: [...raise(evidence, channel, consumer, flow, concurrency), ...moreWorkers(evidence, consumer, flow)],
  };
}

const isKafka = (channel: Channel): boolean => channel.kind === 'topic' || channel.library.includes('kafka');

/** The consumers' rate grows with their concurrency, up to the partitions there are and the connections that the jobs need. */
function raise(evidence: Evidence, channel: Channel, consumer: Consumer, flow: ChannelOutcome, concurrency: number): RemedyIdea[] {
  if (flow.drainPerSecond <= 0) return [];
  const wanted = Math.ceil((concurrency * flow.inPerSecond) / flow.drainPerSecond / PLANNED_UTILISATION);
  const partitions = isKafka(channel) ? (valueIn(channel.partitions) ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const value = Math.min(wanted, partitions, connectionsOf(evidence, consumer));
  if (value <= concurrency) return [];
  const { file, line } = consumer.place;
  const needsPartitions = isKafka(channel) && !Number.isFinite(partitions);
  return [
    {
      id: 'set-worker-concurrency',
      effort: 1,
      does: `Set concurrency to ${value}`,
      change: {
        id: `set-worker-concurrency ${channel.id} ${consumer.component} ${value}`,
        operations: [{ kind: 'setInput', input: inputId.concurrency(channel.id, consumer.component), value }],
      },
      edit: SET_BY_RECIPE.includes(channel.library) && file !== '' ? { recipe: 'set-worker-concurrency', args: { file, line, library: channel.library, value } } : null,
      price: `${value} jobs at once in each process${madeWith(evidence, channel, consumer)}${needsPartitions ? `, needs ${value} partitions or more` : ''}`,
    },
  ];
}

/** One construction may make the consumers of many queues: what is written there is for all of them. */
function madeWith({ topology }: Evidence, { id }: Channel, { place }: Consumer): string {
  const others = topology.channels.filter((it) => it.id !== id && it.consumers.some((one) => one.place.file === place.file && one.place.line === place.line));
  return alsoFor(others.map((it) => it.name));
}

/** Jobs beyond the connections of their pool only wait; jobs that use none are not bounded by it. */
function connectionsOf({ topology }: Evidence, consumer: Consumer): number {
  const endpoint = topology.endpoints.find((it) => it.id === consumer.endpoint);
  const used = new Set<string>();
  walkSteps(endpoint?.steps ?? [], (step) => {
    if ((step.kind === 'query' || step.kind === 'hold') && step.pool) used.add(step.pool);
  });
  return topology.pools
    .filter((it) => used.has(it.id) && !it.multiplexed)
    .reduce((least, it) => Math.min(least, valueIn(it.max) ?? Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
}

function moreWorkers({ topology }: Evidence, consumer: Consumer, flow: ChannelOutcome): RemedyIdea[] {
  const host = hostOf(topology, consumer.component);
  const replicas = host && valueIn(host.replicas);
  // A worker that lives in an API would multiply the API.
  if (!host || replicas === undefined || flow.drainPerSecond <= 0 || host.id !== consumer.component) return [];
  return moreReplicas(topology, host, Math.ceil((replicas * flow.inPerSecond) / flow.drainPerSecond / PLANNED_UTILISATION));
}

function hasAssumedJobs({ topology }: Evidence, consumer: Consumer): boolean {
  const endpoint = topology.endpoints.find((it) => it.id === consumer.endpoint);
  let assumed = false;
  walkSteps(endpoint?.steps ?? [], (step) => {
    const time = step.kind === 'query' ? step.holdMs : step.kind === 'compute' || step.kind === 'wait' ? step.ms : step.kind === 'request' ? step.serviceMs : undefined;
    assumed ||= time !== undefined && isAssumed(time);
  });
  return assumed;
}

export default {
  id: 'slow-consumer',
  number: 22,
  layer: 'async',
  title: 'A queue fills faster than its workers empty it',
  find: (evidence) =>
    evidence.topology.channels.flatMap((channel) =>
      channel.consumers.filter((it) => hostOf(evidence.topology, it.component)?.scope === 'runtime').map((consumer) => judge(evidence, channel, consumer)),
    ),
} satisfies Rule;
