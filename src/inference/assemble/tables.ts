import type { Table } from '../../model/topology.ts';
import type { CodeClaim, SchemaChange, TableIndexClaim } from '../detector.ts';
import { folderOf, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';

type Said = Extract<CodeClaim, { kind: 'table' }>;

const CODE_MIGRATION = /(^|\/)migrations?\/[^/]+\.[cm]?[jt]s$/;

/**
 * The tables of a workspace: migrations of one folder are played in the order of their names, a Prisma schema is the last word for its own tables.
 * Two sources of a table of one name may mean two databases: then neither is taken.
 */
export function tablesOf(configuration: Configuration, inCode: readonly Said[] = []): Table[] {
  const sources = new Map<string, string[]>();
  for (const file of configuration.schemaChanges.keys()) {
    const source = sourceOf(file);
    sources.set(source, [...(sources.get(source) ?? []), file]);
  }
  const hasCode = configuration.files.some((it) => CODE_MIGRATION.test(it) && !configuration.schemaChanges.has(it));
  const found = new Map<string, { table: Table; isDeclared: boolean } | null>();
  for (const [source, files] of [...sources].sort(([a], [b]) => Number(a.startsWith(AT_START)) - Number(b.startsWith(AT_START)))) {
    const isDeclared = source.endsWith('.prisma');
    const isAtStart = source.startsWith(AT_START);
    const changes = files.sort(byName).flatMap((it) => configuration.schemaChanges.get(it)?.changes ?? []);
    // Code may make an index in a file that comes before the table's by name.
    const inOrder = isAtStart ? [...changes.filter((it) => it.do === 'createTable'), ...changes.filter((it) => it.do !== 'createTable')] : changes;
    for (const table of played(inOrder, !isDeclared && hasCode)) {
      const key = table.name.toLowerCase();
      const before = found.get(key);
      // What a program makes where it is missing is told better by files that are made for it.
      if (isAtStart && before !== undefined) continue;
      // A Prisma schema and the migrations that are made from it tell the same.
      if (before === undefined || (before && isDeclared && !before.isDeclared)) found.set(key, { table, isDeclared });
      else if (before && before.isDeclared === isDeclared) found.set(key, null);
    }
  }
  // Processes that share a file share what it declares; tables of one name in several files may be of several databases.
  const declared = [...new Map(inCode.map((it) => [JSON.stringify(it.change.place), it.change])).values()];
  for (const table of declared.flatMap((it) => played([it], false))) {
    const key = table.name.toLowerCase();
    const before = found.get(key);
    found.set(key, before === undefined || (before && !before.isDeclared) ? { table, isDeclared: true } : null);
  }
  return [...found.values()].flatMap((it) => (it ? [it.table] : [])).sort((a, b) => a.name.localeCompare(b.name));
}

/** Tables that code makes when it starts. */
const AT_START = 'at start';
/** Prisma keeps each migration in a folder of its own. */
const sourceOf = (file: string): string =>
  /\.[cm]?[jt]sx?$/.test(file) && !CODE_MIGRATION.test(file)
    ? `${AT_START} ${folderOf(file)}`
    : file.endsWith('.prisma')
      ? file
      : nameOf(file) === 'migration.sql'
        ? folderOf(folderOf(file))
        : folderOf(file);

/** `2_b` comes before `10_a`. */
const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

function played(changes: readonly SchemaChange[], isPartOfMore: boolean): Table[] {
  const tables = new Map<string, Table>();
  let isWhole = !isPartOfMore;
  const change = (name: string, next: (it: Table) => Table): void => {
    const key = name.toLowerCase();
    const it = tables.get(key);
    if (it) tables.set(key, next(it));
  };
  const isNamed = (it: TableIndexClaim, name: string): boolean => it.name?.toLowerCase() === name.toLowerCase();
  for (const it of changes) {
    switch (it.do) {
      case 'createTable':
        if (!tables.has(it.table.toLowerCase()))
          tables.set(it.table.toLowerCase(), {
            name: it.table,
            ...(it.model && { model: it.model }),
            columns: it.columns,
            indexes: it.indexes,
            foreignKeys: it.foreignKeys,
            isWhole: true,
            place: it.place,
          });
        break;
      case 'dropTable':
        tables.delete(it.table.toLowerCase());
        break;
      case 'renameTable': {
        const before = tables.get(it.table.toLowerCase());
        tables.delete(it.table.toLowerCase());
        if (before) tables.set(it.to.toLowerCase(), { ...before, name: it.to });
        break;
      }
      case 'addColumn':
        change(it.table, (table) => ({
          ...table,
          columns: [
            ...table.columns,
            {
              name: it.column,
              ...(it.isNarrow && { isNarrow: it.isNarrow }),
              ...(it.isTime && { isTime: it.isTime }),
              ...(it.atFirst !== undefined && { atFirst: it.atFirst }),
              place: it.place,
            },
          ],
        }));
        break;
      case 'dropColumn':
        change(it.table, (table) => ({
          ...table,
          columns: table.columns.filter((column) => column.name !== it.column),
          indexes: table.indexes.filter((index) => !index.columns.includes(it.column)),
        }));
        break;
      case 'addIndex':
        change(it.table, (table) => ({ ...table, indexes: [...table.indexes, it.index] }));
        break;
      case 'addForeignKey':
        change(it.table, (table) => ({ ...table, foreignKeys: [...table.foreignKeys, it.foreignKey] }));
        break;
      case 'dropIndex':
        for (const name of it.table === undefined ? [...tables.keys()] : [it.table])
          change(name, (table) => ({ ...table, indexes: table.indexes.filter((index) => (it.kind ? index.kind !== it.kind : !it.name || !isNamed(index, it.name))) }));
        break;
      case 'unread':
        if (it.table === undefined) isWhole = false;
        else change(it.table, (table) => ({ ...table, isWhole: false }));
    }
  }
  return [...tables.values()].map((it) => (isWhole ? it : { ...it, isWhole: false }));
}
