import { type DiffSection, diffWords } from './diff-lines.ts';
import { oneLine } from './figures.ts';
import { code, plain } from './markdown.ts';
import type { ReportDiff } from './report-diff.ts';

/** A comparison for a terminal. */
export function diffText(diff: ReportDiff): string {
  const { headline, notes, causes, table, sections } = diffWords(diff);
  const told = (them: readonly DiffSection[]): string[] =>
    them.flatMap(({ title, lines: rows }) => [
      '',
      title,
      ...rows.flatMap((row) => [`  ${row.text}${row.place ? `  ${row.place}` : ''}`, ...(row.below ?? []).map((it) => `      ${it}`)]),
    ]);
  const compared = table.map(([name, before, after]) => (before === after ? `${name}: ${before}, as before` : `${name}: ${before} → ${after}`));
  const lines = [headline, ...notes, ...told(causes), '', ...compared, ...told(sections)];
  return `${lines.map(oneLine).join('\n')}\n`;
}

/** The same as the comment of a pull request. */
export function diffMarkdown(diff: ReportDiff): string {
  const { headline, notes, causes, table, sections } = diffWords(diff);
  const told = (them: readonly DiffSection[]): string[] =>
    them.flatMap(({ title, lines: rows }) => [
      '',
      `**${plain(title)}**`,
      '',
      ...rows.flatMap((row) => [`- ${plain(row.text)}${row.place ? ` ${code(row.place)}` : ''}`, ...(row.below ?? []).map((it) => `  - ${plain(it)}`)]),
    ]);
  const lines = [`### ${plain(headline)}`, ...notes.flatMap((it) => ['', plain(it)]), ...told(causes)];
  lines.push('', '| | before | after |', '|---|---|---|', ...table.map(([name, before, after]) => `| ${plain(name)} | ${plain(before)} | ${plain(after)} |`), ...told(sections));
  if (causes.length + sections.length === 0) lines.push('', 'Nothing that the analysis reads was changed.');
  return `${lines.join('\n')}\n`;
}
