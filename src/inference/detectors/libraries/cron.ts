const MINUTE = 60_000;
const UNITS: Record<string, number> = { SECOND: 1000, MINUTE, HOUR: 60 * MINUTE, DAY: 1440 * MINUTE, WEEK: 7 * 1440 * MINUTE };
const NAMED: Record<string, number> = { '@hourly': 60 * MINUTE, '@daily': 1440 * MINUTE, '@midnight': 1440 * MINUTE, '@weekly': 7 * 1440 * MINUTE };

const DAYS_PER_MONTH = 365.25 / 12;

/**
 * Mean time between two runs of a cron expression, five or six fields, or a name like `EVERY_5_MINUTES`.
 * Undefined where it can't be told: days of the month and of the week together mean either.
 */
export function everyMsOf(expression: string): number | undefined {
  const text = expression.trim();
  const words = /^EVERY_(?:(\d+)_)?(SECOND|MINUTE|HOUR|DAY|WEEK)S?(_AT_\w+)?$/.exec(text);
  if (words) return Number(words[1] ?? 1) * (UNITS[words[2] as string] as number);
  if (NAMED[text.toLowerCase()]) return NAMED[text.toLowerCase()];
  const fields = text.split(/\s+/);
  if (fields.length < 5 || fields.length > 6) return undefined;
  const [seconds, minutes, hours, day, month, weekday] = (fields.length === 6 ? fields : ['0', ...fields]) as [string, string, string, string, string, string];
  const perMinute = timesIn(seconds, 60);
  const perHour = timesIn(minutes, 60);
  const perDay = timesIn(hours, 24);
  const days = shareOfDays(day, weekday);
  const months = isAny(month) ? 12 : timesIn(numbered(month, MONTHS), 12);
  if (!perMinute || !perHour || !perDay || !days || !months) return undefined;
  return (1440 * MINUTE) / (perMinute * perHour * perDay * days * (months / 12));
}

const MONTHS = ['', 'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const isAny = (field: string): boolean => /^[*?]$/.test(field);

/** `MON-FRI` is `1-5`. */
const numbered = (field: string, names: readonly string[]): string => field.replace(/[A-Za-z]+/g, (name) => String(names.indexOf(name.toUpperCase())));

function shareOfDays(day: string, weekday: string): number | undefined {
  if (isAny(day) && isAny(weekday)) return 1;
  if (!isAny(day) && !isAny(weekday)) return undefined;
  const times = isAny(day) ? timesIn(numbered(weekday, WEEKDAYS), 7) : timesIn(day, 31);
  return times && Math.min(1, times / (isAny(day) ? 7 : DAYS_PER_MONTH));
}

/** How often a field matches in one turn of its clock. */
function timesIn(field: string, turn: number): number | undefined {
  let times = 0;
  for (const part of field.split(',')) {
    const [, from, to, step] = /^(\*|\d+)(?:-(\d+))?(?:\/(\d+))?$/.exec(part) ?? [];
    if (from === undefined) return undefined;
    const width = from === '*' ? turn : to !== undefined ? Number(to) - Number(from) + 1 : step !== undefined ? turn - Number(from) : 1;
    times += Math.ceil(width / Number(step ?? 1));
  }
  return times > 0 ? times : undefined;
}
