import { describe, expect, it } from 'vitest';
import type { CacheStep, Topology } from '../../src/model/topology.ts';
import { walkSteps } from '../../src/model/topology.ts';
import { callsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

const pool = `const { Pool } = require('pg'); const pool = new Pool({ host: 'db' }); const load = async () => (await pool.query('SELECT 1 FROM items')).rows;`;
const read = (dependencies: Record<string, string>, before: string, handler: string): Promise<Topology> =>
  topologyOf(
    service(
      { express: '^4.0.0', pg: '^8.0.0', ...dependencies },
      { 'src/index.js': `const express = require('express'); const app = express(); ${pool} ${before} app.get('/it/:id', async (req, res) => { ${handler} }); app.listen(3000);` },
    ),
  );
const cachesOf = (topology: Topology): CacheStep[] => {
  const found: CacheStep[] = [];
  for (const it of topology.endpoints) walkSteps(it.steps, (step) => void (step.kind === 'cache' && found.push(step)));
  return found;
};
const aside = (read: string, write: string): string => `const hit = ${read}; if (hit) return res.json(hit); const it = await load(); ${write}; res.json(it);`;

describe('commands that go through all keys', () => {
  it.each([
    ['all pages, until the cursor is back', "let at = '0'; do { const [next] = await redis.scan(at, 'MATCH', 'it:*'); at = next; } while (at !== '0');", [true]],
    ['one page', "const [, keys] = await redis.scan('0', 'MATCH', 'it:*'); res.json(keys);", [undefined]],
  ])('%s', async (_, handler, scans) => {
    const topology = await read({ ioredis: '^5.0.0' }, `const Redis = require('ioredis'); const redis = new Redis('redis://cache:6379');`, handler);
    expect(cachesOf(topology).map((it) => it.scans)).toEqual(scans);
  });
});

describe('caches in the memory of the process ask nobody', () => {
  it.each<[string, Record<string, string>, string, string, object]>([
    [
      'node-cache counts in seconds',
      { 'node-cache': '^5.1.2' },
      `const NodeCache = require('node-cache'); const cache = new NodeCache({ stdTTL: 100, checkperiod: 120 });`,
      aside(`cache.get('all')`, `cache.set('all', it)`),
      { key: 'all', keyVaries: false, ttlMs: { value: 100_000, basis: 'declared' } },
    ],
    [
      'node-cache, a key of its own lifetime',
      { 'node-cache': '^5.1.2' },
      `const NodeCache = require('node-cache'); const cache = new NodeCache();`,
      aside('cache.get(`item:${req.params.id}`)', 'cache.set(`item:${req.params.id}`, it, 10)'),
      { key: 'item:*', keyVaries: true, ttlMs: { value: 10_000 } },
    ],
    [
      'node-cache that keeps for ever',
      { 'node-cache': '^5.1.2' },
      `const NodeCache = require('node-cache'); const cache = new NodeCache({ stdTTL: 0 });`,
      aside(`cache.get('all')`, `cache.set('all', it)`),
      { ttlMs: { state: 'none' } },
    ],
    [
      'a lifetime that nobody sets',
      { 'node-cache': '^5.1.2' },
      `const NodeCache = require('node-cache'); const cache = new NodeCache({ stdTTL: Number(process.env.TTL) });`,
      aside(`cache.get('all')`, `cache.set('all', it)`),
      { ttlMs: { state: 'unknown' } },
    ],
    [
      'lru-cache counts in milliseconds',
      { 'lru-cache': '^11.0.0' },
      `const { LRUCache } = require('lru-cache'); const cache = new LRUCache({ max: 500, ttl: 1000 * 60 * 5 });`,
      aside('cache.get(req.params.id)', 'cache.set(req.params.id, it)'),
      { key: '*', ttlMs: { value: 300_000, basis: 'declared' }, hitRatio: { value: 0.8, basis: 'assumed' } },
    ],
    [
      'lru-cache of old',
      { 'lru-cache': '^6.0.0' },
      `const LRU = require('lru-cache'); const cache = new LRU({ max: 500, maxAge: 60000 });`,
      aside('cache.get(req.params.id)', 'cache.set(req.params.id, it)'),
      { ttlMs: { value: 60_000 } },
    ],
    [
      'lru-cache loads what is missing',
      { 'lru-cache': '^11.0.0' },
      `const { LRUCache } = require('lru-cache'); const cache = new LRUCache({ max: 500, ttl: 5000, fetchMethod: async (key) => load(key) });`,
      `res.json(await cache.fetch(req.params.id));`,
      { label: 'fetch *', ttlMs: { value: 5000 } },
    ],
    [
      'cache-manager 5 in memory',
      { 'cache-manager': '^5.0.0' },
      `const { caching } = require('cache-manager'); let cache; (async () => { cache = await caching('memory', { max: 100, ttl: 10 * 1000 }); })();`,
      'res.json(await cache.wrap(`item:${req.params.id}`, () => load(), 2000));',
      { key: 'item:*', ttlMs: { value: 2000 } },
    ],
    [
      'cache-manager 4 counts in seconds',
      { 'cache-manager': '^4.0.0' },
      `const cacheManager = require('cache-manager'); const cache = cacheManager.caching({ store: 'memory', max: 100, ttl: 10 });`,
      aside(`await cache.get('all')`, `await cache.set('all', it)`),
      { ttlMs: { value: 10_000 } },
    ],
    [
      'cache-manager 7',
      { 'cache-manager': '^7.0.0' },
      `const { createCache } = require('cache-manager'); const cache = createCache({ ttl: 10000 });`,
      aside(`await cache.get('all')`, `await cache.set('all', it)`),
      { ttlMs: { value: 10_000 } },
    ],
    [
      'keyv without a store',
      { keyv: '^5.0.0' },
      `const Keyv = require('keyv'); const cache = new Keyv({ ttl: 3000 });`,
      aside(`await cache.get('all')`, `await cache.set('all', it)`),
      { ttlMs: { value: 3000 } },
    ],
  ])('%s', async (_name, dependencies, before, handler, expected) => {
    const topology = await read(dependencies, before, handler);
    const caches = cachesOf(topology);
    expect(caches[0]).toMatchObject({ target: 'app', serviceMs: { state: 'none' }, onMiss: [{ label: 'SELECT items' }, { kind: 'cache', operation: 'write' }], ...expected });
    expect(callsOf(topology)).toEqual(['app query db']);
    expect(topology.problems).toEqual([]);
  });

  it('what it holds at most is a fact; a cache that grows has none', async () => {
    const facts = async (options: string) =>
      (await read({ 'lru-cache': '^11.0.0' }, `const { LRUCache } = require('lru-cache'); const cache = new LRUCache({ ${options} });`, `res.json(cache.get('x'))`)).facts.filter(
        (it) => it.type === 'cache_size',
      );
    expect(await facts('max: 500')).toMatchObject([{ subject: 'app lru-cache', value: 500, unit: 'entries', basis: 'declared', place: { line: 1 } }]);
    expect(await facts('ttl: 5, ttlAutopurge: true')).toEqual([]);
  });
});

describe('caches on a server', () => {
  it.each<[string, Record<string, string>, string, string, string, object]>([
    [
      'memcached counts in seconds and calls back',
      { memcached: '^2.2.2' },
      `const Memcached = require('memcached'); const cache = new Memcached('cache:11211');`,
      `cache.get('all', async (err, hit) => { if (hit) return res.json(hit); const it = await load(); cache.set('all', it, 60, () => {}); res.json(it); });`,
      'memcached',
      { ttlMs: { value: 60_000, basis: 'declared' } },
    ],
    [
      'memjs',
      { memjs: '^1.3.2' },
      `const memjs = require('memjs'); const cache = memjs.Client.create('cache:11211');`,
      `const { value } = await cache.get('all'); if (value) return res.json(value); const it = await load(); await cache.set('all', it, { expires: 600 }); res.json(it);`,
      'memcached',
      { ttlMs: { value: 600_000 } },
    ],
    [
      'cache-manager over Redis, version 5',
      { 'cache-manager': '^5.0.0', 'cache-manager-redis-yet': '^5.0.0' },
      `const { caching } = require('cache-manager'); const { redisStore } = require('cache-manager-redis-yet'); let cache; (async () => { cache = await caching(await redisStore({ socket: { host: 'cache' }, ttl: 5000 })); })();`,
      `res.json(await cache.wrap('all', load));`,
      'redis',
      { ttlMs: { value: 5000 } },
    ],
    [
      'cache-manager over Redis, version 4',
      { 'cache-manager': '^4.0.0', 'cache-manager-redis-store': '^2.0.0' },
      `const cacheManager = require('cache-manager'); const redisStore = require('cache-manager-redis-store'); const cache = cacheManager.caching({ store: redisStore, host: 'cache', ttl: 600 });`,
      aside(`await cache.get('all')`, `await cache.set('all', it, { ttl: 5 })`),
      'redis',
      { onMiss: [{ label: 'SELECT items' }, { ttlMs: { value: 5000 } }] },
    ],
    [
      'cache-manager over Keyv and Redis',
      { 'cache-manager': '^7.0.0', keyv: '^5.0.0', '@keyv/redis': '^5.0.0' },
      `const { createCache } = require('cache-manager'); const { Keyv } = require('keyv'); const KeyvRedis = require('@keyv/redis').default; const cache = createCache({ stores: [new Keyv({ store: new KeyvRedis('redis://cache:6379') })], ttl: 1000 });`,
      `res.json(await cache.wrap('all', load));`,
      'redis',
      { ttlMs: { value: 1000 } },
    ],
    [
      'keyv with a URL',
      { keyv: '^4.0.0', '@keyv/redis': '^2.0.0' },
      `const Keyv = require('keyv'); const cache = new Keyv('redis://cache:6379', { ttl: 2000 });`,
      aside(`await cache.get('all')`, `await cache.set('all', it)`),
      'redis',
      { ttlMs: { value: 2000 } },
    ],
  ])('%s', async (_name, dependencies, before, handler, engine, expected) => {
    const topology = await read(dependencies, before, handler);
    expect(cachesOf(topology)[0]).toMatchObject({ key: 'all', serviceMs: { state: 'known' }, onMiss: [{ label: 'SELECT items' }, { operation: 'write' }], ...expected });
    expect(callsOf(topology)).toContain('app cache cache');
    expect(topology.components.find((it) => it.kind === 'cache')?.engine).toBe(engine);
  });

  it('a store that cannot be read is named, and nobody is taken for it', async () => {
    const topology = await read(
      { 'cache-manager': '^5.0.0' },
      `const { caching } = require('cache-manager'); const cache = caching(require('./own-store').make());`,
      `res.json(await cache.wrap('all', load));`,
    );
    expect(callsOf(topology)).toEqual(['app query db']);
    expect(stepsOf(topology, 'app GET /it/:id')).toEqual(['SELECT items']);
    expect(topology.endpoints[0]?.unread).toMatch(/cache-manager/);
  });
});

describe('@nestjs/cache-manager', () => {
  const nest = (imports: string, controller: string, dependencies: Record<string, string> = {}, providers = ''): Promise<Topology> =>
    topologyOf({
      'package.json': JSON.stringify({
        name: 'app',
        scripts: { start: 'nest start' },
        dependencies: { '@nestjs/core': '^11.0.0', '@nestjs/cache-manager': '^3.0.0', 'cache-manager': '^6.0.0', ...dependencies },
      }),
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();`,
      'src/app.module.ts': `import { Module, Controller, Get, Post, Inject, UseInterceptors } from '@nestjs/common'; import { APP_INTERCEPTOR } from '@nestjs/core'; import { CacheModule, CacheInterceptor, CacheKey, CacheTTL, CACHE_MANAGER } from '@nestjs/cache-manager'; import KeyvRedis, { createKeyv } from '@keyv/redis'; import { Pool } from 'pg';
        const pool = new Pool({ host: 'db' }); const load = () => pool.query('SELECT 1 FROM items');
        @Controller('it') ${controller}
        @Module({ imports: [${imports}], controllers: [It], providers: [${providers}] }) export class AppModule {}`,
    });

  it('the interceptor answers from the cache, by URL', async () => {
    const topology = await nest(
      'CacheModule.register({ ttl: 5000, max: 10 })',
      `@UseInterceptors(CacheInterceptor) class It { @Get() all() { return load(); } @Post() add() { return load(); } }`,
    );
    expect(cachesOf(topology)).toMatchObject([
      { target: 'app', key: '/it*', keyVaries: true, ttlMs: { value: 5000 }, onMiss: [{ label: 'SELECT items' }, { operation: 'write' }] },
      { operation: 'write' },
    ]);
    expect(stepsOf(topology, 'app POST /it')).toEqual(['SELECT items']);
  });

  it('for all routes, with a key and a lifetime of the route', async () => {
    const topology = await nest(
      `CacheModule.register({ isGlobal: true })`,
      `class It { @CacheKey('all') @CacheTTL(20) @Get() all() { return load(); } }`,
      {},
      `{ provide: APP_INTERCEPTOR, useClass: CacheInterceptor }`,
    );
    expect(cachesOf(topology)[0]).toMatchObject({ key: 'all', keyVaries: false, ttlMs: { value: 20 } });
  });

  it('the injected cache lies on Redis', async () => {
    const topology = await nest(
      `CacheModule.registerAsync({ useFactory: async () => ({ stores: [createKeyv('redis://cache:6379')], ttl: 60000 }) })`,
      `class It { constructor(@Inject(CACHE_MANAGER) private readonly cache) {} @Get() async all() { const hit = await this.cache.get('all'); if (hit) return hit; const it = await load(); await this.cache.set('all', it, 1000); return it; } }`,
    );
    expect(callsOf(topology)).toEqual(['app cache cache', 'app query db']);
    expect(stepsOf(topology, 'app GET /it')).toEqual(['get all', 'get all > SELECT items', 'get all > set all']);
  });

  it('seconds with cache-manager 4', async () => {
    const topology = await nest('CacheModule.register({ ttl: 5 })', `@UseInterceptors(CacheInterceptor) class It { @Get() all() { return load(); } }`, {
      'cache-manager': '^4.1.0',
      '@nestjs/cache-manager': '^1.0.0',
    });
    expect(cachesOf(topology)[0]).toMatchObject({ ttlMs: { value: 5000 } });
  });
});

describe('what is put into memory more than once', () => {
  const counts = `const seen = new Map(); const count = (kind) => { seen.set(kind, 1); };`;
  it.each<[string, string, string[]]>([
    ['under keys that add nothing', `count('a'); const rows = await load(); if (rows) { count('a'); }`, ['put into a Map in memory~', 'SELECT items']],
    ['under keys that requests bring', `count(req.params.id); await load(); count(req.params.id);`, ['put into a Map in memory~', 'SELECT items', 'put into a Map in memory~']],
  ])('%s', async (_name, handler, expected) => {
    expect(stepsOf(await read({}, counts, `${handler} res.json({});`), 'app GET /it/:id')).toEqual(expected);
  });
});
