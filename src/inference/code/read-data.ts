import { readYaml, type YamlReading } from '../detectors/yaml-places.ts';
import { isSensitiveName, keptLiteral, keptSchema } from './redact.ts';
import type { At, Expression, ModuleSyntax, Property } from './syntax.ts';

/** Files that code reads values from. */
export const isData = (file: string): boolean => /\.(json|ya?ml|graphqls?|gql)$/i.test(file);

const isSchema = (file: string): boolean => /\.(graphqls?|gql)$/i.test(file);

/** Longer ones hold what is worked on, not settings. */
const MOST_CHARACTERS = 200_000;
const MOST_VALUES = 5000;

/** A JSON or YAML file as code that gives back what stands in it (a GraphQL schema: its text), by the rules for literals in code: nothing under a sensitive name is kept. */
export function readData(file: string, text: string): ModuleSyntax {
  const empty: ModuleSyntax = { file, body: [], imports: [], brokenAt: null };
  if (text.length > MOST_CHARACTERS) return empty;
  const yaml = readYaml(file, isSchema(file) ? '' : text);
  const e: Expression = isSchema(file) ? { k: 'string', v: keptSchema(text), at: [1, 1, 1, 1] } : expressionOf(yaml.value, [], yaml, { left: MOST_VALUES });
  const target: Expression = { k: 'member', o: { k: 'name', n: 'module' }, p: 'exports' };
  return { ...empty, body: [{ k: 'expression', e: { k: 'assign', op: '=', target, v: e }, at: [1, 1, 1, 1] }] };
}

function expressionOf(value: unknown, path: readonly (string | number)[], yaml: YamlReading, values: { left: number }): Expression {
  values.left -= 1;
  if (values.left < 0) return { k: 'other', es: [] };
  const name = path.findLast((it) => typeof it === 'string');
  if (typeof name === 'string' && isSensitiveName(name) && typeof value !== 'object') return { k: 'hidden' };
  switch (typeof value) {
    case 'string': {
      const kept = keptLiteral(value);
      return kept === null ? { k: 'hidden' } : { k: 'string', v: kept, at: atOf(path, yaml) };
    }
    case 'number':
      return { k: 'number', v: value, at: atOf(path, yaml) };
    case 'boolean':
      return { k: 'boolean', v: value };
    case 'object':
      if (value === null) return { k: 'null' };
      if (Array.isArray(value)) return { k: 'array', es: value.map((it, index) => expressionOf(it, [...path, index], yaml, values)) };
      return {
        k: 'object',
        ps: Object.entries(value).map(([n, it]): Property => ({ n, v: expressionOf(it, [...path, n], yaml, values), at: atOf([...path, n], yaml) })),
        at: atOf(path, yaml),
      };
    default:
      return { k: 'null' };
  }
}

function atOf(path: readonly (string | number)[], yaml: YamlReading): At {
  const { line, column = 1, endLine = line, endColumn = column } = yaml.placeAt(path);
  return [line, column, endLine, endColumn];
}
