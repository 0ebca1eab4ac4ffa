import type { FileDetector, GraphqlSchemaClaim } from '../detector.ts';
import { fieldTypesIn } from './graphql-types.ts';

/** Files in GraphQL's schema language, of servers whose schema was written first. Those that hold only a client's questions say nothing. */
export default {
  id: 'graphql-schema',
  matches: (path) => /\.(graphqls?|gql)$/.test(path),
  recognises: (text) => /^\s*(extend\s+)?(type|interface)\s+\w+/m.test(text),
  detect(path, text) {
    const fields = fieldTypesIn(text).map(({ owner, name, line, ...type }) => ({ owner, name, ...type, place: { file: path, line } }));
    const claim: GraphqlSchemaClaim = { kind: 'graphqlSchema', fields };
    return { claims: fields.length > 0 ? [claim] : [] };
  },
} satisfies FileDetector;
