/** Closed forms, written for the tests alone: nothing here is shared with what is tested. Mean service is 1 unless said. */

/** Share that M/G/c/c refuses (Erlang 1917), by the stable recursion; `load` is arrivals × mean service. */
export function erlangB(servers: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
}

/** Share of customers of M/M/c that wait (Erlang 1917). */
export function erlangC(servers: number, load: number): number {
  const blocked = erlangB(servers, load);
  return (servers * blocked) / (servers - load * (1 - blocked));
}

/** M/M/c: wait, response and their laws. */
export function mmc(rate: number, servers: number) {
  const waits = erlangC(servers, rate);
  const Wq = waits / (servers - rate);
  const tail = (share: number): number => Math.log(waits / share) / (servers - rate);
  return { P_wait: waits, Wq, T: Wq + 1, Lq: rate * Wq, L: rate * (Wq + 1), Wq_p95: tail(0.05), Wq_p99: tail(0.01) };
}

/** M/G/1 (Pollaczek 1930, Khinchine 1932); `cv2` of the service. */
export function mg1(rate: number, cv2: number) {
  const Wq = (rate * (1 + cv2)) / 2 / (1 - rate);
  return { Wq, T: Wq + 1, Lq: rate * Wq, L: rate * (Wq + 1) };
}

/** Birth and death: probabilities of 0, 1, …, last. */
export function birthAndDeath(last: number, birth: (n: number) => number, death: (n: number) => number): number[] {
  const weights = [1];
  for (let n = 1; n <= last; n++) weights.push(((weights[n - 1] as number) * birth(n - 1)) / death(n));
  const total = weights.reduce((sum, it) => sum + it, 0);
  return weights.map((it) => it / total);
}
export const meanOf = (probabilities: readonly number[]): number => probabilities.reduce((sum, it, n) => sum + n * it, 0);

/** M/M/c/K; `capacity` counts the servers. */
export function mmck(rate: number, servers: number, capacity: number) {
  const p = birthAndDeath(
    capacity,
    () => rate,
    (n) => Math.min(n, servers),
  );
  const reject = p[capacity] as number;
  const throughput = rate * (1 - reject);
  const L = meanOf(p);
  const Lq = L - throughput;
  return { reject, throughput, L, Lq, Wq: Lq / throughput, T: L / throughput, utilisation: throughput / servers };
}

/** M/M/c//N (machine repair): `think` in units of the mean service. */
export function finiteSource(users: number, think: number, servers: number) {
  const p = birthAndDeath(
    users,
    (n) => (users - n) / think,
    (n) => Math.min(n, servers),
  );
  const L = meanOf(p);
  const X = (users - L) / think;
  return { X, L, T: L / X, utilisation: X / servers };
}

/** M/M/c+M (Palm 1957): customers leave the queue after an exponential patience of this mean. */
export function erlangA(rate: number, servers: number, patience: number) {
  const last = servers + 2000;
  const p = birthAndDeath(
    last,
    () => rate,
    (n) => Math.min(n, servers) + Math.max(0, n - servers) / patience,
  );
  const Lq = p.reduce((sum, it, n) => sum + Math.max(0, n - servers) * it, 0);
  return { P_abandon: Lq / patience / rate, throughput: rate - Lq / patience, Lq };
}

/** Non-preemptive priorities in M/M/1, the first class before the second (Cobham 1954): mean waits. */
export function cobham(rates: readonly number[]): number[] {
  const load = rates.reduce((sum, it) => sum + it, 0);
  let before = 0;
  return rates.map((rate) => {
    const upTo = before + rate;
    const wait = load / (1 - before) / (1 - upTo);
    before = upTo;
    return wait;
  });
}

/** GI/M/1: the root of σ = A*(1 − σ) and what follows; `transform` is the Laplace transform of the gaps. */
export function gim1(transform: (s: number) => number) {
  let sigma = 0.5;
  for (let round = 0; round < 100_000; round++) sigma = transform(1 - sigma);
  return { sigma, Wq: sigma / (1 - sigma), T: 1 / (1 - sigma), T_p99: Math.log(100) / (1 - sigma) };
}
export const pacedGaps =
  (rate: number) =>
  (s: number): number =>
    Math.exp(-s / rate);
