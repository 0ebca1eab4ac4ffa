import type { Place } from '../model/known.ts';
import type { Caught, Column, ComputingCall, FailedMessages, Keeping, Problem, RateLimiter, Rows, Statement, Suppression, Upkeep } from '../model/topology.ts';
import type { Caller } from './code/answer-use.ts';
import type { Decorated, Parameter } from './code/decorators.ts';
import type { Rounds } from './code/rounds.ts';
import type { ClassValue, ObjectValue, Resource, Value } from './code/values.ts';
import type { HclBlock } from './detectors/hcl.ts';

/** A value as a file says it, with the place that says it. */
export interface Said<T> {
  value: T;
  place: Place;
}

/** A number that is written but can't be read here: nobody may take the default for it. */
export interface Unread {
  why: string;
}

/** A pause between attempts as code says it. */
export interface ToldPause {
  kind: 'fixed' | 'exponential';
  delayMs: Told;
}

/** Options of an opossum breaker as code says them, under its own names; `timeout: null`: it waits for ever. */
export interface ToldBreaker {
  timeout?: Told | null;
  errorThresholdPercentage?: Told;
  volumeThreshold?: Told;
  rollingCountTimeout?: Told;
  resetTimeout?: Told;
  hasFallback: boolean;
  place: Place;
}

/** What code says about a number: absent (undefined) means that the library's default holds. */
export type Told = Said<number> | Unread;

/** One service of a compose file. Environment values are already reduced to hosts, ports, numbers and plain words. */
export interface ServiceClaim {
  kind: 'service';
  name: string;
  image?: string;
  /** Folder of the build context and the Dockerfile in it, relative to the root. */
  build?: { context: string; dockerfile: string; target?: string; args?: Readonly<Record<string, string>> };
  command?: string;
  environment: Readonly<Record<string, Said<string>>>;
  envFiles: readonly string[];
  dependsOn: readonly string[];
  aliases: readonly string[];
  hasPorts: boolean;
  /** Ports on the host that lead to it. */
  hostPorts?: readonly number[];
  replicas?: Said<number>;
  /** A container name of its own: there can't be a second one. */
  fixedName?: Place;
  /** An autoscaler keeps replicas between `least` and `replicas`, at so many cores in use each. */
  autoscaling?: { least: Said<number>; targetCores: Said<number> };
  cores?: Said<number>;
  mountsSource: boolean;
  hasHealthcheck: boolean;
  /** Another service whose settings this one begins with, of this file or another. */
  extends?: { service: string; file?: string };
  /** Started only where somebody names one of them. */
  profiles?: readonly string[];
  /** Routed by labels that a proxy reads (Traefik). */
  isRouted: boolean;
  /** Its labels for Traefik that limit, by their lower-cased names. */
  routing?: Readonly<Record<string, Said<string>>>;
  workingDirectory?: string;
  /** A store that a cloud runs. */
  managed?: ManagedStore;
  /** Code that a platform starts for each call. */
  onDemand?: FunctionClaim;
  place: Place;
}

/** What a cloud's description says of a store that it runs. */
export interface ManagedStore {
  engine: string;
  version?: string;
  /** Size that the provider sells it in: `db.t3.micro`. */
  instanceClass?: Said<string>;
  maxConnections?: Told;
  /** Copies that only answer reads, and nodes of a cluster. */
  nodes?: Said<number>;
  /** The store that it copies, by the name that others call it by. */
  replicaOf?: string;
  /** Brokers that it hands on to what comes to it. */
  feeds?: readonly Said<string>[];
  place: Place;
}

/** What calls a function. Channels are named as the code sees them: the last part of a queue's URL or a topic's ARN. */
export type FunctionEvent = { place: Place } & (
  | { kind: 'http'; method: string; path: string }
  | { kind: 'message'; engine: string; channel: string; channelKind: 'queue' | 'topic'; concurrency?: Told; batchSize?: Told; failed?: FailedMessages }
  | { kind: 'schedule'; everyMs?: Said<number> }
);

/** A serverless function: its code, what it may use, and what calls it. */
export interface FunctionClaim {
  platform: 'serverless' | 'lambda' | 'sst';
  /** What it is deployed with. */
  unit?: string;
  /** File and export, relative to the root: `src/users.create`; absent where its code does not lie here. */
  handler?: string;
  /** Folder of a whole application that runs in it. */
  app?: string;
  runtime?: string;
  events: readonly FunctionEvent[];
  /** Instances that it may have at once. */
  limit?: Told;
  memoryMb?: Told;
  timeoutMs?: Told;
  /** Requests a second that its gateway lets through to each route. */
  requestLimit?: RequestLimit;
}

