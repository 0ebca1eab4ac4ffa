import { type Caught, type Channel, type Endpoint, type FailedMessages, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { effectOf } from './done-once.ts';
import { oncePerPlace } from './once.ts';

function judge({ topology }: Evidence, channel: Channel): Weakness[] {
  const failed = fateOf(topology, channel);
  const handlers = channel.consumers.flatMap((it) => topology.endpoints.filter((one) => one.id === it.endpoint));
  const consumer = channel.consumers.find((it) => topology.components.some((one) => one.id === it.component && one.scope === 'runtime'));
  if (!consumer) return [];
  const base = { rule: 'missing-dead-letter', place: failed?.place ?? channel.place, component: consumer.component, certain: false };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  if (failed?.fate === 'kept') return [{ ...silent, state: 'sound' }];
  // Whoever waits for a job sees that it failed.
  const isAwaited = topology.endpoints.some((it) => waitsFor(it, channel));
  // What only counts or prints has nothing to lose.
  if (!failed || isAwaited || !handlers.some(losesWith(failed.fate))) return [{ ...silent, state: 'unknown' }];
  return [
    {
      ...base,
      state: 'weak',
      facts: { channel: channel.name, fate: failed.fate },
      related: channel.consumers.map(({ place }) => ({ place, says: 'handled here' })),
      remedies: [setAside(channel, failed.fate)],
    },
  ];
}

/** A message of Kafka comes again until nothing fails; where code ends the error itself, it never does. Undefined: code does something of its own with some of them. */
function fateOf({ endpoints }: Topology, { failed, consumers }: Channel): FailedMessages | undefined {
  if (failed?.fate !== 'blocking') return failed;
  const ends: (Caught | undefined)[] = [];
  for (const it of endpoints)
    if (consumers.some((one) => one.endpoint === it.id))
      walkSteps(it.steps, (step, enclosing) => {
        // `forEach(async …)` waits for nobody: what fails in it is nobody's.
        if (enclosing.some((around) => around.kind === 'loop' && around.concurrent)) return;
        if ((step.kind === 'query' || step.kind === 'request' || step.kind === 'publish') && step.awaited) ends.push(step.caught);
      });
  const [first] = ends;
  if (ends.length > 0 && ends.every((it) => it === undefined)) return failed;
  return first && ends.every((it) => it?.by === 'log') ? { fate: 'swallowed', place: first.place } : undefined;
}

function waitsFor(endpoint: Endpoint, { id }: Channel): boolean {
  let found = false;
  walkSteps(endpoint.steps, (step) => {
    found ||= step.kind === 'publish' && step.channel === id && step.waitsForJob !== undefined;
  });
  return found;
}

/** Whether something is lost where a handler fails. */
const losesWith = (fate: string): ((handler: Endpoint) => boolean) => {
  if (fate === 'unnamed') return keeps;
  return fate === 'removed' ? (it) => canFail(it, true) && !hasRowOfItsOwn(it) : (it) => canFail(it);
};

/** `uncaught`: an error that code ends itself fails no job. */
function canFail(endpoint: Endpoint, uncaught = false): boolean {
  let found = endpoint.unread !== undefined;
  walkSteps(endpoint.steps, (step) => {
    found ||= (step.kind === 'query' || step.kind === 'request' || step.kind === 'publish') && !(uncaught && step.caught);
  });
  return found;
}

/** A job that begins with a row and writes how far it has come into it: what became of it stands there, whatever its queue keeps. */
function hasRowOfItsOwn(endpoint: Endpoint): boolean {
  let first: string | undefined;
  let found = false;
  walkSteps(endpoint.steps, (step) => {
    if (step.kind !== 'query' || !step.statement?.table) return;
    first ??= step.operation === 'read' ? step.statement.table : '';
    found ||= step.operation === 'write' && !step.statement.adds && step.statement.table === first;
  });
  return found;
}

/** Whoever only tells those who are connected to him, or forgets what he has cached, wants a queue of his own that ends with him. */
function keeps(endpoint: Endpoint): boolean {
  let found = false;
  walkSteps(endpoint.steps, (step) => {
    found ||= effectOf(step) !== undefined || (step.kind === 'query' && step.operation === 'write');
  });
  return found;
}

const deadTopic = (topic: string): string =>
  `After some attempts with a pause, what fails goes to a topic of its own: catch (error) { await producer.send({ topic: '${topic}.dead', messages: [{ ...message, headers: { ...message.headers, error: String(error) } }] }); }, with an alert on it and a way to send it again.`;

const GUIDANCE: Readonly<Record<string, (queue: string) => string>> = {
  removed: () => "removeOnFail: { age: 7 * 24 * 3600, count: 1000 }, an alert on worker.on('failed'), and job.retry() once the cause is gone.",
  expired: () =>
    'A second queue as deadLetterQueue { queue, maxReceiveCount: 5 } (RedrivePolicy in a template, dlq in SST), an alarm when anything lies in it, and a redrive once the cause is gone.',
  unnamed: (queue) =>
    `A queue of the service's own, bound to the same key: assertQueue('<service>.${queue}', { durable: true, deadLetterExchange: '', deadLetterRoutingKey: '<service>.${queue}.dead' }), and nack(message, false, false) for what can't be handled.`,
  blocking: deadTopic,
  swallowed: deadTopic,
  unacknowledged: (queue) =>
    `assertQueue('${queue}', { deadLetterExchange: '', deadLetterRoutingKey: '${queue}.dead' }), and in the handler: try { …; channel.ack(message); } catch { channel.nack(message, false, false); }`,
};

function setAside({ name }: Channel, fate: string): RemedyIdea {
  const isBull = fate === 'removed';
  return {
    id: isBull ? 'keep-failed-jobs' : 'add-dead-letter-queue',
    effort: isBull ? 1 : fate === 'expired' ? 2 : 3,
    does: isBull ? 'Keep failed jobs for some days' : `Set failed messages of ${name} aside`,
    change: null,
    edit: null,
    price: isBull ? 'memory of Redis for the jobs that are kept' : 'a second queue, and somebody who looks at it',
    guidance: (GUIDANCE[fate] ?? GUIDANCE.unacknowledged)?.(name) ?? '',
  };
}

/** Queues that one line makes share its options. */
function withOthers(it: Weakness, all: readonly Weakness[]): Weakness {
  if (it.state !== 'weak' || it.facts.fate !== 'removed') return it;
  const same = twinsOf(it.place, all);
  if (same.length < 2) return it;
  const related = same.flatMap((one) => one.related.map(({ place }) => ({ place, says: `${one.facts.channel} is handled here` })));
  return { ...it, facts: { ...it.facts, channel: `${it.facts.channel} and ${same.length - 1} more` }, related };
}

const twinsOf = ({ file, line }: Weakness['place'], all: readonly Weakness[]): Weakness[] =>
  all.filter((it) => it.state === 'weak' && it.place.file === file && it.place.line === line);

export default {
  id: 'missing-dead-letter',
  number: 19,
  layer: 'async',
  title: 'Messages that fail are lost, or come again for ever',
  find: (evidence) => {
    const all = evidence.topology.channels.flatMap((it) => judge(evidence, it));
    return oncePerPlace(all).map((it) => withOthers(it, all));
  },
} satisfies Rule;
