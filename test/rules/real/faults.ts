import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { parse as parseJson, type ParseError } from 'jsonc-parser';
import { ts } from 'ts-morph';
import { parseDocument } from 'yaml';
import { applyEdits, type FileEdit } from '../../../src/model/edit.ts';
import type { Workspace } from '../../../src/workspace.ts';
import { danglingIn } from '../workspaces/sources.ts';

const CODE = /\.([cm]?[jt]s|[jt]sx)$/;

interface Changed {
  file: string;
  /** Empty where the file is new. */
  was: string;
  is: string;
}

/** What is wrong with the files that edits leave behind, beyond what was wrong before: syntax, names, imports, style, comments. */
export async function faultsIn(edits: readonly FileEdit[], workspace: Workspace): Promise<string[]> {
  const changed = edits.map(
    (it): Changed => (it.kind === 'create' ? { file: it.file, was: '', is: it.text } : { file: it.file, was: it.before, is: applyEdits(it.before, it.edits) }),
  );
  const paths = new Set([...(await workspace.list()).files, ...changed.map((it) => ({ path: it.file }))].map((it) => it.path));
  const texts = new Map(changed.map((it) => [it.file, it.is]));
  const read = async (path: string): Promise<string | undefined> => {
    const found = texts.get(path) ?? (await workspace.read(path));
    return typeof found === 'string' ? found : 'text' in found ? found.text : undefined;
  };
  const found: string[] = [];
  for (const it of edits) if (it.kind === 'create' && 'text' in (await workspace.read(it.file))) found.push(`${it.file} is there already`);
  for (const it of changed) {
    const says = (words: readonly string[]): void => void found.push(...words.map((one) => `${it.file}: ${one}`));
    says(await syntaxFaults(it));
    says(styleFaults(it));
    if (!CODE.test(it.file)) continue;
    says(commentsLost(it));
    says(await importFaults(it, paths, read));
    says(nameFaults(it));
  }
  return found;
}

async function syntaxFaults({ file, was, is }: Changed): Promise<string[]> {
  const of = async (text: string): Promise<string[]> => {
    if (CODE.test(file))
      return (treeOf(file, text) as unknown as { parseDiagnostics: ts.Diagnostic[] }).parseDiagnostics.map((it) => ts.flattenDiagnosticMessageText(it.messageText, ' '));
    if (file.endsWith('.json')) {
      const errors: ParseError[] = [];
      parseJson(text, errors, { allowTrailingComma: false });
      return errors.map((it) => `JSON error ${it.error}`);
    }
    if (/\.ya?ml$/.test(file)) return parseDocument(text).errors.map((it) => it.message);
    return [];
  };
  const before = was === '' ? [] : await of(was);
  return (await of(is)).filter((it) => !before.includes(it)).map((it) => `syntax: ${it}`);
}

const treeOf = (file: string, text: string): ts.SourceFile => ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);

