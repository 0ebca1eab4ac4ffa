import { type Known, known, none } from '../model/known.ts';
import type { Pause } from '../model/topology.ts';
import type { ComputedWork, QueryShape } from './detector.ts';

/**
 * Every number that no file says: defaults that a library documents, and assumptions with their 90% range.
 * Defaults were read in the package's own file at the version named in `source`.
 */
const assumed = (value: number, low: number, high: number, source: string) => known(value, 'ms', 'assumed', { range: [low, high], source });

/** How long an unloaded statement holds its connection. */
export const HOLD_MS: Readonly<Record<QueryShape, Known>> = {
  primaryKey: assumed(2, 0.5, 10, 'lookup by primary key'),
  list: assumed(5, 1, 30, 'indexed list query'),
  aggregate: assumed(50, 10, 500, 'aggregate over a table'),
  write: assumed(3, 1, 15, 'single-row write'),
  control: assumed(0.5, 0.2, 3, 'transaction statement'),
  object: assumed(30, 5, 300, 'reading or writing an object of a store'),
  unknown: assumed(5, 1, 30, 'statement of unknown shape, taken as an indexed list'),
};

/** Setting up a connection: the whole of it, and the server's CPU time in it. PostgreSQL starts a process for each. */
export const CONNECT_MS: Readonly<Record<string, Known>> = {
  postgres: assumed(8, 2, 50, 'setting up a connection: TCP, TLS and password'),
  other: assumed(5, 1, 50, 'setting up a connection: TCP, TLS and password'),
};
export const CONNECT_CPU_MS: Readonly<Record<string, Known>> = {
  postgres: assumed(1.5, 0.5, 5, 'CPU time of a new backend of PostgreSQL'),
  other: assumed(0.5, 0.1, 3, 'CPU time of a new connection at the server'),
};

