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
  const found: Found = new Map();
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
  const declared = [...new Map(inCode.filter((it) => !it.isModel).map((it) => [JSON.stringify(it.change.place), it])).values()];
  // Who keeps migrations beside a library that makes indexes itself may leave them to the migrations.
  for (const table of declared.flatMap(({ change, isSynced }) => played([change], isSynced === true && hasCode))) {
    const key = table.name.toLowerCase();
    const before = found.get(key);
    found.set(key, before === undefined || (before && !before.isDeclared) ? { table, isDeclared: true } : null);
  }
  const migrates = configuration.files.some((it) => /(^|\/)migrations?\//.test(it));
  addModels(found, inCode, migrates);
  return [...found.values()].flatMap((it) => (it ? [it.table] : [])).sort((a, b) => a.name.localeCompare(b.name));
}

type Found = Map<string, { table: Table; isDeclared: boolean } | null>;

/**
 * What an ORM is told of a table says what code calls it, and of which indexes it knows.
 * That is all there is only where it makes the tables itself: beside migrations, or a database that somebody else makes, it may say less.
 */
function addModels(found: Found, inCode: readonly Said[], migrates: boolean): void {
  const models = new Map<string, Said & { synced: boolean }>();
  for (const it of inCode.filter((one) => one.isModel)) {
    const key = JSON.stringify(it.change.place);
    models.set(key, { ...it, synced: it.isSynced === true || models.get(key)?.synced === true });
  }
  const names = [...models.values()].map((it) => ('table' in it.change ? it.change.table?.toLowerCase() : ''));
  for (const { change, otherNames = [], synced } of models.values()) {
    const [model] = played([change], false);
    // Two models of one table are of two databases, or two views of it.
    if (!model || names.filter((it) => it === model.name.toLowerCase()).length > 1) continue;
    const at = [model.name, ...otherNames].map((it) => it.toLowerCase()).find((it) => found.has(it)) ?? model.name.toLowerCase();
    const made = found.get(at);
    if (made === null || made?.isDeclared) continue;
    const table = made ? { ...joined(made.table, model), isWhole: made.table.isWhole } : { ...model, isWhole: synced && !migrates };
    found.set(at, { table, isDeclared: true });
  }
}

/** A table of migrations in the words of its model: indexes that the model alone knows may have been made by hand. */
function joined(table: Table, model: Table): Table {
  const named = (name: string): string => table.columns.find((it) => it.name.toLowerCase() === name.toLowerCase())?.name ?? name;
  const own = model.indexes.map((it) => ({ ...it, columns: it.columns.map(named) }));
  return {
    ...table,
    ...(model.model && { model: model.model }),
    columns: table.columns.map((it) => {
      const told = model.columns.find((one) => one.name.toLowerCase() === it.name.toLowerCase());
      return told?.field && told.field !== it.name ? { ...it, field: told.field } : it;
    }),
    indexes: [...table.indexes, ...own.filter((it) => !table.indexes.some((one) => one.kind === it.kind && one.columns.join() === it.columns.join()))],
  };
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
      case 'renameColumn': {
        const renamed = (names: readonly string[]): readonly string[] => names.map((name) => (name === it.column ? it.to : name));
        change(it.table, (table) => ({
          ...table,
          columns: table.columns.map((column) => (column.name === it.column ? { ...column, name: it.to } : column)),
          indexes: table.indexes.map((index) => ({ ...index, columns: renamed(index.columns) })),
          foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: renamed(key.columns) })),
        }));
        break;
      }
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
