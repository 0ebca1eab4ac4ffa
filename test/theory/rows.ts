import { ARRIVALS, ARRIVALS_TO_COME } from './rows/arrivals.ts';
import { CLOSED } from './rows/closed.ts';
import { LOSSES } from './rows/loss.ts';
import { NETWORKS } from './rows/networks.ts';
import { POLICIES } from './rows/policies.ts';
import { QUEUES } from './rows/queues.ts';
import { FIXED } from './rows/stories.ts';
import { TRANSIENTS } from './rows/transients.ts';
import type { Row } from './row.ts';

export { STORIES } from './rows/stories.ts';

/** Every row that is held against a case, for both suites. */
export const ROWS: readonly Row[] = [...QUEUES, ...LOSSES, ...ARRIVALS, ...CLOSED, ...NETWORKS, ...TRANSIENTS, ...FIXED, ...POLICIES];

/** Rows whose features the engine does not play yet. */
export const ROWS_TO_COME: readonly Row[] = ARRIVALS_TO_COME;
