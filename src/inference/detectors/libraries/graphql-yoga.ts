import { isCallable, propertyOf, REQUEST, type Resource, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { anyField, graphqlOf, schemaOf } from './graphql-fields.ts';

/** GraphQL Yoga: a request handler that a server of Node or of a framework is given. */
export default {
  id: 'graphql-yoga',
  packages: ['graphql-yoga'],
  call(it, run) {
    if (it.receiver) {
      // `yoga.handleNodeRequestAndResponse(req, reply)` inside a route of another framework.
      if (/^(handle|fetch|handleNodeRequest|handleNodeRequestAndResponse|handleRequest)$/.test(it.name) && run.isTracing()) anyField(it.receiver, run);
      return REQUEST;
    }
    const [options] = it.args;
    if (it.name === 'createSchema') return run.make('Schema', it.place, { options });
    if (it.name !== 'createYoga') return UNKNOWN;
    const path = textOf(propertyOf(options, 'graphqlEndpoint')) ?? '/graphql';
    const mounted: unknown[] = [];
    const schema = propertyOf(options, 'schema');
    const made: Resource = graphqlOf(schemaOf(isCallable(schema) ? run.call(schema, []) : options), propertyOf(options, 'context'), it.place, run, { mounted, path });
    mounted.push({ path, method: null, handlers: [made], place: it.place });
    return made;
  },
  member(of, name): Value | undefined {
    return of.type === 'GraphQL' && name === 'graphqlEndpoint' ? text(String(of.data.path)) : undefined;
  },
} satisfies LibraryDetector;
