import { diffWords } from './diff-lines.ts';
import { oneLine } from './figures.ts';
import { code, plain } from './markdown.ts';
import type { ReportDiff } from './report-diff.ts';

/** A comparison for a terminal. */
export function diffText(diff: ReportDiff): string {
  const { headline, notes, table, sections } = diffWords(diff);
  const lines = [headline, ...notes, '', ...table.map(([name, before, after]) => (before === after ? `${name}: ${before}, as before` : `${name}: ${before} → ${after}`))];
  for (const { title, lines: rows } of sections) {
    lines.push('', title);
    for (const row of rows) lines.push(`  ${row.text}${row.place ? `  ${row.place}` : ''}`, ...(row.below ?? []).map((it) => `      ${it}`));
  }
  return `${lines.map(oneLine).join('\n')}\n`;
}

/** The same as the comment of a pull request. */
export function diffMarkdown(diff: ReportDiff): string {
  const { headline, notes, table, sections } = diffWords(diff);
  const lines = [`### ${plain(headline)}`, '', ...notes.flatMap((it) => [`> ${plain(it)}`, ''])];
  lines.push('| | before | after |', '|---|---|---|', ...table.map(([name, before, after]) => `| ${plain(name)} | ${plain(before)} | ${plain(after)} |`));
  for (const { title, lines: rows } of sections) {
    lines.push('', `**${plain(title)}**`, '');
    for (const row of rows) lines.push(`- ${plain(row.text)}${row.place ? ` ${code(row.place)}` : ''}`, ...(row.below ?? []).map((it) => `  - ${plain(it)}`));
  }
  if (sections.length === 0) lines.push('', 'Nothing that the analysis reads was changed.');
  return `${lines.join('\n')}\n`;
}
