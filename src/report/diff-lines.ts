import { counted, duration, exact, span, times } from '../model/amounts.ts';
import { breakingText } from '../model/breaking-words.ts';
import type { Place } from '../model/known.ts';
import type { RateRange } from '../model/outcome.ts';
import type { CallRow, FactRow, ToldFinding } from './check-report.ts';
import { placeText } from './figures.ts';
import type { PairedRates } from './paired-rates.ts';
import type { ReportDiff } from './report-diff.ts';
import type { StepUse } from './step-uses.ts';

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

/** A comparison in words: the sentence that matters, what was changed, before and after, then what comes of it. */
export interface DiffWords {
  headline: string;
  notes: readonly string[];
  causes: readonly DiffSection[];
  table: readonly (readonly [name: string, before: string, after: string])[];
  sections: readonly DiffSection[];
}

const SHOWN_RESPONSES = 5;
const SHOWN_INPUTS = 3;

/** Words for a comparison; empty sections are left out. */
export function diffWords(diff: ReportDiff): DiffWords {
  const { findings, components, calls, endpoints, facts } = diff;
  const target = exact(diff.targetPerSecond);
  const rates = [rangeText(diff.breaksAt.before), rangeText(diff.breaksAt.after)] as const;
  const causes: DiffSection[] = [
    { title: 'What was changed', lines: [...endpoints.changed.flatMap(endpointLines), ...facts.changed.map(factLine), ...diff.connections.map(connectionLine)] },
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
        // Their lines are some of the earlier commit.
        ...components.removed.map((it) => line(`${it.kind} ${it.name} (${it.technology})`, undefined)),
        ...calls.removed.map((it) => ({ text: callLine(it).text })),
        ...endpoints.removed.map((it) => line(`endpoint ${it.id}`, undefined)),
        ...facts.removed.map((it) => line(`${factName(it)}: ${valueText(it)}`, undefined)),
      ],
    },
    {
      title: 'Another technology',
      lines: components.changed.map(({ before, after, fields }) => line(`${after.name}: ${fields.map((it) => `${before[it]} → ${after[it]}`).join(', ')}`, after.places[0])),
    },
  ];
  const sections: DiffSection[] = [
    { title: `New findings (${findings.new.length})`, lines: findings.new.map(findingLine) },
    {
      title: `More serious than before (${findings.severer.length})`,
      lines: findings.severer.map(({ before, after }) => ({ ...findingLine(after), below: [`was: ${before.severity}`] })),
    },
    { title: `Gives way next (${findings.moved.length})`, lines: findings.moved.map(findingLine) },
    { title: `Fixed (${findings.fixed.length})`, lines: findings.fixed.map(goneLine) },
    { title: `Not the first to give way any more (${findings.covered.length})`, lines: findings.covered.map(goneLine) },
    { title: `p95 at ${target} req/s${diff.decidedBy.length > 0 ? ', in the middle of what is assumed' : ''}`, lines: responseLines(diff) },
    { title: 'What to measure, to be sure (faultline measure)', lines: diff.verdict.after === 'unknown' ? diff.decidedBy.slice(0, SHOWN_INPUTS).map(inputLine) : [] },
  ];
  const isFilled = (it: DiffSection): boolean => it.lines.length > 0;
  const changed = causes.filter(isFilled);
  const following = sections.filter(isFilled);
  const asked = diff.askedDifferently.length === 0 ? [] : [`The two were asked differently (${diff.askedDifferently.join(', ')}): part of what follows is the question's doing.`];
  return {
    headline: headlineOf(diff),
    notes: [...asked, ...evidenceOf(diff.breaksAt)],
    causes: changed,
    table: [
      [diff.profile === 'spike' ? `verdict on the spike to ${target} req/s` : `verdict at ${target} req/s`, diff.verdict.before, diff.verdict.after],
      ['breaks at (req/s)', ...rates],
      ['gives way first', diff.givesWayFirst.before ?? 'nothing', diff.givesWayFirst.after ?? 'nothing'],
      ['in short', diff.headline.before, diff.headline.after],
    ],
    // Where nothing came of nothing, what is still to be measured is no news either.
    sections: changed.length === 0 && following.every((it) => it.title.startsWith('What to measure')) ? [] : following,
  };
}

/** `Breaks earlier: at 120 instead of 310 req/s (×0.39) · 1 new finding`. */
function headlineOf({ breaksAt: it, findings }: ReportDiff): string {
  const news = [findings.new.length > 0 ? `${counted(findings.new.length, 'new finding')}` : '', findings.fixed.length > 0 ? `${findings.fixed.length} fixed` : ''].filter(
    (text) => text !== '',
  );
  const also = news.length > 0 ? ` · ${news.join(', ')}` : '';
  const [before, after] = [rangeText(it.before), rangeText(it.after)];
  if (!it.isSignificant) return `Breaks where it did${before === after && it.before.value !== null ? `, at ${after} req/s` : ''}${also}`;
  const isEndless = it.before.value === null || it.after.value === null;
  return `Breaks ${it.ratio < 1 ? 'earlier' : 'later'}: at ${after} instead of ${before} req/s${isEndless && it.interval95 === null ? '' : ` (${times(it.ratio, 3)})`}${also}`;
}

