import type { Known, Place } from './known.ts';

export type ComponentId = string;
export type PoolId = string;
export type EndpointId = string;
export type ChannelId = string;

export const PROCESS_KINDS = ['gateway', 'service', 'worker', 'frontend', 'scheduler'] as const;
export const STORE_KINDS = ['database', 'cache', 'queue', 'topic', 'search', 'object-store'] as const;
export const COMPONENT_KINDS = [...PROCESS_KINDS, ...STORE_KINDS, 'external-api', 'observability'] as const;
export type ComponentKind = (typeof COMPONENT_KINDS)[number];

/** `runtime`: part of the deployment that is judged; `optional`: an env value switches it on; `dev`: tools, one-shot jobs, migrations. */
export type Scope = 'runtime' | 'optional' | 'dev';

/** Something that runs: a deployable of the workspace, a store, or an outside service. */
export interface Component {
  id: ComponentId;
  name: string;
  kind: ComponentKind;
  /** Words for people and for matching: `node express 4`, `postgres 15`. */
  technology: string;
  /** Stores and gateways: the bare product, lower case (`postgres`, `mysql`, `mongodb`, `redis`, `kafka`, `rabbitmq`, `nginx`). */
  engine?: string;
  aliases: readonly string[];
  scope: Scope;
  /** A worker that lives inside another component's process. */
  runsIn?: ComponentId;
  /** The container in which other components run too; where its command starts them. */
  container?: { name: string; place: Place };
  /** Folder of its code relative to the workspace root (`.` for the root); absent where it has no code here. */
  root?: string;
  replicas: Known;
  /** Node processes per replica. */
  processes: Known;
  /** CPU limit per replica. */
  cores: Known;
  /** Stores: connections that the server accepts at once. */
  maxConnections: Known;
  /** Stores: operations that truly run at once (cores of a database, 1 for Redis). */
  parallelism: Known;
  /** Processes: threads of libuv's pool (`UV_THREADPOOL_SIZE`); absent: libuv's own 4. */
  threads?: Known;
  /** A copy of another store that answers reads alone and follows it after a lag; `replicas` is how many copies share them. */
  replicaOf?: ComponentId;
  /** An autoscaler decides how many replicas there are; `replicas` is its most. */
  autoscaling?: Autoscaling;
  /** A platform starts an instance for each call that finds none idle; `replicas` is `none` then. */
  onDemand?: OnDemand;
  places: readonly Place[];
}

/** What an autoscaler of replicas looks at. */
export interface Autoscaling {
  least: Known;
  /** CPU in use per replica, in cores, that it aims at. */
  targetCores: Known;
}

/** How a platform runs a function: an instance takes one call at a time. */
export interface OnDemand {
  /** What it is deployed with, under one name: the functions of one template. */
  unit?: string;
  /** Instances at once; calls beyond are refused. */
  most: Known;
  coldStartMs: Known;
  /** An instance that was idle for so long is gone. */
  idleMs: Known;
  memory: Known;
  /** A call that takes longer is ended. */
  timeoutMs: Known;
}

export type CallKind = 'http' | 'grpc' | 'tcp' | 'ws' | 'query' | 'cache' | 'publish' | 'consume' | 'smtp';

/** That one component uses another; what exactly happens stands in the endpoints' steps. Consume points from consumer to broker. */
export interface Call {
  from: ComponentId;
  to: ComponentId;
  kind: CallKind;
  /** The caller waits for the answer. */
  sync: boolean;
  scope: Scope;
  pool?: PoolId;
  via?: ComponentId;
  places: readonly Place[];
}

/** A client's connections to one store, per process of the client. */
export interface Pool {
  /** `<client>→<target> pool`, with a number behind it when a client has several. */
  id: PoolId;
  client: ComponentId;
  target: ComponentId;
  library: string;
  majorVersion?: number;
  /** One connection carries many requests at once (ioredis): no station at the client. */
  multiplexed: boolean;
  max: Known;
  acquireTimeoutMs: Known;
  queueLimit: Known;
  /** A statement that takes longer is ended; absent: nothing says so. */
  statementTimeoutMs?: Known;
  /** The pool of a pooler (PgBouncer) that this one's connections lead to: work needs a connection of both. */
  through?: PoolId;
  /** The construction in code (or the connection string that decides it). */
  place: Place;
}

