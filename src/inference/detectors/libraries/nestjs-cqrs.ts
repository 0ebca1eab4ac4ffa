import { isCallable, NOTHING, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { beside } from './event-emitters.ts';
import { type Explorer, exploreWith } from './nestjs/application.ts';
import { decoratorsNamed } from './nestjs/tokens.ts';

interface Handlers extends Record<string, unknown> {
  all: { message: Value; self: Value; method: string }[];
}
const handlersIn = (run: CodeRun): Handlers => run.shared<Handlers>('nestjs-cqrs', () => ({ all: [] }));
const METHODS: Record<string, string> = { CommandHandler: 'execute', QueryHandler: 'execute', EventsHandler: 'handle' };

/** @nestjs/cqrs: who executes a command or query runs where the bus is asked; events are handled beside the program. */
export default {
  id: 'nestjs-cqrs',
  packages: ['@nestjs/cqrs'],
  call(it, run) {
    exploreWith(run, explore);
    if (it.receiver) return onBus(it, it.receiver, run);
    if (/^(Command|Query|Event)Bus\.injected$/.test(it.name)) return run.make('Bus', it.place);
    return METHODS[it.name] ? run.make('Decorator', it.place, { name: it.name, args: it.args }) : UNKNOWN;
  },
} satisfies LibraryDetector;

const explore: Explorer = (_app, made, run) => {
  for (const it of made)
    for (const [name, method] of Object.entries(METHODS))
      for (const said of decoratorsNamed(it.of.decorators ?? [], name)) for (const message of said.args) handlersIn(run).all.push({ message, self: it.value, method });
};

function onBus(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const run1 = (message: Value | undefined): Value => {
    const found = handlersIn(run).all.filter(({ message: known }) => message?.t === 'instance' && known.t === 'class' && known.c === message.of.c);
    let result: Value = UNKNOWN;
    for (const { self, method } of found) {
      const handler = run.property(self, method);
      if (isCallable(handler)) result = run.call(handler, [message as Value], self);
    }
    // A message that nobody here is known to handle leads out of sight.
    if (found.length === 0 && run.isTracing() && it.name === 'execute') run.record({ kind: 'unread', package: '', place: it.place });
    return result;
  };
  if (it.name === 'execute') return run1(it.args[0]);
  if (it.name !== 'publish' && it.name !== 'publishAll') return of;
  const events = it.args[0]?.t === 'list' ? it.args[0].items : [it.args[0]];
  for (const event of events) for (const step of run.apart(() => void run1(event))) run.record(beside(step));
  return NOTHING;
}
