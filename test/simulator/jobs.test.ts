import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../src/model/network.ts';
import type { Job } from '../../src/model/network-policies.ts';
import { type Run, simulate, validateNetwork } from '../../src/simulator/index.ts';
import { delay, deterministic, exponential, network, serve, station } from '../theory/networks.ts';

/** Jobs of one queue, published at once in this order; each fails its first so many attempts. */
interface Scenario {
  concurrency: number;
  /** How long an attempt takes. */
  workMs: number;
  jobs: Readonly<Record<string, number>>;
  attempts: number;
  backoff?: { type: 'fixed' | 'exponential'; delay: number };
}

/** What each job came to, in the order of their ends. */
interface End {
  job: string;
  atMs: number;
  attempts: number;
  isDeadLetter: boolean;
}

const backoffOf = ({ backoff }: Scenario): Pick<Job, 'backoff'> =>
  backoff === undefined ? {} : { backoff: backoff.type === 'fixed' ? deterministic(backoff.delay) : { kind: 'growing', initialMs: backoff.delay, factor: 2 } };

/** A program per job; a limiter lets as many attempts through to failure as are to fail. */
function modelOf(scenario: Scenario): Network {
  const names = Object.keys(scenario.jobs);
  const failing = (name: string): Instruction => ({ op: 'call', program: `outcome of ${name}` });
  const net = network({
    stations: [station('worker', scenario.concurrency)],
    body: names.map((name): Instruction => ({ op: 'spawn', program: name })),
    programs: [
      ...names.map((name) => ({
        id: name,
        body: [{ op: 'hold', station: 'worker', body: [delay(deterministic(scenario.workMs)), failing(name)] } as const],
        job: { attempts: scenario.attempts, ...backoffOf(scenario) },
      })),
      ...names.flatMap((name) => [
        { id: `outcome of ${name}`, body: [{ op: 'call', program: `failures of ${name}`, fallback: [{ op: 'respond' }] } as const, { op: 'fail', cause: 'failed' } as const] },
        { id: `failures of ${name}`, body: [{ op: 'limit', limiter: name } as const] },
      ]),
    ],
    source: { phases: [], burst: 1 },
  });
  const limiters = names.map((name) => ({ id: name, kind: 'fixedWindow' as const, keys: 1, cause: 'enough failures', limit: scenario.jobs[name] as number, windowMs: 1e9 }));
  return { ...net, limiters };
}

function oursEnd(scenario: Scenario): End[] {
  const net = modelOf(scenario);
  expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
  const until = (ms: number): Run => simulate(net, { seconds: ms / 1000, warmupSeconds: 0, intervals: false });
  const whole = until(10_000);
  expect(whole.checks.flow).toBe(0);
  return whole.programs
    .filter((it) => it.id in scenario.jobs)
    .map((it): End => ({ job: it.id, atMs: it.sojournMs?.mean ?? endOf(it.id, until), attempts: 1 + (it.retries ?? 0), isDeadLetter: it.deadLettered === 1 }));
}

/** When a job has failed for good, to a millisecond: runs that end before it do not count it. */
function endOf(job: string, until: (ms: number) => Run): number {
  let [before, after] = [0, 10_000];
  while (after - before > 1) {
    const middle = (before + after) / 2;
    if (until(middle).programs.find((it) => it.id === job)?.failed) after = middle;
    else before = middle;
  }
  return after;
}