export const REQUEST_CPU_MS = assumed(0.5, 0.1, 2, 'CPU of a simple JSON request');
export const RENDER_CPU_MS = assumed(15, 5, 60, 'server-side rendering');
/** SQLite reads a row of a table that is in memory within microseconds; what it writes it waits for until it is on the disk, unless it is told not to (sqlite.org/faq.html, question 19). */
export const LOCAL_QUERY_MS: Readonly<Record<'localRead' | 'localWrite', Known>> = {
  localRead: assumed(0.1, 0.01, 5, 'a query of SQLite in the process'),
  localWrite: assumed(1, 0.05, 15, 'a write of SQLite in the process, with its wait for the disk'),
};
export const HYDRATION_CPU_MS = assumed(0.3, 0.1, 1, 'ORM hydration per query');
export const THREAD_TASK_MS = assumed(50, 5, 500, 'CPU time of a task that code gives to a worker thread');
export const JOB_CPU_MS = assumed(1, 0.3, 3, 'per-job overhead of the queue');
export const CACHE_COMMAND_MS = assumed(0.3, 0.1, 1, 'Redis command over a local network');
export const CACHE_REQUEST_MS = assumed(5, 1, 40, 'Redis command by a request over HTTPS, in the same region');
/** Redis goes through a million keys in 40 ms on a laptop (redis.io/docs/latest/commands/keys). */
export const KEYSPACE_SCAN_MS = assumed(4, 0.1, 200, 'looking at every key of a Redis of a hundred thousand (a thousand to five million)');
export const PUBLISH_MS: Readonly<Record<'queue' | 'topic' | 'api', Known>> = {
  queue: assumed(0.3, 0.1, 1, 'enqueueing on Redis'),
  topic: assumed(3, 1, 15, 'publishing one message with acknowledgement'),
  api: assumed(30, 10, 150, 'publishing one message to an API over HTTPS'),
};
/** Prisma's interactive transactions (Prisma Client API reference, `timeout`): rolled back, and their connection given back. */
export const TRANSACTION_ENDS_MS = known(5000, 'ms', 'libraryDefault', { source: 'prisma transaction timeout' });
export const INTERNAL_REQUEST_MS = assumed(1, 0.3, 3, 'HTTP overhead inside the cluster');
export const EXTERNAL_REQUEST_MS = assumed(150, 50, 800, 'call to an external API');
export const MAIL_MS = assumed(200, 50, 1500, 'sending one e-mail');
export const ROUND_TRIP_MS = assumed(0.3, 0.1, 1, 'round trip to a store in the same network');
export const HIT_RATIO = known(0.8, 'ratio', 'assumed', { range: [0.5, 0.95], source: 'hit ratio of keys with request data' });
/** What one entry of a map costs V8: some 60 bytes for its place, the rest is the key and the value. */
export const ENTRY_SIZE = known(1000, 'bytes', 'assumed', { range: [200, 10_000], source: 'one entry in the memory of a process' });
export const NEW_KEY_SHARE = known(0.2, 'ratio', 'assumed', { range: [0.01, 1], source: 'share of requests with a key that was not seen before' });
export const LOOP_ROUNDS = known(10, 'count', 'assumed', { range: [2, 100], source: 'rounds of a loop over data' });
/** What belongs to each of many is fewer: without that, three loops inside one another would be taken for a thousand rounds. */
export const INNER_LOOP_ROUNDS = known(3, 'count', 'assumed', { range: [1, 30], source: 'rounds of a loop over data inside another' });
/** A list of ten by a key of three values, and so many in each group: the two loops together go over the list. */
export const GROUP_ROUNDS = known(3, 'count', 'assumed', { range: [1, 30], source: 'groups of a list, or items of a group' });
/** Chunks of a list of ten (two to a hundred); a size that is not known is taken for more than the list has. */
export function chunkRounds(size: number | undefined): Known {
  const of = (items: number): number => Math.max(1, Math.ceil(items / (size ?? items)));
  if (size !== undefined && size >= 100) return known(1, 'count', 'assumed', { range: [1, 2], source: 'chunks of a list' });
  return known(of(10), 'count', 'assumed', { range: [of(2), size === undefined ? 10 : of(100)], source: 'chunks of a list' });
}
export const READ_SHARE = known(0.8, 'ratio', 'assumed', { range: [0.5, 0.97], source: 'share of reads among what a gateway passes on' });
/** Of what is done only where a test holds nobody knows how often that is: any share is as likely as another. */
export const OPTIONAL_SHARE = known(0.5, 'ratio', 'assumed', { range: [0.05, 0.95], source: 'share of calls in which a condition holds' });
export const BRANCH_SHARE = known(0.5, 'ratio', 'assumed', { range: [0.1, 0.9], source: 'share of a branch' });

/** Password hashing doubles with each step of the cost. */
export function passwordHashMs(cost: number | undefined): Known {
  const factor = 2 ** ((cost ?? 10) - 10);
  return known(60 * factor, 'ms', 'assumed', { range: [40 * factor, 120 * factor], source: `password hash at cost ${cost ?? 10}` });
}

/** A round of PBKDF2 takes about 0.3 µs for each block of the key (SHA-512); 0.1 µs of SHA-256 where the processor knows it, and four times as much on slow ones. */
function derivedKeyMs(iterations: number | undefined): Known {
  const ms = (0.3 * (iterations ?? 100_000)) / 1000;
  return assumed(ms, ms / 3, 4 * ms, `PBKDF2 with ${iterations ?? 'about 100000'} iterations`);
}

/** Of scrypt both time and memory grow with N; 16384 is Node's own. */
function scryptMs(cost: number | undefined): Known {
  const factor = (cost ?? 16_384) / 16_384;
  return assumed(50 * factor, 25 * factor, 150 * factor, `scrypt with N = ${cost ?? 16_384}`);
}

