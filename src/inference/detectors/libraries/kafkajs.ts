import { patternOf, propertyOf, type Resource, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressOf } from './address.ts';

/** kafkajs: producers, consumers and their topics. */
export default {
  id: 'kafkajs',
  packages: ['kafkajs'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (!it.isNew || !['Kafka', ''].includes(it.name.split('.').at(-1) ?? '')) return UNKNOWN;
    return run.make('Kafka', it.place, { engine: 'kafka', library: 'kafkajs', multiplexed: true, address: addressOf(propertyOf(it.args[0], 'brokers')) });
  },
} satisfies LibraryDetector;

/** A topic is called by its name, by the variable that holds it, or (where neither is known) by where it is used. */
function topicOf(it: Value | undefined, place: Resource['place']): string {
  if (it?.t === 'unset') return it.name;
  const { pattern } = patternOf(it);
  return /\w/.test(pattern) ? pattern : `topic at ${place.file}:${place.line}`;
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  if (of.type === 'Kafka') {
    if (it.name !== 'producer' && it.name !== 'consumer') return UNKNOWN;
    run.claim({ kind: 'client', client: of });
    return run.make(it.name, it.place, { client: of, topics: [] });
  }
  if (of.type === 'producer' && (it.name === 'send' || it.name === 'sendBatch')) {
    const batch = propertyOf(it.args[0], 'topicMessages');
    const topics = batch?.t === 'list' ? batch.items.map((item) => propertyOf(item, 'topic')) : [propertyOf(it.args[0], 'topic')];
    for (const topic of new Set(topics.map((one) => topicOf(one, it.place))))
      run.record({ kind: 'publish', client, channel: topic, channelKind: 'topic', library: 'kafkajs', awaited: true, place: it.place });
    return { t: 'data' };
  }
  if (of.type === 'consumer' && it.name === 'subscribe') {
    const named = propertyOf(it.args[0], 'topics');
    const found = named?.t === 'list' ? named.items : [propertyOf(it.args[0], 'topic')];
    (of.data.topics as string[]).push(...found.map((topic) => topicOf(topic, it.place)));
  }
  if (of.type === 'consumer' && it.name === 'run') {
    const handler = propertyOf(it.args[0], 'eachMessage') ?? propertyOf(it.args[0], 'eachBatch') ?? UNKNOWN;
    const concurrency = toldNumber(it.args[0], 'partitionsConsumedConcurrently');
    for (const channel of of.data.topics as string[])
      run.claim({
        kind: 'consumer',
        client,
        library: 'kafkajs',
        channel,
        channelKind: 'topic',
        handler,
        ...(concurrency && { concurrency }),
        failed: { fate: 'blocking', place: it.place },
        place: it.place,
      });
  }
  return UNKNOWN;
}
