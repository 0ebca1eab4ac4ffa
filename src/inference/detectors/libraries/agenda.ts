import { isCallable, numberOf, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Said, Told } from '../../detector.ts';
import { addressIn } from './address.ts';
import { everyMsOf } from './cron.ts';

interface Job {
  name: string;
  handler: Value;
  concurrency: Told | undefined;
  place: LibraryCall['place'];
}

/** Agenda: jobs in a MongoDB collection. They are worked on where `start` is called. */
export default {
  id: 'agenda',
  packages: ['agenda', '@hokify/agenda', '@agendajs/mongo-backend'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (!it.isNew) return UNKNOWN;
    if (name === 'MongoBackend') return run.make('Backend', it.place, { address: addressIn(it.args[0], ['address']) });
    if (!/^(|default|Agenda)$/.test(name)) return UNKNOWN;
    const [options] = it.args;
    const backend = propertyOf(options, 'backend');
    const given = propertyOf(options, 'mongo');
    const address = backend?.t === 'resource' ? backend.data.address : addressIn(propertyOf(options, 'db') ?? options, ['address']);
    const client = given?.t === 'resource' && given.data.engine ? given : run.make('Connection', it.place, { engine: 'mongodb', library: 'agenda', address });
    if (client !== given) run.claim({ kind: 'client', client });
    return run.make('Agenda', it.place, { client, usual: toldNumber(options, 'defaultConcurrency'), jobs: [] satisfies Job[], isStarted: false });
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Job') return onJob(it, of, run);
  const jobs = of.data.jobs as Job[];
  const name = textOf(it.args[0]) ?? 'jobs';
  switch (it.name) {
    case 'define': {
      const options = it.args.find((arg) => arg.t === 'object');
      const job: Job = {
        name,
        handler: it.args.find(isCallable) ?? UNKNOWN,
        concurrency: toldNumber(options, 'concurrency') ?? (of.data.usual as Told | undefined),
        place: it.place,
      };
      jobs.push(job);
      if (of.data.isStarted) consume(job, of, run);
      return UNKNOWN;
    }
    case 'start':
      if (!of.data.isStarted) for (const job of jobs) consume(job, of, run);
      of.data.isStarted = true;
      return UNKNOWN;
    case 'now':
      send(name, it, of, run);
      return { t: 'data' };
    case 'schedule': {
      for (const one of namesIn(it.args[1])) send(one, it, of, run);
      return { t: 'data' };
    }
    case 'every': {
      for (const one of namesIn(it.args[1])) {
        const everyMs = intervalOf(it.args[0], it.place);
        const handler: Value = { t: 'native', call: (args) => run.call(jobs.find((job) => job.name === one)?.handler, args) };
        run.claim({ kind: 'timer', handler, ...(everyMs && { everyMs }), place: it.place });
      }
      return { t: 'data' };
    }
    case 'create':
      return run.make('Job', it.place, { agenda: of, name });
    case 'on':
    case 'once':
      return of;
    default:
      return it.args.some(isCallable) ? undefined : of;
  }
}

const namesIn = (it: Value | undefined): string[] => (it?.t === 'list' ? it.items : [it]).flatMap((one) => textOf(one) ?? []);

function onJob(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'repeatEvery') of.data.repeats = it.args[0];
  if (it.name !== 'save') return of;
  const agenda = of.data.agenda as Resource;
  if (of.data.repeats === undefined) send(String(of.data.name), it, agenda, run);
  else onResource({ ...it, name: 'every', args: [of.data.repeats as Value, { t: 'text', parts: [String(of.data.name)] }] }, agenda, run);
  return of;
}

function send(channel: string, it: LibraryCall, of: Resource, run: CodeRun): void {
  run.record({ kind: 'publish', client: of.data.client as Resource, channel, channelKind: 'queue', library: 'agenda', awaited: true, place: it.place });
}

function consume({ name, handler, concurrency, place }: Job, of: Resource, run: CodeRun): void {
  run.claim({ kind: 'consumer', client: of.data.client as Resource, library: 'agenda', channel: name, channelKind: 'queue', handler, ...(concurrency && { concurrency }), place });
}

const UNITS: Record<string, number> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/** Milliseconds, a cron expression, or words like `3 minutes`. */
function intervalOf(it: Value | undefined, place: LibraryCall['place']): Said<number> | undefined {
  const text = textOf(it) ?? '';
  const words = /^(?:(\d+(?:\.\d+)?)|an?|one)?\s*(second|minute|hour|day|week)s?$/.exec(text.trim());
  const value = it?.t === 'number' ? numberOf(it) : words ? Number(words[1] ?? 1) * (UNITS[words[2] as string] as number) : everyMsOf(text);
  return value === undefined ? undefined : { value, place };
}
