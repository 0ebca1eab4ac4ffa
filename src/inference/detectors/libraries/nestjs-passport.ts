import { DATA, isCallable, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { type Explorer, exploreWith } from './nestjs/application.ts';
import { itemsOf } from './nestjs/tokens.ts';

interface Strategies extends Record<string, unknown> {
  all: { name: string; self: Value }[];
}

/** @nestjs/passport: a guard asks the strategy of its name, whose `validate` runs with every request. */
export default {
  id: 'nestjs-passport',
  packages: ['@nestjs/passport'],
  call(it, run) {
    exploreWith(run, explore);
    if (it.receiver) return onGuard(it, it.receiver, run);
    const [first, second] = it.args;
    if (it.name === 'AuthGuard') return run.make('Guard', it.place, { names: itemsOf(first).map((name) => textOf(name) ?? '') });
    if (it.name === 'PassportStrategy') return run.make('Strategy', it.place, { name: textOf(second) ?? ownName(first) });
    return UNKNOWN;
  },
} satisfies LibraryDetector;

/** Strategies are registered under the name that their package ends with. */
const ownName = (it: Value | undefined): string => (it?.t === 'package' ? (/passport-([a-z]+)/.exec(it.name)?.[1] ?? '') : '');

const explore: Explorer = (_app, made, run) => {
  const { all } = run.shared<Strategies>('nestjs-passport', () => ({ all: [] }));
  for (const it of made) {
    const strategy = strategyOf(it.of);
    if (strategy) all.push({ name: String(strategy.data.name), self: it.value });
  }
};

function strategyOf(of: Extract<Value, { t: 'class' }>): Resource | undefined {
  if (of.parent?.t === 'class') return strategyOf(of.parent);
  return of.parent?.t === 'resource' && of.parent.type === 'Strategy' ? of.parent : undefined;
}

function onGuard(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name !== 'canActivate' || of.type !== 'Guard') return UNKNOWN;
  const names = of.data.names as readonly string[];
  // The first strategy that lets a request in ends the search.
  for (const { name, self } of run.shared<Strategies>('nestjs-passport', () => ({ all: [] })).all) {
    if (name !== names[0]) continue;
    const validate = run.property(self, 'validate');
    if (isCallable(validate)) run.call(validate, [DATA, DATA, DATA, DATA], self);
  }
  return DATA;
}
