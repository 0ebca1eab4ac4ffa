/**
 * Errors of `solve` against `simulate` on random networks, as a table: `npm run errors` plays all of them (an hour) and writes
 * test/theory/played.json, src/simulator/errors.md and src/simulator/solve/published-errors.ts; `npm run errors -- --stored` takes what was played before.
 * The approximations were made with networks 0 to 499 (`played-before.json`, shown by `--before`); they are judged by others. `--count 100` plays fewer and writes nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { errorsOf, type NetworkErrors } from './network-errors.ts';
import { type Played, play } from './played.ts';
import { FAMILIES, familyOf, FIRST_JUDGED, FIRST_RARE_LONG, RARE_LONG_JOBS } from './random-networks.ts';

const COUNT = 500;
/** Of caches and failures there are more: each row has to tell its own error. */
const COUNT_OF_RARE = 1000;
const COUNT_OF_RARE_LONG = 60;
const BEFORE = fileURLToPath(new URL('played-before.json', import.meta.url));
const STORED = fileURLToPath(new URL('played.json', import.meta.url));
const CODE = fileURLToPath(new URL('../../src/simulator/solve/published-errors.ts', import.meta.url));
const TABLE = fileURLToPath(new URL('../../src/simulator/errors.md', import.meta.url));

const { values } = parseArgs({
  options: {
    stored: { type: 'boolean' },
    before: { type: 'boolean' },
    count: { type: 'string' },
    worst: { type: 'boolean' },
    family: { type: 'string' },
    events: { type: 'string' },
    out: { type: 'string' },
  },
});
const count = Number(values.count ?? COUNT_OF_RARE);
const isRare = (index: number): boolean => ['caches', 'failures'].includes(familyOf(index));
const first = Array.from({ length: count }, (_, at) => FIRST_JUDGED + at).filter((it) => it < FIRST_JUDGED + COUNT || isRare(it));
const withRareLong = Array.from({ length: Math.min(count, COUNT_OF_RARE_LONG) }, (_, at) => FIRST_RARE_LONG + at);
const indices = [...first, ...withRareLong].filter((it) => values.family === undefined || familyOf(it) === values.family);
const stored = values.out ?? (values.before ? BEFORE : STORED);
const played: Played[] =
  values.stored || values.before
    ? (JSON.parse(readFileSync(stored, 'utf8')) as Played[])
    : indices.map((index) => {
        const it = play(index, values.events === undefined ? undefined : Number(values.events));
        process.stderr.write(`${index} ${it.family}: ${it.requests} requests, ±${(100 * it.error).toFixed(2)}%\n`);
        return it;
      });
const errors = played.filter((it) => values.family === undefined || it.family === values.family).map(errorsOf);

const percent = (share: number): string => (Number.isNaN(share) ? '–' : `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)}%`);
const at = (list: readonly number[], q: number): number => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))] ?? Number.NaN;
const cells = (list: readonly number[]): string => `${percent(at(list, 0.5))} | ${percent(at(list, 0.95))} | ${percent(at(list, 1))}`;
const row = (name: string, of: readonly NetworkErrors[]): string =>
  `| ${name} | ${of.length} | ${cells(of.map((it) => it.mean))} | ${cells(of.map((it) => it.p95))} | ${cells(of.flatMap((it) => it.waits))} | ${percent(
    at(
      of.flatMap((it) => it.utilisations),
      1,
    ),
  )} |`;

const HEAD = [
  '| networks | n | mean response: median | P95 | worst | p95 response: median | P95 | worst | waits: median | P95 | worst | utilisation: worst, of 1 |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];
const kinds = [...new Set(errors.map((it) => it.kind))].sort();
const text = [
  '# Errors of the closed form',
  '',
  'Written by `npm run errors`: random stable networks (`test/theory/random-networks.ts`), each station at most 90% busy, played request by request until the mean response is known to ±1%',
  '(two standard errors, or until three to eight million events), against `solve`. The approximations were made with other networks than these.',
  'Waits: of stations where one waits for at least a tenth of the time that one is served.',
  '',
  '## By what they are made of',
  '',
  ...HEAD,
  ...[...FAMILIES, RARE_LONG_JOBS].map((family) =>
    row(
      family,
      errors.filter((it) => it.family === family),
    ),
  ),
  row(
    '**the first 500**',
    errors.filter((it) => it.index < FIRST_JUDGED + COUNT),
  ),
  '',
  '## By what the solver knows them by',
  '',
  'The P95 of the mean response is the "± x%" that a solution of this kind carries (`published-errors.ts`), at least that of its less busy kin; beyond 50% it tells throughput only.',
  '',
  ...HEAD,
  ...kinds.map((kind) =>
    row(
      kind,
      errors.filter((it) => it.kind === kind),
    ),
  ),
  '',
].join('\n');
/** Upwards to a whole percent. A busier network is not better known than a less busy one of the same kind, whatever few of them say; kinds are sorted so that it comes later. */
let least = 0;
const published = kinds.map((kind, index) => {
  const mean = errors.filter((it) => it.kind === kind).map((it) => it.mean);
  const own = Math.ceil(100 * at(mean, 0.95)) / 100;
  least = kinds[index - 1]?.split(',')[0] === kind.split(',')[0] ? Math.max(least, own) : own;
  return `  '${kind}': ${least},`;
});
const code = [
  '/** Written by `npm run errors`: error of the mean response that 95% of the played networks of a kind stay below, busier ones no less than others of their kind. */',
  'export const PUBLISHED_ERRORS: Readonly<Record<string, number>> = {',
  ...published,
  '};',
  '',
].join('\n');
process.stdout.write(text);
if (values.worst)
  for (const it of [...errors].sort((a, b) => Math.abs(b.signedMean) - Math.abs(a.signedMean)).slice(0, 25))
    process.stdout.write(`${it.index} ${it.family}: mean ${percent(Math.abs(it.signedMean))}${it.signedMean < 0 ? ' low' : ' high'}, p95 ${percent(it.p95)}, ${it.note}\n`);
if (values.out && !values.stored) writeFileSync(values.out, `[\n${played.map((it) => JSON.stringify(it)).join(',\n')}\n]\n`);
else if (values.count === undefined && values.family === undefined && !values.out && !values.before) {
  if (!values.stored) writeFileSync(STORED, `[\n${played.map((it) => JSON.stringify(it)).join(',\n')}\n]\n`);
  writeFileSync(TABLE, text);
  writeFileSync(CODE, code);
}
