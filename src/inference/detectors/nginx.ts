import type { FileDetector, Said } from '../detector.ts';
import { nameOf } from './paths.ts';

/** nginx: upstreams, passed requests and request limits of configurations and their templates. */
export default {
  id: 'nginx',
  matches: (path) =>
    /(^|\/)nginx[\w.-]*\.conf|\.conf\.template$|nginx.*\.(conf|template|tmpl)$|\/conf\.d\/|^default\.conf/i.test(path) && /\.(conf|template|tmpl)$/i.test(nameOf(path)),
  detect(path, text) {
    const lines = text.split(/\r?\n/).map((it) => it.replace(/#.*$/, ''));
    const upstreams = new Map<string, Said<string>[]>();
    const targets: Said<string>[] = [];
    let upstream: string | null = null;
    let rate = undefined as Said<number> | undefined;
    let perClient = true;
    let limits = false;
    let burst: Said<number> | undefined;
    let noDelay = false;
    lines.forEach((line, index) => {
      const place = { file: path, line: index + 1 };
      const opened = /^\s*upstream\s+([\w.-]+)\s*\{/.exec(line)?.[1];
      if (opened) upstreams.set((upstream = opened), []);
      const server = /(?:^|[\s{;])server\s+([^\s;{]+)[^;{]*;/.exec(line)?.[1];
      if (upstream && server) upstreams.get(upstream)?.push({ value: hostOf(server), place });
      if (line.includes('}')) upstream = null;
      const passed = /\b(?:proxy|grpc|uwsgi|fastcgi)_pass\s+([^;]+);/.exec(line)?.[1];
      if (passed) targets.push({ value: hostOf(passed.trim()), place });
      const zone = /\blimit_req_zone\s+(\S+)\s+zone=[^;]*\brate=(\d+)r\/([sm])/.exec(line);
      if (zone) {
        rate = { value: Number(zone[2]) / (zone[3] === 'm' ? 60 : 1), place };
        perClient = /remote_addr|http_x_forwarded_for|realip|cookie|http_authorization/i.test(zone[1] as string);
      }
      const applied = /\blimit_req\s+zone=[^;]*/.exec(line)?.[0];
      if (applied === undefined) return;
      limits = true;
      burst = { value: Number(/\bburst=(\d+)/.exec(applied)?.[1] ?? 0), place };
      noDelay = /\bnodelay\b/.test(applied);
    });
    const resolved = targets.flatMap((it) => upstreams.get(it.value) ?? [it]).filter((it) => it.value !== '' && !/^(localhost|127\.0\.0\.1|unix)$/.test(it.value));
    const limiter = limits && rate ? { perSecond: rate, perClient, ...(burst && { burst }), noDelay } : undefined;
    return { claims: resolved.length === 0 && !limits ? [] : [{ kind: 'proxy', targets: resolved, ...(limiter && { limiter }) }] };
  },
} satisfies FileDetector;

const hostOf = (it: string): string => /^(?:[a-z]+:\/\/)?(\$\{\w+\}|\$\w+|[\w.-]+)/i.exec(it)?.[1] ?? '';
