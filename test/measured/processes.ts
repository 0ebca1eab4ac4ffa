import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

/** A process with all that it started. */
export interface Running {
  /** CPU that it and its children have used so far, ms. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** Negative niceness keeps other work of the machine out of the figures; not everybody may have it. */
const NICE = spawnSync('nice', ['-n', '-10', 'true'], { stdio: 'pipe' }).stderr.length === 0 ? ['nice', '-n', '-10'] : [];

export interface Start {
  command: readonly string[];
  core: number;
  folder: string;
  /** Waits for the message `ready`, or until the port answers. */
  ready: 'message' | { port: number };
  /** User that servers refuse to run as root run as. */
  user?: string;
  /** What ends it; default SIGTERM. */
  signal?: NodeJS.Signals;
}

/** All that a run has started, so that nothing outlives it. */
export class Processes {
  private readonly children = new Map<ChildProcess, number>();
  private readonly awake = new WeakSet<ChildProcess>();
  private readonly first: readonly string[];
  private stopping = false;

  /** `realtime`: before everything else on the machine, for a look at single rows while others work; it is not how services are scheduled. */
  constructor(realtime: boolean) {
    this.first = realtime ? ['chrt', '--rr', '60'] : NICE;
  }

  /** Starts a process on one core and waits until it serves; its errors go to this process's stderr. */
  async start({ command, core, folder, ready, user, signal = 'SIGTERM' }: Start): Promise<Running> {
    const as = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
    const child = this.spawn([...this.first, ...as, ...command], core, folder, ready === 'message' ? ['ignore', 'ignore', 'inherit', 'ipc'] : ['ignore', 'ignore', 'ignore']);
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    const name = command.join(' ').slice(0, 80);
    try {
      await Promise.race([ready === 'message' ? said(child) : answers(ready.port), ended.then(() => Promise.reject(new Error(`${name} ended at its start`)))]);
    } catch (error) {
      child.kill();
      throw error;
    }
    let stopping = false;
    void ended.then(() => !stopping && !this.stopping && console.error(`${name} ended before its time: ${child.signalCode ?? `exit ${child.exitCode}`}`));
    return {
      cpuMs: () => familyMs(child.pid ?? 0),
      stop: async () => {
        stopping = true;
        child.kill(signal);
        const killing = setTimeout(() => child.kill('SIGKILL'), 5000);
        await ended;
        clearTimeout(killing);
      },
    };
  }

  /** Runs a program on a core to its end; its output, of which `onText` is told as it comes. */
  run(command: readonly string[], core: number, folder: string, onText?: (text: string) => void): Promise<string> {
    const child = this.spawn([...this.first, ...command], core, folder, ['ignore', 'pipe', 'inherit']);
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      onText?.(text);
    });
    return new Promise((done, fail) => child.once('close', (code) => (code === 0 ? done(text) : fail(new Error(`${command.join(' ').slice(0, 80)}: exit ${code}`)))));
  }

  /**
   * Keeps a core from falling asleep, while parameters are measured and while the system is loaded: waking a virtual machine's core takes some tenths of
   * a millisecond, more for a system with little to do, and two cores may share a physical one, whose speed hangs on both. It runs only when nothing else wants the core.
   */
  keepAwake(core: number): void {
    // A session of its own: sessions share a core before their processes do, and in this one's it would take its part from every server process that has made itself another.
    const spinning = this.spawn(['chrt', '--idle', '0', process.execPath, '-e', 'for (;;);'], core, '/', ['ignore', 'ignore', 'ignore'], true);
    weigh(spinning.pid, LAST);
  }

  /** CPU used on a core so far, ms, by all that runs there now and was started here. */
  cpuMsOn(core: number): number {
    let sum = 0;
    for (const [child, at] of this.children) if (at === core) sum += familyMs(child.pid ?? 0);
    return sum;
  }

  /** Ends whatever still runs: for the end of a run, good or bad. */
  async stop(): Promise<void> {
    this.stopping = true;
    const ending = [...this.children.keys()].map((child) => new Promise<void>((done) => child.once('exit', () => done())));
    // All understand it, and PostgreSQL does not wait for its clients then.
    for (const child of this.children.keys()) child.kill('SIGINT');
    const killing = setTimeout(() => {
      for (const child of this.children.keys()) child.kill('SIGKILL');
    }, 2000);
    await Promise.all(ending);
    clearTimeout(killing);
  }

  private spawn(command: readonly string[], core: number, folder: string, stdio: StdioOptions, detached = false): ChildProcess {
    const child = spawn('taskset', ['-c', String(core), ...command], { cwd: folder, stdio, detached });
    this.children.set(child, core);
    if (detached) this.awake.add(child);
    child.once('exit', () => this.children.delete(child));
    return child;
  }
}

const said = (child: ChildProcess): Promise<void> => new Promise((done) => child.once('message', () => done()));

async function answers(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
      socket.on('connect', () => socket.end());
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** A process and its descendants. */
function familyOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(/\) \S (\d+)/.exec(textOf(`/proc/${name}/stat`))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (let at = 0; at < found.length; at++) found.push(...(children.get(found[at] as number) ?? []));
  return found;
}

const TICK_MS = 10;

/** CPU of a process, its descendants, and the children that have ended (a server's refused connection is one). */
const familyMs = (root: number): number => familyOf(root).reduce((sum, pid) => sum + cpuOf(pid), 0);

/** Time on a CPU of all threads, to the nanosecond where the kernel counts it; of ended children, in ticks. */
function cpuOf(pid: number): number {
  const [childUser = 0, childSystem = 0] = textOf(`/proc/${pid}/stat`)
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(13, 15)
    .map(Number);
  let sum = (childUser + childSystem) * TICK_MS;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) sum += Number(textOf(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0) / 1e6;
  } catch {
    // Ended meanwhile.
  }
  return sum;
}

/** What the machine did on a core so far, ms: at work for anybody, and taken away by its host. */
export function coreTimes(core: number): { busyMs: number; stolenMs: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (new RegExp(`^cpu${core} (.*)$`, 'm').exec(textOf('/proc/stat'))?.[1] ?? '').split(' ').map(Number);
  return { busyMs: (user + nice + system + irq + softIrq) * TICK_MS, stolenMs: steal * TICK_MS };
}

/** Niceness of a session: where the kernel groups processes by them, that of a process counts within its group only (man 7 sched, "The autogroup feature"). */
const LAST = '19';
const AUTOGROUPS = '/proc/sys/kernel/sched_autogroup_enabled';

/**
 * Has the kernel share its cores among processes, not first among sessions, where one may; what it returns puts that back. Each process of PostgreSQL makes a session of its own,
 * so sessions could be weighed only after they had begun: those that refuse a connection, gone in milliseconds, had a ninth of the weight of all others.
 */
export function ungroupSessions(): () => void {
  const before = textOf(AUTOGROUPS);
  if (before.trim() !== '1' || !written(AUTOGROUPS, '0')) return () => {};
  return () => void written(AUTOGROUPS, before);
}

const weigh = (pid: number | undefined, niceness: string): boolean => written(`/proc/${pid}/autogroup`, niceness);

/** False where one may not: as it is, then. */
function written(file: string, text: string): boolean {
  try {
    writeFileSync(file, text);
    return true;
  } catch {
    return false;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
