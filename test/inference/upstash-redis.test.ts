import { describe, expect, it } from 'vitest';
import type { CacheStep, Topology } from '../../src/model/topology.ts';
import { walkSteps } from '../../src/model/topology.ts';
import { callsOf, componentsOf, routeOf, stepsOf } from './memory-workspace.ts';

const cachesOf = ({ endpoints }: Topology): CacheStep[] => {
  const found: CacheStep[] = [];
  for (const it of endpoints) walkSteps(it.steps, (step) => void (step.kind === 'cache' && found.push(step)));
  return found;
};
const READ = `const hit = await redis.get('all'); if (hit) return res.json(hit); await redis.set('all', 1, { ex: 60 });`;

describe('@upstash/redis and @vercel/kv: a Redis behind an API', () => {
  it.each<[string, string, string]>([
    [
      'a client with its address',
      '@upstash/redis',
      `import { Redis } from '@upstash/redis'; const redis = new Redis({ url: process.env.CACHE_URL, token: process.env.CACHE_TOKEN });`,
    ],
    ['a client from the environment', '@upstash/redis', `import { Redis } from '@upstash/redis'; const redis = Redis.fromEnv();`],
    ['at the edge', '@upstash/redis', `import { Redis } from '@upstash/redis/cloudflare'; const redis = Redis.fromEnv();`],
    ['the client that is there', '@vercel/kv', `import { kv as redis } from '@vercel/kv';`],
    [
      'a client of its own',
      '@vercel/kv',
      `import { createClient } from '@vercel/kv'; const redis = createClient({ url: process.env.KV_REST_API_URL, token: process.env.KV_REST_API_TOKEN });`,
    ],
  ])('%s', async (_name, library, before) => {
    const topology = await routeOf({ [library]: '^1.0.0' }, before, READ);
    expect(componentsOf(topology)).toEqual(['app service', 'redis cache']);
    expect(callsOf(topology)).toEqual(['app cache redis']);
    // No connection is kept, and the provider's machines are not this system's.
    expect(topology.pools).toEqual([]);
    expect(topology.components.find((it) => it.id === 'redis')?.parallelism.state).toBe('none');
    expect(cachesOf(topology)).toMatchObject([
      { operation: 'read', key: 'all', ttlMs: { value: 60_000 }, serviceMs: { value: 5, basis: 'assumed' } },
      { operation: 'write', key: 'all', ttlMs: { value: 60_000 } },
    ]);
  });

  it.each<[string, string, string[], object[]]>([
    ['only where it is not there', `await redis.set(\`lock:\${req.params.id}\`, 1, { nx: true, px: 500 });`, ['set lock:*'], [{ ifAbsent: true, ttlMs: { value: 500 } }]],
    [
      'a pipeline is one request',
      `const p = redis.pipeline(); p.set('a', 1); p.incr('b'); await p.exec();`,
      ['set a', 'incr b'],
      [{ serviceMs: { value: 5 } }, { serviceMs: { value: 0.3 } }],
    ],
    ['documents', `await redis.json.set('doc', '$', {});`, ['json.set doc'], [{ operation: 'write' }]],
  ])('%s', async (_name, body, steps, caches) => {
    const topology = await routeOf({ '@upstash/redis': '^1.0.0' }, `import { Redis } from '@upstash/redis'; const redis = Redis.fromEnv();`, body);
    expect(stepsOf(topology, 'app GET /it')).toEqual(steps);
    expect(cachesOf(topology)).toMatchObject(caches);
  });
});

describe('@upstash/ratelimit', () => {
  const read = (limiter: string, body: string) =>
    routeOf(
      { '@upstash/redis': '^1.0.0', '@upstash/ratelimit': '^2.0.0' },
      `import { Redis } from '@upstash/redis'; import { Ratelimit } from '@upstash/ratelimit'; const ratelimit = new Ratelimit({ redis: Redis.fromEnv(), limiter: ${limiter}, prefix: 'shop' })`,
      body,
    );
  const refuse = `if (!success) return res.status(429).end();`;

  it.each<[string, string, object]>([
    ['a sliding window', `Ratelimit.slidingWindow(10, '10 s')`, { algorithm: 'slidingWindow', limit: { value: 10, basis: 'declared' }, windowMs: { value: 10_000 } }],
    ['a fixed window', `Ratelimit.fixedWindow(100, '1 m')`, { algorithm: 'fixedWindow', limit: { value: 100 }, windowMs: { value: 60_000 } }],
    ['a bucket', `Ratelimit.tokenBucket(5, '10 s', 20)`, { algorithm: 'tokenBucket', limit: { value: 5 }, windowMs: { value: 10_000 }, burst: { value: 20 } }],
    ['a limit that is not known', `Ratelimit.fixedWindow(Number(process.env.MOST), '1 m')`, { limit: { state: 'unknown' } }],
  ])('%s', async (_name, limiter, expected) => {
    const topology = await read(limiter, `const { success } = await ratelimit.limit(req.ip); ${refuse}`);
    expect(topology.rateLimiters).toMatchObject([{ ...expected, component: 'app', key: 'perClient', shared: true, library: '@upstash/ratelimit', endpoints: ['app GET /it'] }]);
    expect(stepsOf(topology, 'app GET /it')).toEqual(['limit shop:*']);
    expect(cachesOf(topology)).toMatchObject([{ operation: 'write', target: 'redis', key: 'shop:*' }]);
  });

  it.each<[string, string, object[]]>([
    ['one word for all', `const { success } = await ratelimit.limit('api'); ${refuse}`, [{ key: 'global' }]],
    ['a word that may stand in for an address', `const { success } = await ratelimit.limit(process.env.LIVE ? req.ip : LOCAL); ${refuse}`, [{ key: 'perClient' }]],
    ['only some requests', `if (!req.user) { const { success } = await ratelimit.limit(req.ip); ${refuse} }`, []],
  ])('%s', async (_name, body, expected) => {
    const topology = await read(`Ratelimit.slidingWindow(10, '10 s'), timeout: 1000 }); const LOCAL = '127.0.0.1'; void ({`, body);
    expect(topology.rateLimiters).toMatchObject(expected);
    expect(topology.rateLimiters).toHaveLength(expected.length);
  });
});
