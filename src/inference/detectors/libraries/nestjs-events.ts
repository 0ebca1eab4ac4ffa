import { isCallable, NOTHING, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { type Explorer, exploreWith } from './nestjs/application.ts';
import { decoratorsNamed, itemsOf } from './nestjs/tokens.ts';

interface Listeners extends Record<string, unknown> {
  all: { event: string; self: Value; method: string }[];
}
const listenersIn = (run: CodeRun): Listeners => run.shared<Listeners>('nestjs-events', () => ({ all: [] }));

/** @nestjs/event-emitter: whoever emits an event starts its listeners in the same process; only `emitAsync` waits for them. */
export default {
  id: 'nestjs-events',
  packages: ['@nestjs/event-emitter', 'eventemitter2'],
  call(it, run) {
    exploreWith(run, explore);
    if (it.receiver) return onEmitter(it, run);
    if (it.name === 'EventEmitter2.injected' || (it.name === 'EventEmitter2' && it.isNew)) return run.make('Emitter', it.place);
    return it.name === 'OnEvent' ? run.make('Decorator', it.place, { name: it.name, args: it.args }) : UNKNOWN;
  },
} satisfies LibraryDetector;

const explore: Explorer = (_app, made, run) => {
  for (const it of made)
    for (const member of run.inspect(it.of).members)
      for (const said of decoratorsNamed(member.decorators, 'OnEvent'))
        for (const event of itemsOf(said.args[0])) listenersIn(run).all.push({ event: textOf(event) ?? '', self: it.value, method: member.name });
};

function onEmitter(it: LibraryCall, run: CodeRun): Value | undefined {
  if (it.name !== 'emit' && it.name !== 'emitAsync') return undefined;
  const event = textOf(it.args[0]);
  if (event === undefined || event === '' || !run.isTracing()) return NOTHING;
  for (const { self, method } of listenersIn(run).all.filter((one) => one.event === event)) {
    const steps = run.apart(() => {
      const handler = run.property(self, method);
      if (isCallable(handler)) run.call(handler, it.args.slice(1), self);
    });
    for (const step of steps) run.record(it.name === 'emit' && 'awaited' in step ? { ...step, awaited: false } : step);
  }
  return it.name === 'emitAsync' ? { t: 'data' } : NOTHING;
}
