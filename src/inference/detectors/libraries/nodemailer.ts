import { isCallable, NOTHING, saidNumber, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';

/** nodemailer: transports and the mails that are sent inside a request. */
export default {
  id: 'nodemailer',
  packages: ['nodemailer'],
  call(it, run) {
    if (it.receiver) {
      if (it.name === 'sendMail') {
        run.record({ kind: 'mail', client: it.receiver, awaited: true, place: it.place });
        const callback = it.args.find(isCallable);
        if (callback) run.call(callback, [NOTHING, UNKNOWN]);
        return { t: 'data' };
      }
      // verify() asks once at start.
      return UNKNOWN;
    }
    if (it.name.split('.').at(-1) !== 'createTransport') return UNKNOWN;
    const [options] = it.args;
    const client = run.make('Transport', it.place, {
      engine: 'smtp',
      library: 'nodemailer',
      multiplexed: true,
      address: addressIn(options),
      timeoutMs: saidNumber(options, 'socketTimeout') ?? saidNumber(options, 'connectionTimeout'),
    });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;
