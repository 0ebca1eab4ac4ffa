import { ARRIVALS } from './rows/arrivals.ts';
import { CACHE_STORIES, CACHES } from './rows/caches.ts';
import { BEYOND_CHAINS } from './rows/beyond-chains.ts';
import { BEYOND_NETWORKS } from './rows/beyond-networks.ts';
import { BEYOND_QUEUES } from './rows/beyond-queues.ts';
import { CLOSED, CLOSED_STORIES } from './rows/closed.ts';
import { FAULT_STORIES, FAULTS } from './rows/faults.ts';
import { LOSSES } from './rows/loss.ts';
import { NETWORKS } from './rows/networks.ts';
import { POLICIES } from './rows/policies.ts';
import { QUEUES } from './rows/queues.ts';
import { PRIORITIES } from './rows/priorities.ts';
import { FIXED, STORIES as TOLD, type Story } from './rows/stories.ts';
import { BEYOND_TRANSIENTS, TRANSIENTS } from './rows/transients.ts';
import type { Row } from './row.ts';

/** What is told in several runs. */
export const STORIES: readonly Story[] = [...TOLD, ...CLOSED_STORIES, ...FAULT_STORIES, ...CACHE_STORIES];

/** Every row that is held against a case, and those of our own behind them; for both suites. */
export const ROWS: readonly Row[] = [
  ...QUEUES,
  ...LOSSES,
  ...ARRIVALS,
  ...CLOSED,
  ...PRIORITIES,
  ...FAULTS,
  ...CACHES,
  ...NETWORKS,
  ...TRANSIENTS,
  ...FIXED,
  ...POLICIES,
  ...BEYOND_QUEUES,
  ...BEYOND_NETWORKS,
  ...BEYOND_CHAINS,
  ...BEYOND_TRANSIENTS,
];
