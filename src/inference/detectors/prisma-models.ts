import type { SchemaChange, TableIndexClaim } from '../detector.ts';

/** Tables of Prisma's models with their indexes, as the schema file declares them: `@@map` and `@map` names, which are the database's. */
export function tablesOf(path: string, text: string): SchemaChange[] {
  const found: Extract<SchemaChange, { do: 'createTable' }>[] = [];
  const tableOfModel = new Map<string, string>();
  const relations: { from: (typeof found)[number]; model: string; columns: readonly string[]; line: number }[] = [];
  let model: { table: (typeof found)[number]; name: string; columns: Map<string, string> } | undefined;
  const settle = (): void => {
    if (!model) return;
    const { table, columns } = model;
    // Fields are written in Prisma's names, indexes in the database's.
    const named = (fields: readonly string[]): string[] => fields.map((it) => columns.get(it) ?? it);
    found.push({
      ...table,
      indexes: table.indexes.map((it) => ({ ...it, columns: named(it.columns) })),
      foreignKeys: relations.filter((it) => it.from === table).map((it) => ({ columns: named(it.columns), table: it.model, place: { file: path, line: it.line } })),
    });
    tableOfModel.set(model.name, table.table);
    model = undefined;
  };
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = raw.replace(/\/\/.*$/, '');
    const place = { file: path, line: index + 1 };
    const opened = /^\s*model\s+(\w+)\s*\{/.exec(line)?.[1];
    if (opened) {
      settle();
      model = { table: { do: 'createTable', table: opened, model: opened, columns: [], indexes: [], foreignKeys: [], place }, name: opened, columns: new Map() };
      return;
    }
    if (!model) return;
    if (/^\s*\}/.test(line)) {
      settle();
      return;
    }
    const { table } = model;
    const [, attribute, rest = ''] = /^\s*@@(\w+)\s*\((.*)\)/.exec(line) ?? [];
    if (attribute === 'map') model.table = Object.assign(table, { table: /"([^"]+)"/.exec(rest)?.[1] ?? table.table });
    const kind = attribute === 'id' ? 'primary' : attribute === 'unique' ? 'unique' : attribute === 'index' ? 'plain' : undefined;
    if (kind) addIndex(table, { kind, columns: fieldsIn(rest), place });
    if (attribute) return;
    const [, field, type, isList] = /^\s*(\w+)\s+(\w+)(\[\])?/.exec(line) ?? [];
    if (!field || !type || isList) return;
    const relation = /@relation\([^)]*fields:\s*\[([^\]]*)\]/.exec(line)?.[1];
    if (relation !== undefined) {
      relations.push({ from: table, model: type, columns: namesIn(relation), line: index + 1 });
      return;
    }
    if (/@relation/.test(line)) return;
    model.columns.set(field, /@map\("([^"]+)"\)/.exec(line)?.[1] ?? field);
    const name = model.columns.get(field) as string;
    // A type of its own that is no relation is an enum.
    const isNarrow = !SCALARS.has(type);
    const atFirst = /@default\((true|false)\)/.exec(line)?.[1];
    Object.assign(table, {
      columns: [
        ...table.columns,
        {
          name,
          ...(name !== field && { field }),
          ...(isNarrow && { isNarrow }),
          ...(type === 'DateTime' && { isTime: true }),
          ...(atFirst && { atFirst: atFirst === 'true' }),
          place,
        },
      ],
    });
    if (/\s@id\b/.test(line)) addIndex(table, { kind: 'primary', columns: [field], place });
    if (/\s@unique\b/.test(line)) addIndex(table, { kind: 'unique', columns: [field], place });
  });
  settle();
  return found.map((it) => ({ ...it, foreignKeys: it.foreignKeys.map((key) => ({ ...key, table: tableOfModel.get(key.table) ?? key.table })) }));
}

/** Types of so many values that one of them picks few rows. */
const SCALARS: ReadonlySet<string> = new Set(['String', 'Int', 'BigInt', 'Float', 'Decimal', 'DateTime', 'Json', 'Bytes', 'Unsupported']);

const addIndex = (table: { indexes: readonly TableIndexClaim[] }, index: TableIndexClaim): void => {
  Object.assign(table, { indexes: [...table.indexes, index] });
};

/** `[a, b(sort: Desc)]`, or `fields: […]`. */
const fieldsIn = (text: string): string[] => namesIn(/\[([^\]]*)\]/.exec(text)?.[1] ?? '');
const namesIn = (text: string): string[] =>
  text
    .replace(/\([^)]*\)/g, '')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => /^\w+$/.test(it));
