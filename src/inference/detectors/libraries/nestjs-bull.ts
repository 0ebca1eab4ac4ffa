import { isCallable, object, propertyOf, type Resource, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { startsIn } from './bullmq.ts';
import { type Explorer, exploreWith } from './nestjs/application.ts';
import { eitherOf } from './nestjs/alternatives.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { type DecoratorData, decoratorsNamed, itemsOf, token } from './nestjs/tokens.ts';

type Inject = (token: Value) => Value;

/** @nestjs/bullmq and @nestjs/bull: queues by name on a shared connection, processors as classes. */
export default {
  id: 'nestjs-bull',
  packages: ['@nestjs/bullmq', '@nestjs/bull'],
  call(it, run) {
    const [first, second] = it.args;
    const isLegacy = it.package === '@nestjs/bull';
    exploreWith(run, explore);
    switch (it.name) {
      case 'BullModule.forRoot':
      case 'BullModule.forRootAsync': {
        const key = textOf(first);
        const options = key === undefined ? first : second;
        const make = (inject: Inject): Value => (it.name.endsWith('Async') ? asyncOptions(options, 'createSharedConfiguration', inject, run) : (options ?? UNKNOWN));
        return libraryModule({ ...it, args: [options ?? UNKNOWN] }, run, { isGlobal: true, gives: [{ key: `bull ${key ?? ''}`, make }] });
      }
      case 'BullModule.registerQueue':
      case 'BullModule.registerQueueAsync':
        return libraryModule(it, run, { gives: it.args.flatMap(itemsOf).map((options) => queue(options, isLegacy, it, run)) });
      case 'InjectQueue':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, `bull queue ${textOf(first) ?? 'default'}`)] });
      case 'getQueueToken':
        return token(run, it.place, `bull queue ${textOf(first) ?? 'default'}`);
      default:
        return /^[A-Z]\w*$/.test(it.name) ? run.make('Decorator', it.place, { name: it.name, args: it.args, isLegacy }) : UNKNOWN;
    }
  },
} satisfies LibraryDetector;

function queue(options: Value, isLegacy: boolean, it: LibraryCall, run: CodeRun): { key: string; make: (inject: Inject) => Value } {
  const name = textOf(propertyOf(options, 'name')) ?? 'default';
  const root = token(run, it.place, `bull ${textOf(propertyOf(options, 'configKey')) ?? ''}`);
  return {
    key: `bull queue ${name}`,
    make: (inject) => {
      const own = propertyOf(options, 'useFactory') || propertyOf(options, 'useClass') ? asyncOptions(options, 'createSharedConfiguration', inject, run) : options;
      const all = over(inject(root), own);
      return run.use(isLegacy ? 'bull' : 'bullmq', isLegacy ? '' : 'Queue', [text(name), all], it.place, true);
    },
  };
}

/** The options of all queues below those of one. */
function over(root: Value, own: Value): Value {
  if (root.t !== 'object') return own;
  return own.t === 'object' ? { ...object([...root.props, ...own.props]), places: new Map([...root.places, ...own.places]) } : root;
}

const explore: Explorer = (app, made, run) => {
  for (const it of made) {
    const said = decoratorsNamed(it.of.decorators ?? [], 'Processor')[0];
    if (!said) continue;
    const place = it.of.decorators?.find((one): one is Resource => one.t === 'resource' && one.data === said)?.place ?? app.place;
    const startedAt = app.root && it.node.mentions?.get(app.root);
    if (startedAt) startsIn(run).set(`${place.file}:${place.line}`, startedAt);
    const [first, second] = said.args;
    const options = second ?? first;
    const name = textOf(first?.t === 'object' ? propertyOf(first, 'name') : first) ?? 'default';
    const found = app.container.inject(token(run, place, `bull queue ${name}`), it.node);
    const client = found.t === 'resource' ? found.data.client : undefined;
    const connection: [string, Value][] = client ? [['connection', client as Resource]] : [];
    if (said.isLegacy) {
      const members = run.inspect(it.of).members.filter((one) => decoratorsNamed(one.decorators, 'Process').length > 0);
      const handlers = members.map((one) => run.property(it.value, one.name)).filter(isCallable);
      const numbers = members.flatMap((one) => decoratorsNamed(one.decorators, 'Process')).flatMap(concurrencyOf);
      const process = found.t === 'resource' ? run.property(found, 'process') : UNKNOWN;
      if (handlers.length > 0 && process.t === 'native') process.call([...numbers.slice(0, 1), asFunction(handlers, it.value, run)], place);
      continue;
    }
    const process = run.property(it.value, 'process');
    const concurrency = propertyOf(options, 'concurrency');
    const settings = { ...object([...connection, ...(concurrency ? [['concurrency', concurrency] as const] : [])]), places: options?.t === 'object' ? options.places : new Map() };
    if (isCallable(process)) run.use('bullmq', 'Worker', [text(name), bound(process, it.value, run), settings], place, true);
  }
};

const concurrencyOf = (it: DecoratorData): Value[] => {
  const found = propertyOf(it.args[0], 'concurrency');
  return found ? [found] : [];
};

const bound = (method: Value, self: Value, run: CodeRun): Value => ({ t: 'native', call: (args) => run.call(method, args, self) });

/** Handlers of jobs of several names on one queue: one of them runs per job. */
const asFunction = (handlers: readonly Value[], self: Value, run: CodeRun): Value => ({ t: 'native', call: (args) => eitherOf(handlers, args, self, run) });
