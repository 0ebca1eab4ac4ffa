import type { Place } from '../../model/known.ts';
import type { ProxyLimit, Said } from '../detector.ts';

/** Ports of the machine that runs the containers, told from inside one. */
const ON_MACHINE = /^(?:[a-z0-9+]+:\/\/)?((?:host|gateway)\.docker\.internal:\d+)/i;

/** Host of an address that requests are passed to, with the port where that tells who answers; undefined for the same container. */
export function hostOfUrl(it: string): string | undefined {
  const onMachine = ON_MACHINE.exec(it)?.[1];
  if (onMachine) return onMachine;
  const host = /^(?:[a-z0-9+]+:\/\/)?(?:[^@/]*@)?(\$\{\w+\}|[\w.-]+)/i.exec(it)?.[1];
  return host && !/^(localhost|127\.0\.0\.1|0\.0\.0\.0)$/.test(host) ? host : undefined;
}

/** `limit@docker`, `api@file`: the name of what a provider brings. */
export const withoutProvider = (it: string): string => it.trim().replace(/@[\w-]+$/, '');

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `1m30s`, `250ms`, a bare number of seconds: milliseconds, as Go writes times. */
export function goDurationMs(it: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(it)) return Number(it) * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(it)) return undefined;
  return [...it.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit as string] as number), 0);
}

/** Traefik's limits, from a file or from labels: `average` a `period` (1 s) with a `burst` (1), told apart by the client's address unless it says otherwise. An average of 0 is no limit. */
export function traefikLimit(kind: 'rateLimit' | 'inFlightReq', said: (option: string) => Said<string> | undefined, place: Place, to: readonly string[]): ProxyLimit[] {
  const number = (name: string): Said<number> | undefined => {
    const it = said(name);
    return it && /^\d+$/.test(it.value) ? { value: Number(it.value), place: it.place } : undefined;
  };
  const behind = to.length > 0 ? { to } : {};
  if (kind === 'inFlightReq') {
    const most = number('amount');
    return most ? [{ kind: 'inFlight', most, perClient: said('sourceCriterion') !== undefined, ...behind }] : [];
  }
  const limit = number('average');
  const windowMs = goDurationMs(said('period')?.value ?? '1s');
  if (!limit || limit.value === 0 || windowMs === undefined) return [];
  return [{ kind: 'tokenBucket', limit, windowMs, burst: number('burst') ?? { value: 1, place }, perClient: true, ...behind }];
}
