/** What a task's event means when it comes. */
export const RUNNING = 0;
export const QUEUED = 1;
export const SERVED = 2;
export const DELAYED = 3;
export const CALLING = 4;
export const FORKED = 5;
export const BACKING_OFF = 6;
/** Ended from outside while it stood in the line of those that are ready. */
export const CANCELLED = 7;
/** A message whose next attempt is still to come. */
export const BETWEEN_ATTEMPTS = 8;
/** A group's autoscaler, between its looks. */
export const SCALING = 9;
/** A closed source's user, between requests and while it waits for an answer. */
export const THINKING = 16;
export const USING = 17;
/** A fault, between its changes. */
export const FAULT = 18;
/** A call that was lost and never answers. */
export const LOST = 19;
/** A lookup that waits for another's miss of the same key. */
export const LOOKING_ON = 20;
/** An instance's clock: its crash for want of memory, or its restart. */
export const RESTART = 21;

/** A deploy's clock, between its steps. */
export const DEPLOYING = 22;

export const NONE = -1;
/** What the task is to others: one that was called, a message or an answered request; a branch, part of the task that is its parent; a request whose client waits for the answer. */
export const UNAWAITED = 0;
export const PART = 1;
export const AWAITED = 2;
/** Of a request: its client has its answer, or was counted among the errors before it came. */
export const ANSWERED = 1;
export const OVERDUE = 2;
/** Spawned tasks have an age until their first server; others have none. */
export const UNAGED = 0;
export const AGED = 1;
export const NO_MESSAGE = 2;
/** Balancers by number. */
export const BALANCES: readonly string[] = ['random', 'roundRobin', 'leastConnections', 'powerOfTwo', 'connection'];
export const BALANCE_ROUND_ROBIN = 1;
export const BALANCE_LEAST = 2;
export const BALANCE_TWO = 3;
export const BALANCE_CONNECTION = 4;

/** What a station does beyond serving in order of arrival; a sum of these. */
export const SHARES = 1;
export const RANKS = 2;
export const FAILS = 4;
export const TURNS = 8;
