import { isBuiltin } from 'node:module';
import { ts } from 'ts-morph';
import { expect } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { danglingIn, type Files } from '../workspaces/sources.ts';

const CODE = /\.([cm]?[jt]s|[jt]sx)$/;
const treeOf = (file: string, text: string): ts.SourceFile => ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);

/** What is written parses, no name is torn from what it meant, no comment is lost, and packages that code takes in stand in package.json. */
export function expectWhole(before: Files, after: Files): void {
  for (const [file, text] of Object.entries(after)) {
    if (before[file] === text) continue;
    if (CODE.test(file))
      expect(
        (treeOf(file, text) as unknown as { parseDiagnostics: { messageText: unknown }[] }).parseDiagnostics.map((it) => it.messageText),
        `${file}\n${text}`,
      ).toEqual([]);
    if (file.endsWith('.json')) JSON.parse(text);
    if (/\.ya?ml$/.test(file)) parseYaml(text);
    const gone = commentsIn(file, before[file] ?? '').filter((it) => !commentsIn(file, text).includes(it));
    expect(gone, `comments of ${file}`).toEqual([]);
  }
  const lost = danglingIn(after).filter((it) => !(it in globalThis));
  expect(lost, 'names that mean nothing').toEqual(danglingIn(before).filter((it) => lost.includes(it)));
  expect(packagesIn(after).filter((it) => !packagesOf(after).includes(it))).toEqual(packagesIn(before).filter((it) => !packagesOf(before).includes(it)));
}

function commentsIn(file: string, text: string): string[] {
  if (!CODE.test(file)) return text.split('\n').flatMap((line) => /(?:^|\s)(#.*)$/.exec(line)?.[1]?.trim() ?? []);
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text);
  const found: string[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan())
    if (kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia) found.push(scanner.getTokenText());
  return found;
}

const packagesIn = (files: Files): string[] => [
  ...new Set(
    Object.entries(files)
      .filter(([file]) => CODE.test(file))
      .flatMap(([, text]) => [...text.matchAll(/(?:from\s+|require\(|import\s+)['"]((?:@[\w.-]+\/)?[\w.-]+)[^'"]*['"]/g)].map((it) => it[1] as string))
      .filter((it) => !it.startsWith('.') && it !== 'node' && !isBuiltin(it)),
  ),
];

const packagesOf = (files: Files): string[] =>
  Object.entries(files)
    .filter(([file]) => /(^|\/)package\.json$/.test(file))
    .flatMap(([, text]) => Object.keys((JSON.parse(text) as { dependencies?: object }).dependencies ?? {}));
