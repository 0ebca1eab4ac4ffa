import { describe, expect, it } from 'vitest';
import type { Step, Topology } from '../../src/model/topology.ts';
import { walkSteps } from '../../src/model/topology.ts';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

const read = (dependencies: Record<string, string>, before: string, handler: string, route = 'get'): Promise<Topology> =>
  topologyOf(
    service(
      { express: '^4.0.0', ...dependencies },
      {
        'src/index.js': `const express = require('express'); const app = express(); ${before} app.${route}('/it', async (req, res) => { ${handler}; res.json({}); }); app.listen(3000);`,
      },
    ),
  );
function requestOf(topology: Topology): Step | undefined {
  const found: Step[] = [];
  for (const it of topology.endpoints) walkSteps(it.steps, (step) => void (step.kind === 'request' && found.push(step)));
  return found[0];
}
const url = `'https://api.prices.example/now'`;

describe('how long clients wait and how often they try', () => {
  it.each<[string, Record<string, string>, string, string, object]>([
    [
      'got repeats what may be sent twice',
      { got: '^14.0.0' },
      '',
      `const got = require('got'); await got(${url})`,
      { timeoutMs: { state: 'none' }, retries: { value: 2 }, pause: { kind: 'exponential', delayMs: { value: 1000 } } },
    ],
    ['got sends a POST once', { got: '^14.0.0' }, '', `const got = require('got'); await got.post(${url})`, { retries: { value: 0, basis: 'libraryDefault' } }],
    [
      'got with a limit and a number of tries',
      { got: '^14.0.0' },
      '',
      `const got = require('got'); await got(${url}, { timeout: { request: 900 }, retry: { limit: 4 } })`,
      { timeoutMs: { value: 900, basis: 'declared' }, retries: { value: 4, basis: 'declared' } },
    ],
    [
      'got of old',
      { got: '^11.0.0' },
      '',
      `const got = require('got'); await got(${url}, { timeout: 900, retry: 0 })`,
      { timeoutMs: { value: 900 }, retries: { value: 0, basis: 'declared' } },
    ],
    [
      'an instance of got that extends another',
      { got: '^14.0.0' },
      `const got = require('got'); const base = got.extend({ prefixUrl: 'https://api.prices.example', retry: { limit: 1 } }); const api = base.extend({ timeout: { request: 700 } });`,
      `await api.get('now')`,
      { target: 'prices', timeoutMs: { value: 700 }, retries: { value: 1 } },
    ],
    ['ky', { ky: '^1.0.0' }, '', `const ky = require('ky'); await ky.get(${url})`, { timeoutMs: { value: 10_000, basis: 'libraryDefault' }, retries: { value: 2 } }],
    [
      'ky without a limit',
      { ky: '^1.0.0' },
      '',
      `const ky = require('ky'); await ky.get(${url}, { timeout: false, retry: 0 })`,
      { timeoutMs: { state: 'none' }, retries: { value: 0 } },
    ],
    [
      'axios for all calls',
      { axios: '^1.0.0' },
      `const axios = require('axios'); axios.defaults.timeout = 2500;`,
      `await axios.get(${url})`,
      { timeoutMs: { value: 2500, basis: 'declared' } },
    ],
    [
      'axios for all calls of an instance',
      { axios: '^1.0.0' },
      `const axios = require('axios'); const api = axios.create(); api.defaults.timeout = 2500;`,
      `await api.get(${url})`,
      { timeoutMs: { value: 2500, basis: 'declared' } },
    ],
    ['axios with 0', { axios: '^1.0.0' }, `const axios = require('axios');`, `await axios.get(${url}, { timeout: 0 })`, { timeoutMs: { state: 'none' } }],
    [
      'axios-retry on axios itself',
      { axios: '^1.0.0', 'axios-retry': '^4.0.0' },
      `const axios = require('axios'); const axiosRetry = require('axios-retry').default; axiosRetry(axios, { retryDelay: axiosRetry.exponentialDelay });`,
      `await axios.get(${url})`,
      { retries: { value: 3, basis: 'libraryDefault' }, pause: { kind: 'exponential', delayMs: { value: 200 } } },
    ],
    [
      'axios-retry on an instance, at once',
      { axios: '^1.0.0', 'axios-retry': '^4.0.0' },
      `const axios = require('axios'); const axiosRetry = require('axios-retry').default; const api = axios.create({}); axiosRetry(api, { retries: 5 });`,
      `await api.get(${url})`,
      { retries: { value: 5, basis: 'declared' } },
    ],
    [
      'axios-retry and what may not be sent twice',
      { axios: '^1.0.0', 'axios-retry': '^4.0.0' },
      `const axios = require('axios'); const axiosRetry = require('axios-retry').default; axiosRetry(axios);`,
      `await axios.post(${url}, {})`,
      { retries: { state: 'unknown' } },
    ],
    [
      "undici's agent for all",
      { undici: '^6.0.0' },
      `const { Agent, setGlobalDispatcher } = require('undici'); setGlobalDispatcher(new Agent({ connections: 50, headersTimeout: 4000 }));`,
      `await fetch(${url})`,
      { timeoutMs: { value: 4000, basis: 'declared' } },
    ],
    ["undici's own request", { undici: '^6.0.0' }, `const { request } = require('undici');`, `await request(${url}, { headersTimeout: 800 })`, { timeoutMs: { value: 800 } }],
    ['a dispatcher from elsewhere', { undici: '^6.0.0' }, '', `await fetch(${url}, { dispatcher: req.app.agent })`, { timeoutMs: { state: 'unknown' } }],
    [
      'p-retry',
      { 'p-retry': '^6.0.0' },
      `const pRetry = require('p-retry');`,
      `await pRetry(() => fetch(${url}), { retries: 5 })`,
      { retries: { value: 5, basis: 'declared' }, pause: { kind: 'exponential', delayMs: { value: 1000 } } },
    ],
    [
      'async-retry by itself',
      { 'async-retry': '^1.0.0' },
      `const retry = require('async-retry');`,
      `await retry(async (bail) => { await fetch(${url}); })`,
      { retries: { value: 10, basis: 'libraryDefault' } },
    ],
    [
      'async-retry around axios-retry: tries multiply',
      { 'async-retry': '^1.0.0', axios: '^1.0.0', 'axios-retry': '^4.0.0' },
      `const retry = require('async-retry'); const axios = require('axios'); require('axios-retry').default(axios, { retries: 1 });`,
      `await retry(async () => axios.get(${url}), { retries: 2 })`,
      { retries: { value: 5, basis: 'declared' } },
    ],
    [
      'stripe 17',
      { stripe: '^17.0.0' },
      `const Stripe = require('stripe'); const stripe = new Stripe('k');`,
      `await stripe.charges.create({})`,
      { target: 'stripe', timeoutMs: { value: 80_000 }, retries: { value: 2 } },
    ],
    ['stripe 12', { stripe: '^12.0.0' }, `const Stripe = require('stripe'); const stripe = new Stripe('k');`, `await stripe.charges.create({})`, { retries: { value: 0 } }],
    [
      'stripe as told',
      { stripe: '^17.0.0' },
      `const Stripe = require('stripe'); const stripe = new Stripe('k', { maxNetworkRetries: 1, timeout: 20000 });`,
      `await stripe.charges.create({ amount: 1 })`,
      { timeoutMs: { value: 20_000, basis: 'declared' }, retries: { value: 1, basis: 'declared' } },
    ],
    [
      'openai as told',
      { openai: '^5.0.0' },
      `const OpenAI = require('openai'); const openai = new OpenAI({ timeout: 20 * 1000, maxRetries: 0 });`,
      `await openai.chat.completions.create({ model: 'm' })`,
      { timeoutMs: { value: 20_000 }, retries: { value: 0, basis: 'declared' } },
    ],
    [
      'openai, one call',
      { openai: '^5.0.0' },
      `const OpenAI = require('openai'); const openai = new OpenAI();`,
      `await openai.chat.completions.create({ model: 'm' }, { timeout: 5000 })`,
      { timeoutMs: { value: 5000 }, retries: { value: 2, basis: 'libraryDefault' } },
    ],
  ])('%s', async (_name, dependencies, before, handler, expected) => {
    const topology = await read(dependencies, before, handler);
    expect(requestOf(topology)).toMatchObject(expected);
  });

  it('without a pause of its own there is none', async () => {
    const topology = await read({ axios: '^1.0.0', 'axios-retry': '^4.0.0' }, `const axios = require('axios'); require('axios-retry').default(axios);`, `await axios.get(${url})`);
    expect(requestOf(topology)).not.toHaveProperty('pause');
  });
});