/** CPU time of what a call computes, or the time for which it waits for a disk or a program. How much it is given nobody knows here: hence the ranges. */
const COMPUTED_MS: Readonly<Record<Exclude<ComputedWork, 'passwordHash' | 'derivedKey' | 'scrypt'>, Known>> = {
  ...LOCAL_QUERY_MS,
  render: RENDER_CPU_MS,
  keyPair: assumed(100, 20, 1000, 'a pair of RSA keys of 2048 bits'),
  gzip: assumed(1, 0.05, 50, 'packing or unpacking 100 KB (5 KB to 5 MB) with zlib'),
  brotli: assumed(100, 1, 2000, 'packing 50 KB (1 KB to 1 MB) with Brotli at its default quality'),
  file: assumed(0.1, 0.02, 20, 'reading or writing a file that the system keeps in memory, or not'),
  program: assumed(50, 5, 5000, 'starting a program and waiting for its end'),
  image: assumed(300, 50, 2000, 'decoding and scaling an image in JavaScript'),
  nativeImage: assumed(50, 10, 500, 'decoding, scaling and encoding an image with libvips'),
};

export function computedMs(work: ComputedWork, cost: number | undefined): Known {
  if (work === 'passwordHash') return passwordHashMs(cost);
  if (work === 'derivedKey') return derivedKeyMs(cost);
  return work === 'scrypt' ? scryptMs(cost) : COMPUTED_MS[work];
}

/** Operations that a database truly runs at once, where its cores are not declared. */
export const DATABASE_PARALLELISM = known(8, 'cores', 'assumed', { range: [2, 32], source: 'cores of the database server' });
export const REDIS_PARALLELISM = known(1, 'count', 'libraryDefault', { source: 'Redis 7 runs commands on one thread' });
export const ONE_REPLICA = known(1, 'replicas', 'libraryDefault', { source: 'one container per service unless stated' });
export const ONE_PROCESS = known(1, 'processes', 'libraryDefault', { source: 'Node.js runs one process unless clustered' });

/** Connections that a server accepts at once. */
export const MAX_CONNECTIONS: Readonly<Record<string, Known>> = {
  postgres: known(100, 'connections', 'libraryDefault', { source: 'PostgreSQL max_connections' }),
  mysql: known(151, 'connections', 'libraryDefault', { source: 'MySQL 8 max_connections' }),
  mariadb: known(151, 'connections', 'libraryDefault', { source: 'MariaDB max_connections' }),
  redis: known(10_000, 'connections', 'libraryDefault', { source: 'Redis maxclients' }),
};

/** What AWS sells: cores by size, memory by family (aws.amazon.com/rds/instance-types). Sizes of burstable classes below `large` have memory of their own. */
export const INSTANCE_SIZES: {
  cores: Readonly<Record<string, number>>;
  memoryGbPerCore: Readonly<Record<string, number>>;
  burstableGb: Readonly<Record<string, number>>;
} = {
  cores: { micro: 2, small: 2, medium: 2, large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16, '8xlarge': 32, '12xlarge': 48, '16xlarge': 64, '24xlarge': 96 },
  memoryGbPerCore: { t: 4, m: 4, r: 8, x: 16, c: 2 },
  burstableGb: { micro: 1, small: 2, medium: 4 },
};

/** RDS derives `max_connections` from the memory of the class: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html. */
export const MANAGED_MAX_CONNECTIONS: Readonly<Record<string, { bytesPerConnection: number; most: number; source: string }>> = {
  postgres: { bytesPerConnection: 9_531_392, most: 5000, source: 'RDS: max_connections = DBInstanceClassMemory / 9531392' },
  mysql: { bytesPerConnection: 12_582_880, most: 16_000, source: 'RDS: max_connections = DBInstanceClassMemory / 12582880' },
  mariadb: { bytesPerConnection: 12_582_880, most: 12_000, source: 'RDS: max_connections = DBInstanceClassMemory / 12582880' },
};

interface PoolDefaults {
  max: Known;
  acquireTimeoutMs: Known;
  queueLimit: Known;
}
const connections = (value: number, source: string) => known(value, 'connections', 'libraryDefault', { source });
const waitsForEver = (source: string) => none(undefined, source);

