import { ts } from 'ts-morph';
import type { TextEdit } from '../model/edit.ts';
import type { FileEntry } from '../workspace.ts';
import { usesOf } from './names.ts';
import { cannot } from './recipe.ts';
import { findAll, indentAt, type Source } from './source.ts';

export type ModuleKind = 'import' | 'require';

/** How the file itself takes in modules; a file that does neither follows its ending. */
export function moduleKind(source: Source): ModuleKind {
  if (
    source.tree.statements.some(
      (it) =>
        ts.isImportDeclaration(it) ||
        ts.isExportDeclaration(it) ||
        ts.isExportAssignment(it) ||
        (ts.canHaveModifiers(it) && ts.getModifiers(it)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)),
    )
  )
    return 'import';
  if (/\brequire\(|\bmodule\.exports\b|\bexports\./.test(source.text)) return 'require';
  return source.typed || source.file.endsWith('.mjs') ? 'import' : 'require';
}

/** Ending for relative specifiers: as the file's other imports have it. */
export function specifierEnding(source: Source, isEsModulePackage: boolean): string {
  const relative = specifiersOf(source).filter((it) => it.startsWith('.'));
  const written = relative.map((it) => /\.[cm]?[jt]s$/.exec(it)?.[0]).find((it) => it !== undefined);
  if (written) return written;
  if (relative.length > 0) return '';
  return moduleKind(source) === 'import' && isEsModulePackage ? '.js' : '';
}

export const specifiersOf = (source: Source): string[] =>
  findAll(source.tree, ts.isStringLiteral)
    .filter((it) => ts.isImportDeclaration(it.parent) || (ts.isCallExpression(it.parent) && ts.isIdentifier(it.parent.expression) && it.parent.expression.text === 'require'))
    .map((it) => it.text);

export const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '');
export const joined = (...parts: readonly string[]): string => normal(parts.filter((it) => it !== '').join('/'));

function normal(path: string): string {
  const out: string[] = [];
  for (const it of path.split('/')) {
    if (it === '' || it === '.') continue;
    if (it === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else out.push(it);
  }
  return out.join('/');
}

/** `../queues/mail.queue` from one file to another; the target's ending is replaced by `ending`. */
export function relativeSpecifier(from: string, to: string, ending: string): string {
  const source = folderOf(from).split('/').filter(Boolean);
  const target = to.replace(/\.[cm]?[jt]sx?$/, '').split('/');
  let shared = 0;
  while (shared < source.length && source[shared] === target[shared]) shared += 1;
  const up = source.slice(shared).map(() => '..');
  return `${[...(up.length > 0 ? up : ['.']), ...target.slice(shared)].join('/')}${ending}`;
}

/** The workspace file that a specifier means: relative, or by the usual alias `@/` for the nearest `src`. Undefined for packages and other aliases. */
export function resolveSpecifier(from: string, specifier: string, files: readonly FileEntry[]): string | undefined {
  const source = from.startsWith('src/') ? 'src' : /^(.*?\/src)\//.exec(from)?.[1];
  if (!specifier.startsWith('.') && !(specifier.startsWith('@/') && source !== undefined)) return undefined;
  const base = specifier.startsWith('.') ? joined(folderOf(from), specifier) : joined(source ?? '', specifier.slice(2));
  const bases = [base, base.replace(/\.([cm]?)js$/, '.$1ts'), base.replace(/\.jsx?$/, '.tsx')];
  const endings = ['', '.ts', '.js', '.mts', '.cts', '.mjs', '.cjs', '.tsx', '.jsx', '/index.ts', '/index.js'];
  const paths = new Set(files.map((it) => it.path));
  return bases.flatMap((it) => endings.map((ending) => `${it}${ending}`)).find((it) => paths.has(it) && /\.[cm]?[jt]sx?$/.test(it));
}

interface Binding {
  statement: ts.Statement;
  specifier: string;
  /** Writes the same binding into another file. */
  write(specifier: string, kind: ModuleKind, quote: string, semicolon: string): string;
  /** The statement binds nothing else. */
  alone: boolean;
  element?: ts.ImportSpecifier;
  /** How often `usesOf` sees the name in the binding itself. */
  ownUses: 0 | 1;
}

/** The import or top-level `require` that binds a name. */
export function bindingOf(source: Source, name: string): Binding | undefined {
  for (const statement of source.tree.statements) {
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier) && statement.importClause) {
      const specifier = statement.moduleSpecifier.text;
      const clause = statement.importClause;
      const named = clause.namedBindings;
      const count = (clause.name ? 1 : 0) + (named ? (ts.isNamedImports(named) ? named.elements.length : 1) : 0);
      const make = (what: string, element?: ts.ImportSpecifier): Binding => ({
        statement,
        specifier,
        alone: count === 1,
        ownUses: 1,
        ...(element && { element }),
        write: (target, _kind, quote, semicolon) => `import ${what} from ${quote}${target}${quote}${semicolon}`,
      });
      if (clause.name?.text === name) return make(name);
      if (named && ts.isNamespaceImport(named) && named.name.text === name) return make(`* as ${name}`);
      const element = named && ts.isNamedImports(named) ? named.elements.find((it) => it.name.text === name) : undefined;
      if (element && !element.isTypeOnly) return make(`{ ${element.getText(source.tree)} }`, element);
    }
    if (ts.isVariableStatement(statement)) {
      for (const it of statement.declarationList.declarations) {
        const call = it.initializer;
        if (!call || !ts.isCallExpression(call) || !ts.isIdentifier(call.expression) || call.expression.text !== 'require') continue;
        const [module] = call.arguments;
        if (!module || !ts.isStringLiteral(module)) continue;
        const element = ts.isObjectBindingPattern(it.name) ? it.name.elements.find((e) => ts.isIdentifier(e.name) && e.name.text === name) : undefined;
        if (!element && !(ts.isIdentifier(it.name) && it.name.text === name)) continue;
        const what = element ? `{ ${element.getText(source.tree)} }` : name;
        const count = ts.isObjectBindingPattern(it.name) ? it.name.elements.length : 1;
        return {
          statement,
          specifier: module.text,
          ownUses: element ? 1 : 0,
          alone: count === 1 && statement.declarationList.declarations.length === 1,
          write: (target, _kind, quote, semicolon) => `const ${what} = require(${quote}${target}${quote})${semicolon}`,
        };
      }
    }
  }
  return undefined;
}

