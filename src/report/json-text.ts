/** What is no longer than this stays on one line. */
const WIDTH = 160;
/** What lies deeper is not moved further in: a program with a way for each of a hundred fields would be indentation for nine tenths. */
const MOST_INDENT = 48;

/**
 * JSON that people can look through and line by line tools can compare: what fits a line is not broken up.
 * With a line for every number, a large report would be indentation for two thirds.
 */
export const jsonText = (value: unknown): string => `${textOf(value, '')}\n`;

function textOf(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = indent.length < MOST_INDENT ? `${indent}  ` : indent;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((it) => textOf(it, inner))
    : Object.entries(value).flatMap(([name, it]) => (it === undefined ? [] : [`${JSON.stringify(name)}: ${textOf(it, inner)}`]));
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return open + close;
  const length = parts.reduce((sum, it) => sum + it.length + 2, indent.length);
  if (length <= WIDTH && !parts.some((it) => it.includes('\n'))) return isList ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}