/** MongoDB driver 3 has two pools: of the legacy topology, and of the unified one that an option chooses; `null`: the option can't be read. */
function oldMongoPool(library: string, major: number, unified: boolean | null): Known {
  if (unified === null) return { state: 'unknown', why: `the pool size of ${library} ${major} depends on useUnifiedTopology, which cannot be read` };
  return unified ? connections(10, `${library} ${major} poolSize with useUnifiedTopology`) : connections(5, `${library} ${major} poolSize`);
}

/** Only the unified topology, which driver 4 knows alone, has callers wait for a connection. */
function mongoWait(library: string, isOld: boolean, unified: boolean | null): Known {
  if (!isOld || unified) return waitsForEver('MongoDB waitQueueTimeoutMS 0: waits for ever');
  if (unified === null) return { state: 'unknown', why: `whether anybody waits for a connection of ${library} depends on useUnifiedTopology, which cannot be read` };
  return { state: 'unknown', why: `without useUnifiedTopology this ${library} writes to connections that are busy: nobody waits for one` };
}

/** The driver whose pool an ORM uses; TypeORM 0.3 comes with the MongoDB driver 5 and later. */
const DRIVER_OF: Readonly<Record<string, [driver: string, major: number]>> = { postgres: ['pg', 8], mysql: ['mysql2', 3], mariadb: ['mysql2', 3], mongodb: ['mongodb', 5] };

/** Pool size and acquire timeout of a client library, by the major version that the workspace uses; `unified` as in `oldMongoPool`. `engine` tells an ORM's driver, `driver` the one that it was given (empty: one that is not known here). */
export function poolDefaults(library: string, major: number | undefined, unified: boolean | null = false, engine = '', driver?: string): PoolDefaults {
  const unbounded = none(undefined, `${library} queues without limit`);
  switch (library) {
    case 'pg':
      return { max: connections(10, `pg ${major ?? 8} Pool max`), acquireTimeoutMs: waitsForEver('pg 8 connectionTimeoutMillis 0: waits for ever'), queueLimit: unbounded };
    case 'sequelize':
      return {
        max: connections(5, `sequelize ${major ?? 6} pool.max`),
        acquireTimeoutMs: known(60_000, 'ms', 'libraryDefault', { source: `sequelize ${major ?? 6} pool.acquire` }),
        queueLimit: unbounded,
      };
    case 'prisma': {
      if (driver === 'pg' || driver === 'mariadb') return poolDefaults(driver, undefined);
      const ownPool = driver === undefined && (major === undefined || major < 7) && ['postgres', 'mysql', 'mssql', 'cockroachdb'].includes(engine);
      if (!ownPool) return poolDefaults('', undefined);
      return {
        max: known(9, 'connections', 'assumed', {
          range: [5, 33],
          source: `prisma ${major ?? 6} connection_limit: twice the physical cores of its host and one, taken as 4 cores`,
        }),
        acquireTimeoutMs: known(10_000, 'ms', 'libraryDefault', { source: `prisma ${major ?? 6} pool_timeout` }),
        queueLimit: unbounded,
      };
    }
    case 'typeorm': {
      const driver = DRIVER_OF[engine];
      return driver ? poolDefaults(driver[0], driver[1]) : poolDefaults('', undefined);
    }
    case 'knex':
      return {
        // Its dialects for SQLite, better-sqlite3 among them, say so themselves.
        max: engine === 'sqlite' ? connections(1, `knex ${major ?? 3} pool.max with SQLite`) : connections(10, `knex ${major ?? 3} pool.max`),
        acquireTimeoutMs: known(60_000, 'ms', 'libraryDefault', { source: `knex ${major ?? 3} acquireConnectionTimeout` }),
        queueLimit: unbounded,
      };
    case 'pg-boss':
      return poolDefaults('pg', 8);
    case 'slonik':
      return {
        max: connections(10, `slonik ${major ?? 46} maximumPoolSize`),
        acquireTimeoutMs: known(5000, 'ms', 'libraryDefault', { source: `slonik ${major ?? 46} connectionTimeout` }),
        queueLimit: unbounded,
      };
    case '@clickhouse/client':
      return {
        max: connections(10, '@clickhouse/client 1 max_open_connections'),
        acquireTimeoutMs: waitsForEver('@clickhouse/client 1 waits for a socket without limit'),
        queueLimit: unbounded,
      };
    case 'mikro-orm': {
      // Until version 6 it asks through Knex, since version 7 through the drivers' own pools.
      if (engine === 'mongodb') return poolDefaults('mongodb', undefined);
      if (major !== undefined && major < 7) return poolDefaults('knex', 3, false, engine);
      const driver = DRIVER_OF[engine];
      return driver ? poolDefaults(driver[0], driver[1]) : poolDefaults('', undefined);
    }
    case 'agenda':
      return poolDefaults('mongodb', undefined);
    case 'mariadb':
      return {
        max: connections(10, 'mariadb 3 connectionLimit'),
        acquireTimeoutMs: known(10_000, 'ms', 'libraryDefault', { source: 'mariadb 3 acquireTimeout' }),
        queueLimit: unbounded,
      };
    case 'postgres':
      return { max: connections(10, `postgres ${major ?? 3} max`), acquireTimeoutMs: waitsForEver('postgres.js waits for ever'), queueLimit: unbounded };
    case 'mysql2':
    case 'mysql':
      return {
        max: connections(10, `${library} ${major ?? (library === 'mysql2' ? 3 : 2)} connectionLimit`),
        acquireTimeoutMs: waitsForEver(`${library} has no acquire timeout`),
        queueLimit: unbounded,
      };
    case 'mongoose': {
      return {
        max: major !== undefined && major < 6 ? oldMongoPool(library, major, unified) : connections(100, `mongoose ${major ?? 8} maxPoolSize`),
        acquireTimeoutMs: mongoWait(library, major !== undefined && major < 6, unified),
        queueLimit: unbounded,
      };
    }
    case 'mongodb': {
      return {
        max: major !== undefined && major < 4 ? oldMongoPool(library, major, unified) : connections(100, `mongodb ${major ?? 6} maxPoolSize`),
        acquireTimeoutMs: mongoWait(library, major !== undefined && major < 4, unified),
        queueLimit: unbounded,
      };
    }
    default:
      return {
        max: { state: 'unknown', why: `the pool size of ${library || 'this driver'} is not known here` },
        acquireTimeoutMs: { state: 'unknown', why: `the acquire timeout of ${library || 'this driver'} is not known here` },
        queueLimit: unbounded,
      };
  }
}

