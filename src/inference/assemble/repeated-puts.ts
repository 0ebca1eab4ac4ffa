import type { DraftCache, DraftStep } from '../detector.ts';
import { isEmpty, mapInner } from './batches.ts';

/**
 * A program in which a put into a collection of the language that adds no new key stands once.
 * It takes no time, and a second one from the same line says nothing more; where each call that is measured keeps its label, they would be most of a program.
 */
export function withoutRepeatedPuts(steps: readonly DraftStep[], seen: Set<string> = new Set()): DraftStep[] {
  return steps.flatMap((it): DraftStep[] => {
    if (it.kind === 'cache' && addsNothing(it)) {
      const { client, key, place } = it;
      const put = `${client.id} ${place.file}:${place.line}:${place.column} ${key}`;
      if (seen.has(put)) return [];
      seen.add(put);
      return [it];
    }
    const inside = mapInner(it, (inner) => withoutRepeatedPuts(inner, seen));
    return isEmpty(inside) && !isEmpty(it) ? [] : [inside];
  });
}

const addsNothing = ({ client, keeping }: DraftCache): boolean => keeping !== undefined && keeping.keys !== 'endless' && client.data.library === 'language';
