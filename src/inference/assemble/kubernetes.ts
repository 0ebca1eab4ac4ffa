import type { Place } from '../../model/known.ts';
import type { Problem } from '../../model/topology.ts';
import type { ContainerClaim, ManifestClaim, Said, ServiceClaim } from '../detector.ts';
import { folderOf, isInside, joinPath, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import { chartsOf, playChart } from './helm/charts.ts';

/** The workloads of one cluster: a Helm chart, a kustomization that no other includes, or a folder of manifests. */
export interface Cluster {
  /** The folder. */
  id: string;
  claims: readonly ServiceClaim[];
  places: readonly Place[];
  problems: readonly Problem[];
}

type Manifest<Of extends ManifestClaim['of']> = Extract<ManifestClaim, { of: Of }>;
const only = <Of extends ManifestClaim['of']>(all: readonly ManifestClaim[], of: Of): Manifest<Of>[] => all.filter((it): it is Manifest<Of> => it.of === of);

/** Every cluster that the workspace describes, those with workloads only. */
export function clustersOf(configuration: Configuration): Cluster[] {
  const taken = new Set<string>();
  const found: Cluster[] = [];
  const add = (id: string, manifests: readonly ManifestClaim[], files: readonly string[], problems: readonly Problem[] = []): void => {
    const claims = servicesIn(manifests);
    if (claims.length > 0) found.push({ id, claims, places: files.slice(0, 8).map((file) => ({ file, line: 1 })), problems });
  };
  for (const [file, chart] of chartsOf(configuration)) {
    const { manifests, problems, files } = playChart(file, chart, configuration);
    for (const it of files) taken.add(it);
    add(folderOf(file), manifests, [file], problems);
  }
  const included = new Set([...configuration.kustomizations].flatMap(([file, it]) => it.resources.map((resource) => joinPath(folderOf(file), resource))));
  for (const file of configuration.kustomizations.keys()) {
    const { manifests, files } = kustomized(file, configuration, new Set());
    for (const it of files) taken.add(it);
    if (!included.has(folderOf(file)) && !included.has(file)) add(folderOf(file), manifests, [file]);
  }
  const folders = new Map<string, string[]>();
  for (const file of configuration.manifests.keys()) {
    if (taken.has(file)) continue;
    const folder = clusterFolder(file);
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const stages = [...folders.keys()].filter((it) => STAGE_FOLDER.test(nameOf(it)));
  for (const [folder, files] of folders) {
    // What lies above the folders of stages is applied with each of them.
    const within = stages.filter((it) => it !== folder && isInside(it, folder));
    if (within.length > 0 && within.some((it) => runsMore(folders.get(it) ?? [], files, configuration))) continue;
    const above = stages.includes(folder) ? [...folders].filter(([it]) => it !== folder && isInside(folder, it)).flatMap(([, it]) => it) : [];
    const all = [...above, ...files];
    const manifests = all.flatMap((it) => configuration.manifests.get(it) ?? []);
    add(
      folder,
      manifests.filter((it, index) => !manifests.some((other, at) => at > index && other.of === it.of && other.name === it.name)),
      [...files, ...above],
    );
  }
  return found;
}

const CLUSTER_FOLDER = /^(k8s|kube|kubernetes|kubernetes?[-_]\w+|k8s[-_]\w+|manifests?|deploy|deployments?|deployment|infra|infrastructure|ops|gitops)$/i;
const STAGE_FOLDER = /^(prod|production|live|stage|staging|dev|development|test|local|sandbox)$/i;

/** Manifests of one cluster often lie in several folders: `k8s/services`, `k8s/workloads`; `k8s/prod` and `k8s/dev` are two. */
function clusterFolder(file: string): string {
  const parts = folderOf(file).split('/');
  const at = parts.findIndex((it) => CLUSTER_FOLDER.test(it));
  if (at < 0) return folderOf(file);
  const stage = parts.findIndex((it, index) => index > at && STAGE_FOLDER.test(it));
  return parts.slice(0, (stage < 0 ? at : stage) + 1).join('/');
}

/** Whether a stage's own files run what those above it do not. */
function runsMore(stage: readonly string[], above: readonly string[], configuration: Configuration): boolean {
  const workloads = (files: readonly string[]): string[] =>
    only(
      files.flatMap((it) => configuration.manifests.get(it) ?? []),
      'workload',
    ).map((it) => it.name);
  const there = new Set(workloads(above));
  return workloads(stage).some((it) => !there.has(it));
}

/** Resources of a kustomization, with its patches laid over them. */
function kustomized(file: string, configuration: Configuration, seen: Set<string>): { manifests: ManifestClaim[]; files: string[] } {
  const own = configuration.kustomizations.get(file);
  if (!own || seen.has(file)) return { manifests: [], files: [] };
  seen.add(file);
  const folder = folderOf(file);
  const files: string[] = [file];
  const manifests: ManifestClaim[] = [...(configuration.manifests.get(file) ?? [])];
  for (const resource of own.resources) {
    const path = joinPath(folder, resource);
    const inner = ['kustomization.yaml', 'kustomization.yml'].map((it) => joinPath(path, it)).find((it) => configuration.kustomizations.has(it));
    if (inner) {
      const below = kustomized(inner, configuration, seen);
      manifests.push(...below.manifests);
      files.push(...below.files);
    } else if (configuration.manifests.has(path)) {
      manifests.push(...(configuration.manifests.get(path) ?? []));
      files.push(path);
    }
  }
  const patches = own.patches.map((it) => joinPath(folder, it));
  files.push(...patches.filter((it) => configuration.manifests.has(it)));
  const laid = patches.flatMap((it) => configuration.manifests.get(it) ?? []).reduce(patched, manifests);
  return {
    manifests: laid.map((it) => {
      const count = it.of === 'workload' ? own.replicas.find((row) => row.name === it.name)?.count : undefined;
      return count ? { ...it, replicas: count } : it;
    }),
    files,
  };
}

/** A strategic merge as far as topology goes: replicas, and per container what the patch names. */
function patched(manifests: ManifestClaim[], patch: ManifestClaim): ManifestClaim[] {
  return manifests.map((it): ManifestClaim => {
    if (it.of !== patch.of || it.name !== patch.name) return it;
    if (it.of === 'variables' && patch.of === 'variables') return { ...it, values: { ...it.values, ...patch.values } };
    if (it.of === 'scaler' && patch.of === 'scaler') return { ...it, ...patch };
    if (it.of !== 'workload' || patch.of !== 'workload') return it;
    const containers = it.containers.map((box): ContainerClaim => {
      const over = patch.containers.find((other) => other.name === box.name);
      if (!over) return box;
      return {
        ...box,
        ...(over.image && { image: over.image }),
        ...(over.command && { command: over.command }),
        ...(over.cores && { cores: over.cores }),
        environment: { ...box.environment, ...over.environment },
        references: [...box.references, ...over.references],
        sources: [...box.sources, ...over.sources],
      };
    });
    return { ...it, ...(patch.replicas && { replicas: patch.replicas }), containers };
  });
}

/** Kubernetes keeps at least one replica, and scales only where it knows both what is requested and which share of it to aim at. */
function scalingOf({ least, cpuPercent, place }: Extract<ManifestClaim, { of: 'scaler' }>, { requestedCores }: ContainerClaim): Pick<ServiceClaim, 'autoscaling'> {
  if (!cpuPercent || !requestedCores) return {};
  return { autoscaling: { least: least ?? { value: 1, place }, targetCores: { value: (cpuPercent.value / 100) * requestedCores.value, place: cpuPercent.place } } };
}

/** Workloads as services: a container each, known by the workload's name; Services that select it are aliases. */
function servicesIn(manifests: readonly ManifestClaim[]): ServiceClaim[] {
  const services = only(manifests, 'service');
  const published = new Set([...services.filter((it) => it.isPublished).map((it) => it.name), ...only(manifests, 'entry').flatMap((it) => it.backends)]);
  const variables = new Map(only(manifests, 'variables').map((it) => [it.name, it.values]));
  const scalers = new Map(only(manifests, 'scaler').map((it) => [it.target, it]));
  return only(manifests, 'workload')
    .filter((it) => it.type !== 'Job')
    .flatMap((workload) => {
      const selecting = services.filter((it) => selects(it.selector, workload.podLabels)).map((it) => it.name);
      // Under load an autoscaler goes to its limit, and what breaks is asked there.
      const scaler = scalers.get(workload.name);
      const replicas = scaler?.most ?? workload.replicas;
      // What stands beside the one that is asked only helps it.
      const main = workload.containers.find((it) => it.hasPorts) ?? workload.containers.find((it) => it.hasHealthcheck) ?? workload.containers[0];
      return workload.containers.map((box): ServiceClaim => {
        const isMain = box === main;
        return {
          kind: 'service',
          name: isMain ? workload.name : `${workload.name}-${box.name}`,
          ...(box.image && { image: box.image }),
          ...(box.command && { command: box.command }),
          environment: environmentOf(box, variables),
          envFiles: [],
          dependsOn: [],
          aliases: isMain ? [...new Set(selecting)].filter((it) => it !== workload.name) : [],
          hasPorts: isMain && selecting.some((it) => published.has(it)),
          ...(replicas && { replicas }),
          ...(isMain && scaler && scalingOf(scaler, box)),
          ...(box.cores && { cores: box.cores }),
          mountsSource: false,
          hasHealthcheck: box.hasHealthcheck,
          isRouted: false,
          place: workload.place,
        };
      });
    });
}

const selects = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean => {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
};

/** ConfigMaps and Secrets first, single variables over them; `$(NAME)` means another variable of the container. */
function environmentOf(box: ContainerClaim, variables: ReadonlyMap<string, Readonly<Record<string, Said<string>>>>): Record<string, Said<string>> {
  const all: Record<string, Said<string>> = Object.assign({}, ...box.sources.map((it) => variables.get(it) ?? {}));
  for (const it of box.references) {
    const said = variables.get(it.from)?.[it.key];
    if (said) all[it.variable] = said;
  }
  Object.assign(all, box.environment);
  return Object.fromEntries(
    Object.entries(all).map(([name, it]) => [name, { ...it, value: it.value.replace(/\$\((\w+)\)/g, (whole, other: string) => all[other]?.value ?? whole) }]),
  );
}
