import type { Topology } from './topology.ts';

/** The topology with one index more on a table; one that it does not have changes nothing. */
export function addIndex(topology: Topology, { table, columns }: { table: string; columns: readonly string[] }): Topology {
  if (!topology.tables?.some((it) => it.name === table)) return topology;
  return {
    ...topology,
    tables: topology.tables.map((it) => (it.name === table ? { ...it, indexes: [...it.indexes, { kind: 'plain' as const, columns, place: it.place }] } : it)),
  };
}