export const ONE_CONNECTION = (library: string): Known => connections(1, `${library} multiplexes one connection`);
export const ONE_CLIENT = (library: string): Known => connections(1, `${library}: a single client, not a pool`);

/** Jobs at once per worker process. */
export function concurrencyDefault(library: string): Known {
  if (library === 'amqplib') return none(undefined, 'amqplib prefetches without limit unless told');
  if (library === 'sqs-consumer') return known(1, 'jobs', 'libraryDefault', { source: 'sqs-consumer 5-15 batchSize' });
  if (['ioredis', 'redis', 'nats', 'node-nats-streaming', 'mqtt'].includes(library)) return none(undefined, `${library} hands over every message at once`);
  if (library === 'lambda') return known(1, 'jobs', 'libraryDefault', { source: 'AWS Lambda: an instance takes one batch at a time' });
  if (library === 'kafkajs') return known(1, 'jobs', 'libraryDefault', { source: 'kafkajs 2 partitionsConsumedConcurrently' });
  if (library === 'agenda') return known(5, 'jobs', 'libraryDefault', { source: 'agenda 4-6 defaultConcurrency' });
  return known(1, 'jobs', 'libraryDefault', { source: CONCURRENCY[library] ?? 'bullmq 5 Worker concurrency' });
}

const CONCURRENCY: Readonly<Record<string, string>> = { bull: 'bull 4 concurrency', 'pg-boss': 'pg-boss 9-12: one job per fetch', 'bee-queue': 'bee-queue 1 concurrency' };