function styleFaults({ file, was, is }: Changed): string[] {
  if (was === '') return [];
  const found: string[] = [];
  const crlf = (text: string): [number, number] => [(text.match(/\r\n/g) ?? []).length, (text.match(/\n/g) ?? []).length];
  const [crBefore, allBefore] = crlf(was);
  const [crAfter, allAfter] = crlf(is);
  if ((crBefore === 0 && crAfter > 0) || (crBefore === allBefore && crBefore > 0 && crAfter !== allAfter)) found.push('line ends of two kinds');
  if (was.startsWith('\uFEFF') && !is.startsWith('\uFEFF')) found.push('the byte-order mark is gone');
  if (was.endsWith('\n') !== is.endsWith('\n')) found.push('another end of the file');
  const old = new Set(was.split('\n'));
  const added = is.split('\n').filter((it) => !old.has(it) && it.trim() !== '');
  const tabs = (lines: readonly string[]): number => lines.filter((it) => it.startsWith('\t')).length;
  const spaces = (lines: readonly string[]): number => lines.filter((it) => /^ {2}/.test(it)).length;
  const lines = [...old];
  if (tabs(added) > 0 && tabs(lines) === 0) found.push('a tab in a file of spaces');
  if (spaces(added) > 0 && spaces(lines) === 0 && tabs(lines) > 0) found.push('spaces in a file of tabs');
  if (added.some((it) => /[ \t]\r?$/.test(it))) found.push('white space at the end of a line');
  if (!CODE.test(file)) return found;
  const quoted = (text: string): { single: number; double: number } => {
    const literals = literalsIn(treeOf(file, text));
    return { single: literals.filter((it) => it.startsWith("'")).length, double: literals.filter((it) => it.startsWith('"')).length };
  };
  const [q, p] = [quoted(was), quoted(is)];
  if (q.single > 4 * q.double && p.double > q.double) found.push('a double quote in a file of single ones');
  if (q.double > 4 * q.single && p.single > q.single) found.push('a single quote in a file of double ones');
  const ends = (text: string): { with: number; without: number } => {
    const tree = treeOf(file, text);
    const statements: ts.Node[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isExpressionStatement(node) || ts.isVariableStatement(node) || ts.isImportDeclaration(node) || ts.isReturnStatement(node)) statements.push(node);
      ts.forEachChild(node, visit);
    };
    visit(tree);
    const semicolons = statements.filter((it) => it.getText(tree).endsWith(';')).length;
    return { with: semicolons, without: statements.length - semicolons };
  };
  const [e, f] = [ends(was), ends(is)];
  if (e.with > 4 * e.without && f.without > e.without) found.push('a statement without semicolon');
  if (e.without > 4 * e.with && f.with > e.with) found.push('a semicolon in a file without');
  return found;
}

function literalsIn(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && !ts.isJsxAttribute(node.parent)) found.push(node.getText(tree));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function commentsLost({ file, was, is }: Changed): string[] {
  const of = (text: string): string[] => {
    const found = new Map<string, string>();
    const tree = treeOf(file, text);
    const visit = (node: ts.Node): void => {
      for (const it of [...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []), ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? [])])
        found.set(`${it.pos}`, text.slice(it.pos, it.end));
      node.getChildren(tree).forEach(visit);
    };
    visit(tree);
    return [...found.values()];
  };
  const after = of(is);
  return of(was)
    .filter((it) => !after.includes(it))
    .map((it) => `comment lost: ${it.slice(0, 80)}`);
}

interface Import {
  specifier: string;
  isRequire: boolean;
}

