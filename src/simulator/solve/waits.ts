import { exp } from '../arithmetic.ts';

/** Probability that all servers are busy in M/G/c/c (Erlang B); `work` in erlangs. Insensitive to the law of service. */
export function erlangB(servers: number, work: number): number {
  // Nobody is ever turned away where there is no end of servers.
  if (servers === Number.POSITIVE_INFINITY) return 0;
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (work * blocked) / (n + work * blocked);
  return blocked;
}

/** Probability of waiting in M/M/c (Erlang C); 1 where the work reaches the servers. */
export function erlangC(servers: number, work: number): number {
  if (work >= servers) return 1;
  if (servers === Number.POSITIVE_INFINITY) return 0;
  const blocked = erlangB(servers, work);
  return (servers * blocked) / (servers - work * (1 - blocked));
}

/** With more servers than this their residual times average out. */
const MANY_SERVERS = 64;

/**
 * How much longer or shorter than in M/M/c the mean wait is, for service with this squared coefficient of variation.
 * One server: Pollaczek–Khinchine, exact. More: steadier service by Kimura's interpolation between M/M/c and M/D/c (Cosmetatos), within about 2%;
 * more variable service between light traffic, where one waits for the first of all servers to be done (Burman and Smith 1983), and heavy traffic.
 */
export function variabilityFactor(servers: number, utilisation: number, cv2: number): number {
  if (servers <= 1 || cv2 === 1) return (1 + cv2) / 2;
  if (cv2 > 1) return (1 - utilisation) * firstToBeDone(servers, cv2) + (utilisation * (1 + cv2)) / 2;
  const steady = 0.5 * (1 + ((1 - utilisation) * (servers - 1) * (Math.sqrt(4 + 5 * servers) - 2)) / (16 * utilisation * servers));
  return (1 + cv2) / (2 * cv2 + (1 - cv2) / Math.min(1, steady));
}

/**
 * Mean time until the first of all busy servers is done, relative to exponential service.
 * The law is hyperexponential with balanced means: each kind of customer fills half of the servers.
 */
function firstToBeDone(servers: number, cv2: number): number {
  if (servers > MANY_SERVERS) return 1;
  const spread = Math.sqrt((cv2 - 1) / (cv2 + 1));
  let share = 1;
  for (let n = 0; n < servers; n++) share /= 2;
  let sum = 0;
  for (let quick = 0; quick <= servers; quick++) {
    sum += share / (quick * (1 + spread) + (servers - quick) * (1 - spread));
    share *= (servers - quick) / (quick + 1);
  }
  return servers * sum;
}

/**
 * The same where at most `room` can wait, for the others stand in front of the pools whose places they lack:
 * slow customers make long queues, and of a long queue little fits. Weighed by the room against the queue that variable service tends to
 * (heavy traffic); found by playing networks of one and two pools, within 10% of them.
 */
export function variabilityWithin(servers: number, utilisation: number, cv2: number, room: number): number {
  const open = variabilityFactor(servers, utilisation, cv2);
  if (cv2 <= 1) return open;
  const busy = Math.min(utilisation, MOST_BUSY);
  const queue = ((cv2 / 2) * busy) / (1 - busy);
  return 1 + ((open - 1) * room) / (room + queue);
}

const MOST_BUSY = 0.9;

/** Result of a wait formula, written in place because the solver calls it thousands of times a frame. */
export interface Wait {
  mean: number;
  /** Second moment. */
  square: number;
  /** Share refused for lack of room. */
  refused: number;
  /** Share that gave up at the wait limit. */
  expired: number;
  stable: boolean;
}

const clear = (into: Wait): void => {
  into.mean = 0;
  into.square = 0;
  into.refused = 0;
  into.expired = 0;
  into.stable = true;
};

/** M/G/c with unbounded room; `third` is the third moment of service, which only one server needs. Unstable: the wait is left at 0 and `stable` is false. */
export function waitInQueue(into: Wait, servers: number, rate: number, holdMs: number, cv2: number, third: number): void {
  clear(into);
  const work = rate * holdMs;
  if (work <= 0) return;
  if (work >= servers) {
    into.stable = false;
    return;
  }
  const waits = erlangC(servers, work);
  const rho = work / servers;
  into.mean = ((waits * holdMs) / (servers - work)) * variabilityFactor(servers, rho, cv2);
  if (servers === 1) {
    // Takács.
    into.square = 2 * into.mean * into.mean + (rate * third) / (3 * (1 - rho));
  } else into.square = waits > 0 ? (2 * into.mean * into.mean) / waits : 0;
}

/** M/M/c/K: room for `room` waiting customers (0: Erlang B, whatever the law of service). */
export function waitInRoom(into: Wait, servers: number, room: number, rate: number, holdMs: number): void {
  clear(into);
  const work = rate * holdMs;
  if (work <= 0) return;
  const blocked = erlangB(servers, work);
  const rho = work / servers;
  // Weights relative to "all servers busy, nobody waits": below it (1 - blocked) / blocked, above it a geometric series.
  let waiting = 0;
  let weighted = 0;
  let square = 0;
  let weight = 1;
  for (let n = 1; n <= room; n++) {
    weight *= rho;
    // Who arrives with n - 1 waiting joins and waits for n departures.
    waiting += weight;
  }
  weight = 1;
  const step = holdMs / servers;
  for (let n = 0; n < room; n++) {
    weighted += weight * (n + 1) * step;
    square += weight * (n + 1) * (n + 2) * step * step;
    weight *= rho;
  }
  const total = 1 / blocked + waiting;
  into.refused = weight / total;
  const joined = total - weight;
  if (joined <= 0) return;
  into.mean = weighted / joined;
  into.square = square / joined;
}

