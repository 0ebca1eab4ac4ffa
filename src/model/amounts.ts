import type { Unit } from './known.ts';

/**
 * How amounts are written, wherever somebody reads them: headline, titles, panel, hover, documents, command line.
 * What is computed gets the digits that it can carry (two where assumptions went in, three otherwise), what somebody wrote or measured keeps its own.
 * Words for where a system breaks are in `breaking-words.ts`.
 */

/** Groups of three, as English writes them; the same on every machine. */
export function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

/** Writes every number of four digits or more inside a sentence in groups; words with digits in them stay. */
export const groupedIn = (sentence: string): string => sentence.replace(/(?<![\w.,:/#-])\d{4,}(?![\w:])/g, (it) => grouped(it));

/** A number with so many significant digits and no exponent. `keepZeros` writes 5 as `5.0` where two digits are meant. */
export function significant(value: number, digits: number, keepZeros = false): string {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? '0' : '∞';
  const rounded = Number(value.toPrecision(digits));
  // The engine's own decimal text: Math.log10 differs between engines in its last digit.
  const magnitude = Number(rounded.toExponential().split('e')[1]);
  const text = rounded.toFixed(Math.max(0, digits - 1 - magnitude));
  return grouped(keepZeros || !text.includes('.') ? text : text.replace(/\.?0+$/, ''));
}

/** A rate: two digits where assumptions went in, three otherwise. */
export const rate = (perSecond: number, assumed: boolean): string => significant(perSecond, assumed ? 2 : 3);

/** A whole number that somebody wrote or chose: nothing is rounded away. */
export const exact = (value: number): string => (Number.isInteger(value) ? grouped(String(value)) : significant(value, 3));

/** A flow inside the system, whose parts add up to what the reader set: `1,240/s`, `3.2/s`; what runs once a day is `<0.01/s`. */
export const flow = (value: number): string => (value > 0 && value < LEAST_RATE ? `<${LEAST_RATE}/s` : `${figure(value)}/s`);
const LEAST_RATE = 0.01;

/** A count or a size where room is scarce: whole from ten on, two digits below. */
export const figure = (value: number): string => (Math.abs(value) >= 10 ? grouped(String(Math.round(value))) : significant(value, 2));

/** How often more: `×2.5`. Three digits where both sides were drawn together. */
export const times = (ratio: number, digits = 2): string => `×${significant(ratio, ratio > 1 && ratio < 1.1 ? 3 : digits)}`;

/** A share of one as a percentage, never rounded up to 100% or down to 0%. */
export function percent(share: number): string {
  if (share <= 0) return '0%';
  if (share >= 1) return '100%';
  if (share > 0.99) return `${Math.floor(share * 1000) / 10}%`;
  if (share < 0.001) return 'under 0.1%';
  return `${significant(share * 100, 2)}%`;
}

/** Beyond this a utilisation is no figure any more: it says only that the part cannot keep up. Boxes have no room for more than five characters. */
export const MOST_USED = 3;

/** How much of a part is in use, in whole percents, never rounded up to 100% or down to 0%. */
export function used(share: number): string {
  if (!Number.isFinite(share) || share > MOST_USED) return `>${MOST_USED * 100}%`;
  if (share > 0 && share < 0.01) return '<1%';
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : Math.round(share * 100)}%`;
}

/** A share of the load may be a hundredth of a percent, and is told to its digits. */
const ratio = (share: number): string => (share > 0 && share < 0.001 ? `${significant(share * 100, 2)}%` : percent(share));

/** A span that people read: `84 ms`, `1.2 s`, `3 min`. Three digits where it was measured. */
export function duration(ms: number, digits = 2): string {
  if (ms < 1000) return `${significant(ms, digits)} ms`;
  if (ms < 120_000) return `${significant(ms / 1000, digits)} s`;
  return `${significant(ms / 60_000, digits)} min`;
}

const SUFFIX: Record<Unit, string> = {
  ms: ' ms',
  s: ' s',
  perSecond: '/s',
  connections: '',
  jobs: '',
  processes: '',
  replicas: '',
  cores: '',
  count: '',
  ratio: '',
  bytes: '',
};
export const isUnit = (name: string): name is Unit => name in SUFFIX;

const NOUN: Partial<Record<Unit, string>> = { connections: 'connection', jobs: 'job', processes: 'process', replicas: 'replica', cores: 'core' };

/** A value in its unit: countable things whole, ratios in percent, times with two digits. */
export function inUnit(value: number, unit: Unit, digits = 2): string {
  if (unit === 'ratio') return ratio(value);
  if (unit === 'bytes') return bytes(value);
  const countable = SUFFIX[unit] === '' && Number.isInteger(value);
  return `${countable ? exact(value) : significant(value, digits, true)}${SUFFIX[unit]}`;
}

/** `1–30 ms`, `50–95%`, without zeros that say nothing. */
export function span(low: number, high: number, unit: Unit): string {
  if (unit === 'ratio') return `${ratio(low).slice(0, -1)}–${ratio(high)}`;
  if (unit === 'bytes') return `${bytes(low)}–${bytes(high)}`;
  return `${significant(low, 2)}–${significant(high, 2)}${SUFFIX[unit]}`;
}

/** What somebody wrote or measured, in its unit: `12.5 ms`, `1 connection`, `80%`. */
export function told(value: number, unit: Unit): string {
  const noun = NOUN[unit];
  if (noun) return counted(value, noun);
  if (unit === 'ratio') return ratio(value);
  return unit === 'bytes' ? bytes(value) : `${Number.isInteger(value) ? exact(value) : significant(value, 3)}${SUFFIX[unit]}`;
}

/** `1 connection`, `2 processes`. */
export const counted = (count: number, noun: string): string => `${exact(count)} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

/** An amount of memory: `10 MB`, `4.3 GB`. */
export function bytes(amount: number): string {
  if (amount >= 1e9) return `${significant(amount / 1e9, 2)} GB`;
  return amount >= 1e6 ? `${significant(amount / 1e6, 2)} MB` : `${significant(amount / 1000, 2)} KB`;
}
