import type { Report } from '../model/advice.ts';
import { used } from '../model/amounts.ts';
import { rungAt } from '../model/breaking-words.ts';
import { heldLines } from '../model/held-words.ts';
import type { Topology } from '../model/topology.ts';
import { activeDeployment } from '../model/topology.ts';
import { FAR_BELOW } from '../model/measuring-load.ts';
import { decidingLines, farBelowLines, staleLines } from './assumed.ts';
import { oneLine, placeText } from './figures.ts';
import type { ScaffoldWord } from './json.ts';

/** The report for a terminal: the sentence that matters first, then why, then what to do. */
export function textOf(report: Report, scaffold: ScaffoldWord): string {
  const { topology, outcome, advice } = report;
  const lines = [advice.headline, advice.explanation, ''];
  const deployment = activeDeployment(topology);
  if (deployment) lines.push(`Judged: ${deployment.name}`, '');
  lines.push('Components');
  for (const it of topology.components.filter((row) => row.scope !== 'dev')) {
    const busiest = outcome.stations.filter((row) => row.component === it.id).sort((a, b) => b.utilisation - a.utilisation)[0];
    lines.push(`  ${it.name}  ${it.kind}, ${it.technology}${busiest ? `  ${`${used(busiest.utilisation)} busy`}` : ''}${it.scope === 'optional' ? '  (optional)' : ''}`);
  }
  const calls = callsOf(topology);
  if (calls.length > 0) lines.push('', 'Calls');
  for (const it of calls) lines.push(`  ${it.from} -> ${it.to}  ${it.kind}${it.places[0] ? `  ${placeText(it.places[0])}` : ''}`);
  if (outcome.ladder.length > 0) {
    lines.push('', 'What gives way, in order');
    outcome.ladder.forEach((it, index) => {
      const breaks = rungAt(it, index, outcome);
      lines.push(`  ${index + 1}. ${it.label}${breaks && ` ${breaks}`}${it.places[0] ? `  ${placeText(it.places[0])}` : ''}`);
    });
  }
  if (advice.findings.length > 0) lines.push('', 'Findings');
  for (const it of advice.findings) {
    lines.push(`  ${placeText(it.place)}  ${it.severity}  ${it.rule}: ${it.message}`);
    for (const row of it.remedies) lines.push(`      ${row.preferred ? '*' : '-'} ${row.title}${row.insteadOf === undefined ? '' : ` · ${row.insteadOf}`}`);
    for (const row of it.folded) lines.push(`  ${placeText(row.place)}  ${row.severity ?? it.severity}  ${row.rule}: ${row.message}`);
  }
  if (advice.followUps) lines.push('', 'Where the generated project falls short of its design');
  for (const it of advice.followUps ?? []) {
    lines.push(`  ${placeText(it.place)}  ${it.message}`);
    for (const row of it.remedies) lines.push(`      - ${row.title}`);
  }
  if (advice.readiness) lines.push('', 'Readiness');
  for (const it of advice.readiness ?? []) {
    lines.push(`  ${placeText(it.place)}  ${it.layer}  ${it.rule}: ${it.message}`);
    for (const row of it.remedies) lines.push(`      - ${row.title}`);
  }
  if (topology.problems.length > 0) lines.push('', 'Not read');
  for (const it of topology.problems) lines.push(`  ${placeText(it)}  ${it.message}`);
  const deciding = decidingLines(report);
  if (deciding.length > 0) lines.push('', 'Assumed, and deciding', ...deciding.map((it) => `  ${it}`));
  if (report.measured) lines.push('', 'Measured beside predicted', ...heldLines(report.measured).map((it) => `  ${it}`));
  const stale = staleLines(report);
  if (stale.length > 0) lines.push('', 'Measured before the code was changed', ...stale.map((it) => `  ${it}`));
  const farBelow = farBelowLines(report);
  if (farBelow.length > 0) lines.push('', FAR_BELOW, ...farBelow.map((it) => `  ${it}`));
  if (outcome.assumptions.length > 0) lines.push('', 'Assumed', ...outcome.assumptions.map((it) => `  ${it}`));
  if (scaffold.command) lines.push('', 'Scaffold', `  ${scaffold.command}`, ...scaffold.notExpressible.map((it) => `  not expressible: ${it}`));
  return `${lines.map(oneLine).join('\n')}\n`;
}

/** Calls between components that the report lists: those of development tools stay with their tools. */
export function callsOf(topology: Topology): Topology['calls'] {
  const hidden = new Set(topology.components.filter((it) => it.scope === 'dev').map((it) => it.id));
  return topology.calls.filter((it) => it.scope !== 'dev' && !hidden.has(it.from) && !hidden.has(it.to));
}
