import type { ScalarTag, CollectionTag, Tags } from 'yaml';
import type { Place } from '../../model/known.ts';
import { keptVariable } from '../code/redact.ts';
import type { Said, Told } from '../detector.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import type { YamlReading } from './yaml-places.ts';

/** What stands where a template leaves something to its deployment. */
const HOLE = '*';

const FUNCTIONS = ['GetAtt', 'Sub', 'Join', 'ImportValue', 'Select', 'Split', 'FindInMap', 'If', 'GetAZs', 'Base64', 'Cidr', 'Equals', 'And', 'Or', 'Not', 'Transform'];
const named = (tag: string): string => (tag === 'Ref' || tag === 'Condition' ? tag : `Fn::${tag}`);
const toJson = (it: unknown): unknown => (it as { toJSON(): unknown }).toJSON();

/** CloudFormation's short forms (`!Ref`, `!GetAtt`) as the long ones that they stand for. */
export const SHORT_FORMS: Tags = ['Ref', 'Condition', ...FUNCTIONS].flatMap((tag): (ScalarTag | CollectionTag)[] => [
  { tag: `!${tag}`, resolve: (text: string) => ({ [named(tag)]: text }) } as ScalarTag,
  { tag: `!${tag}`, collection: 'seq', resolve: (it) => ({ [named(tag)]: toJson(it) }) } as CollectionTag,
  { tag: `!${tag}`, collection: 'map', resolve: (it) => ({ [named(tag)]: toJson(it) }) } as CollectionTag,
]);

/** What names in a template stand for. */
export interface Names {
  /** What a resource is called by the code that uses it: a queue's name, a table's, the host of a database. Undefined: nothing of the template. */
  resource(logicalId: string, attribute?: string): string | undefined;
  /** The default of a parameter. */
  parameter(name: string): unknown;
  /** `${self:…}` and its like, without the brackets. */
  variable?(expression: string): unknown;
}

const VARIABLE = /\$\{([^{}]+)\}/g;

/** A value with its references followed; `*` for every part that only the deployment knows, undefined where nothing of it is known. */
export function resolved(value: unknown, names: Names, depth = 0): unknown {
  if (depth > 12) return undefined;
  if (isText(value)) return ofText(value, names, depth);
  if (!isObject(value)) return value;
  const [[key, given] = ['', undefined], ...more] = Object.entries(value);
  if (more.length > 0) return value;
  switch (key) {
    case 'Ref':
      return isText(given) ? (names.resource(given) ?? resolved(names.parameter(given), names, depth + 1)) : undefined;
    case 'Fn::GetAtt': {
      const [id, ...attribute] = isText(given) ? given.split('.') : Array.isArray(given) ? given.filter(isText) : [];
      return id === undefined ? undefined : names.resource(id, attribute.join('.'));
    }
    case 'Fn::Sub': {
      const [text, own] = Array.isArray(given) ? given : [given, undefined];
      if (!isText(text)) return undefined;
      return text.replace(VARIABLE, (_all, name: string) => {
        const [id, ...attribute] = name.trim().split('.');
        const said = isObject(own) && own[name] !== undefined ? resolved(own[name], names, depth + 1) : undefined;
        return plain(said ?? names.resource(id ?? '', attribute.join('.') || undefined) ?? resolved(names.parameter(name), names, depth + 1));
      });
    }
    case 'Fn::Join': {
      const [mark, parts] = Array.isArray(given) ? given : [];
      return Array.isArray(parts) ? parts.map((it) => plain(resolved(it, names, depth + 1))).join(isText(mark) ? mark : '') : undefined;
    }
    default:
      return key.startsWith('Fn::') || key === 'Condition' ? undefined : value;
  }
}

const plain = (it: unknown): string => (isText(it) || typeof it === 'number' ? String(it) : HOLE);

