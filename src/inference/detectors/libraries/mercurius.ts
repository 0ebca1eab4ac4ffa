import { isCallable, list, object, propertyOf, REQUEST, type Resource, textOf, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector } from '../../detector.ts';
import { type Field, type Fields, fieldsIn, graphqlOf } from './graphql-fields.ts';

/** Mercurius: GraphQL as a plugin of Fastify; its loaders are asked once for all objects of a list. */
export default {
  id: 'mercurius',
  packages: ['mercurius'],
  call(it, run) {
    const [app, options] = it.args;
    if (it.name !== 'registered' || app?.t !== 'resource' || truth(propertyOf(options, 'routes') ?? object()) === false) return UNKNOWN;
    const fields = fieldsIn(propertyOf(options, 'resolvers'), propertyOf(options, 'schema'));
    const endpoint = graphqlOf(withLoaders(fields, propertyOf(options, 'loaders'), propertyOf(options, 'schema'), it.place, run), propertyOf(options, 'context'), it.place, run);
    (app.data.mounted as unknown[]).push({ path: textOf(propertyOf(options, 'path')) ?? '/graphql', method: null, handlers: [endpoint], place: it.place });
    return UNKNOWN;
  },
} satisfies LibraryDetector;

/** A loader is a resolver whose calls for the objects of one list become one. */
function withLoaders(fields: Fields, loaders: Value | undefined, schema: Value | undefined, place: Resource['place'], run: CodeRun): Fields {
  if (loaders?.t !== 'object') return fields;
  const own = object(
    [...loaders.props].map(([type, members]): [string, Value] => [
      type,
      object(members.t === 'object' ? [...members.props].map(([name, it]): [string, Value] => [name, isCallable(it) ? it : (propertyOf(it, 'loader') ?? UNKNOWN)]) : []),
    ]),
  );
  const all = new Map<string, readonly Field[]>(fields);
  for (const [type, found] of fieldsIn(own, schema))
    all.set(type, [
      ...(all.get(type) ?? []),
      ...found.map((it): Field => {
        const loader = run.make('Loader', it.place ?? place);
        const load = (context: Value | undefined): void => void run.call(it.resolver, [list([REQUEST], true), context ?? REQUEST]);
        return {
          ...it,
          resolver: {
            t: 'native',
            call: ([, , context]) => {
              const steps = run.apart(() => load(context));
              if (steps.length > 0) run.record({ kind: 'batch', loader: loader.id, steps, place: loader.place });
              return REQUEST;
            },
          },
        };
      }),
    ]);
  return all;
}
