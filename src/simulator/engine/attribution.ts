import type { Network } from '../../model/network.ts';
import type { Ledger, Spent } from './ledger.ts';
import type { Attribution } from './run.ts';

/** Means over some responses of a source: what they waited for, where they were served, and what else took time; the largest first. They add up to the response. */
export function attributionOf(network: Network, it: Spent): Attribution {
  const each = 1 / Math.max(1, it.responses);
  const at = (part: number): number => (it.parts[part] as number) * each;
  const stations = network.stations.length;
  return {
    responses: it.responses,
    responseMs: it.parts.reduce((sum, part) => sum + part, 0) * each,
    stations: network.stations
      .map((station, s) => ({ id: station.id, waitMs: at(2 * s), serviceMs: at(2 * s + 1) }))
      .filter((part) => part.waitMs + part.serviceMs > 0)
      .sort((a, b) => b.waitMs + b.serviceMs - a.waitMs - a.serviceMs),
    delayMs: at(2 * stations),
    lostMs: at(2 * stations + 1),
  };
}

/** Of all responses of a source and of the slowest hundredth; null where nothing was answered. */
export const attributionsOf = (network: Network, ledger: Ledger, source: number, p99: number): { mean: Attribution; p99: Attribution } => ({
  mean: attributionOf(network, ledger.total(source)),
  p99: attributionOf(network, ledger.beyond(source, p99)),
});