const SCENARIOS: readonly [string, Scenario][] = [
  ['a failed job without a pause goes to the end of the line', { concurrency: 1, workMs: 40, jobs: { a: 1, b: 0, c: 0 }, attempts: 2 }],
  ['attempts count all tries; then it is a dead letter', { concurrency: 1, workMs: 40, jobs: { a: 9, b: 0 }, attempts: 3 }],
  ['one attempt is one attempt', { concurrency: 1, workMs: 40, jobs: { a: 1, b: 0 }, attempts: 1 }],
  [
    'a delayed job comes back behind those that wait',
    { concurrency: 1, workMs: 100, jobs: { a: 1, b: 0, c: 0, d: 0, e: 0, f: 0 }, attempts: 2, backoff: { type: 'fixed', delay: 150 } },
  ],
  ['an exponential pause doubles each time', { concurrency: 1, workMs: 20, jobs: { a: 3 }, attempts: 4, backoff: { type: 'exponential', delay: 100 } }],
  ['a pause leaves the worker to others', { concurrency: 1, workMs: 60, jobs: { a: 2, b: 2 }, attempts: 3, backoff: { type: 'fixed', delay: 200 } }],
  ['a worker runs as many at once as its concurrency says', { concurrency: 3, workMs: 100, jobs: { a: 0, b: 1, c: 0, d: 0, e: 0, f: 0, g: 0 }, attempts: 2 }],
];

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
// CI must have it: there the test fails instead.
const describeWithRedis = hasRedis || process.env.CI ? describe : describe.skip;
if (!hasRedis) console.warn('redis-server is not installed: BullMQ itself is not asked.');

describeWithRedis('jobs end when and how those of BullMQ do', () => {
  let redis: ChildProcess;
  let port = 0;
  const folder = mkdtempSync(join(tmpdir(), 'faultline-redis-'));

  beforeAll(async () => {
    port = await freePort();
    redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      redis.on('error', reject);
      redis.on('exit', () => reject(new Error('redis-server ended')));
      redis.stdout?.on('data', (chunk: Buffer) => chunk.includes('Ready to accept connections') && resolve());
    });
  });
  afterAll(() => {
    redis?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  // A machine that has no time for Redis puts its jobs off: then they are played again. A model that errs does so each time.
  it('in every scenario, all at once', { retry: 3 }, async () => {
    const theirs = await Promise.all(
      SCENARIOS.map(([name, scenario], index) => bullEnds(scenario, `queue-${index}`, { host: '127.0.0.1', port }).then((ends) => ({ name, ends }))),
    );
    SCENARIOS.forEach(([name, scenario], index) => {
      const ours = oursEnd(scenario);
      const real = theirs[index]?.ends ?? [];
      const byJob = (ends: readonly End[]): unknown => ends.map(({ job, attempts, isDeadLetter }) => ({ job, attempts, isDeadLetter })).sort((a, b) => (a.job < b.job ? -1 : 1));
      expect(byJob(real), name).toEqual(byJob(ours));
      // Jobs that end together in the model end in any order in reality.
      for (const first of ours)
        for (const second of ours)
          if (first.atMs < second.atMs - 10)
            expect(
              real.findIndex((it) => it.job === first.job),
              `${name}: ${first.job} before ${second.job}, in ${JSON.stringify(real)}`,
            ).toBeLessThan(real.findIndex((it) => it.job === second.job));
      for (const end of ours) {
        const { atMs } = real.find((it) => it.job === end.job) as End;
        expect(atMs, `${name}: ${end.job}`).toBeGreaterThanOrEqual(end.atMs - 20);
        expect(atMs, `${name}: ${end.job}`).toBeLessThan(end.atMs * 1.3 + 500);
      }
    });
  });
});

