import type { Problem } from '../../../model/topology.ts';
import type { ChartClaim, ManifestClaim } from '../../detector.ts';
import { manifestsIn } from '../../detectors/kubernetes.ts';
import { isObject, type Json } from '../../detectors/kubernetes-values.ts';
import { folderOf, isInside, joinPath } from '../../detectors/paths.ts';
import type { Configuration } from '../configuration.ts';
import { chartValuesOf, merged } from './chart-values.ts';
import { rendererOf } from './render.ts';

interface Played {
  manifests: ManifestClaim[];
  problems: Problem[];
  /** Plain manifests among its templates, which belong to no other cluster. */
  files: string[];
}

/** Outermost charts: those that no other brings. */
export function chartsOf(configuration: Configuration): [file: string, chart: ChartClaim][] {
  const brought = new Set([...configuration.charts].flatMap(([file, chart]) => subchartsOf(folderOf(file), chart, configuration).map((it) => it.file)));
  return [...configuration.charts].filter(([file]) => !brought.has(file));
}

/** Everything that a chart deploys, with the charts that it brings and does not switch off. Helm lays the values under a subchart's name over its own, and `global` over everybody's. */
export function playChart(file: string, chart: ChartClaim, configuration: Configuration, given?: { values: Json; release: string; shared: readonly string[] }, depth = 0): Played {
  const root = folderOf(file);
  const own = chartValuesOf(root, configuration);
  const values = given ? merged(own, given.values) : own;
  const inside = (path: string): boolean => isInside(path, joinPath(root, 'templates'));
  const templates = [...configuration.templates.keys()].filter(inside);
  const plain = [...configuration.manifests.keys()].filter(inside);
  const parts = [...new Set([...(given?.shared ?? []), ...templates.filter((it) => it.endsWith('.tpl'))])];
  const release = given?.release ?? chart.name;
  const render = rendererOf({
    name: chart.name,
    release,
    version: chart.version,
    values,
    templates: new Map([...parts, ...templates].map((it) => [it, configuration.templates.get(it)?.text ?? ''])),
  });
  const rendered = templates
    .filter((it) => !it.endsWith('.tpl'))
    .map((path) => {
      const { text, lineOf, problems } = render(path);
      const read = manifestsIn(path, text, lineOf);
      return { claims: read.claims, problems: [...problems, ...read.problems] };
    });
  const below =
    depth > MOST_NESTED
      ? []
      : subchartsOf(root, chart, configuration)
          .filter((it) => isOn(it.condition, values))
          .map((it) =>
            playChart(
              it.file,
              { ...it.chart, name: it.alias ?? it.chart.name },
              configuration,
              { values: valuesFor(it.alias ?? it.chart.name, values), release, shared: parts },
              depth + 1,
            ),
          );
  return {
    manifests: [...plain.flatMap((it) => configuration.manifests.get(it) ?? []), ...rendered.flatMap((it) => it.claims), ...below.flatMap((it) => it.manifests)],
    problems: [...rendered.flatMap((it) => it.problems), ...below.flatMap((it) => it.problems)],
    files: [...plain, ...below.flatMap((it) => it.files)],
  };
}

const MOST_NESTED = 5;

/** Charts in its `charts` folder, named as a dependency or not, and those that it takes from elsewhere in the workspace. */
function subchartsOf(root: string, { dependencies = [] }: ChartClaim, configuration: Configuration): { file: string; chart: ChartClaim; alias?: string; condition?: string }[] {
  const folder = joinPath(root, 'charts');
  return [...configuration.charts].flatMap(([file, chart]) => {
    const at = folderOf(file);
    const named = dependencies.filter((it) => (it.folder ? it.folder === at : folderOf(at) === folder && it.name === chart.name));
    const found = named.map((it) => ({ file, chart, ...(it.alias && { alias: it.alias }), ...(it.condition && { condition: it.condition }) }));
    return found.length > 0 || folderOf(at) !== folder ? found : [{ file, chart }];
  });
}

/** The first of the named values that exists decides; without any it is on. */
function isOn(condition: string | undefined, values: Json): boolean {
  for (const path of condition?.split(',') ?? []) {
    const found = path
      .trim()
      .split('.')
      .reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), values);
    if (typeof found === 'boolean') return found;
  }
  return true;
}

function valuesFor(name: string, values: Json): Json {
  const own = isObject(values[name]) ? (values[name] as Json) : {};
  return isObject(values.global) ? { ...own, global: isObject(own.global) ? merged(own.global, values.global) : values.global } : own;
}