export type Trigger = { kind: 'http'; method: string; path: string } | { kind: 'message'; channel: ChannelId } | { kind: 'schedule'; everyMs: Known };

/** A route, consumer or timer with the program that it runs. */
export interface Endpoint {
  /** `<component> GET /orders/:id`, `<component> consumes <channel>`. */
  id: EndpointId;
  component: ComponentId;
  trigger: Trigger;
  /** `excluded`: health, metrics, docs, static, admin: no share of the load. */
  role: 'read' | 'write' | 'excluded';
  /** Its part of the external load, 0 to 1. Counts for entry endpoints where the scenario names no mix: unknown or absent, the simulator assumes one. */
  share?: Known;
  /** Reached from outside the system (published port or gateway); else only by internal callers. */
  external: boolean;
  steps: readonly Step[];
  /** Routes: what its answer says to caches between it and the client; absent where that is not known. */
  answer?: RouteAnswer;
  /** Why a part of its program is missing from `steps`; absent where all of it was read. */
  unread?: string;
  place: Place;
}

/** `kept`: it says how long it may be kept, or its framework marks it so that the client can ask whether it changed; `asksWho`: it looks at who asks. */
export interface RouteAnswer {
  kept: boolean;
  asksWho: boolean;
}

/** What an endpoint does, in order. `awaited: false` means that the program goes on at once. */
export type Step =
  | ComputeStep
  | QueryStep
  | {
      kind: 'request';
      label: string;
      target: ComponentId;
      endpoint?: EndpointId;
      serviceMs: Known;
      timeoutMs: Known;
      retries: Known;
      pause?: Pause;
      breaker?: CircuitBreaker;
      errand?: Errand;
      /** It carries a key by which whoever is asked knows it again and does it once. */
      hasKey?: true;
      /** As of a query. */
      caught?: Caught;
      mayBeUndone?: true;
      mayShare?: true;
      awaited: boolean;
      roundsOf?: readonly Place[];
      place: Place;
    }
  | CacheStep
  /** `job` names the consumer endpoint that handles this message where a channel carries several kinds; they share the consumers' concurrency. */
  /** `calledAt`: the call in the program in which nothing else is waited for; absent: the step's own place. */
  | {
      kind: 'publish';
      label: string;
      channel: ChannelId;
      job?: EndpointId;
      serviceMs: Known;
      awaited: boolean;
      waitsForJob?: JobWait;
      hasKey?: true;
      calledAt?: Place;
      caught?: Caught;
      place: Place;
    }
  /** `awaited`: false where nobody waits for all that is done with it. */
  | {
      kind: 'hold';
      label: string;
      pool: PoolId;
      steps: readonly Step[];
      released: 'always' | 'happyPath' | 'never' | 'unknown';
      endsAfterMs?: Known;
      awaited?: false;
      place: Place;
    }
  /** `over`: what gave the rows that it goes over; absent where it goes over something else, or nobody knows. */
  | { kind: 'loop'; times: Known; concurrent: boolean; steps: readonly Step[]; over?: Rows; place: Place }
  | { kind: 'parallel'; branches: readonly (readonly Step[])[]; place: Place }
  /** `unlessThere`: its work is done where what it gives is not there already: `row.author ?? (await find(…))`. */
  | { kind: 'branch'; label: string; probability: Known; unlessThere?: true; taken: readonly Step[]; otherwise: readonly Step[]; place: Place }
  /** A timer that the program waits for; its label begins with `wait`. It uses nothing but keeps what is held around it. `polls`: the loop that looks again after it, until something has happened elsewhere; `looksAt`: keys of caches that it reads. */
  | { kind: 'wait'; label: string; ms: Known; polls?: Place; looksAt?: readonly string[]; place: Place }
  | { kind: 'respond'; place: Place };

/** An error that goes no further: `log` is a line in one or nothing at all, so that whoever runs the program takes it for done; `code` does something of its own. */
export interface Caught {
  by: 'log' | 'code';
  place: Place;
}

/** Where a program waits until the job that it enqueued is done, and for how long at most. */
export interface JobWait {
  timeoutMs: Known;
  place: Place;
}

