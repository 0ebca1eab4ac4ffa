import type { Said, ServiceClaim } from '../detector.ts';
import { joinPath } from '../detectors/paths.ts';

type Variables = Readonly<Record<string, Said<string>>>;

const NAME = /^[A-Za-z_]\w*/;

/**
 * Compose's variables: `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+instead}`, where a default may hold variables of its own, and `$$` for a dollar.
 * A name that nothing sets and that has no default becomes empty. https://docs.docker.com/reference/compose-file/interpolation/
 */
export function interpolate(text: string, variables: Variables): string {
  let made = '';
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return made + text.slice(at);
    made += text.slice(at, dollar);
    const { value, length } = variableAt(text.slice(dollar), variables);
    made += value;
    at = dollar + length;
  }
  return made;
}

/** Variables of a file in which later ones are made of earlier ones. */
export function resolved(variables: Variables): Variables {
  const made: Record<string, Said<string>> = {};
  for (const [name, it] of Object.entries(variables)) made[name] = it.value.includes('$') ? { ...it, value: interpolate(it.value, made) } : it;
  return made;
}

/** A service with what the `.env` beside its file says; an image or a folder that nothing says stays as it is written. */
export function withVariables(it: ServiceClaim, variables: Variables): ServiceClaim {
  const said = (text: string): string =>
    text.includes('$') && namesIn(text).every((name) => variables[name] !== undefined || hasDefault(text, name)) ? interpolate(text, variables) : text;
  const environment = Object.entries(it.environment).flatMap(([name, one]) => {
    const value = interpolate(one.value, variables);
    return value === '' ? [] : [[name, { ...one, value }] as const];
  });
  return {
    ...it,
    ...(it.image !== undefined && { image: said(it.image) }),
    ...(it.build && {
      build: { ...it.build, context: joinPath(said(it.build.context)), dockerfile: joinPath(said(it.build.dockerfile)), ...(it.build.target && { target: said(it.build.target) }) },
    }),
    ...(it.command && { command: said(it.command) }),
    aliases: it.aliases.map(said),
    environment: Object.fromEntries(environment),
  };
}

const namesIn = (text: string): string[] => [...text.matchAll(/(?<!\$)\$\{?([A-Za-z_]\w*)/g)].map((it) => it[1] ?? '');
const hasDefault = (text: string, name: string): boolean => new RegExp(`\\$\\{${name}:?-`).test(text);

/** What a text that begins with a dollar begins with, and how much of the text that is. */
function variableAt(text: string, variables: Variables): { value: string; length: number } {
  if (text[1] === '$') return { value: '$', length: 2 };
  const braced = text[1] === '{';
  const name = NAME.exec(text.slice(braced ? 2 : 1))?.[0];
  const end = braced ? closing(text) : 1 + (name?.length ?? 0);
  if (name === undefined || end < 0) return { value: '$', length: 1 };
  const said = variables[name]?.value;
  if (!braced) return { value: said ?? '', length: end };
  const [, empty = '', mark, word = ''] = /^(:?)([-?+])([\s\S]*)$/.exec(text.slice(2 + name.length, end)) ?? [];
  const isSet = said !== undefined && (empty === '' || said !== '');
  const otherwise = (): string => interpolate(word, variables);
  const value = mark === '+' ? (isSet ? otherwise() : '') : isSet ? said : mark === '-' ? otherwise() : '';
  return { value, length: end + 1 };
}

/** Where the brace closes that a text opens behind its dollar; -1 where it does not. */
function closing(text: string): number {
  let depth = 0;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}
