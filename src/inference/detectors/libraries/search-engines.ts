import { propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { addressIn } from './address.ts';

const ENGINES: Record<string, [engine: string, urls: readonly string[]]> = {
  '@elastic/elasticsearch': ['elasticsearch', ['node', 'nodes', 'cloud']],
  elasticsearch: ['elasticsearch', ['host', 'hosts', 'node']],
  '@opensearch-project/opensearch': ['opensearch', ['node', 'nodes']],
  meilisearch: ['meilisearch', ['host']],
  typesense: ['typesense', ['nodes']],
};
const READS: Record<string, QueryShape> = {
  search: 'list',
  rawSearch: 'list',
  multiSearch: 'list',
  msearch: 'list',
  get: 'primaryKey',
  getDocument: 'primaryKey',
  getDocuments: 'list',
  mget: 'list',
  exists: 'primaryKey',
  count: 'aggregate',
  retrieve: 'primaryKey',
};
const WRITES = /^(index|create|update|delete|bulk|upsert|updateByQuery|deleteByQuery|reindex|(add|update|delete)(All)?Documents?(InBatches)?|import)$/;

/** Elasticsearch, OpenSearch, Meilisearch, Typesense: one client, many requests at once. */
export default {
  id: 'search-engines',
  packages: Object.keys(ENGINES),
  call(it, run) {
    if (it.receiver) return onClient(it, it.receiver, run);
    const found = ENGINES[it.package];
    if (!found || !it.isNew || !/^(|Client|MeiliSearch|Meilisearch)$/.test(it.name.split('.').at(-1) ?? '')) return UNKNOWN;
    const [options] = it.args;
    const nodes = propertyOf(options, 'nodes');
    const first = nodes?.t === 'list' && nodes.items[0]?.t === 'object' ? nodes.items[0] : options;
    const client = run.make('SearchClient', it.place, { engine: found[0], library: it.package, multiplexed: true, address: addressIn(first, found[1]) });
    run.claim({ kind: 'client', client });
    return client;
  },
  // `client.indices.create()`: the parts of a client are the client.
  member: (of, name) => (of.type === 'SearchClient' && /^(indices|cluster|cat|tasks|ingest|snapshot)$/.test(name) ? UNKNOWN : undefined),
} satisfies LibraryDetector;

function onClient(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  // Meilisearch asks an index, Typesense a collection and its documents; Elasticsearch writes one with the same word.
  const isPart = /^(collections|documents|getIndex)$/.test(it.name) || (it.name === 'index' && textOf(it.args[0]) !== undefined);
  if (isPart) return run.make('Index', it.place, { client, index: textOf(it.args[0]) ?? of.data.index });
  const shape = READS[it.name];
  const writes = WRITES.test(it.name);
  if (!shape && !writes) return UNKNOWN;
  const index = textOf(propertyOf(it.args[0], 'index')) ?? (of.data.index as string | undefined) ?? '*';
  run.record({ kind: 'query', client, label: `${it.name} ${index}`, operation: writes ? 'write' : 'read', shape: shape ?? 'write', orm: false, awaited: true, place: it.place });
  return { t: 'data' };
}
