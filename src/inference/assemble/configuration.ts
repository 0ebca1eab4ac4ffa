import type { Problem, Suppression } from '../../model/topology.ts';
import type {
  BuiltImageClaim,
  ChartClaim,
  ChartValuesClaim,
  CronClaim,
  FileClaim,
  FileFacts,
  GraphqlSchemaClaim,
  ImageClaim,
  InfrastructureClaim,
  KustomizationClaim,
  LockClaim,
  ManifestClaim,
  MentionClaim,
  PackageClaim,
  PathAliasClaim,
  PoolerClaim,
  ProcessClaim,
  ProxyClaim,
  Said,
  SchemaClaim,
  SchemaChangesClaim,
  ServiceClaim,
  StackClaim,
  StartClaim,
  TemplateClaim,
  TerraformClaim,
} from '../detector.ts';
import { folderOf, joinPath } from '../detectors/paths.ts';
import { resolved, withVariables } from './interpolation.ts';
import { withProjects, withWorkspaces } from './projects.ts';

/** All configuration of a workspace, by file. */
export interface Configuration {
  files: readonly string[];
  /** The same, for who asks whether one is there. */
  known: ReadonlySet<string>;
  compose: ReadonlyMap<string, readonly ServiceClaim[]>;
  fragments: ReadonlyMap<string, readonly ServiceClaim[]>;
  /** Compose files by the file that includes them. */
  includes: ReadonlyMap<string, readonly string[]>;
  images: ReadonlyMap<string, ImageClaim>;
  builtImages: ReadonlyMap<string, readonly BuiltImageClaim[]>;
  packages: ReadonlyMap<string, PackageClaim>;
  variables: ReadonlyMap<string, Readonly<Record<string, Said<string>>>>;
  processes: ReadonlyMap<string, readonly ProcessClaim[]>;
  proxies: ReadonlyMap<string, readonly ProxyClaim[]>;
  mentions: ReadonlyMap<string, readonly MentionClaim[]>;
  pathAliases: ReadonlyMap<string, PathAliasClaim>;
  starts: ReadonlyMap<string, readonly StartClaim[]>;
  crons: ReadonlyMap<string, readonly CronClaim[]>;
  locks: ReadonlyMap<string, LockClaim>;
  schemas: ReadonlyMap<string, SchemaClaim>;
  poolers: ReadonlyMap<string, PoolerClaim>;
  manifests: ReadonlyMap<string, readonly ManifestClaim[]>;
  kustomizations: ReadonlyMap<string, KustomizationClaim>;
  templates: ReadonlyMap<string, TemplateClaim>;
  charts: ReadonlyMap<string, ChartClaim>;
  chartValues: ReadonlyMap<string, ChartValuesClaim>;
  stacks: ReadonlyMap<string, StackClaim>;
  infrastructure: ReadonlyMap<string, InfrastructureClaim>;
  schemaChanges: ReadonlyMap<string, SchemaChangesClaim>;
  terraform: ReadonlyMap<string, TerraformClaim>;
  graphqlSchemas: ReadonlyMap<string, GraphqlSchemaClaim>;
  suppressions: readonly Suppression[];
  problems: readonly Problem[];
}

/** Sorts the claims of all files by what they are. */
export function configurationOf(files: readonly string[], facts: ReadonlyMap<string, FileFacts>): Configuration {
  const of = <K extends FileClaim['kind']>(kind: K): Map<string, Extract<FileClaim, { kind: K }>[]> => {
    const found = new Map<string, Extract<FileClaim, { kind: K }>[]>();
    for (const [file, { claims }] of facts) {
      const own = claims.filter((it): it is Extract<FileClaim, { kind: K }> => it.kind === kind);
      if (own.length > 0) found.set(file, own);
    }
    return found;
  };
  const known = new Set(files);
  const first = <T>(all: Map<string, T[]>): Map<string, T> => new Map([...all].map(([file, [it]]) => [file, it as T]));
  const variables = new Map([...first(of('variables'))].map(([file, it]) => [file, resolved(it.values)]));
  const inPlace = (file: string, services: readonly ServiceClaim[]): readonly ServiceClaim[] =>
    services.map((it) => withVariables(it, variables.get(joinPath(folderOf(file), '.env')) ?? {}));
  return {
    files,
    known,
    compose: new Map([...of('service')].map(([file, it]) => [file, inPlace(file, it)])),
    fragments: new Map([...first(of('fragment'))].map(([file, it]) => [file, inPlace(file, it.services)])),
    includes: new Map([...first(of('include'))].map(([file, it]) => [file, it.files])),
    images: first(of('image')),
    builtImages: of('builtImage'),
    packages: withProjects(withWorkspaces(first(of('package')), known), [...of('project').values()].flat(), files),
    variables,
    processes: of('process'),
    proxies: of('proxy'),
    mentions: of('mention'),
    pathAliases: first(of('pathAlias')),
    starts: of('start'),
    crons: of('cron'),
    locks: first(of('lock')),
    schemas: first(of('schema')),
    poolers: first(of('pooler')),
    manifests: of('manifest'),
    kustomizations: first(of('kustomization')),
    templates: first(of('template')),
    charts: first(of('chart')),
    chartValues: first(of('chartValues')),
    stacks: first(of('stack')),
    infrastructure: first(of('infrastructure')),
    schemaChanges: first(of('schemaChanges')),
    terraform: first(of('terraform')),
    graphqlSchemas: first(of('graphqlSchema')),
    suppressions: [...facts.values()].flatMap((it) => it.suppressions),
    problems: [...facts.values()].flatMap((it) => it.problems),
  };
}