export interface RequestLimit {
  perSecond: Said<number>;
  burst?: Said<number>;
  perClient: boolean;
}

/** An image and the folder it is built from, as a tool that builds says. */
export interface BuiltImageClaim {
  kind: 'builtImage';
  /** With its registry, without a tag; `*` where only the run knows (the owner). */
  image: string;
  context: string;
  dockerfile: string;
  /** The stage that is built, where it is not the last one. */
  target?: string;
  place: Place;
}

/** A program that describes what is deployed (AWS CDK, SST): what starts it, from the folder of its configuration. */
export interface InfrastructureClaim {
  kind: 'infrastructure';
  by: 'cdk' | 'sst';
  /** Absent: the file is the program itself. */
  command?: string;
  place: Place;
}

/** What a template or a program for a cloud describes: functions, containers and stores. */
export interface StackClaim {
  kind: 'stack';
  by: 'serverless' | 'cloudformation' | 'cdk' | 'sst';
  /** What is deployed as one: functions of one file. */
  unit?: string;
  services: readonly ServiceClaim[];
  /** Names of the resources by their logical ones, for files that refer to them. */
  names?: Readonly<Record<string, string>>;
  /** What becomes of messages that fail, by the logical names of queues. */
  fates?: Readonly<Record<string, FailedMessages>>;
  /** Files that bring functions of this one. */
  includes?: readonly string[];
  /** What all its functions share. */
  defaults?: Pick<FunctionClaim, 'runtime' | 'memoryMb' | 'timeoutMs' | 'requestLimit'> & { environment: Readonly<Record<string, Said<string>>> };
  /** What AWS CDK made of its program. */
  isSynthesized?: true;
  /** A part of another file: says nothing where nobody includes it. */
  isFragment?: true;
  place: Place;
}

export interface ImageClaim {
  kind: 'image';
  /** Bases of all stages, the last one runs. */
  bases: readonly string[];
  /** Named stages: what each starts, and the folders whose package.json it copies. */
  stages: Readonly<Record<string, { command?: string; packageFolders: readonly string[]; worksIn: readonly string[] }>>;
  packageFolders: readonly string[];
  /** Folders inside the image where this stage, and those that it copies from, work. */
  worksIn: readonly string[];
  command?: string;
  /** Values of its arguments, where who builds it gives none. */
  args?: Readonly<Record<string, string>>;
  /** Where the last stage says what it starts. */
  commandPlace?: Place;
  exposes: boolean;
  /** Folder in the image in which it starts. */
  workingDirectory?: string;
  environment: Readonly<Record<string, Said<string>>>;
  place: Place;
}

export interface PackageClaim {
  kind: 'package';
  name: string;
  main?: string;
  /** Files by the paths under which others import them: `.`, `./errors`, `./*`. */
  exports?: Readonly<Record<string, string>>;
  scripts: Readonly<Record<string, string>>;
  /** Files that its commands start, by what the commands are called. */
  bin: Readonly<Record<string, string>>;
  /** Folder of the commands of an oclif program, a file for each. */
  commands?: string;
  /** Version range or locked version by package name; `dev` dependencies stand apart. */
  dependencies: Readonly<Record<string, string>>;
  devDependencies: Readonly<Record<string, string>>;
  isWorkspaceRoot: boolean;
  place: Place;
}

/** An application of a workspace, as Nx's or Nest's configuration names it; `root` and `entry` are seen from the workspace. */
export interface ProjectClaim {
  kind: 'project';
  name: string;
  root: string;
  entry?: string;
  /** Everything is installed at the root, whatever a package.json of its own lists. */
  sharesDependencies?: true;
  place: Place;
}

export interface VariablesClaim {
  kind: 'variables';
  values: Readonly<Record<string, Said<string>>>;
}

export interface ProcessClaim {
  kind: 'process';
  name: string;
  script: string;
  /** `max` = one per core. */
  instances: Said<number | 'max'>;
}

