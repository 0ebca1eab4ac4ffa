import type { Distribution } from './network.ts';

/**
 * Data that is written at a primary and read at its replicas too, where a write shows only after a lag.
 * Keys 1…`keys`, key k as popular as 1 / k^`zipf`, drawn independently by writes and reads. Writes show in the order in which they were made, so none overtakes a slower one.
 * What writes and reads cost is said by the steps around them: `write` and `readReplica` take no time.
 */
export interface ReplicatedData {
  id: string;
  keys: number;
  zipf: number;
  /** From a write until a replica shows it; drawn for each replica. */
  lag: Distribution;
  /** Its instances are the replicas: a read is made at the one that its program runs in. Absent: a single replica. */
  group?: string;
}
