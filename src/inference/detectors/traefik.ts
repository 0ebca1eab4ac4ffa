import type { FileDetector, ProxyLimit, Said } from '../detector.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { hostOfUrl, traefikLimit, withoutProvider } from './proxy-values.ts';
import { readToml } from './toml.ts';
import { readYaml } from './yaml-places.ts';

/** Traefik's dynamic configuration from a file, YAML or TOML: routers, the servers behind them, and the middlewares that limit. */
export default {
  id: 'traefik',
  matches: (path) => /\.(ya?ml|toml)$/i.test(path),
  recognises: (text) =>
    /^\s*\[{1,2}\s*http\.(routers|services|middlewares)\b/m.test(text) ||
    (/^http:\s*$/m.test(text) && /^\s+(routers|services|middlewares):\s*$/m.test(text) && !/^(apiVersion|services):/m.test(text)),
  detect(path, text) {
    const { value, placeAt, problems } = /\.toml$/i.test(path) ? readToml(path, text) : readYaml(path, text);
    const http = isObject(value) && isObject(value.http) ? value.http : {};
    const part = (name: string): Json => (isObject(http[name]) ? (http[name] as Json) : {});
    const serversOf = (name: string): Said<string>[] => {
      const service = part('services')[name];
      const balancer = isObject(service) && isObject(service.loadBalancer) ? service.loadBalancer : {};
      return (Array.isArray(balancer.servers) ? balancer.servers : []).flatMap((it, index) => {
        const host = isObject(it) && isText(it.url) ? hostOfUrl(it.url) : undefined;
        return host ? [{ value: host, place: placeAt(['http', 'services', name, 'loadBalancer', 'servers', index, 'url']) }] : [];
      });
    };
    const routers = Object.values(part('routers')).filter(isObject);
    const targets = routers.flatMap((it) => (isText(it.service) ? serversOf(withoutProvider(it.service)) : []));
    const limits = routers.flatMap((router): ProxyLimit[] => {
      const to = isText(router.service) ? serversOf(withoutProvider(router.service)).map((it) => it.value) : [];
      return (Array.isArray(router.middlewares) ? router.middlewares : []).filter(isText).flatMap((name): ProxyLimit[] => {
        const middleware = part('middlewares')[withoutProvider(name)];
        const kind = isObject(middleware) ? (['rateLimit', 'inFlightReq'] as const).find((it) => isObject(middleware[it])) : undefined;
        if (!kind) return [];
        const options = (middleware as Json)[kind] as Json;
        const at = ['http', 'middlewares', withoutProvider(name), kind];
        return traefikLimit(kind, (option) => (options[option] === undefined ? undefined : { value: String(options[option]), place: placeAt([...at, option]) }), placeAt(at), to);
      });
    });
    return { claims: targets.length === 0 && limits.length === 0 ? [] : [{ kind: 'proxy', targets, by: 'traefik', ...(limits.length > 0 && { limits }) }], problems };
  },
} satisfies FileDetector;
