import { type ClassValue, isCallable, propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, GraphqlField, LibraryDetector } from '../../detector.ts';
import { type Field, type FieldType, graphqlOf } from './graphql-fields.ts';
import { type Application, type Explorer, exploreWith, type Made } from './nestjs/application.ts';
import { handlersOf } from './nestjs/controllers.ts';
import { type DecoratorData, decoratorsNamed, keyOf } from './nestjs/tokens.ts';

interface Module extends Record<string, unknown> {
  path?: string;
  context?: Value;
  /** The schema was written first. */
  hasSchemaFiles?: boolean;
  /** Kinds of enhancers that also stand before the fields of an object; by itself Nest runs none there. */
  fieldEnhancers?: readonly string[];
}
const moduleIn = (run: CodeRun): Module => run.shared<Module>('nestjs-graphql', () => ({}));

/** @nestjs/graphql: queries and mutations of resolver classes behind one endpoint, and the fields that they resolve for objects. */
export default {
  id: 'nestjs-graphql',
  packages: ['@nestjs/graphql'],
  call(it, run) {
    exploreWith(run, explore);
    if (it.name === 'GraphQLModule.forRoot' || it.name === 'GraphQLModule.forRootAsync') {
      const context = propertyOf(it.args[0], 'context');
      const factory = propertyOf(it.args[0], 'useFactory');
      const options = isCallable(factory) ? run.call(factory, [UNKNOWN, UNKNOWN, UNKNOWN]) : it.args[0];
      const enhancers = propertyOf(options, 'fieldResolverEnhancers');
      Object.assign(moduleIn(run), {
        hasSchemaFiles: propertyOf(options, 'typePaths') !== undefined,
        fieldEnhancers: enhancers?.t === 'list' ? enhancers.items.map(textOf) : [],
      });
      Object.assign(moduleIn(run), { path: textOf(propertyOf(it.args[0], 'path')) ?? '/graphql', ...(context && { context }) });
      return run.make('NestModule', it.place, { gives: [] });
    }
    if (it.name === 'GqlExecutionContext.create') return it.args[0] ?? UNKNOWN;
    return /^[A-Z]\w*$/.test(it.name) ? run.make('Decorator', it.place, { name: it.name, args: it.args }) : UNKNOWN;
  },
} satisfies LibraryDetector;

const explore: Explorer = (app, made, run, place) => {
  const fields = new Map<string, Field[]>();
  for (const it of made) {
    const resolver = decoratorsNamed(it.of.decorators ?? [], 'Resolver')[0];
    if (!resolver) continue;
    const own = resolver.args.map((arg) => typeOf(arg, run)).find((type) => type !== undefined)?.type;
    for (const [kind, type] of [
      ['Query', 'Query'],
      ['Mutation', 'Mutation'],
      ['ResolveField', own],
      ['ResolveProperty', own],
    ] as const)
      if (type) fields.set(type, [...(fields.get(type) ?? []), ...fieldsOf(app, it, kind, run)]);
  }
  if (!fields.has('Query') && !fields.has('Mutation')) return;
  const { path = '/graphql', context, hasSchemaFiles } = moduleIn(run);
  const written = hasSchemaFiles ? run.schemaFields() : [];
  for (const [owner, own] of fields)
    fields.set(
      owner,
      own.map((it) => ({ ...it, ...typeIn(written, owner, it) })),
    );
  if ([...(fields.get('Query') ?? []), ...(fields.get('Mutation') ?? [])].length > 0)
    app.mounted.push({ path, method: null, handlers: [graphqlOf(fields, context, place, run, {}, written)], place });
};

/** What the schema says of a field, where its decorator does not. */
function typeIn(written: readonly GraphqlField[], owner: string, it: Field): Partial<FieldType> {
  const found = it.type === undefined ? written.find((one) => one.owner === owner && one.name === it.name) : undefined;
  return found ? { isList: found.isList, ...(found.type && { type: found.type }) } : {};
}

function fieldsOf(app: Application, it: Made, kind: string, run: CodeRun): Field[] {
  return run.inspect(it.of).members.flatMap((member): Field[] => {
    const said = decoratorsNamed(member.decorators, kind)[0];
    if (!said || member.kind !== 'method') return [];
    const { fieldEnhancers = [] } = moduleIn(run);
    const handlers = handlersOf(app, it, member, run, (enhancer) => isRoot(kind) || fieldEnhancers.includes(`${enhancer}s`)).filter(isCallable);
    const resolve = (args: readonly Value[]): Value => handlers.reduce<Value>((_before, handler) => run.call(handler, args), UNKNOWN);
    // Whom a query or mutation lets pass gets all that stands below it; a field of an object tells nothing of those beside it.
    const resolver: Value = { t: 'native', call: isRoot(kind) ? resolve : (args) => run.servingSome(() => resolve(args)) };
    const place = member.decorators.flatMap((one) => (one.t === 'resource' && one.data.name === kind ? [one.place] : []))[0];
    const type = said.args.map((arg) => (isCallable(arg) ? typeOf(arg, run) : undefined)).find((found) => found !== undefined);
    return [{ name: nameOf(said) ?? member.name, resolver, isList: false, ...type, ...(place && { place }) }];
  });
}

const isRoot = (kind: string): boolean => kind === 'Query' || kind === 'Mutation';

/** `() => [Author]`, the class, or its name where the schema was written first. */
function typeOf(it: Value, run: CodeRun): FieldType | undefined {
  const given = isCallable(it) ? run.call(it) : it;
  const isList = given.t === 'list';
  const of = isList ? given.items[0] : given;
  const type = of?.t === 'class' ? nameOfType(of, run) : textOf(of);
  return type === undefined ? undefined : { type, isList };
}

/** Two classes may have one name in code; in a schema they have not, but it is what they are declared as that counts there. */
const nameOfType = (it: ClassValue, run: CodeRun): string | undefined =>
  decoratorsNamed(it.decorators ?? [], 'ObjectType').flatMap((one) => textOf(one.args[0]) ?? [])[0] ?? it.c.name ?? keyOf(it, run);

/** `@Query('posts')`, or `name` among the options behind the type. */
const nameOf = (it: DecoratorData): string | undefined => it.args.map((arg) => textOf(propertyOf(arg, 'name') ?? arg)).find((name) => name !== undefined);
