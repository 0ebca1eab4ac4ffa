import { walkRuns } from '../model/often.ts';
import { type Endpoint, type QueryStep, type Step, type Table, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { eachStep } from './each-step.ts';
import { stationOfPool } from './binding.ts';
import { isRoot, tableNamed } from './few-rows.ts';
import { isForSome } from './for-some.ts';
import { columnOf, columnsAsked, columnsToIndex, coverOf } from './index-cover.ts';
import { oncePerPlace } from './once.ts';
import { isSeldom } from './seldom.ts';

/** Rows that one core goes through in a second, all of them in memory (0.5 to 10 million). */
export const SCANNED_PER_SECOND = 2_000_000;

/** Upper end of the rows that a growing table is assumed to have. */
const MOST_ROWS = 10_000_000;

/** Who looks for a query's table looks through all programs: once for each table of a topology. */
const growing = new WeakMap<Topology, Map<string, Step | undefined>>();

/** A request or a consumer puts rows into it: what only a seed or an administrator fills stays small. */
function grows(topology: Topology, step: QueryStep, table: Table): Step | undefined {
  const known = growing.get(topology) ?? new Map<string, Step | undefined>();
  growing.set(topology, known);
  const key = `${step.target} ${table.name}`;
  if (!known.has(key)) known.set(key, whatAdds(topology, step, table));
  return known.get(key);
}

function whatAdds(topology: Topology, step: QueryStep, table: Table): Step | undefined {
  for (const endpoint of topology.endpoints) {
    if (endpoint.role === 'excluded' || endpoint.trigger.kind === 'schedule') continue;
    let found: Step | undefined;
    walkSteps(endpoint.steps, (it) => {
      if (it.kind === 'query' && it.target === step.target && it.statement?.adds && tableNamed(topology, it.statement.table) === table) found ??= it;
    });
    if (found) return found;
  }
  return undefined;
}

function judge(evidence: Evidence, endpoint: Endpoint, step: QueryStep, enclosing: readonly Step[], perSecond: (step: QueryStep) => number): Weakness | undefined {
  const { topology, outcome } = evidence;
  const { statement } = step;
  if (!statement || statement.adds || step.operation === 'other') return undefined;
  const pool = topology.pools.find((it) => it.id === step.pool);
  const station = pool && stationOfPool(outcome, pool);
  const base = { rule: 'missing-index', place: step.place, component: endpoint.component, ...(station && { station: station.id }), certain: false };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  const table = tableNamed(topology, statement.table);
  if (!table) return { ...quiet, state: 'unknown' };
  const engine = topology.components.find((it) => it.id === step.target)?.engine ?? '';
  const cover = coverOf(table, statement, engine);
  if (cover !== 'none') return { ...quiet, state: cover === 'index' ? 'sound' : 'unknown' };
  const source = grows(topology, step, table);
  // A cache in front of it bounds how often it is asked; a constant question to one whose rows are few by nature is cheap.
  if (!table.isWhole || !source || enclosing.some((it) => it.kind === 'cache')) return { ...quiet, state: 'unknown' };
  const columns = columnsToIndex(table, statement);
  const rows = breakEvenRows(evidence, step, perSecond(step));
  // Where nobody is known to ask, or only a table of more rows than any would matter, it is worth a hint.
  // Of tenants, catalogues and tokens of administrators nobody knows how many there will be: they belong to nobody whose number would tell.
  const isRare = isSeldom(endpoint) || isForSome(topology, endpoint, step) || isRoot(topology, table) || rows === null || rows > MOST_ROWS;
  return {
    ...base,
    state: 'weak',
    facts: {
      label: step.label,
      table: table.name,
      columns: columns.join(', '),
      asked: columnsAsked(table, statement).join(' or '),
      rows,
      storeId: step.target,
      store: topology.components.find((it) => it.id === step.target)?.name ?? step.target,
      ...(isRare && { assumed: true }),
    },
    related: [
      { place: table.place, says: `${table.name} is declared here, with ${indexWords(table)}` },
      { place: source.place, says: `${table.name} grows here` },
    ],
    remedies: [addIndex(table, columns, engine)],
  };
}

const indexWords = ({ indexes }: Table): string => {
  const said = indexes.filter((it) => it.columns.length > 0).map((it) => it.columns.join(' + '));
  return said.length === 0 ? 'no index' : `${said.length === 1 ? 'an index' : 'indexes'} on ${said.join('; ')}`;
};

/**
 * Rows at which reading the whole table for each of these queries takes all that the database has left at the target:
 * cores × (1 − utilisation) = queries a second × rows ÷ rows that a core reads a second.
 */
function breakEvenRows({ outcome }: Evidence, step: QueryStep, perSecond: number): number | null {
  const store = outcome.stations.find((it) => it.kind === 'store' && it.component === step.target);
  const left = store?.servers ? store.servers * (1 - (store.utilisation ?? 0)) : 0;
  if (left <= 0 || perSecond <= 0) return null;
  const rows = (left * SCANNED_PER_SECOND) / perSecond;
  return rows > 1e9 ? null : Math.floor(rows);
}

function addIndex(table: Table, columns: readonly string[], engine: string): RemedyIdea {
  const { file, line } = table.place;
  return {
    id: 'add-index',
    effort: 2,
    does: `Index ${table.name} by ${columns.join(', ')}`,
    change: { id: `add-index ${table.name} ${columns.join(' ')}`, operations: [{ kind: 'addIndex', table: table.name, columns }] },
    edit: isEditable(table, engine)
      ? { recipe: 'add-index', args: { file, line, table: table.name, columns: columns.join(','), fields: fieldsOf(table, columns).join(',') } }
      : null,
    price: `every write of ${table.name} keeps one index more; building it on a large table holds writes up`,
    guidance:
      engine === 'mongodb'
        ? `schema.index({ ${columns.map((it) => `'${it}': 1`).join(', ')} }). Where autoIndex is off, and on a large collection in use, build it by hand: db.collection.createIndex. Conditions that never change belong into a partialFilterExpression.`
        : `CREATE INDEX ON ${table.name} (${columns.join(', ')}). On a large table in use: CREATE INDEX CONCURRENTLY (PostgreSQL), outside of a transaction. Conditions that never change belong into a partial index (… WHERE state = 'open').`,
  };
}

/** Schemas of Prisma, of Mongoose and Drizzle, files of SQL, migrations in code, and what an ORM declares. */
const isEditable = ({ place: { file }, model }: Table, engine: string): boolean =>
  file !== '' && (engine === 'mongodb' || model !== undefined || /\.(prisma|sql|[cm]?[jt]s)$/.test(file));

const fieldsOf = (table: Table, columns: readonly string[]): string[] => columns.map((it) => columnOf(table, it)?.field ?? it);

/** How often a second the load asks each question, whichever routes lead to its line. */
function askedPerSecond({ topology, outcome }: Evidence): (step: QueryStep) => number {
  const keyOf = ({ place }: Step): string => `${place.file}:${place.line}:${place.column ?? 0}`;
  let rates: Map<string, number> | undefined;
  return (step) => {
    if (!rates) {
      rates = new Map();
      const offered = new Map(outcome.endpoints.map((it) => [it.id, it.offeredPerSecond]));
      for (const { id, steps } of topology.endpoints)
        walkRuns(steps, (it, often) => {
          if (it.kind === 'query') rates?.set(keyOf(it), (rates.get(keyOf(it)) ?? 0) + (offered.get(id) ?? 0) * often);
        });
    }
    return rates.get(keyOf(step)) ?? 0;
  };
}

const isGuess = ({ facts }: Weakness): number => (facts.assumed === true ? 1 : 0);
/** Rows from which on it matters; the fewest are the worst. */
const rowsOf = ({ facts }: Weakness): number => (typeof facts.rows === 'number' ? facts.rows : Number.POSITIVE_INFINITY);

function found(evidence: Evidence): Weakness[] {
  const perSecond = askedPerSecond(evidence);
  const all = eachStep(evidence.topology, ['query'], (endpoint, step, enclosing) => judge(evidence, endpoint, step, enclosing, perSecond));
  // A line that requests and timers lead to is judged by the requests.
  return onePerIndex(oncePerPlace(all.sort((a, b) => isGuess(a) - isGuess(b)))).sort((a, b) => isGuess(a) - isGuess(b) || rowsOf(a) - rowsOf(b) || 0);
}

/** One index is one defect: the question of the fewest columns leads, those of requests before others, of these the one that matters first; every other one that asks for its first column is related. */
function onePerIndex(all: readonly Weakness[]): Weakness[] {
  const leads: Weakness[] = [];
  const asked = (it: Weakness): string[] => String(it.facts.asked).split(' or ');
  const rank = (it: Weakness): number => 100 * isGuess(it) + asked(it).length;
  for (const it of all.filter((one) => one.state === 'weak').sort((a, b) => rank(a) - rank(b) || rowsOf(a) - rowsOf(b) || 0)) {
    const at = leads.findIndex(
      ({ facts }) => facts.storeId === it.facts.storeId && facts.table === it.facts.table && asked(it).includes(String(facts.columns).split(', ')[0] as string),
    );
    const lead = leads[at];
    if (lead) leads[at] = { ...lead, related: [...lead.related, { place: it.place, says: `${String(it.facts.label)} wants it too` }] };
    else leads.push(it);
  }
  return [...all.filter((it) => it.state !== 'weak'), ...leads];
}

export default {
  id: 'missing-index',
  number: 6,
  layer: 'data',
  title: 'A query by columns that no index begins with',
  find: found,
} satisfies Rule;
