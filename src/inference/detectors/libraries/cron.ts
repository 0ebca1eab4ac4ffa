const MINUTE = 60_000;
const UNITS: Record<string, number> = { SECOND: 1000, MINUTE, HOUR: 60 * MINUTE, DAY: 1440 * MINUTE, WEEK: 7 * 1440 * MINUTE };
const NAMED: Record<string, number> = { '@hourly': 60 * MINUTE, '@daily': 1440 * MINUTE, '@midnight': 1440 * MINUTE, '@weekly': 7 * 1440 * MINUTE };

/**
 * Mean time between two runs of a cron expression, five or six fields, or a name like `EVERY_5_MINUTES`.
 * Undefined where it can't be told: ranges of weekdays and months are not counted.
 */
export function everyMsOf(expression: string): number | undefined {
  const text = expression.trim();
  const words = /^EVERY_(?:(\d+)_)?(SECOND|MINUTE|HOUR|DAY|WEEK)S?(_AT_\w+)?$/.exec(text);
  if (words) return Number(words[1] ?? 1) * (UNITS[words[2] as string] as number);
  if (NAMED[text.toLowerCase()]) return NAMED[text.toLowerCase()];
  const fields = text.split(/\s+/);
  if (fields.length < 5 || fields.length > 6) return undefined;
  const [seconds, minutes, hours, ...days] = fields.length === 6 ? fields : ['0', ...fields];
  const perMinute = timesIn(seconds as string, 60);
  const perHour = timesIn(minutes as string, 60);
  const perDay = timesIn(hours as string, 24);
  if (!perMinute || !perHour || !perDay || days.some((it) => !/^[*?]$/.test(it))) return undefined;
  return (1440 * MINUTE) / (perMinute * perHour * perDay);
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
