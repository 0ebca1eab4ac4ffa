import { propertyOf, type Resource, toldNumber, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector, Told } from '../../detector.ts';
import type { Mounted } from './express.ts';
import { durationMs } from './durations.ts';

/** @fastify/rate-limit: one limit for all routes that are added behind it, or by `config.rateLimit` of a route. */
export default {
  id: 'fastify-rate-limit',
  packages: ['@fastify/rate-limit', 'fastify-rate-limit'],
  call(it, run) {
    if (it.receiver) return UNKNOWN;
    const [app, options] = it.args;
    if (app?.t !== 'resource') return UNKNOWN;
    if (it.name === 'limits') {
      const shared = settingsOf(app);
      return shared ? limiter(options, shared, it.place, run) : UNKNOWN;
    }
    if (it.name !== 'registered') return UNKNOWN;
    app.data.rateLimit = options ?? UNKNOWN;
    const isGlobal = truth(propertyOf(options, 'global') ?? { t: 'boolean', v: true }) !== false;
    const made = limiter(options, undefined, it.place, run);
    if (isGlobal) (app.data.mounted as Mounted[]).push({ path: '', method: null, handlers: [made], place: it.place });
    // `preHandler: app.rateLimit({ max: 5 })`
    app.data['set rateLimit'] = { t: 'native', call: ([own], place) => limiter(own, options, place, run) } satisfies Value;
    return UNKNOWN;
  },
} satisfies LibraryDetector;

/** What the plugin was registered with, on this app or on one around it. */
function settingsOf(app: Resource): Value | undefined {
  for (let at: Resource | undefined = app; at; at = at.data.parent as Resource | undefined) if (at.data.rateLimit) return at.data.rateLimit as Value;
  return undefined;
}

function limiter(options: Value | undefined, around: Value | undefined, place: Resource['place'], run: CodeRun): Resource {
  const either = <T>(read: (of: Value | undefined) => T | undefined): T | undefined => read(options) ?? read(around);
  const redis = either((of) => propertyOf(of, 'redis') ?? propertyOf(of, 'store'));
  return run.make('Limiter', place, {
    library: '@fastify/rate-limit',
    limit: either((of) => toldNumber(of, 'max')),
    windowMs: either((of) => windowOf(of, place)),
    shared: redis !== undefined && redis.t !== 'nothing',
  });
}

/** A number of milliseconds, or a time as people write it. */
function windowOf(of: Value | undefined, place: Resource['place']): Told | undefined {
  const it = propertyOf(of, 'timeWindow');
  const value = it?.t === 'text' ? durationMs(it, 1) : undefined;
  return value === undefined ? toldNumber(of, 'timeWindow') : { value, place: (it && 'place' in it ? it.place : undefined) ?? place };
}
