import type { Column } from '../../../model/topology.ts';
import { type ClassValue, isCallable, propertyOf, type Resource, textOf, truth, type Value } from '../../code/values.ts';
import type { CodeClaim, CodeRun, TableIndexClaim } from '../../detector.ts';

/** Decorators of TypeORM: they describe data, whether or not a data source is there already. */
export const DESCRIBES =
  /^(Entity|ViewEntity|ChildEntity|TableInheritance|Tree\w*|Index|Unique|Check|Exclusion|Column|PrimaryColumn|PrimaryGeneratedColumn|ObjectIdColumn|(Create|Update|Delete)DateColumn|VersionColumn|VirtualColumn|Generated|ManyToOne|OneToMany|OneToOne|ManyToMany|Join(Column|Table)|RelationId|(After|Before)\w+|EventSubscriber)$/;
const COLUMNS = /^(Column|PrimaryColumn|PrimaryGeneratedColumn|ObjectIdColumn|(Create|Update|Delete)DateColumn|VersionColumn)$/;

type Place = Resource['place'];
interface Said {
  name: string;
  args: readonly Value[];
  place: Place;
}
interface Declared {
  columns: Column[];
  indexes: TableIndexClaim[];
  foreignKeys: { columns: readonly string[]; table: string; place: Place }[];
}
/** How a data source names what has no name of its own: as TypeORM does, or all in small letters. */
export type Naming = 'default' | 'snake';

/** TypeORM's own `snakeCase`. */
const snake = (text: string): string =>
  text
    .replace(/([A-Z])([A-Z])([a-z])/g, '$1_$2$3')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();

const saidBy = (all: readonly Value[]): Said[] =>
  all.flatMap((it) =>
    it.t === 'resource' && it.type === 'Decorator' && it.library === 'typeorm' ? [{ name: String(it.data.name), args: it.data.args as readonly Value[], place: it.place }] : [],
  );
const optionsIn = (args: readonly Value[]): Value | undefined => args.findLast((it) => it.t === 'object');
const saysSo = (options: Value | undefined, name: string): boolean => {
  const it = propertyOf(options, name);
  return it !== undefined && it.t !== 'nothing' && truth(it) !== false;
};

/** What was read of an entity is the same for every one who asks. */
const READ = new WeakMap<Value, CodeClaim | null>();

/** Claims the table of an entity: of a class with decorators, or of an `EntitySchema`. */
export function claimEntity(entity: Value | undefined, { naming, isSynced }: { naming: Naming; isSynced: boolean }, run: CodeRun): void {
  if (entity?.t !== 'class' && !(entity?.t === 'resource' && entity.type === 'EntitySchema')) return;
  const known = READ.get(entity);
  const claim = known === undefined ? claimOf(entity.t === 'class' ? ofClass(entity, naming, run) : ofSchema(entity.data.options as Value, entity.place, naming), isSynced) : known;
  READ.set(entity, claim);
  if (claim) run.claim(claim);
}

function claimOf(made: Made | undefined, isSynced: boolean): CodeClaim | null {
  if (!made) return null;
  const { indexes, ...rest } = made;
  return { kind: 'table', isModel: true, ...(isSynced && { isSynced }), change: { do: 'createTable', ...rest, indexes: merged(indexes) } };
}

type Made = Declared & { table: string; model: string; place: Place };

function ofClass(of: ClassValue, naming: Naming, run: CodeRun): Made | undefined {
  const own = saidBy(of.decorators ?? []);
  const entity = own.find((it) => it.name === 'Entity');
  const model = of.c.name;
  if (!entity || !model) return undefined;
  const table = textOf(entity.args[0]) ?? textOf(propertyOf(optionsIn(entity.args), 'name')) ?? snake(model);
  const found: Declared = { columns: [], indexes: [], foreignKeys: [] };
  const columnOf = new Map<string, string>();
  for (const member of run.inspect(of).members) {
    const said = saidBy(member.decorators);
    const column = said.find((it) => COLUMNS.test(it.name));
    const relation = said.find((it) => it.name === 'ManyToOne' || it.name === 'OneToOne');
    const join = said.find((it) => it.name === 'JoinColumn');
    if (column) addColumn(found, member.name, column, columnOf, naming);
    else if (relation && (relation.name === 'ManyToOne' || join)) addRelation(found, member.name, relation, join, columnOf, naming, run);
    const name = columnOf.get(member.name);
    for (const it of said.filter((one) => one.name === 'Index' || one.name === 'Unique')) if (name !== undefined) found.indexes.push(indexOf(it, [name]));
  }
  for (const it of own.filter((one) => one.name === 'Index' || one.name === 'Unique')) {
    const listed = it.args.find((arg) => arg.t === 'list');
    const names = listed?.t === 'list' && !listed.open ? listed.items.map((one) => textOf(one)).map((one) => (one === undefined ? undefined : columnOf.get(one))) : [];
    // What names no columns that are known may be over any.
    found.indexes.push(indexOf(it, names.every((one) => one !== undefined) ? (names as string[]) : []));
  }
  return { ...found, table, model, place: entity.place };
}

