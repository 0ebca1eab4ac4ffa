import { ts } from 'ts-morph';
import type { Column } from '../../model/topology.ts';
import type { SchemaChange, TableIndexClaim } from '../detector.ts';

type Place = SchemaChange['place'];
type ForeignKey = Extract<SchemaChange, { do: 'addForeignKey' }>['foreignKey'];

/** Methods that may change tables, by how they begin; all others read or move rows. */
const CHANGES = /^(create|add|drop|remove|rename|change|alter|table$|sync|func|query$|raw$|sql$)/;
/** Of those, what changes no column and no index. */
const HARMLESS =
  /^(createQueryBuilder|createDatabase|createSchema|createExtension|createType|createEnum|createFunction|createTrigger|createView|dropForeignKeys?|dropSchema|dropType|dropEnum|dropTrigger|dropView|addTypeValue|changeColumnComment|createQueryRunner)$/;

/**
 * What the calls of a migration written in code do to tables (`QueryRunner` of TypeORM, `queryInterface` of Sequelize, `pgm` of node-pg-migrate), in their order; SQL that stands there as text is read elsewhere.
 * What can't be read is `unread`, never left out: a table of which a part is not known must accuse nobody. Undefined where no way up is found.
 */
export function changesByCalls(path: string, text: string): readonly SchemaChange[] | undefined {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const tools = toolsOf(tree);
  if (tools.size === 0) return undefined;
  const found: SchemaChange[] = [];
  const read = (node: ts.Node, isSure: boolean): void => {
    if (isWayDown(node)) return;
    if (ts.isCallExpression(node)) {
      // Arguments first: `queryInterface.sequelize.transaction(() => …)`.
      const place = { file: path, line: tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1 };
      const callee = node.expression;
      const isTools = ts.isPropertyAccessExpression(callee) && tools.has(rootOf(callee.expression));
      if (isTools) {
        const own = callOf(callee.name.text, node.arguments, place, tree);
        found.push(
          ...(isSure || own.length === 0
            ? own
            : own.map((it): SchemaChange => ('table' in it && it.table !== undefined ? { do: 'unread', table: it.table, place } : { do: 'unread', place }))),
        );
      } else if (node.arguments.some((it) => ts.isIdentifier(it) && tools.has(it.text))) found.push({ do: 'unread', place });
    }
    // On one side of a test, or once for each of something, nobody knows whether or how often.
    const isOpen = ts.isIfStatement(node) || ts.isConditionalExpression(node) || ts.isIterationStatement(node, false) || ts.isSwitchStatement(node) || isForEach(node);
    ts.forEachChild(node, (it) => read(it, isSure && !isOpen));
  };
  read(tree, true);
  return found;
}

const isForEach = (node: ts.Node): boolean =>
  ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && /^(forEach|map|reduce|each|mapSeries)$/.test(node.expression.name.text);

/** `down` as a method, a property, a function or an export. */
function isWayDown(node: ts.Node): boolean {
  if (ts.isMethodDeclaration(node) || ts.isPropertyAssignment(node) || ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node))
    return node.name !== undefined && ts.isIdentifier(node.name) && node.name.text === 'down';
  return ts.isBinaryExpression(node) && ts.isPropertyAccessExpression(node.left) && node.left.name.text === 'down';
}

/** Names of what the way up is given: the first parameter, or what is taken out of it. */
function toolsOf(tree: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const look = (node: ts.Node): void => {
    const isUp =
      ((ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) &&
        node.name !== undefined &&
        ts.isIdentifier(node.name) &&
        node.name.text === 'up') ||
      (ts.isBinaryExpression(node) && ts.isPropertyAccessExpression(node.left) && node.left.name.text === 'up');
    if (isUp) {
      const made = ts.isFunctionLike(node) ? node : ts.isBinaryExpression(node) ? node.right : (node as ts.PropertyAssignment).initializer;
      const first = made && ts.isFunctionLike(made) ? made.parameters[0] : undefined;
      if (first && ts.isIdentifier(first.name)) names.add(first.name.text);
      else if (first && ts.isObjectBindingPattern(first.name)) for (const it of first.name.elements) if (ts.isIdentifier(it.name)) names.add(it.name.text);
    }
    ts.forEachChild(node, look);
  };
  look(tree);
  return names;
}

