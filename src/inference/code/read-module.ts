import { ts } from 'ts-morph';
import { type Reading, readStatements } from './read-syntax.ts';
import type { ModuleSyntax } from './syntax.ts';

const SCRIPT_KINDS: Record<string, ts.ScriptKind> = { tsx: ts.ScriptKind.TSX, jsx: ts.ScriptKind.JSX, js: ts.ScriptKind.JSX, mjs: ts.ScriptKind.JSX, cjs: ts.ScriptKind.JSX };

/**
 * Parses one source file into the syntax that we keep.
 * Broken code gives what could be read and the line of the first error; it never throws on text.
 */
export function readModule(file: string, text: string): ModuleSyntax {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : 'js';
  const source = ts.createSourceFile(
    file,
    text,
    { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone },
    true,
    SCRIPT_KINDS[extension] ?? ts.ScriptKind.TS,
  );
  const reading: Reading = { source, imports: new Set() };
  const body = readStatements(source.statements, reading);
  const errors = (source as unknown as { parseDiagnostics?: { start?: number }[] }).parseDiagnostics ?? [];
  const first = errors[0]?.start;
  return { file, body, imports: [...reading.imports], brokenAt: first === undefined ? null : source.getLineAndCharacterOfPosition(first).line + 1 };
}
