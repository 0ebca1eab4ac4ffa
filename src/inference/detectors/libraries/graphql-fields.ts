import type { Rows } from '../../../model/topology.ts';
import { oneOfPrograms } from '../../code/alternatives.ts';
import { DATA, isCallable, object, propertyOf, REQUEST, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftStep, GraphqlField, LibraryCall } from '../../detector.ts';
import { fieldTypesIn } from '../graphql-types.ts';

/** What a field gives back, as far as the schema says it. */
export interface FieldType {
  type?: string;
  isList: boolean;
}

/** A field that a function of ours resolves. */
export interface Field extends FieldType {
  name: string;
  resolver: Value;
  place?: LibraryCall['place'];
}

/** Fields with resolvers, by the name of their type. */
export type Fields = ReadonlyMap<string, readonly Field[]>;

/** What a server resolves: its resolvers, and the fields without any that lead to objects that have some. */
interface Schema {
  fields: Fields;
  plain: ReadonlyMap<string, readonly GraphqlField[]>;
}

/** Queries that lead from object to object may be as deep as the client likes: so many levels below the first are read. */
const DEEPEST = 3;

/**
 * An endpoint whose fields are resolved as GraphQL does it: first the context, then the field, then whatever of its objects has resolvers of its own,
 * once per object of a list and all of them at once. Whether a client asks for those is not known.
 */
export function graphqlOf(
  fields: Fields,
  context: Value | undefined,
  place: LibraryCall['place'],
  run: CodeRun,
  data: Record<string, unknown> = {},
  written: readonly GraphqlField[] = [],
): Resource {
  const schema: Schema = { fields, plain: plainIn(fields, written) };
  const resolvers = object();
  for (const kind of ['Query', 'Mutation'])
    resolvers.props.set(
      kind,
      object(
        (fields.get(kind) ?? []).map((it): [string, Value] => [it.name, { t: 'native', call: (args) => resolve(it, args, contextOf(context, args[2], run), schema, place, run) }]),
      ),
    );
  return run.make('GraphQL', place, { ...data, resolvers });
}

const contextOf = (context: Value | undefined, given: Value | undefined, run: CodeRun): Value => {
  const made = isCallable(context) ? run.call(context, [REQUEST, REQUEST, REQUEST]) : context;
  return made?.t === 'object' || made?.t === 'instance' ? made : (given ?? REQUEST);
};

/** Fields without a resolver of their own, as far as they lead to types that have resolvers. */
function plainIn(fields: Fields, written: readonly GraphqlField[]): Map<string, GraphqlField[]> {
  const found = new Map<string, GraphqlField[]>();
  const leads = new Set([...fields.keys()].filter((it) => it !== 'Query' && it !== 'Mutation'));
  for (let before = -1; before < leads.size; ) {
    before = leads.size;
    for (const it of written) if (it.type && leads.has(it.type)) leads.add(it.owner);
  }
  for (const it of written) {
    const isResolved = fields.get(it.owner)?.some((own) => own.name === it.name) ?? false;
    if (it.type && leads.has(it.type) && !isResolved) found.set(it.owner, [...(found.get(it.owner) ?? []), it]);
  }
  return found;
}

function resolve(it: Field, args: readonly Value[], context: Value, schema: Schema, place: LibraryCall['place'], run: CodeRun): Value {
  const result = run.call(it.resolver, [args[0] ?? DATA, args[1] ?? REQUEST, context, UNKNOWN]);
  for (const step of below(it, DATA, context, schema, place, run, [])) run.record(step);
  return result;
}

/** Steps of the resolvers that stand on what a field gives back; fields of one object run side by side. `object`: what it gives where that is no list. */
function below(of: FieldType, object: Value, context: Value, schema: Schema, place: LibraryCall['place'], run: CodeRun, path: readonly string[]): DraftStep[] {
  if (of.type === undefined || path.length >= DEEPEST || path.includes(of.type)) return [];
  const type = of.type;
  const own = (schema.fields.get(type) ?? []).map((it) => ({ ...it, resolver: it.resolver as Value | undefined }));
  const plain = (schema.plain.get(type) ?? []).map((it) => ({ ...it, resolver: undefined }));
  const branches = [...own, ...plain].flatMap((it): DraftStep[][] => {
    const loop = it.place ?? place;
    const self = of.isList ? run.round(loop) : object;
    const steps = run.apart(() => {
      if (it.resolver) run.call(it.resolver, [self, REQUEST, context, UNKNOWN]);
      for (const step of below(it, it.resolver ? DATA : self, context, schema, place, run, [...path, type])) run.record(step);
    });
    if (!steps.some((step) => step.kind !== 'respond')) return [];
    const objects: Rows = { label: `a list of ${type}`, place: loop, ...(it.resolver && it.place && { ofField: true }) };
    const taken: DraftStep[] = of.isList ? [{ kind: 'loop', concurrent: true, steps, over: objects, place: loop }] : steps;
    return [[{ kind: 'branch', label: `${type}.${it.name} asked for`, taken, otherwise: [], place: loop }]];
  });
  return branches.length > 1 ? [{ kind: 'parallel', branches, place }] : (branches[0] ?? []);
}

