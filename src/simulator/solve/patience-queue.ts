/** M/M/c whose customers leave after an exponential patience. */
export interface PatienceQueue {
  expired: number;
  /** Mean number waiting, and mean and variance of the wait of those who are served. */
  queue: number;
  wait: number;
  variance: number;
  busy: number;
}

const SMALL = 1e-200;

/** Erlang A (Palm 1957): birth and death; whoever arrives behind k waiting must outlive k + 1 departures, be they served or gone. */
export function patienceQueue(servers: number, rate: number, serviceMs: number, patienceMs: number): PatienceQueue {
  const mu = 1 / serviceMs;
  const theta = 1 / patienceMs;
  // Weights relative to n = 0 would overflow: rescaled where they grow.
  let weight = 1;
  let total = 1;
  let busy = 0;
  let queue = 0;
  let served = 1;
  let waited = 0;
  let square = 0;
  // Of who arrives behind k others: chance to be served, mean and variance of the wait.
  let survives = 1;
  let mean = 0;
  let variance = 0;
  for (let n = 1; n < 1_000_000; n++) {
    weight *= rate / (Math.min(n, servers) * mu + Math.max(0, n - servers) * theta);
    if (weight > 1e200) {
      weight *= SMALL;
      total *= SMALL;
      busy *= SMALL;
      queue *= SMALL;
      served *= SMALL;
      waited *= SMALL;
      square *= SMALL;
    }
    total += weight;
    busy += weight * Math.min(n, servers);
    const behind = n - servers;
    if (behind < 0) {
      served += weight;
      continue;
    }
    queue += weight * behind;
    const leaves = servers * mu + behind * theta;
    survives *= leaves / (leaves + theta);
    mean += 1 / (leaves + theta);
    variance += 1 / ((leaves + theta) * (leaves + theta));
    served += weight * survives;
    waited += weight * survives * mean;
    square += weight * survives * (variance + mean * mean);
    if (weight < 1e-16 * total && n > servers + rate / mu) break;
  }
  const wait = waited / served;
  return { expired: 1 - served / total, queue: queue / total, wait, variance: Math.max(0, square / served - wait * wait), busy: busy / total };
}
