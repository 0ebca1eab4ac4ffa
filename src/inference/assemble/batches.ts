import type { DraftStep } from '../detector.ts';

type Batch = Extract<DraftStep, { kind: 'batch' }>;

/** A program in which what a DataLoader does stands once per loader before the rounds that ask it side by side; one that is awaited alone is a call like any other. */
export function withBatches(steps: readonly DraftStep[]): DraftStep[] {
  return steps.flatMap((it): DraftStep[] => {
    if (it.kind === 'batch') return withBatches(it.steps);
    if (it.kind !== 'loop' || !it.concurrent) return [mapInner(it, withBatches)];
    const batches = new Map<number, Batch>();
    const rest = withoutBatches(it.steps, batches);
    const loaded = [...batches.values()].flatMap((batch) => withBatches(batch.steps));
    return rest.length > 0 ? [...loaded, { ...it, steps: withBatches(rest) }] : loaded;
  });
}

/** Takes batches out of what runs side by side; rounds one after another wait for each by itself. */
function withoutBatches(steps: readonly DraftStep[], batches: Map<number, Batch>): DraftStep[] {
  return steps.flatMap((it): DraftStep[] => {
    if (it.kind === 'batch') {
      if (!batches.has(it.loader)) batches.set(it.loader, it);
      return [];
    }
    if (it.kind === 'loop' && !it.concurrent) return [it];
    const inside = mapInner(it, (inner) => withoutBatches(inner, batches));
    return isEmpty(inside) && !isEmpty(it) ? [] : [inside];
  });
}

/** A step around others that holds none. */
export const isEmpty = (it: DraftStep): boolean =>
  (it.kind === 'loop' && it.steps.length === 0) ||
  (it.kind === 'branch' && it.taken.length + it.otherwise.length === 0) ||
  (it.kind === 'parallel' && it.branches.every((one) => one.length === 0));

/** A step with what it holds changed. */
export function mapInner(it: DraftStep, change: (steps: readonly DraftStep[]) => DraftStep[]): DraftStep {
  switch (it.kind) {
    case 'loop':
    case 'thread':
      return { ...it, steps: change(it.steps) };
    // Others point to a hold and to a cache's read.
    case 'hold':
      return Object.assign(it, { steps: change(it.steps) });
    case 'cache':
      return Object.assign(it, { onMiss: change(it.onMiss) });
    case 'parallel':
      return { ...it, branches: it.branches.map(change) };
    case 'branch':
      return { ...it, taken: change(it.taken), otherwise: change(it.otherwise) };
    default:
      return it;
  }
}
