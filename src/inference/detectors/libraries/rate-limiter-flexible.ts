import { propertyOf, type Resource, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { cacheCommand, scaledTold } from './cache-steps.ts';

const MADE = /^RateLimiter(Memory|Cluster|PM2Cluster|Redis|RedisNonAtomic|Memcache|Mongo|MySQL|Postgres|Prisma|DynamoDB|SQLite|Valkey)$/;

/** rate-limiter-flexible: points per key and time. Where they are counted is asked on every use; what is done about a refusal is the program's own. */
export default {
  id: 'rate-limiter-flexible',
  packages: ['rate-limiter-flexible'],
  call(it, run) {
    if (it.receiver) return onLimiter(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (!it.isNew) return UNKNOWN;
    // A queue or a union stands before another limiter.
    if (!MADE.test(name)) return it.args.find((arg) => arg.t === 'resource') ?? UNKNOWN;
    const [options] = it.args;
    const points = toldNumber(options, 'points');
    const duration = scaledTold(toldNumber(options, 'duration'), 1000);
    if (points && 'value' in points && duration && 'value' in duration)
      run.claim({ kind: 'fact', type: 'rate_limiter', subject: name, value: points.value, unit: `requests per ${duration.value / 1000} s`, place: points.place });
    const store = propertyOf(options, 'storeClient');
    return run.make('FlexibleLimiter', it.place, {
      client: store?.t === 'resource' ? ((store.data.client as Resource | undefined) ?? store) : undefined,
      isLocal: /Memory$/.test(name),
      name,
    });
  },
} satisfies LibraryDetector;

function onLimiter(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const client = of.data.client as Resource | undefined;
  if (!/^(consume|penalty|reward|block|get|set|delete)$/.test(it.name) || !client) return { t: 'data' };
  const reads = it.name === 'get';
  if (['redis', 'memcached'].includes(String(client.data.engine))) cacheCommand(it, client, reads ? 'read' : it.name === 'delete' ? 'delete' : 'write', it.args[0], undefined, run);
  else
    run.record({
      kind: 'query',
      client,
      label: `limiter.${it.name}`,
      operation: reads ? 'read' : 'write',
      shape: reads ? 'primaryKey' : 'write',
      orm: false,
      awaited: true,
      place: it.place,
    });
  return { t: 'data' };
}
