import type { Network } from '../../model/network.ts';
import type { ReplicatedData } from '../../model/network-replicas.ts';
import { exp, power } from '../arithmetic.ts';
import { meanMsOf } from '../laws.ts';
import type { Flat } from './flatten.ts';
import type { ReplicaSolution } from './solution.ts';
import type { State } from './state.ts';

/** Beyond so many keys neighbours are taken together, a hundredth of their rank at a time. */
const ONE_BY_ONE = 1000;

/** How many writes and reads replicated data gets, and which share of the reads is stale. */
export const replicasOf = (network: Network, flat: Flat, state: State): ReplicaSolution[] =>
  (network.replicatedData ?? []).map((it) => {
    const rateOf = (isWrite: boolean): number =>
      flat.marks.reduce((sum, mark) => (mark.data === it.id && mark.isWrite === isWrite ? sum + (state.rate[mark.node] as number) : sum), 0);
    const [writesPerMs, readsPerMs] = [rateOf(true), rateOf(false)];
    return {
      id: it.id,
      writesPerSecond: writesPerMs * 1000,
      readsPerSecond: readsPerMs * 1000,
      staleShare: flat.cannot !== null || flat.paced ? null : staleShareOf(it, writesPerMs),
    };
  });

/**
 * Share of stale reads where writes come as a Poisson stream. A read of a key is stale while a write of it does not show:
 * with one key that is the chance that M/G/∞ is not empty, 1 − e^(−λ·lag), whatever the law; with several it is so for each key if the lag is always the same
 * (else a write may have to wait for a slower one of another key: null, play it).
 */
function staleShareOf({ keys, zipf, lag }: ReplicatedData, writesPerMs: number): number | null {
  const lagMs = meanMsOf(lag);
  if (keys > 1 && lag.kind !== 'deterministic') return null;
  let weights = 0;
  eachRank(keys, (rank, many) => {
    weights += many * power(rank, -zipf);
  });
  let stale = 0;
  eachRank(keys, (rank, many) => {
    const popularity = power(rank, -zipf) / weights;
    stale += many * popularity * (1 - exp(-writesPerMs * popularity * lagMs));
  });
  return stale;
}

/** Ranks from 1, and how many keys each stands for. */
function eachRank(keys: number, visit: (rank: number, many: number) => void): void {
  for (let rank = 1; rank <= keys; ) {
    const many = Math.min(keys - rank + 1, rank <= ONE_BY_ONE ? 1 : Math.floor(rank / 100));
    visit(rank + (many - 1) / 2, many);
    rank += many;
  }
}