function indexOf({ name, args, place }: Said, columns: readonly string[]): TableIndexClaim {
  const options = optionsIn(args);
  const named = textOf(args[0]);
  return {
    ...(named !== undefined && { name: named }),
    kind: name === 'Unique' || saysSo(options, 'unique') ? 'unique' : 'plain',
    columns: ['spatial', 'fulltext'].some((one) => saysSo(options, one)) ? [] : columns,
    ...(propertyOf(options, 'where') && { isPartial: true as const }),
    place,
  };
}

function addColumn(found: Declared, property: string, { name: kind, args, place }: Said, columnOf: Map<string, string>, naming: Naming): void {
  // Columns of a class of its own, under the property's name.
  if (args.some((it) => it.t === 'function' || it.t === 'class')) return;
  const options = optionsIn(args);
  const name = textOf(propertyOf(options, 'name')) ?? (naming === 'snake' ? snake(property) : property);
  columnOf.set(property, name);
  const type = textOf(args[0]) ?? textOf(propertyOf(options, 'type')) ?? '';
  const atFirst = propertyOf(options, 'default');
  found.columns.push({
    name,
    ...(name !== property && { field: property }),
    ...((/bool|enum/.test(type) || propertyOf(options, 'enum') || atFirst?.t === 'boolean') && { isNarrow: true as const }),
    ...((/Date/.test(kind) || /^(date|datetime\d*|timestamp|timestamptz)$/.test(type)) && { isTime: true as const }),
    ...(atFirst?.t === 'boolean' && { atFirst: atFirst.v }),
    place,
  });
  if (/^Primary|^ObjectId/.test(kind) || saysSo(options, 'primary')) found.indexes.push({ kind: 'primary', columns: [name], place });
  else if (saysSo(options, 'unique')) found.indexes.push({ kind: 'unique', columns: [name], place });
}

/** The column of a relation is called after it and the other side's key, `id` as a rule. One to one is unique. */
function addRelation(
  found: Declared,
  property: string,
  { name: kind, args, place }: Said,
  join: Said | undefined,
  columnOf: Map<string, string>,
  naming: Naming,
  run?: CodeRun,
): void {
  const options = join && optionsIn(join.args);
  const key = textOf(propertyOf(options, 'referencedColumnName')) ?? 'id';
  const usual = `${property}${key[0]?.toUpperCase() ?? ''}${key.slice(1)}`;
  const name = textOf(propertyOf(options, 'name')) ?? (naming === 'snake' ? snake(usual) : usual);
  columnOf.set(property, name);
  // The same column may be declared beside the relation, under a name of its own.
  if (!found.columns.some((it) => it.name === name)) found.columns.push({ name, place });
  const other = args[0] && isCallable(args[0]) && run ? run.call(args[0], []) : args[0];
  found.foreignKeys.push({ columns: [name], table: (other?.t === 'class' ? other.c.name : textOf(other)) ?? property, place });
  if (kind === 'OneToOne') found.indexes.push({ kind: 'unique', columns: [name], place });
}

/** `new EntitySchema({ name, tableName, columns: { … }, indices, uniques, relations })` */
function ofSchema(options: Value, place: Place, naming: Naming): Made | undefined {
  const model = textOf(propertyOf(options, 'name'));
  const columns = propertyOf(options, 'columns');
  if (model === undefined || options.t !== 'object' || options.open || columns?.t !== 'object' || columns.open) return undefined;
  const found: Declared = { columns: [], indexes: [], foreignKeys: [] };
  const columnOf = new Map<string, string>();
  for (const [property, it] of columns.props) addColumn(found, property, { name: 'Column', args: [it], place: columns.places.get(property) ?? place }, columnOf, naming);
  const relations = propertyOf(options, 'relations');
  for (const [property, it] of relations?.t === 'object' ? relations.props : []) {
    const type = textOf(propertyOf(it, 'type'));
    const join = propertyOf(it, 'joinColumn');
    const kind = type === 'many-to-one' ? 'ManyToOne' : type === 'one-to-one' && join ? 'OneToOne' : undefined;
    if (kind)
      addRelation(
        found,
        property,
        { name: kind, args: [propertyOf(it, 'target')].flatMap((one) => one ?? []), place },
        join && { name: 'JoinColumn', args: [join], place },
        columnOf,
        naming,
      );
  }
  for (const [list, name] of [
    ['indices', 'Index'],
    ['uniques', 'Unique'],
  ] as const) {
    const items = propertyOf(options, list);
    if (items !== undefined && (items.t !== 'list' || items.open)) return undefined;
    for (const it of items?.t === 'list' ? items.items : []) {
      const listed = propertyOf(it, 'columns');
      const names = listed?.t === 'list' && !listed.open ? listed.items.map((one) => columnOf.get(textOf(one) ?? '')) : [];
      found.indexes.push(indexOf({ name, args: [it], place }, names.every((one) => one !== undefined) ? (names as string[]) : []));
    }
  }
  return { ...found, table: textOf(propertyOf(options, 'tableName')) ?? snake(model), model, place };
}

/** Columns that are each marked as a part of the primary key are one key. */
function merged(indexes: readonly TableIndexClaim[]): TableIndexClaim[] {
  const primary = indexes.filter((it) => it.kind === 'primary');
  const [first] = primary;
  return first ? [{ ...first, columns: primary.flatMap((it) => it.columns) }, ...indexes.filter((it) => it.kind !== 'primary')] : [...indexes];
}
