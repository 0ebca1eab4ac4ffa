// Sends requests to one address in an open loop and prints what came back as JSON, in the line after the word that all connections stand; runs as a process of its own, on a core of its own.
import { connect, type Socket } from 'node:net';
import { PATIENCE } from '../../src/simulator/compile/cause-words.ts';
import { draw } from '../../src/simulator/draw.ts';

/** Said when all connections stand, and the load begins. */
export const CONNECTED = 'connected';
const LINGER_MS = 100;

/** One load: what to send, how much, for how long. */
export interface Load {
  port: number;
  path: string;
  method: 'GET' | 'POST';
  /** 0: no open load, but `atOnce` clients who ask again as soon as they are answered. */
  perSecond: number;
  seconds: number;
  atOnce?: number;
  /** They pause before each request. */
  thinkMs?: number;
  /** Connections that are open before the first request; more are made when all are busy. */
  connections: number;
  /** Share of requests that come over a connection of their own, closed after the answer; default 0. */
  freshShare?: number;
  seed: number;
  /** The client hangs up after this long without an answer; null: never. */
  patienceMs: number | null;
  /** After an error or a hang-up the client tries again so often, after a pause between 0 and `initialMs`, then twice that, and so on. */
  retry?: { times: number; initialMs: number };
  /** Waits by timers alone, a millisecond coarse: for a core that something else needs, too. */
  coarse?: true;
  /** More for a while. */
  spike?: { fromSecond: number; seconds: number; perSecond: number };
}

/** What a load met. Latency counts from the intended send time, over requests sent after the warm-up (a tenth) and answered within the load's time. */
export interface Met {
  sentPerSecond: number;
  goodPerSecond: number;
  /** Answered well in the last quarter of the load, a second. */
  goodLatePerSecond: number;
  /** Mean without the slowest fiftieth: what usually happens. */
  usualMs: number;
  /** The same of requests that failed. */
  usualErrorMs: number;
  p50Ms: number;
  p95Ms: number;
  errorsPerSecond: Record<string, number>;
  /** p95 of the generator's own lateness: what it adds to every latency. */
  lateP95Ms: number;
  madeConnections: number;
}

interface Attempt {
  /** When the first attempt should have been sent. */
  intended: number;
  attempt: number;
  sentAt: number;
  /** It came over a connection of its own. */
  fresh?: boolean;
  /** Told of the last attempt's end. */
  done?: () => void;
}

