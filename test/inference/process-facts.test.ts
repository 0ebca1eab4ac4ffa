import { describe, expect, it } from 'vitest';
import type { Fact, Topology } from '../../src/model/topology.ts';
import { callsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

const read = (dependencies: Record<string, string>, code: string): Promise<Topology> =>
  topologyOf(
    service(
      { express: '^4.0.0', ...dependencies },
      { 'src/index.js': `const express = require('express'); const app = express(); ${code} app.get('/it', (req, res) => res.json({})); const server = app.listen(3000);` },
    ),
  );
const facts = async (type: RegExp, dependencies: Record<string, string>, code: string): Promise<[string, string, Fact['value']][]> =>
  (await read(dependencies, code)).facts.filter((it) => type.test(it.type)).map((it) => [it.type, it.subject, it.value]);

describe('how a process ends and what it tells', () => {
  it.each<[string, Record<string, string>, string, [string, string, Fact['value']][]]>([
    [
      'signals and lost rejections',
      {},
      `process.on('SIGTERM', () => server.close()); process.on('unhandledRejection', (error) => { throw error; }); process.on('exit', () => {});`,
      [
        ['graceful_shutdown', 'app SIGTERM', true],
        ['unhandled_rejection_handler', 'app unhandledRejection', true],
      ],
    ],
    [
      'close-with-grace',
      { 'close-with-grace': '^2.0.0' },
      `const closeWithGrace = require('close-with-grace'); closeWithGrace({ delay: 500 }, async () => {});`,
      [['graceful_shutdown', 'app close-with-grace', true]],
    ],
    [
      'metrics and the lag of the event loop',
      { 'prom-client': '^15.0.0' },
      `const client = require('prom-client'); client.collectDefaultMetrics(); app.get('/metrics', async (req, res) => res.end(await client.register.metrics()));`,
      [
        ['metrics', 'app prom-client', true],
        ['event_loop_monitor', 'app prom-client', true],
      ],
    ],
    [
      'OpenTelemetry',
      { '@opentelemetry/sdk-node': '^0.50.0' },
      `const { NodeSDK } = require('@opentelemetry/sdk-node'); const sdk = new NodeSDK({}); sdk.start();`,
      [['tracing', 'app @opentelemetry/sdk-node', true]],
    ],
    ['an agent', { 'dd-trace': '^5.0.0' }, `require('dd-trace').init();`, [['tracing', 'app dd-trace', true]]],
    ['nothing', {}, '', []],
  ])('%s', async (_name, dependencies, code, expected) => expect(await facts(/shutdown|rejection|metrics|monitor|tracing/, dependencies, code)).toEqual(expected));
});

describe('tokens', () => {
  const jwt = `const jwt = require('jsonwebtoken');`;
  it.each<[string, Record<string, string>, string, Fact['value'][]]>([
    ['a text', { jsonwebtoken: '^9.0.0' }, `${jwt} app.post('/login', (req, res) => res.json(jwt.sign({ id: 1 }, 's', { expiresIn: '15m' })));`, [900_000]],
    ['seconds', { jsonwebtoken: '^9.0.0' }, `${jwt} app.post('/login', (req, res) => res.json(jwt.sign({ id: 1 }, 's', { expiresIn: 60 * 60 })));`, [3_600_000]],
    ['a token that never ends', { jsonwebtoken: '^9.0.0' }, `${jwt} app.post('/login', (req, res) => res.json(jwt.sign({ id: 1 }, 's')));`, ['none']],
    ['an end in the payload', { jsonwebtoken: '^9.0.0' }, `${jwt} app.post('/login', (req, res) => res.json(jwt.sign({ id: 1, exp: Date.now() }, 's')));`, []],
    ['a payload that is not read', { jsonwebtoken: '^9.0.0' }, `${jwt} app.post('/login', (req, res) => res.json(jwt.sign(req.body, 's')));`, []],
    ['what no file says', { jsonwebtoken: '^9.0.0' }, `${jwt} app.post('/login', (req, res) => res.json(jwt.sign({ id: 1 }, 's', { expiresIn: process.env.TTL })));`, []],
    [
      'jose',
      { jose: '^5.0.0' },
      `const { SignJWT } = require('jose'); app.post('/login', async (req, res) => res.json(await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('2h').sign('k')));`,
      [7_200_000],
    ],
  ])('%s', async (_name, dependencies, code, expected) => expect((await facts(/jwt_ttl/, dependencies, code)).map(([, , value]) => value)).toEqual(expected));

  it("Nest's module", async () => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', '@nestjs/jwt': '^11.0.0' } }),
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { Module, Controller, Post } from '@nestjs/common'; import { JwtModule, JwtService } from '@nestjs/jwt';
        @Controller('login') class Login { constructor(private jwt: JwtService) {} @Post() async login() { return this.jwt.signAsync({ sub: 1 }); } }
        @Module({ imports: [JwtModule.register({ secret: 's', signOptions: { expiresIn: '1d' } })], controllers: [Login] }) class AppModule {}
        async function start() { const app = await NestFactory.create(AppModule); app.enableShutdownHooks(); await app.listen(3000); } start();`,
    });
    expect(topology.facts.filter((it) => /jwt|shutdown/.test(it.type)).map((it) => [it.type, it.value])).toEqual([
      ['jwt_ttl', 86_400_000],
      ['graceful_shutdown', true],
    ]);
    expect(topology.endpoints.find((it) => it.id === 'app POST /login')?.unread).toBeUndefined();
  });
});

describe('sessions', () => {
  it.each<[string, Record<string, string>, string, [string, Fact['value']][], string[], string[]]>([
    [
      'in memory',
      { 'express-session': '^1.18.0' },
      `const session = require('express-session'); app.use(session({ secret: 's', cookie: { maxAge: 60000 } }));`,
      [
        ['session_ttl', 60_000],
        ['session_store', 'memory'],
      ],
      [],
      [],
    ],
    [
      'in Redis, asked by every request',
      { 'express-session': '^1.18.0', 'connect-redis': '^8.0.0', redis: '^4.0.0' },
      `const session = require('express-session'); const { RedisStore } = require('connect-redis'); const { createClient } = require('redis'); const client = createClient({ url: 'redis://cache' }); app.use(session({ store: new RedisStore({ client }), secret: 's' }));`,
      [['session_store', 'connect-redis']],
      ['get sess:*', 'touch sess:*'],
      ['app cache cache'],
    ],
    [
      'in PostgreSQL',
      { 'express-session': '^1.18.0', 'connect-pg-simple': '^10.0.0', pg: '^8.0.0' },
      `const session = require('express-session'); const PgStore = require('connect-pg-simple')(session); const { Pool } = require('pg'); app.use(session({ store: new PgStore({ pool: new Pool({ host: 'db' }) }), secret: 's' }));`,
      [['session_store', 'connect-pg-simple']],
      ['session.get', 'session.touch'],
      ['app query db'],
    ],
    [
      'in a store that is not read',
      { 'express-session': '^1.18.0' },
      `const session = require('express-session'); app.use(session({ store: require('./own').store, secret: 's' }));`,
      [],
      [],
      [],
    ],
    [
      'in the cookie',
      { 'cookie-session': '^2.0.0' },
      `app.use(require('cookie-session')({ keys: ['a'], maxAge: 1000 }));`,
      [
        ['session_ttl', 1000],
        ['session_store', 'cookie'],
      ],
      [],
      [],
    ],
  ])('%s', async (_name, dependencies, code, expected, steps, calls) => {
    const topology = await read(dependencies, code);
    expect(topology.facts.filter((it) => it.type.startsWith('session')).map((it) => [it.type, it.value])).toEqual(expected);
    expect(stepsOf(topology, 'app GET /it')).toEqual(steps);
    expect(callsOf(topology)).toEqual(calls);
  });
});

describe('limiters count together where a store does', () => {
  it.each<[string, Record<string, string>, string, object]>([
    [
      'each process for itself',
      { 'express-rate-limit': '^7.0.0' },
      `const { rateLimit } = require('express-rate-limit'); app.use(rateLimit({ limit: 10 }));`,
      { limit: { value: 10 } },
    ],
    [
      'a store',
      { 'express-rate-limit': '^7.0.0', 'rate-limit-redis': '^4.0.0' },
      `const { rateLimit } = require('express-rate-limit'); const { RedisStore } = require('rate-limit-redis'); app.use(rateLimit({ limit: 10, store: new RedisStore({}) }));`,
      { limit: { value: 10 }, shared: true },
    ],
  ])('%s', async (_name, dependencies, code, expected) => {
    const topology = await read(dependencies, code);
    expect(topology.rateLimiters).toMatchObject([expected]);
    expect('shared' in (topology.rateLimiters[0] ?? {})).toBe('shared' in expected);
  });

  it('rate-limiter-flexible asks Redis on every use', async () => {
    const topology = await read(
      { 'rate-limiter-flexible': '^5.0.0', ioredis: '^5.0.0' },
      `const { RateLimiterRedis } = require('rate-limiter-flexible'); const Redis = require('ioredis'); const limiter = new RateLimiterRedis({ storeClient: new Redis({ host: 'cache' }), points: 5, duration: 2 }); app.use(async (req, res, next) => { try { await limiter.consume(req.ip); next(); } catch { res.status(429).end(); } });`,
    );
    expect(stepsOf(topology, 'app GET /it')).toEqual(['consume *']);
    expect(topology.facts.filter((it) => it.type === 'rate_limiter')).toMatchObject([{ subject: 'app RateLimiterRedis', value: 5, unit: 'requests per 2 s' }]);
  });
});
