import { DATA, isCallable, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import injection from './injection.ts';

/** Libraries through which load goes that no detector reads. */
const DATA_LIBRARIES = [
  ...['tedious', 'mssql', 'oracledb', '@typegoose/typegoose', 'waterline', 'bookshelf', 'massive'],
  ...['cassandra-driver', 'neo4j-driver'],
  ...['nedb', 'lowdb', 'level', '@supabase/supabase-js', 'firebase-admin', '@google-cloud/firestore', 'faunadb', 'couchbase', 'nano', 'influx'],
  'minio',
  ...['@databases/pg', '@databases/mysql', 'rethinkdb', 'arangojs', 'redis-om', '@valkey/valkey-glide', '@azure/cosmos', 'convex', 'node-appwrite'],
  ...['@google-cloud/storage', '@google-cloud/datastore', '@google-cloud/bigquery', '@google-cloud/spanner', '@azure/storage-blob'],
];
/** Brokers and job queues. */
const QUEUE_LIBRARIES = [
  ...['node-rdkafka', 'kafka-node', '@confluentinc/kafka-javascript', 'rascal', 'amqp-ts', 'rhea', 'stompit', 'mqtt', 'zeromq', 'pulsar-client'],
  ...['@google-cloud/pubsub', '@google-cloud/tasks', '@azure/service-bus', '@azure/event-hubs', '@azure/storage-queue'],
  ...['@temporalio/client', '@temporalio/worker', 'inngest', 'graphile-worker', 'bree', 'kue', 'node-resque'],
];
/** Containers that make the objects behind handlers. */
const CONTAINERS = ['awilix'];
/** Frameworks whose routes no detector reads. */
export const FRAMEWORKS: readonly string[] = ['@hapi/hapi', 'restify', 'polka', 'moleculer', '@adonisjs/core', 'exegesis', 'exegesis-express'];

/** Why figures miss something where `name` is used. */
export function whyUnread(name: string): string {
  if (name === '') return 'the handler that is called here could not be followed';
  if (FRAMEWORKS.includes(name)) return `routes of ${name} are not read yet`;
  return [...CONTAINERS, ...injection.packages].includes(name) ? `what ${name} gives back is not followed yet` : `calls through ${name} are not read yet`;
}

/** Libraries that carry load and are not read: their use is marked, so that nobody takes it for free. */
export default {
  id: 'unread',
  packages: [...DATA_LIBRARIES, ...QUEUE_LIBRARIES, ...CONTAINERS, ...FRAMEWORKS],
  call(it, run) {
    const name = String(it.receiver?.data.package ?? it.package);
    // Decorators and helpers like `eq` say nothing; what is made does, and so does what is called while a request is served.
    if (FRAMEWORKS.includes(name)) {
      run.claim({ kind: 'unread', package: name, place: it.place });
      return undefined;
    }
    if (run.isTracing()) {
      run.record({ kind: 'unread', package: name, place: it.place });
      let result: Value = DATA;
      for (const arg of it.args) if (isCallable(arg)) result = run.call(arg, [UNKNOWN, UNKNOWN]);
      return result.t === 'nothing' ? DATA : result;
    }
    for (const arg of it.args) if (it.receiver && isCallable(arg)) run.call(arg, [UNKNOWN, UNKNOWN]);
    return run.make('Unread', it.place, { package: name });
  },
  member: (of) => of,
} satisfies LibraryDetector;
