import { propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { token } from './nestjs/tokens.ts';

/** nestjs-kysely: databases by name, one of them without. */
export default {
  id: 'nestjs-kysely',
  packages: ['nestjs-kysely'],
  call(it, run) {
    const [first] = it.args;
    const database = (read: (inject: (token: Value) => Value) => Value): Value =>
      libraryModule(it, run, { isGlobal: true, gives: [{ key: `kysely ${nameOf(first)}`, make: (inject) => run.use('kysely', 'Kysely', [read(inject)], it.place, true) }] });
    switch (it.name) {
      case 'KyselyModule.forRoot':
        return database(() => first ?? UNKNOWN);
      case 'KyselyModule.forRootAsync':
        return database((inject) => asyncOptions(first, 'createKyselyOptions', inject, run));
      case 'InjectKysely':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, `kysely ${textOf(first) ?? ''}`)] });
      case 'getKyselyInstanceToken':
        return token(run, it.place, `kysely ${textOf(first) ?? ''}`);
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

const nameOf = (options: Value | undefined): string => textOf(propertyOf(options, 'namespace')) ?? '';
