// What can only be seen from inside: what is registered, what the editor is told, and how long its loop is held up.
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { readFile, rm, stat, unlink, writeFile } = require('node:fs/promises');
const { join } = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const vscode = require('vscode');
const { actionsAt, fileUri, folder, ours, ruleOf, until } = require('./editor.cjs');
const actions = require('./actions.cjs');
const fixes = require('./fixes.cjs');

const ID = 'faultline.faultline';
/** Quick fixes of one file on the sample's pool. */
const FIX = /^(Set pool max to \d+|Give up waiting for a connection)/;
const LOOP_BUDGET_MS = 50;
const ACTIVATION_BUDGET_BYTES = 100_000;

const extension = () => vscode.extensions.getExtension(ID);
const everyOurs = () => vscode.languages.getDiagnostics().flatMap(([uri, list]) => list.filter((it) => it.source === 'faultline').map((it) => ({ uri, it })));

/**
 * The longest stretch in milliseconds that the loop of this process was held up by its own work during a task.
 * Where Node tells the thread's processor time, waiting for a processor that other programs use does not count.
 */
async function longestStop(task) {
  const cpuMs = () => (process.threadCpuUsage ? (process.threadCpuUsage().user + process.threadCpuUsage().system) / 1000 : Number.POSITIVE_INFINITY);
  let longest = 0;
  let last = { at: performance.now(), cpu: cpuMs() };
  const timer = setInterval(() => {
    const now = { at: performance.now(), cpu: cpuMs() };
    const worked = Number.isFinite(now.cpu) ? now.cpu - last.cpu : Number.POSITIVE_INFINITY;
    longest = Math.max(longest, Math.min(now.at - last.at - 5, worked));
    last = now;
  }, 5);
  await task();
  clearInterval(timer);
  return longest;
}

/** Puts a text through the file system, as a save in another editor or a branch switch does. */
const put = (name, text) => writeFile(fileUri(name).fsPath, text);
const poolFinding = () => until('the pool has a finding', () => ours(fileUri('src/db.ts')).find((it) => /pool/.test(ruleOf(it))));

