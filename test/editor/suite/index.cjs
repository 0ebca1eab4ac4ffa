// Runs inside the extension host: as `extensionTestsPath` of @vscode/test-electron, or through extension.cjs in the embedded editor.
const { rename, writeFile } = require('node:fs/promises');
const { cases } = require('./cases.cjs');

/** Ends what hangs: longer than what a case waits for, one thing after another, on a slow machine. */
const CASE_MS = 240_000;

/**
 * Runs every case, writes `[{ name, error, ms }]` to FAULTLINE_RESULTS in one step, and rejects when a case failed.
 * Beside that file lies what there is so far, for whoever waits: `<FAULTLINE_RESULTS>.part`.
 */
exports.run = async () => {
  const outcomes = [];
  const target = process.env.FAULTLINE_RESULTS;
  const writePart = () => target && writeFile(`${target}.part`, JSON.stringify(outcomes));
  for (const [name, test] of Object.entries(cases)) {
    const started = Date.now();
    let timer;
    const tooLong = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${CASE_MS / 1000} s`)), CASE_MS);
    });
    const error = await Promise.race([test(), tooLong]).then(
      () => null,
      (reason) => String(reason?.stack ?? reason),
    );
    clearTimeout(timer);
    outcomes.push({ name, error, ms: Date.now() - started });
    await writePart();
  }
  await writePart();
  if (target) await rename(`${target}.part`, target);
  const failed = outcomes.filter((it) => it.error !== null);
  if (failed.length > 0) throw new Error(failed.map((it) => `${it.name}: ${it.error}`).join('\n'));
};
