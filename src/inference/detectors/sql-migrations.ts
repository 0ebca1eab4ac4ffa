import type { Column } from '../../model/topology.ts';
import type { FileDetector, SchemaChange, TableIndexClaim } from '../detector.ts';
import { isNarrowType, isTimeType } from './sql-types.ts';
import { nameOf } from './paths.ts';
import { readSql, type SqlToken } from './sql-statements.ts';

/** SQL files of migrations and schemas: what they do to tables and indexes, in their order. Values and rows are not kept. */
export default {
  id: 'sql-migrations',
  matches: (path) =>
    /\.sql$/i.test(path) && !/(\.|_|\/)(down|undo|rollback)\.sql$/i.test(path) && !/^U\d/.test(nameOf(path)) && !/(^|\/)(tests?|__tests__|fixtures|seeds?|examples?)\//i.test(path),
  detect(path, text) {
    const up = upPart(text);
    const { statements, openAt } = readSql(up);
    const changes = statements.flatMap((it) => changesOf(it, path));
    const problems = openAt === undefined ? [] : [{ file: path, line: openAt, message: 'This SQL does not end what begins here; what stands before it was read.' }];
    return {
      claims: changes.length > 0 ? [{ kind: 'schemaChanges', changes, place: { file: path, line: 1 } }] : [],
      problems: changes.length > 0 || /migrat|schema/i.test(path) ? problems : [],
    };
  },
} satisfies FileDetector;

