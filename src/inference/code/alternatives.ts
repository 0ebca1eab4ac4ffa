import type { Place } from '../../model/known.ts';
import type { DraftStep } from '../detector.ts';
import { hasWork, joinHolds, type Machine, perhaps } from './machine.ts';
import { isCallable, oneOf, truth, UNKNOWN, type Value } from './values.ts';

type Alternatives = Extract<Value, { t: 'either' }>;

/** Calls the same thing of each alternative: at run time one of them is called, each as likely as the others. */
export function callEach(m: Machine, callees: readonly Value[], call: (callee: Value, at: number) => Value, place: Place): Value {
  let result: Value | undefined;
  const programs = callees.map((callee, at) =>
    perhaps(m, () => {
      const given = call(callee, at);
      result = result ? oneOf(result, given) : given;
    }),
  );
  m.sink.push(
    ...oneOfPrograms(
      programs.map((it) => it.steps),
      place,
    ),
  );
  joinHolds(
    m,
    programs.map((it) => it.holds),
  );
  return result ?? UNKNOWN;
}

/** Programs of which one runs, each as likely as the others, and as each of the `idle` ones that do nothing; those that do the same count once. */
export function oneOfPrograms(programs: readonly DraftStep[][], place: Place, idle = 0): DraftStep[] {
  return nested(
    programs.filter((steps, at, all) => hasWork(steps) && all.findIndex((other) => sameWork(other, steps)) === at),
    place,
    idle,
  );
}

function nested(programs: readonly DraftStep[][], place: Place, idle: number): DraftStep[] {
  const [first, ...rest] = programs;
  const count = programs.length + idle;
  if (!first || count === 1) return first ?? [];
  return [{ kind: 'branch', label: `one of ${count}`, share: 1 / count, taken: first, otherwise: nested(rest, place, idle), place }];
}

/** The same steps either way, as in `ttl ? set(k, v, 'EX', ttl) : set(k, v)`. */
export const sameWork = (a: readonly DraftStep[], b: readonly DraftStep[]): boolean => {
  const words = (it: DraftStep) => `${it.kind} ${'label' in it ? it.label : ''}`;
  const same = (it: DraftStep, other: DraftStep): boolean => {
    const [inner, others] = [innerSteps(it), innerSteps(other)];
    return words(it) === words(other) && inner.length === others.length && inner.every((steps, at) => sameWork(steps, others[at] ?? []));
  };
  return a.length === b.length && a.every((it, at) => same(it, b[at] as DraftStep));
};

/** What a step holds: its rounds, its ways, its branches. */
export function innerSteps(it: DraftStep): readonly (readonly DraftStep[])[] {
  if (it.kind === 'loop' || it.kind === 'hold' || it.kind === 'batch' || it.kind === 'thread') return [it.steps];
  if (it.kind === 'branch') return [it.taken, it.otherwise];
  return it.kind === 'parallel' ? it.branches : it.kind === 'cache' ? [it.onMiss] : [];
}

/** A property of one of several: a method that calls each, or what they hold. */
export function memberOfEach(m: Machine, of: Alternatives, read: (it: Value) => Value): Value {
  const found = of.of.map((it) => ({ self: it, value: read(it) }));
  const methods = found.filter((it) => isCallable(it.value));
  if (methods.length === 0) return found.map((it) => it.value).reduce(oneOf);
  return {
    t: 'native',
    call: (args, place) =>
      callEach(
        m,
        methods.map((it) => it.value),
        (callee, at) => (callee.t === 'native' ? callee.call(args, place) : m.run.call(callee, args, methods[at]?.self)),
        place,
      ),
  };
}

/** Which of several objects a test picks: the one for which it is known to hold, else one of those for which it may. */
export function pick(m: Machine, items: readonly Value[], test: (it: Value) => Value): Value | undefined {
  const possible: Value[] = [];
  for (const it of items) {
    let answer: Value = UNKNOWN;
    const { sink } = m;
    perhaps(m, () => {
      answer = test(it);
    });
    m.sink = sink;
    const holds = truth(answer);
    if (holds === false) continue;
    possible.push(it);
    if (holds) break;
  }
  return possible.length === 0 ? undefined : possible.reduce((a, b) => oneOf(a, b));
}

/** The values of a table from which code takes one by a name that is not known: what does something, or holds what does. */
export function anyOf(values: readonly Value[]): Value {
  const works = (it: Value): boolean => it.t === 'instance' || it.t === 'function' || it.t === 'class';
  const telling = values.length > 0 && values.every((it) => works(it) || (it.t === 'object' && [...it.props.values()].some((one) => one.t === 'function')));
  return telling ? { t: 'either', of: [...new Set(values)] } : UNKNOWN;
}
