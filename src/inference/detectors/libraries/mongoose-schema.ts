import type { Column } from '../../../model/topology.ts';
import { numberOf, propertyOf, type Resource, textOf, truth, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, TableIndexClaim } from '../../detector.ts';

/** What a schema is made with: its paths, and the indexes that Mongoose builds when the program starts. */
interface Declared {
  columns: Column[];
  indexes: TableIndexClaim[];
  foreignKeys: { columns: readonly string[]; table: string; place: LibraryCall['place'] }[];
}

type ObjectValue = Extract<Value, { t: 'object' }>;

/** Reads `new Schema({ … }, options)`; undefined where a part of it can't be read, which may hold any index. */
export function declaredBy(it: LibraryCall): Declared | undefined {
  const [given, options] = it.args;
  if (given?.t !== 'object' || given.open) return undefined;
  const found: Declared = {
    // An ObjectId tells when it was made.
    columns: [{ name: '_id', isTime: true, place: it.place }],
    indexes: [{ kind: 'primary', columns: ['_id'], place: it.place }],
    foreignKeys: [],
  };
  if (!readPaths(given, '', it.place, found)) return undefined;
  const timestamps = propertyOf(options, 'timestamps');
  if (timestamps && (timestamps.t === 'object' || truth(timestamps))) for (const name of ['createdAt', 'updatedAt']) found.columns.push({ name, isTime: true, place: it.place });
  return found;
}

function readPaths(of: ObjectValue, before: string, schema: LibraryCall['place'], found: Declared): boolean {
  for (const [property, value] of of.props) {
    const name = `${before}${property}`;
    const place = of.places.get(property) ?? schema;
    // `[{ … }]` and `[String]` are indexed element by element: nothing is read of them but that they are there.
    const options = value.t === 'object' ? value : undefined;
    if (options?.open) return false;
    const isNested = options !== undefined && !options.props.has('type');
    if (options && isNested) {
      if (!readPaths(options, `${name}.`, schema, found)) return false;
      continue;
    }
    found.columns.push({ name, ...natureOf(options), place });
    const kind = saysSo(options, 'unique') ? 'unique' : saysSo(options, 'index') ? 'plain' : undefined;
    if (kind) found.indexes.push({ kind, columns: [name], ...(isPartial(propertyOf(options, 'index')) && { isPartial: true as const }), place });
    const ref = textOf(propertyOf(options, 'ref'));
    if (ref !== undefined) found.foreignKeys.push({ columns: [name], table: ref, place });
  }
  return true;
}

const saysSo = (options: Value | undefined, name: string): boolean => {
  const it = propertyOf(options, name);
  return it !== undefined && it.t !== 'nothing' && truth(it) !== false;
};

const isPartial = (it: Value | undefined): boolean => propertyOf(it, 'partialFilterExpression') !== undefined;

function natureOf(options: Value | undefined): Pick<Column, 'isNarrow' | 'atFirst'> {
  const atFirst = propertyOf(options, 'default');
  if (atFirst?.t === 'boolean') return { isNarrow: true, atFirst: atFirst.v };
  return propertyOf(options, 'enum') ? { isNarrow: true } : {};
}

/** `schema.index({ owner: 1, made: -1 }, { unique: true })`. */
export function noteIndex(it: LibraryCall, schema: Resource): void {
  const declared = schema.data.declared as Declared | undefined;
  const [fields, options] = it.args;
  if (!declared) return;
  const isRead = fields?.t === 'object' && !fields.open && [...fields.props.values()].every((value) => numberOf(value) !== undefined);
  declared.indexes.push({
    kind: saysSo(options, 'unique') ? 'unique' : 'plain',
    // One that can't be read may be over anything; one of text or places serves other questions.
    columns: isRead ? [...fields.props.keys()] : [],
    ...(isPartial(options) && { isPartial: true as const }),
    place: it.place,
  });
}

/** A model is a collection with the indexes of its schema. */
export function claimModel(model: string | undefined, schema: Value | undefined, run: CodeRun): void {
  const declared = schema?.t === 'resource' && schema.type === 'Schema' ? (schema.data.declared as Declared | undefined) : undefined;
  if (model === undefined || !declared || schema?.t !== 'resource') return;
  run.claim({
    kind: 'table',
    isSynced: true,
    change: { do: 'createTable', table: model, columns: declared.columns, indexes: declared.indexes, foreignKeys: declared.foreignKeys, place: schema.place },
  });
}
