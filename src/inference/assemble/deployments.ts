import type { Deployment, Problem } from '../../model/topology.ts';
import { folderOf, nameOf } from '../detectors/paths.ts';
import { calledBy, withBuild, withSame } from './builds.ts';
import { composeServices, isForTests } from './compose.ts';
import type { Configuration } from './configuration.ts';
import { engineOf, withEngines } from './engines.ts';
import { type Cluster, clustersOf } from './kubernetes.ts';
import { stacksOf, withStacks } from './stacks.ts';
import { fromClaim, isForDevelopers, type Service } from './service.ts';
import { DEVELOPMENT, PRODUCTION } from './stages.ts';
import { rootOf } from './units.ts';

/**
 * The services of the deployment that is judged: the chosen one, else a cluster, else what a cloud's templates run, else compose files.
 */
export function servicesOf(configuration: Configuration, chosen: string | undefined): { services: Service[]; deployments: Deployment[]; problems: readonly Problem[] } {
  const first = servicesBeside(configuration, chosen);
  const inParts = chosen === undefined ? deskInParts(first, configuration) : undefined;
  const withoutStacks = inParts === undefined ? first : servicesBeside(configuration, inParts);
  const judged = withStacks(withoutStacks, stacksOf(configuration, chosen), chosen, configuration);
  return { ...judged, services: withEngines(judged.services) };
}

/** Where all that is deployed is an image of the whole product, of which nothing tells what it starts: the compose file for desks that runs its parts. */
function deskInParts(first: ReturnType<typeof servicesBeside>, configuration: Configuration): string | undefined {
  const partsIn = (services: readonly Service[]): number => new Set(services.flatMap((it) => (it.scope === 'runtime' ? (rootOf(it, configuration) ?? []) : []))).size;
  if (partsIn(first.services) > 0) return undefined;
  return first.deployments
    .filter((it) => it.source === 'compose' && !it.active && !isForTests(it.id))
    .map(({ id }) => {
      const own = servicesBeside(configuration, id).services.filter((it) => it.claims.some((claim) => claim.place.file === id && (claim.build || claim.image)));
      return { id, parts: partsIn(own) };
    })
    .filter(({ parts }) => parts > 1)
    .sort((a, b) => b.parts - a.parts || a.id.split('/').length - b.id.split('/').length)[0]?.id;
}

function servicesBeside(configuration: Configuration, chosen: string | undefined): { services: Service[]; deployments: Deployment[]; problems: readonly Problem[] } {
  const clusters = clustersOf(configuration);
  const inCompose = composeServices(configuration, chosen);
  const isChosen = inCompose.deployments.some((it) => it.id === chosen);
  const withBuilds = (all: readonly Service[]): Service[] => all.map((it) => withBuild(it, configuration));
  const atDesks = withBuilds(inCompose.services);
  const ours = clusters.filter((it) => atDesks.every((other) => !other.build) || runsCode(it, atDesks, configuration));
  const cluster = clusters.find((it) => it.id === chosen) ?? (isChosen ? undefined : foremost(ours));
  const described = clusters.map((it) => describeCluster(it, it === cluster));
  if (!cluster) return { services: atDesks, deployments: [...described, ...inCompose.deployments], problems: [] };
  return {
    services: withBuilds(inCluster(cluster, inCompose.deployments.some((it) => it.active && isForTests(it.id)) ? [] : inCompose.services)),
    deployments: [...described, ...inCompose.deployments.map((it): Deployment => ({ ...it, active: false, stage: it.stage === 'unmarked' ? 'development' : it.stage }))],
    problems: cluster.problems,
  };
}

/** A cluster that runs none of the code here (an example, a tool's own) says nothing about it. */
function runsCode(cluster: Cluster, beside: readonly Service[], configuration: Configuration): boolean {
  const folders = new Set([...configuration.packages].flatMap(([file, it]) => [nameOf(folderOf(file)), it.name.replace(/^@[^/]+\//, '')]));
  return cluster.claims.some((claim) => {
    if (withBuild(fromClaim(claim, 'runtime'), configuration).build) return true;
    const names = calledBy(fromClaim(claim, 'runtime'));
    return names.some((it) => folders.has(it)) || beside.some((it) => it.build && calledBy(it).some((name) => names.includes(name)));
  });
}

/** What is meant for users comes first, then what describes most. */
const foremost = (clusters: readonly Cluster[]): Cluster | undefined =>
  [...clusters].sort((a, b) => STAGES.indexOf(stageOfCluster(a)) - STAGES.indexOf(stageOfCluster(b)) || b.claims.length - a.claims.length || a.id.localeCompare(b.id))[0];

const STAGES: readonly Deployment['stage'][] = ['production', 'unmarked', 'development'];
const stageOfCluster = ({ id }: Cluster): Deployment['stage'] => (PRODUCTION.test(nameOf(id)) ? 'production' : DEVELOPMENT.test(id) ? 'development' : 'unmarked');

const describeCluster = (it: Cluster, active: boolean): Deployment => ({ id: it.id, name: it.id, source: 'kubernetes', stage: stageOfCluster(it), active, places: it.places });

/**
 * A cluster's workloads. Compose files beside it are for desks: they tell which folder an image is built from, what the code's variables look like,
 * and which stores there are that the cluster does not run itself.
 */
function inCluster(cluster: Cluster, beside: readonly Service[]): Service[] {
  const services = cluster.claims.map((claim) => withSame(fromClaim(claim, 'runtime'), beside));
  const names = new Set(services.flatMap((it) => [it.name, ...it.aliases]));
  const engines = new Set(services.flatMap((it) => engineOf(it.image)?.engine ?? []));
  for (const it of beside) {
    if (names.has(it.name) || it.build) continue;
    const engine = engineOf(it.image);
    const isStoreElsewhere = engine !== undefined && engine.kind !== 'gateway' && engine.kind !== 'observability' && !engines.has(engine.engine);
    if (isStoreElsewhere && it.scope === 'runtime') services.push(it);
  }
  return services.map((it) => ({ ...it, scope: isForDevelopers(it) ? 'dev' : it.scope }));
}
