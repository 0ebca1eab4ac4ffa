import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Network } from '../../src/model/network.ts';
import type { Run } from '../../src/simulator/engine/run.ts';
import { CONNECTED, type Load, type Met } from './generator.ts';
import type { Alone } from './models.ts';
import { coreTimes, type Processes, type Running } from './processes.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** The system runs on one core, the generator on the other. */
export const SYSTEM_CORE = 0;
export const GENERATOR_CORE = 1;
/** Below those that the system gives to outgoing connections: one of the load's thousands would take them. */
export const SERVICE_PORT = 18_801;
export const WORKER_PORT = 18_802;
const ALONE_SECONDS = 3;
/** The engine's compilers want to have seen a handler some hundred times, so several ask at once; few enough not to wait for each other's connections. */
const WARM_SECONDS = 4;
const SEVERAL = 4;
/** Who is alone comes to processes that have rested. */
const THINK_MS = 15;
/** A steady state is played this many times as long as it is measured; what grows is played as long, by several seeds. */
const LONGER = 40;
const SEEDS = [1, 2, 3];

/** Where a run keeps its files, and where the packages of the systems lie. */
export interface Bed {
  processes: Processes;
  folder: string;
  packages: string;
  /** Only systems whose name has this in it. */
  only: string;
}

/** Starts one of the systems and waits until it listens. */
export const service = (bed: Bed, name: 'pg-service' | 'cpu-service' | 'queue-service', ...args: readonly (string | number)[]): Promise<Running> =>
  bed.processes.start({ command: [process.execPath, here(`systems/${name}.mjs`), ...args.map(String)], core: SYSTEM_CORE, folder: bed.packages, ready: 'message' });

/** What the clients met, and what else went on: a row is worth as much as its machine was quiet. */
export type Seen = Met & { machine: string; usedMs: readonly number[] };

/** Loads a system and tells what the clients met; `usedMs`: CPU that each of `counted` used from the moment when all connections stood. */
export async function load(bed: Bed, path: string, perSecond: number, seconds: number, more: Partial<Load> = {}, counted: readonly Running[] = []): Promise<Seen> {
  const given: Load = { port: SERVICE_PORT, path, method: 'GET', perSecond, seconds, connections: perSecond === 0 ? (more.atOnce ?? 1) : 200, seed: 1, patienceMs: null, ...more };
  const sample = () => ({
    used: counted.map((it) => it.cpuMs()),
    system: coreTimes(SYSTEM_CORE),
    generator: coreTimes(GENERATOR_CORE),
    known: bed.processes.cpuMsOn(SYSTEM_CORE),
    atMs: performance.now(),
  });
  let [before, after] = [sample(), sample()];
  let lines = 0;
  const text = await bed.processes.run([process.execPath, here('generator.ts'), JSON.stringify(given)], GENERATOR_CORE, bed.folder, (sofar) => {
    const now = sofar.split('\n').length - 1;
    if (lines === 0 && now > 0) before = sample();
    if (now > 1) after = sample();
    lines = now;
  });
  const met = JSON.parse(text.slice(CONNECTED.length)) as Met;
  const percent = (value: number): string => `${((100 * Math.max(0, value)) / (after.atMs - before.atMs)).toFixed(1)}%`;
  const stolen = (core: 'system' | 'generator'): string => percent(after[core].stolenMs - before[core].stolenMs);
  const others = percent(after.system.busyMs - before.system.busyMs - (after.known - before.known));
  return {
    ...met,
    machine: `stolen ${stolen('system')} and ${stolen('generator')}, others ${others}, sent late by ${(met.lateP95Ms ?? 0).toFixed(2)} ms`,
    usedMs: after.used.map((it, at) => it - (before.used[at] ?? 0)),
  };
}

/** Several ask again and again: a service whose handlers are compiled and whose connections stand. */
export const warm = (bed: Bed, path: string, method: Load['method'] = 'GET', more: Partial<Load> = {}): Promise<Seen> =>
  load(bed, path, 0, WARM_SECONDS, { method, atOnce: SEVERAL, ...more });

/** What a request costs; `more` for what stands open meanwhile. Warms the service up first. */
export async function alone(bed: Bed, path: string, own: Running, store?: Running, method: Load['method'] = 'GET', more: Partial<Load> = {}): Promise<Alone> {
  await warm(bed, path, method);
  const given = { method, ...more };
  const single = await load(bed, path, 0, ALONE_SECONDS, { ...given, thinkMs: THINK_MS });
  const failed = Object.keys(single.errorsPerSecond).length > 0;
  const responseMs = failed ? single.usualErrorMs : single.usualMs;
  const several = await load(bed, path, 0, ALONE_SECONDS, { ...given, atOnce: SEVERAL }, store ? [own, store] : [own]);
  const [serviceCpuMs = 0, storeCpuMs = 0] = several.usedMs.map((it) => it / (several.sentPerSecond * ALONE_SECONDS));
  return {
    responseMs,
    deviationMs: failed ? 0 : (single.p95Ms - single.p50Ms) / 1.645,
    restMs: Math.max(0, responseMs - serviceCpuMs - storeCpuMs),
    serviceCpuMs,
    storeCpuMs,
  };
}

/** What the model says: the command line's answers. */
export async function predict(bed: Bed, name: string, network: Network, seconds: number, kind: 'steady' | 'growing' | 'draining'): Promise<Run[]> {
  const file = join(bed.folder, `${name.replace(/\W+/g, '-')}.json`);
  writeFileSync(file, JSON.stringify(network, null, 2));
  const command = [process.execPath, here('../../src/cli.ts'), 'simulate', file, '--format', 'json', '--seconds', String(kind === 'steady' ? seconds * LONGER : seconds)];
  const runs: Run[] = [];
  for (const seed of kind === 'steady' ? [1] : SEEDS)
    runs.push(JSON.parse(await bed.processes.run([...command, '--seed', String(seed), ...(kind === 'draining' ? ['--series'] : [])], GENERATOR_CORE, bed.folder)) as Run);
  return runs;
}

export const mean = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / Math.max(1, values.length);
