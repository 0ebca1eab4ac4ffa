import type { FileDetector, PoolerClaim, Said } from '../detector.ts';
import { nameOf } from './paths.ts';

/** pgbouncer.ini: the server that it connects to, how many connections it opens there and takes from clients. */
export default {
  id: 'pgbouncer-ini',
  matches: (path) => /pgbouncer[\w.-]*\.ini$/i.test(nameOf(path)),
  detect(path, text) {
    const said = new Map<string, Said<string>>();
    const hosts: Said<string>[] = [];
    text.split(/\r?\n/).forEach((line, index) => {
      const place = { file: path, line: index + 1 };
      const [, name, value] = /^\s*([\w*.-]+)\s*=\s*(.*?)\s*$/.exec(line.replace(/^\s*[;#].*$/, '')) ?? [];
      if (!name || value === undefined) return;
      const host = /(?:^|\s)host=([\w.-]+)/.exec(value)?.[1];
      if (host) hosts.push({ value: host, place });
      else said.set(name, { value, place });
    });
    const number = (name: string): Said<number> | undefined => {
      const it = said.get(name);
      return it && /^\d+$/.test(it.value) ? { value: Number(it.value), place: it.place } : undefined;
    };
    const claim: PoolerClaim = { kind: 'pooler', hosts, poolSize: number('default_pool_size'), maxClients: number('max_client_conn'), mode: said.get('pool_mode')?.value };
    return { claims: said.size + hosts.length > 0 ? [claim] : [] };
  },
} satisfies FileDetector;
