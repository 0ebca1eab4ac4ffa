/** One argument for a POSIX shell. */
export const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

/** `select-orders.csv` */
export const fileName = (label: string, ending: string): string =>
  `${
    label
      .replace(/[^\w]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .toLowerCase()
      .slice(0, 60) || 'measured'
  }.${ending}`;

/** A statement in JavaScript that prints what `faultline import` reads; `value`, `source` and `perSecond` (how often it ran) are expressions. */
export const answerLine = (input: string, value: string, unit: string, source: string, perSecond?: string): string =>
  `console.log(JSON.stringify({ faultline: ${JSON.stringify(input)}, value: ${value}, unit: ${JSON.stringify(unit)}, source: ${source}${perSecond === undefined ? '' : `, perSecond: ${perSecond}`}, at: new Date().toISOString() }));`;
