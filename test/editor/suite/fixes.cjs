// Fixes applied where a user applies them: the file open, the action under its line, the text afterwards, and one step back.
const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { mkdir, readdir, readFile, rm, writeFile } = require('node:fs/promises');
const { dirname, join, relative } = require('node:path');
const vscode = require('vscode');
const { actionsAt, fileUri, folder, ours, until } = require('./editor.cjs');

/**
 * Leaves no file of what stood in the workspace before.
 * Folders stay: of one that goes and comes back at once the editor may hear nothing more, and it keeps the old texts of its files.
 */
async function fill(files) {
  const root = folder().fsPath;
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && !(relative(root, path) in files)) await rm(path);
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  await vscode.commands.executeCommand('faultline.analyse');
}

const textsOf = async (names) => Object.fromEntries(await Promise.all(names.map(async (it) => [it, await readFile(fileUri(it).fsPath, 'utf8').catch(() => null)])));

/** What is written to the disk as soon as the user says so. */
async function chooseInPreview(action, uri, here, changed, after) {
  let asked;
  let refused = '';
  await until('the files are written', async () => {
    const texts = await textsOf(changed);
    if (changed.every((it) => texts[it] === after[it])) return true;
    // An action of the case before may read alike: its edit is refused, and the one of this case is asked for.
    asked ??= actionsAt(uri, here)
      .then((all) => all.find((it) => it.title === action.title) ?? action)
      .then(({ command }) => vscode.commands.executeCommand(command.command, ...command.arguments))
      .then(undefined, (error) => {
        refused = String(error);
      })
      .then(() => {
        asked = undefined;
      });
    // The first answer of the question is to apply.
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return false;
  }).catch(async (error) => {
    // What was asked for, and what came of it: a question that stays open, or another text.
    const texts = await textsOf(changed);
    const other = changed.filter((it) => texts[it] !== after[it]);
    assert.fail(`${error.message}; ${asked ? 'the question is open' : 'nothing is asked'} ${refused}\n${other.map((it) => `${it}:\n${texts[it]}`).join('\n')}`);
  });
  await asked;
}

async function apply({ rule, title, file, line, isPreviewed, isReadiness, before, after }) {
  await vscode.workspace.getConfiguration('faultline').update('readiness.diagnostics', isReadiness ? true : undefined, vscode.ConfigurationTarget.Global);
  await fill(before);
  const uri = fileUri(file);
  await vscode.window.showTextDocument(uri);
  const here = new vscode.Range(line - 1, 0, line - 1, 0);
  let offered = [];
  // Findings of the case before may still stand there, and a file that the editor has not yet read anew gets no edit.
  const action = await until(`${rule} at ${file}:${line}: ${title}`, async () => {
    offered = await actionsAt(uri, here);
    return offered.find((it) => it.title === title && (isPreviewed || it.edit));
  }).catch((error) => assert.fail(`${error.message}\nis not among\n${offered.map((it) => `${it.title}${it.edit ? ', with an edit' : ''}`).join('\n')}`));
  assert(
    ours(uri).some((it) => it.range.start.line === line - 1),
    'a finding stands at the line',
  );
  const changed = Object.keys(after).filter((it) => after[it] !== before[it]);
  const [first] = changed.filter((it) => it in before);
  if (isPreviewed) await chooseInPreview(action, uri, here, changed, after);
  else {
    assert(await vscode.workspace.applyEdit(action.edit));
    assert.equal(changed.length, 1, 'one file is changed');
  }
  const document = await vscode.workspace.openTextDocument(fileUri(first));
  assert.equal(document.getText(), after[first]);
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand('undo');
  assert.equal(document.getText(), before[first], 'one step back');
  let left;
  await until('every file is as it was', async () => {
    // A file that no editor shows gets its old text a moment later.
    await vscode.workspace.saveAll();
    left = await textsOf(changed);
    return changed.every((it) => left[it] === (before[it] ?? null));
  }).catch((error) => assert.deepEqual(left, Object.fromEntries(changed.map((it) => [it, before[it] ?? null])), error.message));
}

const path = process.env.FAULTLINE_FIXES;
const fixes = path ? JSON.parse(readFileSync(path, 'utf8')) : [];
exports.cases = Object.fromEntries(fixes.map((it) => [`applies a fix of ${it.rule}: ${it.title.split(':')[0]}`, () => apply(it)]));