export interface ProxyClaim {
  kind: 'proxy';
  /** Hosts that requests are passed to; variables stay as `${NAME}`. */
  targets: readonly Said<string>[];
  /** Whose configuration it is; absent: one that says so by its name, or nginx's. */
  by?: 'nginx' | 'caddy' | 'traefik' | 'kong' | 'envoy';
  limits?: readonly ProxyLimit[];
  /** How long it waits for those behind it, and how often it asks again. */
  settings?: readonly { type: 'timeout' | 'max_retries'; to?: string; said: Said<number>; unit: string }[];
}

/** A limit of a gateway: requests per window, or how many may be under way at once. `to`: only for requests to these hosts. */
export type ProxyLimit = { perClient: boolean; to?: readonly string[] } & (
  | { kind: 'inFlight'; most: Said<number> }
  | { kind: RateLimiter['algorithm']; limit: Said<number>; windowMs: number; burst?: Said<number>; noDelay?: boolean; shared?: true }
);

/** A host named in code of another language than ours. */
export interface MentionClaim {
  kind: 'mention';
  host: string;
  /** The file takes messages: a mentioned broker is consumed from. */
  consumes: boolean;
  place: Place;
}

/** What a front end asks a server for: an address or path with `*` for what varies, or a variable that holds one. */
export interface AskClaim {
  kind: 'ask';
  url?: string;
  variable?: string;
  /** Over a connection that stays open. */
  socket?: true;
  place: Place;
}

/** A connection pooler's own settings. */
export interface PoolerClaim {
  kind: 'pooler';
  hosts: readonly Said<string>[];
  poolSize: Said<number> | undefined;
  maxClients: Said<number> | undefined;
  mode: string | undefined;
}

export interface PathAliasClaim {
  kind: 'pathAlias';
  baseUrl: string;
  paths: Readonly<Record<string, readonly string[]>>;
  outDir?: string;
  rootDir?: string;
}

/** A process type and the command that starts it. */
export interface StartClaim {
  kind: 'start';
  name: string;
  command: string;
  place: Place;
}

/** A route that a platform's clock asks by GET. */
export interface CronClaim {
  kind: 'cron';
  /** As it is asked, with its query. */
  path: string;
  everyMs?: Said<number>;
  place: Place;
}

/** What an ORM's schema file says of its server and of the client that is generated from it. */
export interface SchemaClaim {
  kind: 'schema';
  engine?: Said<string> | undefined;
  /** Variable that holds the URL. */
  variable?: Said<string> | undefined;
  url?: Said<string> | undefined;
  /** Folder of the generated client, relative to the schema. */
  output?: string | undefined;
  place: Place;
}

/** Installed versions by package name. */
export interface LockClaim {
  kind: 'lock';
  versions: Readonly<Record<string, string>>;
}

/** A container of a pod. */
export interface ContainerClaim {
  name: string;
  image: string;
  command?: string;
  environment: Readonly<Record<string, Said<string>>>;
  /** Variables taken from a key of a ConfigMap or Secret. */
  references: { variable: string; from: string; key: string; place: Place }[];
  /** ConfigMaps and Secrets whose keys all become variables. */
  sources: readonly string[];
  hasPorts: boolean;
  hasHealthcheck: boolean;
  cores?: Said<number>;
  /** What it asks its node for: the autoscaler's 100%. */
  requestedCores?: Said<number>;
  place: Place;
}

/** One Kubernetes object, reduced. */
export type ManifestClaim = { kind: 'manifest'; name: string; labels: Readonly<Record<string, string>>; place: Place } & (
  | { of: 'workload'; type: string; podLabels: Readonly<Record<string, string>>; containers: readonly ContainerClaim[]; replicas?: Said<number> }
  /** `external`: the host outside the cluster that the name stands for. */
  | { of: 'service'; selector: Readonly<Record<string, string>>; isPublished: boolean; external?: string }
  /** Ingress and its like: requests from outside for these Services. */
  | { of: 'entry'; backends: readonly string[] }
  | { of: 'variables'; values: Readonly<Record<string, Said<string>>> }
  | { of: 'scaler'; target: string; least?: Said<number>; most: Said<number>; cpuPercent?: Said<number> }
);

/** Compose files that this one includes. */
export interface IncludeClaim {
  kind: 'include';
  files: readonly string[];
}

/** Services in a YAML file that is not called like a compose file: they count where one includes or extends them. */
export interface FragmentClaim {
  kind: 'fragment';
  services: readonly ServiceClaim[];
}

export interface KustomizationClaim {
  kind: 'kustomization';
  resources: readonly string[];
  patches: readonly string[];
  replicas: readonly { name: string; count: Said<number> }[];
  place: Place;
}

