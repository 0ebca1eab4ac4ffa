import type { Place } from '../../../../model/known.ts';
import { layOver, object, type ObjectValue, propertyOf, type Resource, textOf, toldNumber, type Value } from '../../../code/values.ts';
import type { CodeRun, FunctionEvent, Said, Told } from '../../../detector.ts';
import { httpEvent } from '../../cloud-resources.ts';
import { joinPath, nameOf } from '../../paths.ts';
import { bringFunction, type FunctionDraft, nameFor, variablesOf } from '../deployed.ts';

/** Variable under which a function is told of what it is linked to. */
export const LINK = 'SST_RESOURCE_';

interface App extends Record<string, unknown> {
  name: string;
  functions: Map<string, FunctionDraft>;
}

/** The app that is read: its name is what its functions are deployed with. */
export const appIn = (run: CodeRun): App => run.shared('sst', (): App => ({ name: 'app', functions: new Map() }));

const UNITS: Readonly<Record<string, number>> = { MB: 1, GB: 1024, millisecond: 1, second: 1000, minute: 60_000, hour: 3_600_000, vCPU: 1 };

/** `1024 MB`, `3 minutes`, `0.25 vCPU`: a number with its unit. */
export function toldQuantity(props: Value | undefined, name: string): Told | undefined {
  const it = propertyOf(props, name);
  if (!it) return toldNumber(props, name);
  if (it.t === 'nothing') return undefined;
  const [, count, unit = ''] = /^\s*([\d.]+)\s*([A-Za-z]+?)s?\s*$/.exec(textOf(it) ?? '') ?? [];
  const factor = UNITS[unit];
  const place = ('place' in it ? it.place : undefined) ?? (props?.t === 'object' ? props.places.get(name) : undefined);
  return count !== undefined && factor !== undefined && place ? { value: Number(count) * factor, place } : { why: 'the value is computed where it cannot be read' };
}

/** Variables of what is linked: names by which the code asks for them. */
function linksOf(props: Value | undefined, place: Place, run: CodeRun): Record<string, Said<string>> {
  const links = propertyOf(props, 'link');
  const items = links?.t === 'list' ? links.items : [];
  const at = (props?.t === 'object' ? props.places.get('link') : undefined) ?? place;
  return Object.fromEntries(
    items.flatMap((it): [string, Said<string>][] => {
      if (it.t !== 'resource' || typeof it.data.called !== 'string' || it.data.isShown) return [];
      const variable = `${LINK}${String(it.data.id)}`;
      const properties = it.data.properties as Value | undefined;
      if (properties) return Object.entries(variablesOf(properties, run, at)).map(([name, said]) => [`${variable}_${name}`, said]);
      return [[variable, { value: it.data.called, place: at }]];
    }),
  );
}

export const environmentIn = (props: Value | undefined, place: Place, run: CodeRun): Record<string, Said<string>> => ({
  ...linksOf(props, place, run),
  ...variablesOf(propertyOf(props, 'environment'), run, place),
});

/**
 * A function by what stands where SST takes one: `src/orders.create`, an object with that as `handler`, or another function's ARN.
 * `defaults`: what the component gives all of its functions.
 */
export function bringHandler(
  given: Value | undefined,
  path: readonly string[],
  events: readonly FunctionEvent[],
  defaults: Value | undefined,
  place: Place,
  run: CodeRun,
): FunctionDraft | undefined {
  const { functions, name: unit } = appIn(run);
  const known = functions.get(textOf(given) ?? '') ?? (given?.t === 'resource' ? functions.get(String(given.data.called)) : undefined);
  if (known) {
    known.events.push(...events);
    return known;
  }
  const own = given?.t === 'object' ? given : undefined;
  const props = object();
  if (defaults?.t === 'object') layOver(props, defaults);
  if (own) layOver(props, own, joinedLinks);
  const handler = textOf(own ? propertyOf(own, 'handler') : given);
  if (handler === undefined) {
    run.claim({ kind: 'unclear', message: 'Which function is called here could not be read.', place });
    return undefined;
  }
  const [file = '', name = ''] = [handler.slice(0, handler.lastIndexOf('.')), handler.slice(handler.lastIndexOf('.') + 1)];
  const said = path.length > 0 && path.at(-1) !== '' ? path : [...path.slice(0, -1), /^(handler|main|default)$/.test(name) ? nameOf(file) : name];
  const draft = draftFrom(props, nameFor(said, run), unit, handler, place, run);
  draft.events.push(...events);
  if (propertyOf(props, 'url') && propertyOf(props, 'url')?.t !== 'nothing' && !isFalse(propertyOf(props, 'url'))) draft.events.push(...httpEvent('*', '/{proxy+}', place));
  functions.set(draft.name, draft);
  bringFunction(draft, run);
  return draft;
}

const isFalse = (it: Value | undefined): boolean => it?.t === 'boolean' && !it.v;

/** What a component links all its functions to stays beside a function's own links. */
const joinedLinks = (before: Value | undefined, value: Value): Value =>
  before?.t === 'list' && value.t === 'list' ? { ...value, items: [...before.items, ...value.items] } : value;

function draftFrom(props: ObjectValue, name: string, unit: string, handler: string, place: Place, run: CodeRun): FunctionDraft {
  const concurrency = propertyOf(props, 'concurrency');
  const limit = toldNumber(concurrency, 'reserved');
  const memoryMb = toldQuantity(props, 'memory');
  const timeoutMs = toldQuantity(props, 'timeout');
  const runtime = textOf(propertyOf(props, 'runtime'));
  return {
    name,
    unit,
    aliases: [],
    platform: 'sst',
    handlers: (folder) => [joinPath(folder, handler)],
    isCodeUnclear: false,
    ...(runtime && { runtime }),
    ...(concurrency && limit && { limit }),
    ...(memoryMb && { memoryMb }),
    ...(timeoutMs && { timeoutMs }),
    environment: environmentIn(props, place, run),
    events: [],
    origin: { place },
  };
}

/** How components call themselves in the variables of those that are linked to them. */
export const called = (of: Resource): string => String(of.data.called);