/** Why the difference is the change's own although each of the two is a wide range. */
function evidenceOf(it: PairedRates): string[] {
  if (it.interval95 === null || (it.before.value === it.after.value && it.ratio === 1)) return [];
  const [low, high] = it.interval95;
  const interval = `${times(low, 3)}–${times(high, 3)} (95% interval)`;
  if (!it.isSignificant) return [`Before and after were compared with the same assumed values, ${it.draws} times: on average ${interval}, which is no difference.`];
  const [[word, count], [other, others]] =
    it.ratio < 1
      ? ([
          ['earlier', it.earlier],
          ['later', it.later],
        ] as const)
      : ([
          ['later', it.later],
          ['earlier', it.earlier],
        ] as const);
  const same = it.draws - count - others;
  const often = count === it.draws ? `in all ${it.draws}` : `in ${count} of ${it.draws}`;
  const rest = `${others > 0 ? `, ${other} in ${others}` : ''}${same > 0 ? `, the same in ${same}` : ''}`;
  return [`Before and after were compared with the same assumed values, ${it.draws} times: ${word} ${often}${rest}; on average ${interval}.`];
}

const rangeText = (it: RateRange): string => (it.value === null && it.low === null ? 'no limit' : breakingText(it, false, ''));

const line = (text: string, place: Place | undefined): DiffLine => ({ text, ...(place && placeText(place) !== '' && { place: placeText(place) }) });

const callLine = (it: CallRow): DiffLine => line(`${it.from} → ${it.to} (${it.kind}${it.sync ? '' : ', does not wait'})`, it.places[0]);

function findingLine(it: ToldFinding): DiffLine {
  const fixes = (it.remedies ?? []).slice(0, 2).map((row) => row.title);
  return { ...line(`${it.rule} (${it.severity}): ${it.message}`, it.file === '' ? undefined : { file: it.file, line: it.line }), below: fixes };
}

/** Its line is one of the earlier commit. */
const goneLine = (it: ToldFinding): DiffLine => ({ text: findingLine(it).text });

const inputLine = ({ input, low, high, unit, places }: ReportDiff['decidedBy'][number]): DiffLine =>
  line(`${input}: ${span(low, high, unit)} assumed`, places[0] && input.endsWith(placeText(places[0])) ? undefined : places[0]);

const connectionLine = ({ store, before, after, limit }: ReportDiff['connections'][number]): DiffLine => ({
  text: `connections that may be open to ${store}: ${before} → ${after}${limit === null ? '' : `, of ${limit}`}`,
});

/** ` at src/orders.ts:5, 2–100 rounds assumed`: the loop may be what was changed, and what it does stand in another file. */
function loopText({ loop, place }: StepUse): string {
  if (loop === undefined) return '';
  const at = loop.place && loop.place.file !== place?.file ? ` at ${placeText(loop.place)}` : '';
  const { rounds } = loop;
  if (rounds?.value === undefined) return at;
  return `${at}, ${rounds.range ? `${span(rounds.range[0], rounds.range[1], 'count')} rounds assumed` : `${rounds.value} rounds`}`;
}

function endpointLines({ endpoint, added, removed, place }: ReportDiff['endpoints']['changed'][number]): DiffLine[] {
  return [
    ...added.map((it) => line(`${endpoint} now ${it.says}${loopText(it)}`, it.place ?? place)),
    // Its line is one of the earlier commit.
    ...removed.map((it) => line(`${endpoint} no longer ${it.says}`, undefined)),
  ];
}

const factName = (it: { type: string; subject: string }): string => `${it.type.replaceAll('_', ' ')} of ${it.subject.replaceAll('->', '→')}`;
const valueText = (it: FactRow): string =>
  `${it.value}${it.unit === undefined || ['count', 'connections', 'replicas', 'processes', 'jobs'].includes(it.unit) ? '' : ` ${it.unit}`}`;
const factLine = ({ before, after, ...it }: ReportDiff['facts']['changed'][number]): DiffLine =>
  line(`${factName(it)}: ${valueText(before)} → ${valueText(after)}`, after.place ?? before.place);

function responseLines({ responses }: ReportDiff): DiffLine[] {
  const msText = (it: number | null): string => (it === null ? 'grows without end' : duration(it));
  const shown = responses.slice(0, SHOWN_RESPONSES).map((it) => ({ text: `${it.endpoint}: ${msText(it.beforeMs)} → ${msText(it.afterMs)}` }));
  return responses.length > SHOWN_RESPONSES ? [...shown, { text: `and ${responses.length - SHOWN_RESPONSES} more` }] : shown;
}