/** A template of a Helm chart, unread until its values are known. */
export interface TemplateClaim {
  kind: 'template';
  text: string;
}

export interface ChartClaim {
  kind: 'chart';
  name: string;
  /** Of the application. */
  version: string;
  /** Charts that it brings: `condition` names values that switch one off, `folder` is where it lies if not in `charts`. */
  dependencies?: readonly { name: string; alias?: string; condition?: string; folder?: string }[];
  place: Place;
}

/** Values of a chart without anything secret. */
export interface ChartValuesClaim {
  kind: 'chartValues';
  values: Readonly<Record<string, unknown>>;
}

/** An index as a file declares it; no columns: it is one over an expression. */
export interface TableIndexClaim {
  name?: string;
  kind: 'primary' | 'unique' | 'plain';
  columns: readonly string[];
  /** Only over some rows. */
  isPartial?: true;
  place: Place;
}

/** One step of a migration. `unread`: what happens there is not known, to one table or to any. */
export type SchemaChange = { place: Place } & (
  | {
      do: 'createTable';
      table: string;
      model?: string;
      columns: readonly Column[];
      indexes: readonly TableIndexClaim[];
      foreignKeys: readonly { columns: readonly string[]; table: string; place: Place }[];
    }
  | { do: 'dropTable'; table: string }
  | { do: 'renameTable'; table: string; to: string }
  | { do: 'addColumn'; table: string; column: string; isNarrow?: true; isTime?: true; atFirst?: boolean }
  | { do: 'dropColumn'; table: string; column: string }
  | { do: 'renameColumn'; table: string; column: string; to: string }
  | { do: 'addIndex'; table: string; index: TableIndexClaim }
  | { do: 'dropIndex'; table?: string; name?: string; kind?: 'primary' }
  | { do: 'addForeignKey'; table: string; foreignKey: { columns: readonly string[]; table: string; place: Place } }
  | { do: 'unread'; table?: string }
);

export interface SchemaChangesClaim {
  kind: 'schemaChanges';
  changes: readonly SchemaChange[];
  place: Place;
}

/** What a server's schema, written in GraphQL's own language, gives its types. */
export interface GraphqlSchemaClaim {
  kind: 'graphqlSchema';
  fields: readonly GraphqlField[];
}

export interface GraphqlField {
  owner: string;
  name: string;
  type?: string;
  isList: boolean;
  place: Place;
}

/** Blocks of one Terraform file, reduced. */
export interface TerraformClaim {
  kind: 'terraform';
  blocks: readonly HclBlock[];
  place: Place;
}

export type FileClaim =
  | SchemaChangesClaim
  | GraphqlSchemaClaim
  | TerraformClaim
  | InfrastructureClaim
  | StackClaim
  | IncludeClaim
  | FragmentClaim
  | ManifestClaim
  | KustomizationClaim
  | TemplateClaim
  | ChartClaim
  | ChartValuesClaim
  | ServiceClaim
  | ImageClaim
  | BuiltImageClaim
  | PackageClaim
  | ProjectClaim
  | VariablesClaim
  | ProcessClaim
  | ProxyClaim
  | MentionClaim
  | PoolerClaim
  | AskClaim
  | PathAliasClaim
  | StartClaim
  | CronClaim
  | LockClaim
  | SchemaClaim;

/** What one file says. */
export interface FileFacts {
  claims: readonly FileClaim[];
  suppressions: readonly Suppression[];
  problems: readonly Problem[];
}

/**
 * Reads one format: text in, claims with places out.
 * It sees no other file and no other detector, supplies no defaults, and does not throw on odd text: what it can't read is a problem.
 */
export interface FileDetector {
  id: string;
  matches(path: string): boolean;
  /** Whether a text of a matching file is of this format, where its name alone does not tell; absent: it is. */
  recognises?(text: string): boolean;
  detect(path: string, text: string): { claims: readonly FileClaim[]; problems?: readonly Problem[] };
}

/** How long a statement is likely to run; the numbers stand in `assumptions.ts`. */
export type QueryShape = 'primaryKey' | 'list' | 'aggregate' | 'write' | 'control' | 'object' | 'unknown';