/** `queryInterface` of `queryInterface.sequelize.query`. */
function rootOf(it: ts.Expression): string {
  if (ts.isIdentifier(it)) return it.text;
  return ts.isPropertyAccessExpression(it) || ts.isCallExpression(it) || ts.isNonNullExpression(it) ? rootOf(it.expression) : '';
}

function callOf(method: string, args: readonly ts.Expression[], place: Place, tree: ts.SourceFile): SchemaChange[] {
  const read = new Reader(tree, place);
  const [first, second, third] = args;
  const unread = (table?: string): SchemaChange[] => [{ do: 'unread', ...(table !== undefined && { table }), place }];
  if (!CHANGES.test(method) || HARMLESS.test(method)) return [];
  if (/^(query|raw|sql)$/.test(method)) return read.isPlainText(first) ? [] : unread();
  const table = read.nameOf(first);
  // Builders of Knex: what they are told inside is not read.
  if (table === undefined || args.some(ts.isFunctionLike)) return unread();
  const each = (it: ts.Expression | undefined): readonly ts.Expression[] => (it === undefined ? [] : ts.isArrayLiteralExpression(it) ? it.elements : [it]);
  switch (method) {
    case 'createTable':
      return ts.isNewExpression(first as ts.Node) ? read.tableOfTypeOrm(table, first) : read.tableOfColumns(table, second, third);
    case 'dropTable':
      return [{ do: 'dropTable', table, place }];
    case 'renameTable': {
      const to = read.nameOf(second);
      return to === undefined ? unread() : [{ do: 'renameTable', table, to, place }];
    }
    case 'addColumn':
    case 'addColumns': {
      const isPair = second !== undefined && read.textOf(second) !== undefined;
      if (isPair) return read.columnChanges(table, read.textOf(second) as string, third) ?? unread(table);
      const own = each(second).map((it) => (read.objectOf(it) && !ts.isObjectLiteralExpression(it) ? read.addedByTypeOrm(table, it) : undefined));
      if (own.every((it) => it !== undefined)) return own.flat();
      // node-pg-migrate: `{ column: definition }`
      const all = read.entries(second)?.map(([name, it]) => read.columnChanges(table, name, it));
      return all?.every((it) => it !== undefined) ? all.flat() : unread(table);
    }
    case 'renameColumn':
    case 'renameColumns': {
      const [column, to] = [read.textOf(second), read.textOf(third)];
      return column !== undefined && to !== undefined ? [{ do: 'renameColumn', table, column, to, place }] : unread(table);
    }
    case 'removeColumn':
    case 'dropColumn':
    case 'dropColumns': {
      const names = each(second).map((it) => read.textOf(it) ?? read.textOf(read.entry(it, 'name')));
      return names.every((it) => it !== undefined) ? names.map((column): SchemaChange => ({ do: 'dropColumn', table, column: column as string, place })) : unread(table);
    }
    case 'changeColumn':
    case 'alterColumn': {
      const column = read.textOf(second);
      const index = column === undefined ? undefined : read.indexesOfColumn(column, third);
      return index ? index.map((it): SchemaChange => ({ do: 'addIndex', table, index: it, place })) : unread(table);
    }
    case 'createIndex':
    case 'createIndices':
    case 'addIndex':
    case 'createUniqueConstraint':
    case 'createUniqueConstraints':
    case 'createPrimaryKey':
    case 'addConstraint':
      return read
        .indexes(table, method, second, third)
        .map((it): SchemaChange => ('table' in it ? { do: 'addForeignKey', table, foreignKey: it, place } : { do: 'addIndex', table, index: it, place }));
    case 'removeIndex':
    case 'dropIndex':
    case 'dropIndices':
    case 'removeConstraint':
    case 'dropConstraint':
    case 'dropUniqueConstraint': {
      const name =
        read.textOf(second) ??
        read.textOf(read.entry(second, 'name')) ??
        (second && ts.isArrayLiteralExpression(second) ? nameOfIndex(table, read.columnsOf(second) ?? []) : undefined);
      return name === undefined ? unread(table) : [{ do: 'dropIndex', table, name, place }];
    }
    case 'createForeignKey':
    case 'createForeignKeys':
      return each(second).flatMap((it): SchemaChange[] => {
        const [columns, to] = [read.columnsOf(read.entry(it, 'columnNames')), read.textOf(read.entry(it, 'referencedTableName'))];
        return columns && to ? [{ do: 'addForeignKey', table, foreignKey: { columns, table: to, place }, place }] : [];
      });
    default:
      return unread(table);
  }
}