/** M/M/c+D: who has waited `limitMs` leaves (Barrer 1957). Moments are those of the customers that are served. */
export function waitWithLimit(into: Wait, servers: number, limitMs: number, rate: number, holdMs: number): void {
  clear(into);
  const work = rate * holdMs;
  if (work <= 0) return;
  // Level crossings of the virtual wait: density proportional to exp(-drift·w) below the limit, exp(-exit·(w - limit)) above it.
  const exit = servers / holdMs;
  const drift = exit - rate;
  const blocked = erlangB(servers - 1, work);
  const below = 1 / blocked;
  const atLimit = drift * limitMs < -600 ? 1e260 : exp(-drift * limitMs);
  const x = drift * limitMs;
  const small = Math.abs(x) < 1e-6;
  const area = small ? limitMs : (1 - atLimit) / drift;
  const first = small ? (limitMs * limitMs) / 2 : (1 - atLimit * (1 + x)) / (drift * drift);
  const second = small ? (limitMs * limitMs * limitMs) / 3 : (2 - atLimit * (2 + x * (2 + x))) / (drift * drift * drift);
  const past = atLimit / exit;
  const total = below + rate * (area + past);
  into.expired = (rate * past) / total;
  const served = below + rate * area;
  into.mean = (rate * first) / served;
  into.square = (rate * second) / served;
}

const roomFor = 512;
const think = new Float64Array(roomFor + 1);
const thinkUpTo = new Float64Array(roomFor + 1);

/** Result of `waitAmongHolders`. */
export interface HolderWait {
  /** Mean wait at the inner station. */
  inner: number;
  /** Mean wait for a holder's place (the pool), per visit of the inner station. */
  outer: number;
  /** Shares of visitors that wait at all, inside and in front of the pool. */
  innerWaits: number;
  outerWaits: number;
  stable: boolean;
}

/**
 * Mean waits where every visitor of a station (`servers`, `serviceMs`) holds one of `holders` places (connections of pools),
 * and spends `thinkMs` per visit holding it elsewhere. The station can never see more than `holders` visitors, so its queue is bounded
 * and the waiting moves in front of the pool.
 * Flow-equivalent aggregation: exact inside the pool for a given number of holders, birth and death outside.
 */
export function waitAmongHolders(into: HolderWait, servers: number, holders: number, rate: number, serviceMs: number, thinkMs: number): void {
  into.inner = 0;
  into.outer = 0;
  into.innerWaits = 1;
  into.outerWaits = 1;
  into.stable = true;
  if (rate <= 0 || serviceMs <= 0) return;
  if (holders > roomFor) {
    bigPool(into, servers, holders, rate, serviceMs, thinkMs);
    return;
  }
  const z = rate * thinkMs;
  if (z > holders) {
    // Only ratios matter: starting at the largest term nothing overflows.
    think[holders] = 1;
    for (let n = holders; n > 0; n--) think[n - 1] = ((think[n] as number) * n) / z;
  } else {
    think[0] = exp(-z);
    for (let n = 1; n <= holders; n++) think[n] = ((think[n - 1] as number) * z) / n;
  }
  let sum = 0;
  for (let n = 0; n <= holders; n++) {
    sum += think[n] as number;
    thinkUpTo[n] = sum;
  }
  const s = rate * serviceMs;
  let here = 1;
  let mass = 0;
  let inside = 0;
  let full = 0;
  let fullInside = 0;
  let oneLess = 0;
  let waiting = 0;
  let fullWaiting = 0;
  for (let n = 0; n <= holders; n++) {
    if (n > 0) here *= s / Math.min(n, servers);
    if (n < holders) {
      const share = here * (thinkUpTo[holders - 1 - n] as number);
      mass += share;
      inside += share * n;
      if (n >= servers) waiting += share;
      oneLess += here * (think[holders - 1 - n] as number);
    }
    const atFull = here * (think[holders - n] as number);
    full += atFull;
    fullInside += atFull * n;
    if (n >= servers) fullWaiting += atFull;
    if (here > 1e200) {
      // Only ratios matter: rescale before the weights overflow.
      here *= 1e-200;
      mass *= 1e-200;
      inside *= 1e-200;
      full *= 1e-200;
      fullInside *= 1e-200;
      oneLess *= 1e-200;
      waiting *= 1e-200;
      fullWaiting *= 1e-200;
    }
  }
  // Both sink into rounding where so many holders are never busy at once.
  const ratio = oneLess > mass * 1e-200 ? full / oneLess : 0;
  const meanAtFull = full > 0 ? fullInside / full : 0;
  if (!(ratio < 1)) {
    into.stable = false;
    into.inner = Math.max(0, (meanAtFull * ratio) / rate - serviceMs);
    return;
  }
  const busy = full / (1 - ratio);
  const total = mass + busy;
  into.inner = Math.max(0, (inside + busy * meanAtFull) / total / rate - serviceMs);
  into.innerWaits = (waiting + (full > 0 ? (busy * fullWaiting) / full : 0)) / total;
  into.outerWaits = busy / total;
  into.outer = (full * ratio) / ((1 - ratio) * (1 - ratio)) / total / rate;
}

/** Past 512 holders the bound hardly matters below saturation: M/M/c, and the closed limit above it. */
function bigPool(into: HolderWait, servers: number, holders: number, rate: number, serviceMs: number, thinkMs: number): void {
  const work = rate * serviceMs;
  const most = Math.max(0, (holders * serviceMs) / servers - thinkMs - serviceMs);
  if (work >= servers) {
    into.stable = false;
    into.inner = most;
    return;
  }
  into.innerWaits = erlangC(servers, work);
  into.inner = Math.min(most, (into.innerWaits * serviceMs) / (servers - work));
}
