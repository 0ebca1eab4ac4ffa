import type { Input } from '../model/inputs.ts';
import type { Measurement } from '../model/measurement.ts';
import type { HeldAgainst, LoadTest } from '../model/load-test.ts';
import { duration, isUnit, percent, flow, significant, span, told } from '../model/amounts.ts';
import { heldLines } from '../model/held-words.ts';
import type { Matched } from './match.ts';
import { farBelowText, FAR_BELOW, type MeasuredFarBelow } from '../model/measuring-load.ts';

interface Words {
  files: readonly ({ name: string; problem: string } | ({ name: string; tool: string; skipped: readonly string[] } & Matched))[];
  measurements: readonly { measurement: Measurement; before: Input | undefined; isOverridden: boolean }[];
  loadTests: readonly LoadTest[];
  held: readonly HeldAgainst[];
  farBelow: readonly MeasuredFarBelow[];
  few: readonly { label: string; calls: number }[];
  cannot: string | null;
  before: string;
  after: string;
}

/** What an import would do or did, for a terminal or an output channel. */
export function importText({ files, measurements, loadTests, held, farBelow, few, cannot, before, after }: Words, isWritten: boolean): string {
  const lines: string[] = [];
  for (const it of files) {
    if ('problem' in it) {
      lines.push(`${it.name}: ${it.problem}`);
      continue;
    }
    lines.push(`${it.name}: ${it.tool}, ${it.measurements.length} value${it.measurements.length === 1 ? '' : 's'}${it.responses.length > 0 ? ', a load test' : ''}`);
    for (const row of it.responses)
      lines.push(`  answers: ${row.endpoint} p95 ${duration(row.p95Ms, 3)} at ${flow(row.perSecond)}${row.errorShare > 0 ? `, ${percent(row.errorShare)} failed` : ''}`);
    for (const row of it.unmatched) lines.push(`  not matched: ${row.what}: ${row.why}`);
    for (const row of it.skipped) lines.push(`  left out: ${row}`);
  }
  if (measurements.length > 0) lines.push('', isWritten && cannot === null ? 'Written into faultline.json' : 'For faultline.json');
  for (const { measurement: it, before: input, isOverridden } of measurements) {
    lines.push(
      `  ${it.input}: ${wasText(input)}${amount(it.value, it.unit)}  (${it.source}${it.perSecond === undefined ? '' : `, at ${flow(it.perSecond)}`}${it.at ? `, ${it.at}` : ''})`,
    );
    if (isOverridden) lines.push('    an override in faultline.json says otherwise and still counts');
  }
  if (loadTests.length > 0) lines.push('', 'Measured beside predicted', ...heldLines(held).map((it) => `  ${it}`));
  const found = measurements.length + loadTests.length;
  if (cannot !== null) lines.push('', cannot);
  else if (found > 0) lines.push('', before === after ? `Verdict, as before: ${before}` : `Verdict before: ${before}`, ...(before === after ? [] : [`Verdict after:  ${after}`]));
  if (farBelow.length > 0) lines.push('', FAR_BELOW, ...farBelow.map((it) => `  ${farBelowText(it)}`));
  if (few.length > 0)
    lines.push('', 'Rests on few calls: measure more of them before you rely on it', ...few.map((it) => `  ${it.label}: ${it.calls} call${it.calls === 1 ? '' : 's'}`));
  if (cannot === null && found > 0 && !isWritten) lines.push('', 'Nothing was written: add --write.');
  return `${lines.join('\n')}\n`;
}

function wasText(input: Input | undefined): string {
  if (input?.value.state !== 'known') return '';
  const { value, range, unit, basis } = input.value;
  return `${range ? span(range[0], range[1], unit) : told(value, unit)} ${basis} → `;
}

/** A file of measurements may bring a unit of its own, which is passed on as it is. */
const amount = (value: number, unit = 'count'): string => (isUnit(unit) ? told(value, unit) : `${significant(value, 3)} ${unit}`);
