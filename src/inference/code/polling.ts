import type { Place } from '../../model/known.ts';
import type { DraftStep } from '../detector.ts';
import { apart, type Machine, placeOf } from './machine.ts';
import { notePoll } from './settings.ts';
import type { Statement } from './syntax.ts';
import { NOTHING, type Scope } from './values.ts';

type Loop = Extract<Statement, { k: 'loop' }>;

/** `while (true)` and `for (;;)`: nothing but the end of the process ends it. */
export const isEndless = (it: Loop): boolean => !it.over && it.parts.every((part) => part.k === 'boolean' && part.v);

/**
 * A loop without an end that a program starts and that pauses between its rounds is a timer: its rounds are what the process does.
 * The body is read once, as if a request ran it, because only then waits are noted.
 */
export function startPolling(m: Machine, it: Loop, scope: Scope, round: () => void): void {
  m.heap.looksInside = true;
  m.tracing += 1;
  const steps = apart(m, round);
  m.tracing -= 1;
  const pause = waitsIn(steps)[0];
  if (!pause) return;
  const rest = withoutWaits(steps);
  m.claims.push({
    kind: 'timer',
    handler: {
      t: 'native',
      call: () => {
        m.sink.push(...copiesOf(rest));
        return NOTHING;
      },
    },
    ...(pause.ms && 'value' in pause.ms && { everyMs: pause.ms }),
    place: placeOf(scope.file, it.at),
  });
}

/** The pauses of a loop that a handler runs; where it does nothing but look in between, it waits for what somebody else does. */
export function notePolls(m: Machine, steps: readonly DraftStep[], loop: Place): void {
  const onlyLooks = steps.every((it) => it.kind === 'wait' || looks(it));
  for (const step of steps) {
    if (step.kind !== 'wait') continue;
    if (step.ms && 'value' in step.ms) notePoll(m, step.ms.value, step.ms.place);
    if (onlyLooks) {
      step.polls = loop;
      step.looksAt = steps.flatMap((it) => (it.kind === 'cache' ? [it.key] : []));
    }
  }
}

function looks(it: DraftStep): boolean {
  if (it.kind === 'query' || it.kind === 'cache') return it.operation === 'read';
  return it.kind === 'request' ? it.method.toUpperCase() === 'GET' : false;
}

const waitsIn = (steps: readonly DraftStep[]): Extract<DraftStep, { kind: 'wait' }>[] => steps.flatMap((it) => (it.kind === 'wait' ? [it] : innerOf(it).flatMap(waitsIn)));

function innerOf(it: DraftStep): readonly (readonly DraftStep[])[] {
  if (it.kind === 'cache') return [it.onMiss];
  if (it.kind === 'hold' || it.kind === 'loop' || it.kind === 'thread') return [it.steps];
  if (it.kind === 'parallel') return it.branches;
  return it.kind === 'branch' ? [it.taken, it.otherwise] : [];
}

/** The pauses of the loop itself; those deeper in what it calls are part of the work. */
const withoutWaits = (steps: readonly DraftStep[]): DraftStep[] =>
  steps.flatMap((it): DraftStep[] => (it.kind === 'wait' ? [] : it.kind === 'branch' ? [{ ...it, taken: withoutWaits(it.taken), otherwise: withoutWaits(it.otherwise) }] : [it]));

/** Steps are changed in place while what follows them is read: whoever runs them again needs its own. */
const copiesOf = (steps: readonly DraftStep[]): DraftStep[] => steps.map((it) => ({ ...it }));