/** A step as the code says it: clients instead of components, no assumed number. */
export type DraftStep =
  | {
      kind: 'query';
      client: Resource;
      label: string;
      operation: 'read' | 'write' | 'other';
      shape: QueryShape;
      orm: boolean;
      statement?: Statement;
      batches?: true;
      holds?: DraftHold;
      caught?: Caught;
      mayBeUndone?: true;
      mayShare?: true;
      forSome?: true;
      admits?: true;
      awaited: boolean;
      roundsOf?: readonly Place[];
      /** It is asked for one of the rows of the loop around it, whichever that is. */
      ofOneRow?: true;
      place: Place;
    }
  | DraftCache
  /** A client that was made while the program runs. */
  | { kind: 'opens'; client: Resource; place: Place }
  | {
      kind: 'request';
      url: Value;
      method: string;
      label: string;
      library: string;
      /** HTTP where none is given. */
      protocol?: 'grpc' | 'tcp' | 'ws';
      timeoutMs?: Told;
      retries?: Told;
      /** What repeats it where that is not the client itself. */
      retriedBy?: string;
      pause?: ToldPause;
      /** Whose pause it is where it has no time of its own. */
      pauseBy?: string;
      breaker?: ToldBreaker;
      caller?: Caller;
      hasKey?: true;
      caught?: Caught;
      mayBeUndone?: true;
      mayShare?: true;
      awaited: boolean;
      roundsOf?: readonly Place[];
      /** It is asked for one of the rows of the loop around it, whichever that is. */
      ofOneRow?: true;
      place: Place;
    }
  | { kind: 'mail'; client: Resource; caller?: Caller; awaited: boolean; place: Place }
  | {
      kind: 'publish';
      client: Resource;
      channel: string;
      channelKind: 'queue' | 'topic';
      library: string;
      /** The broker hands the message over by a request of its own. `concurrency`: of all that go this way; `isQueued`: it stands in a queue with others. */
      pushes?: { url: Value; method: string; concurrency?: Told; isQueued?: true };
      attempts?: Told;
      backoff?: ToldPause;
      waitsForJob?: { timeoutMs?: Told; place: Place };
      failed?: FailedMessages;
      /** A second one of the same key is not taken in. */
      hasKey?: true;
      caller?: Caller;
      caught?: Caught;
      awaited: boolean;
      place: Place;
    }
  | DraftHold
  /** `rounds`: how often, where its head tells. */
  | { kind: 'loop'; concurrent: boolean; steps: DraftStep[]; over?: Rows; rounds?: Rounds; place: Place }
  | { kind: 'parallel'; branches: DraftStep[][]; place: Place }
  /** `share`: how often it is taken, where that follows from how many ways there are. `isOptional`: only one way does anything; `unlessThere`: what it gives may be there already. */
  | { kind: 'branch'; label: string; share?: number; isOptional?: true; unlessThere?: true; taken: DraftStep[]; otherwise: DraftStep[]; place: Place }
  | { kind: 'compute'; label: string; work: ComputedWork; cost?: Said<number>; where: 'eventLoop' | 'threadPool'; call?: ComputingCall; place: Place }
  /** Without a time it is the one that the library takes by itself. `polls`: the loop whose rounds it parts, which only looks whether something has happened; `looksAt`: keys of caches that it reads. */
  | { kind: 'wait'; ms?: Told; library?: string; polls?: Place; looksAt?: readonly string[]; awaited: boolean; place: Place }
  /** What a loader does for all keys that are asked for side by side. */
  | { kind: 'batch'; loader: number; steps: DraftStep[]; place: Place }
  /** Work that another thread does; `threads`: how many its pool has at most. */
  | { kind: 'thread'; pool: string; threads?: Told; library: string; steps: DraftStep[]; awaited: boolean; place: Place }
  | { kind: 'respond'; failed: boolean; place: Place }
  /** Load goes through a library that is not read. */
  | { kind: 'unread'; package: string; place: Place };

/** What a step computes, or reads from the disk by the thread that computes; `cost`: of a password hash its logarithm, of a derived key its iterations, of scrypt its N. */
export type ComputedWork =
  | 'passwordHash'
  | 'derivedKey'
  | 'scrypt'
  | 'keyPair'
  | 'gzip'
  | 'brotli'
  | 'file'
  | 'program'
  | 'image'
  | 'nativeImage'
  | 'render'
  | 'localRead'
  | 'localWrite';

export interface DraftHold {
  kind: 'hold';
  client: Resource;
  label: string;
  steps: DraftStep[];
  released: 'always' | 'happyPath' | 'never' | 'unknown';
  /** The handler of an error gives it back too. */
  releasedOnError?: boolean;
  /** The library itself takes the connection back after so long; null: after its default. */
  endsAfterMs?: Told | null;
  awaited: boolean;
  place: Place;
}

