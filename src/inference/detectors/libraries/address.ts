import { numberOf, patternOf, propertyOf, textOf, toldNumber, truth, type Value } from '../../code/values.ts';
import type { Place } from '../../../model/known.ts';

/** Where a client connects to, as far as the code and its environment say. */
export interface Address {
  host?: string;
  /** How a host begins whose rest is only known while the program runs (`http://orders${domain}`). */
  hostStart?: string;
  port?: number;
  /** Environment variable that decides and that no file sets. */
  variable?: string;
  scheme?: string;
  /** Numbers in the query of a connection string (`connection_limit=5`). */
  query?: Readonly<Record<string, number>>;
  place?: Place;
}

/** Address in a URL, a `host:port` or a bare host. User, password and path are never kept. */
export function addressOf(it: Value | undefined): Address {
  if (!it) return {};
  if (it.t === 'unset') return { variable: it.name };
  if (it.t === 'list') return addressOf(it.items[0]);
  if (it.t !== 'text') return {};
  const variables = it.parts.flatMap((part) => (typeof part !== 'string' && part.t === 'unset' ? [part.name] : []));
  const variable = variables.find((name) => /host|url|uri|server|addr|cluster/i.test(name)) ?? variables[0] ?? it.unlessSet;
  const { pattern } = patternOf(it);
  const found = /^(?:([a-z][a-z0-9+.-]*):(?:[a-z]+:)?\/\/)?(?:[^@/\s]*@)?(\[[^\]]+\]|[^:/?#,\s]+)/i.exec(pattern.trim());
  // Inside a cluster `orders`, `orders.shop` + `.svc.cluster.local` are one Service.
  const host = found?.[2]?.replace(/^([\w-]+)\.[\w-]+\.svc(\.[\w-]+)*$/, '$1');
  const start = /^([\w-]+)\*$/.exec(host ?? '')?.[1];
  const port = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/\s]*@)?[^:/?#,\s*]+:(\d+)/i.exec(pattern.trim())?.[1];
  const query = Object.fromEntries([...pattern.matchAll(/[?&]([A-Za-z_]+)=(\d+)(?=&|$)/g)].map((part) => [part[1] as string, Number(part[2])]));
  const place = it.place ?? it.parts.map((part) => (typeof part !== 'string' && 'place' in part ? part.place : undefined)).find(Boolean);
  return {
    ...(host && !host.includes('*') && { host: host.toLowerCase() }),
    ...(start && { hostStart: start.toLowerCase() }),
    ...(port && { port: Number(port) }),
    ...(found?.[1] && { scheme: found[1].toLowerCase() }),
    ...(variable && { variable }),
    ...(Object.keys(query).length > 0 && { query }),
    ...(place && { place }),
  };
}

/** The port that a server is told to listen on, where it is known. */
export function portOf(it: Value | undefined): { port?: number } {
  const port = numberOf(it) ?? (it?.t === 'object' ? numberOf(propertyOf(it, 'port')) : undefined);
  return port === undefined ? {} : { port };
}

/** Address in an options object: a connection string under one of `urls`, else the host. */
export function addressIn(options: Value | undefined, urls: readonly string[] = ['connectionString', 'url', 'uri']): Address {
  if (options?.t === 'text' || options?.t === 'unset' || options?.t === 'list') return addressOf(options);
  for (const name of urls) {
    const found = propertyOf(options, name);
    if (found && found.t !== 'nothing') return addressOf(found);
  }
  return addressOf(propertyOf(options, 'host') ?? propertyOf(options, 'hostname') ?? propertyOf(options, 'server'));
}

/** A flag of an options object, where it is known. */
export function flagIn(options: Value | undefined, name: string): boolean | undefined {
  const it = propertyOf(options, name);
  return it?.t === 'boolean' ? it.v : undefined;
}

/** A flag that may be unread: null. Undefined where it is certainly absent. */
export function toldFlag(options: Value | undefined, name: string): boolean | null | undefined {
  const said = propertyOf(options, name);
  if (said?.t === 'nothing') return undefined;
  if (said) return truth(said) ?? null;
  return toldNumber(options, name) ? null : undefined;
}

export const textIn = (options: Value | undefined, name: string): string | undefined => textOf(propertyOf(options, name));
export const numberIn = (options: Value | undefined, name: string): number | undefined => numberOf(propertyOf(options, name));

/** The parts of the path in a URL, `*` for what is not known. */
export const pathIn = (url: Value): string[] =>
  patternOf(url)
    .pattern.replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/^[^/]*/, '')
    .replace(/[?#].*$/, '')
    .split('/')
    .filter(Boolean);
