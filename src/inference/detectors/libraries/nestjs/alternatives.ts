import { DATA, NOTHING, type Value } from '../../../code/values.ts';
import type { CodeRun, DraftStep } from '../../../detector.ts';

/** Runs one of several handlers, each as likely as the others taken together. */
export function eitherOf(handlers: readonly Value[], args: readonly Value[], self: Value, run: CodeRun, label = 'kind of job'): Value {
  const programs = handlers.map((it) => run.apart(() => void run.call(it, args, self)));
  const record = (at: number): DraftStep[] => {
    const own = programs[at];
    if (!own || at === programs.length - 1) return own ?? [];
    const otherwise = record(at + 1);
    const place = [...own, ...otherwise].find((it) => it.place)?.place;
    return place ? [{ kind: 'branch', label, taken: own, otherwise, place }] : [];
  };
  for (const step of record(0)) run.record(step);
  return programs.length > 0 ? DATA : NOTHING;
}
