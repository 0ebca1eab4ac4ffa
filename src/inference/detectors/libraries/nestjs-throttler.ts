import { list, numberOf, propertyOf, type Resource, toldNumber, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { decoratorsNamed, itemsOf } from './nestjs/tokens.ts';

interface Limits extends Record<string, unknown> {
  /** A storage that all processes count in. */
  isShared?: boolean;
  all: { limit: Told | undefined; windowMs: Told | undefined; place: Resource['place'] }[];
}

/** @nestjs/throttler: limits per handler and client, in the memory of the process unless a storage is given. */
export default {
  id: 'nestjs-throttler',
  packages: ['@nestjs/throttler'],
  call(it, run) {
    const limits = run.shared<Limits>('nestjs-throttler', () => ({ all: [] }));
    const keep = (options: Value | undefined): Value => {
      limits.all = throttlers(options).map(({ value, scale }) => said(value, scale, it));
      const storage = propertyOf(options, 'storage');
      limits.isShared = storage !== undefined && storage.t !== 'nothing';
      return UNKNOWN;
    };
    switch (it.name) {
      case 'ThrottlerModule.forRoot':
        keep(it.args[0]);
        return libraryModule({ ...it, args: [] }, run, { isGlobal: true, gives: [] });
      case 'ThrottlerModule.forRootAsync':
        return libraryModule(it, run, {
          isGlobal: true,
          gives: [{ key: 'throttler options', make: (inject) => keep(asyncOptions(it.args[0], 'createThrottlerOptions', inject, run)) }],
        });
      case 'ThrottlerGuard.limits':
        return limitsFor(it, limits, run);
      case 'Throttle':
      case 'SkipThrottle':
        return run.make('Decorator', it.place, { name: it.name, args: it.args });
      case 'seconds':
        return scaled(it.args[0], 1000);
      case 'minutes':
        return scaled(it.args[0], 60_000);
      case 'hours':
        return scaled(it.args[0], 3_600_000);
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

const scaled = (it: Value | undefined, factor: number): Value => {
  const n = numberOf(it);
  return n === undefined ? UNKNOWN : { t: 'number', v: n * factor, ...(it && 'place' in it && it.place && { place: it.place }) };
};

/** Since version 5 a list (or `throttlers`) in milliseconds; before, one object in seconds. */
function throttlers(options: Value | undefined): { value: Value; scale: number }[] {
  const all = options?.t === 'list' ? options : propertyOf(options, 'throttlers');
  if (all) return itemsOf(all).map((value) => ({ value, scale: 1 }));
  return options?.t === 'object' ? [{ value: options, scale: 1000 }] : [];
}

function said(value: Value, scale: number, it: LibraryCall): Limits['all'][number] {
  const ttl = toldNumber(value, 'ttl');
  return {
    limit: toldNumber(value, 'limit') ?? { why: 'no limit is given' },
    windowMs: ttl && 'value' in ttl ? { ...ttl, value: ttl.value * scale } : (ttl ?? { why: 'no time is given' }),
    place: it.place,
  };
}

/** The limits of one handler; `@Throttle` and `@SkipThrottle` of the handler or its class come with the call. */
function limitsFor(it: LibraryCall, { all, isShared }: Limits, run: CodeRun): Value {
  const skip = decoratorsNamed(it.args, 'SkipThrottle').at(-1);
  if (skip && (skip.args[0] === undefined || (skip.args[0].t === 'object' ? [...skip.args[0].props.values()].some((one) => truth(one) === true) : truth(skip.args[0]) !== false)))
    return list([]);
  const own = decoratorsNamed(it.args, 'Throttle').at(-1);
  const named = own?.args[0]?.t === 'object' ? [...own.args[0].props.values()][0] : undefined;
  // `@Throttle(limit, ttl)` of version 4 counts seconds.
  const old = own && numberOf(own.args[0]) !== undefined ? own.args : undefined;
  const told = (value: Value | undefined, factor: number): Told => {
    const n = numberOf(value);
    return n === undefined ? { why: 'the limit is computed' } : { value: n * factor, place: (value && 'place' in value ? value.place : undefined) ?? it.place };
  };
  return list(
    all.map((one) => {
      const limit = old ? told(old[0], 1) : (toldNumber(named, 'limit') ?? one.limit);
      const windowMs = old ? told(old[1], 1000) : (toldNumber(named, 'ttl') ?? one.windowMs);
      return run.make('Limiter', one.place, { limit, windowMs, ...(isShared && { shared: true }) });
    }),
  );
}
