import { propertyOf, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { token } from './nestjs/tokens.ts';

/** nest-knexjs and nestjs-knex: connections by name, one of them without; Knex' own options lie under `config`. */
export default {
  id: 'nestjs-knex',
  packages: ['nest-knexjs', 'nestjs-knex'],
  call(it, run) {
    const [first, second] = it.args;
    const key = (name: Value | undefined): string => `knex ${textOf(name) ?? ''}`;
    const connection = (read: (inject: (token: Value) => Value) => Value): Value =>
      libraryModule(it, run, {
        isGlobal: true,
        gives: [{ key: key(propertyOf(first, 'name') ?? second), make: (inject) => run.use('knex', 'knex', [propertyOf(read(inject), 'config') ?? UNKNOWN], it.place) }],
      });
    switch (it.name) {
      case 'KnexModule.forRoot':
        return connection(() => first ?? UNKNOWN);
      case 'KnexModule.forRootAsync':
        return connection((inject) => asyncOptions(first, 'createKnexModuleOptions', inject, run));
      case 'InjectConnection':
      case 'InjectKnex':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, key(first))] });
      case 'getConnectionToken':
      case 'getKnexConnectionToken':
        return token(run, it.place, key(first));
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;
