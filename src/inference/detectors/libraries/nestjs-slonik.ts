import { object, propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { token } from './nestjs/tokens.ts';

/** nestjs-slonik: pools by name, one of them without (npmjs.com/package/nestjs-slonik). */
export default {
  id: 'nestjs-slonik',
  packages: ['nestjs-slonik', '@bumjs/nestjs-slonik', 'nestjslonik'],
  call(it, run) {
    const [first] = it.args;
    const pool = (read: (inject: (token: Value) => Value) => Value): Value =>
      libraryModule(it, run, {
        isGlobal: true,
        gives: [
          {
            key: `slonik ${nameOf(propertyOf(first, 'name'))}`,
            make: (inject) => {
              const options = read(inject);
              const settings = propertyOf(options, 'clientConfiguration') ?? propertyOf(options, 'clientConfigurationInput') ?? object();
              return run.use('slonik', 'createPool', [propertyOf(options, 'connectionUri') ?? UNKNOWN, settings], it.place);
            },
          },
        ],
      });
    switch (it.name) {
      case 'SlonikModule.forRoot':
        return pool(() => first ?? UNKNOWN);
      case 'SlonikModule.forRootAsync':
        return pool((inject) => asyncOptions(first, 'createSlonikOptions', inject, run));
      case 'InjectPool':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, `slonik ${nameOf(first)}`)] });
      case 'getPoolToken':
        return token(run, it.place, `slonik ${nameOf(first)}`);
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

const nameOf = (name: Value | undefined): string => textOf(name) ?? '';