/** As Sequelize calls an index that nobody gives a name. */
const nameOfIndex = (table: string, columns: readonly string[]): string => `${table}_${columns.join('_')}`.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();

const CONSTANTS = new WeakMap<ts.SourceFile, ReadonlyMap<string, readonly (string | undefined)[]>>();

/** Reads literals of one call. */
class Reader {
  readonly tree: ts.SourceFile;
  readonly place: Place;
  constructor(tree: ts.SourceFile, place: Place) {
    this.tree = tree;
    this.place = place;
  }

  /** A text, or the constant of the file that holds one. */
  textOf(it: ts.Expression | undefined): string | undefined {
    if (!it) return undefined;
    if (ts.isStringLiteralLike(it)) return it.text;
    if (!ts.isIdentifier(it)) return undefined;
    const values = this.constants().get(it.text) ?? [];
    return values.length === 1 ? values[0] : undefined;
  }

  /** Texts by the names that constants of the file give them. */
  private constants(): ReadonlyMap<string, readonly (string | undefined)[]> {
    const known = CONSTANTS.get(this.tree);
    if (known) return known;
    const found = new Map<string, (string | undefined)[]>();
    const look = (node: ts.Node): void => {
      if (isWayDown(node)) return;
      if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
        const isFixed = ts.isVariableDeclarationList(node.parent) && (node.parent.flags & ts.NodeFlags.Const) !== 0 && node.initializer && ts.isStringLiteralLike(node.initializer);
        found.set(node.name.text, [...(found.get(node.name.text) ?? []), isFixed ? (node.initializer as ts.StringLiteralLike).text : undefined]);
      }
      ts.forEachChild(node, look);
    };
    look(this.tree);
    CONSTANTS.set(this.tree, found);
    return found;
  }

  /** Text without anything put in: SQL of it is read elsewhere. */
  isPlainText(it: ts.Expression | undefined): boolean {
    return it === undefined || this.textOf(it) !== undefined || (ts.isTemplateExpression(it) && !/\b(create|alter|drop|rename)\b/i.test(it.head.text));
  }

  /** A table by its name, by `{ tableName }`, by `new Table({ name })`; without the schema before it. */
  nameOf(it: ts.Expression | undefined): string | undefined {
    const said = this.textOf(it) ?? this.textOf(this.entry(it, 'tableName')) ?? this.textOf(this.entry(it, 'name'));
    return said?.replace(/^.*\./, '').replaceAll('"', '');
  }

  /** An object literal, or the one that `new TableColumn({ … })` is given. */
  objectOf(it: ts.Expression | undefined): ts.ObjectLiteralExpression | undefined {
    if (!it) return undefined;
    if (ts.isObjectLiteralExpression(it)) return it;
    const [first] = ts.isNewExpression(it) ? (it.arguments ?? []) : [];
    return first && ts.isObjectLiteralExpression(first) ? first : undefined;
  }

  /** Properties of an object; undefined where one of them can't be told by its name. */
  entries(it: ts.Expression | undefined): [string, ts.Expression][] | undefined {
    const all = this.objectOf(it)?.properties.map((one): [string, ts.Expression] | undefined =>
      ts.isPropertyAssignment(one) && (ts.isIdentifier(one.name) || ts.isStringLiteralLike(one.name)) ? [one.name.text, one.initializer] : undefined,
    );
    return all?.every((one) => one !== undefined) ? (all as [string, ts.Expression][]) : undefined;
  }

  entry(it: ts.Expression | undefined, name: string): ts.Expression | undefined {
    for (const one of this.objectOf(it)?.properties ?? [])
      if (ts.isPropertyAssignment(one) && (ts.isIdentifier(one.name) || ts.isStringLiteralLike(one.name)) && one.name.text === name) return one.initializer;
    return undefined;
  }

  isTrue(it: ts.Expression | undefined, name: string): boolean {
    const said = this.entry(it, name);
    return said !== undefined && said.kind !== ts.SyntaxKind.FalseKeyword && said.kind !== ts.SyntaxKind.NullKeyword;
  }

  /** Names in a list: texts, or objects that hold one (`{ name: 'at', order: 'DESC' }`); undefined where one is an expression. */
  columnsOf(it: ts.Expression | undefined): string[] | undefined {
    const items = it && ts.isArrayLiteralExpression(it) ? it.elements : it && this.textOf(it) !== undefined ? [it] : undefined;
    const names = items?.map((one) => this.textOf(one) ?? this.textOf(this.entry(one, 'name')) ?? this.textOf(this.entry(one, 'attribute')));
    return names?.every((one) => one !== undefined) ? (names as string[]) : undefined;
  }

  private natureOf(it: ts.Expression | undefined): Pick<Column, 'isNarrow' | 'isTime' | 'atFirst'> {
    const type = (this.entry(it, 'type') ?? it)?.getText(this.tree) ?? '';
    const atFirst = this.entry(it, 'defaultValue') ?? this.entry(it, 'default');
    const said = atFirst?.getText(this.tree).replace(/['"]/g, '');
    return {
      ...(/bool|enum/i.test(type) && { isNarrow: true as const }),
      ...(/timestamp|datetime|\bdate\b/i.test(type) && { isTime: true as const }),
      ...((said === 'true' || said === 'false') && { atFirst: said === 'true' }),
    };
  }

  /** What a column's definition declares; undefined where it can't be read. `'id'` of node-pg-migrate is a primary key. */
  indexesOfColumn(column: string, it: ts.Expression | undefined): TableIndexClaim[] | undefined {
    if (!it || (!this.objectOf(it) && !ts.isPropertyAccessExpression(it) && !ts.isCallExpression(it) && this.textOf(it) === undefined)) return undefined;
    if (this.objectOf(it)?.properties.some(ts.isSpreadAssignment)) return undefined;
    const { place } = this;
    if (this.textOf(it) === 'id' || ['primaryKey', 'isPrimary'].some((name) => this.isTrue(it, name))) return [{ kind: 'primary', columns: [column], place }];
    return ['unique', 'isUnique'].some((name) => this.isTrue(it, name)) ? [{ kind: 'unique', columns: [column], place }] : [];
  }

  private foreignKeyOf(column: string, it: ts.Expression | undefined): ForeignKey[] {
    const to = this.entry(it, 'references');
    const table = this.nameOf(to) ?? this.nameOf(this.entry(to, 'model'));
    return table ? [{ columns: [column], table, place: this.place }] : [];
  }

  columnChanges(table: string, column: string, it: ts.Expression | undefined): SchemaChange[] | undefined {
    const indexes = this.indexesOfColumn(column, it);
    const { place } = this;
    return (
      indexes && [
        { do: 'addColumn', table, column, ...this.natureOf(it), place },
        ...indexes.map((index): SchemaChange => ({ do: 'addIndex', table, index, place })),
        ...this.foreignKeyOf(column, it).map((foreignKey): SchemaChange => ({ do: 'addForeignKey', table, foreignKey, place })),
      ]
    );
  }

  addedByTypeOrm(table: string, it: ts.Expression): SchemaChange[] | undefined {
    const name = this.textOf(this.entry(it, 'name'));
    return name === undefined ? undefined : this.columnChanges(table, name, it);
  }

  /** `createTable('t', { column: { … } }, { uniqueKeys })` */
  tableOfColumns(table: string, columns: ts.Expression | undefined, options: ts.Expression | undefined): SchemaChange[] {
    const { place } = this;
    const open: SchemaChange = { do: 'unread', table, place };
    const made = (all: readonly [string, ts.Expression][], indexes: readonly TableIndexClaim[]): SchemaChange => ({
      do: 'createTable',
      table,
      columns: all.map(([name, it]) => ({ name, ...this.natureOf(it), place })),
      indexes: gathered(indexes),
      foreignKeys: all.flatMap(([name, it]) => this.foreignKeyOf(name, it)),
      place,
    });
    const all = this.entries(columns);
    const own = all?.map(([name, it]) => this.indexesOfColumn(name, it));
    const keys = this.entry(options, 'uniqueKeys');
    const named = keys ? this.entries(keys)?.map(([, it]) => this.columnsOf(this.entry(it, 'fields') ?? it)) : [];
    const isRead = own?.every((it) => it !== undefined) && named?.every((it) => it !== undefined) && !this.entry(options, 'constraints');
    if (!all) return [open];
    if (!isRead) return [made(all, []), open];
    return [made(all, [...(own as TableIndexClaim[][]).flat(), ...(named as string[][]).map((it): TableIndexClaim => ({ kind: 'unique', columns: it, place }))])];
  }

  /** `new Table({ name, columns: [ … ], indices, uniques, foreignKeys })` */
  tableOfTypeOrm(table: string, it: ts.Expression | undefined): SchemaChange[] {
    const { place } = this;
    const listed = this.entry(it, 'columns');
    const all = listed && ts.isArrayLiteralExpression(listed) ? listed.elements.map((one): [string | undefined, ts.Expression] => [this.textOf(this.entry(one, 'name')), one]) : [];
    const known = all.filter((one): one is [string, ts.Expression] => one[0] !== undefined);
    const own = known.map(([name, one]) => this.indexesOfColumn(name, one));
    const more = ['indices', 'uniques'].map((name) => {
      const items = this.entry(it, name);
      return items === undefined ? [] : ts.isArrayLiteralExpression(items) ? items.elements.map((one) => this.indexOf(table, one, undefined, name === 'uniques')) : undefined;
    });
    const isRead = listed !== undefined && known.length === all.length && all.length > 0 && own.every(Boolean) && more.every(Boolean);
    const created: SchemaChange = {
      do: 'createTable',
      table,
      columns: known.map(([name, one]) => ({ name, ...this.natureOf(one), place })),
      indexes: gathered([...own.flatMap((one) => one ?? []), ...more.flatMap((one) => one ?? [])]),
      foreignKeys: [],
      place,
    };
    return isRead ? [created] : [created, { do: 'unread', table, place }];
  }

  /** Indexes and keys that a call declares. One that can't be read may be over anything: it has no columns. */
  indexes(table: string, method: string, second: ts.Expression | undefined, third: ts.Expression | undefined): (TableIndexClaim | ForeignKey)[] {
    const { place } = this;
    if (method === 'createPrimaryKey') return [{ kind: 'primary', columns: this.columnsOf(second) ?? [], place }];
    const options = third ?? second;
    if (method === 'addConstraint') {
      const type = this.textOf(this.entry(options, 'type'))?.toLowerCase() ?? '';
      const columns = this.columnsOf(this.entry(options, 'fields') ?? second);
      if (type === 'check' || type === 'default') return [];
      if (type === 'foreign key') {
        const to = this.entry(options, 'references');
        const other = this.textOf(this.entry(to, 'table')) ?? this.nameOf(this.entry(to, 'table'));
        return columns && other ? [{ columns, table: other, place }] : [];
      }
      const name = this.textOf(this.entry(options, 'name')) ?? this.textOf(second);
      return [{ ...(name !== undefined && { name }), kind: type === 'primary key' ? 'primary' : 'unique', columns: type === '' ? [] : (columns ?? []), place }];
    }
    const items = second && ts.isArrayLiteralExpression(second) && /Indices|Constraints/.test(method) ? second.elements : second ? [second] : [];
    return items.map((it) => this.indexOf(table, it, third, /Unique/.test(method)));
  }

  private indexOf(table: string, it: ts.Expression, third: ts.Expression | undefined, isUnique: boolean): TableIndexClaim {
    const isOptions = this.objectOf(it) !== undefined;
    const options = isOptions ? it : third;
    const columns = this.columnsOf(isOptions ? (this.entry(it, 'columnNames') ?? this.entry(it, 'fields')) : it) ?? this.columnsOf(this.entry(third, 'fields'));
    const name = this.textOf(this.entry(options, 'name')) ?? this.textOf(this.entry(options, 'indexName')) ?? nameOfIndex(table, columns ?? []);
    const unique = isUnique || ['unique', 'isUnique'].some((one) => this.isTrue(options, one)) || /^unique$/i.test(this.textOf(this.entry(options, 'type')) ?? '');
    return { name, kind: unique ? 'unique' : 'plain', columns: columns ?? [], ...(this.entry(options, 'where') && { isPartial: true as const }), place: this.place };
  }
}

/** Columns that are each marked as a part of the primary key are one key. */
function gathered(indexes: readonly TableIndexClaim[]): TableIndexClaim[] {
  const primary = indexes.filter((it) => it.kind === 'primary');
  const [first] = primary;
  if (!first || primary.length < 2) return [...indexes];
  return [{ ...first, columns: primary.flatMap((it) => it.columns) }, ...indexes.filter((it) => it.kind !== 'primary')];
}