describe('cockatiel', () => {
  const cockatiel = `const { retry, handleAll, timeout, circuitBreaker, bulkhead, wrap, ExponentialBackoff, ConsecutiveBreaker, SamplingBreaker, TimeoutStrategy } = require('cockatiel');`;
  it.each<[string, string, object]>([
    [
      'retries',
      `const policy = retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() });`,
      { retries: { value: 3, basis: 'declared' }, pause: { kind: 'exponential', delayMs: { value: 128 } } },
    ],
    ['retries for ever', `const policy = retry(handleAll, {});`, { retries: { state: 'unknown' } }],
    ['a timeout', `const policy = timeout(1500, TimeoutStrategy.Aggressive);`, { timeoutMs: { value: 1500, basis: 'declared' } }],
    [
      'a breaker by share',
      `const policy = circuitBreaker(handleAll, { halfOpenAfter: 10000, breaker: new SamplingBreaker({ threshold: 0.2, duration: 30000, minimumRps: 2 }) });`,
      {
        breaker: { errorThresholdPercentage: { value: 20 }, rollingWindowMs: { value: 30_000 }, resetTimeoutMs: { value: 10_000 }, volumeThreshold: { value: 60 } },
        timeoutMs: { value: 300_000 },
      },
    ],
    [
      'all of them',
      `const policy = wrap(retry(handleAll, { maxAttempts: 2 }), circuitBreaker(handleAll, { halfOpenAfter: 1000, breaker: new SamplingBreaker({ threshold: 0.5, duration: 10000 }) }), timeout(700, TimeoutStrategy.Cooperative));`,
      { retries: { value: 2 }, timeoutMs: { value: 700 }, breaker: { errorThresholdPercentage: { value: 50 }, volumeThreshold: { value: 100 } } },
    ],
  ])('%s', async (_name, policy, expected) => {
    const topology = await read({ cockatiel: '^3.0.0' }, `${cockatiel} ${policy}`, `const it = await policy.execute(() => fetch(${url}))`);
    expect(requestOf(topology)).toMatchObject(expected);
  });

  it('a breaker that counts failures in a row is not taken for another', async () => {
    const topology = await read(
      { cockatiel: '^3.0.0' },
      `${cockatiel} const policy = circuitBreaker(handleAll, { halfOpenAfter: 1000, breaker: new ConsecutiveBreaker(5) });`,
      `await policy.execute(() => fetch(${url}))`,
    );
    expect(requestOf(topology)).toMatchObject({ target: 'prices' });
    expect(requestOf(topology)).not.toHaveProperty('breaker');
  });
});

