import { mermaidOf } from '../diagram/mermaid.ts';
import type { Report } from '../model/advice.ts';
import { rungAt } from '../model/breaking-words.ts';
import { heldLines } from '../model/held-words.ts';
import { FAR_BELOW } from '../model/measuring-load.ts';
import { decidingLines, farBelowLines, staleLines } from './assumed.ts';
import { oneLine, placeText } from './figures.ts';
import type { ScaffoldWord } from './json.ts';

/** The report for a review or a README. */
export function markdownOf(report: Report, scaffold: ScaffoldWord): string {
  const { topology, outcome, advice } = report;
  const lines = [`# ${plain(advice.headline)}`, '', plain(advice.explanation), '', '```mermaid', mermaidOf(topology, outcome).trimEnd(), '```', ''];
  if (outcome.ladder.length > 0) {
    lines.push('## What gives way, in order', '', '| # | station | breaks | place |', '|---|---|---|---|');
    outcome.ladder.forEach((it, index) => {
      lines.push(`| ${index + 1} | ${plain(it.label)} | ${rungAt(it, index, outcome)} | ${plain(placeText(it.places[0]))} |`);
    });
    lines.push('');
  }
  if (advice.findings.length > 0) lines.push('## Findings', '');
  for (const it of advice.findings) {
    lines.push(`- **${it.rule}** (${it.severity}) ${code(placeText(it.place))}: ${plain(it.message)}`);
    for (const row of it.remedies) lines.push(`  - ${plain(row.title)}${row.insteadOf === undefined ? '' : ` · ${plain(row.insteadOf)}`}`);
    for (const row of it.folded) lines.push(`- **${row.rule}** (${row.severity ?? it.severity}) ${code(placeText(row.place))}: ${plain(row.message)}`);
  }
  const deciding = decidingLines(report);
  if (deciding.length > 0) lines.push('', '## Assumed, and deciding', '', ...deciding.map((it) => `- ${plain(it)}`));
  if (report.measured)
    lines.push('', '## Measured beside predicted', '', ...heldLines(report.measured).map((it) => (it.startsWith('  ') ? `  - ${plain(it.trim())}` : `- ${plain(it)}`)));
  const stale = staleLines(report);
  if (stale.length > 0) lines.push('', '## Measured before the code was changed', '', ...stale.map((it) => `- ${plain(it)}`));
  const farBelow = farBelowLines(report);
  if (farBelow.length > 0) lines.push('', `## ${FAR_BELOW}`, '', ...farBelow.map((it) => `- ${plain(it)}`));
  if (scaffold.command) lines.push('', '## Scaffold', '', '```sh', scaffold.command, '```', ...scaffold.notExpressible.map((it) => `- not expressible: ${plain(it)}`));
  return `${lines.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

/** Names come from files that anybody may have written: no markup of theirs survives. */
export const plain = (text: string): string => oneLine(text).replace(/[\\`*_[\]<>|]/g, '\\$&');
/** A place or a name as it stands in code. */
export const code = (text: string): string => (text === '' ? '' : `\`${text.replaceAll('`', "'")}\``);
