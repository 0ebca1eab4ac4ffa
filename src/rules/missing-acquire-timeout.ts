import { inputId } from '../model/inputs.ts';
import { valueIn } from '../model/known.ts';
import { type Pool, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { stationOfPool } from './binding.ts';
import { hostOf } from './ledger.ts';
import { madeAt, setAll } from './shared-pools.ts';

/** What the pattern proposes where nothing is known about the clients. */
const PROPOSED_MS = 2000;
const SET_BY_RECIPE = ['pg', 'sequelize', 'mongoose', 'mongodb'];
/** Drivers of MySQL have no such option: a bounded queue is their way to refuse. */
const OF_MYSQL = ['mysql2', 'mysql'];
/** Waiters for each connection: the last of them waits about as many holding times. */
const WAITERS = 10;

/** How the others are told. */
const GUIDANCE: Readonly<Record<string, (valueMs: number) => string>> = {
  typeorm: (valueMs) => `extra: { connectionTimeoutMillis: ${valueMs} } among the options of the data source.`,
  prisma: (valueMs) => `connectionTimeoutMillis: ${valueMs} among the options of the adapter: new PrismaPg({ connectionString, connectionTimeoutMillis: ${valueMs} }).`,
  postgres: (valueMs) => `postgres.js has no such option: query.cancel() what has waited for ${valueMs} ms, or count the requests under way and answer 503 beyond a limit.`,
  '@clickhouse/client': (valueMs) =>
    `This client has no such option: abort_signal: AbortSignal.timeout(${valueMs}) with each query, or a count of the requests under way and 503 beyond a limit.`,
};

function judge({ topology, scenario, outcome }: Evidence, pool: Pool): Weakness {
  const station = stationOfPool(outcome, pool);
  const base = { rule: 'missing-acquire-timeout', place: pool.place, component: pool.client, ...(station && { station: station.id }), certain: false, related: [] };
  const boundedQueue = (valueIn(pool.queueLimit) ?? 0) > 0;
  if (boundedQueue || pool.acquireTimeoutMs.state === 'known') return { ...base, state: 'sound', facts: {}, remedies: [] };
  if (pool.acquireTimeoutMs.state === 'unknown' || !servesRequests(topology, pool)) return { ...base, state: 'unknown', facts: {}, remedies: [] };
  // A wait as long as the client's patience never recovers from overload; half of it does.
  const valueMs = Math.min(PROPOSED_MS, Math.round((scenario.clientPatienceMs ?? Number.POSITIVE_INFINITY) / 2));
  return {
    ...base,
    state: 'weak',
    facts: { pool: pool.id, library: pool.library, size: valueIn(pool.max) ?? null, valueMs },
    remedies: [isOfMysql(topology, pool) ? limitQueue(topology, pool) : setTimeoutOf(topology, pool, valueMs)],
  };
}

const isOfMysql = ({ components }: Topology, { library, target }: Pool): boolean =>
  OF_MYSQL.includes(library) || components.some((it) => it.id === target && it.engine === 'mysql');

/** Only callers that arrive on their own pile up: a worker with a fixed concurrency bounds its own queue. */
function servesRequests(topology: Topology, pool: Pool): boolean {
  return topology.endpoints.some((endpoint) => {
    let uses = false;
    walkSteps(endpoint.steps, (step) => {
      uses ||= (step.kind === 'query' || step.kind === 'hold') && step.pool === pool.id;
    });
    return uses && endpoint.trigger.kind === 'http' && endpoint.role !== 'excluded';
  });
}

function setTimeoutOf(topology: Topology, pool: Pool, valueMs: number): RemedyIdea {
  const { file, line } = pool.place;
  const isEditable = SET_BY_RECIPE.includes(pool.library) && file !== '';
  const guidance = GUIDANCE[pool.library]?.(valueMs) ?? `connectionTimeoutMillis: ${valueMs} among the options of the pool.`;
  return {
    id: 'set-acquire-timeout',
    effort: 1,
    does: `Give up waiting for a connection after ${valueMs} ms`,
    change: { id: `set-acquire-timeout ${pool.id} ${valueMs}`, operations: setAll(madeAt(topology, pool), inputId.acquireTimeout, valueMs) },
    edit: isEditable ? { recipe: 'set-acquire-timeout', args: { file, line, library: pool.library, valueMs } } : null,
    price: `requests that have waited ${valueMs} ms fail`,
    ...(!isEditable && { guidance }),
  };
}

function limitQueue(topology: Topology, pool: Pool): RemedyIdea {
  const value = (valueIn(pool.max) ?? 10) * WAITERS;
  return {
    id: 'set-queue-limit',
    effort: 1,
    does: `Refuse when ${value} requests wait`,
    change: { id: `set-queue-limit ${pool.id} ${value}`, operations: setAll(madeAt(topology, pool), inputId.queueLimit, value) },
    edit:
      OF_MYSQL.includes(pool.library) && pool.place.file !== ''
        ? { recipe: 'set-queue-limit', args: { file: pool.place.file, line: pool.place.line, library: pool.library, value } }
        : null,
    price: `the request after the ${value} waiting ones fails at once`,
    guidance: `${pool.library === 'typeorm' ? `extra: { queueLimit: ${value} } among the options of the data source` : `queueLimit: ${value} where the pool is made`}: drivers of MySQL have no acquire timeout.`,
  };
}

export default {
  id: 'missing-acquire-timeout',
  number: 4,
  layer: 'data',
  title: 'A pool waits for ever',
  find: (evidence) => evidence.topology.pools.filter((it) => !it.multiplexed && hostOf(evidence.topology, it.client)?.scope === 'runtime').map((pool) => judge(evidence, pool)),
} satisfies Rule;
