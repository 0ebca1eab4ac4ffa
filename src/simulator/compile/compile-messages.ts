import { valueIn } from '../../model/known.ts';
import type { Instruction } from '../../model/network.ts';
import type { StationId } from '../../model/outcome.ts';
import type { Channel, ChannelId, Consumer, Endpoint, EndpointId } from '../../model/topology.ts';
import { backoffOf } from './compile-laws.ts';
import type { Draft } from './draft.ts';

/** Makes the program that handles a channel's messages: it holds a place at the consumers' station. Its id. */
type HandlerOf = (endpoint: Endpoint, channel: { id: ChannelId; station: StationId }) => string;

/** Starts the work of every consumer of a channel: each gets every message of a topic; the consumers of a queue share its messages. `handler`: the message that is handled where they are published. */
export function consumed(draft: Draft, channel: Channel, handlerOf: HandlerOf, job?: EndpointId, handler?: EndpointId): Instruction[] {
  const spawns = channel.consumers.flatMap((consumer): Instruction[] => {
    // A message may name its kind of job; all kinds share the consumer's concurrency.
    const named = job === undefined ? undefined : draft.endpoints.get(job);
    const endpoint = named?.component === consumer.component ? named : consumer.endpoint === undefined ? undefined : draft.endpoints.get(consumer.endpoint);
    if (!endpoint || !draft.runs(consumer.component)) return [];
    if (handler !== undefined && draft.circles.closes(handler, endpoint.id)) {
      draft.said.add(`messages of ${channel.name} that come of handling its messages: how many is not known, so they are left out here`);
      return [];
    }
    const id = `${channel.name} consumers at ${consumer.component}`;
    draft.station(
      { id, component: consumer.component, label: id, servers: placesOf(draft, channel, consumer), room: null, discipline: 'fifo' },
      { component: consumer.component, target: channel.broker, kind: 'consumer', label: `workers of ${channel.name}`, places: [consumer.place] },
    );
    const program = handlerOf(endpoint, { id: channel.id, station: id });
    const entry = draft.channels.get(channel.id) ?? { station: id, programs: [] };
    if (!entry.programs.includes(program)) entry.programs.push(program);
    draft.channels.set(channel.id, entry);
    return [{ op: 'spawn', program }];
  });
  if (channel.kind === 'topic' || spawns.length < 2) return spawns;
  return shareOut(spawns);
}

/**
 * Messages that the consumers of one component handle at once; null = as many as come.
 * `none` is a fact: without prefetch RabbitMQ delivers everything that it has, and only the event loop and what a handler needs hold it up.
 */
function placesOf(draft: Draft, channel: Channel, consumer: Consumer): number | null {
  const processes = draft.instancesOf(draft.hostOf(consumer.component));
  const partitions = channel.kind === 'topic' ? valueIn(channel.partitions) : undefined;
  if (channel.kind === 'topic' && partitions === undefined) draft.said.add(`partitions of ${channel.name}: not known, so they limit nothing here`);
  if (consumer.concurrency.state === 'none') {
    draft.said.add(`concurrency of ${channel.name} at ${consumer.component}: no limit is set, so nothing but its process limits the messages under way`);
    return partitions ?? null;
  }
  const places = Math.max(1, Math.round((valueIn(consumer.concurrency) ?? 1) * (consumer.isPushed ? 1 : processes)));
  return partitions === undefined ? places : Math.min(partitions, places);
}

/** Failing messages are tried again as often as their queue says; only programs that can fail carry the policy. */
export function giveAttempts(draft: Draft): void {
  const isLossy = new Map(draft.stations.map((it) => [it.id, it.room !== null]));
  const canFail = (body: readonly Instruction[], seen: ReadonlySet<string>): boolean =>
    body.some((it) => {
      switch (it.op) {
        case 'serve':
          return it.waitLimitMs != null || isLossy.get(it.station) === true;
        case 'hold':
          return it.waitLimitMs != null || isLossy.get(it.station) === true || canFail(it.body, seen);
        case 'call':
          return it.timeoutMs != null || (!seen.has(it.program) && canFail(draft.programs.get(it.program)?.body ?? [], new Set([...seen, it.program])));
        case 'parallel':
          return it.branches.some((branch) => canFail(branch, seen));
        case 'loop':
          return canFail(it.body, seen);
        case 'branch':
          return canFail(it.taken, seen) || canFail(it.otherwise, seen);
        default:
          return it.op === 'limit' || it.op === 'fail';
      }
    });
  for (const channel of draft.topology.channels) {
    const attempts = valueIn(channel.attempts) ?? 1;
    if (attempts <= 1) continue;
    const backoff = backoffOf(channel.backoff);
    for (const id of draft.channels.get(channel.id)?.programs ?? []) {
      const program = draft.programs.get(id);
      if (program && canFail(program.body, new Set([id]))) draft.programs.set(id, { ...program, job: { attempts: Math.round(attempts), ...(backoff && { backoff }) } });
    }
  }
}

/** The same work with somebody who waits for its end. A client that gives up leaves the job where it is. */
export function waitedFor(work: readonly Instruction[], timeoutMs: number | null): Instruction[] {
  return work.map((it): Instruction => {
    if (it.op === 'spawn') return { op: 'call', program: it.program, timeoutMs };
    return it.op === 'branch' ? { ...it, taken: waitedFor(it.taken, timeoutMs), otherwise: waitedFor(it.otherwise, timeoutMs) } : it;
  });
}

/** One of several spawns, each as likely. */
function shareOut(spawns: readonly Instruction[]): Instruction[] {
  const [first, ...rest] = spawns;
  if (!first || rest.length === 0) return first ? [first] : [];
  return [{ op: 'branch', probability: 1 / spawns.length, taken: [first], otherwise: shareOut(rest) }];
}
