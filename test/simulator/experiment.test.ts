import { describe, expect, it } from 'vitest';
import { replicateOverThreads } from '../../src/simulation-threads.ts';
import { meanOfIndependent, ratioOfBatches, studentT } from '../../src/simulator/experiment/batch-means.ts';
import { draw } from '../../src/simulator/draw.ts';
import { type Progress, replicate, runToPrecision, simulate, simulateAsync } from '../../src/simulator/index.ts';
import { warmUpEnd } from '../../src/simulator/experiment/warm-up.ts';
import { deterministic, exponential, single, topology8 } from '../theory/networks.ts';

describe('statistics of a run', () => {
  it.each([
    [1, 12.706],
    [3, 3.1824],
    [5, 2.5706],
    [10, 2.2281],
    [30, 2.0423],
    [1e6, 1.96],
  ])("Student's t with %d degrees of freedom: %d", (freedom, t) => expect(Math.abs(studentT(freedom) / t - 1)).toBeLessThan(4e-4));

  it('independent values: the textbook interval', () => {
    const it = meanOfIndependent([1, 2, 3, 4, 5]);
    expect(it?.value).toBe(3);
    expect(it?.spread).toBeCloseTo((2.776445 * Math.sqrt(2.5)) / Math.sqrt(5), 5);
  });

  it('batches that go together widen the interval; a run shorter than its memory has none', () => {
    const noise = Array.from({ length: 256 }, (_, index) => draw(1, 'noise', index) - 0.5);
    const follow = (share: number): number[] => {
      let last = 0;
      return noise.map((it) => (last = share * last + it));
    };
    const spread = (values: readonly number[]): number | undefined =>
      ratioOfBatches(
        values.map((it) => it + 10),
        values.map(() => 1),
      )?.spread;
    expect((spread(follow(0.9)) ?? 0) / (spread(follow(0)) ?? 1)).toBeGreaterThan(5);
    expect(spread(follow(0.999))).toBeUndefined();
    expect(spread(noise.slice(0, 10))).toBeUndefined();
  });

  it.each([
    ['a start at zero that fades', (at: number) => 10 * (1 - 0.95 ** at), 60, 140],
    ['nothing but noise', () => 10, 0, 100],
  ])('MSER-5: %s', (_name, level, from, to) => {
    const end = warmUpEnd(Array.from({ length: 400 }, (_, at) => level(at) + draw(3, 'level', at)));
    expect(end).toBeGreaterThanOrEqual(from);
    expect(end).toBeLessThanOrEqual(to);
  });

  it('MSER-5: what only grows has not settled, and a few values say nothing', () => {
    expect(warmUpEnd(Array.from({ length: 400 }, (_, at) => at))).toBeNull();
    expect(warmUpEnd([1, 2, 3])).toBeNull();
  });
});

describe('a run that is watched', () => {
  const model = topology8();
  const options = { seconds: 4, seriesMs: 500 };

  it('is the same run to the bit', async () => {
    const seen: Progress[] = [];
    const watched = await simulateAsync(model, options, { onProgress: (it) => seen.push(it) });
    expect(watched).toEqual(simulate(model, options));
    expect(seen.length).toBeGreaterThan(100);
    expect(seen.every((it, at) => at === 0 || it.share >= (seen[at - 1]?.share ?? 1))).toBe(true);
  });

  it('ends between two slices when it is cancelled', async () => {
    const signal = { aborted: false };
    let slices = 0;
    const run = await simulateAsync(model, options, {
      signal,
      onProgress: () => {
        slices++;
        signal.aborted = slices === 3;
      },
    });
    expect(run).toBeNull();
    expect(slices).toBe(3);
  });
});

describe('a run to a precision', () => {
  it('stops when the mean response is known as well as asked, and says how well', () => {
    const run = runToPrecision(single(0.8, 1), { relativeHalfWidth: 0.05 });
    const [low, high] = run.sources[0]?.latencyMs?.interval95.mean ?? [0, 0];
    expect(run.precision).toMatchObject({ asked: 0.05, isReached: true });
    expect((high - low) / 2 / (run.sources[0]?.latencyMs?.mean ?? 1)).toBeLessThanOrEqual(0.05);
    expect(run.precision?.requests).toBeLessThan(500_000);
  });

  it('waits for the share of errors too', () => {
    const { errorShare, interval95 } = runToPrecision(single(3, 5, exponential(), { room: 0 }), { relativeHalfWidth: 0.03 }).sources[0]!;
    const [low, high] = interval95.errorShare ?? [0, 1];
    expect((high - low) / 2 / errorShare).toBeLessThanOrEqual(0.03);
  });

  it('stops at the most requests all the same', () => {
    const { precision } = runToPrecision(single(0.95, 1), { relativeHalfWidth: 0.001, mostRequests: 30_000 });
    expect(precision).toMatchObject({ isReached: false });
    expect(precision?.requests).toBeGreaterThanOrEqual(30_000);
    expect(precision?.requests).toBeLessThan(33_000);
  });

  it('is not precise by accident where nothing settles', () => expect(runToPrecision(single(1.2, 1), { mostRequests: 100_000 }).precision?.isReached).toBe(false));
});

describe('replications', () => {
  it('counts are sums, the rest are means with an interval, point by point too', () => {
    const run = replicate(single(0.5, 1), { seconds: 1, warmupSeconds: 0, seriesMs: 100 }, 30);
    expect(run.replications).toBe(30);
    expect(run.sources[0]?.offered).toBeGreaterThan(13_000);
    expect(run.sources[0]?.offeredPerSecond).toBeGreaterThan(470);
    expect(run.sources[0]?.offeredPerSecond).toBeLessThan(530);
    const [low, high] = run.series[9]?.interval95?.inFlight ?? [0, 0];
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(1);
    expect(high - low).toBeLessThan(2.5);
  });

  it('equal runs stay equal to the bit', () => {
    const burst = single(0, 8, deterministic(10), {}, undefined, { phases: [], burst: 1000 });
    const options = { seconds: 1, warmupSeconds: 0, drainSeconds: Number.POSITIVE_INFINITY };
    expect(replicate(burst, options, 7).sources[0]?.latencyMs?.mean).toBe(simulate(burst, options).sources[0]?.latencyMs?.mean);
  });

  it('any number of threads gives the same bits; an aborted signal ends them', async () => {
    const worker = new URL('../../src/simulation-worker.ts', import.meta.url);
    const options = { seconds: 0.5, seriesMs: 100 };
    const model = single(0.8, 1, exponential());
    const alone = replicate(model, options, 5);
    expect(await replicateOverThreads(model, options, 5, { worker, threads: 2 })).toEqual(alone);
    expect(await replicateOverThreads(model, options, 5, { worker, threads: 3, onProgress: () => {} })).toEqual(alone);
    const stop = new AbortController();
    expect(await replicateOverThreads(model, { seconds: 3600 }, 2, { worker, signal: stop.signal, ...(setTimeout(() => stop.abort(), 100) && {}) })).toBeNull();
  });
});