/** Tries of a job; pg-boss repeats a failed one twice since version 10. */
export function attemptsDefault(library: string, major?: number): Known {
  if (library === 'pg-boss') {
    if (major === undefined) return { state: 'unknown', why: 'how often pg-boss tries depends on its version' };
    return known(major < 10 ? 1 : 3, 'count', 'libraryDefault', { source: `pg-boss ${major} retryLimit ${major < 10 ? 0 : 2}` });
  }
  if (library === 'qstash') return known(4, 'count', 'libraryDefault', { source: 'QStash retries 3 times' });
  if (!['bullmq', 'bull', 'bee-queue', 'agenda'].includes(library)) return { state: 'unknown', why: 'retries of a consumer are decided by its handler' };
  return known(1, 'count', 'libraryDefault', { source: `${library} attempts` });
}

/** The pauses that a broker makes by itself. QStash's grow by a factor of 12 each time; what stands here is the first. */
export const backoffDefault = (library: string): { backoff?: Pause } =>
  library === 'qstash' ? { backoff: { kind: 'exponential', delayMs: known(12_000, 'ms', 'libraryDefault', { source: 'QStash waits e^(2.5 n) seconds' }) } } : {};

/** Messages that a broker hands over at a time by requests of its own. A queue's setting is often made in its console. */
export const pushedAtOnce = (library: string, isQueued: boolean): Known =>
  isQueued
    ? known(1, 'jobs', 'assumed', { range: [1, 20], source: `a queue of ${library} hands over one message at a time unless it is told otherwise` })
    : none(undefined, `${library} hands over every message at once`);

/** Threads that a pool may have where code does not say: they follow the cores of the machine, which nobody knows here. */
export function threadsDefault(library: string): Known {
  const [value, low, high, source] = THREADS[library] ?? [4, 2, 32, 'worker threads without a pool: as many as there are cores'];
  return known(value, 'count', 'assumed', { range: [low, high], source });
}

const THREADS: Readonly<Record<string, [value: number, low: number, high: number, source: string]>> = {
  piscina: [6, 3, 48, 'piscina 2-5 maxThreads: one and a half per core, taken as 4 cores'],
  tinypool: [4, 2, 32, 'tinypool 2 maxThreads: one per core, taken as 4 cores'],
  workerpool: [3, 1, 31, 'workerpool 10 maxWorkers: one less than there are cores, taken as 4 cores'],
};

/** The pause that a library makes by itself: pg-boss fetches again when its polling interval is over, also where jobs wait. */
export const waitDefault = (library: string): Known =>
  library === 'pg-boss' ? known(2000, 'ms', 'libraryDefault', { source: 'pg-boss 9-12 polling interval' }) : { state: 'unknown', why: 'how long it waits is not known here' };

/** Clients that are known to wait for ever, or whose default is known. */
const WAITING = [
  'axios',
  'got',
  'ky',
  'node-fetch',
  'cross-fetch',
  'request',
  'request-promise',
  'request-promise-native',
  'superagent',
  'needle',
  'aws-signed-axios',
  'http',
  'https',
  'http-proxy',
  '@grpc/grpc-js',
  '@slack/web-api',
  '@sendgrid/mail',
  '@sendgrid/client',
];

/** Major versions whose defaults were read, of libraries that changed theirs or may. */
const READ_VERSIONS: Readonly<Record<string, [first: number, last: number]>> = { twilio: [3, 6], '@slack/web-api': [5, 8], '@fastify/rate-limit': [7, 11] };

/** Why the default of a version that nobody read is not known. */
function unreadVersion(library: string, major: number | undefined): Known | undefined {
  const [first, last] = READ_VERSIONS[library] ?? [0, Number.POSITIVE_INFINITY];
  return major === undefined || (major >= first && major <= last) ? undefined : { state: 'unknown', why: `the defaults of ${library} ${major} are not known here` };
}

const versionWords = (library: string, major: number | undefined): string => `${library} ${major ?? READ_VERSIONS[library]?.join('-') ?? ''}`.trim();

