import { mermaidOf } from '../diagram/mermaid.ts';
import type { Report } from '../model/advice.ts';
import { placeText, type ScaffoldWord } from './json.ts';

/** The report for a review or a README. */
export function markdownOf(report: Report, scaffold: ScaffoldWord): string {
  const { topology, outcome, advice } = report;
  const lines = [`# ${plain(advice.headline)}`, '', plain(advice.explanation), '', '```mermaid', mermaidOf(topology, outcome).trimEnd(), '```', ''];
  if (outcome.ladder.length > 0) {
    lines.push('## What gives way, in order', '', '| # | station | req/s | place |', '|---|---|---|---|');
    outcome.ladder.forEach((it, index) => {
      lines.push(
        `| ${index + 1} | ${plain(it.label)} | ${it.breaksAtPerSecond === null ? '' : Number(it.breaksAtPerSecond.toPrecision(3)).toLocaleString('en-US')} | ${placeText(it.places[0])} |`,
      );
    });
    lines.push('');
  }
  if (advice.findings.length > 0) lines.push('## Findings', '');
  for (const it of advice.findings) {
    lines.push(`- **${it.rule}** (${it.severity}) \`${placeText(it.place)}\`: ${plain(it.message)}`);
    for (const row of it.remedies) lines.push(`  - ${plain(row.title)}`);
  }
  if (scaffold.command) lines.push('', '## Scaffold', '', '```sh', scaffold.command, '```', ...scaffold.notExpressible.map((it) => `- not expressible: ${plain(it)}`));
  return `${lines.join('\n')}\n`;
}

/** Names come from files that anybody may have written: no markup of theirs survives. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>|]/g, '\\$&').replaceAll('\n', ' ');