function ofText(text: string, names: Names, depth: number): unknown {
  if (!names.variable || !text.includes('${')) return text.startsWith('{{resolve:') ? undefined : text;
  const whole = /^\$\{([^{}]+)\}$/.exec(text)?.[1];
  if (whole) return resolved(names.variable(whole), names, depth + 1);
  let rest = text;
  // Inner variables first: `${self:custom.${self:provider.stage}.size}`.
  for (let round = 0; round < 6 && VARIABLE.test(rest); round++)
    rest = rest.replace(VARIABLE, (_all, expression: string) => plain(resolved(names.variable?.(expression), names, depth + 1)));
  return rest;
}

const DEPLOYMENT_DECIDES = 'the template leaves it to its deployment';

/** A number of a template: said at its place, unread where it is left to the deployment, undefined where it is not written. */
export function toldIn(value: unknown, path: readonly (string | number)[], yaml: YamlReading, names: Names, factor = 1): Told | undefined {
  if (value === undefined || value === null) return undefined;
  const it = resolved(value, names);
  const number = typeof it === 'number' ? it : isText(it) && it.trim() !== '' ? Number(it) : Number.NaN;
  return Number.isFinite(number) && number >= 0 ? { value: number * factor, place: yaml.placeAt(path) } : { why: DEPLOYMENT_DECIDES };
}

/** Variables of a function or container, reduced as those of any deployment file; names of the template's own resources are kept as they are. */
export function variablesIn(value: unknown, path: readonly (string | number)[], yaml: YamlReading, names: Names): Record<string, Said<string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).flatMap(([name, it]) => kept(name, it, yaml.placeAt([...path, name]), names)));
}

export function kept(name: string, value: unknown, place: Place, names: Names): [string, Said<string>][] {
  const it = resolved(value, names);
  if (!isText(it) && typeof it !== 'number' && typeof it !== 'boolean') return [];
  const text = String(it);
  if (text === '' || text === HOLE) return [];
  const own = isReference(value) && !text.includes(HOLE) ? text : keptVariable(name, text);
  return own ? [[name, { value: own, place }]] : [];
}

/** Only a name of the template itself: nobody's secret. A parameter may be one. */
const isReference = (value: unknown): boolean => isObject(value) && ('Fn::GetAtt' in value || ('Ref' in value && value.Ref !== undefined));

/** Milliseconds between two runs: `rate(5 minutes)`; what a cron expression says where it is a plain step. */
export function everyMs(expression: unknown): number | undefined {
  if (!isText(expression)) return undefined;
  const [, count, unit] = /^rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)$/i.exec(expression.trim()) ?? [];
  if (count && unit) return Number(count) * UNITS_MS[unit.toLowerCase() as keyof typeof UNITS_MS];
  const [, fields] = /^cron\(\s*(.*?)\s*\)$/.exec(expression.trim()) ?? [];
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields?.split(/\s+/) ?? [];
  const always = (it: string): boolean => it === '*' || it === '?';
  if (!fields || ![day, month, weekday].every(always)) return undefined;
  const step = /^(?:\*|0)\/(\d+)$/;
  if (always(hour))
    return always(minute) ? UNITS_MS.minute : step.test(minute) ? Number(step.exec(minute)?.[1]) * UNITS_MS.minute : /^\d+$/.test(minute) ? UNITS_MS.hour : undefined;
  if (!/^\d+$/.test(minute)) return undefined;
  return step.test(hour) ? Number(step.exec(hour)?.[1]) * UNITS_MS.hour : /^\d+$/.test(hour) ? UNITS_MS.day : undefined;
}

const UNITS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** `/users/{id}` as routes are written here: `/users/:id`; `{proxy+}` takes whatever follows. */
export const routePath = (path: string): string =>
  `/${path
    .replace(/^\//, '')
    .replace(/\{[^}]+\+\}/g, '*')
    .replace(/\{([^}]+)\}/g, ':$1')}`;

/** A resource's logical name as a component's: `OrdersQueue` → `orders-queue`. */
export const componentName = (logicalId: string): string =>
  logicalId
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();

export type { Json };