/** What a request is for where the caller needs nothing back by the nature of it: a mail, a push. */
export interface Errand {
  purpose: 'mail' | 'push' | 'sms' | 'chat' | 'analytics' | 'audit';
  /** The program takes nothing from the answer, and an error of it is no answer of its own. Absent: not known, or it does. */
  isForgotten?: true;
  /** The call in the program in which nothing else is waited for; absent: the step's own place. */
  calledAt?: Place;
}

export interface ComputeStep {
  kind: 'compute';
  label: string;
  ms: Known;
  where: 'eventLoop' | 'threadPool';
  /** Worker threads instead of libuv's: a pool of each process, whose threads all steps of this name share. Unknown: as many as are asked for. */
  workers?: { name: string; threads: Known };
  /** False: the program goes on at once. Absent: it waits, as it always does for its event loop. */
  awaited?: boolean;
  /** What of a library does it; absent: there is no choice about where. */
  call?: ComputingCall;
  place: Place;
}

/** A call that takes CPU time or waits for a disk or a program, in a form that blocks the event loop or in one that doesn't. */
export interface ComputingCall {
  /** `bcryptjs`, `crypto`. */
  library: string;
  /** Its own name of the function: `hashSync`. */
  name: string;
  /** The function around it may wait for a promise. */
  isInAsync: boolean;
}

export interface QueryStep {
  kind: 'query';
  /** Names the query for people and for measurements: `SELECT orders`, `User.findAll`. Same label and target = same measured value. */
  label: string;
  target: ComponentId;
  /** The store of which `target` is a copy: what was measured there holds here. */
  primary?: ComponentId;
  /** Absent when the client multiplexes or has no pool. */
  pool?: PoolId;
  operation: 'read' | 'write' | 'other';
  /** Runs on the connection that an enclosing `hold` of the same pool has taken: acquires nothing. */
  usesHeld: boolean;
  /** How long an unloaded call holds its connection: execution at the server and the network between. */
  holdMs: Known;
  awaited: boolean;
  statement?: Statement;
  /** The library asks once for all that are asked side by side. */
  batches?: true;
  /** Sets up a connection of a client that is made for this run alone; `pool` is what one client for all would have. Not certain: whom it leads to may come with the request. */
  opens?: { pool: Pool; isCertain: boolean };
  /** Construction of such a client, where this runs on one. */
  madeAt?: Place;
  /** What its error ends in; absent: whoever runs the program gets it. */
  caught?: Caught;
  /** Where something fails after it, code waits for more than an answer: it may take this back. */
  mayBeUndone?: true;
  /** Its promise is kept, or it runs inside code that is not known: others may get the same answer. */
  mayShare?: true;
  /** Runs only for users with the role, the permission or the flag that a guard before it asks for. */
  forSome?: true;
  /** A guard asks it before it lets a request in. */
  admits?: true;
  /** Loops whose round decides what is asked: their variable is among the arguments. */
  roundsOf?: readonly Place[];
  place: Place;
}

/** Rows that a loop goes over, by what gave them. */
export interface Rows {
  label: string;
  place: Place;
  /** How many there are at most, where code limits them by a number. */
  most?: number;
  /** No store gave them: the request brings them, as many as its caller likes. */
  ofRequest?: true;
  /** Objects of a list, each of which is asked for a field: the function of the field stands at the place. */
  ofField?: true;
}

/** What a statement asks of its table, as far as code says it; absent where that could not be read. */
export interface Statement {
  /** The table, or the model or collection that stands for it, as code names it. */
  table: string;
  /** Puts new rows into it; an upsert may or may not. */
  adds: boolean;
  /** Of what adds: the columns that it sets; absent where they could not be read. */
  sets?: readonly string[];
  /** A row that is there already stays the only one: an upsert, `ON CONFLICT`. */
  keepsOne?: true;
  /** Conditions that all have to hold; absent where one could not be read. */
  where?: readonly Condition[];
  /** Columns in order; absent where they could not be read. */
  orderBy?: readonly string[];
  /** It puts rows together, by groups, sums or averages: `whole` of the table, or of a span of it that the request names; or a `part` that belongs to somebody, or is not known. A count alone is none. */
  sums?: 'whole' | 'part';
  /** `none`: it gives every row that fits; `some`: code limits them, to `most` where that is a number. */
  limit: 'none' | 'some' | 'unknown';
  most?: number;
}

