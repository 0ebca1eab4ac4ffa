import type { Place } from '../../../../model/known.ts';
import { propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, FunctionEvent } from '../../../detector.ts';
import { scheduleEvent } from '../../cloud-resources.ts';
import { bringFeed, broughtIn, fateOf, type Origin } from '../deployed.ts';
import { argsOf, constructIn, dataOf, durationOf, isSaid, itemsOf, type Kind, originOf, saidOf } from './constructs.ts';
import { addEvents, functionIn } from './functions.ts';
import { engineOfConstruct } from './stores.ts';

/** Something that hands over what happens: `new SqsEventSource(queue, { batchSize })`, or a mapping's own properties. */
export function addSource(of: Resource | undefined, source: Value | undefined, place: Place, run: CodeRun): void {
  if (!of || !source) return;
  const said = source.t === 'resource' && source.type === 'Said' ? source : undefined;
  const [first, second] = said ? argsOf(said) : [undefined, source];
  const store = constructIn(first);
  const arn = textOf(propertyOf(source, 'eventSourceArn'));
  const channel = store ? dataOf(store).name : arn?.replace(/\/stream\/.*$/, '').match(/([\w.-]+)$/)?.[1];
  const engine = store
    ? engineOfConstruct(store)
    : channel === undefined
      ? undefined
      : (broughtIn(run).channels.get(channel) ?? /^arn:[\w-]*:(sqs|dynamodb|kinesis):/.exec(arn ?? '')?.[1]);
  const where = said?.place ?? place;
  if (channel === undefined || engine === undefined) {
    run.claim({ kind: 'unclear', message: 'What calls this function here could not be read.', place: where });
    return;
  }
  const concurrency = toldNumber(second, 'maxConcurrency');
  const batchSize = toldNumber(second, 'batchSize');
  addEvents(of, [
    {
      kind: 'message',
      engine,
      channel,
      channelKind: engine === 'sqs' ? 'queue' : 'topic',
      ...(concurrency && { concurrency }),
      ...(batchSize && { batchSize }),
      ...(store && engine === 'sqs' && fateOf(dataOf(store).props, 'deadLetterQueue', originOf(store).place)),
      place: where,
    },
  ]);
}

/** A topic's subscription, or a bucket's notification: `new LambdaSubscription(fn)`, `new SqsSubscription(queue)`. */
export function subscribe(of: Resource, to: Value | undefined, place: Place, run: CodeRun): void {
  const engine = engineOfConstruct(of);
  if (!engine) return;
  const [given] = to?.t === 'resource' && to.type === 'Said' ? argsOf(to) : [];
  addEvents(functionIn(given), [{ kind: 'message', engine, channel: dataOf(of).name, channelKind: 'topic', place }]);
  feed(engine, given, { ...originOf(of), place }, run);
}

/** A queue or a topic that is given what comes to another one. */
function feed(from: string, to: Value | undefined, origin: Origin, run: CodeRun): void {
  const store = constructIn(to);
  const engine = store && engineOfConstruct(store);
  if (engine && engine !== from && /^(sqs|sns|kinesis)$/.test(engine)) bringFeed(from, engine, origin, run);
}

/** What a rule or a schedule waits for. */
function waitsFor(of: Resource): FunctionEvent[] {
  const { props } = dataOf(of);
  const schedule = propertyOf(props, 'schedule');
  if (schedule && schedule.t !== 'nothing') return [scheduled(schedule, of.place)];
  const pattern = propertyOf(props, 'eventPattern');
  const bus = constructIn(propertyOf(props, 'eventBus'));
  const words = ['detailType', 'source'].map((name) => itemsOf(propertyOf(pattern, name)).map(textOf)).find((all) => all.length > 0);
  const known = words?.filter((it): it is string => it !== undefined) ?? [];
  const channels = known.length > 0 ? known : [bus && words === undefined ? dataOf(bus).name : 'events'];
  return channels.map((channel) => ({ kind: 'message', engine: 'eventbridge', channel, channelKind: 'topic', place: of.place }));
}

