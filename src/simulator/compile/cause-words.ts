/** What users see when a pool's wait limit strikes, in the library's own words. */
const TIMEOUTS: Readonly<Record<string, string>> = {
  pg: 'timeout exceeded when trying to connect',
  'pg-pool': 'timeout exceeded when trying to connect',
  sequelize: 'SequelizeConnectionAcquireTimeoutError: Operation timeout',
  knex: 'Knex: Timeout acquiring a connection. The pool is probably full.',
  typeorm: 'timeout exceeded when trying to connect',
  prisma: 'Timed out fetching a new connection from the connection pool (P2024)',
  mongoose: 'MongoWaitQueueTimeoutError: Timed out while checking out a connection from connection pool',
  mongodb: 'MongoWaitQueueTimeoutError: Timed out while checking out a connection from connection pool',
  mysql2: 'Queue limit reached.',
  mysql: 'Queue limit reached.',
  pgbouncer: 'query_wait_timeout',
};

const REFUSALS: Readonly<Record<string, string>> = {
  pgbouncer: 'no more connections allowed (max_client_conn)',
  postgres: 'sorry, too many clients already',
  postgresql: 'sorry, too many clients already',
  mysql: 'Too many connections',
  mariadb: 'Too many connections',
  mongodb: 'connection refused because too many open connections',
  redis: 'ERR max number of clients reached',
};

/** What a refused client reads. */
const LIMITS: Readonly<Record<string, string>> = {
  'express-rate-limit': 'Too many requests, please try again later.',
  '@nestjs/throttler': 'ThrottlerException: Too Many Requests',
  '@fastify/rate-limit': 'Rate limit exceeded',
  nginx: '503 Service Temporarily Unavailable',
  kong: 'API rate limit exceeded',
};

export const limitWords = (library: string | undefined): string => (library && LIMITS[library]) || 'Too Many Requests';
export const timeoutWords = (library: string): string => TIMEOUTS[library] ?? `${library}: no free connection in time`;
export const refusalWords = (engine: string | undefined): string => (engine && REFUSALS[engine]) || 'too many connections';
/** The client's own words for giving up. */
export const PATIENCE = 'client gave up';
export const CALL_TIMEOUT = 'request timed out';

/** opossum's own words. */
export const BREAKER_OPEN = 'Breaker is open';
export const BREAKER_FULL = 'Semaphore locked';
