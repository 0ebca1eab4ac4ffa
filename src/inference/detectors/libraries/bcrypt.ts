import { DATA, isCallable, NOTHING, numberOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** Password hashing: bcrypt and argon2 work in the thread pool, bcryptjs on the event loop, whether it is awaited or not. */
export default {
  id: 'bcrypt',
  packages: ['bcrypt', 'bcryptjs', 'argon2', '@node-rs/bcrypt', '@node-rs/argon2'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    const sync = name.endsWith('Sync');
    // A salt says at which cost it is to be used.
    if (/^genSalt(Sync)?$/.test(name)) return salted(it, run);
    if (!/^(hash|compare|verify)(Sync)?$/.test(name)) return UNKNOWN;
    const isArgon = it.package.endsWith('argon2');
    const cost = name.startsWith('hash') && !isArgon ? it.args[1] : undefined;
    const value = numberOf(cost);
    run.record({
      kind: 'compute',
      label: isArgon ? 'argon2' : 'bcrypt',
      work: 'passwordHash',
      ...(value !== undefined && cost && { cost: { value, place: ('place' in cost ? cost.place : undefined) ?? it.place } }),
      where: it.package === 'bcryptjs' || sync ? 'eventLoop' : 'threadPool',
      call: { library: it.package, name, isInAsync: run.isInAsync() },
      place: it.place,
    });
    const callback = it.args.find(isCallable);
    if (callback) run.call(callback, [NOTHING, UNKNOWN]);
    return { t: 'data' };
  },
} satisfies LibraryDetector;

function salted(it: LibraryCall, run: CodeRun): Value {
  const [rounds] = it.args;
  const salt = rounds && numberOf(rounds) !== undefined ? rounds : DATA;
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, salt]);
  return salt;
}
