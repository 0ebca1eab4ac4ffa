import type { FileDetector, ManifestClaim, Said } from '../detector.ts';
import compose from './compose.ts';
import { containerOf } from './kubernetes-container.ts';
import { isObject, isText, type Json, keptEntries, numberIn, textsOf } from './kubernetes-values.ts';
import { nameOf } from './paths.ts';
import { readYamlDocuments, type YamlReading } from './yaml-places.ts';

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'CronJob', 'Job', 'Pod', 'Rollout', 'DeploymentConfig']);

/** Kubernetes manifests: workloads, Services, Ingresses, ConfigMaps, Secrets (reduced), autoscalers, kustomizations. Templates of a Helm chart wait for their values. */
export default {
  id: 'kubernetes',
  matches: (path) =>
    /(^|\/)templates\/.*\.tpl$/.test(path) ||
    (/\.ya?ml$/i.test(path) && !/(^|\/)(\.github|\.gitlab|\.circleci|\.storybook|locales?|i18n|node_modules)\//i.test(path) && !/pnpm-lock|^\.[\w-]+\.ya?ml$/.test(nameOf(path))),
  detect(path, text) {
    if ((text.includes('{{') && /(^|\/)templates\//.test(path)) || path.endsWith('.tpl')) return { claims: /^\s*kind:\s*Secret\b/m.test(text) ? [] : [{ kind: 'template', text }] };
    if (/^kustomization\.ya?ml$/i.test(nameOf(path))) return kustomization(path, text);
    if (/^services:\s*(#.*)?$/m.test(text)) return { claims: [{ kind: 'fragment', services: servicesOfCompose(path, text) }] };
    if (!/^\s*["']?(apiVersion|kind)["']?\s*:/m.test(text)) return { claims: [] };
    return manifestsIn(path, text);
  },
} satisfies FileDetector;

const servicesOfCompose = (path: string, text: string) => compose.detect(path, text).claims.flatMap((it) => (it.kind === 'service' ? [it] : []));

/** The manifests of one YAML text; `lineOf` leads back to the lines of the file where the text was made from a template. Broken documents are problems at their lines; what is no manifest is passed over. */
export function manifestsIn(path: string, text: string, lineOf: (line: number) => number = (line) => line): { claims: ManifestClaim[]; problems: YamlReading['problems'] } {
  const documents = readYamlDocuments(path, text, lineOf);
  const roots = documents.flatMap((yaml): { at: (string | number)[]; it: Json; yaml: YamlReading }[] => {
    if (!isObject(yaml.value)) return [];
    const items = yaml.value.kind === 'List' && Array.isArray(yaml.value.items) ? yaml.value.items : undefined;
    return items ? items.flatMap((it, index) => (isObject(it) ? [{ at: ['items', index], it, yaml }] : [])) : [{ at: [], it: yaml.value, yaml }];
  });
  const claims = roots.flatMap(({ at, it, yaml }) => (isText(it.apiVersion) && isText(it.kind) ? manifestOf(it, at, yaml) : []));
  // Other YAML that happens to be broken is nobody's business here.
  return { claims, problems: claims.length > 0 || /^apiVersion:/m.test(text) ? documents.flatMap((it) => it.problems).slice(0, 1) : [] };
}

function manifestOf(it: Json, at: readonly (string | number)[], yaml: YamlReading): ManifestClaim[] {
  const metadata = isObject(it.metadata) ? it.metadata : {};
  const spec = isObject(it.spec) ? it.spec : {};
  const kind = it.kind as string;
  const name = isText(metadata.name) ? metadata.name : '';
  const base = { kind: 'manifest', name, labels: textsOf(metadata.labels), place: yaml.placeAt([...at, 'kind']) } as const;
  if (name === '') return [];
  if (WORKLOADS.has(kind)) {
    const [template, path] = podOf(kind, it, spec, at);
    const pod = isObject(template.spec) ? template.spec : {};
    if (runsOnce(kind, metadata, pod)) return [];
    const replicas = numberIn(spec.replicas, [...at, 'spec', 'replicas'], yaml);
    const labels = isObject(template.metadata) ? textsOf(template.metadata.labels) : base.labels;
    const containers = (Array.isArray(pod.containers) ? pod.containers : []).flatMap((box, index) =>
      isObject(box) ? [containerOf(box, [...path, 'spec', 'containers', index], yaml)] : [],
    );
    return [{ ...base, of: 'workload', type: kind, podLabels: labels, containers, ...(replicas && { replicas }) }];
  }
  switch (kind) {
    case 'Service': {
      const external = isText(spec.externalName) ? spec.externalName : undefined;
      const selector = textsOf(spec.selector);
      return [{ ...base, of: 'service', selector, isPublished: spec.type === 'LoadBalancer' || spec.type === 'NodePort', ...(external && { external }) }];
    }
    case 'Ingress':
    case 'Route':
    case 'HTTPRoute':
    case 'IngressRoute':
    case 'VirtualService':
      return [{ ...base, of: 'entry', backends: backendsIn(spec) }];
    case 'ConfigMap':
      return [{ ...base, of: 'variables', values: keptEntries(it.data, [...at, 'data'], yaml) }];
    case 'Secret':
      // What identifies a server (a host, a port) is kept as it is from a .env file; everything else is dropped unread.
      return [
        {
          ...base,
          of: 'variables',
          values: { ...keptEntries(decoded(it.data), [...at, 'data'], yaml), ...keptEntries(it.stringData, [...at, 'stringData'], yaml) },
        },
      ];
    case 'HorizontalPodAutoscaler':
    case 'ScaledObject': {
      const target = isObject(spec.scaleTargetRef) && isText(spec.scaleTargetRef.name) ? spec.scaleTargetRef.name : undefined;
      const least = numberIn(spec.minReplicas ?? spec.minReplicaCount, [...at, 'spec', spec.minReplicas === undefined ? 'minReplicaCount' : 'minReplicas'], yaml);
      const most = numberIn(spec.maxReplicas ?? spec.maxReplicaCount, [...at, 'spec', spec.maxReplicas === undefined ? 'maxReplicaCount' : 'maxReplicas'], yaml);
      const cpuPercent = cpuTargetIn(spec, [...at, 'spec'], yaml);
      return target && most ? [{ ...base, of: 'scaler', target, most, ...(least && { least }), ...(cpuPercent && { cpuPercent }) }] : [];
    }
    default:
      return [];
  }
}

/** A hook of a release (`helm test` among them) and a pod that nobody starts again end before load comes. */
function runsOnce(kind: string, metadata: Json, pod: Json): boolean {
  if (kind !== 'Pod' && kind !== 'Job') return false;
  return textsOf(metadata.annotations)['helm.sh/hook'] !== undefined || (kind === 'Pod' && (pod.restartPolicy === 'Never' || pod.restartPolicy === 'OnFailure'));
}

/** The share of the requested CPU that an autoscaler aims at, percent: its version 2 lists metrics, version 1 has one field. */
function cpuTargetIn(spec: Json, at: readonly (string | number)[], yaml: YamlReading): Said<number> | undefined {
  const metrics = Array.isArray(spec.metrics) ? spec.metrics : [];
  for (const [index, metric] of metrics.entries()) {
    const resource = isObject(metric) && isObject(metric.resource) ? metric.resource : {};
    if (resource.name === 'cpu' && isObject(resource.target))
      return numberIn(resource.target.averageUtilization, [...at, 'metrics', index, 'resource', 'target', 'averageUtilization'], yaml);
  }
  return numberIn(spec.targetCPUUtilizationPercentage, [...at, 'targetCPUUtilizationPercentage'], yaml);
}

/** The pod template and the way to it. */
function podOf(kind: string, it: Json, spec: Json, at: readonly (string | number)[]): [Json, (string | number)[]] {
  if (kind === 'Pod') return [it, [...at]];
  const job = kind === 'CronJob' && isObject(spec.jobTemplate) && isObject(spec.jobTemplate.spec) ? spec.jobTemplate.spec : spec;
  const way = kind === 'CronJob' ? [...at, 'spec', 'jobTemplate', 'spec', 'template'] : [...at, 'spec', 'template'];
  return [isObject(job.template) ? job.template : {}, way];
}

/** Names of Services that an entry passes requests to, whatever the dialect: `serviceName`, `service.name`, `backendRefs[].name`, `destination.host`, `to.name`. */
function backendsIn(value: unknown, inService = false): string[] {
  if (Array.isArray(value)) return value.flatMap((it) => backendsIn(it, inService));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, it]): string[] => {
    if (isText(it) && (key === 'serviceName' || key === 'host' ? key === 'serviceName' || inService : key === 'name' && inService)) return [it.split('.')[0] as string];
    return backendsIn(it, /^(service|services|backendRefs|destination|to)$/.test(key));
  });
}

function decoded(data: unknown): Json {
  if (!isObject(data)) return {};
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, it]) => {
      const text = isText(it) && /^[A-Za-z0-9+/\s]+={0,2}$/.test(it) ? Buffer.from(it, 'base64').toString('utf8').trim() : '';
      return text !== '' && /^[\x20-\x7e]*$/.test(text) ? [[name, text]] : [];
    }),
  );
}

