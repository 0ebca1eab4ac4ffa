import { isCallable, NOTHING, object, propertyOf, type Resource, text, textOf, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** Plugins of Fastify that bring the client of a store, under a name on the app. */
export default {
  id: 'fastify-databases',
  packages: ['@fastify/postgres', '@fastify/redis', '@fastify/mongodb', '@fastify/mysql', 'fastify-postgres', 'fastify-redis', 'fastify-mongodb', 'fastify-mysql'],
  call(it, run) {
    const [app, options = NOTHING] = it.args;
    if (it.receiver || it.name !== 'registered' || app?.t !== 'resource') return UNKNOWN;
    const kind = it.package.replace(/^(@fastify\/|fastify-)/, '');
    const [property, client] = clientOf(kind, options, it, run);
    const name = textOf(propertyOf(options, kind === 'redis' ? 'namespace' : 'name'));
    const before = app.data[`set ${property}`] as Value | undefined;
    app.data[`set ${property}`] = name === undefined ? client : object([...(before?.t === 'object' ? before.props : []), [name, client]]);
    return UNKNOWN;
  },
} satisfies LibraryDetector;

function clientOf(kind: string, options: Value, it: LibraryCall, run: CodeRun): [property: string, client: Value] {
  const given = propertyOf(options, 'client');
  const url = propertyOf(options, 'url') ?? propertyOf(options, 'connectionString');
  switch (kind) {
    case 'postgres':
      return ['pg', withTransact(run.use('pg', 'Pool', [options], it.place, true), run)];
    case 'redis':
      return ['redis', given ?? run.use('ioredis', '', url ? [url, options] : [options], it.place, true)];
    case 'mysql': {
      const one = textOf(propertyOf(options, 'type')) === 'connection';
      const from = truth(propertyOf(options, 'promise') ?? UNKNOWN) === true ? 'promise.' : '';
      return ['mysql', run.use('mysql2', `${from}${one ? 'createConnection' : 'createPool'}`, [url ?? options], it.place)];
    }
    default: {
      const client = given ?? run.use('mongodb', 'MongoClient', [url ?? UNKNOWN, options], it.place, true);
      return [
        'mongo',
        object([
          ['client', client],
          ['db', run.call(run.property(client, 'db'), [propertyOf(options, 'database') ?? UNKNOWN])],
        ]),
      ];
    }
  }
}

/** `app.pg.transact(async (client) => …)`: one connection from BEGIN to COMMIT, given back however it ends. */
function withTransact(pool: Value, run: CodeRun): Value {
  if (pool.t !== 'resource') return pool;
  (pool as Resource).data['set transact'] = {
    t: 'native',
    call: ([body]) => {
      const client = run.call(run.property(pool, 'connect'));
      const ask = (statement: string): void => void run.call(run.property(client, 'query'), [text(statement)]);
      ask('BEGIN');
      const result = isCallable(body) ? run.call(body, [client]) : UNKNOWN;
      ask('COMMIT');
      const hold = client.t === 'resource' ? client.data.hold : undefined;
      run.call(run.property(client, 'release'));
      if (hold) (hold as { released: string }).released = 'always';
      return result;
    },
  } satisfies Value;
  return pool;
}
