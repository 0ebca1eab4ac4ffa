import type { Rule } from '../model/weakness.ts';
import blockingWorkInRequest from './blocking-work-in-request.ts';
import cacheStampede from './cache-stampede.ts';
import connectionBudget from './connection-budget.ts';
import dualWrite from './dual-write.ts';
import eventLoopBlocking from './event-loop-blocking.ts';
import jobAwaitedInRequest from './job-awaited-in-request.ts';
import keyspaceScan from './keyspace-scan.ts';
import lockShorterThanQuery from './lock-shorter-than-query.ts';
import missingAcquireTimeout from './missing-acquire-timeout.ts';
import missingDeadLetter from './missing-dead-letter.ts';
import missingHttpCaching from './missing-http-caching.ts';
import missingIndex from './missing-index.ts';
import missingPool from './missing-pool.ts';
import missingRetryBackoff from './missing-retry-backoff.ts';
import nPlusOne from './n-plus-one.ts';
import missingSaga from './missing-saga.ts';
import nestedAcquire from './nested-acquire.ts';
import nonIdempotentConsumer from './non-idempotent-consumer.ts';
import poolSaturation from './pool-saturation.ts';
import readReplica from './read-replica.ts';
import sharedReadWriteModel from './shared-read-write-model.ts';
import slowConsumer from './slow-consumer.ts';
import staleCacheWrite from './stale-cache-write.ts';
import staleReplicaRead from './stale-replica-read.ts';
import synchronousWritePath from './synchronous-write-path.ts';
import unboundedCache from './unbounded-cache.ts';
import unboundedQuery from './unbounded-query.ts';
import uncachedHotRead from './uncached-hot-read.ts';
import workerInWebProcess from './worker-in-web-process.ts';

/** The catalogue in the order of its numbers. */
export const RULES: readonly Rule[] = [
  poolSaturation,
  missingPool,
  connectionBudget,
  missingAcquireTimeout,
  nPlusOne,
  missingIndex,
  unboundedQuery,
  readReplica,
  sharedReadWriteModel,
  staleReplicaRead,
  uncachedHotRead,
  cacheStampede,
  lockShorterThanQuery,
  unboundedCache,
  missingHttpCaching,
  staleCacheWrite,
  blockingWorkInRequest,
  synchronousWritePath,
  missingDeadLetter,
  missingRetryBackoff,
  nonIdempotentConsumer,
  slowConsumer,
  missingSaga,
  workerInWebProcess,
  eventLoopBlocking,
  nestedAcquire,
  dualWrite,
  jobAwaitedInRequest,
  keyspaceScan,
];
