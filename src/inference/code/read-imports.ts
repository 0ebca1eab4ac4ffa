import { ts } from 'ts-morph';
import { isMarked, type Reading } from './read-source.ts';
import type { Statement } from './syntax.ts';

// The compiler's tables of kinds and functions are dictionaries to the engine: looked up once, not for each node.
const { isNamedImports, isNamespaceExport, isNamespaceImport, isStringLiteral } = ts;
const { DefaultKeyword, ExportKeyword } = ts.SyntaxKind;

/** What a file takes from another; what it takes for types alone is left out. */
export function readImport(node: ts.ImportDeclaration, reading: Reading): Statement[] {
  if (!isStringLiteral(node.moduleSpecifier) || node.importClause?.isTypeOnly) return [];
  const from = node.moduleSpecifier.text;
  const names: [string, string][] = [];
  if (node.importClause?.name) names.push(['default', node.importClause.name.text]);
  const bindings = node.importClause?.namedBindings;
  if (bindings && isNamespaceImport(bindings)) names.push(['*', bindings.name.text]);
  if (bindings && isNamedImports(bindings)) for (const it of bindings.elements) if (!it.isTypeOnly) names.push([it.propertyName?.text ?? it.name.text, it.name.text]);
  reading.imports.add(from);
  for (const [, local] of names) reading.origins.set(local, from);
  return [{ k: 'import', from, names }];
}

/** What a file gives on, of its own or of another. */
export function readExport(node: ts.ExportDeclaration, reading: Reading): Statement[] {
  if (node.isTypeOnly) return [];
  const from = node.moduleSpecifier && isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined;
  if (from) reading.imports.add(from);
  if (!node.exportClause) return from ? [{ k: 'exportAll', from }] : [];
  if (isNamespaceExport(node.exportClause)) return from ? [{ k: 'exportAll', from, as: node.exportClause.name.text }] : [];
  const names = node.exportClause.elements.filter((it) => !it.isTypeOnly).map((it) => [(it.propertyName ?? it.name).text, it.name.text] as const);
  if (!from) for (const [local] of names) reading.used.add(local);
  return [{ k: 'export', names, ...(from && { from }) }];
}

/** The statement that gives away what is declared under a name, where its declaration says so. */
export const exported = (node: ts.Node, name: string): Statement[] => (isDefault(node) ? [{ k: 'export', names: [[name, 'default']] }] : isExported(node) ? exportOf([name]) : []);

export const exportOf = (names: readonly string[]): Statement[] => [{ k: 'export', names: names.map((it) => [it, it] as const) }];

export const isExported = (node: ts.Node): boolean => isMarked(node, ExportKeyword);

const isDefault = (node: ts.Node): boolean => isMarked(node, DefaultKeyword);
