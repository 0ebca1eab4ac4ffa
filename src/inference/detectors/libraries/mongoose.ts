import { firstTold, isCallable, NOTHING, object, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftStep, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { addressOf, toldFlag } from './address.ts';
import { documentStatement, refine } from './document-statements.ts';
import { memberFor, noteSecondaries, preferred } from './mongo-secondaries.ts';
import { claimModel, declaredBy, noteIndex } from './mongoose-schema.ts';

const READS: Record<string, QueryShape> = {
  find: 'list',
  findOne: 'list',
  findById: 'primaryKey',
  exists: 'list',
  distinct: 'aggregate',
  aggregate: 'aggregate',
  count: 'aggregate',
  countDocuments: 'aggregate',
  estimatedDocumentCount: 'primaryKey',
};
const WRITES =
  /^(create|insertMany|save|remove|deleteOne|deleteMany|updateOne|updateMany|replaceOne|findOneAnd(Update|Delete|Replace|Remove)|findByIdAnd(Update|Delete|Remove)|bulkWrite)$/;

type Shared = {
  unified?: boolean | null;
  /** What models without a connection of their own ask. */
  connected?: Resource;
};

/** Mongoose: one default connection, models with statics, methods and save hooks of their schema. */
export default {
  id: 'mongoose',
  packages: ['mongoose'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (name === 'connect' || name === 'createConnection') {
      const options = it.args[1];
      const client = run.make('Mongoose', it.place, {
        engine: 'mongodb',
        library: 'mongoose',
        address: addressOf(it.args[0]),
        unified: toldFlag(options, 'useUnifiedTopology') ?? run.shared<Shared>('mongoose', () => ({})).unified,
        max: firstTold(toldNumber(options, 'maxPoolSize'), toldNumber(options, 'poolSize')),
        acquireTimeoutMs: toldNumber(options, 'waitQueueTimeoutMS'),
      });
      run.claim({ kind: 'client', client });
      noteSecondaries(client, it, run);
      if (name === 'connect') run.shared<Shared>('mongoose', () => ({})).connected ??= client;
      const callback = it.args.find(isCallable);
      if (callback) run.call(callback, [NOTHING]);
      return client;
    }
    if (name === 'set' && textOf(it.args[0]) === 'useUnifiedTopology') run.shared<Shared>('mongoose', () => ({})).unified = toldFlag(object([['it', it.args[1] ?? UNKNOWN]]), 'it');
    if (name === 'Schema') return makeSchema(it, run);
    if (name === 'model') {
      claimModel(textOf(it.args[0]), it.args[1], run);
      return run.make('Model', it.place, { model: textOf(it.args[0]) ?? 'Model', schema: it.args[1] });
    }
    return UNKNOWN;
  },
  member(of, name, run) {
    if (of.type === 'Schema' && (name === 'statics' || name === 'methods')) return (of.data[name] ??= object()) as Value;
    const schema = of.data.schema as Value | undefined;
    if (schema?.t !== 'resource' || (of.type !== 'Model' && of.type !== 'Row')) return undefined;
    const added = schema.data[of.type === 'Model' ? 'statics' : 'methods'] as Value | undefined;
    const own = added?.t === 'object' ? added.props.get(name) : undefined;
    return own && { t: 'native', call: (args) => run.call(own, args, of) };
  },
} satisfies LibraryDetector;

function modelOf(it: LibraryCall, client: Resource, run: CodeRun): Value {
  claimModel(textOf(it.args[0]), it.args[1], run);
  return run.make('Model', it.place, { model: textOf(it.args[0]) ?? 'Model', schema: it.args[1], client });
}

function makeSchema(it: LibraryCall, run: CodeRun): Value {
  return run.make('Schema', it.place, { statics: object(), methods: object(), onSave: [], declared: declaredBy(it) });
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Schema') {
    if (it.name === 'plugin' && it.args[0]) run.call(it.args[0], [of]);
    const hook = it.args.find(isCallable);
    if (it.name === 'index') noteIndex(it, of);
    // What is added later may bring indexes of its own.
    if (it.name === 'add' || it.name === 'discriminator') of.data.declared = undefined;
    if (it.name === 'pre' && textOf(it.args[0]) === 'save' && hook) (of.data.onSave as Value[]).push(hook);
    return of;
  }

  if (of.type !== 'Model' && of.type !== 'Row') return it.name === 'model' ? modelOf(it, of, run) : UNKNOWN;
  if (it.name === '' && of.type === 'Model') return run.make('Row', it.place, { model: of.data.model, schema: of.data.schema, client: of.data.client });
  const asked = of.data.step as Extract<DraftStep, { kind: 'query' }> | undefined;
  // `Model.find().read('primary')`
  if (of.type === 'Row' && asked && it.name === 'read') {
    const connection = of.data.connection as Resource | undefined;
    asked.client = (connection && preferred(connection, textOf(it.args[0]))) ?? asked.client;
    return { t: 'data', row: of };
  }
  if (of.type === 'Row' && asked && refine(asked, it)) return { t: 'data', row: of };
  const shape = READS[it.name];
  const writes = WRITES.test(it.name);
  if (!shape && !writes) return UNKNOWN;
  const model = String(of.data.model);
  const schema = of.data.schema as Resource | undefined;
  if (it.name === 'create' || it.name === 'save')
    for (const hook of (schema?.data?.onSave as Value[] | undefined) ?? []) run.call(hook, [{ t: 'native', call: () => NOTHING }], of);
  const own = of.data.client as Resource | undefined;
  const connection = own ?? run.shared<Shared>('mongoose', () => ({})).connected;
  const member = connection && memberFor(connection, !writes, it.args);
  const step: Extract<DraftStep, { kind: 'query' }> = {
    kind: 'query',
    client: member && member !== connection ? member : (own ?? of),
    label: `${model}.${it.name}`,
    operation: writes ? 'write' : 'read',
    shape: shape ?? 'write',
    orm: true,
    statement: documentStatement(model, it.name, it.args),
    awaited: true,
    place: it.place,
  };
  run.record(step);
  const row = run.make('Row', it.place, { model, schema: of.data.schema, client: of.data.client, connection, step });
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, { t: 'data', row }]);
  return { t: 'data', row };
}
