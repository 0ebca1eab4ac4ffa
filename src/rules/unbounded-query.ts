import type { Place } from '../model/known.ts';
import { type Endpoint, type QueryStep, type Statement, type Step, type Topology, walkSharedSteps, walkSteps } from '../model/topology.ts';
import type { Evidence, RecipeCall, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { stationOfPool } from './binding.ts';
import { eachStep } from './each-step.ts';
import { hasFewRows, standsAlone, tableNamed } from './few-rows.ts';
import { isForSome } from './for-some.ts';
import { columnOf } from './index-cover.ts';
import { oncePerPlace } from './once.ts';
import { isSeldom } from './seldom.ts';

const PAGE_ROWS = 100;
const IDS = ['id', '_id', 'uuid'];

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Code on a request path or in a worker puts rows into the table: seeds and migrations are no endpoints. */
function grows(topology: Topology, step: QueryStep, table: string): { place: Place } | undefined {
  const seen = new Set<Step>();
  let found: Step | undefined;
  for (const endpoint of topology.endpoints) {
    if (found) break;
    walkSharedSteps(
      endpoint.steps,
      (it) => {
        if (it.kind === 'query' && it.target === step.target && it.statement?.adds && same(it.statement.table, table)) found ??= it;
      },
      seen,
    );
  }
  return found;
}

/** All columns of a primary or unique key are given: at most one row for each value. */
function isByKey(topology: Topology, { table, where = [] }: Statement): boolean {
  const given = where.filter((it) => it.by === 'equal' || it.by === 'in').map((it) => it.column.toLowerCase());
  if (given.some((it) => IDS.includes(it))) return true;
  const known = tableNamed(topology, table);
  return known?.indexes.some((it) => it.kind !== 'plain' && !it.isPartial && it.columns.length > 0 && it.columns.every((column) => given.includes(column.toLowerCase()))) ?? false;
}

/** Rows of a job are its work; all of them at once are too many for any. */
function fansOut(endpoint: Endpoint, step: QueryStep): boolean {
  let found = false;
  walkSteps(endpoint.steps, (it) => {
    found ||=
      it.kind === 'loop' && it.concurrent && it.over?.place.file === step.place.file && it.over.place.line === step.place.line && it.steps.some((one) => one.kind !== 'compute');
  });
  return found;
}

function judge({ topology, outcome }: Evidence, endpoint: Endpoint, step: QueryStep): Weakness | undefined {
  const { statement } = step;
  if (!statement || step.operation !== 'read' || endpoint.role === 'excluded') return undefined;
  const pool = topology.pools.find((it) => it.id === step.pool);
  const station = pool && stationOfPool(outcome, pool);
  const base = { rule: 'unbounded-query', place: step.place, component: endpoint.component, ...(station && { station: station.id }), certain: false };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  if (statement.limit === 'some' || isByKey(topology, statement)) return { ...quiet, state: 'sound' };
  // What narrows it may bound it by nature: the lines of one order.
  const isNarrow = statement.where === undefined || statement.where.some((it) => !it.isConstant);
  const table = tableNamed(topology, statement.table);
  // Rows that somebody has set apart are the few: administrators, drafts that were published.
  const isExcepted = statement.where?.some((it) => it.is !== undefined && table && columnOf(table, it.column)?.atFirst === !it.is) === true;
  const source = statement.limit === 'none' && !isNarrow && !isExcepted && !(table && hasFewRows(topology, table)) ? grows(topology, step, statement.table) : undefined;
  const isServed = endpoint.trigger.kind === 'http' || fansOut(endpoint, step);
  if (!source || !isServed) return { ...quiet, state: 'unknown' };
  return {
    ...base,
    state: 'weak',
    // What administrators ask for once in a while is worth a hint, and so is what may be a list of settings.
    facts: {
      label: step.label,
      table: statement.table,
      isRequest: endpoint.trigger.kind === 'http',
      ...((isSeldom(endpoint) || isForSome(topology, endpoint, step) || (table && standsAlone(topology, table))) && { assumed: true }),
    },
    related: [{ place: source.place, says: `${statement.table} grows here` }],
    remedies: [page(topology, endpoint, step, statement.table, pool?.library)],
  };
}

/** The recipe pages what the handler of a route asks by itself, in an order that the statement or a primary key gives. */
function edit(topology: Topology, endpoint: Endpoint, { place, statement }: QueryStep, library = ''): RecipeCall | null {
  if (endpoint.trigger.kind !== 'http' || place.file === '' || place.file !== endpoint.place.file) return null;
  const table = topology.tables?.find((it) => same(it.name, statement?.table ?? ''));
  const key = table?.indexes.find((it) => it.kind === 'primary' && it.columns.length === 1)?.columns[0];
  return { recipe: 'limit-rows', args: { file: place.file, line: place.line, most: PAGE_ROWS, library, ...(key !== undefined && { key }) } };
}

function page(topology: Topology, endpoint: Endpoint, step: QueryStep, table: string, library: string | undefined): RemedyIdea {
  return {
    id: 'limit-rows',
    effort: 3,
    does: `Give at most ${PAGE_ROWS} rows of ${table} a page`,
    change: { id: `limit-rows ${step.target} ${step.label}`, operations: [{ kind: 'limitRows', target: step.target, label: step.label, most: PAGE_ROWS }] },
    edit: edit(topology, endpoint, step, library),
    price: 'callers have to ask for the next page',
    guidance: `Order by a key and take ${PAGE_ROWS} behind the last one that the caller has seen (WHERE id > $1 ORDER BY id LIMIT ${PAGE_ROWS}); where all rows are needed, stream them.`,
  };
}

const rank = ({ facts }: Weakness): number => (facts.assumed === true ? 1 : 0);

export default {
  id: 'unbounded-query',
  number: 7,
  layer: 'data',
  title: 'A read of all rows of a table that grows',
  // A line that requests of all kinds lead to is judged by those of anybody.
  find: (evidence) => oncePerPlace(eachStep(evidence.topology, ['query'], (endpoint, step) => judge(evidence, endpoint, step)).sort((a, b) => rank(a) - rank(b))),
} satisfies Rule;
