import { DATA, list, REQUEST, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** DataLoader: keys that are asked for side by side are loaded by one call of the batch function. */
export default {
  id: 'dataloader',
  packages: ['dataloader'],
  call(it, run) {
    if (it.receiver) return onLoader(it, it.receiver, run);
    return it.isNew ? run.make('DataLoader', it.place, { load: it.args[0] }) : UNKNOWN;
  },
} satisfies LibraryDetector;

function onLoader(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name !== 'load' && it.name !== 'loadMany') return of;
  const keys = it.name === 'loadMany' ? (it.args[0] ?? UNKNOWN) : list([it.args[0] ?? REQUEST], true);
  const steps = run.apart(() => void run.call(of.data.load as Value | undefined, [keys]));
  if (steps.length > 0) run.record({ kind: 'batch', loader: of.id, steps, place: it.place });
  return DATA;
}