export interface DraftCache {
  kind: 'cache';
  client: Resource;
  label: string;
  operation: 'read' | 'write' | 'delete';
  key: string;
  keyVaries: boolean;
  /** Absent or 0: it stays until it is deleted or pushed out. */
  ttlMs?: Told;
  scans?: true;
  /** A write into the memory of the process. */
  keeping?: Pick<Keeping, 'upkeep' | 'keys' | 'name'>;
  ifAbsent?: true;
  isExtended?: true;
  loadsOnce?: true;
  /** It goes with a request that is made in any case. */
  isBatched?: true;
  onMiss: DraftStep[];
  awaited: boolean;
  roundsOf?: readonly Place[];
  /** It is asked for one of the rows of the loop around it, whichever that is. */
  ofOneRow?: true;
  place: Place;
}

/** What a program says when it is read from its entry. */
export type CodeClaim =
  | { kind: 'client'; client: Resource }
  | { kind: 'route'; app: Resource; method: string; path: string; handlers: readonly Value[]; place: Place }
  | { kind: 'listens'; port?: number; sockets?: true; place: Place }
  /** A server of one's own asks for what a framework makes of its files of routes. */
  | { kind: 'fileRoutes'; handler: Resource; place: Place }
  | {
      kind: 'consumer';
      client: Resource;
      library: string;
      channel: string;
      channelKind: 'queue' | 'topic';
      handler: Value;
      concurrency?: Told;
      /** It is not known whether this process starts it. */
      perhaps?: true;
      failed?: FailedMessages;
      /** The line that starts it, where another file than its own does. */
      startedAt?: Place;
      /** Its sender waits for what it gives back: who answers so is a service. */
      answers?: true;
      name?: string;
      place: Place;
    }
  | {
      kind: 'channel';
      client: Resource;
      library: string;
      channel: string;
      channelKind: 'queue' | 'topic';
      attempts?: Told;
      backoff?: ToldPause;
      failed?: FailedMessages;
      place: Place;
    }
  | { kind: 'timer'; handler: Value; everyMs?: Said<number>; place: Place }
  /** The handler that is read answers only a broker that hands messages over by requests. */
  | { kind: 'pushed'; client: Resource; library: string; place: Place }
  /** Somebody's clock asks an address. */
  | { kind: 'scheduled'; url: Value; method: string; everyMs?: Said<number>; place: Place }
  /** Requests that the handler that is read takes are counted, and those beyond a limit refused. */
  | { kind: 'limited'; limiter: Resource; place: Place }
  | { kind: 'cluster'; place: Place }
  /** A table as the schema of a library declares it. `isModel`: what an ORM is told of a table that migrations make, or that it makes itself where `isSynced` (so does whoever declares a collection with its indexes); other names that it may have in the database. */
  | { kind: 'table'; change: SchemaChange; isModel?: true; isSynced?: true; otherNames?: readonly string[] }
  /** Something about the process that no step or component holds (`jwt_ttl`, `graceful_shutdown`). */
  | { kind: 'fact'; type: string; subject?: string; value: number | string | boolean; unit?: string; source?: string; place: Place }
  /** A framework whose routes are not read. */
  | { kind: 'unread'; package: string; place: Place }
  /** What a program of infrastructure brings: asked once that has been read to its end, for others may add to it until then. */
  | { kind: 'deploys'; services(ground: InfrastructureGround): readonly ServiceClaim[]; stage?: StageOf; place: Place }
  /** Something of a program of infrastructure that can't be read. */
  | { kind: 'unclear'; message: string; place: Place };

/** One of several stages of the same: they are alternatives, not parts. */
export interface StageOf {
  unit: string;
  name: string;
}

/** Where a program of infrastructure stands. */
export interface InfrastructureGround {
  /** In which it is started: its relative paths are seen from there. */
  folder: string;
  /** Which of these is there: the source behind `dir/file.export`, or a folder. */
  handler(candidates: readonly string[]): string | undefined;
  directory(candidates: readonly string[]): string | undefined;
}

