import type { Place } from '../../model/known.ts';
import type { Value } from '../code/values.ts';
import { pathIn } from '../detectors/libraries/address.ts';

/** An endpoint that a request may mean. */
export interface Signature {
  id: string;
  component: string;
  method: string;
  path: string;
  place: Place;
}

const partsOf = (path: string): string[] => path.split('/').filter(Boolean);

/** The endpoint of `target` that a request means: same method, and a path whose parameters fit the holes of the URL; else what passes on whatever lies below a path. */
export function matchEndpoint(all: readonly Signature[], target: string, method: string, url: Value): string | undefined {
  const wanted = pathIn(url);
  const fits = (pattern: string): boolean => {
    const parts = partsOf(pattern);
    return parts.length === wanted.length && parts.every((part, at) => part.startsWith(':') || part === '*' || part === wanted[at] || wanted[at]?.includes('*'));
  };
  const own = all.filter((it) => it.component === target);
  const candidates = own.filter((it) => it.method === method && fits(it.path));
  return (
    candidates.find((it) => partsOf(it.path).every((part, at) => part === wanted[at] || (part.startsWith(':') && wanted[at]?.includes('*')))) ??
    candidates[0] ??
    own.find((it) => it.method === 'ALL' && it.path.endsWith('/*') && begins(wanted, partsOf(it.path).slice(0, -1)))
  )?.id;
}

const begins = (path: readonly string[], prefix: readonly string[]): boolean => prefix.every((part, at) => part === path[at] || part.startsWith(':'));

/**
 * What `target` may be asked for by somebody who passes on whatever comes in below `mounted`: routes below that path where it has any
 * (the path is passed on whole), else all of them (what led to the gateway is cut off). An address with a path of its own leads below that.
 */
export function endpointsBehind(all: readonly Signature[], target: string, url: Value, mounted: string): Signature[] {
  const own = all.filter((it) => it.component === target && begins(partsOf(it.path), pathIn(url)));
  const prefix = partsOf(mounted.replace(/\*+$/, ''));
  const below = prefix.length === 0 ? [] : own.filter((it) => begins(partsOf(it.path), prefix));
  return below.length > 0 ? below : own;
}