export interface Condition {
  column: string;
  by: 'equal' | 'in' | 'range' | 'other';
  /** The value stands in the code: it does not come with the request. */
  isConstant: boolean;
  /** It is true, or false. */
  is?: boolean;
}

/** Cache-aside: read, and on a miss do `onMiss` (which usually holds the query and a write of the key). Plain cache commands have an empty `onMiss`. */
export interface CacheStep {
  kind: 'cache';
  label: string;
  target: ComponentId;
  operation: 'read' | 'write' | 'delete';
  /** Key as written, request data as `*`: `user:*`. */
  key: string;
  /** The key holds request data, so one key's hit ratio can't be derived. */
  keyVaries: boolean;
  ttlMs: Known;
  hitRatio: Known;
  serviceMs: Known;
  /** Looks at every key of the store: its time grows with their number. */
  scans?: true;
  /** A write into the memory of the process: what becomes of its entry. */
  keeping?: Keeping;
  /** Written only where the key is not there (`SET … NX`): whoever writes it has it to himself until it is deleted or runs out. */
  ifAbsent?: true;
  /** Such a key's time is prolonged as long as its owner works. */
  isExtended?: true;
  /** Whoever misses while the value is being loaded waits for that load: one at a time in each process. */
  loadsOnce?: true;
  onMiss: readonly Step[];
  awaited: boolean;
  roundsOf?: readonly Place[];
  place: Place;
}

/** What a program does with entries besides putting them in: nothing ever takes one away, something does, or nobody knows. */
export type Upkeep = 'none' | 'some' | 'unknown';

/** How a collection in the memory of a process grows. */
export interface Keeping {
  upkeep: Upkeep;
  /** Keys come with requests or are made anew each time; or code holds all of them; or nobody knows. */
  keys: 'endless' | 'few' | 'unknown';
  /** Name in code, where it has one. */
  name?: string;
  /** Share of the writes whose key was not there before. */
  newShare: Known;
  entrySize: Known;
  /** Entries that it holds at most. */
  most?: number;
}

export interface Consumer {
  component: ComponentId;
  endpoint?: EndpointId;
  /** Jobs at once per process. */
  concurrency: Known;
  /** The broker asks it with each message: `concurrency` holds for all its processes together. */
  isPushed?: true;
  /** The line that starts it in its process, where that is not its own. */
  startedAt?: Place;
  place: Place;
}

/** Between attempts; `exponential`: `delayMs`, then twice that, and so on. */
export interface Pause {
  kind: 'fixed' | 'exponential';
  delayMs: Known;
}

/** Around a request, with its retries inside: opens when too many of the last calls failed. Its own timeout is part of the request's. */
export interface CircuitBreaker {
  errorThresholdPercentage: Known;
  volumeThreshold: Known;
  rollingWindowMs: Known;
  resetTimeoutMs: Known;
  /** Something else is answered instead of an error. */
  hasFallback: boolean;
  /** Its construction: requests with the same one share its state. */
  place: Place;
}

/**
 * `removed`: thrown away by an option; `unacknowledged`: neither given back nor taken out, so that it comes again whenever the consumer does;
 * `unasked`: acknowledged before anybody looked at it; `unnamed`: its queue ends with the connection of the one that takes it;
 * `blocking`: tried again until it is handled, while those behind it wait; `swallowed`: its error ends in the handler, so that it counts as handled; `expired`: it comes again until it is too old, and then it is gone; `kept`: set aside for somebody to look at.
 */
export interface FailedMessages {
  fate: 'removed' | 'unacknowledged' | 'unasked' | 'unnamed' | 'blocking' | 'swallowed' | 'expired' | 'kept';
  place: Place;
}

/** A queue or topic on a broker. */
export interface Channel {
  id: ChannelId;
  name: string;
  broker: ComponentId;
  kind: 'queue' | 'topic';
  library: string;
  producers: readonly { component: ComponentId; place: Place }[];
  consumers: readonly Consumer[];
  attempts: Known;
  /** The pause before another attempt: always `delayMs`, or twice as long each time. Absent: none. */
  backoff?: Pause;
  /** What becomes of a message whose handler fails for good, where code says it. */
  failed?: FailedMessages;
  partitions: Known;
  place: Place;
}