describe('so many at a time', () => {
  const pool = `const { Pool } = require('pg'); const pool = new Pool({ host: 'db' }); const load = (id) => pool.query('SELECT 1 FROM items');`;
  it.each<[string, Record<string, string>, string, string, string[], object[]]>([
    [
      'p-limit',
      { 'p-limit': '^6.0.0' },
      `const pLimit = require('p-limit'); const limit = pLimit(5);`,
      `await Promise.all(req.body.ids.map((id) => limit(() => load(id))))`,
      ['each at once', 'each at once > SELECT items'],
      [{ subject: 'app p-limit', value: 5 }],
    ],
    [
      'p-queue',
      { 'p-queue': '^8.0.0' },
      `const PQueue = require('p-queue').default; const queue = new PQueue({ concurrency: 2 });`,
      `await queue.add(() => load(1))`,
      ['SELECT items'],
      [{ subject: 'app p-queue', value: 2 }],
    ],
    [
      'Bottleneck',
      { bottleneck: '^2.0.0' },
      `const Bottleneck = require('bottleneck'); const limiter = new Bottleneck({ maxConcurrent: 3, minTime: 100 }); const wrapped = limiter.wrap(load);`,
      `await limiter.schedule(() => load(1)); await wrapped(2)`,
      ['SELECT items', 'SELECT items'],
      [{ subject: 'app bottleneck', value: 3 }],
    ],
    [
      'p-map',
      { 'p-map': '^7.0.0' },
      `const pMap = require('p-map');`,
      `await pMap(req.body.ids, load, { concurrency: 4 })`,
      ['each at once', 'each at once > SELECT items'],
      [{ subject: 'app p-map', value: 4 }],
    ],
    [
      'p-queue without a limit',
      { 'p-queue': '^8.0.0' },
      `const PQueue = require('p-queue').default; const queue = new PQueue();`,
      `await queue.add(() => load(1))`,
      ['SELECT items'],
      [],
    ],
  ])('%s', async (_name, dependencies, before, handler, steps, facts) => {
    const topology = await read({ pg: '^8.0.0', ...dependencies }, `${pool} ${before}`, handler);
    expect(stepsOf(topology, 'app GET /it')).toEqual(steps);
    expect(topology.facts.filter((it) => it.type === 'bulkhead')).toMatchObject(facts);
  });
});
