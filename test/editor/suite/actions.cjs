// The light bulb from inside: which of its actions is preferred, what a save may mend, what an unsaved file gets, and what silences a finding.
const assert = require('node:assert/strict');
const { readFile, writeFile } = require('node:fs/promises');
const vscode = require('vscode');
const { actionsAt, fileUri, ours, ruleOf, until } = require('./editor.cjs');

const POOL = 'src/db.ts';
const RULES = ['pool-saturation', 'missing-acquire-timeout'];
const FIX_ALL = 'source.fixAll.faultline';

const diskText = (name) => readFile(fileUri(name).fsPath, 'utf8');
const findings = () =>
  until('both findings of the pool are there', () => {
    const found = ours(fileUri(POOL));
    return RULES.every((rule) => found.some((it) => ruleOf(it) === rule)) && found;
  });
const everything = new vscode.Range(0, 0, 100, 0);
const whole = (document) => new vscode.Range(0, 0, document.lineCount, 0);

/** The file open in front, and as it was afterwards. */
async function opened(run) {
  const before = await diskText(POOL);
  const document = await vscode.workspace.openTextDocument(fileUri(POOL));
  const editor = await vscode.window.showTextDocument(document);
  try {
    await run({ document, editor, before });
  } finally {
    await editor.edit((it) => it.replace(whole(document), before));
    await document.save();
    await findings();
  }
}

exports.cases = {
  'prefers exactly one action of each diagnostic': async () => {
    const uri = fileUri(POOL);
    const { report } = vscode.extensions.getExtension('faultline.faultline').exports;
    for (const diagnostic of await findings()) {
      const finding = report().advice.findings.find((it) => it.rule === ruleOf(diagnostic) && it.message === diagnostic.message);
      const titles = finding.remedies.map((it) => it.title);
      const preferred = (await actionsAt(uri, diagnostic.range)).filter((it) => it.isPreferred && titles.includes(it.title));
      assert.deepEqual(
        preferred.map((it) => it.title),
        finding.remedies.filter((it) => it.preferred).map((it) => it.title),
      );
    }
  },
  'a queue and a cache are rewrites, the rest are quick fixes': async () => {
    const uri = fileUri(POOL);
    const { range } = (await findings()).find((it) => ruleOf(it) === 'pool-saturation');
    const titles = async (kind) => (await actionsAt(uri, range, kind)).map((it) => it.title);
    const rewrites = await titles('refactor.rewrite');
    assert(rewrites.length >= 2 && rewrites.every((it) => /^(Put|Cache) /.test(it)), rewrites.join('\n'));
    const quick = await titles('quickfix');
    assert(quick.some((it) => it.startsWith('Set pool max')) && !quick.some((it) => /^(Put|Cache) /.test(it)), quick.join('\n'));
  },
  'fixes all that is safe, and nothing else': () =>
    opened(async ({ document, before }) => {
      await findings();
      const [action, ...more] = await actionsAt(document.uri, everything, FIX_ALL);
      assert(action?.edit && more.length === 0, 'one action that carries its edit');
      assert(await vscode.workspace.applyEdit(action.edit));
      assert.equal(document.getText(), before.replace('max: 10,', 'max: 10,\n  connectionTimeoutMillis: 2000,'));
    }),
  'fixes all on a save of a file that is being edited': () =>
    opened(async ({ document, editor, before }) => {
      await findings();
      const settings = vscode.workspace.getConfiguration('editor');
      await settings.update('codeActionsOnSave', { [FIX_ALL]: 'explicit' }, vscode.ConfigurationTarget.Global);
      try {
        await editor.edit((it) => it.insert(new vscode.Position(1, 0), '\n// Typed just now.\n'));
        assert(document.isDirty);
        await vscode.commands.executeCommand('workbench.action.files.save');
        await until('the saved file is mended', async () => (await diskText(POOL)).includes('connectionTimeoutMillis: 2000'));
        assert.equal((await diskText(POOL)).replace('\n// Typed just now.\n', '').replace('\n  connectionTimeoutMillis: 2000,', ''), before, 'and holds what was typed');
      } finally {
        await settings.update('codeActionsOnSave', undefined, vscode.ConfigurationTarget.Global);
      }
    }),
  'edits an unsaved file as it stands in the editor, and leaves the saving to the user': () =>
    opened(async ({ document, editor, before }) => {
      const { range } = (await findings()).find((it) => ruleOf(it) === 'pool-saturation');
      const typed = '// Typed just now.\n';
      await editor.edit((it) => it.insert(new vscode.Position(0, 0), typed));
      // The finding stands where it stood when it was found, until the file is saved.
      const action = (await actionsAt(document.uri, range)).find((it) => it.title.startsWith('Set pool max'));
      assert(action?.edit, 'the action carries an edit');
      assert(await vscode.workspace.applyEdit(action.edit));
      assert.match(document.getText(), /max: \d\d,/);
      assert.equal(document.getText().replace(/max: \d+/, 'max: 10'), typed + before);
      assert.equal(await diskText(POOL), before, 'nothing is saved');
    }),
  'ignores a finding on its line for a reason, and shows it again once the comment goes': async () => {
    const finding = (await findings()).find((it) => ruleOf(it) === 'missing-acquire-timeout');
    const before = await diskText(POOL);
    const action = (await actionsAt(fileUri(POOL), finding.range)).find((it) => it.title === 'Ignore missing-acquire-timeout on this line, for a reason…');
    assert(action?.command, 'it is offered');
    // The question is answered by the keyboard: its box is empty, and an empty reason is not taken.
    const asked = vscode.commands.executeCommand(action.command.command, ...action.command.arguments);
    for (let times = 0; times < 3; times++) await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    assert.equal(await diskText(POOL), before, 'no reason, no comment');
    let isOver = false;
    asked.then(() => {
      isOver = true;
    });
    await until('the question is gone', async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return isOver;
    });
    assert.equal(await diskText(POOL), before);
    await writeFile(
      fileUri(POOL).fsPath,
      before.replace('export const pool', '// faultline-ignore-next-line missing-acquire-timeout -- the proxy before it has one\nexport const pool'),
    );
    await until('it is silent', () => !ours(fileUri(POOL)).some((it) => ruleOf(it) === 'missing-acquire-timeout'));
    await writeFile(fileUri(POOL).fsPath, before);
    await findings();
  },
  'has the page of every rule on board': async () => {
    const { extensionPath, exports: api } = vscode.extensions.getExtension('faultline.faultline');
    const rules = api.report().advice.layers.flatMap((it) => it.rules.map((one) => one.rule));
    assert(rules.length > 20, `${rules.length} rules`);
    for (const rule of rules) assert.match(await readFile(`${extensionPath}/dist/rules/${rule}.md`, 'utf8'), new RegExp(`^# ${rule}\\b`));
    await vscode.commands.executeCommand('faultline.showRule', 'pool-saturation');
    await until('its page is open', () => vscode.window.tabGroups.all.flatMap((it) => it.tabs).find((it) => it.label.includes('pool-saturation')));
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  },
};
