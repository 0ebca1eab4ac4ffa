import type { Column } from '../../../model/topology.ts';
import { type ClassValue, isCallable, NOTHING, propertyOf, type Resource, textOf, truth, type Value } from '../../code/values.ts';
import type { CodeClaim, CodeRun, TableIndexClaim } from '../../detector.ts';

type Place = Resource['place'];
type TableClaim = Extract<CodeClaim, { kind: 'table' }>;
interface Declared {
  columns: Column[];
  indexes: TableIndexClaim[];
  foreignKeys: { columns: readonly string[]; table: string; place: Place }[];
}

const snake = (text: string): string => text.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase();

/** As `inflection` does it for words that are usual: others may have another name, and then nothing is said of them. */
function plural(name: string): string {
  if (/(person)$/i.test(name)) return name.replace(/erson$/i, 'eople');
  if (/child$/i.test(name)) return `${name}ren`;
  if (/[^s]s$/i.test(name) && !/(us|is)$/i.test(name)) return name;
  if (/[^aeiou]y$/i.test(name)) return name.replace(/y$/i, 'ies');
  return /(s|x|z|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`;
}

const isSaid = (it: Value | undefined): boolean => it !== undefined && it.t !== 'nothing' && truth(it) !== false;
/** An option of the model, or of all models of its client. */
const optionOf = (name: string, options: Value | undefined, client: Value | undefined): Value | undefined =>
  propertyOf(options, name) ?? propertyOf(client?.t === 'resource' ? (client.data.define as Value | undefined) : undefined, name);

/** Models that were defined, so that `sync` can say of them that it makes their tables. */
const modelsIn = (run: CodeRun): { claim: TableClaim; client: Value | undefined }[] =>
  run.shared<{ all: { claim: TableClaim; client: Value | undefined }[] }>('sequelize models', () => ({ all: [] })).all;

/** `define(name, attributes, options)`, `Model.init(attributes, options)`: attributes that can't all be read declare nothing. */
export function claimModel(model: string, attributes: Value | undefined, options: Value | undefined, client: Value | undefined, place: Place, run: CodeRun): void {
  if (attributes?.t !== 'object' || attributes.open || (options?.t === 'object' && options.open)) return;
  const found: Declared = { columns: [], indexes: [], foreignKeys: [] };
  const isSnake = isSaid(optionOf('underscored', options, client));
  const own = new Map<string, string>();
  for (const [name, it] of attributes.props) addAttribute(found, own, name, it, attributes.places.get(name) ?? place, isSnake);
  const made = claimOf(model, found, own, options, client, place, isSnake);
  modelsIn(run).push({ claim: made, client });
  run.claim(made);
}

function claimOf(
  model: string,
  found: Declared,
  own: ReadonlyMap<string, string>,
  options: Value | undefined,
  client: Value | undefined,
  place: Place,
  isSnake: boolean,
): TableClaim {
  const added = (name: string, isTime: boolean): void => {
    const column = isSnake ? snake(name) : name;
    if (!found.columns.some((it) => it.name === column))
      found.columns.push({ name: column, ...(column !== name && { field: name }), ...(isTime && { isTime: true as const }), place });
  };
  if (!found.indexes.some((it) => it.kind === 'primary')) {
    found.indexes.push({ kind: 'primary', columns: ['id'], place });
    added('id', false);
  }
  const timestamps = optionOf('timestamps', options, client);
  if (!timestamps || isSaid(timestamps)) for (const name of ['createdAt', 'updatedAt']) added(name, true);
  const listed = propertyOf(options, 'indexes');
  if (listed && listed.t !== 'list') found.indexes.push({ kind: 'plain', columns: [], place });
  if (listed?.t === 'list') found.indexes.push(...listed.items.map((it) => indexOf(it, own, place)), ...(listed.open ? [{ kind: 'plain' as const, columns: [], place }] : []));
  const said = textOf(propertyOf(options, 'tableName'));
  const usual = isSaid(optionOf('freezeTableName', options, client)) ? model : isSnake ? snake(plural(model)) : plural(model);
  return {
    kind: 'table',
    isModel: true,
    ...(said === undefined && { otherNames: [plural(model), snake(plural(model)), model, snake(model)] }),
    change: { do: 'createTable', table: said ?? usual, model, columns: found.columns, indexes: keysOf(found.indexes), foreignKeys: found.foreignKeys, place },
  };
}

/** `sync()` makes the tables of models as they are declared. */
export function claimSync(client: Resource, run: CodeRun): void {
  client.data.isSynced = true;
  for (const it of modelsIn(run)) if (it.client === client || it.client === undefined) run.claim({ ...it.claim, isSynced: true });
}

/** A type, or an object that holds one; `name` may be another one in the database. */
function addAttribute(found: Declared, own: Map<string, string>, attribute: string, it: Value, place: Place, isSnake: boolean): void {
  const options = it.t === 'object' ? it : undefined;
  const name = textOf(propertyOf(options, 'field')) ?? (isSnake ? snake(attribute) : attribute);
  // It is worked out, and stands in no table.
  if (typeWord(propertyOf(options, 'type') ?? it) === 'VIRTUAL') return;
  own.set(attribute, name);
  const type = typeWord(propertyOf(options, 'type') ?? it);
  const atFirst = propertyOf(options, 'defaultValue');
  found.columns.push({
    name,
    ...(name !== attribute && { field: attribute }),
    ...(/^(BOOLEAN|ENUM)$/.test(type) && { isNarrow: true as const }),
    ...(/^DATE(ONLY)?$/.test(type) && { isTime: true as const }),
    ...(atFirst?.t === 'boolean' && { atFirst: atFirst.v }),
    place,
  });
  const unique = propertyOf(options, 'unique');
  const key = textOf(unique) ?? textOf(propertyOf(unique, 'name'));
  if (isSaid(propertyOf(options, 'primaryKey'))) found.indexes.push({ kind: 'primary', columns: [name], place });
  else if (isSaid(unique)) found.indexes.push({ kind: 'unique', ...(key !== undefined && { name: key }), columns: [name], place });
  const model = propertyOf(propertyOf(options, 'references'), 'model');
  const to = textOf(model) ?? (model?.t === 'class' ? model.c.name : model?.t === 'resource' ? String(model.data.model) : undefined);
  if (to !== undefined) found.foreignKeys.push({ columns: [name], table: to, place });
}

/** `DataTypes.BOOLEAN`, `DataTypes.ENUM('a', 'b')`. */
const typeWord = (it: Value | undefined): string => (it?.t === 'package' ? (it.path.at(-1) ?? '') : it?.t === 'resource' && it.type === 'Type' ? String(it.data.name) : '');

function indexOf(it: Value, own: ReadonlyMap<string, string>, place: Place): TableIndexClaim {
  const fields = propertyOf(it, 'fields');
  const names = fields?.t === 'list' && !fields.open ? fields.items.map((one) => textOf(one) ?? textOf(propertyOf(one, 'name')) ?? textOf(propertyOf(one, 'attribute'))) : [];
  const isPlain = !/^(FULLTEXT|SPATIAL)$/.test(textOf(propertyOf(it, 'type')) ?? '');
  return {
    kind: isSaid(propertyOf(it, 'unique')) || textOf(propertyOf(it, 'type')) === 'UNIQUE' ? 'unique' : 'plain',
    // One that can't be read may be over anything.
    columns: isPlain && names.every((one) => one !== undefined) ? (names as string[]).map((one) => own.get(one) ?? one) : [],
    ...(propertyOf(it, 'where') && { isPartial: true as const }),
    place,
  };
}

/** Columns that are each a part of the primary key, or of a unique key of one name, are one key. */
function keysOf(indexes: readonly TableIndexClaim[]): TableIndexClaim[] {
  const found: TableIndexClaim[] = [];
  for (const it of indexes) {
    const at = found.findIndex((one) => one.kind === it.kind && (it.kind === 'primary' || (it.kind === 'unique' && it.name !== undefined && one.name === it.name)));
    const before = found[at];
    if (before) found[at] = { ...before, columns: [...before.columns, ...it.columns] };
    else found.push(it);
  }
  return found;
}

interface Said {
  name: string;
  args: readonly Value[];
  place?: Place;
}

/** Called, `@Column({ … })`, and bare, `@Column`. */
const saidBy = (all: readonly Value[]): Said[] =>
  all.flatMap((it): Said[] => {
    if (it.t === 'package') return [{ name: it.path.at(-1) ?? '', args: [] }];
    return it.t === 'resource' && it.type === 'Decorator' ? [{ name: String(it.data.name), args: it.data.args as readonly Value[], place: it.place }] : [];
  });

/** What was read of a class is the same for every one who asks. */
const READ = new WeakMap<ClassValue, TableClaim | null>();

/** Claims the table of a class of sequelize-typescript: `@Table({ … })`, `@Column`, `@Unique`, `@Index`, `@ForeignKey`. */
export function claimClass(of: ClassValue, model: string, client: Resource, run: CodeRun): void {
  const known = READ.get(of);
  const made = known === undefined ? (ofClass(of, model, client, run) ?? null) : known;
  READ.set(of, made);
  if (made) run.claim(client.data.isSynced === true ? { ...made, isSynced: true } : made);
}

function ofClass(of: ClassValue, model: string, client: Resource, run: CodeRun): TableClaim | undefined {
  const table = saidBy(of.decorators ?? []).find((it) => it.name === 'Table');
  const [options] = table?.args ?? [];
  if (!table?.place || (options?.t === 'object' && options.open)) return undefined;
  const { place } = table;
  const found: Declared = { columns: [], indexes: [], foreignKeys: [] };
  const isSnake = isSaid(optionOf('underscored', options, client));
  const own = new Map<string, string>();
  for (const { name: property, decorators } of run.inspect(of).members) {
    const said = saidBy(decorators);
    const has = (name: string): Said | undefined => said.find((it) => it.name === name);
    if (!said.some((it) => /^(Column|(Created|Updated|Deleted)At|ForeignKey|PrimaryKey)$/.test(it.name))) continue;
    addAttribute(found, own, property, has('Column')?.args[0] ?? NOTHING, place, isSnake);
    const name = own.get(property);
    if (name === undefined) continue;
    const to = has('ForeignKey')?.args[0];
    const other = to && isCallable(to) ? run.call(to, []) : undefined;
    if (other?.t === 'class') found.foreignKeys.push({ columns: [name], table: other.c.name ?? '', place });
    for (const [mark, kind] of MARKS) if (has(mark)) found.indexes.push({ kind, columns: [name], place });
  }
  return claimOf(model, found, own, options, client, place, isSnake);
}

const MARKS = [
  ['PrimaryKey', 'primary'],
  ['Unique', 'unique'],
  ['Index', 'plain'],
] as const;
