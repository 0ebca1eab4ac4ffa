import { ts } from 'ts-morph';
import { applyEdits, type TextEdit } from '../../../src/model/edit.ts';

export type Files = Readonly<Record<string, string>>;

const CODE = /\.[cm]?[jt]s$/;
export const isCode = (file: string): boolean => CODE.test(file);

/** The code of a workspace with what its names mean; packages stay unresolved. */
export interface Sources {
  files: Files;
  trees: ReadonlyMap<string, ts.SourceFile>;
  /** What a name stands for in its own file: an import's local name is itself, not what it leads to. */
  symbolOf(name: ts.Identifier): ts.Symbol | undefined;
  /** What it stands for in the end, through imports of the workspace. */
  originOf(name: ts.Identifier): ts.Symbol | undefined;
}

export function read(files: Files): Sources {
  const options: ts.CompilerOptions = {
    allowJs: true,
    noLib: true,
    noEmit: true,
    types: [],
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
  };
  const trees = new Map<string, ts.SourceFile>();
  const host: ts.CompilerHost = {
    getSourceFile: (path) => trees.get(path.slice(1)),
    writeFile: () => {},
    getDefaultLibFileName: () => '/lib.d.ts',
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (it) => it,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (path) => path.slice(1) in files,
    readFile: (path) => files[path.slice(1)],
    directoryExists: () => true,
    getDirectories: () => [],
  };
  for (const file of Object.keys(files).filter(isCode)) trees.set(file, ts.createSourceFile(`/${file}`, files[file] as string, ts.ScriptTarget.ESNext, true));
  const checker = ts.createProgram({ rootNames: [...trees.values()].map((it) => it.fileName), options, host }).getTypeChecker();
  const symbolOf = (name: ts.Identifier): ts.Symbol | undefined => {
    if (ts.isShorthandPropertyAssignment(name.parent) && name.parent.name === name) return checker.getShorthandAssignmentValueSymbol(name.parent);
    if (ts.isExportSpecifier(name.parent)) return checker.getExportSpecifierLocalTargetSymbol(name.parent);
    return checker.getSymbolAtLocation(name);
  };
  const originOf = (name: ts.Identifier): ts.Symbol | undefined => {
    const own = symbolOf(name);
    return own && own.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(own) : own;
  };
  return { files, trees, symbolOf, originOf };
}

/** Every node below `from` that `wanted` accepts, outer ones first. */
export function all<T extends ts.Node>(from: ts.Node, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (wanted(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(from);
  return found;
}

/** Edits by file, collected and applied at once; an empty collection leaves the same files. */
export class Draft {
  readonly #edits = new Map<string, TextEdit[]>();
  readonly #added: Record<string, string> = {};
  readonly #from: Files;

  constructor(from: Files) {
    this.#from = from;
  }

  replace(node: ts.Node, newText: string): void {
    this.between(node.getSourceFile(), node.getStart(), node.getEnd(), newText);
  }

  between(tree: ts.SourceFile, start: number, end: number, newText: string): void {
    const file = tree.fileName.slice(1);
    this.#edits.set(file, [...(this.#edits.get(file) ?? []), { start, end, newText }]);
  }

  add(file: string, text: string): void {
    this.#added[file] = text;
  }

  files(): Files {
    const after: Record<string, string> = { ...this.#from };
    // Insertions at one offset keep the order in which they were asked for.
    for (const [file, edits] of this.#edits) after[file] = applyEdits(after[file] as string, mergedAt(edits));
    return { ...after, ...this.#added };
  }
}

function mergedAt(edits: readonly TextEdit[]): TextEdit[] {
  const merged = new Map<string, TextEdit>();
  for (const it of edits) {
    const key = `${it.start} ${it.end}`;
    const before = merged.get(key);
    merged.set(key, before && it.start === it.end ? { ...before, newText: before.newText + it.newText } : it);
  }
  return [...merged.values()];
}

/** The innermost function around a node. */
export function functionAround(node: ts.Node): ts.SignatureDeclaration | undefined {
  for (let it: ts.Node | undefined = node.parent; it; it = it.parent) if (ts.isFunctionLike(it)) return it;
  return undefined;
}

/** Is the name a use of something, not a property, a label or a declaration's own name? */
export function isUse(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === name;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === name;
  if (ts.isBindingElement(parent)) return parent.initializer === name;
  if (ts.isVariableDeclaration(parent)) return parent.initializer === name;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isNamespaceImport(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isParameter(parent)) return parent.initializer === name;
  if (ts.isFunctionDeclaration(parent) || ts.isFunctionExpression(parent) || ts.isClassDeclaration(parent)) return false;
  return !(ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isTypeReferenceNode(parent));
}

/** Inside types names mean nothing to the program. */
export const isInType = (node: ts.Node): boolean => {
  for (let it: ts.Node | undefined = node; it && !ts.isStatement(it); it = it.parent) if (ts.isTypeNode(it) && !ts.isExpressionWithTypeArguments(it)) return true;
  return ts.isTypeNode(node.parent);
};

/** Names that are declared nowhere, the language's own included: a form that makes a new one has torn something apart. */
export function danglingIn(files: Files): string[] {
  const sources = read(files);
  const isLost = (it: ts.Identifier): boolean => isUse(it) && !isInType(it) && !ts.isMetaProperty(it.parent) && !GIVEN.has(it.text) && !sources.symbolOf(it);
  return [...new Set([...sources.trees.values()].flatMap((tree) => all(tree, ts.isIdentifier).filter(isLost).map(textOf)))].sort();
}

const GIVEN = new Set(['require', 'module', 'undefined']);
const textOf = (it: ts.Node): string => it.getText();
