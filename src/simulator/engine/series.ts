import type { SeriesPoint } from '../../model/outcome.ts';
import type { Engine } from './engine.ts';
import { histogram, quantileOf, record, reset } from './histogram.ts';

/** Runs an engine point by point of a time series. */
export interface SeriesRecorder {
  readonly points: SeriesPoint[];
  runTo(untilMs: number): void;
}

/** Notes what happens in each stretch of `widthMs`; the first one begins at time 0, warm-up or not. */
export function seriesOf(engine: Engine, stations: number, widthMs: number): SeriesRecorder {
  const points: SeriesPoint[] = [];
  const latencies = histogram();
  let good = 0;
  let bad = 0;
  let offered = 0;
  let nextMs = widthMs;
  engine.onAnswer = (_source, latencyMs, isGood) => {
    if (isGood) good++;
    else bad++;
    record(latencies, latencyMs);
  };
  const close = (atMs: number): void => {
    const perSecond = 1000 / widthMs;
    const came = engine.allOffered - offered;
    offered = engine.allOffered;
    points.push({
      atMs,
      offeredPerSecond: came * perSecond,
      goodputPerSecond: good * perSecond,
      errorsPerSecond: bad * perSecond,
      inFlight: engine.inFlight.reduce((sum, it) => sum + it, 0),
      p95Ms: latencies.total > 0 ? quantileOf(latencies, 0.95) : null,
      queues: Array.from({ length: stations }, (_, s) => engine.queued[s] as number),
    });
    good = bad = 0;
    reset(latencies);
  };
  return {
    points,
    runTo(untilMs) {
      while (nextMs <= untilMs) {
        engine.run(nextMs);
        close(nextMs);
        nextMs += widthMs;
      }
      if (engine.now < untilMs) engine.run(untilMs);
    },
  };
}
