// The simulator as another project meets it: by the package's name, in JavaScript and to a type checker.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simulate, solve, validateNetwork } from 'faultline/simulator';

const root = fileURLToPath(new URL('../..', import.meta.url));
const network = {
  version: 1,
  groups: [],
  stations: [{ id: 's', component: 's', label: 's', servers: 1, room: null, discipline: 'fifo' }],
  programs: [{ id: 'p', body: [{ op: 'serve', station: 's', service: { kind: 'exponential', meanMs: 1 } }] }],
  sources: [{ id: 'in', program: 'p', arrivals: 'poisson', share: 1, patienceMs: null, phases: [{ fromMs: 0, perSecond: 500 }] }],
};
assert.ok('network' in validateNetwork(network));
assert.ok('error' in validateNetwork({ ...network, version: 2 }));
const run = simulate(network, { seconds: 200 });
assert.ok(Math.abs(run.sources[0].latencyMs.mean - 2) < 0.1, `M/M/1 at half load answers in 2 service times, not ${run.sources[0].latencyMs.mean}`);
assert.ok(solve(network));

// Inside the project, so that the package finds itself by name.
mkdirSync(join(root, '.cache'), { recursive: true });
const folder = mkdtempSync(join(root, '.cache', 'consumer-'));
try {
  const consumer = join(folder, 'consumer.ts');
  writeFileSync(
    consumer,
    "import { type Run, simulate } from 'faultline/simulator';\nexport const busy = (run: Run): number => run.stations[0]?.utilisation ?? 0;\n// @ts-expect-error seconds is required\nsimulate({ version: 1, groups: [], stations: [], programs: [], sources: [] }, {});\n",
  );
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--skipLibCheck',
      'false',
      '--types',
      '',
      consumer,
    ],
    { stdio: 'inherit' },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
