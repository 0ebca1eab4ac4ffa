import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { doOnceFile, KEYS_TABLE, type KeyStore } from './do-once-file.ts';
import { migrationAfter } from './index-migration.ts';
import { manifestOf } from './manifest.ts';
import { messageIdAt } from './message-id.ts';
import { bindingOf, importLine, insertImport, joined, moduleKind, relativeSpecifier, resolveSpecifier, specifierEnding } from './modules.ts';
import { placeIn, cannot, countArg, type Recipe, textArg, textOf } from './recipe.ts';
import { bare, coversLine, findAll, lineAt, parse, type Source } from './source.ts';

const NAME = 'once';

/** Puts a key of the message around what a handler does: `await send()` becomes `await once(redis, 'send:' + id, () => send())`, with the function for it in a file of its own, and its table where a database keeps the keys. */
export default {
  id: 'do-once',
  byHand: (args) => `before the work at ${placeIn(args)}, set a key of the message if it is not there yet, and pass by if it is`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const store = textArg(args, 'store');
    if (store !== 'ioredis' && store !== 'redis' && store !== 'pg') return cannot(`${store} has no edit that keeps keys in it`);
    const source = parse(file, await textOf(workspace, file));
    const call = awaitedAt(source, countArg(args, 'line'));
    const id = messageIdAt(source, call, textArg(args, 'library'));
    const manifest = await manifestOf(workspace, file);
    const extension = /\.([cm]?[jt]s)x?$/.exec(file)?.[1] ?? 'js';
    const inSource = file.startsWith(`${joined(manifest.folder, 'src')}/`);
    const helperAt = joined(manifest.folder, inSource ? 'src' : '', `done-once.${extension}`);
    const { files } = await workspace.list();
    const exists = files.some((it) => it.path === helperAt);
    if (exists && (await textOf(workspace, helperAt)) !== doOnceFile(store, moduleKind(source), source)) cannot(`${helperAt} exists already with other content`);
    const ending = specifierEnding(source, manifest.isEsModule);
    const bound = bindingOf(source, NAME);
    const specifier = relativeSpecifier(file, helperAt, ending);
    if (bound ? bound.specifier !== specifier : findAll(source.tree, ts.isIdentifier).some((it) => it.text === NAME)) cannot(`${NAME} already names something else in this file`);
    const client = await clientIn(source, workspace, textArg(args, 'clientFile'), countArg(args, 'clientLine'), ending);
    const key = freeKey(source, textArg(args, 'operation'));
    const [start, end] = [call.getStart(source.tree), call.getEnd()];
    const inside = findAll(call, ts.isAwaitExpression).length > 0 ? 'async () => ' : '() => ';
    const imports = [...client.lines, ...(bound ? [] : [importLine(source, moduleKind(source), NAME, specifier)])];
    const edits: TextEdit[] = [
      { start, end: start, newText: `${NAME}(${client.name}, \`${key}:${id.template}\`, ${inside}` },
      { start: end, end, newText: ')' },
      ...id.edits,
      ...client.edits,
      ...(imports.length > 0 ? [insertImport(source, imports.join(source.eol))] : []),
    ];
    const table =
      store === 'pg' && !exists
        ? await tableOf(
            workspace,
            args.schema,
            files.map((it) => it.path),
          )
        : [];
    return {
      edits: [
        { kind: 'change', file, before: source.text, edits },
        ...(exists ? [] : [{ kind: 'create' as const, file: helperAt, text: doOnceFile(store as KeyStore, moduleKind(source), source) }]),
        ...table,
      ],
    };
  },
} satisfies Recipe;

/** A statement that only waits for a call: nobody takes anything from its answer. */
function awaitedAt(source: Source, line: number): ts.CallExpression {
  const found = findAll(source.tree, ts.isExpressionStatement).flatMap((it) => {
    const awaited = bare(it.expression);
    const call = ts.isAwaitExpression(awaited) ? bare(awaited.expression) : undefined;
    return call && ts.isCallExpression(call) && lineAt(source, it.getStart(source.tree)) === line ? [call] : [];
  });
  if (found.length > 1) cannot(`line ${line} of ${source.file} awaits more than one call`);
  const call = found[0] ?? cannot(`line ${line} of ${source.file} is not a statement that awaits one call and ignores its result`);
  if (ts.isIdentifier(call.expression) && call.expression.text === NAME) cannot('it is done once already');
  return call;
}

/** Two calls under one key would pass each other by: the second one gets a number. */
function freeKey(source: Source, wanted: string): string {
  let key = wanted.replace(/[^\w:.-]+/g, '-');
  const plain = key;
  for (let number = 2; source.text.includes(`\`${key}:`); number += 1) key = `${plain}-${number}`;
  return key;
}

