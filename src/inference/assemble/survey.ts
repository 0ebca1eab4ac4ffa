import type { Place } from '../../model/known.ts';
import type { DraftStep, Told } from '../detector.ts';
import type { Layouts } from './layouts.ts';

type Draft<K extends DraftStep['kind']> = Extract<DraftStep, { kind: K }>;

/** What the handlers of a process do, taken together. */
export interface Survey {
  /** Times to live by client and key, as any write of the key says them. */
  ttls: Map<string, Told>;
  /** At which passwords are hashed. */
  costs: Set<number>;
  unread: Draft<'unread'>[];
  published: Draft<'publish'>[];
  requests: Draft<'request'>[];
  /** Where each client is used first, and clients that are used as caches. */
  places: Map<number, Place[]>;
  caches: Set<number>;
}

const MOST_PLACES = 4;

/** Goes through what each program tells, which is picked out once for as long as the program is kept. */
export function surveyOf(programs: readonly (readonly DraftStep[])[], layouts: Layouts): Survey {
  const survey: Survey = { ttls: new Map(), costs: new Set(), unread: [], published: [], requests: [], places: new Map(), caches: new Set() };
  for (const program of programs) for (const it of layouts.following(program, 'telling', '', () => tellingIn(program))) note(it, survey);
  return survey;
}

function note(it: DraftStep, survey: Survey): void {
  if ('client' in it) {
    const before = survey.places.get(it.client.id);
    if (!before) survey.places.set(it.client.id, [it.place]);
    else if (before.length < MOST_PLACES) before.push(it.place);
  }
  if (it.kind === 'cache') {
    survey.caches.add(it.client.id);
    if (it.ttlMs && !survey.ttls.has(`${it.client.id} ${it.key}`)) survey.ttls.set(`${it.client.id} ${it.key}`, it.ttlMs);
  } else if (it.kind === 'request') survey.requests.push(it);
  else if (it.kind === 'publish') survey.published.push(it);
  else if (it.kind === 'unread') survey.unread.push(it);
  else if (it.kind === 'compute' && it.work === 'passwordHash' && it.cost) survey.costs.add(it.cost.value);
}

/** Steps of which a survey takes notice, in order: the programs of a large process hold tens of thousands, most of them one more use of a client. */
function tellingIn(program: readonly DraftStep[]): DraftStep[] {
  const found: DraftStep[] = [];
  const uses = new Map<number, number>();
  const tells = (it: DraftStep): boolean => {
    if (it.kind === 'cache' || it.kind === 'request' || it.kind === 'publish' || it.kind === 'unread' || it.kind === 'compute') return true;
    if (!('client' in it)) return false;
    const before = uses.get(it.client.id) ?? 0;
    uses.set(it.client.id, before + 1);
    return before < MOST_PLACES;
  };
  const walk = (steps: readonly DraftStep[]): void => {
    for (const it of steps) {
      if (tells(it)) found.push(it);
      for (const inner of innerDrafts(it)) walk(inner);
    }
  };
  walk(program);
  return found;
}

export function innerDrafts(it: DraftStep): readonly (readonly DraftStep[])[] {
  if (it.kind === 'cache') return [it.onMiss];
  if (it.kind === 'hold' || it.kind === 'loop' || it.kind === 'thread') return [it.steps];
  if (it.kind === 'parallel') return it.branches;
  return it.kind === 'branch' ? [it.taken, it.otherwise] : [];
}