export interface RateLimiter {
  id: string;
  component: ComponentId;
  algorithm: 'fixedWindow' | 'slidingWindow' | 'tokenBucket' | 'leakyBucket';
  /** `perClient` limits bind only where the number of clients is declared. */
  key: 'perClient' | 'global';
  limit: Known;
  windowMs: Known;
  /** Buckets: requests beyond the rate that wait or pass; absent: none. */
  burst?: Known;
  /** Those within the burst pass at once instead of waiting their turn. */
  noDelay?: boolean;
  /** All processes count together, in a store of their own; absent: each counts for itself. */
  shared?: true;
  /** Package or product, for the words of a refusal. */
  library?: string;
  /** Empty: every endpoint of the component. */
  endpoints: readonly EndpointId[];
  /** A gateway's: only requests that it passes to this component count. */
  passesTo?: ComponentId;
  place: Place;
}

/** A description of how the components run; exactly one is judged. */
export interface Deployment {
  id: string;
  /** The file or folder that people know it by: `docker-compose.yml`. */
  name: string;
  source: 'kubernetes' | 'compose' | 'serverless' | 'terraform' | 'pm2' | 'bare';
  stage: 'production' | 'unmarked' | 'development';
  active: boolean;
  places: readonly Place[];
}

/** An index; no columns: it is over an expression. */
export interface TableIndex {
  name?: string;
  kind: 'primary' | 'unique' | 'plain';
  columns: readonly string[];
  /** Only over some rows. */
  isPartial?: true;
  place: Place;
}

/** A column; `field`: what code calls it where that differs; `isNarrow`: of so few values (true and false, an enum) that an index on it alone picks hardly anything; `isTime`: a date or a time. */
export interface Column {
  name: string;
  field?: string;
  isNarrow?: true;
  isTime?: true;
  /** Of true and false: what a row has as long as nobody says otherwise. */
  atFirst?: boolean;
  place: Place;
}

/** A table of a database as its migrations leave it, or its schema declares it. */
export interface Table {
  name: string;
  /** What code calls it, where a schema gives it a name of its own. */
  model?: string;
  columns: readonly Column[];
  indexes: readonly TableIndex[];
  foreignKeys: readonly { columns: readonly string[]; table: string; place: Place }[];
  /** Every change of it was read: only then does an absent index mean that there is none. */
  isWhole: boolean;
  place: Place;
}

/** A raw fact as the corpus counts them; `type` as in the command line's JSON (`pool_size`, `worker_concurrency`, `cache_ttl`, …). */
export interface Fact {
  type: string;
  subject: string;
  value: number | string | boolean;
  unit?: string;
  basis: string;
  place?: Place;
  source?: string;
}

/** Two sources that disagree; both stay visible. */
export interface Conflict {
  message: string;
  places: readonly Place[];
}

/** Something that could not be read or understood. Never holds text from the file, which may be a secret. */
export interface Problem {
  file: string;
  line: number;
  message: string;
}

/** `faultline-ignore-next-line <rule> -- reason` found in a file; it covers the line after it (after `endLine`, where others follow it), unless `file` says otherwise. */
export interface Suppression {
  rule: string;
  reason: string;
  place: Place;
  /** From `faultline.json`: the file that it covers, `''` for the whole workspace. Absent: the line after the comment. */
  file?: string;
}

/** Everything that the workspace says about its architecture. Immutable; a change makes a new one (`change.ts`). */
export interface Topology {
  components: readonly Component[];
  calls: readonly Call[];
  pools: readonly Pool[];
  endpoints: readonly Endpoint[];
  channels: readonly Channel[];
  rateLimiters: readonly RateLimiter[];
  /** Absent: no file describes any. */
  tables?: readonly Table[];
  deployments: readonly Deployment[];
  facts: readonly Fact[];
  conflicts: readonly Conflict[];
  problems: readonly Problem[];
  suppressions: readonly Suppression[];
  /** Assumptions that belong to no single step, by input id (`inputs.ts`): round trip to a store, CPU per request. */
  network: { roundTripMs: Known };
  /** Reads' part of the external load, 0 to 1; counts where the scenario names no mix. Unknown or absent, the simulator assumes one. */
  readShare?: Known;
}

