import { stringify } from 'yaml';
import { isObject } from '../../detectors/kubernetes-values.ts';

/** What nobody can say from the chart alone. */
export const UNKNOWN = Symbol('unknown');

export interface Scope {
  dot: unknown;
  variables: ReadonlyMap<string, unknown>;
  /** Text of a named part of the chart, or UNKNOWN. */
  include(name: string, dot: unknown): unknown;
}

/** Go's truth: false, 0, empty text, empty list and nothing are false. */
export const isTrue = (it: unknown): boolean => (Array.isArray(it) ? it.length > 0 : isObject(it) ? Object.keys(it).length > 0 : Boolean(it));

const text = (it: unknown): string => (it === undefined || it === null ? '' : typeof it === 'object' ? JSON.stringify(it) : String(it));
const indent = (it: string, by: number): string => it.replace(/^/gm, ' '.repeat(Math.min(by, 200)));

/** Functions of Go templates and Sprig that charts use for names, numbers and switches; the piped value comes last. */
const FUNCTIONS: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  default: (fallback, value) => (isTrue(value) ? value : fallback),
  coalesce: (...all) => all.find(isTrue),
  quote: (it) => JSON.stringify(text(it)),
  squote: (it) => `'${text(it)}'`,
  int: (it) => Math.trunc(Number(it)) || 0,
  int64: (it) => Math.trunc(Number(it)) || 0,
  float64: (it) => Number(it) || 0,
  toString: text,
  trim: (it) => text(it).trim(),
  lower: (it) => text(it).toLowerCase(),
  upper: (it) => text(it).toUpperCase(),
  trunc: (length, it) => text(it).slice(0, Number(length)),
  trimSuffix: (suffix, it) => (text(it).endsWith(text(suffix)) ? text(it).slice(0, text(it).length - text(suffix).length) : text(it)),
  trimPrefix: (prefix, it) => (text(it).startsWith(text(prefix)) ? text(it).slice(text(prefix).length) : text(it)),
  replace: (from, to, it) => text(it).replaceAll(text(from), text(to)),
  contains: (part, it) => text(it).includes(text(part)),
  hasPrefix: (part, it) => text(it).startsWith(text(part)),
  hasSuffix: (part, it) => text(it).endsWith(text(part)),
  hasKey: (it, key) => isObject(it) && Object.hasOwn(it, text(key)),
  empty: (it) => !isTrue(it),
  not: (it) => !isTrue(it),
  eq: (a, ...others) => others.some((it) => it === a),
  ne: (a, b) => a !== b,
  gt: (a, b) => Number(a) > Number(b),
  ge: (a, b) => Number(a) >= Number(b),
  lt: (a, b) => Number(a) < Number(b),
  le: (a, b) => Number(a) <= Number(b),
  ternary: (yes, no, test) => (isTrue(test) ? yes : no),
  toYaml: (it) => (it === undefined ? '' : stringify(it).trimEnd()),
  toJson: (it) => JSON.stringify(it ?? null),
  indent: (by, it) => indent(text(it), Number(by)),
  nindent: (by, it) => `\n${indent(text(it), Number(by))}`,
  list: (...all) => all,
  dict: (...all) => Object.fromEntries(Array.from({ length: Math.floor(all.length / 2) }, (_, at) => [text(all[2 * at]), all[2 * at + 1]])),
  len: (it) => (Array.isArray(it) ? it.length : isObject(it) ? Object.keys(it).length : text(it).length),
  required: (_message, it) => it,
};

/** Whose result is known though an argument is not. */
const LAZY = new Set(['and', 'or', 'default', 'coalesce', 'include', 'template', 'nindent', 'indent', 'quote', 'required', 'printf']);

/** The value of a pipeline, or UNKNOWN. */
export function evaluate(code: string, scope: Scope): unknown {
  const [head = '', ...filters] = splitOutside(code, '|');
  return filters.reduce<unknown>((value, filter) => command(wordsIn(filter), scope, [value]), command(wordsIn(head), scope, []));
}

