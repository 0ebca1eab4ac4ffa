import type { Resource, Value } from '../code/values.ts';
import { isSame } from '../moved-places.ts';
import type { StepTargets } from './steps.ts';

/** Programs as they were laid out for one answer, for the next one. */
export interface Layouts {
  /**
   * What `make` makes of `drafts`, or made of them before, where all that it asked then is answered likewise now; it may ask nothing but what it is given.
   * What it asked is asked again in the same order, because asking may bring components into being.
   */
  laidOut<T extends object>(drafts: object, to: StepTargets, make: (to: StepTargets) => T): T;
  /** What follows from `steps` and `from` alone, each time that `what` is asked of them. */
  following<T extends object>(steps: object, what: string, from: string, make: () => T): T;
}

interface Asked {
  ask(to: StepTargets): unknown;
  answer: unknown;
}

/** Keeps programs for as long as their drafts are kept. Drafts must not be changed once they were handed in. */
export function layouts(): Layouts {
  const kept = new WeakMap<object, { made: object; asked: readonly Asked[] }>();
  const followed = new WeakMap<object, Map<string, { from: string; made: object }>>();
  return {
    following: <T extends object>(steps: object, what: string, from: string, make: () => T): T => {
      const known = followed.get(steps) ?? new Map<string, { from: string; made: object }>();
      followed.set(steps, known);
      const before = known.get(what);
      if (before?.from === from) return before.made as T;
      const made = make();
      known.set(what, { from, made });
      return made;
    },
    laidOut: <T extends object>(drafts: object, to: StepTargets, make: (to: StepTargets) => T): T => {
      const before = kept.get(drafts);
      if (before?.asked.every(({ ask, answer }) => isSame(ask(to), answer))) return before.made as T;
      const asked: Asked[] = [];
      const made = make(noting(to, asked));
      kept.set(drafts, { made, asked });
      return made;
    },
  };
}

/** Notes each question once. */
function noting(to: StepTargets, asked: Asked[]): StepTargets {
  const known = new Map<unknown, Set<string>>();
  const note = <T>(of: unknown, more: string, ask: (to: StepTargets) => T): T => {
    const answer = ask(to);
    const before = known.get(of) ?? new Set();
    known.set(of, before);
    if (!before.has(more)) asked.push({ ask, answer });
    before.add(more);
    return answer;
  };
  const mounted = note('mounted', '', (it) => it.mounted);
  return {
    component: note('component', '', (it) => it.component),
    hashCost: note('hashCost', '', (it) => it.hashCost),
    ...(mounted !== undefined && { mounted }),
    storeOf: (client) => {
      note(client, 'says', () => saysOf(client));
      return note(client, '', (it) => it.storeOf(client));
    },
    channelOf: (client, name) => note(client, `channel ${name}`, (it) => it.channelOf(client, name)),
    ttlOf: (client, key) => note(client, `ttl ${key}`, (it) => it.ttlOf(client, key)),
    serverOf: (url: Value) => note(url, '', (it) => it.serverOf(url)),
    endpointOf: (target, method, url) => note(url, `${method} ${target}`, (it) => it.endpointOf(target, method, url)),
    pushedTo: (url, method) => note(url, `pushed by ${method}`, (it) => it.pushedTo(url, method)),
    endpointsBehind: (target, url, mounted) => note(url, `behind ${target} ${mounted}`, (it) => it.endpointsBehind(target, url, mounted)),
    major: (library) => note('major', library, (it) => it.major(library)),
  };
}

/** What steps look at in a client itself: a later handler may change it. */
const saysOf = ({ data }: Resource): unknown => [data.unsure, data.switchedOnBy];
