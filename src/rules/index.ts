import type { Rule } from '../model/weakness.ts';
import blockingWorkInRequest from './blocking-work-in-request.ts';
import connectionBudget from './connection-budget.ts';
import dualWrite from './dual-write.ts';
import keyspaceScan from './keyspace-scan.ts';
import missingAcquireTimeout from './missing-acquire-timeout.ts';
import missingRetryBackoff from './missing-retry-backoff.ts';
import nPlusOne from './n-plus-one.ts';
import nestedAcquire from './nested-acquire.ts';
import poolSaturation from './pool-saturation.ts';
import slowConsumer from './slow-consumer.ts';
import synchronousWritePath from './synchronous-write-path.ts';
import unboundedQuery from './unbounded-query.ts';
import uncachedHotRead from './uncached-hot-read.ts';
import workerInWebProcess from './worker-in-web-process.ts';

/** The catalogue in the order of its numbers. */
export const RULES: readonly Rule[] = [
  poolSaturation,
  connectionBudget,
  missingAcquireTimeout,
  nPlusOne,
  unboundedQuery,
  uncachedHotRead,
  blockingWorkInRequest,
  synchronousWritePath,
  missingRetryBackoff,
  slowConsumer,
  workerInWebProcess,
  nestedAcquire,
  dualWrite,
  keyspaceScan,
];