function command(words: readonly string[], scope: Scope, piped: readonly unknown[]): unknown {
  const [first, ...rest] = words;
  if (first === undefined) return UNKNOWN;
  if (rest.length === 0 && piped.length === 0) return first in FUNCTIONS ? UNKNOWN : atom(first, scope);
  const args = [...rest.map((it) => atom(it, scope)), ...piped];
  if (args.includes(UNKNOWN) && !LAZY.has(first)) return UNKNOWN;
  switch (first) {
    case 'include':
    case 'template':
    case 'tpl':
      return first === 'tpl' ? args[0] : scope.include(text(args[0]), args[1]);
    case 'and':
      return args.find((it) => it !== UNKNOWN && !isTrue(it)) ?? (args.includes(UNKNOWN) ? UNKNOWN : args.at(-1));
    case 'or':
      return args.find((it) => it !== UNKNOWN && isTrue(it)) ?? (args.includes(UNKNOWN) ? UNKNOWN : args.at(-1));
    case 'default':
    case 'coalesce':
    case 'required':
    case 'quote':
      return args.at(-1) === UNKNOWN || (args.includes(UNKNOWN) && !isTrue(args.at(-1))) ? UNKNOWN : FUNCTIONS[first]?.(...args);
    case 'nindent':
    case 'indent':
      return args[1] === UNKNOWN ? UNKNOWN : FUNCTIONS[first]?.(...args);
    case 'printf':
      return args.includes(UNKNOWN) ? UNKNOWN : printed(text(args[0]), args.slice(1));
    default:
      return Object.hasOwn(FUNCTIONS, first) ? FUNCTIONS[first]?.(...args) : UNKNOWN;
  }
}

function printed(format: string, args: readonly unknown[]): unknown {
  let at = 0;
  if (/%[^sdvq%]/.test(format)) return UNKNOWN;
  return format.replace(/%([sdvq%])/g, (_all, kind: string) => (kind === '%' ? '%' : kind === 'q' ? JSON.stringify(text(args[at++])) : text(args[at++])));
}

function atom(word: string, scope: Scope): unknown {
  if (word.startsWith('(')) {
    const close = word.lastIndexOf(')');
    return follow(evaluate(word.slice(1, close), scope), word.slice(close + 1));
  }
  if (word.startsWith('"')) {
    try {
      return JSON.parse(word);
    } catch {
      return UNKNOWN;
    }
  }
  if (/^`[^`]*`$/.test(word)) return word.slice(1, -1);
  if (/^-?\d+(\.\d+)?$/.test(word)) return Number(word);
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === 'nil') return undefined;
  if (word === '.') return scope.dot;
  const [, variable, path] = /^(\$\w*)?((?:\.\w+)*)$/.exec(word) ?? [];
  if (variable === undefined && !path) return UNKNOWN;
  const from = variable === undefined ? scope.dot : scope.variables.has(variable) ? scope.variables.get(variable) : UNKNOWN;
  return follow(from, path ?? '');
}

function follow(from: unknown, path: string): unknown {
  let value = from;
  for (const name of path.split('.').slice(1)) {
    if (value === UNKNOWN) return UNKNOWN;
    if (value === undefined || value === null) return undefined;
    if (!isObject(value)) return UNKNOWN;
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

const wordsIn = (code: string): string[] => splitOutside(code.trim().replace(/\s+/g, ' '), ' ').filter((it) => it !== '');

/** Splits where no quote or bracket is open. */
function splitOutside(code: string, at: '|' | ' '): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let i = 0; i < code.length; i++) {
    const c = code[i] as string;
    if (quote) {
      if (c === '\\' && quote === '"') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === '`') quote = c;
    else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (depth === 0 && c === at) {
      parts.push(code.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, code.slice(from)];
}
