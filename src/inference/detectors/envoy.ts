import type { FileDetector, ProxyLimit, Said } from '../detector.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { goDurationMs, hostOfUrl } from './proxy-values.ts';
import { readYaml, type YamlReading } from './yaml-places.ts';

/** Envoy's static configuration: the clusters that routes lead to, what it lets through a second, and how much at once. */
export default {
  id: 'envoy',
  matches: (path) => /\.ya?ml$/i.test(path),
  recognises: (text) => /^static_resources:/m.test(text),
  detect(path, text) {
    const yaml = readYaml(path, text);
    const root = isObject(yaml.value) && isObject(yaml.value.static_resources) ? yaml.value.static_resources : {};
    const routed = new Set(valuesOf(root.listeners, 'cluster'));
    const targets: Said<string>[] = [];
    const limits: ProxyLimit[] = [];
    (Array.isArray(root.clusters) ? root.clusters : []).forEach((cluster: unknown, index) => {
      if (!isObject(cluster) || !routed.has(String(cluster.name))) return;
      const at = ['static_resources', 'clusters', index];
      const hosts = [...new Set(valuesOf(cluster.load_assignment ?? cluster.hosts, 'address').flatMap((it) => hostOfUrl(it) ?? []))];
      targets.push(...hosts.map((value) => ({ value, place: yaml.placeAt([...at, 'load_assignment']) })));
      const breakers = isObject(cluster.circuit_breakers) && Array.isArray(cluster.circuit_breakers.thresholds) ? cluster.circuit_breakers.thresholds : [];
      breakers.forEach((it: unknown, position) => {
        for (const name of ['max_connections', 'max_requests'])
          if (isObject(it) && typeof it[name] === 'number')
            limits.push({
              kind: 'inFlight',
              most: { value: it[name] as number, place: yaml.placeAt([...at, 'circuit_breakers', 'thresholds', position, name]) },
              perClient: false,
              to: hosts,
            });
      });
    });
    bucketsIn(root.listeners, ['static_resources', 'listeners'], yaml, limits);
    return { claims: targets.length === 0 ? [] : [{ kind: 'proxy', targets, by: 'envoy', ...(limits.length > 0 && { limits }) }], problems: yaml.problems };
  },
} satisfies FileDetector;

/** Texts under a name, anywhere below. */
function valuesOf(it: unknown, name: string): string[] {
  if (Array.isArray(it)) return it.flatMap((one) => valuesOf(one, name));
  if (!isObject(it)) return [];
  return Object.entries(it).flatMap(([key, value]) => (key === name && isText(value) ? [value] : valuesOf(value, name)));
}

/** Local rate limits: buckets that are switched on and enforced, which both are not unless somebody says so. */
function bucketsIn(it: unknown, at: readonly (string | number)[], yaml: YamlReading, found: ProxyLimit[]): void {
  if (Array.isArray(it)) {
    it.forEach((one, index) => {
      bucketsIn(one, [...at, index], yaml, found);
    });
    return;
  }
  if (!isObject(it)) return;
  const bucket = isObject(it.token_bucket) ? it.token_bucket : undefined;
  const windowMs = bucket && isText(bucket.fill_interval) ? goDurationMs(bucket.fill_interval) : undefined;
  if (bucket && windowMs && typeof bucket.max_tokens === 'number' && isOn(it.filter_enabled) && isOn(it.filter_enforced)) {
    const limit = { value: typeof bucket.tokens_per_fill === 'number' ? bucket.tokens_per_fill : 1, place: yaml.placeAt([...at, 'token_bucket', 'tokens_per_fill']) };
    const burst = { value: bucket.max_tokens, place: yaml.placeAt([...at, 'token_bucket', 'max_tokens']) };
    found.push({ kind: 'tokenBucket', limit, windowMs, burst, perClient: false });
  }
  for (const [key, value] of Object.entries(it)) bucketsIn(value, [...at, key], yaml, found);
}

function isOn(it: unknown): boolean {
  const share = isObject(it) && isObject(it.default_value) ? (it.default_value as Json).numerator : undefined;
  return typeof share === 'number' && share > 0;
}
