import { type Call, type Component, type ComponentId, type Endpoint, mapSteps, type Step, walkSteps } from '../../model/topology.ts';
import { folderOf, isInside } from '../detectors/paths.ts';
import type { Layouts } from './layouts.ts';

/** From more than this many outside services, of which code picks one while it runs, people draw one box. */
const MOST_DRAWN = 10;
const MOST_NAMED = 3;
const SAYS_NOTHING = /^(\.|src|lib|libs|app|apps|packages|services|modules|core|common|shared|server|api|dist|internal)$/i;

interface Drawn {
  components: readonly Component[];
  calls: readonly Call[];
  endpoints: readonly Endpoint[];
}

/** Outside services that are plug-ins of one another become one component, called like the folder that holds their code. */
export function groupOutside(it: Drawn, layouts: Layouts): Drawn {
  const outside = new Set(it.components.filter((one) => one.kind === 'external-api').map((one) => one.id));
  const folders = new Map<ComponentId, string>();
  const choices = new Map<string, (readonly [ComponentId, string])[]>();
  for (const endpoint of it.endpoints)
    for (const [site, target, folder] of layouts.following(endpoint.steps, 'one of several', '', () => oneOfSeveral(endpoint.steps)))
      if (outside.has(target)) choices.set(site, [...(choices.get(site) ?? []), [target, folder]]);
  // Several ways to ask the same service are no plug-ins of one another.
  for (const asked of [...choices.values()].filter((all) => all.some(([target]) => target !== all[0]?.[0])))
    for (const [target, folder] of asked) folders.set(target, folders.has(target) ? shared(folders.get(target) ?? '', folder) : folder);
  if (folders.size <= MOST_DRAWN) return it;
  const home = [...folders.values()].reduce(shared);
  // What lies beside the plug-ins is one too, whoever asks it.
  for (const target of home === '' || home === '.' ? [] : outside) {
    const places = it.calls.filter((call) => call.to === target).flatMap((call) => call.places);
    if (places.length > 0 && places.every((place) => isInside(place.file, home))) folders.set(target, home);
  }
  const members = it.components.filter((one) => folders.has(one.id));
  const [first] = members;
  if (!first) return it;
  const id = nameOf(home, new Set(it.components.map((one) => one.id)));
  const group: Component = {
    ...first,
    id,
    name: id,
    technology: namesOf(members.map((one) => one.technology)),
    aliases: [...new Set(members.flatMap((one) => [one.id, ...one.aliases]))],
    places: members.flatMap((one) => one.places).slice(0, 20),
  };
  const as = (one: ComponentId): ComponentId => (folders.has(one) ? id : one);
  const from = JSON.stringify([id, ...folders.keys()]);
  const regrouped = (steps: readonly Step[]): readonly Step[] =>
    mapSteps(steps, (step) => ['target' in step && folders.has(step.target) ? { ...step, target: as(step.target) } : step]);
  return {
    components: it.components.flatMap((one) => (one === first ? [group] : folders.has(one.id) ? [] : [one])),
    calls: it.calls.map((one) => (folders.has(one.to) ? { ...one, to: id, kind: 'http' as const } : one)),
    endpoints: it.endpoints.map((one) => ({ ...one, steps: layouts.following(one.steps, 'grouped', from, () => regrouped(one.steps)) })),
  };
}

/** Where code chooses whom to ask, whom it may ask there, and in which folder it does. */
function oneOfSeveral(steps: readonly Step[]): (readonly [site: string, ComponentId, folder: string])[] {
  const found: (readonly [string, ComponentId, string])[] = [];
  walkSteps(steps, (step, enclosing) => {
    const choice = step.kind === 'request' ? enclosing.find((one) => one.kind === 'branch' && /^one of \d/.test(one.label)) : undefined;
    if (choice && step.kind === 'request') found.push([`${choice.place.file}:${choice.place.line}`, step.target, folderOf(step.place.file)]);
  });
  return found;
}

/** As many as a box has room for. */
const namesOf = (all: readonly string[]): string => (all.length > MOST_NAMED ? `${all.slice(0, MOST_NAMED).join(', ')} and ${all.length - MOST_NAMED} more` : all.join(', '));

function shared(a: string, b: string): string {
  const [first, second] = [a.split('/'), b.split('/')];
  const end = first.findIndex((part, at) => part !== second[at]);
  return (end < 0 ? first : first.slice(0, end)).join('/');
}

function nameOf(folder: string, taken: ReadonlySet<string>): string {
  const name = folder.split('/').findLast((part) => part !== '' && !SAYS_NOTHING.test(part)) ?? 'outside-services';
  return taken.has(name) ? `${name}-apis` : name;
}
