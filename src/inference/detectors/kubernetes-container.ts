import { keptCommand, keptVariable } from '../code/redact.ts';
import type { ContainerClaim, Said } from '../detector.ts';
import { coresIn, isObject, isText, type Json, UNKNOWN_TEXT } from './kubernetes-values.ts';
import type { YamlReading } from './yaml-places.ts';

/** A container of a pod: what it runs, with which variables and limits. */
export function containerOf(it: Json, at: readonly (string | number)[], yaml: YamlReading): ContainerClaim {
  const limits = isObject(it.resources) && isObject(it.resources.limits) ? it.resources.limits : {};
  const cores = coresIn(limits.cpu, [...at, 'resources', 'limits', 'cpu'], yaml);
  const requests = isObject(it.resources) && isObject(it.resources.requests) ? it.resources.requests : {};
  const requestedCores = coresIn(requests.cpu, [...at, 'resources', 'requests', 'cpu'], yaml) ?? cores;
  const command = keptCommand([wordsOf(it.command), wordsOf(it.args)].filter(Boolean).join(' '));
  const environment: Record<string, Said<string>> = {};
  const references: ContainerClaim['references'] = [];
  (Array.isArray(it.env) ? it.env : []).forEach((entry, index) => {
    if (!isObject(entry) || !isText(entry.name)) return;
    const place = yaml.placeAt([...at, 'env', index]);
    const from = isObject(entry.valueFrom) ? (entry.valueFrom.configMapKeyRef ?? entry.valueFrom.secretKeyRef) : undefined;
    if (isObject(from) && isText(from.name) && isText(from.key)) references.push({ variable: entry.name, from: from.name, key: from.key, place });
    const text = entry.value === undefined || entry.value === null || isObject(entry.value) ? '' : String(entry.value);
    const kept = text === '' || text.includes(UNKNOWN_TEXT) ? null : keptVariable(entry.name, text);
    if (kept) environment[entry.name] = { value: kept, place };
  });
  return {
    name: isText(it.name) ? it.name : '',
    image: isText(it.image) && !it.image.includes(UNKNOWN_TEXT) ? it.image : '',
    ...(command && { command }),
    environment,
    references,
    sources: (Array.isArray(it.envFrom) ? it.envFrom : []).flatMap((source) => {
      const ref = isObject(source) ? (source.configMapRef ?? source.secretRef) : undefined;
      return isObject(ref) && isText(ref.name) ? [ref.name] : [];
    }),
    hasPorts: Array.isArray(it.ports) && it.ports.length > 0,
    hasHealthcheck: isObject(it.livenessProbe) || isObject(it.readinessProbe),
    ...(cores && { cores }),
    ...(requestedCores && { requestedCores }),
    place: yaml.placeAt(at),
  };
}

const wordsOf = (it: unknown): string => (isText(it) ? it : Array.isArray(it) ? it.filter(isText).join(' ') : '');
