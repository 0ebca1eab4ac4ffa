import { oncePer } from './once-per.ts';
import type { Statement } from './syntax.ts';

/** Whether code waits for something by itself, its functions apart: a loop whose body never does starts every round before any of them has ended. */
export const waits: (body: readonly Statement[]) => boolean = oncePer(holdsAwait);

function holdsAwait(it: unknown): boolean {
  if (Array.isArray(it)) return it.some(holdsAwait);
  if (typeof it !== 'object' || it === null) return false;
  const { k, isAwaited } = it as { k?: unknown; isAwaited?: unknown };
  if (k === 'await' || isAwaited === true) return true;
  return k !== 'function' && k !== 'class' && Object.values(it).some(holdsAwait);
}
