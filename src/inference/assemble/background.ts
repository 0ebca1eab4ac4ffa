import { known, type Known, type Place, unknown } from '../../model/known.ts';
import type { ComponentId, EndpointId, Trigger } from '../../model/topology.ts';
import type { Claims } from '../assemble.ts';
import { type Resource, text, type Value } from '../code/values.ts';
import type { CronClaim, DraftStep, Said } from '../detector.ts';
import { pathIn } from '../detectors/libraries/address.ts';
import { folderOf, joinPath } from '../detectors/paths.ts';
import { matchEndpoint, type Signature } from './endpoint-match.ts';
import type { Layouts } from './layouts.ts';
import type { Unit } from './parts.ts';
import { surveyOf } from './survey.ts';

type Publish = Extract<DraftStep, { kind: 'publish' }>;

/** Messages that a broker hands over to a route by requests. */
export interface Pushed {
  client: Resource;
  /** Whose client it is. */
  unit: Unit;
  library: string;
  channel: string;
  pushes?: Publish['pushes'];
  place: Place;
}

/** Who asks a route where no user does. */
export interface Background {
  trigger: Trigger;
  pushed: readonly Pushed[];
}

/** The route that a message or a clock's request to an address means: of the process that the address names, else by its path, the sender's own first. */
export function routeBehind(
  signatures: readonly Signature[],
  units: readonly ComponentId[],
  from: ComponentId,
  named: ComponentId | undefined,
  method: string,
  url: Value,
): EndpointId | undefined {
  if (!pathIn(url).some((part) => part !== '*')) return undefined;
  const asked = named === undefined ? [from, ...units.filter((it) => it !== from)] : [named];
  for (const unit of asked) {
    const found = matchEndpoint(signatures, unit, method, url);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Asks = (unit: Unit, method: string, url: Value) => EndpointId | undefined;

/** Routes that are asked by a clock or a queue instead of users, by their ids. */
export function backgroundOf(
  { units, configuration }: Pick<Claims, 'units' | 'configuration'>,
  signatures: readonly Signature[],
  asks: Asks,
  layouts: Layouts,
): ReadonlyMap<EndpointId, Background> {
  const clocks = new Map<EndpointId, (Said<number> | undefined)[]>();
  const pushed = new Map<EndpointId, Pushed[]>();
  const add = <T>(to: Map<EndpointId, T[]>, id: EndpointId | undefined, it: T): void => {
    if (id !== undefined) to.set(id, [...(to.get(id) ?? []), it]);
  };
  for (const unit of units) {
    for (const it of cronsOf(unit.root, configuration.crons)) add(clocks, matchEndpoint(signatures, unit.id, 'GET', text(it.path)), it.everyMs);
    for (const it of unit.reading.claims) if (it.kind === 'scheduled') add(clocks, asks(unit, it.method, it.url), it.everyMs);
    const { routes, consumers, timers } = unit.programs;
    const programs = [...routes.flatMap((it) => it.programs), ...consumers.map((it) => it.steps), ...timers.map((it) => it.steps)];
    for (const it of surveyOf(programs, layouts).published)
      if (it.pushes)
        add(pushed, asks(unit, it.pushes.method, it.pushes.url), { client: it.client, unit, library: it.library, channel: it.channel, pushes: it.pushes, place: it.place });
  }
  for (const unit of units)
    for (const { route, pushedBy } of unit.programs.routes) {
      const id = signatures.find((it) => it.component === unit.id && it.method === route.method && it.path === route.path)?.id;
      if (pushedBy && id !== undefined && !pushed.has(id))
        add(pushed, id, { client: pushedBy.client, unit, library: pushedBy.library, channel: route.path, place: pushedBy.place });
    }
  return new Map([...new Set([...clocks.keys(), ...pushed.keys()])].map((id) => [id, askedBy(clocks.get(id) ?? [], pushed.get(id) ?? [])]));
}

/** What comes with messages is asked as often as they come, whatever else a clock does there. */
function askedBy(clocks: readonly (Said<number> | undefined)[], pushed: readonly Pushed[]): Background {
  const [first] = pushed;
  return { trigger: first ? { kind: 'message', channel: first.channel } : { kind: 'schedule', everyMs: meanInterval(clocks) }, pushed };
}

function meanInterval(all: readonly (Said<number> | undefined)[]): Known {
  const told = all.filter((it) => it !== undefined);
  const [first] = told;
  if (!first || told.length < all.length) return unknown('the interval could not be read');
  if (told.length === 1) return known(first.value, 'ms', 'declared', { place: first.place });
  return known(Math.round(1 / told.reduce((sum, it) => sum + 1 / it.value, 0)), 'ms', 'derived', { place: first.place, inputs: ['several schedules of one route'] });
}

/** The schedules of the project that a folder belongs to: those of the nearest file above it. */
function cronsOf(root: string, crons: ReadonlyMap<string, readonly CronClaim[]>): readonly CronClaim[] {
  if (crons.size === 0) return [];
  for (let folder = root; ; folder = folderOf(folder)) {
    const found = crons.get(joinPath(folder, 'vercel.json'));
    if (found || folder === '.') return found ?? [];
  }
}
