import type { Topology } from '../model/topology.ts';
import type { RecipeCall } from '../model/weakness.ts';

/** The call that writes an index into the schema of a table and into a migration, or why there is none. */
export function indexCall(topology: Topology, name: string, columns: readonly string[]): readonly RecipeCall[] | string {
  const table = topology.tables?.find((it) => it.name === name);
  if (!table || table.place.file === '') return `no file of the workspace declares ${name}`;
  const fields = columns.map((column) => table.columns.find((it) => it.name === column)?.field ?? column);
  return [{ recipe: 'add-index', args: { file: table.place.file, line: table.place.line, table: name, columns: columns.join(','), fields: fields.join(',') } }];
}
