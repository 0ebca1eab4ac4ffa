import { isAssumed, valueIn } from '../model/known.ts';
import { queryKey, readsOf, replicaOf } from '../model/route-reads.ts';
import { instancesOf } from '../model/uses.ts';
import { activeDeployment, type Component, type Pool, type Topology } from '../model/topology.ts';
import type { Evidence, RecipeCall, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { bindingDatabase, bindingStation, fails, PLANNED_UTILISATION } from './binding.ts';
import missingIndex from './missing-index.ts';
import nPlusOne from './n-plus-one.ts';
import { eachStep } from './each-step.ts';
import { oncePerPlace } from './once.ts';
import { hostOf } from './ledger.ts';
import { madeAt } from './shared-pools.ts';
import { sumOf, type Work, workAt } from './store-work.ts';
import unboundedQuery from './unbounded-query.ts';

/** Servers whose copies follow them by their own means. */
const COPIED = ['postgres', 'mysql', 'mariadb', 'mongodb'];
/** A replica set elects its primary: with fewer than three members nobody has a majority once one is gone. */
const LEAST_COPIES: Readonly<Record<string, number>> = { mongodb: 2 };
/** Share of the work that must be able to move: of less than half a copy takes hardly more than a larger server would. */
const READ_HEAVY = 0.5;
/** Below this a pool is what is small, not the database. */
const BUSY = 0.7;
/** More copies than this want a cache or a read model. */
const MOST_COPIES = 5;
/** A query that could be made cheaper, and is at least so much of the work, comes first. */
const WORTH_CURING = 0.1;

const CHEAPER: readonly Rule[] = [missingIndex, nPlusOne, unboundedQuery];

/** Lines where a query by itself asks too much. */
function curable(evidence: Evidence): ReadonlySet<string> {
  return new Set(CHEAPER.flatMap((rule) => rule.find(evidence)).flatMap((it) => (it.state === 'weak' ? [`${it.place.file}:${it.place.line}`] : [])));
}

const lineOf = ({ step }: Work): string => `${step.place.file}:${step.place.line}`;

function judge(evidence: Evidence): Weakness[] {
  const { topology, scenario, outcome } = evidence;
  const store = topology.components.find((it) => it.id === bindingDatabase(topology, outcome));
  if (!store || !COPIED.includes(store.engine ?? '') || store.replicaOf !== undefined) return [];
  const work = workAt(evidence, store.id);
  const total = sumOf(work);
  const { mayBeOld, mustBeNew } = readsOf(topology, store.id);
  const movable = work.filter(({ step }) => step.pool !== undefined && mayBeOld.has(queryKey(step))).sort((a, b) => b.perSecond - a.perSecond);
  const [first] = movable;
  if (!first || total <= 0) return [];
  const base = { rule: 'read-replica', place: first.step.place, component: first.endpoint.component, ...(outcome.binding && { station: outcome.binding }), certain: false };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  const lead = topology.pools.find((it) => it.id === first.step.pool);
  const pools = lead ? madeAt(topology, lead).filter((it) => it.target === store.id) : [];
  const mine = movable.filter(({ step }) => pools.some((it) => it.id === step.pool));
  const share = sumOf(mine) / total;
  const copy = replicaOf(topology, store.id);
  if (share < READ_HEAVY) return [{ ...silent, state: copy ? 'sound' : 'unknown' }];
  // Where nothing writes it may be a copy of another one itself.
  const isPrimary = work.some(({ step }) => step.operation === 'write');
  const isDevelopment = activeDeployment(topology)?.stage === 'development';
  if (!lead || !isPrimary || !isFull(evidence, store) || isDevelopment || !fails(scenario, outcome)) return [{ ...silent, state: 'unknown' }];
  const lines = curable(evidence);
  if (sumOf(work.filter((it) => lines.has(lineOf(it)))) / total >= WORTH_CURING) return [{ ...silent, state: 'unknown' }];
  const reads = sumOf(work.filter(({ step }) => step.operation === 'read')) / total;
  return [
    {
      ...base,
      state: 'weak',
      facts: {
        label: first.step.label,
        store: store.name,
        storeId: store.id,
        reads,
        share,
        basis: scenario.mix === null ? 'assumed mix' : 'declared mix',
        assumed: scenario.mix === null || mine.some(({ step }) => isAssumed(step.holdMs)),
      },
      related: relatedReads(mine),
      remedies: [
        addReplica(store, pools, copiesFor(topology, store, pools, sumOf(mine)), copy, {
          moves: linesIn(mine),
          stays: linesIn(work.filter(({ step }) => mustBeNew.has(queryKey(step)) && pools.some((it) => it.id === step.pool))),
        }),
      ],
    },
  ];
}

/** What a copy answers already. */
const onCopies = ({ topology }: Evidence): Weakness[] =>
  eachStep(topology, ['query'], (endpoint, step) =>
    step.primary === undefined
      ? undefined
      : { rule: 'read-replica', state: 'sound', place: step.place, component: endpoint.component, certain: false, facts: {}, related: [], remedies: [] },
  );

/** The server is what is full when the first station is: pools that are full before it want connections. */
export function isFull({ topology, outcome }: Evidence, store: Component): boolean {
  const first = bindingStation(outcome);
  const server = outcome.stations.find((it) => it.kind === 'store' && it.component === store.id);
  if (!first || !server || server.utilisation < BUSY * first.utilisation) return false;
  const connections = topology.pools.reduce((sum, it) => sum + (it.target === store.id ? atOnce(topology, it) : 0), 0);
  return connections >= BUSY * (valueIn(store.parallelism) ?? 1);
}

function relatedReads(mine: readonly Work[]): Weakness['related'] {
  const others = mine.filter((it, at) => mine.findIndex((one) => lineOf(one) === lineOf(it)) === at).slice(1, 4);
  return others.map(({ step }) => ({ place: step.place, says: `${step.label} may go there too` }));
}

/** As many as carry the reads of the target without being busier than planned, and no more than the clients' connections can keep busy. */
function copiesFor(topology: Topology, store: Component, pools: readonly Pool[], msPerSecond: number): number {
  const cores = valueIn(store.parallelism) ?? 1;
  const wanted = Math.ceil(msPerSecond / 1000 / (cores * PLANNED_UTILISATION));
  const usable = Math.ceil(pools.reduce((sum, it) => sum + atOnce(topology, it), 0) / cores);
  return Math.max(LEAST_COPIES[store.engine ?? ''] ?? 1, Math.min(MOST_COPIES, wanted, usable));
}

function atOnce(topology: Topology, pool: Pool): number {
  const host = hostOf(topology, pool.client);
  const max = pool.multiplexed ? undefined : valueIn(pool.max);
  return max === undefined ? Number.POSITIVE_INFINITY : max * (host ? instancesOf(host) : 1);
}

function addReplica(store: Component, pools: readonly Pool[], copies: number, copy: Component | undefined, reads: Reads): RemedyIdea {
  const servers = copies === 1 ? 'a replica' : `${copies} replicas`;
  const stay = reads.stays.length === 0 ? 'transactions stay' : `${reads.stays.length === 1 ? '1 read' : `${reads.stays.length} reads`} beside writes or in transactions stay`;
  const ids = pools.map((it) => it.id);
  const edit = copy ? null : editFor(store, pools, copies, reads);
  return {
    id: 'add-read-replica',
    effort: 6,
    does: copy ? `Send reads that may be old to ${copy.name}` : `Send reads that may be old to ${servers} of ${store.name}`,
    change: { id: `route-reads ${store.id} ${ids.join(' ')}`, operations: [{ kind: 'routeReads', store: store.id, pools: ids, copies }] },
    edit,
    price: `${copy ? '' : `${servers === 'a replica' ? 'one more server' : `${copies} more servers`}; `}answers as old as the replication lag; ${stay} on ${store.name}${edit ? '; a data directory that is there already must let replicas in by hand (pg_hba.conf)' : ''}`,
    guidance: guidanceFor(store.engine ?? ''),
  };
}

interface Reads {
  moves: readonly string[];
  stays: readonly string[];
}

const linesIn = (all: readonly Work[]): string[] => [...new Set(all.map(lineOf))];

/** Libraries that the recipe knows how to lead to a replica. */
const ROUTED_BY_RECIPE = ['pg', 'prisma', 'sequelize', 'typeorm'];

/** Only where the server stands in a compose file, beside which another one can be put. */
function editFor(store: Component, [pool]: readonly Pool[], copies: number, { moves, stays }: Reads): RecipeCall | null {
  const compose = store.places.find((it) => /compose[^/]*\.ya?ml$/.test(it.file));
  if (!pool || !compose || pool.place.file === '' || pool.through !== undefined || !ROUTED_BY_RECIPE.includes(pool.library) || store.engine !== 'postgres') return null;
  const { file, line } = pool.place;
  return {
    recipe: 'add-read-replica',
    args: { library: pool.library, file, line, compose: compose.file, store: store.id, copies, moves: moves.join('\n'), stays: stays.join('\n') },
  };
}

const LAG: Readonly<Record<string, string>> = {
  postgres: "SELECT application_name, coalesce(replay_lag, '0') AS lag FROM pg_stat_replication (on the primary; a replica that is missing there follows it no more)",
  mysql: 'SHOW REPLICA STATUS: Seconds_Behind_Source',
  mariadb: 'SHOW REPLICA STATUS: Seconds_Behind_Master',
  mongodb: 'rs.printSecondaryReplicationInfo(); maxStalenessSeconds (90 or more) passes by members that are too far behind',
};

const guidanceFor = (engine: string): string =>
  `Reads whose answer may be a moment old ${engine === 'mongodb' ? "say so themselves, with every member in the connection string: .read('secondaryPreferred') in Mongoose, { readPreference: 'secondaryPreferred' } among the driver's options" : 'go through a client of the replica'}; writes, transactions and whatever somebody has to see of their own write at once (the page after a form, a session, a balance) stay on the primary. Watch the lag: ${LAG[engine] ?? ''}.`;

export default {
  id: 'read-replica',
  number: 8,
  layer: 'data',
  title: 'Reads that a replica could answer fill the primary',
  find: (evidence) => oncePerPlace([...onCopies(evidence), ...judge(evidence)]),
} satisfies Rule;
