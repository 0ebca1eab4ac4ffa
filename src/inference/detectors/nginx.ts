import type { FileDetector, ProxyClaim, ProxyLimit, Said } from '../detector.ts';
import { nameOf } from './paths.ts';

/** nginx: upstreams, passed requests and limits of configurations and their templates. */
export default {
  id: 'nginx',
  matches: (path) =>
    /(^|\/)nginx[\w.-]*\.conf|\.conf\.template$|nginx.*\.(conf|template|tmpl)$|\/conf\.d\/|^default\.conf/i.test(path) && /\.(conf|template|tmpl)$/i.test(nameOf(path)),
  detect(path, text) {
    const upstreams = new Map<string, Said<string>[]>();
    const targets: Said<string>[] = [];
    const rates = new Map<string, Said<number>>();
    const perClient = new Map<string, boolean>();
    const settings: NonNullable<ProxyClaim['settings']>[number][] = [];
    const written: { block: Block; words: string[]; line: number }[] = [];
    for (const { words, line, blocks } of directivesIn(text)) {
      const place = { file: path, line };
      const block = blocks.at(-1) as Block;
      const [name = '', ...rest] = words;
      const upstream = blocks.find((it) => it.name === 'upstream');
      if (name === 'server' && upstream && rest[0]) upstreams.set(upstream.argument, [...(upstreams.get(upstream.argument) ?? []), { value: hostOf(rest[0]), place }]);
      if (/^(proxy|grpc|uwsgi|fastcgi)_pass$/.test(name) && rest[0]) {
        targets.push({ value: hostOf(rest[0]), place });
        for (const it of blocks) it.passes.push(hostOf(rest[0]));
      }
      const zone = /^zone=([\w-]+)/.exec(rest.find((it) => it.startsWith('zone=')) ?? '')?.[1];
      if (zone && /^limit_(req|conn)_zone$/.test(name)) {
        perClient.set(zone, /remote_addr|forwarded_for|realip|cookie|http_authorization|http_x_api_key/i.test(rest[0] ?? ''));
        const [, count, unit] = /^rate=(\d+)r\/([sm])$/.exec(rest.find((it) => it.startsWith('rate=')) ?? '') ?? [];
        if (count) rates.set(zone, { value: Number(count) / (unit === 'm' ? 60 : 1), place });
      }
      const waits = /^(proxy|grpc|uwsgi|fastcgi)_(read|connect|send)_timeout$/.test(name) ? millisecondsOf(rest[0] ?? '') : undefined;
      if (waits !== undefined) settings.push({ type: 'timeout', said: { value: waits, place }, unit: 'ms' });
      if (name === 'limit_req' || name === 'limit_conn') written.push({ block, words: rest, line });
    }
    const hostsOf = (it: string): string[] => (upstreams.get(it) ?? [{ value: it }]).map((one) => one.value);
    const limits = written.flatMap(({ block, words, line }): ProxyLimit[] => {
      const place = { file: path, line };
      // What stands outside every location holds for all that it passes on.
      const to = block.name === 'location' && block.passes.length > 0 ? { to: block.passes.flatMap(hostsOf) } : {};
      const zone = words.find((it) => it.startsWith('zone='))?.slice('zone='.length) ?? words[0] ?? '';
      const count = Number(words[1]);
      const said = (name: string): number | undefined => Number(words.find((it) => it.startsWith(`${name}=`))?.slice(name.length + 1)) || undefined;
      const base = { perClient: perClient.get(zone) ?? true, ...to };
      if (!words.some((it) => it.startsWith('zone='))) return Number.isFinite(count) ? [{ ...base, kind: 'inFlight', most: { value: count, place } }] : [];
      const rate = rates.get(zone);
      return rate ? [{ ...base, kind: 'leakyBucket', limit: rate, windowMs: 1000, burst: { value: said('burst') ?? 0, place }, noDelay: words.includes('nodelay') }] : [];
    });
    const resolved = targets.flatMap((it) => upstreams.get(it.value) ?? [it]).filter((it) => it.value !== '' && !/^(localhost|127\.0\.0\.1|unix)$/.test(it.value));
    return {
      claims:
        resolved.length === 0 && limits.length === 0
          ? []
          : [{ kind: 'proxy', targets: resolved, by: 'nginx', ...(limits.length > 0 && { limits }), ...(settings.length > 0 && { settings }) }],
    };
  },
} satisfies FileDetector;

/** Seconds, unless a unit stands behind: https://nginx.org/en/docs/syntax.html. */
function millisecondsOf(it: string): number | undefined {
  const [, count, unit] = /^(\d+)(ms|s|m|h|d)?$/.exec(it) ?? [];
  return count === undefined ? undefined : Number(count) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[(unit ?? 's') as 'ms' | 's' | 'm' | 'h' | 'd'];
}

interface Block {
  name: string;
  argument: string;
  /** Hosts that something in it passes requests to. */
  passes: string[];
}

/** Directives with the blocks around them, innermost last; the file itself is one. */
function directivesIn(text: string): { words: string[]; line: number; blocks: Block[] }[] {
  const found: { words: string[]; line: number; blocks: Block[] }[] = [];
  const blocks: Block[] = [{ name: '', argument: '', passes: [] }];
  let line = 1;
  let words: string[] = [];
  let first = 1;
  for (const [token] of text.matchAll(/#[^\n]*|\n|"(?:[^"\\]|\\.)*"|'[^']*'|[;{}]|(?:\$\{\w+\}|[^\s;{}#])+/g)) {
    if (token === '\n') line += 1;
    else if (token === ';') {
      if (words.length > 0) found.push({ words, line: first, blocks: [...blocks] });
      words = [];
    } else if (token === '{') {
      blocks.push({ name: words[0] ?? '', argument: words.at(-1) ?? '', passes: [] });
      words = [];
    } else if (token === '}') {
      if (blocks.length > 1) blocks.pop();
      words = [];
    } else if (!token.startsWith('#')) {
      if (words.length === 0) first = line;
      words.push(token);
      line += token.split('\n').length - 1;
    }
  }
  return found;
}

const hostOf = (it: string): string => /^(?:[a-z]+:\/\/)?(\$\{\w+\}|\$\w+|[\w.-]+)/i.exec(it)?.[1] ?? '';
