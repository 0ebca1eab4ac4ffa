import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';

/** A process with all that it started. */
export interface Running {
  /** CPU that it and its children have used so far, ms. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** Negative niceness keeps other work of the machine out of the figures; not everybody may have it. */
const NICE = spawnSync('nice', ['-n', '-5', 'true'], { stdio: 'pipe' }).stderr.length === 0 ? ['nice', '-n', '-5'] : [];
const onCore = (core: number): string[] => [...NICE, 'taskset', '-c', String(core)];

export interface Start {
  command: readonly string[];
  core: number;
  folder: string;
  /** Waits for the message `ready`, or until the port answers. */
  ready: 'message' | { port: number };
  /** User that servers refuse to run as root run as. */
  user?: string;
}

/** Starts a process on one core and waits until it serves; its errors go to this process's stderr. */
export async function start({ command, core, folder, ready, user }: Start): Promise<Running> {
  const as = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  const [program = '', ...args] = [...onCore(core), ...as, ...command];
  const child = spawn(program, args, { cwd: folder, stdio: ready === 'message' ? ['ignore', 'ignore', 'inherit', 'ipc'] : ['ignore', 'ignore', 'ignore'] });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  try {
    await Promise.race([ready === 'message' ? said(child) : answers(ready.port), ended.then(() => Promise.reject(new Error(`${command[0]} ended at its start`)))]);
  } catch (error) {
    child.kill();
    throw error;
  }
  return {
    cpuMs: () => familyOf(child.pid ?? 0).reduce((sum, pid) => sum + cpuOf(pid), 0),
    stop: async () => {
      child.kill('SIGTERM');
      const killing = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(killing);
    },
  };
}

/** Runs a program on a core to its end; its output. */
export function run(command: readonly string[], core: number, folder: string): Promise<string> {
  const [program = '', ...args] = [...onCore(core), ...command];
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((done, fail) => child.once('close', (code) => (code === 0 ? done(text) : fail(new Error(`${command.join(' ').slice(0, 80)}: exit ${code}`)))));
}

/**
 * Keeps a core from falling asleep while one request at a time is measured: waking it costs each of them some tenths of a millisecond that
 * no request of a busy service pays. It runs only when nothing else wants the core.
 */
export function keepAwake(core: number): { stop(): void } {
  const child = spawn('taskset', ['-c', String(core), 'chrt', '--idle', '0', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' });
  return { stop: () => void child.kill('SIGKILL') };
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

/** Time on a CPU of all threads, to the nanosecond where the kernel counts it. */
function cpuOf(pid: number): number {
  let sum = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) sum += Number(textOf(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0) / 1e6;
  } catch {
    // Ended meanwhile.
  }
  return sum;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
