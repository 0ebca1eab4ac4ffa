import { type Endpoint, type QueryStep, type Table, type Topology, walkSharedSteps, type Step } from '../model/topology.ts';
import { isTable, tableNamed } from './few-rows.ts';

/** It runs only for users with a role or a flag that not everybody has, or for who shows a key that only such users give out. */
export const isForSome = (topology: Topology, endpoint: Endpoint, step: QueryStep): boolean =>
  step.forSome === true || endpoint.steps.some((it) => it.kind === 'query' && it.admits === true && asksForGivenKey(topology, it));

/** A row of the table is found by what came with the request, its rows are nothing that others hang on, and all code that adds some runs for some alone. */
function asksForGivenKey(topology: Topology, { target, statement }: QueryStep): boolean {
  const table = statement && tableNamed(topology, statement.table);
  if (!table || isReferred(topology, table)) return false;
  const shown = (statement.where ?? []).filter((it) => it.by === 'equal' && !it.isConstant).map((it) => it.column.toLowerCase());
  const isKey = table.indexes.some((it) => it.kind !== 'plain' && !it.isPartial && it.columns.length > 0 && it.columns.every((column) => shown.includes(column.toLowerCase())));
  return isKey && isGivenBySome(topology, target, table);
}

const isReferred = ({ tables = [] }: Topology, table: Table): boolean => tables.some((it) => it !== table && it.foreignKeys.some((key) => isTable(key.table, table)));

/** Looking for what adds rows goes through all programs: once for each table of a topology. */
const given = new WeakMap<Topology, Map<Table, boolean>>();

function isGivenBySome(topology: Topology, target: string, table: Table): boolean {
  const known = given.get(topology) ?? new Map<Table, boolean>();
  given.set(topology, known);
  const before = known.get(table);
  if (before !== undefined) return before;
  const adding = new Set<QueryStep>();
  const seen = new Set<Step>();
  for (const { steps } of topology.endpoints)
    walkSharedSteps(
      steps,
      (it) => {
        if (it.kind === 'query' && it.target === target && it.statement?.adds && tableNamed(topology, it.statement.table) === table) adding.add(it);
      },
      seen,
    );
  const found = adding.size > 0 && [...adding].every((it) => it.forSome);
  known.set(table, found);
  return found;
}
