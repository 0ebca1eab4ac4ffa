import { known } from '../../model/known.ts';
import type { Call, ComponentId, RateLimiter } from '../../model/topology.ts';
import type { Claims } from '../assemble.ts';
import type { ProxyClaim, ProxyLimit } from '../detector.ts';
import { folderOf, isInside } from '../detectors/paths.ts';
import { traefikLimit, withoutProvider } from '../detectors/proxy-values.ts';
import { imageOf } from './images.ts';
import { ownFolder } from './builds.ts';
import type { Service } from './service.ts';

/** Whom a gateway passes requests to, and how many it lets through. */
export function proxyOf(it: Service, claims: Claims, find: (host: string) => ComponentId | undefined): { calls: Call[]; limiters: RateLimiter[] } {
  const image = imageOf(it.build, claims.configuration);
  const variables = { ...image?.environment, ...it.environment };
  const proxies = configurationsOf(it, claims);
  const calls: Call[] = [];
  const toOf = (host: string): ComponentId | undefined => {
    const name = /^\$\{?(\w+)\}?$/.exec(host)?.[1];
    const known = name ? variables[name]?.value.replace(/:\d+$/, '') : host;
    return known === undefined ? undefined : find(known);
  };
  for (const target of proxies.flatMap((proxy) => proxy.targets)) {
    const to = toOf(target.value);
    if (to && to !== it.name) calls.push({ from: it.name, to, kind: 'http', sync: true, scope: it.scope, places: [target.place] });
  }
  const isTraefik = kindOf(it) === 'traefik';
  if (isTraefik)
    for (const routed of claims.services)
      for (const claim of routed.claims)
        if (claim.isRouted)
          calls.push({ from: it.name, to: routed.name, kind: 'http', sync: true, scope: routed.scope === 'runtime' ? it.scope : routed.scope, places: [claim.place] });
  const said = [
    ...proxies.flatMap((proxy) => (proxy.limits ?? []).map((limit) => ({ limit, by: proxy.by ?? 'nginx' }))),
    ...(isTraefik ? labelLimits(claims).map((limit) => ({ limit, by: 'traefik' })) : []),
  ];
  const limiters = said.flatMap(({ limit, by }) => limitersOf(limit, by, it, toOf));
  return { calls, limiters: limiters.map((one, at) => (at === 0 ? one : { ...one, id: `${one.id} ${at + 1}` })) };
}

/** One limiter per component that it stands before; how much may be under way at once is a fact, no rate. */
function limitersOf(limit: ProxyLimit, library: string, it: Service, toOf: (host: string) => ComponentId | undefined): RateLimiter[] {
  if (limit.kind === 'inFlight') return [];
  const to = [...new Set((limit.to ?? []).flatMap((host) => toOf(host) ?? []))];
  if (limit.to && to.length === 0) return [];
  const { place } = limit.limit;
  // nginx counts evenly through the second: what it says is a rate.
  const unit = limit.kind === 'leakyBucket' ? 'perSecond' : 'count';
  const made: RateLimiter = {
    id: `${it.name} limit`,
    component: it.name,
    algorithm: limit.kind,
    key: limit.perClient ? 'perClient' : 'global',
    limit: known(limit.limit.value, unit, 'declared', { place }),
    windowMs: known(limit.windowMs, 'ms', 'declared', { place }),
    ...(limit.burst && { burst: known(limit.burst.value, 'count', 'declared', { place: limit.burst.place }) }),
    ...(limit.noDelay !== undefined && { noDelay: limit.noDelay }),
    ...(limit.shared && { shared: true }),
    library,
    endpoints: [],
    place,
  };
  return to.length === 0 ? [made] : to.map((passesTo) => ({ ...made, passesTo }));
}

/** Limits that labels of the routed services name; the middleware may be described at any of them. */
function labelLimits(claims: Claims): ProxyLimit[] {
  const all = new Map(claims.services.flatMap((it) => it.claims.flatMap((claim) => Object.entries(claim.routing ?? {}))));
  const limitsOf = (name: string, to: string, depth: number): ProxyLimit[] => {
    const chain = all.get(`traefik.http.middlewares.${name}.chain.middlewares`)?.value.split(',') ?? [];
    const inChain = depth > 5 ? [] : chain.flatMap((one) => limitsOf(withoutProvider(one).toLowerCase(), to, depth + 1));
    const own = (['rateLimit', 'inFlightReq'] as const).flatMap((kind) => {
      const base = `traefik.http.middlewares.${name}.${kind.toLowerCase()}.`;
      const place = [...all].find(([label]) => label.startsWith(base))?.[1].place;
      const option = (wanted: string) => all.get(base + wanted.toLowerCase()) ?? [...all].find(([label]) => label.startsWith(`${base}${wanted.toLowerCase()}.`))?.[1];
      return place ? traefikLimit(kind, option, place, [to]) : [];
    });
    return [...inChain, ...own];
  };
  return claims.services.flatMap((it) =>
    it.claims
      .flatMap((claim) => Object.entries(claim.routing ?? {}))
      .flatMap(([label, said]) =>
        /\.routers\.[\w-]+\.middlewares$/.test(label) ? said.value.split(',').flatMap((name) => limitsOf(withoutProvider(name).toLowerCase(), it.name, 0)) : [],
      ),
  );
}

const KINDS = ['caddy', 'traefik', 'kong', 'envoy'] as const;
const kindOf = (it: Service): NonNullable<ProxyClaim['by']> =>
  KINDS.find((kind) => new RegExp(`\\b${kind}\\b`, 'i').test(`${it.image ?? ''} ${it.image ? '' : it.name}`)) ?? 'nginx';

/** The files that a gateway is configured by: those of its image's folder; else what is mounted from somewhere. */
export function configurationsOf(it: Service, claims: Pick<Claims, 'configuration'>): ProxyClaim[] {
  const folder = it.build && ownFolder(it.build);
  return [...claims.configuration.proxies].flatMap(([file, all]) => ((folder && folder !== '.' ? isInside(file, folder) : isMounted(file, all, it, claims)) ? all : []));
}

/** Of several files for a gateway of this kind, the one beside the file that deploys it, else any that is called like a gateway's. */
function isMounted(file: string, own: readonly ProxyClaim[], it: Service, claims: Pick<Claims, 'configuration'>): boolean {
  const kind = kindOf(it);
  const isOfKind = (all: readonly ProxyClaim[]): boolean => all.some((claim) => (claim.by ?? 'nginx') === kind);
  if (!isOfKind(own)) return false;
  const files = [...claims.configuration.proxies].filter(([, all]) => isOfKind(all)).map(([path]) => path);
  const beside = files.filter((path) => folderOf(path) === folderOf(it.place.file));
  return files.length === 1 || (beside.length === 1 ? file === beside[0] : /gateway|proxy|nginx|traefik|kong|envoy/i.test(file));
}