/** One call into a library, as the interpreter met it. */
export interface LibraryCall {
  /** Names behind the package: `Pool` for `new pg.Pool()`, `` for the default export. */
  name: string;
  package: string;
  isNew: boolean;
  args: readonly Value[];
  place: Place;
  /** Set where the call is a static method of a class that extends one of the library's. */
  onClass?: ClassValue;
  /** Set where a method of something that this library made is called. */
  receiver?: Resource;
}

/** What a library detector may do while code is read. */
export interface CodeRun {
  claim(it: CodeClaim): void;
  record(step: DraftStep): void;
  /** A handler runs what it stands before: whatever decides that decides who is served at all. */
  goesOn(): void;
  /** The answer of the handler that is read says how long it may be kept, or by what it can be recognised. */
  cachedByClients(): void;
  /** Who is served by the handler that is read has a role or a permission that others have not. */
  servesSome(): void;
  /** What the body says of who is served holds for what it does itself, and no further. */
  servingSome<T>(body: () => T): T;
  /** What the program that is read has recorded so far, in order; what was taken back is among it. */
  recorded(): readonly DraftStep[];
  /** Takes back a step that turned out to be a part of another. */
  forget(step: DraftStep): void;
  /** Takes back what was recorded of these steps, with the loops and the like around them. */
  take(steps: readonly DraftStep[]): DraftStep[];
  make(type: string, place: Place, data?: Record<string, unknown>): Resource;
  /** What one round of a loop that a library makes goes over. */
  round(loop: Place): Value;
  /** Runs a function value as the library would; steps land where the call stands. */
  call(it: Value | undefined, args?: readonly Value[], self?: Value): Value;
  /** The steps that `body` records, kept apart. */
  apart(body: () => void): DraftStep[];
  /** Opens a hold: all later steps go into it until `release`. */
  hold(client: Resource, label: string, place: Place): DraftHold;
  release(hold: DraftHold): void;
  /** Environment of the service that is read. */
  env(name: string): Said<string> | undefined;
  /** Major version of a package as the service that is read has it. */
  major(library: string): number | undefined;
  isTracing(): boolean;
  /** The function whose code is read may wait for a promise. */
  isInAsync(): boolean;
  /** The code that is read runs whenever what is around it does. */
  isCertain(): boolean;
  /** How many tests that are not known stand around the code that is read. */
  conditions(): number;
  /** The code that is read stands in a loop. */
  isInRounds(): boolean;
  /** A function that makes things later, still as the library that is asked now. */
  keep<A extends readonly unknown[], T>(make: (...args: A) => T): (...args: A) => T;
  /** Calls into another library (`use('typeorm', 'DataSource', …)`), as code of the workspace would. */
  use(library: string, name: string, args: readonly Value[], place: Place, isNew?: boolean): Value;
  /** What the program does, anywhere, with the collection that is made at a place. */
  upkeepOf(made: Place): Upkeep;
  /** Whether the program calls a method of such a name anywhere, in code that was not read as well. */
  callsAny(method: RegExp): boolean;
  /** A property of any value, as code would read it. */
  property(of: Value, name: string): Value;
  /** Sets a property of what may be older than the handler that is read. */
  put(of: ObjectValue | ClassValue, name: string, value: Value): void;
  /** Makes an object of a class; `self` may have been handed out before. */
  construct(of: ClassValue, args: readonly Value[], place: Place, self: Extract<Value, { t: 'instance' }>): void;
  /** What a container sees of a class. */
  inspect(of: ClassValue): { parameters: readonly Parameter[]; members: readonly Decorated[] };
  /** Fields of all GraphQL schemas that lie with the program's code. */
  schemaFields(): readonly GraphqlField[];
  /** Files of code below a folder that this program may load, in order; `.` is the root. */
  filesIn(folder: string): readonly string[];
  /** Reads a file as an import of it would, once: its exports. Null where no such file is among those. */
  load(file: string): { file: string; exports: Value } | null;
  /** State of a library that its calls share within one program. */
  shared<T extends Record<string, unknown>>(id: string, start: () => T): T;
}

/** Knows one library: what its exports make, and what the methods of these do. Undefined = no opinion. */
export interface LibraryDetector {
  id: string;
  packages: readonly string[];
  call(it: LibraryCall, run: CodeRun): Value | undefined;
  /** Reading a property of something that this library made. */
  member?(of: Resource, name: string, run: CodeRun): Value | undefined;
  /** What a name of the package holds (`Resource.Orders.name`); undefined: nothing that is known before it is called. */
  constant?(path: readonly string[], run: CodeRun): Value | undefined;
}
