import type { ModuleKind } from './modules.ts';
import type { Source } from './source.ts';

export interface CacheParts {
  technology: 'redis' | 'memory';
  kind: ModuleKind;
  style: Pick<Source, 'quote' | 'semicolon' | 'eol' | 'typed'>;
}

/**
 * A module with one function, `cached(key, seconds, load)`.
 * Callers in one process share a running load, so that an expiring key asks the database once; a cache that can't be reached is passed by.
 */
export function cacheFile(parts: CacheParts): string {
  const { technology, kind, style } = parts;
  const typed = (plain: string, withTypes: string) => (style.typed ? withTypes : plain);
  const signature = typed('async function cached(key, seconds, load) {', 'async function cached<T>(key: string, seconds: number, load: () => Promise<T>): Promise<T> {');
  const running = typed('const running = new Map();', 'const running = new Map<string, Promise<unknown>>();');
  const shared = [
    '  let result = running.get(key);',
    '  if (!result) {',
    '    result = load();',
    '    running.set(key, result);',
    '    result.finally(() => running.delete(key)).catch(() => {});',
    '  }',
    typed('  const value = await result;', '  const value = (await result) as T;'),
  ];
  const redis = [
    kind === 'import' ? "import { Redis } from 'ioredis';" : "const { Redis } = require('ioredis');",
    '',
    'const redis = new Redis({',
    "  host: process.env.REDIS_HOST ?? 'localhost',",
    '  port: Number(process.env.REDIS_PORT ?? 6379),',
    '  enableOfflineQueue: false,',
    '  commandTimeout: 200,',
    '});',
    "redis.on('error', (error) => console.error('cache', error.message));",
    running,
    '',
    '/** What `load` returns, at most `seconds` old. Without Redis every call loads. */',
    `${kind === 'import' ? 'export ' : ''}${signature}`,
    '  const hit = await redis.get(key).catch(() => null);',
    '  if (hit !== null) return JSON.parse(hit);',
    ...shared,
    "  if (value !== undefined) await redis.set(key, JSON.stringify(value), 'EX', seconds).catch(() => {});",
    '  return value;',
    '}',
  ];
  const memory = [
    kind === 'import' ? "import { LRUCache } from 'lru-cache';" : "const { LRUCache } = require('lru-cache');",
    '',
    '/** The entry that nobody has asked for longest makes room. */',
    typed('const cache = new LRUCache({ max: 1000 });', 'const cache = new LRUCache<string, { value: unknown }>({ max: 1000 });'),
    running,
    '',
    '/** What `load` returns, at most `seconds` old. */',
    `${kind === 'import' ? 'export ' : ''}${signature}`,
    '  const hit = cache.get(key);',
    `  if (hit) return hit.value${typed('', ' as T')};`,
    ...shared,
    '  cache.set(key, { value }, { ttl: seconds * 1000 });',
    '  return value;',
    '}',
  ];
  const lines = technology === 'redis' ? redis : memory;
  return [...lines, ...(kind === 'require' ? ['', 'module.exports = { cached };'] : []), '']
    .map((it) => it.replace(/;$/, style.semicolon).replaceAll("'", style.quote))
    .join(style.eol);
}
