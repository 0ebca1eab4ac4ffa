import type { Table, Topology } from '../model/topology.ts';

export const isTable = (name: string, { name: own, model }: Table): boolean => [own, model].some((it) => it?.toLowerCase() === name.toLowerCase());

/** The table, by its own name or by what code calls it. */
export const tableNamed = ({ tables = [] }: Topology, name: string): Table | undefined => tables.find((it) => isTable(name, it));

/** The rows belong to nobody, in a schema that ties its tables to one another: what others hang on, or what stands by itself. A schema without foreign keys tells nothing. */
export function isRoot({ tables = [] }: Topology, table: Table): boolean {
  return table.foreignKeys.length === 0 && tables.some((it) => it.foreignKeys.length > 0);
}

/** Rows of another table, that are more than pairs, hang on its rows. */
const isHungOn = ({ tables = [] }: Topology, table: Table): boolean =>
  tables.some((it) => it !== table && !isOfPairs(it) && it.foreignKeys.some((key) => isTable(key.table, table)));

/** A table that only says which rows of two others belong together. */
const isOfPairs = ({ columns, foreignKeys }: Table): boolean =>
  foreignKeys.length > 1 && columns.every(({ name }) => foreignKeys.some((key) => key.columns.some((it) => it.toLowerCase() === name.toLowerCase())));

/** The rows belong to nobody and nothing hangs on them: what somebody has set up (webhooks, templates), or the odd message of a stranger. */
export const standsAlone = (topology: Topology, table: Table): boolean => isRoot(topology, table) && !isHungOn(topology, table);

/**
 * What a schema shows of settings, countries and the like: rows that belong to nobody, each with a name of its own that is unique.
 * Settings stand by themselves. Others refer to countries, as they do to users; but of users it is kept when they came.
 */
export function hasFewRows(topology: Topology, table: Table): boolean {
  const isNamed = table.indexes.some((it) => it.kind === 'unique' && !it.isPartial && it.columns.length === 1);
  if (!isRoot(topology, table) || !isNamed) return false;
  const isReferred = (topology.tables ?? []).some((it) => it !== table && it.foreignKeys.some((key) => isTable(key.table, table)));
  return !isReferred || !table.columns.some((it) => it.isTime);
}
