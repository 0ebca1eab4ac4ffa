import { isCallable, propertyOf, type Resource, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { addressIn } from './address.ts';
import { channelIn } from './bullmq.ts';

/** bee-queue: jobs in Redis, one try and one at a time unless told. */
export default {
  id: 'bee-queue',
  packages: ['bee-queue'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (!it.isNew) return UNKNOWN;
    const channel = channelIn(it.args[0]);
    const given = propertyOf(it.args[1], 'redis');
    const client = given?.t === 'resource' ? given : run.make('Connection', it.place, { engine: 'redis', library: 'bee-queue', multiplexed: true, address: addressIn(given) });
    if (client !== given) run.claim({ kind: 'client', client });
    run.claim({ kind: 'channel', client, library: 'bee-queue', channel, channelKind: 'queue', place: it.place });
    return run.make('Queue', it.place, { channel, client });
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const { channel, client } = of.data as { channel: string; client: Resource };
  if (of.type === 'Job') {
    if (it.name === 'retries') {
      const told = toldValue(it.args[0], it.place);
      of.data.attempts = told && 'value' in told ? { ...told, value: told.value + 1 } : told;
    }
    const attempts = of.data.attempts as Told | undefined;
    if (it.name === 'save')
      run.record({ kind: 'publish', client, channel, channelKind: 'queue', library: 'bee-queue', ...(attempts && { attempts }), awaited: true, place: it.place });
    return of;
  }
  if (it.name === 'createJob') return run.make('Job', it.place, { channel, client });
  if (it.name === 'process') {
    const handler = it.args.find(isCallable);
    const concurrency = isCallable(it.args[0]) ? undefined : toldValue(it.args[0], it.place);
    if (handler) run.claim({ kind: 'consumer', client, library: 'bee-queue', channel, channelKind: 'queue', handler, ...(concurrency && { concurrency }), place: it.place });
  }
  return UNKNOWN;
}
