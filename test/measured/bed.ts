import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Network } from '../../src/model/network.ts';
import type { Run } from '../../src/simulator/engine/run.ts';
import type { Load, Met } from './generator.ts';
import type { Alone } from './models.ts';
import { keepAwake, type Running, run, start } from './processes.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** The system runs on one core, the generator on the other. */
export const SYSTEM_CORE = 0;
const GENERATOR_CORE = 1;
export const SERVICE_PORT = 38_801;
export const WORKER_PORT = 38_802;
const ALONE_SECONDS = 3;
/** A steady state is played this many times as long as it is measured; what grows is played as long, by several seeds. */
const LONGER = 40;
const SEEDS = [1, 2, 3];

/** Where a run keeps its files, and where the packages of the systems lie. */
export interface Bed {
  folder: string;
  packages: string;
  /** Only systems whose name has this in it. */
  only: string;
}

/** Starts one of the systems and waits until it listens. */
export const service = (bed: Bed, name: 'pg-service' | 'cpu-service' | 'queue-service', ...args: readonly (string | number)[]): Promise<Running> =>
  start({ command: [process.execPath, here(`systems/${name}.mjs`), ...args.map(String)], core: SYSTEM_CORE, folder: bed.packages, ready: 'message' });

/** Loads a system and tells what the clients met. */
export async function load(bed: Bed, path: string, perSecond: number, seconds: number, more: Partial<Load> = {}): Promise<Met> {
  const given: Load = { port: SERVICE_PORT, path, method: 'GET', perSecond, seconds, connections: perSecond === 0 ? 1 : 200, seed: 1, patienceMs: null, ...more };
  return JSON.parse(await run([process.execPath, here('generator.ts'), JSON.stringify(given)], GENERATOR_CORE, bed.folder)) as Met;
}

/** Costs of a request that has the system for itself. */
export async function alone(bed: Bed, path: string, own: Running, store?: Running, method: Load['method'] = 'GET'): Promise<Alone> {
  const awake = keepAwake(SYSTEM_CORE);
  // The compiler of the engine has to have seen it before.
  await load(bed, path, 0, 1, { method });
  const before = [own.cpuMs(), store?.cpuMs() ?? 0] as const;
  const met = await load(bed, path, 0, ALONE_SECONDS, { method });
  awake.stop();
  const count = met.sentPerSecond * ALONE_SECONDS;
  return {
    responseMs: met.usualMs,
    deviationMs: (met.p95Ms - met.p50Ms) / 1.645,
    serviceCpuMs: (own.cpuMs() - before[0]) / count,
    storeCpuMs: ((store?.cpuMs() ?? 0) - before[1]) / count,
  };
}

/** What the model says: the command line's answers. */
export async function predict(bed: Bed, name: string, network: Network, seconds: number, kind: 'steady' | 'growing' | 'draining'): Promise<Run[]> {
  const file = join(bed.folder, `${name.replace(/\W+/g, '-')}.json`);
  writeFileSync(file, JSON.stringify(network, null, 2));
  const command = [process.execPath, here('../../src/cli.ts'), 'simulate', file, '--format', 'json', '--seconds', String(kind === 'steady' ? seconds * LONGER : seconds)];
  const runs: Run[] = [];
  for (const seed of kind === 'steady' ? [1] : SEEDS)
    runs.push(JSON.parse(await run([...command, '--seed', String(seed), ...(kind === 'draining' ? ['--series'] : [])], GENERATOR_CORE, bed.folder)) as Run);
  return runs;
}

export const mean = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / Math.max(1, values.length);