export const EMPTY_TOPOLOGY: Topology = {
  components: [],
  calls: [],
  pools: [],
  endpoints: [],
  channels: [],
  rateLimiters: [],
  deployments: [],
  facts: [],
  conflicts: [],
  problems: [],
  suppressions: [],
  network: { roundTripMs: { state: 'unknown', why: 'nothing was read' } },
};

export const activeDeployment = (topology: Topology): Deployment | undefined => topology.deployments.find((it) => it.active);

/** Calls `visit` for every step of a program, outer steps first, with the steps that enclose it. */
export function walkSteps(steps: readonly Step[], visit: (step: Step, enclosing: readonly Step[]) => void, enclosing: readonly Step[] = []): void {
  for (const step of steps) {
    visit(step, enclosing);
    for (const inner of innerSteps(step)) walkSteps(inner, visit, [...enclosing, step]);
  }
}

/** Visits every different step of programs once, each before the steps inside it: for who looks for something and doesn't count. Hand the same `seen` to all programs. */
export function walkSharedSteps(steps: readonly Step[], visit: (step: Step) => void, seen: Set<Step>): void {
  for (const step of steps) {
    if (seen.has(step)) continue;
    seen.add(step);
    visit(step);
    for (const inner of innerSteps(step)) walkSharedSteps(inner, visit, seen);
  }
}

/** The programs inside a step, in source order. */
export function innerSteps(step: Step): readonly (readonly Step[])[] {
  switch (step.kind) {
    case 'cache':
      return [step.onMiss];
    case 'hold':
      return [step.steps];
    case 'loop':
      return [step.steps];
    case 'parallel':
      return step.branches;
    case 'branch':
      return [step.taken, step.otherwise];
    default:
      return [];
  }
}

/** A copy of a program in which `change` has replaced each step (inner ones first); several steps or none may take its place. */
export function mapSteps(steps: readonly Step[], change: (step: Step) => readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => change(mapInner(step, change)));
}

/** The same for a change that depends on nothing but the step: what is one object is changed once, and stays one object. Hand the same `changed` to all programs. */
export function mapSharedSteps(steps: readonly Step[], change: (step: Step) => Step, changed: Map<Step, Step>): readonly Step[] {
  const once = (step: Step): Step => {
    const known = changed.get(step);
    if (known) return known;
    const made = change(withPrograms(step, (inner) => mapEach(inner, once)));
    changed.set(step, made);
    return made;
  };
  return mapEach(steps, once);
}

const mapInner = (step: Step, change: (step: Step) => readonly Step[]): Step => withPrograms(step, (steps) => mapProgram(steps, change));

/** Steps in which nothing is replaced stay the same objects. */
function withPrograms(step: Step, map: (steps: readonly Step[]) => readonly Step[]): Step {
  switch (step.kind) {
    case 'cache': {
      const onMiss = map(step.onMiss);
      return onMiss === step.onMiss ? step : { ...step, onMiss };
    }
    case 'hold':
    case 'loop': {
      const steps = map(step.steps);
      return steps === step.steps ? step : { ...step, steps };
    }
    case 'parallel': {
      const branches = step.branches.map(map);
      return branches.every((it, index) => it === step.branches[index]) ? step : { ...step, branches };
    }
    case 'branch': {
      const taken = map(step.taken);
      const otherwise = map(step.otherwise);
      return taken === step.taken && otherwise === step.otherwise ? step : { ...step, taken, otherwise };
    }
    default:
      return step;
  }
}

function mapProgram(steps: readonly Step[], change: (step: Step) => readonly Step[]): readonly Step[] {
  const mapped = mapSteps(steps, change);
  return mapped.length === steps.length && mapped.every((it, index) => it === steps[index]) ? steps : mapped;
}

function mapEach(steps: readonly Step[], change: (step: Step) => Step): readonly Step[] {
  const mapped = steps.map(change);
  return mapped.every((it, index) => it === steps[index]) ? steps : mapped;
}
