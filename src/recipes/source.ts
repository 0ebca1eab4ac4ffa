import { ts } from 'ts-morph';
import { cannot } from './recipe.ts';

/** A parsed source file with what an edit must keep: its text, line ends, quotes and semicolons. */
export interface Source {
  file: string;
  text: string;
  tree: ts.SourceFile;
  eol: '\n' | '\r\n';
  quote: "'" | '"';
  semicolon: ';' | '';
  typed: boolean;
}

/** Parses without resolving anything. Refuses half-typed files: their tree says nothing certain. */
export function parse(file: string, text: string): Source {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  if (syntaxErrorsOf(tree).length > 0) cannot(`${file} has a syntax error`);
  const imports = tree.statements.map((it) => it.getText(tree));
  const semicolons = imports.filter((it) => it.endsWith(';')).length;
  const plain = imports.filter((it) => !it.endsWith(';') && !it.endsWith('}')).length;
  const single = (text.match(/'/g) ?? []).length;
  const double = (text.match(/"/g) ?? []).length;
  return {
    file,
    text,
    tree,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    quote: double > single ? '"' : "'",
    semicolon: plain > semicolons ? '' : ';',
    typed: /\.[cm]?tsx?$/.test(file),
  };
}

/** The parser's own complaints; the compiler keeps them on the tree without declaring it. */
export function syntaxErrorsOf(tree: ts.SourceFile): readonly ts.Diagnostic[] {
  return (tree as unknown as { parseDiagnostics?: readonly ts.Diagnostic[] }).parseDiagnostics ?? [];
}

/** Every node below `from` that `wanted` accepts, outer ones first. */
export function findAll<T extends ts.Node>(from: ts.Node, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    if (wanted(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(from);
  return found;
}

/** Line of a character, from 1. */
export const lineAt = (source: Source, offset: number): number => source.tree.getLineAndCharacterOfPosition(offset).line + 1;

export const coversLine = (source: Source, node: ts.Node, line: number): boolean => lineAt(source, node.getStart(source.tree)) <= line && line <= lineAt(source, node.getEnd());

/** White space at the start of the line that holds `offset`. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
}

/** One step of indentation as this file uses it. */
export function indentUnit(text: string): string {
  if (/^\t/m.test(text)) return '\t';
  const widths = [...text.matchAll(/^( +)\S/gm)].map((it) => (it[1] as string).length).filter((it) => it > 1);
  return ' '.repeat(widths.length > 0 ? Math.min(4, Math.min(...widths)) : 2);
}

/** An expression without parentheses, `as`, `satisfies`, `!` and `await`-free wrappers around it. */
export function bare(node: ts.Expression): ts.Expression {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node)) return bare(node.expression);
  return node;
}
