import { MEASUREMENT_UNITS } from '../model/measurement.ts';

/** Lists of faultline.json whose entries are judged one by one. */
export type EntryList = 'measurements' | 'overrides' | 'suppressions';
export const isEntryList = (it: string): it is EntryList => it in ENTRIES;

/** What is wrong with a field's value, as the end of a sentence; undefined: nothing. */
type Check = (it: unknown) => string | undefined;

const text: Check = (it) => (typeof it === 'string' && it !== '' ? undefined : 'must be a text');
const amount: Check = (it) => (typeof it === 'number' && Number.isFinite(it) && it >= 0 ? undefined : 'must be a number of 0 or more');
const unit: Check = (it) => (MEASUREMENT_UNITS.includes(it as string) ? undefined : `must be one of ${MEASUREMENT_UNITS.filter((name) => name !== 'µs').join(', ')}`);
const basis: Check = (it) => (it === 'measured' ? undefined : 'must be "measured"');
const time: Check = (it) =>
  typeof it === 'string' && /^\d{4}-\d{2}-\d{2}($|T)/.test(it) && !Number.isNaN(Date.parse(it)) ? undefined : 'must be a date such as 2026-11-02, or a time in ISO 8601';

const ENTRIES: Record<EntryList, { required: Record<string, Check>; optional: Record<string, Check> }> = {
  measurements: { required: { input: text, value: amount }, optional: { unit, basis, source: text, at: time } },
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
