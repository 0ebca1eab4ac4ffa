import { isSpread, isWide } from '../model/answer.ts';
import type { Place } from '../model/known.ts';
import type { RateRange } from '../model/outcome.ts';
import type { CallRow, FactRow, ToldFinding } from './check-report.ts';
import { placeText, rateText } from './figures.ts';
import type { PairedRates } from './paired-rates.ts';
import type { ReportDiff } from './report-diff.ts';

/** One line of a comparison. `below`: what belongs to it. */
export interface DiffLine {
  text: string;
  place?: string;
  below?: readonly string[];
}

export interface DiffSection {
  title: string;
  lines: readonly DiffLine[];
}

/** A comparison in words: the sentence that matters, before and after, then what is new, what is gone and what was changed. */
export interface DiffWords {
  headline: string;
  notes: readonly string[];
  table: readonly (readonly [name: string, before: string, after: string])[];
  sections: readonly DiffSection[];
}

const SHOWN_RESPONSES = 5;

/** Words for a comparison; empty sections are left out. */
export function diffWords(diff: ReportDiff): DiffWords {
  const { findings, components, calls, endpoints, facts } = diff;
  const target = rateText(diff.targetPerSecond, false);
  const rates = [rangeText(diff.breaksAt.before), rangeText(diff.breaksAt.after)] as const;
  const sections: DiffSection[] = [
    { title: `New findings (${findings.new.length})`, lines: findings.new.map(findingLine) },
    {
      title: `More serious than before (${findings.severer.length})`,
      lines: findings.severer.map(({ before, after }) => ({ ...findingLine(after), below: [`was: ${before.severity}`] })),
    },
    { title: `Fixed (${findings.fixed.length})`, lines: findings.fixed.map((it) => ({ ...findingLine(it), below: [] })) },
    { title: `Gives way next (${findings.moved.length})`, lines: findings.moved.map(findingLine) },
    { title: `Not the first to give way any more (${findings.covered.length})`, lines: findings.covered.map((it) => ({ ...findingLine(it), below: [] })) },
    { title: 'What was changed', lines: [...endpoints.changed.flatMap(endpointLines), ...facts.changed.map(factLine)] },
    {
      title: 'Added',
      lines: [
        ...components.added.map((it) => line(`${it.kind} ${it.name} (${it.technology})`, it.places[0])),
        ...calls.added.map(callLine),
        ...endpoints.added.map((it) => line(`endpoint ${it.id}`, it.place)),
        ...facts.added.map((it) => line(`${factName(it)}: ${valueText(it)}`, it.place)),
      ],
    },
    {
      title: 'Removed',
      lines: [
        ...components.removed.map((it) => line(`${it.kind} ${it.name} (${it.technology})`, it.places[0])),
        ...calls.removed.map(callLine),
        ...endpoints.removed.map((it) => line(`endpoint ${it.id}`, it.place)),
        ...facts.removed.map((it) => line(`${factName(it)}: ${valueText(it)}`, it.place)),
      ],
    },
    {
      title: 'Another technology',
      lines: components.changed.map(({ before, after, fields }) => line(`${after.name}: ${fields.map((it) => `${before[it]} → ${after[it]}`).join(', ')}`, after.places[0])),
    },
    { title: `p95 at ${target} req/s`, lines: responseLines(diff) },
  ];
  return {
    headline: headlineOf(diff),
    notes: diff.askedDifferently.length === 0 ? [] : [`The two were asked differently (${diff.askedDifferently.join(', ')}): part of what follows is the question's doing.`],
    table: [
      [`verdict at ${target} req/s`, diff.verdict.before, diff.verdict.after],
      ['breaks at (req/s)', ...rates],
      ['gives way first', diff.givesWayFirst.before ?? 'nothing', diff.givesWayFirst.after ?? 'nothing'],
      ['in words', diff.headline.before, diff.headline.after],
    ],
    sections: sections.filter((it) => it.lines.length > 0),
  };
}

