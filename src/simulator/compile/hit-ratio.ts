import { valueIn } from '../../model/known.ts';
import { type CacheStep, type Step, type Topology, walkSteps } from '../../model/topology.ts';

/**
 * Share of reads that find their key. Known values are taken as they are; one constant key's ratio follows from the load:
 * after each deletion or expiry the next read misses, so h = λr ÷ (λr + λw + 1/TTL).
 */
export function hitRatioOf(step: CacheStep, topology: Topology, shares: ReadonlyMap<string, number>, perSecond: number): number {
  const known = valueIn(step.hitRatio);
  if (known !== undefined) return Math.min(1, Math.max(0, known));
  let reads = 0;
  let deletions = 0;
  for (const endpoint of topology.endpoints) {
    const share = shares.get(endpoint.id) ?? 0;
    if (share <= 0) continue;
    walkSteps(endpoint.steps, (other: Step, enclosing) => {
      if (other.kind !== 'cache' || other.target !== step.target || other.key !== step.key) return;
      // A write inside the miss fills the key: it is no deletion.
      const fillsMiss = enclosing.some((it) => it.kind === 'cache');
      if (other.operation === 'read') reads += share;
      else if (other.operation === 'delete' && !fillsMiss) deletions += share;
    });
  }
  const ttlMs = valueIn(step.ttlMs);
  const expiries = ttlMs ? 1000 / ttlMs / Math.max(1e-9, perSecond) : 0;
  return reads <= 0 ? 0 : reads / (reads + deletions + expiries);
}
