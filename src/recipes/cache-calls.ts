import type { Operation } from '../model/change.ts';
import { valueIn } from '../model/known.ts';
import { type CacheStep, type QueryStep, type Step, type Topology, walkSteps } from '../model/topology.ts';
import type { RecipeCall } from '../model/weakness.ts';

/** The call that writes a change of a cached key, or why there is none. */
export function cacheCall(topology: Topology, operation: Extract<Operation, { kind: 'loadOnce' | 'setLockTtl' }>): readonly RecipeCall[] | string {
  const { file, line } = operation.place;
  const found: CacheStep[] = [];
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (it) => {
      if (it.kind === 'cache' && it.place.file === file && it.place.line === line) found.push(it);
    });
  const [step] = found;
  if (!step) return `no key is used at ${file}:${line}`;
  if (operation.kind === 'setLockTtl') {
    const at = step.ttlMs.state === 'known' ? step.ttlMs.place : undefined;
    const fromMs = valueIn(step.ttlMs);
    return at && fromMs !== undefined
      ? [{ recipe: 'set-lock-ttl', args: { file: at.file, line: at.line, fromMs, toMs: operation.ttlMs } }]
      : 'how long the lock is kept is not written as a number';
  }
  const loads: (QueryStep | Extract<Step, { kind: 'request' }>)[] = [];
  walkSteps(step.onMiss, (it) => {
    if ((it.kind === 'query' || it.kind === 'request') && it.awaited) loads.push(it);
  });
  const [load] = loads;
  if (!load || loads.length > 1) return 'what fills the key is more than one call';
  return [{ recipe: 'load-once', args: { file: load.place.file, line: load.place.line, column: load.place.column ?? 1, key: step.key } }];
}