/** The client by its name in this file, with the import that it needs. */
async function clientIn(source: Source, workspace: Workspace, file: string, line: number, ending: string): Promise<{ name: string; lines: string[]; edits: TextEdit[] }> {
  const home = file === source.file ? source : parse(file, await textOf(workspace, file));
  const declared = findAll(home.tree, ts.isVariableDeclaration).filter(
    (it) => it.initializer && coversLine(home, it.initializer, line) && it.parent.parent.parent === home.tree && ts.isIdentifier(it.name),
  );
  const [only] = declared;
  if (!only || declared.length > 1) return cannot('the client that would keep the keys is not a const at the top of its file');
  const name = (only.name as ts.Identifier).text;
  if (!isClientItself(only.initializer as ts.Expression)) return cannot(`${name} of ${file} wraps the client that would keep the keys`);
  if (home === source) return { name, lines: [], edits: [] };
  const { files } = await workspace.list();
  const isHome = (specifier: string): boolean => resolveSpecifier(source.file, specifier, files) === file;
  const taken = namesOf(source).filter((it) => isHome(it.specifier));
  const local = taken.find((it) => it.of === name);
  if (local) return { name: local.name, lines: [], edits: [] };
  if (!isExported(home, only, name)) return cannot(`${name} of ${file} is not exported`);
  if (findAll(source.tree, ts.isIdentifier).some((it) => it.text === name)) return cannot(`${name} already names something else in this file`);
  const last = taken.at(-1);
  if (last) return { name, lines: [], edits: [{ start: last.end, end: last.end, newText: `, ${name}` }] };
  return { name, edits: [], lines: [importLine(source, moduleKind(source), name, relativeSpecifier(source.file, file, ending))] };
}

/** What is made there is the client, not an object or a class around it, nor what a function makes of it. */
function isClientItself(made: ts.Expression): boolean {
  const it = bare(made);
  if (ts.isAwaitExpression(it)) return isClientItself(it.expression);
  // `global.redis ?? new Redis()`
  if (ts.isBinaryExpression(it)) return isClientItself(it.right);
  if (!ts.isNewExpression(it) && !ts.isCallExpression(it)) return false;
  // `createClient().on('error', …)`
  if (ts.isPropertyAccessExpression(it.expression) && ts.isCallExpression(bare(it.expression.expression))) return isClientItself(it.expression.expression);
  return !ts.isClassLike(bare(it.expression)) && !(it.arguments ?? []).some((one) => ts.isNewExpression(bare(one)));
}

/** Names that this file takes out of others by themselves. */
function namesOf(source: Source): { name: string; of: string; specifier: string; end: number }[] {
  const imported = source.tree.statements.filter(ts.isImportDeclaration).flatMap((it) => {
    const named = it.importClause?.namedBindings;
    const specifier = (it.moduleSpecifier as ts.StringLiteral).text;
    return named && ts.isNamedImports(named) ? named.elements.map((one) => ({ name: one.name.text, of: (one.propertyName ?? one.name).text, specifier, end: one.getEnd() })) : [];
  });
  const required = findAll(source.tree, ts.isVariableDeclaration).flatMap((it) => {
    const call = it.initializer && bare(it.initializer);
    const [from] = call && ts.isCallExpression(call) && call.expression.getText(source.tree) === 'require' ? call.arguments : [];
    if (!from || !ts.isStringLiteral(from) || !ts.isObjectBindingPattern(it.name)) return [];
    return it.name.elements.map((one) => ({
      name: one.name.getText(source.tree),
      of: (one.propertyName ?? one.name).getText(source.tree),
      specifier: from.text,
      end: one.getEnd(),
    }));
  });
  return [...imported, ...required];
}

function isExported(home: Source, declared: ts.VariableDeclaration, name: string): boolean {
  const statement = declared.parent.parent as ts.VariableStatement;
  if (ts.getModifiers(statement)?.some((it) => it.kind === ts.SyntaxKind.ExportKeyword)) return true;
  const listed = findAll(home.tree, ts.isExportSpecifier).some((it) => it.name.text === name);
  return listed || new RegExp(`\\bexports\\.${name}\\s*=|module\\.exports\\s*=\\s*\\{[^}]*\\b${name}\\b`).test(home.text);
}

async function tableOf(workspace: Workspace, schema: unknown, paths: readonly string[]): Promise<FileEdit[]> {
  const at = typeof schema === 'string' && schema !== '' ? schema : cannot('there are no SQL migrations to which the table of the keys could be added');
  const made = await migrationAfter(at, paths, 'done_once', KEYS_TABLE, 'DROP TABLE done_once;', (path) => textOf(workspace, path));
  return made.length > 0 ? made : cannot(`the migrations of ${at} are not named by number or time`);
}
