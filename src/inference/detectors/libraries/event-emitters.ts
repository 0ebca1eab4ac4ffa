import { numbering } from '../../code/numbering.ts';
import { isCallable, type Resource, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftStep, LibraryCall, LibraryDetector } from '../../detector.ts';
import { type Explorer, exploreWith } from './nestjs/application.ts';
import { decoratorsNamed, itemsOf } from './nestjs/tokens.ts';

interface Listener {
  event: string;
  run: Value;
}
interface Bus extends Record<string, unknown> {
  /** What listens to Nest's one emitter. */
  listeners: Listener[];
  emitter?: Resource;
}
const busIn = (run: CodeRun): Bus => run.shared<Bus>('event-emitters', () => ({ listeners: [] }));

/** Events inside a process: Nest's emitter with its `@OnEvent`, EventEmitter2, and Node's own. Who listens runs where it is emitted; whoever emits does not wait for what a listener awaits. */
export default {
  id: 'event-emitters',
  packages: ['@nestjs/event-emitter', 'eventemitter2', 'eventemitter3', 'events'],
  call(it, run) {
    if (it.receiver) return it.receiver.type === 'Emitter' ? onEmitter(it, it.receiver, run) : undefined;
    const name = it.name.split('.').at(-1) ?? '';
    if (it.package === '@nestjs/event-emitter') {
      exploreWith(run, explore);
      if (name === 'injected') return shared(it, run);
      if (it.name.startsWith('EventEmitterModule.'))
        return run.make('NestModule', it.place, { isGlobal: true, gives: [{ key: 'eventemitter2 EventEmitter2', make: run.keep(() => shared(it, run)) }] });
      if (name === 'OnEvent') return run.make('Decorator', it.place, { name, args: it.args });
    }
    if (name === 'injected') return shared(it, run);
    return it.isNew ? run.make('Emitter', it.place, { listeners: [] }) : undefined;
  },
} satisfies LibraryDetector;

function shared(it: LibraryCall, run: CodeRun): Resource {
  const bus = busIn(run);
  bus.emitter ??= run.make('Emitter', it.place, { listeners: bus.listeners });
  return bus.emitter;
}

const explore: Explorer = (_app, made, run) => {
  for (const it of made)
    for (const member of run.inspect(it.of).members)
      for (const said of decoratorsNamed(member.decorators, 'OnEvent')) {
        const method = run.property(it.value, member.name);
        if (!isCallable(method)) continue;
        const handler: Value = { t: 'native', call: (args) => run.call(method, args, it.value) };
        for (const event of itemsOf(said.args[0])) busIn(run).listeners.push({ event: nameOf(event, run) ?? '', run: handler });
      }
};

/** Symbols and enums are told apart by what they are. */
function nameOf(it: Value | undefined, run: CodeRun): string | undefined {
  const known = textOf(it);
  if (known !== undefined || it === undefined) return known;
  if (it.t === 'list') return it.items.map((one) => nameOf(one, run) ?? '*').join('.');
  return it.t === 'object' && it.props.size === 0 ? `object ${idOf(it, run)}` : undefined;
}

const idOf = (it: Value, run: CodeRun): number => run.shared<{ numberOf: (it: unknown) => number }>('event-emitters ids', () => ({ numberOf: numbering() })).numberOf(it);

function onEmitter(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const listeners = of.data.listeners as Listener[];
  const [first, ...rest] = it.args;
  const event = nameOf(first, run);
  if (/^(on|once|addListener|prependListener|prependOnceListener|onAny|many)$/.test(it.name)) {
    const handler = it.args.findLast(isCallable);
    const named = it.name === 'onAny' ? '**' : event;
    if (handler && named !== undefined && !listeners.some((one) => one.event === named && one.run === handler)) listeners.push({ event: named, run: handler });
    // What a listener makes at the start is there whether or not anybody is seen to emit.
    return run.isTracing() ? of : undefined;
  }
  if ((it.name !== 'emit' && it.name !== 'emitAsync') || event === undefined || !run.isTracing()) return it.name.startsWith('emit') ? UNKNOWN : undefined;
  for (const one of listeners) {
    if (!means(one.event, event)) continue;
    if (it.name === 'emitAsync') run.call(one.run, rest);
    else for (const step of run.apart(() => void run.call(one.run, rest))) run.record(beside(step));
  }
  return text('emitted');
}

/** `order.*` means all of one level, `**` everything. */
const means = (pattern: string, event: string): boolean =>
  pattern === event ||
  (pattern.includes('*') &&
    new RegExp(
      `^${pattern
        .split('.')
        .map((part) => (part === '**' ? '.*' : part === '*' ? '[^.]+' : part.replace(/[^\w]/g, '\\$&')))
        .join('\\.')}$`,
    ).test(event));

/** Nobody waits for it; what is done with a connection goes on in order, beside the rest. */
export function beside(step: DraftStep): DraftStep {
  if (step.kind === 'loop' || step.kind === 'batch' || step.kind === 'thread') return { ...step, steps: step.steps.map(beside) };
  if (step.kind === 'branch') return { ...step, taken: step.taken.map(beside), otherwise: step.otherwise.map(beside) };
  if (step.kind === 'parallel') return { ...step, branches: step.branches.map((branch) => branch.map(beside)) };
  return 'awaited' in step ? { ...step, awaited: false } : step;
}
