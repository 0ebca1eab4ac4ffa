import type { Channel, Endpoint, QueryStep, Step, Topology } from '../model/topology.ts';
import type { Evidence, Rule, Weakness } from '../model/weakness.ts';
import { afterWrites } from './after-writes.ts';
import { everyones } from './everyones.ts';
import { oncePerPlace } from './once.ts';

type Publish = Extract<Step, { kind: 'publish' }>;

/** Messages of these tell others what has happened; a job queue's tell a worker of one's own what to do. */
const BROKERS = ['kafka', 'rabbitmq', 'nats', 'sns', 'sqs', 'eventbridge', 'pulsar'];
const REMOVAL = /^DELETE |\.(delete|remove|destroy)\w*$/i;
const OUTBOX = /outbox|event_?store|^events?$/i;

interface Pair {
  publish: Publish;
  write: QueryStep;
}

/** Pairs of a message and the last write of the route's own before it: a message tells of what was made before it tells of what was cleared up behind that. */
function pairsIn(topology: Topology, { component, steps }: Endpoint): Pair[] {
  const isEveryones = everyones(topology);
  const found: Pair[] = [];
  afterWrites(steps, (step, written) => {
    const own = written.filter((it) => !isEveryones(component, it));
    const write = own.findLast((it) => !REMOVAL.test(it.label)) ?? own.at(-1);
    if (step.kind === 'publish' && write) found.push({ publish: step, write });
  });
  return found;
}

function judge(topology: Topology, endpoint: Endpoint, { publish, write }: Pair): Weakness {
  const base = { rule: 'dual-write', place: publish.calledAt ?? publish.place, component: endpoint.component, certain: false };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  const channel = topology.channels.find((it) => it.id === publish.channel);
  const store = topology.components.find((it) => it.id === write.target);
  // A queue in the database itself is written with the row.
  if (channel?.broker === write.target || OUTBOX.test(write.statement?.table ?? '')) return { ...quiet, state: 'sound' };
  // A message that led here comes again as long as it is not done.
  if (!channel || !store || store.kind !== 'database' || endpoint.trigger.kind !== 'http' || !isOfBroker(topology, channel)) return { ...quiet, state: 'unknown' };
  return {
    ...base,
    state: 'weak',
    facts: { label: write.label, channel: channel.name, store: store.name },
    related: [{ place: write.place, says: `${write.label} is kept whether or not the message is sent` }],
    remedies: [
      {
        id: 'add-outbox',
        effort: 5,
        does: `Write the message into an outbox table with ${write.label}`,
        change: null,
        edit: null,
        price: 'one row more in the same transaction; messages leave a moment later, some of them twice',
        guidance:
          'Insert the message into an outbox table in the transaction of the write; a relay reads unsent rows in order, publishes, then marks them. Or publish from the log of the database (Debezium).',
      },
    ],
  };
}

function isOfBroker(topology: Topology, channel: Channel): boolean {
  return BROKERS.includes(topology.components.find((it) => it.id === channel.broker)?.engine ?? '');
}

function found({ topology }: Evidence): Weakness[] {
  return topology.endpoints.flatMap((endpoint) => (endpoint.role === 'excluded' ? [] : pairsIn(topology, endpoint).map((it) => judge(topology, endpoint, it))));
}

/** Several messages behind one write are one defect: an outbox holds them all. */
function oncePerWrite(all: readonly Weakness[]): Weakness[] {
  const leads = new Map<string, Weakness>();
  for (const it of all) {
    const [write] = it.related;
    if (it.state !== 'weak' || !write) continue;
    const key = `${it.component} ${write.place.file}:${write.place.line}`;
    const lead = leads.get(key);
    leads.set(key, lead ? { ...lead, related: [...lead.related, { place: it.place, says: `${it.facts.channel} is told here` }] } : it);
  }
  const weak = [...leads.values()];
  return [...weak, ...all.filter((it) => it.state !== 'weak')];
}

export default {
  id: 'dual-write',
  number: 51,
  layer: 'async',
  title: 'A write and a message that nothing makes one',
  find: (evidence) => oncePerWrite(oncePerPlace(found(evidence))),
} satisfies Rule;
