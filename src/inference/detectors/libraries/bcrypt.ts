import { isCallable, NOTHING, numberOf, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** Password hashing: bcrypt and argon2 work in the thread pool, bcryptjs on the event loop. */
export default {
  id: 'bcrypt',
  packages: ['bcrypt', 'bcryptjs', 'argon2'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    const sync = name.endsWith('Sync');
    if (!/^(hash|compare|verify)(Sync)?$/.test(name)) return UNKNOWN;
    const cost = name.startsWith('hash') ? it.args[1] : undefined;
    const value = numberOf(cost);
    run.record({
      kind: 'compute',
      label: it.package === 'argon2' ? 'argon2' : 'bcrypt',
      work: 'passwordHash',
      ...(value !== undefined && cost && { cost: { value, place: ('place' in cost ? cost.place : undefined) ?? it.place } }),
      where: it.package === 'bcryptjs' || sync ? 'eventLoop' : 'threadPool',
      place: it.place,
    });
    const callback = it.args.find(isCallable);
    if (callback) run.call(callback, [NOTHING, UNKNOWN]);
    return { t: 'data' };
  },
} satisfies LibraryDetector;