/** `Breaks earlier: at 120 instead of 310 req/s (×0.39, 95% interval ×0.37 to ×0.41; earlier in 64 of 64 draws of what is assumed)`. */
function headlineOf({ breaksAt: it, findings }: ReportDiff): string {
  const news = [findings.new.length > 0 ? `${counted(findings.new.length, 'new finding')}` : '', findings.fixed.length > 0 ? `${findings.fixed.length} fixed` : ''].filter(
    (text) => text !== '',
  );
  const also = news.length > 0 ? ` · ${news.join(', ')}` : '';
  const [before, after] = [rangeText(it.before), rangeText(it.after)];
  const evidence = evidenceOf(it);
  if (!it.isSignificant) return `Breaks where it did${before === after && it.before.value !== null ? `, at ${after} req/s` : ''}${evidence}${also}`;
  const word = it.ratio < 1 ? 'earlier' : 'later';
  return `Breaks ${word}: at ${after} instead of ${before} req/s${evidence}${also}`;
}

function evidenceOf(it: PairedRates): string {
  const isEndless = it.before.value === null || it.after.value === null;
  if (it.interval95 === null) return it.isSignificant && !isEndless ? ` (${times(it.ratio)})` : '';
  if (it.before.value === it.after.value && it.ratio === 1) return '';
  const [low, high] = it.interval95;
  const pairs = it.isSignificant
    ? `; ${it.ratio < 1 ? `earlier in ${it.earlier}` : `later in ${it.later}`} of ${it.draws} draws of what is assumed`
    : `; over ${it.draws} draws of what is assumed`;
  return ` (${times(it.ratio)}, 95% interval ${times(low)} to ${times(high)}${pairs})`;
}

const times = (ratio: number): string => `×${ratio >= 100 ? rateText(ratio, true) : ratio.toFixed(ratio < 10 ? 2 : 1)}`;

function rangeText(it: RateRange): string {
  const [low, high] = [it.low, it.high].map((end) => (end === null ? 'no limit' : rateText(end, true)));
  if (isWide(it)) return `${low} to ${high}`;
  if (it.value === null) return 'no limit';
  return isSpread(it) ? `${rateText(it.value, true)} (${low} to ${high})` : rateText(it.value, false);
}

const line = (text: string, place: Place | undefined): DiffLine => ({ text, ...(place && placeText(place) !== '' && { place: placeText(place) }) });

const callLine = (it: CallRow): DiffLine => line(`${it.from} → ${it.to} (${it.kind}${it.sync ? '' : ', does not wait'})`, it.places[0]);

function findingLine(it: ToldFinding): DiffLine {
  const fixes = (it.remedies ?? []).slice(0, 2).map((row) => row.title);
  return { ...line(`${it.severity}  ${it.rule}: ${it.message}`, it.file === '' ? undefined : { file: it.file, line: it.line }), below: fixes };
}

function endpointLines({ endpoint, added, removed, place }: ReportDiff['endpoints']['changed'][number]): DiffLine[] {
  return [
    ...added.map((it) => line(`${endpoint} now ${it.says}`, it.place ?? place)),
    // Its line is one of the earlier commit.
    ...removed.map((it) => line(`${endpoint} no longer ${it.says}`, undefined)),
  ];
}

const factName = (it: { type: string; subject: string }): string => `${it.type.replaceAll('_', ' ')} of ${it.subject}`;
const valueText = (it: FactRow): string =>
  `${it.value}${it.unit === undefined || ['count', 'connections', 'replicas', 'processes', 'jobs'].includes(it.unit) ? '' : ` ${it.unit}`}`;
const factLine = ({ before, after, ...it }: ReportDiff['facts']['changed'][number]): DiffLine =>
  line(`${factName(it)}: ${valueText(before)} → ${valueText(after)}`, after.place ?? before.place);

function responseLines({ responses }: ReportDiff): DiffLine[] {
  const msText = (it: number | null): string => (it === null ? 'grows without end' : `${rateText(it, true)} ms`);
  const shown = responses.slice(0, SHOWN_RESPONSES).map((it) => ({ text: `${it.endpoint}: ${msText(it.beforeMs)} → ${msText(it.afterMs)}` }));
  return responses.length > SHOWN_RESPONSES ? [...shown, { text: `and ${responses.length - SHOWN_RESPONSES} more` }] : shown;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