/** `Schedule.rate(Duration.minutes(5))`, `Schedule.cron({ minute: '0' })`, `Schedule.expression('rate(1 hour)')`. */
function scheduled(it: Value, place: Place): FunctionEvent {
  const [first] = it.t === 'resource' ? argsOf(it) : [];
  if (isSaid(it, /Schedule(Expression)?\.rate$/)) {
    const everyMs = saidOf(durationOf(first));
    return { kind: 'schedule', ...(everyMs && { everyMs }), place };
  }
  if (isSaid(it, /Schedule(Expression)?\.cron$/)) {
    const field = (name: string, otherwise: string): string => textOf(propertyOf(first, name)) ?? otherwise;
    // CDK fills in `*` for what is left out; minutes too.
    return scheduleEvent(`cron(${['minute', 'hour', 'day', 'month', 'weekDay'].map((name) => field(name, '*')).join(' ')} *)`, place);
  }
  return scheduleEvent(textOf(first), place);
}

interface Machines extends Record<string, unknown> {
  all: Resource[];
}
const machinesIn = (run: CodeRun): Resource[] => run.shared('cdk machines', (): Machines => ({ all: [] })).all;

/** What a rule, a schedule or a gateway starts: a function, or a state machine, whose functions it starts by that. */
export function startedBy(target: Value | undefined, events: readonly FunctionEvent[]): void {
  const args = target?.t === 'resource' && target.type === 'Said' ? argsOf(target) : [];
  const own = functionIn(args[0]);
  const machine = constructIn(args[0]);
  if (own) addEvents(own, events);
  else if (machine && dataOf(machine).kind === 'aws_stepfunctions.StateMachine') (machine.data.events as FunctionEvent[]).push(...events);
}

/** A function that is a task of state machines runs when they are started. */
export function eventsOfMachines(of: Resource, run: CodeRun): FunctionEvent[] {
  return machinesIn(run).flatMap((machine) => {
    const { props } = dataOf(machine);
    const body = propertyOf(props, 'definitionBody');
    const definition = propertyOf(props, 'definition') ?? (body?.t === 'resource' ? argsOf(body)[0] : undefined);
    return leadsTo(definition, of) ? (machine.data.events as FunctionEvent[]) : [];
  });
}

/** Whether the states that a definition goes through run a function. */
function leadsTo(from: Value | undefined, of: Resource, seen: Set<Value> = new Set()): boolean {
  if (!from || seen.has(from)) return false;
  seen.add(from);
  const it = constructIn(from) ?? from;
  if (it === of) return true;
  if (it.t === 'list') return it.items.some((one) => leadsTo(one, of, seen));
  if (it.t !== 'resource') return false;
  const parts = [...((it.data.parts as readonly Value[] | undefined) ?? []), ...(it.type === 'Said' ? argsOf(it) : [])];
  const invoked = it.type === 'Construct' ? functionIn(propertyOf(dataOf(it).props, 'lambdaFunction')) : undefined;
  return invoked === of || parts.some((one) => leadsTo(one, of, seen));
}

/** States of a state machine hang together by the methods that name the next one. */
export function joinStates(of: Resource, args: readonly Value[]): Resource {
  of.data.parts = [...((of.data.parts as readonly Value[] | undefined) ?? []), ...args];
  return of;
}

/** A target of a rule; what a schedule sends to a queue comes from no bus. */
function addTarget(of: Resource, target: Value | undefined, place: Place, run: CodeRun): void {
  const events = waitsFor(of);
  startedBy(target, events);
  const [given] = target?.t === 'resource' && target.type === 'Said' ? argsOf(target) : [];
  if (events.some((it) => it.kind === 'message')) feed('eventbridge', given, { ...originOf(of), place }, run);
}

const rule: Kind = {
  make: (of, run) => {
    for (const it of itemsOf(propertyOf(dataOf(of).props, 'targets'))) addTarget(of, it, of.place, run);
  },
  on: (of, it, run) => {
    if (it.name === 'addTarget') addTarget(of, it.args[0], it.place, run);
    return UNKNOWN;
  },
};

export const EVENTS: Readonly<Record<string, Kind>> = {
  'aws_events.Rule': rule,
  'aws_scheduler.Schedule': { make: (of) => startedBy(propertyOf(dataOf(of).props, 'target'), waitsFor(of)) },
  'aws_stepfunctions.StateMachine': {
    make: (of, run) => {
      of.data.events = [];
      machinesIn(run).push(of);
    },
    on: () => UNKNOWN,
  },
};
