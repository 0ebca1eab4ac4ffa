import { NOTHING } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** Middleware that only sets headers, parses or logs: passed a request by hand, it adds no load that we count. */
export default {
  id: 'middleware',
  packages: [
    ...['helmet', 'compression', 'cors', 'morgan', 'body-parser', 'cookie-parser', 'hpp', 'method-override', 'response-time', 'serve-favicon', 'serve-static'],
    ...['swagger-ui-express', 'pino-http', 'express-pino-logger', 'express-winston', 'express-fileupload', 'connect-flash', 'csurf', 'csrf-csrf', 'lusca', 'errorhandler'],
  ],
  call: () => ({ t: 'native', call: () => NOTHING }),
} satisfies LibraryDetector;