exports.cases = {
  // First: the workspace is being read.
  'a command that is given while the workspace is first read waits for it': async () => {
    const target = fileUri('load.js');
    await vscode.commands.executeCommand('faultline.exportK6', target);
    assert.match(await readFile(target.fsPath, 'utf8'), /executor: 'ramping-arrival-rate'/);
    await unlink(target.fsPath);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  },
  'activates by its activation event': async () => {
    await until('it is active', () => extension()?.isActive);
    await poolFinding();
  },
  'analyses without holding up the loop of the extension host': async () => {
    // Other extensions start in the same process: what they hold up is not ours.
    await until('the host has come to rest', async () => (await longestStop(() => pause(1000))) < 25, 40_000);
    // The three readings do the same work, so a stop of our own shows in each; one that another process caused does not.
    const longest = [];
    for (let round = 0; round < 3; round++)
      longest.push(
        await longestStop(async () => {
          await vscode.commands.executeCommand('faultline.analyse');
          await pause(200);
        }),
      );
    console.log(`faultline: longest stops of the extension host ${longest.map((it) => it.toFixed(0)).join(', ')} ms`);
    assert(Math.min(...longest) < LOOP_BUDGET_MS, `the extension host stood still for ${longest.map((it) => it.toFixed(0)).join(', ')} ms`);
  },
  'registers the commands of its manifest, no more, no fewer': async () => {
    const declared = extension()
      .packageJSON.contributes.commands.map((it) => it.command)
      .sort();
    // VS Code makes its own commands for each view: `<view>.focus` and the like.
    const views = Object.values(extension().packageJSON.contributes.views)
      .flat()
      .map((it) => it.id);
    const registered = (await vscode.commands.getCommands(true)).filter((it) => it.startsWith('faultline.') && !views.some((view) => it.startsWith(`${view}.`))).sort();
    assert.deepEqual(registered, declared);
  },
  'loads under 100 KB to activate, without a TypeScript parser in it': async () => {
    const entry = join(extension().extensionPath, extension().packageJSON.main);
    const { size } = await stat(entry);
    assert(size < ACTIVATION_BUDGET_BYTES, `${size} bytes`);
    const text = await readFile(entry, 'utf8');
    for (const word of ['createSourceFile', 'ts-morph']) assert(!text.includes(word), `${word} is in the entry`);
    const worker = await readFile(join(extension().extensionPath, 'dist/analysis-worker.js'), 'utf8');
    assert(worker.includes('createSourceFile'), 'the parser lies in the worker, so the check above can fail');
  },
  'puts the binding limit on the line of the pool, with every place that takes part': async () => {
    const finding = await poolFinding();
    const document = await vscode.workspace.openTextDocument(fileUri('src/db.ts'));
    assert.match(document.getText(new vscode.Range(finding.range.start.line, 0, finding.range.end.line + 1, 0)), /Pool|max/);
    assert(finding.relatedInformation?.length > 0, 'no related places');
    assert(finding.message.length > 20 && !finding.message.includes('\n'));
    assert.equal(typeof finding.code, 'object');
  },
  'offers actions whose title says what they do': async () => {
    const finding = await poolFinding();
    const titles = (await actionsAt(fileUri('src/db.ts'), finding.range)).map((it) => it.title);
    assert(
      titles.some((it) => FIX.test(it)),
      titles.join('\n'),
    );
    assert(
      titles.some((it) => it.startsWith('Ignore ')),
      titles.join('\n'),
    );
    assert(
      titles.some((it) => it.startsWith('Show documentation')),
      titles.join('\n'),
    );
  },
  'applies an action as one edit that can be undone': async () => {
    const uri = fileUri('src/db.ts');
    const finding = await poolFinding();
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const before = document.getText();
    const action = (await actionsAt(uri, finding.range)).find((it) => FIX.test(it.title));
    assert(action?.edit, 'the action carries an edit once it is resolved');
    assert(await vscode.workspace.applyEdit(action.edit));
    assert.notEqual(document.getText(), before);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
    await document.save();
  },
  'follows a save, and a change of spaces changes nothing': async () => {
    const text = await readFile(fileUri('src/db.ts').fsPath, 'utf8');
    const message = (await poolFinding()).message;
    await put('src/db.ts', `${text}\n\n`);
    await pause(1500);
    assert.equal((await poolFinding()).message, message);
    const report = () => extension().exports.report();
    const before = report();
    await put('src/db.ts', text.replace(/max: \d+/, 'max: 2'));
    // The very first one: what the system tells of twice is not read again for the second.
    const first = await until('there is a new report', () => report() !== before && report().topology !== before.topology && report());
    assert.equal(first.read.parsed, 1, 'a save reads only what it changed');
    assert(first.read.files > 5);
    await until('the finding follows', () => ours(fileUri('src/db.ts')).some((it) => /pool/.test(ruleOf(it)) && it.message !== message));
    await put('src/db.ts', text);
    await until('and follows back', () => ours(fileUri('src/db.ts')).some((it) => it.message === message));
  },
  'tells of broken YAML at its file and keeps the rest': async () => {
    const name = 'docker-compose.yml';
    const text = await readFile(fileUri(name).fsPath, 'utf8');
    await put(name, `${text}\n  : [broken\n`);
    const notice = await until('a notice at the file', () => ours(fileUri(name)).find((it) => it.code === 'unreadable' || /read|YAML|parse/i.test(it.message)));
    assert(notice.message.length > 10);
    assert.equal(extension().isActive, true);
    await put(name, text);
    await until('the notice goes', () => !ours(fileUri(name)).some((it) => it.code === 'unreadable'));
    await poolFinding();
  },
  'lives through half-typed TypeScript': async () => {
    const text = await readFile(fileUri('src/server.ts').fsPath, 'utf8');
    await put('src/server.ts', `${text}\napp.get('/half', async (req, res) => { const x = await pool.que`);
    await pause(1500);
    assert.equal(extension().isActive, true);
    await put('src/server.ts', text);
    await poolFinding();
  },
  'imports measurements into faultline.json as one edit that can be undone': async () => {
    const file = fileUri('statements.csv');
    await put('statements.csv', 'query,calls,mean_exec_time\nSELECT * FROM products WHERE id = $1,900,3\n');
    const document = await vscode.workspace.openTextDocument(fileUri('faultline.json'));
    await vscode.window.showTextDocument(document);
    const before = document.getText();
    await vscode.commands.executeCommand('faultline.importMeasurements', [file]);
    assert.match(document.getText(), /"hold db SELECT products", "value": 3\.3, "unit": "ms", "basis": "measured", "source": "pg_stat_statements, 900 calls/);
    const holds = () => JSON.stringify(extension().exports.report().topology.endpoints).includes('pg_stat_statements, 900 calls');
    await until('the answer rests on it', holds);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
    await document.save();
    await unlink(file.fsPath);
    await until('and no more', () => !holds());
  },
  'copies how to measure a number': async () => {
    await vscode.commands.executeCommand('faultline.measureThis', 'hold db SELECT products', folder().toString());
    assert.match(await vscode.env.clipboard.readText(), /EXPLAIN \(ANALYZE, BUFFERS, FORMAT JSON\) SELECT id, name, price_cents FROM products/);
  },
  'exports the load as a script for k6': async () => {
    const target = fileUri('load.js');
    await vscode.commands.executeCommand('faultline.exportK6', target);
    const script = await readFile(target.fsPath, 'utf8');
    assert.match(script, /executor: 'ramping-arrival-rate'/);
    assert.match(script, /http_req_duration\{name:POST \/orders\}/);
    await unlink(target.fsPath);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  },
  'completes the names of the workspace in faultline.json': async () => {
    const document = await vscode.workspace.openTextDocument(fileUri('faultline.json'));
    const at = document.positionAt(document.getText().indexOf('"db SELECT products"') + 1);
    const { items } = await vscode.commands.executeCommand('vscode.executeCompletionItemProvider', document.uri, at, '"', 50);
    const found = items.find((it) => it.label === 'hold db SELECT products');
    assert(found, items.map((it) => it.label).join('\n'));
    assert.equal(document.getText(found.range), 'db SELECT products');
  },
  'compares with HEAD, and changes no file': async () => {
    const git = (...args) => execFileSync('git', ['-C', folder().fsPath, '-c', 'user.name=Tester', '-c', 'user.email=tester@example.org', ...args], { encoding: 'utf8' });
    const text = await readFile(fileUri('src/db.ts').fsPath, 'utf8');
    const report = () => extension().exports.report();
    const settings = vscode.workspace.getConfiguration('git');
    const before = settings.get('enabled');
    await settings.update('enabled', true, vscode.ConfigurationTarget.Global);
    git('init', '--quiet');
    try {
      await until('Git is on', async () => (await vscode.extensions.getExtension('vscode.git').activate()).enabled);
      git('add', '.');
      git('commit', '--quiet', '--message', 'as it is');
      const first = report();
      await put('src/db.ts', text.replace(/max: \d+/, 'max: 2'));
      await until('there is a new report', () => report() !== first && JSON.stringify(report().topology.pools).includes('"value":2,'));
      const status = git('status', '--porcelain');
      assert.match(status, /src\/db\.ts/);
      await vscode.commands.executeCommand('faultline.compareWithHead');
      const shown = await until('the comparison is open', () => vscode.workspace.textDocuments.find((it) => it.uri.scheme === 'faultline-compare'));
      assert.match(shown.getText(), /^### Breaks earlier: at .* instead of /);
      assert.match(shown.getText(), /pool size of .*: 10 → 2 .*src\/db\.ts:5/);
      assert.equal(git('status', '--porcelain'), status);
    } finally {
      await rm(join(folder().fsPath, '.git'), { recursive: true, force: true });
      await put('src/db.ts', text);
      await settings.update('enabled', before, vscode.ConfigurationTarget.Global);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    }
    await until('the workspace is as before', () => JSON.stringify(report().topology.pools).includes('"value":10,'));
  },
  'shows nothing twice': async () => {
    await poolFinding();
    const seen = everyOurs().map(({ uri, it }) => `${uri} ${it.range.start.line} ${ruleOf(it)} ${it.message}`);
    assert.deepEqual([...new Set(seen)].length, seen.length, seen.join('\n'));
  },
  'a report that says the same leaves the diagnostics alone': async () => {
    await poolFinding();
    const before = everyOurs();
    await vscode.commands.executeCommand('faultline.analyse');
    const after = everyOurs();
    assert.equal(after.length, before.length);
    // The very same objects: whatever is set anew is made anew.
    for (const { uri, it } of after)
      assert(
        before.some((was) => was.it === it),
        `set anew: ${uri} ${it.message}`,
      );
  },
  ...actions.cases,
  // Last: they leave nothing of the sample.
  ...fixes.cases,
};
