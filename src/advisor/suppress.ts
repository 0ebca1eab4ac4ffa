import type { Suppression, Topology } from '../model/topology.ts';
import type { Weakness } from '../model/weakness.ts';

export interface Sifted {
  kept: readonly Weakness[];
  /** Suppressions that hide nothing, or give no reason and therefore don't count. */
  idle: readonly { suppression: Suppression; why: 'unused' | 'noReason' }[];
}

/** Takes out what the workspace has excused. A comment covers the line after it; an entry of `faultline.json` covers a file, or everything. */
export function sift(topology: Topology, weak: readonly Weakness[]): Sifted {
  const excuses = topology.suppressions.filter(hasReason);
  const used = new Set<Suppression>();
  const kept = weak.filter((it) => {
    const hiding = excuses.filter((excuse) => covers(excuse, it));
    for (const excuse of hiding) used.add(excuse);
    return hiding.length === 0;
  });
  const idle = topology.suppressions.flatMap((suppression): Sifted['idle'] => {
    if (!hasReason(suppression)) return [{ suppression, why: 'noReason' }];
    return used.has(suppression) ? [] : [{ suppression, why: 'unused' }];
  });
  return { kept, idle };
}

const hasReason = (it: Suppression): boolean => it.reason.trim() !== '';

function covers({ rule, place, file }: Suppression, weakness: Weakness): boolean {
  if (rule !== weakness.rule) return false;
  if (file !== undefined) return file === '' || file === weakness.place.file;
  if (place.file !== weakness.place.file) return false;
  const last = weakness.place.endLine ?? weakness.place.line;
  const covered = (place.endLine ?? place.line) + 1;
  return covered >= weakness.place.line && covered <= last;
}
