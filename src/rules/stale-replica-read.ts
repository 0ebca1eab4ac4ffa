import { replicaOf } from '../model/route-reads.ts';
import { type Endpoint, type QueryStep, type Step, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { afterWrites } from './after-writes.ts';
import { oncePerPlace } from './once.ts';

/** A read, and the write of the same table that the same flow has just made. */
interface Pair {
  read: QueryStep;
  write: QueryStep;
  /** The message that led from the one to the other, where another program reads. */
  via?: string;
}

const tableOf = (step: QueryStep): string | undefined => step.statement?.table.toLowerCase();

const isOfSame = (read: QueryStep, write: QueryStep): boolean =>
  tableOf(read) !== undefined && tableOf(read) !== '*' && tableOf(read) === tableOf(write) && (read.primary ?? read.target) === write.target;

/** Reads of what the same program wrote before; the nearest write counts. */
function pairsIn(steps: readonly Step[]): Pair[] {
  const found: Pair[] = [];
  afterWrites(steps, (step, written) => {
    if (step.kind !== 'query' || step.operation !== 'read') return;
    const write = written.findLast((it) => isOfSame(step, it));
    if (write) found.push({ read: step, write });
  });
  return found;
}

/** What was written before each message of a channel. */
function writtenBefore(topology: Topology, channel: string): QueryStep[] {
  const found = new Set<QueryStep>();
  for (const endpoint of topology.endpoints)
    afterWrites(endpoint.steps, (step, written) => {
      if (step.kind === 'publish' && step.channel === channel) for (const it of written) found.add(it);
    });
  return [...found];
}

/** A consumer that looks for one row begins as soon as the message is there, which is sooner than the row is at a copy. */
function pairsAcross(topology: Topology, endpoint: Endpoint): Pair[] {
  if (endpoint.trigger.kind !== 'message') return [];
  const { channel } = endpoint.trigger;
  const name = topology.channels.find((it) => it.id === channel)?.name ?? channel;
  let written: readonly QueryStep[] | undefined;
  const found: Pair[] = [];
  walkSteps(endpoint.steps, (step) => {
    if (step.kind !== 'query' || step.operation !== 'read' || step.primary === undefined) return;
    if (!step.statement?.where?.some((it) => it.by === 'equal' && !it.isConstant)) return;
    written ??= writtenBefore(topology, channel);
    const write = written.find((it) => isOfSame(step, it));
    if (write) found.push({ read: step, write, via: name });
  });
  return found;
}

function judge(topology: Topology, endpoint: Endpoint, { read, write, via }: Pair): Weakness[] {
  const base = { rule: 'stale-replica-read', place: read.place, component: endpoint.component, certain: false };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  // Where there is no copy every read is of what was written.
  if (read.primary === undefined) return replicaOf(topology, read.target) ? [{ ...quiet, state: 'sound' }] : [];
  const nameOf = (id: string): string => topology.components.find((it) => it.id === id)?.name ?? id;
  return [
    {
      ...base,
      state: 'weak',
      facts: { label: read.label, write: write.label, replica: nameOf(read.target), store: nameOf(read.primary), ...(via !== undefined && { channel: via }) },
      related: [{ place: write.place, says: `${write.label} goes to ${nameOf(read.primary)}` }],
      remedies: [readPrimary(topology, read)],
    },
  ];
}

const ON_PRIMARY: Readonly<Record<string, string>> = {
  prisma: 'prisma.$primary().model.findUnique(…)',
  sequelize: 'Model.findByPk(id, { useMaster: true })',
  mongoose: "Model.findById(id).read('primary')",
  mongodb: "collection.findOne(filter, { readPreference: 'primary' })",
  typeorm: "a query runner of the master: dataSource.createQueryRunner('master')",
};

function readPrimary(topology: Topology, read: QueryStep): RemedyIdea {
  const library = topology.pools.find((it) => it.id === read.pool)?.library ?? '';
  const how = ON_PRIMARY[library] ?? 'the client of the primary (with Drizzle db.$primary), or the same transaction';
  return {
    id: 'read-primary',
    effort: 3,
    does: `Read ${read.label} on the primary here`,
    change: null,
    edit: null,
    price: 'one read more on the primary for each of these',
    guidance: `Use what the write gives back (RETURNING, the created object), or ask ${how}. How far a PostgreSQL replica is behind: SELECT application_name, coalesce(replay_lag, '0') FROM pg_stat_replication, on the primary.`,
  };
}

function found({ topology }: Evidence): Weakness[] {
  if (!topology.components.some((it) => it.replicaOf !== undefined)) return [];
  return topology.endpoints.flatMap((endpoint) => [...pairsIn(endpoint.steps), ...pairsAcross(topology, endpoint)].flatMap((it) => judge(topology, endpoint, it)));
}

export default {
  id: 'stale-replica-read',
  number: 10,
  layer: 'data',
  title: 'A read of what was just written goes to a replica',
  find: (evidence) => oncePerPlace(found(evidence)),
} satisfies Rule;
