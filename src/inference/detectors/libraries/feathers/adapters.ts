import { DATA, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, LibraryCall, QueryShape } from '../../../detector.ts';

type Ask = readonly [verb: string, operation: 'read' | 'write', shape: QueryShape];

const GET: Ask = ['SELECT', 'read', 'primaryKey'];
const LIST: Ask = ['SELECT', 'read', 'list'];
const COUNT: Ask = ['SELECT count', 'read', 'aggregate'];
const write = (verb: string): Ask => [verb, 'write', 'write'];

/** What each method asks, in order (@feathersjs/knex 5 and @feathersjs/mongodb 5, `src/adapter.ts`): what was written is read back. */
const ASKS: Record<string, readonly Ask[]> = {
  find: [COUNT, LIST],
  get: [GET],
  create: [write('INSERT'), GET],
  update: [GET, write('UPDATE'), GET],
  patch: [LIST, write('UPDATE'), LIST],
  remove: [LIST, write('DELETE')],
};

/** `super(options)` of a service over a table or a collection. */
export function adapter(it: LibraryCall, run: CodeRun): Resource {
  const [options] = it.args;
  const model = propertyOf(options, 'Model');
  const paginate = propertyOf(options, 'paginate');
  const own = model?.t === 'resource' ? model : undefined;
  return run.make('Adapter', it.place, {
    client: (own?.data.client as Resource | undefined) ?? own,
    table: textOf(propertyOf(options, 'name')) ?? String(own?.data.name ?? own?.data.collection ?? 'documents'),
    counts: paginate !== undefined && paginate.t !== 'nothing' && !(paginate.t === 'boolean' && !paginate.v),
  });
}

export function askAdapter(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const client = of.data.client as Resource | undefined;
  const asks = ASKS[it.name.replace(/^_/, '')];
  if (!asks || !run.isTracing()) return UNKNOWN;
  if (!client) {
    run.record({ kind: 'unread', package: '', place: it.place });
    return DATA;
  }
  for (const [verb, operation, shape] of asks)
    if (verb !== COUNT[0] || of.data.counts === true)
      run.record({ kind: 'query', client, label: `${verb} ${String(of.data.table)}`, operation, shape, orm: false, awaited: true, place: of.place });
  return DATA;
}
