import { keptVariable } from '../code/redact.ts';
import type { Said } from '../detector.ts';
import type { YamlReading } from './yaml-places.ts';

export type Json = Record<string, unknown>;
export const isObject = (it: unknown): it is Json => typeof it === 'object' && it !== null && !Array.isArray(it);
export const isText = (it: unknown): it is string => typeof it === 'string';

/** What a template leaves where its values decide and nobody knows them. */
export const UNKNOWN_TEXT = '__unknown__';
const isUnknown = (it: string): boolean => it.includes(UNKNOWN_TEXT);

/** String entries of a map. */
export const textsOf = (it: unknown): Readonly<Record<string, string>> =>
  isObject(it)
    ? Object.fromEntries(Object.entries(it).flatMap(([name, value]) => (isText(value) || typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : [])))
    : {};

/** A written number with its place; undefined where it is missing, a template or no number. */
export function numberIn(it: unknown, path: readonly (string | number)[], yaml: YamlReading): Said<number> | undefined {
  const value = typeof it === 'number' ? it : isText(it) && it.trim() !== '' ? Number(it) : Number.NaN;
  return Number.isFinite(value) && value >= 0 ? { value, place: yaml.placeAt(path) } : undefined;
}

/** Cores of a CPU quantity: `2`, `0.5`, `500m`. */
export function coresIn(it: unknown, path: readonly (string | number)[], yaml: YamlReading): Said<number> | undefined {
  const milli = isText(it) ? /^(\d+(?:\.\d+)?)m$/.exec(it.trim())?.[1] : undefined;
  return milli === undefined ? numberIn(it, path, yaml) : { value: Number(milli) / 1000, place: yaml.placeAt(path) };
}

/** Variables reduced to what topology needs; what a template leaves unknown is left out. */
export function keptEntries(it: unknown, path: readonly (string | number)[], yaml: YamlReading): Record<string, Said<string>> {
  if (!isObject(it)) return {};
  return Object.fromEntries(
    Object.entries(it).flatMap(([name, value]) => {
      if (value === null || isObject(value) || Array.isArray(value)) return [];
      const text = String(value);
      const kept = isUnknown(text) ? null : keptVariable(name, text);
      return kept === null || kept === '' ? [] : [[name, { value: kept, place: yaml.placeAt([...path, name]) }]];
    }),
  );
}
