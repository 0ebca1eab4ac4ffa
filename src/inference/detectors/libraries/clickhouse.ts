import { propertyOf, toldNumber, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';
import { readSql } from './sql.ts';

/** https://clickhouse.com/docs/integrations/javascript */
const REQUEST_TIMEOUT_MS = 30_000;

/** ClickHouse's own client: statements over HTTP. */
export default {
  id: 'clickhouse',
  packages: ['@clickhouse/client'],
  call(it, run) {
    const { receiver } = it;
    if (!receiver) {
      if (it.name.split('.').at(-1) !== 'createClient') return UNKNOWN;
      const [options] = it.args;
      const client = run.make('ClickHouse', it.place, {
        engine: 'clickhouse',
        library: '@clickhouse/client',
        address: addressIn(options, ['url', 'host']),
        max: toldNumber(options, 'max_open_connections'),
      });
      run.claim({ kind: 'client', client });
      if (toldNumber(options, 'request_timeout') === undefined)
        run.claim({
          kind: 'fact',
          type: 'timeout',
          subject: 'clickhouse request',
          value: REQUEST_TIMEOUT_MS,
          unit: 'ms',
          source: '@clickhouse/client 1 request_timeout',
          place: it.place,
        });
      return client;
    }
    if (!/^(query|insert|command|exec)$/.test(it.name)) return UNKNOWN;
    const reading = it.name === 'insert' ? { label: 'INSERT', operation: 'write' as const, shape: 'write' as const } : readSql(propertyOf(it.args[0], 'query'));
    run.record({ kind: 'query', client: receiver, ...reading, shape: it.name === 'query' ? 'aggregate' : reading.shape, orm: false, awaited: true, place: it.place });
    return { t: 'data' };
  },
} satisfies LibraryDetector;
