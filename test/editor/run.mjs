// npm run test:editor [name …]: the packaged extension in a real VS Code; prints `N passed, N failed` last.
import { runHostSuite } from './host.mjs';
import { faultsOf, packageVsix } from './package-vsix.mjs';
import { runSpec } from './runner.mjs';

const SPECS = ['main-job', 'same-answer', 'themes', 'large-workspace'];
const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
const total = { passed: 0, failed: 0 };
const add = ({ passed, failed }) => {
  total.passed += passed;
  total.failed += failed;
};

const vsix = await packageVsix();
if (isWanted('package')) {
  const faults = await faultsOf(vsix);
  console.log(faults.length === 0 ? '✓ the package holds what it must, nothing else, within its budget' : faults.map((it) => `✗ ${it}`).join('\n'));
  add({ passed: faults.length === 0 ? 1 : 0, failed: faults.length });
}
for (const name of SPECS) if (isWanted(name)) add(await runSpec((await import(`./${name}.spec.mjs`)).default, vsix));
if (isWanted('host')) add(await runHostSuite({ vsix }));
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