/** An import of `name`, in the file's own way. */
export const importLine = (source: Source, kind: ModuleKind, name: string, specifier: string): string =>
  kind === 'import'
    ? `import { ${name} } from ${source.quote}${specifier}${source.quote}${source.semicolon}`
    : `const { ${name} } = require(${source.quote}${specifier}${source.quote})${source.semicolon}`;

/**
 * Adds an import line (none for null), and drops the binding `unused` where nothing reads it any more: so the file still compiles under `noUnusedLocals`.
 * `usesRemoved` is how many reads of it the other edits take away.
 */
export function exchangeImport(source: Source, line: string | null, unused: { name: string; usesRemoved: number }): TextEdit[] {
  const binding = bindingOf(source, unused.name);
  const free = binding && usesOf(source, unused.name) - binding.ownUses - unused.usesRemoved <= 0;
  const added = line === null ? [] : [insertImport(source, line)];
  if (!binding || !free) return added;
  if (!binding.alone) return binding.element ? [...added, removeElement(binding.element)] : added;
  const [start, end] = [binding.statement.getStart(source.tree), binding.statement.getEnd()];
  if (line !== null) return [{ start, end, newText: line }];
  return [{ start, end: source.text.startsWith(source.eol, end) ? end + source.eol.length : end, newText: '' }];
}

function removeElement(element: ts.ImportSpecifier): TextEdit {
  const all = element.parent.elements;
  const index = all.indexOf(element);
  const next = all[index + 1];
  if (next) return { start: element.getStart(), end: next.getStart(), newText: '' };
  return { start: all[index - 1]?.getEnd() ?? element.getStart(), end: element.getEnd(), newText: '' };
}

/** One name more from a module that the file takes in already, in the order of the others. */
export function addToImport(source: Source, module: string, name: string): TextEdit[] {
  const { tree } = source;
  const imported = findAll(tree, ts.isNamedImports).filter(({ parent: { parent, isTypeOnly } }) => !isTypeOnly && isModule(parent.moduleSpecifier, module));
  const required = findAll(tree, ts.isObjectBindingPattern).filter(({ parent }) => {
    const call = ts.isVariableDeclaration(parent) ? parent.initializer : undefined;
    return call && ts.isCallExpression(call) && call.expression.getText(tree) === 'require' && isModule(call.arguments[0], module);
  });
  const elements: readonly (ts.ImportSpecifier | ts.BindingElement)[] = (imported[0] ?? required[0])?.elements ?? [];
  const last = elements.at(-1);
  if (!last) return [insertImport(source, importLine(source, moduleKind(source), name, module))];
  const names = elements.map((it) => it.name.getText(tree));
  const isBefore = (a: string, b: string): boolean => a.localeCompare(b, 'en', { sensitivity: 'base' }) < 0;
  const isSorted = names.every((it, at) => at === 0 || !isBefore(it, names[at - 1] as string));
  const next = isSorted ? elements.find((_, at) => isBefore(name, names[at] as string)) : undefined;
  const start = (next ?? last).getStart(tree);
  const isOwnLine = /\n[ \t]*$/.test(source.text.slice(0, start));
  const gap = isOwnLine ? `${source.eol}${indentAt(source.text, start)}` : ' ';
  return next ? [{ start, end: start, newText: `${name},${gap}` }] : [{ start: last.getEnd(), end: last.getEnd(), newText: `,${gap}${name}` }];
}

const isModule = (node: ts.Node | undefined, module: string): boolean => node !== undefined && ts.isStringLiteral(node) && node.text === module;

/** Behind the last import or top-level require; before everything where there is none. */
export function insertImport(source: Source, line: string): TextEdit {
  const last = source.tree.statements.findLast((it) => ts.isImportDeclaration(it) || (ts.isVariableStatement(it) && /=\s*require\(/.test(it.getText(source.tree))));
  if (last) return { start: last.getEnd(), end: last.getEnd(), newText: `${source.eol}${line}` };
  const first = source.tree.statements[0] ?? cannot(`${source.file} is empty`);
  return { start: first.getStart(source.tree), end: first.getStart(source.tree), newText: `${line}${source.eol}` };
}
