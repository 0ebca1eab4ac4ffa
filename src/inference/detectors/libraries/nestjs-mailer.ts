import { NOTHING, propertyOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';

/** @nestjs-modules/mailer: a nodemailer transport behind a service. */
export default {
  id: 'nestjs-mailer',
  packages: ['@nestjs-modules/mailer', '@nest-modules/mailer'],
  call(it, run) {
    const key = `${it.package} MailerService`;
    const service = (options: Value): Value => transportOf(options, it.place, run);
    if (it.name === 'MailerModule.forRoot') return libraryModule(it, run, { isGlobal: true, gives: [{ key, make: () => service(it.args[0] ?? NOTHING) }] });
    if (it.name === 'MailerModule.forRootAsync')
      return libraryModule(it, run, { isGlobal: true, gives: [{ key, make: (inject) => service(asyncOptions(it.args[0], 'createMailerOptions', inject, run)) }] });
    return UNKNOWN;
  },
} satisfies LibraryDetector;

/** The service answers to `sendMail` as its transport does; of several transports the first sends. */
function transportOf(options: Value, place: Parameters<CodeRun['make']>[1], run: CodeRun): Value {
  const several = propertyOf(options, 'transports');
  const first = several?.t === 'object' ? [...several.props.values()][0] : undefined;
  return run.use('nodemailer', 'createTransport', [propertyOf(options, 'transport') ?? first ?? UNKNOWN], place);
}
