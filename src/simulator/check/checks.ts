export type Fields = Readonly<Record<string, unknown>>;
/** What is wrong with a value, or null. The first error found is the one that is told. */
export type Check = (value: unknown, at: string) => string | null;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
export const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 40));

export const text: Check = (value, at) => (typeof value === 'string' && value !== '' ? null : `${at}: expected a name, found ${shown(value)}`);
export const flag: Check = (value, at) => (typeof value === 'boolean' ? null : `${at}: expected true or false, found ${shown(value)}`);
export const anyText: Check = (value, at) => (typeof value === 'string' ? null : `${at}: expected text, found ${shown(value)}`);
export const number =
  (low: number, high = Number.MAX_VALUE): Check =>
  (value, at) =>
    typeof value === 'number' && Number.isFinite(value) && value >= low && value <= high
      ? null
      : `${at}: expected a number ${high === Number.MAX_VALUE ? `of at least ${low}` : `from ${low} to ${high}`}, found ${shown(value)}`;
export const above =
  (low: number): Check =>
  (value, at) =>
    typeof value === 'number' && Number.isFinite(value) && value > low ? null : `${at}: expected a number above ${low}, found ${shown(value)}`;
export const whole =
  (low: number, high = Number.MAX_VALUE): Check =>
  (value, at) =>
    number(low, high)(value, at) ?? (Number.isInteger(value) ? null : `${at}: expected a whole number, found ${shown(value)}`);
export const oneOf =
  (...words: readonly (string | boolean)[]): Check =>
  (value, at) =>
    words.includes(value as string | boolean) ? null : `${at}: expected ${words.join(' or ')}, found ${shown(value)}`;
export const orNull =
  (check: Check): Check =>
  (value, at) =>
    value === null ? null : check(value, at);
export const optional =
  (check: Check): Check =>
  (value, at) =>
    value === undefined ? null : check(value, at);
export const listOf =
  (check: Check): Check =>
  (value, at) =>
    Array.isArray(value) ? first(value.map((it, index) => () => check(it, `${at}[${index}]`))) : `${at}: expected a list, found ${shown(value)}`;
/** An object with just these fields: a misspelt one is an error, not silence. */
export const fields =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value, at) => {
    if (!isFields(value)) return `${at}: expected an object, found ${shown(value)}`;
    const stray = Object.keys(value).find((it) => !(it in checks));
    if (stray !== undefined) return `${at}.${stray}: there is no such field; known are ${Object.keys(checks).join(', ')}`;
    return first(
      Object.entries(checks).map(
        ([name, check]) =>
          () =>
            check(value[name], `${at}.${name}`),
      ),
    );
  };

export function first(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const error = check();
    if (error !== null) return error;
  }
  return null;
}