function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const tree = treeOf(file, text);
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier))
      found.push({ specifier: node.moduleSpecifier.text, isRequire: false });
    if (ts.isCallExpression(node) && node.arguments[0] && ts.isStringLiteralLike(node.arguments[0])) {
      if (ts.isIdentifier(node.expression) && node.expression.text === 'require') found.push({ specifier: node.arguments[0].text, isRequire: true });
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) found.push({ specifier: node.arguments[0].text, isRequire: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

async function importFaults({ file, was, is }: Changed, paths: ReadonlySet<string>, read: (path: string) => Promise<string | undefined>): Promise<string[]> {
  const [before, after] = [importsOf(file, was), importsOf(file, is)];
  const found: string[] = [];
  const count = (list: readonly Import[], specifier: string): number => list.filter((it) => it.specifier === specifier).length;
  for (const specifier of new Set(after.map((it) => it.specifier)))
    if (count(after, specifier) > 1 && count(after, specifier) > count(before, specifier)) found.push(`${specifier} is imported again`);
  const added = after.filter((it) => !before.some((one) => one.specifier === it.specifier));
  const manifests = await manifestsAbove(file, paths, read);
  const isModule = /\.m[jt]s$/.test(file) || (!/\.c[jt]s$/.test(file) && manifests[0]?.type === 'module');
  for (const { specifier, isRequire } of added) {
    const kindBefore = before[0]?.isRequire;
    if (kindBefore !== undefined && before.every((it) => it.isRequire === kindBefore) && isRequire !== kindBefore)
      found.push(`${specifier} is taken in another way than the rest of the file does`);
    if (isRequire && isModule) found.push(`require of ${specifier} in an ES module`);
    if (!isRequire && !isModule && /\.c?js$/.test(file) && !before.some((it) => !it.isRequire) && was !== '') found.push(`import of ${specifier} in a CommonJS module`);
    if (specifier.startsWith('.')) {
      const at = join(dirname(file), specifier);
      const stem = at.replace(/\.[cm]?jsx?$/, '');
      const candidates = [
        at,
        ...['.ts', '.tsx', '.js', '.jsx', '.mts', '.cts', '.mjs', '.cjs', '/index.ts', '/index.js', '.d.ts', '.json'].flatMap((end) => [`${at}${end}`, `${stem}${end}`]),
      ];
      if (!candidates.some((it) => paths.has(it))) found.push(`${specifier} leads to no file`);
      if (isModule && /\.m?js$/.test(file) && !/\.[a-z]+$/.test(specifier)) found.push(`${specifier} needs its extension in an ES module`);
      const relatives = before.filter((it) => /^\.\.?\//.test(it.specifier));
      const withEnd = relatives.filter((it) => /\.[cm]?[jt]sx?$/.test(it.specifier)).length;
      if (relatives.length > 0 && (withEnd === 0) === /\.[cm]?[jt]sx?$/.test(specifier) && (withEnd === 0 || withEnd === relatives.length))
        found.push(`${specifier}: the file's other imports ${withEnd === 0 ? 'have no extension' : 'have their extension'}`);
      continue;
    }
    if (isBuiltin(specifier)) continue;
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    if (!manifests.some((it) => it.packages.has(name))) found.push(`${name} stands in no package.json above`);
    else if (!manifests[0]?.packages.has(name)) found.push(`${name} does not stand in the nearest package.json`);
  }
  return found;
}

async function manifestsAbove(
  file: string,
  paths: ReadonlySet<string>,
  read: (path: string) => Promise<string | undefined>,
): Promise<{ type: unknown; packages: ReadonlySet<string> }[]> {
  const found: { type: unknown; packages: ReadonlySet<string> }[] = [];
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = folder === '.' ? 'package.json' : `${folder}/package.json`;
    if (paths.has(path)) {
      const json = parseJson((await read(path)) ?? '{}') as { type?: unknown; dependencies?: object; devDependencies?: object; peerDependencies?: object };
      found.push({ type: json.type, packages: new Set(Object.keys({ ...json.dependencies, ...json.devDependencies, ...json.peerDependencies })) });
    }
    if (folder === '.') return found;
  }
}

/** Names that mean nothing, and names declared twice in one scope. */
function nameFaults({ file, was, is }: Changed): string[] {
  const at = file.replace(/\.[jt]sx$/, '.ts');
  if (/\.[jt]sx$/.test(file)) return [];
  const before = was === '' ? [] : danglingIn({ [at]: was });
  const lost = danglingIn({ [at]: is }).filter((it) => !before.includes(it) && !(it in globalThis));
  const twice = (text: string): string[] => {
    const names: string[] = [];
    const visitScope = (statements: readonly ts.Statement[]): string[] => {
      const own = statements.flatMap((it) =>
        ts.isVariableStatement(it)
          ? it.declarationList.declarations.flatMap((one) => (ts.isIdentifier(one.name) && it.declarationList.flags & ts.NodeFlags.BlockScoped ? [one.name.text] : []))
          : ts.isClassDeclaration(it) && it.name
            ? [it.name.text]
            : [],
      );
      return own.filter((it, index) => own.indexOf(it) !== index);
    };
    const visit = (node: ts.Node): void => {
      if (ts.isSourceFile(node) || ts.isBlock(node)) names.push(...visitScope([...node.statements]));
      ts.forEachChild(node, visit);
    };
    visit(treeOf(file, text));
    return names;
  };
  const old = was === '' ? [] : twice(was);
  return [
    ...lost.map((it) => `${it} means nothing`),
    ...twice(is)
      .filter((it) => !old.includes(it))
      .map((it) => `${it} is declared twice`),
  ];
}