/** How long a call waits for its answer when the code does not say. */
export function timeoutDefault(library: string, major?: number): Known {
  const unread = unreadVersion(library, major);
  if (unread) return unread;
  if (library === 'undici') return known(300_000, 'ms', 'libraryDefault', { source: 'undici 5-8 headersTimeout (fetch of Node 18 and later)' });
  if (library === 'stripe') return known(80_000, 'ms', 'libraryDefault', { source: 'stripe 8-23 timeout' });
  if (library === 'openai' || library === '@anthropic-ai/sdk')
    return known(600_000, 'ms', 'libraryDefault', { source: library === 'openai' ? 'openai 4-7 timeout' : `${library} timeout` });
  if (library === 'twilio') return known(30_000, 'ms', 'libraryDefault', { source: `${versionWords(library, major)} timeout` });
  if (library === 'aws-sdk') return known(120_000, 'ms', 'libraryDefault', { source: 'AWS SDK for JavaScript 2 httpOptions.timeout' });
  if (library.startsWith('@aws-sdk/')) return none(undefined, 'AWS SDK for JavaScript 3 requestTimeout 0: waits for ever');
  if (WAITING.every((it) => it !== library)) return { state: 'unknown', why: `the timeout of ${library} is not known here` };
  if (library === 'ky') return known(10_000, 'ms', 'libraryDefault', { source: 'ky 0.33-2 timeout' });
  return none(undefined, `${library} waits for ever`);
}

/** Retries by library: how many, and whether only requests that may be sent twice are repeated. */
const RETRIES: Readonly<Record<string, [count: number, source: string, onlyIdempotent?: true]>> = {
  got: [2, 'got 11-16 retry.limit', true],
  ky: [2, 'ky 0.33-2 retry.limit', true],
  openai: [2, 'openai 4-7 maxRetries'],
  '@anthropic-ai/sdk': [2, '@anthropic-ai/sdk maxRetries'],
  twilio: [0, 'twilio 3-6 autoRetry false'],
  '@sendgrid/mail': [0, '@sendgrid/client 7-8 does not retry'],
  '@sendgrid/client': [0, '@sendgrid/client 7-8 does not retry'],
  '@slack/web-api': [10, '@slack/web-api 5-8 retryConfig: ten in about half an hour'],
  'axios-retry': [3, 'axios-retry 4 retries'],
  'p-retry': [10, 'p-retry 4-8 retries'],
  'async-retry': [10, 'async-retry 1 retries'],
  'exponential-backoff': [9, 'exponential-backoff 3 numOfAttempts'],
  '@aws-sdk': [2, 'AWS SDK for JavaScript 3 maxAttempts: 3'],
  'aws-sdk': [3, 'AWS SDK for JavaScript 2 maxRetries'],
};
const REPEATABLE = /^(GET|PUT|HEAD|DELETE|OPTIONS|TRACE)$/;

/** How often a client repeats a call that failed; `method` tells those that may not be sent twice, Stripe's number came with its version. */
export function retriesDefault(library: string, method = 'GET', major?: number): Known {
  if (library === 'stripe') {
    if (major === undefined) return { state: 'unknown', why: 'how often stripe repeats depends on its version' };
    const count = major < 13 ? 0 : major < 17 ? 1 : 2;
    return known(count, 'count', 'libraryDefault', { source: `stripe ${major} maxNetworkRetries` });
  }
  const unread = unreadVersion(library, major);
  if (unread) return unread;
  const said = RETRIES[library];
  if (said) {
    const [count, source, onlyIdempotent] = said;
    return known(onlyIdempotent && !REPEATABLE.test(method) ? 0 : count, 'count', 'libraryDefault', { source });
  }
  if (library !== 'undici' && !WAITING.includes(library)) return { state: 'unknown', why: `the retries of ${library} are not known here` };
  return known(0, 'count', 'libraryDefault', { source: `${library} does not retry` });
}

