import { ts } from 'ts-morph';
import { placesIn, type Reading } from './read-source.ts';
import { readStatements } from './read-statements.ts';
import type { ModuleSyntax, Statement } from './syntax.ts';

const SCRIPT_KINDS: Record<string, ts.ScriptKind> = { tsx: ts.ScriptKind.TSX, jsx: ts.ScriptKind.JSX, js: ts.ScriptKind.JSX, mjs: ts.ScriptKind.JSX, cjs: ts.ScriptKind.JSX };

/**
 * Parses one source file into the syntax that we keep.
 * Broken code gives what could be read and the line of the first error; it never throws on text.
 */
export function readModule(file: string, text: string): ModuleSyntax {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : 'js';
  const source = ts.createSourceFile(
    name,
    text,
    { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone },
    false,
    SCRIPT_KINDS[extension] ?? ts.ScriptKind.TS,
  );
  const reading: Reading = { source, places: placesIn(source), imports: new Set(), called: new Set(), used: new Set(), origins: new Map() };
  const all = readStatements(source.statements, reading);
  const body = /^[cm]?ts$/.test(extension) ? withoutTypeImports(all, reading) : all;
  const errors = (source as unknown as { parseDiagnostics?: { start?: number }[] }).parseDiagnostics ?? [];
  const first = errors[0]?.start;
  return { file, body, imports: [...reading.imports], brokenAt: first === undefined ? null : source.getLineAndCharacterOfPosition(first).line + 1 };
}

/** What is only imported for its types is not loaded: the compiler drops such imports, and cycles that never exist would appear. */
function withoutTypeImports(body: readonly Statement[], { used, imports, called }: Reading): Statement[] {
  const isErased = (it: Statement): boolean => it.k === 'import' && it.names.length > 0 && it.names.every(([, local]) => !used.has(local));
  const kept = body.filter((it) => !isErased(it));
  const stays = new Set([...called, ...kept.flatMap((it) => ((it.k === 'import' || it.k === 'export' || it.k === 'exportAll') && it.from ? [it.from] : []))]);
  for (const it of body) if (it.k === 'import' && isErased(it) && !stays.has(it.from)) imports.delete(it.from);
  return kept;
}
