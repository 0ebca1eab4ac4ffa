import { MEASUREMENT_UNITS } from '../model/measurement.ts';

/** Lists of faultline.json whose entries are judged one by one. */
export type EntryList = 'measurements' | 'loadTests' | 'overrides' | 'suppressions';
export const isEntryList = (it: string): it is EntryList => it in ENTRIES;

/** What is wrong with a field's value, as the end of a sentence; undefined: nothing. */
type Check = (it: unknown) => string | undefined;

const text: Check = (it) => (typeof it === 'string' && it !== '' ? undefined : 'must be a text');
const amount: Check = (it) => (typeof it === 'number' && Number.isFinite(it) && it >= 0 ? undefined : 'must be a number of 0 or more');
const unit: Check = (it) => (MEASUREMENT_UNITS.includes(it as string) ? undefined : `must be one of ${MEASUREMENT_UNITS.filter((name) => name !== 'µs').join(', ')}`);
const basis: Check = (it) => (it === 'measured' ? undefined : 'must be "measured"');
const time: Check = (it) =>
  typeof it === 'string' && /^\d{4}-\d{2}-\d{2}($|T)/.test(it) && !Number.isNaN(Date.parse(it)) ? undefined : 'must be a date such as 2026-11-02, or a time in ISO 8601';

const print: Check = (it) => (typeof it === 'string' && /^[0-9a-f]{16}$/.test(it) ? undefined : 'must be sixteen hexadecimal digits, as Import Measurements writes them');
const isAmount = (it: unknown, least = 0, most = Number.POSITIVE_INFINITY): boolean => typeof it === 'number' && Number.isFinite(it) && it >= least && it <= most;
const ROUTE: Record<string, (it: unknown) => boolean> = {
  perSecond: (it) => isAmount(it) && it !== 0,
  p95Ms: (it) => isAmount(it) && it !== 0,
  errorShare: (it) => it === undefined || isAmount(it, 0, 1),
  count: (it) => it === undefined || isAmount(it, 1),
};
const isRecord = (it: unknown): it is Record<string, unknown> => typeof it === 'object' && it !== null && !Array.isArray(it);
const isRoute = (it: unknown): boolean => isRecord(it) && Object.keys(it).every((name) => name in ROUTE) && Object.entries(ROUTE).every(([name, check]) => check(it[name]));
const routes: Check = (it) =>
  isRecord(it) && Object.keys(it).length > 0 && Object.values(it).every(isRoute)
    ? undefined
    : 'must hold routes with perSecond and p95Ms above 0, and perhaps errorShare and count';

const ENTRIES: Record<EntryList, { required: Record<string, Check>; optional: Record<string, Check> }> = {
  measurements: { required: { input: text, value: amount }, optional: { unit, basis, source: text, at: time, perSecond: amount, code: print } },
  loadTests: { required: { routes }, optional: { source: text, at: time, code: print } },
  overrides: { required: { input: text, value: amount }, optional: { reason: text } },
  suppressions: { required: { rule: text, reason: text }, optional: { file: text } },
};

/** What is wrong with an entry of a list, as a sentence, and the field that it is about; null: nothing. */
export function troubleIn(list: EntryList, entry: unknown): { message: string; field?: string } | null {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return { message: `An entry of "${list}" must be an object.` };
  const { required, optional } = ENTRIES[list];
  const given = entry as Record<string, unknown>;
  for (const name of Object.keys(required)) if (given[name] === undefined) return { message: `This entry of "${list}" lacks "${name}".` };
  for (const [name, value] of Object.entries(given)) {
    const check = required[name] ?? optional[name];
    if (!check) return { message: `An entry of "${list}" has no field "${name}".`, field: name };
    const wrong = check(value);
    if (wrong) return { message: `"${name}" ${wrong}.`, field: name };
  }
  return null;
}
