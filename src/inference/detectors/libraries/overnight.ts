import { isCallable, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Mounted } from './express.ts';
import { decoratorsNamed, itemsOf } from './nestjs/tokens.ts';

const VERBS: Record<string, string> = { Get: 'get', Post: 'post', Put: 'put', Patch: 'patch', Delete: 'delete', Head: 'head', All: 'all' };

/** OvernightJS: a server around an Express app, and decorators that mount the methods of controllers on it. */
export default {
  id: 'overnight',
  packages: ['@overnightjs/core'],
  call(it, run) {
    if (it.receiver) {
      if (it.receiver.type === 'Server' && it.name === 'addControllers') for (const one of itemsOf(it.args[0])) mount(one, '', [], it.receiver.data.app as Resource, run);
      return UNKNOWN;
    }
    if (it.isNew && it.name === 'Server') return run.make('Server', it.place, { app: run.use('express', 'express', [], it.place) });
    return run.make('Decorator', it.place, { name: it.name, args: it.args });
  },
  member: (of, name) => (of.type === 'Server' && name === 'app' ? (of.data.app as Value) : undefined),
} satisfies LibraryDetector;

/** The routes of a controller, and of its children below it. */
function mount(controller: Value, below: string, around: readonly Value[], app: Resource, run: CodeRun): void {
  if (controller.t !== 'instance') return;
  const all = controller.of.decorators ?? [];
  const base = `${below}/${textOf(decoratorsNamed(all, 'Controller')[0]?.args[0]) ?? ''}`;
  const before = [...around, ...middlewareIn(all, 'ClassMiddleware')];
  for (const member of run.inspect(controller.of).members) {
    const method = run.property(controller, member.name);
    for (const it of member.decorators) {
      const verb = it.t === 'resource' && it.type === 'Decorator' ? VERBS[String(it.data.name)] : undefined;
      if (verb === undefined || it.t !== 'resource' || !isCallable(method)) continue;
      const path = textOf((it.data.args as LibraryCall['args'])[0]) ?? '';
      const handler: Value = { t: 'native', call: (args) => run.call(method, args, controller) };
      (app.data.mounted as Mounted[]).push({
        path: `${base}/${path}`,
        method: verb,
        handlers: [...before, ...middlewareIn(member.decorators, 'Middleware'), handler],
        place: it.place,
      });
    }
  }
  for (const child of itemsOf(decoratorsNamed(all, 'ChildControllers')[0]?.args[0])) mount(child, base, before, app, run);
}

const middlewareIn = (decorators: readonly Value[], name: string): Value[] => decoratorsNamed(decorators, name).flatMap((it) => itemsOf(it.args[0]).filter(isCallable));