function kustomization(path: string, text: string): ReturnType<FileDetector['detect']> {
  const [yaml] = readYamlDocuments(path, text);
  if (!yaml || !isObject(yaml.value)) return { claims: [], problems: yaml?.problems ?? [] };
  const { value } = yaml;
  const lists = (name: string): string[] =>
    Array.isArray(value[name]) ? (value[name] as unknown[]).flatMap((it) => (isText(it) ? [it] : isObject(it) && isText(it.path) ? [it.path] : [])) : [];
  const replicas = (Array.isArray(value.replicas) ? value.replicas : []).flatMap((it, index) => {
    const count = isObject(it) && isText(it.name) ? numberIn(it.count, ['replicas', index, 'count'], yaml) : undefined;
    return count ? [{ name: (it as Json).name as string, count }] : [];
  });
  const variables = (Array.isArray(value.configMapGenerator) ? value.configMapGenerator : []).flatMap((it, index) => {
    if (!isObject(it) || !isText(it.name)) return [];
    const literals = (Array.isArray(it.literals) ? it.literals : []).filter(isText).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
    return [
      {
        kind: 'manifest' as const,
        of: 'variables' as const,
        name: it.name,
        labels: {},
        values: keptEntries(Object.fromEntries(literals), ['configMapGenerator', index, 'literals'], yaml),
        place: yaml.placeAt(['configMapGenerator', index]),
      },
    ];
  });
  return {
    claims: [
      {
        kind: 'kustomization',
        resources: [...lists('resources'), ...lists('bases'), ...lists('components')],
        patches: [...lists('patchesStrategicMerge'), ...lists('patches')],
        replicas,
        place: yaml.placeAt(['resources']),
      },
      ...variables,
    ],
    problems: yaml.problems,
  };
}
