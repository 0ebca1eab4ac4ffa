import type { FileDetector, Said } from '../detector.ts';
import { nameOf } from './paths.ts';

/** Caddyfile: whom `reverse_proxy` and `php_fastcgi` pass requests to. */
export default {
  id: 'caddyfile',
  matches: (path) => /^Caddyfile([.-][\w.-]+)?$|\.(Caddyfile|caddy)$/i.test(nameOf(path)),
  detect(path, text) {
    const targets: Said<string>[] = [];
    let depthOfProxy: number | null = null;
    let depth = 0;
    text.split(/\r?\n/).forEach((raw, index) => {
      const place = { file: path, line: index + 1 };
      const words = raw
        .replace(/(^|\s)#.*$/, '')
        .trim()
        .split(/\s+/)
        .filter(Boolean);
      const opens = words.at(-1) === '{';
      const [name, ...rest] = words;
      if (name === 'reverse_proxy' || name === 'php_fastcgi') {
        targets.push(...upstreams(rest, true).map((value) => ({ value, place })));
        if (opens) depthOfProxy = depth;
      } else if (depthOfProxy !== null && name === 'to') targets.push(...upstreams(rest, false).map((value) => ({ value, place })));
      if (opens) depth += 1;
      if (name === '}') depth -= 1;
      if (depthOfProxy !== null && depth <= depthOfProxy && !opens) depthOfProxy = null;
    });
    return { claims: targets.length === 0 ? [] : [{ kind: 'proxy', targets, by: 'caddy' }] };
  },
} satisfies FileDetector;

/** Hosts among a directive's words: a matcher (`/api/*`, `@name`, `*`) may stand first; `{$NAME}` and `{env.NAME}` are variables. */
const upstreams = (words: readonly string[], mayMatch: boolean): string[] =>
  words.flatMap((word, at) => {
    if (word === '{' || (mayMatch && at === 0 && /^[/@*]/.test(word))) return [];
    const variable = /^(?:[a-z0-9]+:\/\/)?\{(?:\$|env\.)(\w+)[^}]*\}/i.exec(word)?.[1];
    const host = variable ? `\${${variable}}` : /^(?:[a-z0-9]+:\/\/)?([\w.-]+)/i.exec(word)?.[1];
    return host && !/^(localhost|127\.0\.0\.1|unix)$/.test(host) && !/^\d+$/.test(host) ? [host] : [];
  });