async function bullEnds(scenario: Scenario, name: string, connection: { host: string; port: number }): Promise<End[]> {
  const queue = new Queue(name, { connection });
  const attempts = new Map<string, number>();
  const ends: End[] = [];
  let began = 0;
  const names = Object.keys(scenario.jobs);
  await queue.addBulk(names.map((job) => ({ name: job, data: {}, opts: { attempts: scenario.attempts, ...(scenario.backoff && { backoff: scenario.backoff }) } })));
  const worker = new Worker(
    name,
    async (job) => {
      began ||= Date.now();
      const attempt = (attempts.get(job.name) ?? 0) + 1;
      attempts.set(job.name, attempt);
      await new Promise((resolve) => setTimeout(resolve, scenario.workMs));
      if (attempt <= (scenario.jobs[job.name] as number)) throw new Error('failed');
    },
    { connection, concurrency: scenario.concurrency, autorun: false },
  );
  const ended = new Promise<void>((resolve) => {
    const end = (job: string, isDeadLetter: boolean): void => {
      ends.push({ job, atMs: Date.now() - began, attempts: attempts.get(job) as number, isDeadLetter });
      if (ends.length === names.length) resolve();
    };
    worker.on('completed', (job) => end(job.name, false));
    worker.on('failed', (job) => job && job.attemptsMade >= scenario.attempts && end(job.name, true));
  });
  void worker.run();
  await ended;
  // Without waiting for the connection that blocks on an empty queue.
  await worker.close(true);
  await queue.close();
  return ends;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const messages = (job: Job, body: readonly Instruction[], rate: number): Network =>
  network({ stations: [station('worker', 1)], body: [{ op: 'spawn', program: 'message' }], programs: [{ id: 'message', body, job }], rate });
const play = (net: Network, seconds: number, seed = 1): Run => {
  expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
  const run = simulate(net, { seconds, seed });
  expect(run.checks.flow).toBe(0);
  expect(run.checks.utilisation).toBeLessThan(1e-9);
  return run;
};
const message = (run: Run): Run['programs'][number] => run.programs.find((it) => it.id === 'message') as Run['programs'][number];
const coin = (p: number): Instruction => ({ op: 'branch', probability: p, taken: [{ op: 'fail', cause: 'failed' }], otherwise: [] });

describe('messages', () => {
  it('attempts and dead letters are geometric', () => {
    const it = message(play(messages({ attempts: 3, backoff: exponential(5) }, [serve('worker', exponential(0.2)), coin(0.4)], 0.5), 40));
    expect(Math.abs((it.deadLettered ?? 0) / it.started - 0.4 ** 3)).toBeLessThan(0.006);
    expect(Math.abs((it.retries ?? 0) / it.started - (0.4 + 0.4 ** 2))).toBeLessThan(0.02);
    expect(it.failed).toBe(it.deadLettered);
  });

  it('a message that nobody starts in time is dropped: as a wait limit, M/M/1+D', () => {
    const [kept, limited] = [5, undefined].map((retentionMs) =>
      play(
        retentionMs === undefined
          ? network({
              stations: [station('worker', 1)],
              body: [{ op: 'spawn', program: 'message' }],
              programs: [{ id: 'message', body: [serve('worker', exponential(), 5)] }],
              rate: 0.9,
            })
          : messages({ attempts: 1, retentionMs }, [serve('worker')], 0.9),
        40,
      ),
    ) as [Run, Run];
    // The same messages, whatever their end is called.
    expect(message(kept).dropped).toBe(message(limited).failed);
    expect(message(kept).finished).toBe(message(limited).finished);
    expect(kept.stations[0]?.withdrawn).toBe(limited.stations[0]?.expired);
    expect(Math.abs((message(kept).dropped ?? 0) / message(kept).started - 0.107306209039949)).toBeLessThan(0.01);
  });

  it('one that was started is kept, however long its attempts take', () => {
    const run = play(messages({ attempts: 5, retentionMs: 3, backoff: deterministic(10) }, [serve('worker', deterministic(1)), coin(0.5)], 0.01), 100);
    expect(message(run)).toMatchObject({ dropped: 0 });
    expect(message(run).retries).toBeGreaterThan(500);
  });

  it.each([
    [{ attempts: 0 }, 'programs[1].job.attempts: expected a number of at least 1, found 0'],
    [{ attempts: 1, backoff: { kind: 'growing', initialMs: 1 } }, 'programs[1].job.backoff.factor: expected a number of at least 0, found nothing'],
    [{ attempts: 1, lifo: true }, 'programs[1].job.lifo: there is no such field; known are attempts, backoff, retentionMs'],
  ])('that are wrong get one line (%#)', (job, error) => expect(validateNetwork(messages(job as Job, [serve('worker')], 1))).toEqual({ error }));
});
