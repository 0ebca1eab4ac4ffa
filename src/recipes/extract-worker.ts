import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { composeEdit, insertServices, serviceNamed, twin } from './compose.ts';
import { manifestOf } from './manifest.ts';
import { resolveSpecifier } from './modules.ts';
import { cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { parsed, SOURCE_FILE, TEST_FILE } from './read-sources.ts';
import { coversLine, findAll, parse, type Source } from './source.ts';
import { startCommand } from './start-command.ts';
import { refuseStartUps } from './start-ups.ts';

/**
 * Gives a worker that lives inside the web process a compose service of its own, with the worker's module as its entry,
 * and takes its import out of the web process. Only where the module is started by nothing but that import.
 */
export default {
  id: 'extract-worker',
  byHand: (args) => `start ${args.worker} from a file of its own, and run that as a service beside ${args.service}`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const source = parse(file, await textOf(workspace, file));
    refuseUnlessEntry(source, countArg(args, 'line'));
    const manifest = await manifestOf(workspace, file);
    await refuseStartUps(workspace, manifest, [file]);
    const name = serviceName(textArg(args, 'worker'));
    const compose = textArg(args, 'compose');
    const text = await textOf(workspace, compose);
    const imports = await importsOf(workspace, file);
    const command = await startCommand(workspace, manifest, file);
    const service = textArg(args, 'service');
    const added = composeEdit(compose, text, [
      (it) => {
        if (it.services.some((other) => other.name === name)) cannot(`${compose} has a service ${name} already`);
        const host = serviceNamed(it, compose, service);
        return [insertServices(it, host, [twin(it, host, name, command)])];
      },
    ]);
    return { edits: added ? [...imports, added] : imports };
  },
} satisfies Recipe;

/** The worker must start by loading its module, and loading it must start nothing else. */
function refuseUnlessEntry(source: Source, line: number): void {
  const made = findAll(source.tree, (it): it is ts.CallExpression | ts.NewExpression => ts.isNewExpression(it) || ts.isCallExpression(it)).filter((it) =>
    coversLine(source, it, line),
  );
  const [outer] = made;
  if (!outer) cannot(`line ${line} of ${source.file} starts no worker`);
  for (let it: ts.Node | undefined = outer; it; it = it.parent) if (ts.isFunctionLike(it)) cannot(`${source.file} starts its worker inside a function, not when it is loaded`);
  if (/\.listen\(/.test(source.text)) cannot(`${source.file} serves requests, too`);
}

/** Takes the side-effect imports of a file away. Refuses where somebody uses what it exports: that would still start it. */
async function importsOf(workspace: Workspace, file: string): Promise<FileEdit[]> {
  const { files } = await workspace.list();
  const edits: FileEdit[] = [];
  const stem = (file.split('/').at(-1) as string).replace(/\.[cm]?[jt]sx?$/, '');
  for (const { path } of files) {
    if (path === file || !SOURCE_FILE.test(path) || TEST_FILE.test(path)) continue;
    const read = await workspace.read(path);
    if (!('text' in read) || !read.text.includes(stem)) continue;
    const other = parsed(path, read.text);
    if (!other) return cannot(`${path} names ${stem} and can't be read`);
    const found = mentions(other).filter((it) => resolveSpecifier(path, it.specifier, files) === file);
    if (found.some((it) => it.statement === undefined)) cannot(`${path} uses what ${file} exports`);
    const removed = found.flatMap((it) => (it.statement ? [lineOf(other, it.statement)] : []));
    if (removed.length > 0) edits.push({ kind: 'change', file: path, before: read.text, edits: removed });
  }
  return edits.length > 0 ? edits : cannot(`nothing in the web process imports ${file}`);
}

/** Every place that names a module; `statement` is set where the whole statement is the bare import. */
function mentions(source: Source): { specifier: string; statement?: ts.Statement }[] {
  return findAll(source.tree, ts.isStringLiteral).flatMap((it): { specifier: string; statement?: ts.Statement }[] => {
    const owner = it.parent;
    if (ts.isImportDeclaration(owner)) return [{ specifier: it.text, ...(!owner.importClause && { statement: owner }) }];
    if (ts.isExportDeclaration(owner)) return [{ specifier: it.text }];
    if (!ts.isCallExpression(owner) || owner.arguments[0] !== it) return [];
    const isLoad = owner.expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(owner.expression) && owner.expression.text === 'require');
    if (!isLoad) return [];
    const statement = owner.parent;
    return [{ specifier: it.text, ...(ts.isExpressionStatement(statement) && statement.parent === source.tree && { statement }) }];
  });
}

/** The statement with its line, and with what was said about it behind it. */
function lineOf(source: Source, statement: ts.Statement): TextEdit {
  const start = source.text.lastIndexOf('\n', statement.getStart(source.tree) - 1) + 1;
  const newline = source.text.indexOf('\n', statement.getEnd());
  const end = newline < 0 ? source.text.length : newline + 1;
  const rest = source.text.slice(statement.getEnd(), end).trim();
  const alone = source.text.slice(start, statement.getStart(source.tree)).trim() === '' && (rest === '' || rest.startsWith('//'));
  return alone ? { start, end, newText: '' } : { start: statement.getStart(source.tree), end: statement.getEnd(), newText: '' };
}

/** `emailWorker`, `app emailWorker`: a name that compose takes. */
function serviceName(worker: string): string {
  const name = worker
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name || cannot('the worker has no usable name');
}