export const erlangGaps =
  (rate: number, stages: number) =>
  (s: number): number =>
    (1 + s / rate / stages) ** -stages;

/** Exact mean value analysis of single servers with these demands (Reiser & Lavenberg 1980). */
export function mva(users: number, think: number, demands: readonly number[]) {
  let queues = demands.map(() => 0);
  let [X, R] = [0, 0];
  for (let n = 1; n <= users; n++) {
    const times = demands.map((demand, index) => demand * (1 + (queues[index] as number)));
    R = times.reduce((sum, it) => sum + it, 0);
    X = n / (think + R);
    queues = times.map((it) => X * it);
  }
  return { X, R };
}

/** P(N = n) of a Poisson number, n = 0 … last. */
export function poisson(mean: number, last: number): number[] {
  const p = [Math.exp(-mean)];
  for (let n = 1; n <= last; n++) p.push(((p[n - 1] as number) * mean) / n);
  return p;
}
/** E min(N, most) of a Poisson number. */
export const poissonUpTo = (mean: number, most: number): number => {
  const p = poisson(mean, most);
  const below = p.slice(0, most);
  return below.reduce((sum, it, n) => sum + n * it, 0) + most * (1 - below.reduce((sum, it) => sum + it, 0));
};

/**
 * A pool of two, and customers who take one connection and then a second before a service of mean 1: how many are answered until two hold one each and wait for ever.
 * With one in service n customers are there; whoever comes at n ≥ 3 seals it: at the next completion two waiters get one connection each.
 */
export function answersBeforeDeadlock(rate: number): number {
  const up = rate / (rate + 1);
  const down = 1 / (rate + 1);
  // N1 = down (1 + N0) + up N2, N2 = down (1 + N1) + up · 1, N0 = N1.
  // N1 (1 − down) = down + up N2; substitute N2 = down + down N1 + up.
  return (down + up * (down + up)) / (1 - down - up * down);
}

/**
 * Threads that are held during local work and a call to a database with fewer connections, Poisson arrivals: the stationary Markov chain of (present, at the database),
 * by Gauss-Seidel sweeps over a queue cut off at `last`. `local` and `db` are mean times.
 */
export function nestedPossession(rate: number, threads: number, connections: number, local: number, db: number, last = 400) {
  const width = threads + 1;
  const p = new Float64Array((last + 1) * width).fill(0);
  const inside = (n: number): number => Math.min(n, threads);
  for (let n = 0; n <= last; n++) for (let j = 0; j <= inside(n); j++) p[n * width + j] = 0.9 ** n;
  for (let sweep = 0, moved = 1; sweep < 20_000 && moved > 1e-13; sweep++) {
    moved = 0;
    let total = 0;
    for (let n = 0; n <= last; n++)
      for (let j = 0; j <= inside(n); j++) {
        const working = inside(n) - j;
        const out = (n < last ? rate : 0) + working / local + Math.min(j, connections) / db;
        let into = 0;
        // An arrival finds a thread or queues; either way nobody moves to the database.
        if (n > 0 && j <= inside(n - 1)) into += rate * (p[(n - 1) * width + j] as number);
        if (j > 0) into += ((working + 1) / local) * (p[n * width + j - 1] as number);
        if (n < last && j + 1 <= inside(n + 1)) into += (Math.min(j + 1, connections) / db) * (p[(n + 1) * width + j + 1] as number);
        const next = into / out;
        const at = n * width + j;
        moved = Math.max(moved, Math.abs(next - (p[at] as number)) / (1e-9 + next));
        p[at] = next;
        total += next;
      }
    for (let at = 0; at < p.length; at++) p[at] = (p[at] as number) / total;
    if (sweep % 10 !== 0) moved = 1;
  }
  let present = 0;
  let busy = 0;
  let full = 0;
  for (let n = 0; n <= last; n++)
    for (let j = 0; j <= inside(n); j++) {
      const share = p[n * width + j] as number;
      present += n * share;
      busy += inside(n) * share;
      if (n >= threads) full += share;
    }
  return { T: present / rate, threads_busy: busy, wait_for_thread: (present - busy) / rate, P_threads_exhausted: full };
}
