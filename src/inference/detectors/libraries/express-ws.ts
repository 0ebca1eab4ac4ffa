import { object, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** express-ws gives the app back that it was given, with sockets: https://github.com/HenningM/express-ws. What comes over the sockets is not read. */
export default {
  id: 'express-ws',
  packages: ['express-ws'],
  call(it) {
    const [app] = it.args;
    if (it.receiver || app?.t !== 'resource') return UNKNOWN;
    return object([['app', app]]);
  },
} satisfies LibraryDetector;
