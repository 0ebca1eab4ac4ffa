import { isCallable, object, propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector } from '../../detector.ts';
import { type Application, type Explorer, exploreWith, type Made } from './nestjs/application.ts';
import { handlersOf } from './nestjs/controllers.ts';
import { type DecoratorData, decoratorsNamed } from './nestjs/tokens.ts';

/** @nestjs/graphql: queries and mutations of resolver classes behind one endpoint. */
export default {
  id: 'nestjs-graphql',
  packages: ['@nestjs/graphql'],
  call(it, run) {
    exploreWith(run, explore);
    if (it.name === 'GraphQLModule.forRoot' || it.name === 'GraphQLModule.forRootAsync') {
      run.shared<{ path?: string }>('nestjs-graphql', () => ({})).path = textOf(propertyOf(it.args[0], 'path')) ?? '/graphql';
      return run.make('NestModule', it.place, { gives: [] });
    }
    if (it.name === 'GqlExecutionContext.create') return it.args[0] ?? UNKNOWN;
    return /^[A-Z]\w*$/.test(it.name) ? run.make('Decorator', it.place, { name: it.name, args: it.args }) : UNKNOWN;
  },
} satisfies LibraryDetector;

const explore: Explorer = (app, made, run, place) => {
  const resolvers = object();
  for (const kind of ['Query', 'Mutation'] as const) {
    const fields = made.filter((it) => decoratorsNamed(it.of.decorators ?? [], 'Resolver').length > 0).flatMap((it) => fieldsOf(app, it, kind, run));
    if (fields.length > 0) resolvers.props.set(kind, object(fields));
  }
  if (resolvers.props.size === 0) return;
  const { path = '/graphql' } = run.shared<{ path?: string }>('nestjs-graphql', () => ({}));
  app.mounted.push({ path, method: null, handlers: [run.make('GraphQL', place, { resolvers })], place });
};

function fieldsOf(app: Application, it: Made, kind: 'Query' | 'Mutation', run: CodeRun): [string, Value][] {
  return run.inspect(it.of).members.flatMap((member): [string, Value][] => {
    const said = decoratorsNamed(member.decorators, kind)[0];
    if (!said || member.kind !== 'method') return [];
    const handlers = handlersOf(app, it, member, run).filter(isCallable);
    const resolver: Value = { t: 'native', call: (args) => handlers.reduce<Value>((_before, handler) => run.call(handler, args), UNKNOWN) };
    return [[nameOf(said) ?? member.name, resolver]];
  });
}

/** `@Query('posts')`, or `name` among the options behind the type. */
const nameOf = (it: DecoratorData): string | undefined => it.args.map((arg) => textOf(propertyOf(arg, 'name') ?? arg)).find((name) => name !== undefined);