/** Tools that keep the way back in the same file mark where it begins; what follows is blanked so that lines stay. */
function upPart(text: string): string {
  const down = /^--+\s*(\+goose Down|migrate:down|\+migrate Down|#?down\b.*|rollback\b.*)$/im.exec(text);
  if (!down) return text;
  const rest = text.slice(down.index);
  const up = /^--+\s*(\+goose Up|migrate:up|\+migrate Up)$/im.exec(rest);
  return up ? text.slice(0, down.index) + rest.slice(0, up.index).replace(/[^\n]/g, ' ') + rest.slice(up.index) : text.slice(0, down.index);
}

/** A way through the tokens of one statement. */
class Tokens {
  at = 0;
  readonly all: readonly SqlToken[];
  constructor(all: readonly SqlToken[]) {
    this.all = all;
  }
  /** Passes these words where they come next. */
  take(...words: string[]): boolean {
    const fits = words.every((word, index) => this.all[this.at + index]?.kind !== 'text' && this.all[this.at + index]?.kind !== 'name' && this.all[this.at + index]?.text === word);
    if (fits) this.at += words.length;
    return fits;
  }
  takeOne(...words: string[]): string | undefined {
    return words.find((it) => this.take(it));
  }
  /** A name, without the schema before it. */
  name(): string | undefined {
    let found: string | undefined;
    for (;;) {
      const it = this.all[this.at];
      if (!it || (it.kind !== 'word' && it.kind !== 'name')) return found;
      found = it.text;
      this.at += 1;
      if (!this.take('.')) return found;
    }
  }
  /** The tokens between brackets, which begin here. */
  group(): SqlToken[] | undefined {
    if (this.all[this.at]?.text !== '(' || this.all[this.at]?.kind !== 'mark') return undefined;
    let depth = 0;
    for (let to = this.at; to < this.all.length; to++) {
      const { kind, text } = this.all[to] as SqlToken;
      if (kind === 'mark' && text === '(') depth += 1;
      if (kind === 'mark' && text === ')' && --depth === 0) {
        const inner = this.all.slice(this.at + 1, to);
        this.at = to + 1;
        return inner;
      }
    }
    return undefined;
  }
  isEnd(): boolean {
    return this.at >= this.all.length;
  }
}

/** At commas that stand in no brackets. */
function parts(tokens: readonly SqlToken[]): SqlToken[][] {
  const found: SqlToken[][] = [[]];
  let depth = 0;
  for (const it of tokens) {
    if (it.kind === 'mark' && it.text === '(') depth += 1;
    if (it.kind === 'mark' && it.text === ')') depth -= 1;
    if (it.kind === 'mark' && it.text === ',' && depth === 0) found.push([]);
    else found.at(-1)?.push(it);
  }
  return found.filter((it) => it.length > 0);
}

/** Columns of an index; empty where one is an expression, which no plain filter uses. */
const columnsIn = (tokens: readonly SqlToken[] | undefined): string[] => {
  const all = parts(tokens ?? []).map((it) =>
    (it[0]?.kind === 'word' || it[0]?.kind === 'name') && it[1]?.text !== '(' ? it[0].text : it[1]?.text === '(' && /^\d+$/.test(it[2]?.text ?? '') ? it[0]?.text : undefined,
  );
  return all.every((it) => it !== undefined) ? (all as string[]) : [];
};

function changesOf(tokens: readonly SqlToken[], file: string): SchemaChange[] {
  const it = new Tokens(tokens);
  const place = { file, line: tokens[0]?.line ?? 1 };
  if (it.take('create')) {
    const unique = it.take('unique');
    it.takeOne('fulltext', 'spatial', 'clustered', 'nonclustered', 'temp', 'temporary', 'unlogged');
    if (it.take('table')) return createTable(it, file, place);
    if (!it.take('index')) return [];
    it.take('concurrently');
    it.take('if', 'not', 'exists');
    const name = it.take('on') ? undefined : it.name();
    if (name !== undefined && !it.take('on')) return [];
    it.take('only');
    const table = it.name();
    if (it.take('using')) it.name();
    const columns = columnsIn(it.group());
    const isPartial = it.all.slice(it.at).some((token) => token.kind === 'word' && token.text === 'where');
    return table
      ? [{ do: 'addIndex', table, index: { ...(name && { name }), kind: unique ? 'unique' : 'plain', columns, ...(isPartial && { isPartial: true as const }), place }, place }]
      : [];
  }
  if (it.take('drop', 'table')) {
    it.take('if', 'exists');
    const table = it.name();
    return table ? [{ do: 'dropTable', table, place }] : [];
  }
  if (it.take('drop', 'index')) {
    it.take('concurrently');
    it.take('if', 'exists');
    const name = it.name();
    return name ? [{ do: 'dropIndex', name, place }] : [];
  }
  if (it.take('alter', 'table')) return alterTable(it, file, place);
  // Code of the database's own may do anything to any table.
  return it.take('do') ? [{ do: 'unread', place }] : [];
}

function createTable(it: Tokens, file: string, place: SchemaChange['place']): SchemaChange[] {
  it.take('if', 'not', 'exists');
  const table = it.name();
  const body = it.group();
  if (!table || !body) return [];
  const columns: Column[] = [];
  const indexes: TableIndexClaim[] = [];
  const foreignKeys: { columns: readonly string[]; table: string; place: SchemaChange['place'] }[] = [];
  for (const part of parts(body)) {
    const own = { file, line: part[0]?.line ?? place.line };
    const constraint = constraintOf(part, own);
    if (constraint?.index) indexes.push(constraint.index);
    if (constraint?.foreignKey) foreignKeys.push(constraint.foreignKey);
    if (constraint) continue;
    const column = columnOf(part, own);
    if (!column) continue;
    columns.push({ name: column.name, ...natureOf(column), place: own });
    indexes.push(...column.indexes);
    foreignKeys.push(...column.foreignKeys);
  }
  return [{ do: 'createTable', table, columns, indexes, foreignKeys, place }];
}

type ForeignKey = { columns: readonly string[]; table: string; place: SchemaChange['place'] };

/** A table's constraint or MySQL's inline index; undefined for what is a column. */
function constraintOf(tokens: readonly SqlToken[], place: SchemaChange['place']): { index?: TableIndexClaim; foreignKey?: ForeignKey } | undefined {
  const it = new Tokens(tokens);
  const name = it.take('constraint') ? it.name() : undefined;
  const named = (own: string | undefined) => ((own ?? name) ? { name: own ?? (name as string) } : {});
  if (it.take('primary', 'key')) {
    it.takeOne('clustered', 'nonclustered');
    return { index: { ...named(undefined), kind: 'primary', columns: columnsIn(it.group()), place } };
  }
  if (it.take('foreign', 'key')) {
    const before = it.at;
    if (it.all[before]?.text !== '(') it.name();
    const columns = columnsIn(it.group());
    const table = it.take('references') ? it.name() : undefined;
    return table ? { foreignKey: { columns, table, place } } : {};
  }
  const isUnique = it.take('unique');
  const isIndex = it.takeOne('key', 'index') !== undefined;
  it.takeOne('clustered', 'nonclustered');
  if (isUnique || isIndex) {
    const own = it.all[it.at]?.text === '(' ? undefined : it.name();
    if (it.take('using')) it.name();
    const columns = it.group();
    // A column may be called `key` or `index`.
    if (!columns) return undefined;
    return { index: { ...named(own), kind: isUnique ? 'unique' : 'plain', columns: columnsIn(columns), place } };
  }
  return it.takeOne('check', 'exclude', 'like', 'fulltext', 'spatial', 'period') || name !== undefined ? {} : undefined;
}

const natureOf = ({ isNarrow, isTime, atFirst }: Pick<Column, 'isNarrow' | 'isTime' | 'atFirst'>) => ({
  ...(isNarrow && { isNarrow }),
  ...(isTime && { isTime }),
  ...(atFirst !== undefined && { atFirst }),
});

interface ColumnRead extends Pick<Column, 'name' | 'isNarrow' | 'isTime' | 'atFirst'> {
  indexes: TableIndexClaim[];
  foreignKeys: ForeignKey[];
}

function columnOf(tokens: readonly SqlToken[], place: SchemaChange['place']): ColumnRead | undefined {
  const [first] = tokens;
  if (!first || (first.kind !== 'word' && first.kind !== 'name')) return undefined;
  const words = tokens.map((it) => (it.kind === 'word' ? it.text : ''));
  const indexes: TableIndexClaim[] = [];
  if (words.some((it, index) => it === 'primary' && words[index + 1] === 'key')) indexes.push({ kind: 'primary', columns: [first.text], place });
  else if (words.includes('unique')) indexes.push({ kind: 'unique', columns: [first.text], place });
  const at = words.indexOf('references');
  const table = at < 0 ? undefined : new Tokens(tokens.slice(at + 1)).name();
  const type = tokens.slice(1);
  const atFirst = words[words.indexOf('default') + 1];
  return {
    name: first.text,
    ...(isNarrowType(type) && { isNarrow: true }),
    ...(isTimeType(type) && { isTime: true }),
    ...(words.includes('default') && /^(true|false)$/.test(atFirst ?? '') && { atFirst: atFirst === 'true' }),
    indexes,
    foreignKeys: table ? [{ columns: [first.text], table, place }] : [],
  };
}

function alterTable(it: Tokens, file: string, place: SchemaChange['place']): SchemaChange[] {
  it.take('if', 'exists');
  it.take('only');
  const table = it.name();
  if (!table) return [];
  return parts(it.all.slice(it.at)).flatMap((tokens): SchemaChange[] => {
    const own = { file, line: tokens[0]?.line ?? place.line };
    const action = new Tokens(tokens);
    if (action.take('rename')) {
      const isColumn = action.take('column') || !['to', 'as'].includes(action.all[action.at]?.text ?? '');
      if (isColumn) return [{ do: 'unread', table, place: own }];
      action.takeOne('to', 'as');
      const to = action.name();
      return to ? [{ do: 'renameTable', table, to, place: own }] : [];
    }
    if (action.take('add')) {
      const rest = action.all.slice(action.at);
      const constraint = constraintOf(rest, own);
      if (constraint?.index) return [{ do: 'addIndex', table, index: constraint.index, place: own }];
      if (constraint) return constraint.foreignKey ? [{ do: 'addForeignKey', table, foreignKey: constraint.foreignKey, place: own }] : [];
      action.take('column');
      action.take('if', 'not', 'exists');
      const column = columnOf(action.all.slice(action.at), own);
      if (!column) return [{ do: 'unread', table, place: own }];
      return [
        { do: 'addColumn', table, column: column.name, ...natureOf(column), place: own },
        ...column.indexes.map((index): SchemaChange => ({ do: 'addIndex', table, index, place: own })),
        ...column.foreignKeys.map((foreignKey): SchemaChange => ({ do: 'addForeignKey', table, foreignKey, place: own })),
      ];
    }
    if (action.take('drop')) {
      if (action.take('primary', 'key')) return [{ do: 'dropIndex', table, kind: 'primary', place: own }];
      const isIndex = action.takeOne('constraint', 'index', 'key', 'foreign') !== undefined;
      action.take('key');
      action.take('column');
      action.take('if', 'exists');
      const name = action.name();
      if (!name) return [{ do: 'unread', table, place: own }];
      return isIndex ? [{ do: 'dropIndex', table, name, place: own }] : [{ do: 'dropColumn', table, column: name, place: own }];
    }
    return [];
  });
}
