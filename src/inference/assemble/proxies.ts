import { known } from '../../model/known.ts';
import type { Call, ComponentId, RateLimiter } from '../../model/topology.ts';
import type { Claims } from '../assemble.ts';
import type { Service } from './service.ts';
import { folderOf, isInside, nameOf } from '../detectors/paths.ts';

/** Whom a gateway passes requests to, and how many it lets through. */
export function proxyOf(it: Service, claims: Claims, find: (host: string) => ComponentId | undefined): { calls: Call[]; limiters: RateLimiter[] } {
  const image = it.build && claims.configuration.images.get(it.build.dockerfile);
  const variables = { ...image?.environment, ...it.environment };
  const folder = it.build?.context;
  const proxies = [...claims.configuration.proxies].filter(([file]) => (folder && folder !== '.' ? isInside(file, folder) : isMounted(file, it, claims))).flatMap(([, all]) => all);
  const calls: Call[] = [];
  for (const target of proxies.flatMap((proxy) => proxy.targets)) {
    const name = /^\$\{?(\w+)\}?$/.exec(target.value)?.[1];
    const host = name ? variables[name]?.value.replace(/:\d+$/, '') : target.value;
    const to = host && find(host);
    if (to && to !== it.name) calls.push({ from: it.name, to, kind: 'http', sync: true, scope: it.scope, places: [target.place] });
  }
  if (/traefik/i.test(it.image ?? ''))
    for (const routed of claims.services)
      for (const claim of routed.claims)
        if (claim.isRouted)
          calls.push({ from: it.name, to: routed.name, kind: 'http', sync: true, scope: routed.scope === 'runtime' ? it.scope : routed.scope, places: [claim.place] });
  const limiters = proxies.flatMap(({ limiter }): RateLimiter[] =>
    limiter
      ? [
          {
            id: `${it.name} limit`,
            component: it.name,
            algorithm: 'leakyBucket',
            key: limiter.perClient ? 'perClient' : 'global',
            limit: known(limiter.perSecond.value, 'perSecond', 'declared', { place: limiter.perSecond.place }),
            windowMs: known(1000, 'ms', 'declared', { place: limiter.perSecond.place }),
            ...(limiter.burst && { burst: known(limiter.burst.value, 'count', 'declared', { place: limiter.burst.place }) }),
            noDelay: limiter.noDelay,
            library: 'nginx',
            endpoints: [],
            place: limiter.perSecond.place,
          },
        ]
      : [],
  );
  return { calls, limiters };
}

/** A gateway from an image: its configuration is mounted from somewhere. Of several, the one beside the file that deploys it, else any that is called like a gateway's. */
function isMounted(file: string, it: Service, claims: Claims): boolean {
  const isCaddys = (path: string): boolean => /caddy/i.test(nameOf(path));
  const own = [...claims.configuration.proxies.keys()].filter((path) => isCaddys(path) === /caddy/i.test(`${it.image ?? ''} ${it.name}`));
  if (!own.includes(file)) return false;
  const beside = own.filter((path) => folderOf(path) === folderOf(it.place.file));
  return own.length === 1 || (beside.length === 1 ? file === beside[0] : /gateway|proxy|nginx/i.test(file));
}
