import type { FileDetector, ProxyClaim, ProxyLimit, Said } from '../detector.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { hostOfUrl } from './proxy-values.ts';
import { readYaml, type YamlReading } from './yaml-places.ts';

const WINDOWS: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Kong's declarative configuration: services, upstreams and the plugins that limit. */
export default {
  id: 'kong',
  matches: (path) => /\.ya?ml$/i.test(path),
  recognises: (text) => /^_format_version:/m.test(text),
  detect(path, text) {
    const yaml = readYaml(path, text);
    const root = isObject(yaml.value) ? yaml.value : {};
    const upstreams = new Map(
      itemsOf(root, 'upstreams').map((it) => [String(it.name), itemsOf(it, 'targets').flatMap((one) => (isText(one.target) ? (hostOfUrl(one.target) ?? []) : []))] as const),
    );
    const targets: Said<string>[] = [];
    const limits: ProxyLimit[] = [];
    const settings: NonNullable<ProxyClaim['settings']>[number][] = [];
    itemsOf(root, 'services').forEach((service, index) => {
      const at = ['services', index];
      const named = isText(service.url) ? hostOfUrl(service.url) : isText(service.host) ? hostOfUrl(service.host) : undefined;
      const hosts = named ? (upstreams.get(named) ?? [named]) : [];
      targets.push(...hosts.map((value) => ({ value, place: yaml.placeAt([...at, isText(service.url) ? 'url' : 'host']) })));
      for (const [name, type, unit] of SETTINGS) {
        const value = service[name];
        if (typeof value === 'number') settings.push({ type, to: String(service.name ?? named ?? ''), said: { value, place: yaml.placeAt([...at, name]) }, unit });
      }
      const own = [
        ...pluginsAt(service, at, yaml, hosts),
        ...itemsOf(service, 'routes').flatMap((route, position) => pluginsAt(route, [...at, 'routes', position], yaml, hosts)),
        ...itemsOf(root, 'plugins').flatMap((it, position) => (nameIn(it.service) === service.name ? limitsOf(it, ['plugins', position], yaml, hosts) : [])),
      ];
      limits.push(...own);
    });
    itemsOf(root, 'plugins').forEach((it, index) => {
      if (['service', 'route', 'consumer'].every((scope) => it[scope] === undefined)) limits.push(...limitsOf(it, ['plugins', index], yaml, []));
    });
    return {
      claims:
        targets.length === 0 && limits.length === 0 ? [] : [{ kind: 'proxy', targets, by: 'kong', ...(limits.length > 0 && { limits }), ...(settings.length > 0 && { settings }) }],
      problems: yaml.problems,
    };
  },
} satisfies FileDetector;

/** Of a service: https://developer.konghq.com/gateway/entities/service/. */
const SETTINGS: readonly [name: string, type: 'timeout' | 'max_retries', unit: string][] = [
  ['connect_timeout', 'timeout', 'ms'],
  ['read_timeout', 'timeout', 'ms'],
  ['write_timeout', 'timeout', 'ms'],
  ['retries', 'max_retries', 'attempts'],
];

type Path = readonly (string | number)[];
const itemsOf = (of: Json, name: string): Json[] => (Array.isArray(of[name]) ? (of[name] as unknown[]).map((it) => (isObject(it) ? it : {})) : []);
const nameIn = (it: unknown): unknown => (isObject(it) ? it.name : it);

const pluginsAt = (of: Json, at: Path, yaml: YamlReading, to: readonly string[]): ProxyLimit[] =>
  itemsOf(of, 'plugins').flatMap((it, index) => limitsOf(it, [...at, 'plugins', index], yaml, to));

/** `rate-limiting` counts in fixed windows, by consumer unless it says otherwise, in each node unless it has a store for all. */
function limitsOf(plugin: Json, at: Path, yaml: YamlReading, to: readonly string[]): ProxyLimit[] {
  const config = isObject(plugin.config) ? plugin.config : {};
  if (plugin.enabled === false || !/^rate-limiting(-advanced)?$/.test(String(plugin.name))) return [];
  const base = {
    perClient: (config.limit_by ?? 'consumer') !== 'service',
    ...(to.length > 0 && { to }),
    ...(/^(redis|cluster)$/.test(String(config.policy ?? config.strategy)) && { shared: true as const }),
  };
  if (plugin.name === 'rate-limiting-advanced') {
    const [counts, windows] = [config.limit, config.window_size].map((it) => (Array.isArray(it) ? it : [it]));
    return (counts ?? []).flatMap((value, index): ProxyLimit[] => {
      const seconds = windows?.[index];
      if (typeof value !== 'number' || typeof seconds !== 'number') return [];
      const kind = config.window_type === 'fixed' ? 'fixedWindow' : 'slidingWindow';
      return [{ ...base, kind, limit: { value, place: yaml.placeAt([...at, 'config', 'limit', index]) }, windowMs: seconds * 1000 }];
    });
  }
  return Object.entries(WINDOWS).flatMap(([name, windowMs]): ProxyLimit[] => {
    const value = config[name];
    return typeof value === 'number' ? [{ ...base, kind: 'fixedWindow', limit: { value, place: yaml.placeAt([...at, 'config', name]) }, windowMs }] : [];
  });
}
