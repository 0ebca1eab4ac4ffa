import type { Report } from '../model/advice.ts';
import { activeDeployment } from '../model/topology.ts';
import { placeText, type ScaffoldWord } from './json.ts';

/** The report for a terminal: the sentence that matters first, then why, then what to do. */
export function textOf(report: Report, scaffold: ScaffoldWord): string {
  const { topology, outcome, advice } = report;
  const lines = [advice.headline, advice.explanation, ''];
  const deployment = activeDeployment(topology);
  if (deployment) lines.push(`Judged: ${deployment.name}`, '');
  lines.push('Components');
  for (const it of topology.components.filter((row) => row.scope !== 'dev')) {
    const busiest = outcome.stations.filter((row) => row.component === it.id).sort((a, b) => b.utilisation - a.utilisation)[0];
    lines.push(`  ${it.name}  ${it.kind}, ${it.technology}${busiest ? `  ${Math.round(busiest.utilisation * 100)}% busy` : ''}${it.scope === 'optional' ? '  (optional)' : ''}`);
  }
  lines.push('', 'Calls');
  for (const it of topology.calls) lines.push(`  ${it.from} -> ${it.to}  ${it.kind}${it.places[0] ? `  ${placeText(it.places[0])}` : ''}`);
  if (outcome.ladder.length > 0) {
    lines.push('', 'What gives way, in order');
    outcome.ladder.forEach((it, index) => {
      lines.push(
        `  ${index + 1}. ${it.label}${it.breaksAtPerSecond === null ? '' : ` at ${Number(it.breaksAtPerSecond.toPrecision(3)).toLocaleString('en-US')} req/s`}${it.places[0] ? `  ${placeText(it.places[0])}` : ''}`,
      );
    });
  }
  if (advice.findings.length > 0) lines.push('', 'Findings');
  for (const it of advice.findings) {
    lines.push(`  ${placeText(it.place)}  ${it.severity}  ${it.rule}: ${it.message}`);
    for (const row of it.remedies) lines.push(`      ${row.preferred ? '*' : '-'} ${row.title}`);
  }
  if (topology.problems.length > 0) lines.push('', 'Not read');
  for (const it of topology.problems) lines.push(`  ${it.file}:${it.line}  ${it.message}`);
  if (outcome.assumptions.length > 0) lines.push('', 'Assumed', ...outcome.assumptions.map((it) => `  ${it}`));
  if (scaffold.command) lines.push('', 'Scaffold', `  ${scaffold.command}`, ...scaffold.notExpressible.map((it) => `  not expressible: ${it}`));
  return `${lines.join('\n')}\n`;
}