/** One of the fields, where code hands a request over to the server by itself. */
export function anyField(of: Resource, run: CodeRun): void {
  const programs = ['Query', 'Mutation'].flatMap((kind) => {
    const all = propertyOf(of.data.resolvers as Value, kind);
    return all?.t === 'object' ? [...all.props.values()].map((resolver) => run.apart(() => void run.call(resolver, [DATA, REQUEST, REQUEST]))) : [];
  });
  for (const step of oneOfPrograms(programs, of.place)) run.record(step);
}

/** What a server is given: a schema that was made before, or the parts of one. */
export function schemaOf(options: Value | undefined): Fields {
  const parts = schemaParts(options);
  return fieldsIn(
    { t: 'list', items: parts.flatMap((it) => [propertyOf(it, 'resolvers') ?? UNKNOWN]), open: false },
    { t: 'list', items: parts.flatMap((it) => [propertyOf(it, 'typeDefs') ?? UNKNOWN]), open: false },
  );
}

function schemaParts(it: Value | undefined): Value[] {
  if (it?.t === 'list') return it.items.flatMap(schemaParts);
  if (it?.t === 'resource') return it.type === 'Schema' ? schemaParts(it.data.options as Value | undefined) : [];
  const inner = propertyOf(it, 'schema') ?? propertyOf(it, 'modules');
  if (inner) return [...schemaParts(inner), ...(propertyOf(it, 'resolvers') ? [it as Value] : [])];
  return it ? [it] : [];
}

/** Fields of Query and Mutation with their resolvers. */
export function resolversOf(graphql: Resource): { name: string; kind: 'Query' | 'Mutation'; resolver: Value }[] {
  const resolvers = graphql.data.resolvers as Value | undefined;
  return (['Query', 'Mutation'] as const).flatMap((kind) => {
    const fields = propertyOf(resolvers, kind);
    return fields?.t === 'object' ? [...fields.props].filter(([, it]) => isCallable(it)).map(([name, resolver]) => ({ name, kind, resolver })) : [];
  });
}

/** Resolver maps (`{ Query: { posts() {} }, Author: { posts() {} } }`), several of which count as one, with the types that the schema's text gives their fields. */
export function fieldsIn(resolvers: Value | undefined, typeDefs: Value | undefined): Fields {
  const types = typesIn(textIn(typeDefs));
  const found = new Map<string, Field[]>();
  for (const part of partsOf(resolvers))
    for (const [type, members] of part.props) {
      if (members.t !== 'object' && members.t !== 'instance') continue;
      const own = found.get(type) ?? [];
      for (const [name, it] of members.props) {
        const resolver = isCallable(it) ? it : propertyOf(it, 'resolve');
        if (isCallable(resolver)) own.push({ name, resolver, isList: false, ...types.get(`${type}.${name}`), ...(resolver.t === 'function' && { place: placeOf(resolver) }) });
      }
      found.set(type, own);
    }
  return found;
}

const placeOf = (it: Extract<Value, { t: 'function' }>): LibraryCall['place'] => ({ file: it.scope.file, line: it.f.at[0], column: it.f.at[1] });

type ObjectValue = Extract<Value, { t: 'object' }>;
const partsOf = (it: Value | undefined): ObjectValue[] => (it?.t === 'list' ? it.items.flatMap(partsOf) : it?.t === 'object' ? [it] : []);

const textIn = (it: Value | undefined): string =>
  it?.t === 'list' ? it.items.map(textIn).join('\n') : it?.t === 'resource' ? textIn(it.data.text as Value | undefined) : (textOf(it) ?? '');

/** Types of fields by `Type.field`, from the schema language; built-in and unknown ones have no resolvers and do no harm. */
const typesIn = (schema: string): Map<string, FieldType> =>
  new Map(fieldTypesIn(schema).map(({ owner, name, type, isList }) => [`${owner}.${name}`, { isList, ...(type && { type }) }]));
