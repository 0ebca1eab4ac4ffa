import { isCallable, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** @nestjs/terminus: health checks, which count no load, but that they are there does. */
export default {
  id: 'nestjs-terminus',
  packages: ['@nestjs/terminus'],
  call(it, run) {
    if (it.receiver) {
      const [checks] = it.args;
      if (it.name === 'check' && checks?.t === 'list') for (const one of checks.items) if (isCallable(one)) run.call(one);
      return { t: 'data' };
    }
    if (it.name.endsWith('.injected')) return run.make('Indicator', it.place);
    if (it.name === 'HealthCheck') {
      run.claim({ kind: 'fact', type: 'health_check', subject: 'terminus', value: true, place: it.place });
      return run.make('Decorator', it.place, { name: it.name, args: it.args });
    }
    return UNKNOWN;
  },
} satisfies LibraryDetector;
