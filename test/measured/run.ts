// npm run measured -- [--packages FOLDER] [--only TEXT] [--seconds S] [--realtime] [cpu|pool|refused|queue|circle…]: real systems under load beside what the model says of them. Never a test: it needs a quiet machine of two cores.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bed, GENERATOR_CORE, SYSTEM_CORE } from './bed.ts';
import { circleRows } from './circle.ts';
import { cpuRows } from './cpu-rows.ts';
import { poolRows } from './pool-rows.ts';
import { Processes, ungroupSessions } from './processes.ts';
import { queueRows } from './queue-rows.ts';
import { refusedRows } from './refused-rows.ts';
import { print, type Row } from './row.ts';
import { hasRedis, postgresPrograms } from './stores.ts';

const { values, positionals } = parseArgs({
  options: { packages: { type: 'string' }, seconds: { type: 'string' }, only: { type: 'string' }, realtime: { type: 'boolean' } },
  allowPositionals: true,
});
const packages = resolve(values.packages ?? '.');
const lacks = (...names: readonly string[]): string[] => names.filter((it) => !existsSync(join(packages, 'node_modules', it)));
const programs = postgresPrograms();
const seconds = Number(values.seconds ?? 15);
const wants = (name: string): boolean => positionals.length === 0 || positionals.includes(name);
const folder = mkdtempSync(join(tmpdir(), 'measured-'));
const processes = new Processes(values.realtime ?? false);
const bed: Bed = { processes, folder, packages, only: values.only ?? '' };
const regroup = ungroupSessions();
const end = async (): Promise<void> => {
  await processes.stop();
  regroup();
  rmSync(folder, { recursive: true, force: true });
};

async function part(name: string, missing: readonly string[], rows: () => AsyncGenerator<Row>): Promise<void> {
  if (!wants(name)) return;
  if (missing.length > 0) return console.log(`${name}: not measured, for want of ${missing.join(', ')} (packages: npm i them in a folder and say --packages FOLDER)`);
  for await (const row of rows()) console.log(print(row));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().then(() => process.exit(1)));
try {
  for (const core of [SYSTEM_CORE, GENERATOR_CORE]) processes.keepAwake(core);
  await part('cpu', [], () => cpuRows(bed, seconds));
  const forPostgres = [...lacks('express', 'pg'), ...(programs ? [] : ['PostgreSQL'])];
  await part('pool', forPostgres, () => poolRows(bed, programs ?? '', seconds));
  await part('refused', forPostgres, () => refusedRows(bed, programs ?? '', seconds));
  await part('circle', forPostgres, () => circleRows(bed, programs ?? '', seconds));
  await part('queue', [...lacks('express', 'bullmq'), ...(hasRedis() ? [] : ['Redis'])], () => queueRows(bed, seconds));
} finally {
  await end();
}