/** Plays a load to its end; answers that come later are not waited for. */
export async function send(load: Load): Promise<Met> {
  const words = (method: string, path: string): string => `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n`;
  const request = words(load.method, load.path);
  const idle: Socket[] = [];
  const answered: { intended: number; ended: number; cause: string | null }[] = [];
  const late: number[] = [];
  let made = 0;
  let asked = 0;

  /** The end of an attempt: an answer for the client, or the next attempt. */
  const settle = ({ intended, attempt, done }: Attempt, cause: string | null): void => {
    if (cause === null || attempt >= (load.retry?.times ?? 0)) {
      answered.push({ intended, ended: performance.now(), cause });
      done?.();
    } else setTimeout(() => ask({ intended, attempt: attempt + 1, sentAt: performance.now() }), Math.random() * (load.retry?.initialMs ?? 0) * 2 ** attempt);
  };
  const open = (ready: (socket: Socket) => void): void => {
    made++;
    const socket = connect(load.port, '127.0.0.1', () => ready(socket));
    socket.setNoDelay(true);
    let waiting: Attempt | null = null;
    let text = '';
    const end = (cause: string | null): void => {
      const it = waiting;
      waiting = null;
      text = '';
      if (it) settle(it, cause);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const body = text.indexOf('\r\n\r\n');
      if (body < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < body + 4 + length) return;
      if (waiting?.fresh) {
        asking.delete(socket);
        socket.destroy();
      } else idle.push(socket);
      if (waiting === null) {
        text = '';
        greeted.get(socket)?.();
        return;
      }
      end(Number(text.slice(9, 12)) < 400 ? null : text.slice(body + 4));
    });
    socket.on('close', () => {
      const at = idle.indexOf(socket);
      if (at >= 0) idle.splice(at, 1);
      end('connection lost');
    });
    socket.on('error', () => {});
    asking.set(socket, (attempt) => {
      waiting = attempt;
      socket.write(request);
      if (load.patienceMs === null) return;
      const hangUp = (): void => {
        if (waiting !== attempt) return;
        end(PATIENCE);
        asking.delete(socket);
        socket.destroy();
      };
      setTimeout(hangUp, Math.max(0, attempt.sentAt + load.patienceMs - performance.now()));
    });
  };
  const greeted = new Map<Socket, () => void>();
  const asking = new Map<Socket, (attempt: Attempt) => void>();
  const ask = (attempt: Attempt): void => {
    if (load.freshShare !== undefined && draw(load.seed, 'fresh', asked) < load.freshShare) {
      asked++;
      attempt.fresh = true;
      open((socket) => asking.get(socket)?.(attempt));
      return;
    }
    // Any idle connection, as independent clients would; always the next in turn would deal requests out evenly over a cluster's workers.
    const at = Math.floor(draw(load.seed, 'connection', asked++) * idle.length);
    const socket = idle[at];
    if (socket) {
      idle[at] = idle.at(-1) as Socket;
      idle.pop();
      asking.get(socket)?.(attempt);
    } else open((fresh) => asking.get(fresh)?.(attempt));
  };
  const first = (moment: number, done?: () => void): void => {
    sent++;
    ask({ intended: moment, attempt: 0, sentAt: moment, ...(done && { done }) });
  };

  /** Uses a connection once. The kernel says yes before Node does, which takes in one connection a turn of its loop: under load those left over would starve. */
  const greet = (socket: Socket): Promise<void> =>
    new Promise((done) => {
      greeted.set(socket, () => {
        greeted.delete(socket);
        done();
      });
      socket.write(words('GET', '/ping'));
    });
  for (let at = 0; at < load.connections; at++) await greet(await new Promise<Socket>((done) => open(done)));
  console.log(CONNECTED);
  const start = performance.now();
  const end = start + load.seconds * 1000;
  let sent = 0;
  if (load.perSecond === 0) {
    const client = async (): Promise<void> => {
      while (performance.now() < end) {
        if (load.thinkMs !== undefined) await new Promise<void>((done) => setTimeout(done, load.thinkMs));
        await new Promise<void>((done) => first(performance.now(), done));
      }
    };
    await Promise.all(Array.from({ length: load.atOnce ?? 1 }, client));
  } else {
    // A Poisson stream given its number: that many moments, drawn evenly. So the load is the intended one, not one of its samples.
    const drawn = (purpose: string, perSecond: number, fromSecond: number, seconds: number): number[] =>
      Array.from({ length: Math.round(perSecond * seconds) }, (_, index) => start + (fromSecond + draw(load.seed, purpose, index) * seconds) * 1000);
    const { spike } = load;
    const more = spike ? drawn('spike', spike.perSecond - load.perSecond, spike.fromSecond, spike.seconds) : [];
    const moments = [...drawn('moment', load.perSecond, 0, load.seconds), ...more].sort((a, b) => a - b);
    for (const next of moments) {
      // A timer is a millisecond coarse; the rest is waited for turn by turn.
      while (performance.now() < next)
        await (load.coarse || next - performance.now() > 2.5 ? new Promise<void>((done) => setTimeout(done, 1)) : new Promise<void>((done) => setImmediate(done)));
      late.push(performance.now() - next);
      first(next);
    }
    while (performance.now() < end) await new Promise<void>((done) => setTimeout(done, 5));
  }
  const measuredFrom = start + load.seconds * 100;
  const ended = answered.filter((it) => it.ended >= measuredFrom && it.ended <= end);
  const times = ended.flatMap((it) => (it.cause === null && it.intended >= measuredFrom ? [it.ended - it.intended] : [])).sort((a, b) => a - b);
  const failed = ended.flatMap((it) => (it.cause !== null && it.intended >= measuredFrom ? [it.ended - it.intended] : [])).sort((a, b) => a - b);
  const span = (load.seconds * 900) / 1000;
  const errorsPerSecond: Record<string, number> = {};
  for (const { cause } of ended) if (cause !== null) errorsPerSecond[cause] = (errorsPerSecond[cause] ?? 0) + 1 / span;
  const lastQuarter = end - load.seconds * 250;
  return {
    sentPerSecond: sent / load.seconds,
    goodPerSecond: ended.filter((it) => it.cause === null).length / span,
    goodLatePerSecond: ended.filter((it) => it.cause === null && it.ended >= lastQuarter).length / (load.seconds / 4),
    usualMs: usual(times),
    usualErrorMs: usual(failed),
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    errorsPerSecond,
    lateP95Ms: quantile(
      late.sort((a, b) => a - b),
      0.95,
    ),
    madeConnections: made,
  };
}

/** Mean without the slowest fiftieth. */
export function usual(sorted: readonly number[]): number {
  const most = sorted.slice(0, Math.ceil(sorted.length * 0.98));
  return most.reduce((sum, it) => sum + it, 0) / most.length;
}

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

if (import.meta.main) {
  console.log(JSON.stringify(await send(JSON.parse(process.argv[2] ?? '{}') as Load)));
  // Whoever reads what the load cost should not count its end.
  setTimeout(() => process.exit(0), LINGER_MS);
}
