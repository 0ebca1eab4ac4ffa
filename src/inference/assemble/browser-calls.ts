import type { Call, Endpoint } from '../../model/topology.ts';
import { text, type Value } from '../code/values.ts';
import type { Connections } from './stores.ts';
import type { Unit } from './parts.ts';

/** Calls of front ends: to the server behind an address or a variable, and for a bare path to the one service that has a route for it. */
export function browserCalls(units: readonly Unit[], endpoints: readonly Endpoint[], connections: Connections): Call[] {
  const routes = endpoints.flatMap(({ trigger, component }): Asked[] => (trigger.kind === 'http' ? [{ component, parts: trigger.path.split('/').filter(Boolean) }] : []));
  return units.flatMap((unit) =>
    unit.asks.flatMap((ask): Call[] => {
      const known = ask.url !== undefined ? behind(ask.url, unit, routes, connections) : behindVariable(ask.variable, unit, routes, connections);
      const url = ask.url ?? (ask.variable === undefined ? undefined : unit.variable(ask.variable)?.value);
      const isElsewhere = url !== undefined && /^\w+:\/\/[\w-]+(\.[\w-]+)+/.test(url);
      const target = known ?? (ask.socket && !isElsewhere ? socketServer(unit, units) : undefined);
      return target === undefined
        ? []
        : [{ from: unit.id, to: target, kind: ask.socket ? 'ws' : 'http', sync: true, scope: unit.service?.scope ?? 'runtime', places: [ask.place] }];
    }),
  );
}

/** A route by the parts of its path. */
interface Asked {
  component: string;
  parts: readonly string[];
}

/** The one process that keeps connections open, where it is the only one. */
function socketServer(of: Unit, units: readonly Unit[]): string | undefined {
  const all = units.filter((it) => it !== of && it.reading.claims.some((claim) => claim.kind === 'listens' && claim.sockets));
  return all.length === 1 ? all[0]?.id : undefined;
}

const behind = (url: string, unit: Unit, routes: readonly Asked[], connections: Connections): string | undefined =>
  url.startsWith('/') ? ownerOf(url, unit, routes) : named(text(url), unit, connections);

/** What a variable holds, else the process that it is called after. */
function behindVariable(name: string | undefined, unit: Unit, routes: readonly Asked[], connections: Connections): string | undefined {
  if (name === undefined) return undefined;
  const value = unit.variable(name)?.value;
  if (value && !value.includes('${')) return behind(value, unit, routes, connections);
  return named({ t: 'unset', name }, unit, connections);
}

/** Only processes of the workspace: what a browser asks elsewhere is not this system's load. */
function named(url: Value, unit: Unit, connections: Connections): string | undefined {
  const server = connections.serverOf(url, unit, true);
  return server && !server.isExternal ? server.target : undefined;
}

/** The one service with a route that begins like the path. */
function ownerOf(path: string, unit: Unit, routes: readonly Asked[]): string | undefined {
  const wanted = path
    .replace(/[?#].*$/, '')
    .split('/')
    .filter(Boolean);
  if (wanted.length === 0 || wanted[0] === '*') return undefined;
  const owners = new Set(
    routes.flatMap(({ component, parts }) => {
      if (component === unit.id) return [];
      const fits =
        parts.length > 0 && parts.length === wanted.length && parts.every((part, at) => part.startsWith(':') || part === '*' || part === wanted[at] || wanted[at] === '*');
      return fits && parts.some((part, at) => part === wanted[at]) ? [component] : [];
    }),
  );
  return owners.size === 1 ? [...owners][0] : undefined;
}
