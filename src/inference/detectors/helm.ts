import { isSensitiveName, keptVariable, looksSecret } from '../code/redact.ts';
import type { ChartClaim, FileDetector } from '../detector.ts';
import { isObject, isText, type Json } from './kubernetes-values.ts';
import { folderOf, joinPath, nameOf } from './paths.ts';
import { readYaml } from './yaml-places.ts';

/** A Helm chart's name and values. What looks secret is dropped; a template that needs it then has an unknown value. */
export default {
  id: 'helm',
  matches: (path) => /^Chart\.ya?ml$/.test(nameOf(path)) || /^values([.-][\w.-]+)?\.ya?ml$/i.test(nameOf(path)),
  detect(path, text) {
    const { value, placeAt, problems } = readYaml(path, text);
    if (!isObject(value)) return { claims: [], problems };
    if (/^Chart/.test(nameOf(path)))
      return {
        claims: isText(value.name)
          ? [
              {
                kind: 'chart',
                name: value.name,
                version: String(value.appVersion ?? value.version ?? ''),
                ...dependenciesIn(value.dependencies, folderOf(path)),
                place: placeAt(['name']),
              },
            ]
          : [],
        problems,
      };
    return { claims: [{ kind: 'chartValues', values: kept(value, 0) as Json }], problems };
  },
} satisfies FileDetector;

/** `repository: file://../common` lies in the workspace. */
function dependenciesIn(it: unknown, folder: string): Pick<ChartClaim, 'dependencies'> {
  const all = (Array.isArray(it) ? it : []).flatMap((one: unknown) => {
    if (!isObject(one) || !isText(one.name)) return [];
    const path = isText(one.repository) ? /^file:\/\/(.+)$/.exec(one.repository)?.[1] : undefined;
    return [
      {
        name: one.name,
        ...(isText(one.alias) && { alias: one.alias }),
        ...(isText(one.condition) && { condition: one.condition }),
        ...(path && { folder: joinPath(folder, path) }),
      },
    ];
  });
  return all.length > 0 ? { dependencies: all } : {};
}

const DEEPEST = 12;

/** Numbers, switches, short plain words and hosts; the rest goes. */
function kept(value: unknown, depth: number, name = ''): unknown {
  if (depth > DEEPEST) return undefined;
  if (Array.isArray(value)) return value.slice(0, 200).map((it) => kept(it, depth + 1, name));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, kept(it, depth + 1, key)]));
  if (!isText(value)) return value;
  if (isSensitiveName(name) || looksSecret(value)) return undefined;
  // A value is not yet known to be a host: its key alone says too little.
  return /^[A-Za-z][\w./:-]{0,80}$/.test(value) && !value.includes('://') ? value : (keptVariable(`${name}_HOST`, value) ?? undefined);
}
