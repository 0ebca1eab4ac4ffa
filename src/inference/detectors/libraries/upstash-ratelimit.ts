import { propertyOf, type Resource, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { cacheCommand } from './cache-steps.ts';
import { durationMs } from './durations.ts';

const ALGORITHMS: Readonly<Record<string, string>> = {
  slidingWindow: 'slidingWindow',
  fixedWindow: 'fixedWindow',
  cachedFixedWindow: 'fixedWindow',
  tokenBucket: 'tokenBucket',
};

/** @upstash/ratelimit: requests are counted by a script in Redis; a handler asks, and refuses by itself. https://upstash.com/docs/redis/sdks/ratelimit-ts */
export default {
  id: 'upstash-ratelimit',
  packages: ['@upstash/ratelimit'],
  call(it, run) {
    if (it.receiver) return onLimiter(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    const algorithm = ALGORITHMS[name];
    if (algorithm) return run.make('Algorithm', it.place, { algorithm, ...numbersOf(it, algorithm) });
    if (!it.isNew) return UNKNOWN;
    const [options] = it.args;
    const redis = propertyOf(options, 'redis');
    const limiter = propertyOf(options, 'limiter');
    const data = limiter?.t === 'resource' ? limiter.data : {};
    claimLimit(data.limit as Told | undefined, data.windowMs as Told | undefined, run);
    return run.make('Limiter', it.place, {
      ...data,
      client: redis?.t === 'resource' ? ((redis.data.client as Resource | undefined) ?? redis) : undefined,
      library: '@upstash/ratelimit',
      prefix: propertyOf(options, 'prefix'),
      shared: true,
    });
  },
} satisfies LibraryDetector;

/** `slidingWindow(10, '10 s')`; `tokenBucket(5, '10 s', 20)`: 5 more every 10 s, and 20 at most. */
function numbersOf(it: LibraryCall, algorithm: string): Record<string, Told | undefined> {
  const [limit, time, most] = it.args;
  const window = durationMs(time, 1);
  return {
    limit: toldValue(limit, it.place),
    windowMs: window === undefined ? { why: 'its window cannot be read' } : { value: window, place: it.place },
    ...(algorithm === 'tokenBucket' && { burst: toldValue(most, it.place) }),
  };
}

function claimLimit(limit: Told | undefined, windowMs: Told | undefined, run: CodeRun): void {
  if (limit && 'value' in limit && windowMs && 'value' in windowMs)
    run.claim({ kind: 'fact', type: 'rate_limiter', subject: '@upstash/ratelimit', value: limit.value, unit: `requests per ${windowMs.value / 1000} s`, place: limit.place });
}

const PREFIX: Value = { t: 'text', parts: ['@upstash/ratelimit'] };

function onLimiter(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const client = of.data.client as Resource | undefined;
  if (of.type !== 'Limiter' || !/^(limit|blockUntilReady|getRemaining|resetUsedTokens)$/.test(it.name)) return UNKNOWN;
  const [identifier] = it.args;
  const key: Value = { t: 'text', parts: [(of.data.prefix as Value | undefined) ?? PREFIX, ':', identifier ?? UNKNOWN] };
  if (client) cacheCommand(it, client, it.name === 'getRemaining' ? 'read' : 'write', key, undefined, run);
  // Where only some requests are counted, no limit holds for all of them.
  if (it.name === 'limit' && run.conditions() === 0) run.claim({ kind: 'limited', limiter: { ...of, data: { ...of.data, global: isWritten(identifier, it) } }, place: it.place });
  return { t: 'data' };
}

/** One word for all stands in the call. A constant that comes from elsewhere may stand in for an address that is not known here. */
function isWritten(identifier: Value | undefined, { place: call }: LibraryCall): boolean {
  if (identifier?.t !== 'text' || !identifier.parts.every((part) => typeof part === 'string')) return false;
  const { place } = identifier;
  return place?.file === call.file && (place.line > call.line || (place.line === call.line && (place.column ?? 0) >= (call.column ?? 0)));
}
