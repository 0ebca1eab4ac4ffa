import { isObject, type Json } from '../../detectors/kubernetes-values.ts';
import { folderOf, nameOf } from '../../detectors/paths.ts';
import type { Configuration } from '../configuration.ts';

/** The chart's values with those of production laid over them. */
export function chartValuesOf(root: string, configuration: Configuration): Json {
  const files = [...configuration.chartValues.keys()].filter((it) => folderOf(it) === root);
  const base = files.find((it) => /^values\.ya?ml$/i.test(nameOf(it)));
  const production = files.find((it) => /(^|[.-])(prod|production|live)([.-]|$)/i.test(nameOf(it)));
  return [base, production].reduce<Json>((all, file) => merged(all, (file && configuration.chartValues.get(file)?.values) || {}), {});
}

export function merged(a: Json, b: Json): Json {
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => {
      const [left, right] = [a[name], b[name]];
      return [name, isObject(left) && isObject(right) ? merged(left, right) : name in b ? right : left];
    }),
  );
}
