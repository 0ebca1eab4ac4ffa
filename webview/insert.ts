import type { GraphEdge } from '../src/diagram/index.ts';
import { applyChange, type Change, type Operation } from '../src/model/change.ts';
import { known } from '../src/model/known.ts';
import type { Topology } from '../src/model/topology.ts';
import type { Action } from './store.ts';

export const PARTS = ['bullmq', 'kafka', 'redis', 'memory'] as const;
export type Part = (typeof PARTS)[number];

export const PART_NAMES: Record<Part, string> = { bullmq: 'BullMQ queue', kafka: 'Kafka topic', redis: 'Redis cache', memory: 'Memory cache' };
export const PART_EFFECTS: Record<Part, string> = {
  bullmq: 'Writes are enqueued and answered early; a worker does them. BullMQ keeps its jobs in Redis, so Redis comes with it.',
  kafka: 'Writes are published to a topic and answered early; a consumer does them.',
  redis: 'Reads ask Redis first and go on only on a miss.',
  memory: 'Reads ask the memory of their process first and go on only on a miss; each process has a memory of its own.',
};

/** What a dragged part is called in the drag's data. */
export const DRAG_TYPE = 'application/x-faultline-part';

const DEFAULT_CONCURRENCY = 10;
/** How often a key with request data is found; unknown until measured, so it has a wide range. */
const HIT_RATIO = known(0.8, 'ratio', 'assumed', { range: [0.5, 0.95], source: 'share of reads that a cache answers, until measured' });

/** The change that puts a part on an edge, or why it can't stand there. */
export function insertion(topology: Topology, edge: Pick<GraphEdge, 'from' | 'to'>, part: Part, id: string): Change | { cannot: string } {
  const change: Change = {
    id,
    operations: [
      part === 'redis' || part === 'memory'
        ? { kind: 'insertCache', from: edge.from, to: edge.to, technology: part, hitRatio: HIT_RATIO }
        : { kind: 'insertQueue', from: edge.from, to: edge.to, technology: part, concurrency: DEFAULT_CONCURRENCY },
    ],
  };
  if (applyChange(topology, change) !== topology && differs(topology, applyChange(topology, change))) return change;
  const [client, target] = [nameIn(topology, edge.from), nameIn(topology, edge.to)];
  return {
    cannot:
      part === 'redis' || part === 'memory'
        ? `No read of ${client} that reaches ${target} was found: there is nothing to cache on this arrow.`
        : `No write of an HTTP endpoint of ${client} to ${target} was found: there is nothing to enqueue on this arrow.`,
  };
}

const differs = (a: Topology, b: Topology): boolean => a.endpoints.some((it, index) => it !== b.endpoints[index]) || a.endpoints.length !== b.endpoints.length;

export const changeId = (part: Part, edge: string): string => `insert ${part} ${edge}`;

/** The action for a part that was put on an arrow, or on none: the change, or a word of why not. */
export function insertOn(topology: Topology, edge: Pick<GraphEdge, 'id' | 'from' | 'to'> | undefined, part: Part): Action {
  if (!edge) return { kind: 'say', tone: 'bad', text: `A ${PART_NAMES[part]} stands on an arrow: drop it on one, or select an arrow first.` };
  const change = insertion(topology, edge, part, changeId(part, edge.id));
  if ('cannot' in change) return { kind: 'say', tone: 'bad', text: change.cannot };
  return { kind: 'add', change, says: `${PART_NAMES[part]} inserted between ${nameIn(topology, edge.from)} and ${nameIn(topology, edge.to)}.` };
}

const nameIn = (topology: Topology, id: string): string => topology.components.find((it) => it.id === id)?.name ?? id;

/** What a change does, in one line. */
export function describeChange(change: Change, topology: Topology): string {
  return change.operations.map((it) => describeOperation(it, (id) => nameIn(topology, id))).join('; ');
}

function describeOperation(it: Operation, nameOf: (id: string) => string): string {
  switch (it.kind) {
    case 'setInput':
      return `${it.input} = ${it.value}`;
    case 'insertQueue':
      return `${it.technology === 'bullmq' ? 'BullMQ queue' : 'Kafka topic'} between ${nameOf(it.from)} and ${nameOf(it.to)}`;
    case 'insertCache':
      return `${it.technology === 'redis' ? 'Redis' : 'In-memory'} cache between ${nameOf(it.from)} and ${nameOf(it.to)}`;
    case 'extractWorker':
      return `${nameOf(it.worker)} in a process of its own`;
    case 'shareHeldConnection':
      return `Queries inside a transaction of ${it.pool} use its connection`;
    case 'retryJobs':
      return `Jobs on ${it.channel} are tried ${it.attempts} times, ${it.backoffMs} ms apart and then twice as long each time`;
    case 'askOnce':
      return `One query for all rounds of the loop at ${it.loop.file}:${it.loop.line}`;
    case 'limitRows':
      return `${it.label} returns at most ${it.most} rows`;
    case 'answerEarly':
      return `An answer as soon as the job at ${it.publish.file}:${it.publish.line} is enqueued`;
    case 'boundCollection':
      return `At most ${it.most} entries in the collection at ${it.place.file}:${it.place.line}`;
    case 'answerRepeats':
      return `${Math.round(it.share * 100)}% of the answers of ${it.endpoint} kept on the way to the client`;
    case 'addIndex':
      return `${it.table} has an index on ${it.columns.join(', ')}`;
    case 'keepClient':
      return `One client per process instead of one per request (${it.place.file}:${it.place.line})`;
    case 'loadOnce':
      return `One load at a time where the cache is missed (${it.place.file}:${it.place.line})`;
    case 'setLockTtl':
      return `The lock at ${it.place.file}:${it.place.line} is kept for ${it.ttlMs} ms`;
    case 'readSummary':
      return `Sums of ${it.place.file}:${it.place.line} are kept ready, made anew every ${it.everyMs / 1000} s`;
    case 'routeReads':
      return `Reads of ${nameOf(it.store)} that may be old are answered by a replica`;
    case 'offLoop':
      return `The calls at ${it.places.map(({ file, line }) => `${file}:${line}`).join(', ')} run on threads`;
    case 'removeCall':
      return `No call from ${nameOf(it.from)} to ${nameOf(it.to)}`;
  }
}
