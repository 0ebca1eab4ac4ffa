import type { Place } from './known.ts';
import { type ComputeStep, type ComputingCall, type Endpoint, mapSharedSteps, type Step, walkSharedSteps } from './topology.ts';
import type { RecipeCall } from './weakness.ts';

/** What blocks the event loop at these places is done by libuv's threads instead. */
export interface OffLoop {
  places: readonly Place[];
}

export type Computing = ComputeStep & { call: ComputingCall };

/** A library's call computes it, and no thread that code has made. */
export const computes = (step: Step): step is Computing => step.kind === 'compute' && step.call !== undefined && !step.workers;

const isAt = (place: Place, places: readonly Place[]): boolean => places.some((it) => it.file === place.file && it.line === place.line);

/** Hand the same `changed` to all programs. */
export const offLoop = (steps: readonly Step[], { places }: OffLoop, changed: Map<Step, Step>): readonly Step[] =>
  mapSharedSteps(steps, (step) => (step.kind === 'compute' && step.where === 'eventLoop' && isAt(step.place, places) ? { ...step, where: 'threadPool' } : step), changed);

/** The edits that do so, or why there are none: a function that can't wait, or a library without another form of the call. */
export function offLoopCalls(endpoints: readonly Endpoint[], { places }: OffLoop): readonly RecipeCall[] | string {
  const found = new Map<string, Computing>();
  const seen = new Set<Step>();
  for (const it of endpoints)
    walkSharedSteps(
      it.steps,
      (step) => void (computes(step) && step.where === 'eventLoop' && isAt(step.place, places) && found.set(`${step.place.file}:${step.place.line}`, step)),
      seen,
    );
  const steps = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, it]) => it);
  const syncs = steps.filter((it) => it.call.name.endsWith('Sync'));
  const fixed = steps.find((it) => it.place.file === '' || it.call.library === 'child_process' || it.call.library === 'jimp');
  if (fixed) return `${fixed.call.library} has no other form of ${fixed.call.name} that takes its place`;
  const unwaiting = syncs.find((it) => !it.call.isInAsync);
  if (unwaiting) return `the function around ${unwaiting.call.name} can't wait for it (line ${unwaiting.place.line})`;
  const inScript = steps.find((it) => it.call.library === 'bcryptjs');
  return [
    ...(inScript ? [{ recipe: 'native-bcrypt', args: { file: inScript.place.file } }] : []),
    ...syncs.map(({ place }) => ({ recipe: 'await-async', args: { file: place.file, line: place.line } })),
  ];
}