const PAUSES: Readonly<Record<string, [delayMs: number, source: string]>> = {
  got: [1000, 'got 11-16 retry.calculateDelay'],
  ky: [300, 'ky 0.33-2 retry.delay'],
  'axios-retry exponentialDelay': [200, 'axios-retry 4 exponentialDelay'],
  'p-retry': [1000, 'p-retry 4-8 minTimeout'],
  'async-retry': [1000, 'async-retry 1 minTimeout'],
  'exponential-backoff': [100, 'exponential-backoff 3 startingDelay'],
  cockatiel: [128, 'cockatiel 3 ExponentialBackoff initialDelay'],
  '@aws-sdk': [100, 'AWS SDK for JavaScript 3: delay base of its standard retries'],
  'aws-sdk': [100, 'AWS SDK for JavaScript 2 retryDelayOptions.base'],
};

/** The pause before a retry that a library makes by itself; absent: none. */
export function pauseDefault(library: string): Pause | undefined {
  const said = PAUSES[library];
  return said && { kind: 'exponential', delayMs: known(said[0], 'ms', 'libraryDefault', { source: said[1] }) };
}

/** How AWS runs a function that does not say otherwise: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, serverless.com/framework/docs/providers/aws/guide/functions. */
export const FUNCTION_DEFAULTS = {
  most: known(1000, 'replicas', 'libraryDefault', { source: 'AWS Lambda: 1,000 calls at once per account and region, shared by all functions' }),
  memoryMb: { serverless: 1024, lambda: 128, sst: 1024 },
  timeoutMs: { serverless: 6000, lambda: 3000, sst: 20_000 },
  coldStartMs: assumed(300, 100, 1500, 'cold start of a Node.js function'),
  idleMs: assumed(600_000, 300_000, 2_700_000, 'time until an idle instance of a function is taken away'),
  source: { serverless: 'Serverless Framework', lambda: 'AWS Lambda', sst: 'SST 3' },
} as const;

/** A function gets CPU in proportion to its memory: docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html. */
export const MEMORY_PER_CORE_MB = 1769;

/** opossum 10: its first failure opens it. */
export const BREAKER_DEFAULTS = {
  timeoutMs: known(10_000, 'ms', 'libraryDefault', { source: 'opossum 10 timeout' }),
  errorThresholdPercentage: known(50, 'count', 'libraryDefault', { source: 'opossum 10 errorThresholdPercentage' }),
  volumeThreshold: known(0, 'count', 'libraryDefault', { source: 'opossum 10 volumeThreshold' }),
  rollingWindowMs: known(10_000, 'ms', 'libraryDefault', { source: 'opossum 10 rollingCountTimeout' }),
  resetTimeoutMs: known(30_000, 'ms', 'libraryDefault', { source: 'opossum 10 resetTimeout' }),
};

export const MAIL_TIMEOUT_MS = known(600_000, 'ms', 'libraryDefault', { source: 'nodemailer socketTimeout' });

const LIMITERS: Readonly<Record<string, { limit: Known; windowMs: Known }>> = {
  'express-rate-limit': {
    limit: known(5, 'count', 'libraryDefault', { source: 'express-rate-limit 6-8 limit' }),
    windowMs: known(60_000, 'ms', 'libraryDefault', { source: 'express-rate-limit 6-8 windowMs' }),
  },
  '@fastify/rate-limit': {
    limit: known(1000, 'count', 'libraryDefault', { source: '@fastify/rate-limit 7-11 max' }),
    windowMs: known(60_000, 'ms', 'libraryDefault', { source: '@fastify/rate-limit 7-11 timeWindow' }),
  },
};

/** What a limiter lets through where nothing is told, by the library that it comes from. */
export const limiterDefaults = (library: string, major?: number): { limit: Known; windowMs: Known } => {
  const unread = unreadVersion(library, major);
  if (unread) return { limit: unread, windowMs: unread };
  const why = `the limit of ${library} is not known here`;
  return LIMITERS[library] ?? { limit: { state: 'unknown', why }, windowMs: { state: 'unknown', why } };
};
