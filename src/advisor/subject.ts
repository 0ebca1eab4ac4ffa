import type { Weakness } from '../model/weakness.ts';

/** Facts that are texts and yet say how things stand, not what the weakness is about. */
const CONDITIONS: readonly string[] = ['library', 'sizeBasis', 'refusal', 'basis', 'kind', 'parts'];

/**
 * What a weakness is about by names alone: its component and the names among its facts.
 * Lines, values and the state of the verdict are left out, so the same weakness of an earlier commit has the same subject.
 */
export function subjectOf({ component, facts }: Weakness): string {
  // Where a query or call is named, the routes that lead to it come and go.
  const names = Object.entries(facts).filter(([name, it]) => typeof it === 'string' && it !== '' && !CONDITIONS.includes(name) && !(name === 'route' && 'label' in facts));
  const sorted = names.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, it]) => String(it).replace(/ \(and \d+ more\)$/, ''));
  return [...new Set([component, ...sorted])].join(' · ');
}
