import { isCallable, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { itemsOf, keyOf, token } from './nestjs/tokens.ts';

type Inject = (token: Value) => Value;

/** @nestjs/typeorm: data sources by name, repositories by entity. */
export default {
  id: 'nestjs-typeorm',
  packages: ['@nestjs/typeorm'],
  call(it, run) {
    const [first, second] = it.args;
    switch (it.name) {
      case 'TypeOrmModule.forRoot':
        return source(it, run, nameOf(propertyOf(first, 'name')), () => run.use('typeorm', 'DataSource', [first ?? UNKNOWN], it.place, true));
      case 'TypeOrmModule.forRootAsync':
        return source(it, run, nameOf(propertyOf(first, 'name')), (inject) => {
          const options = asyncOptions(first, 'createTypeOrmOptions', inject, run);
          const factory = propertyOf(first, 'dataSourceFactory');
          const made = factory && isCallable(factory) ? run.call(factory, [options]) : UNKNOWN;
          return made.t === 'resource' ? made : run.use('typeorm', 'DataSource', [options], it.place, true);
        });
      case 'TypeOrmModule.forFeature':
        return libraryModule(it, run, { gives: itemsOf(first).map((entity) => repository(entity, nameOf(second), it, run)) });
      case 'InjectRepository':
        return inject(it, run, repositoryKey(first, nameOf(second), run));
      case 'InjectDataSource':
      case 'InjectConnection':
        return inject(it, run, `typeorm ${nameOf(first)}`);
      case 'InjectEntityManager':
        return inject(it, run, `typeorm manager ${nameOf(first)}`);
      case 'getRepositoryToken':
        return token(run, it.place, repositoryKey(first, nameOf(second), run));
      case 'getDataSourceToken':
      case 'getConnectionToken':
        return token(run, it.place, `typeorm ${nameOf(first)}`);
      case 'getEntityManagerToken':
        return token(run, it.place, `typeorm manager ${nameOf(first)}`);
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

/** A data source is named by a text, or by options that hold its name. */
const nameOf = (it: Value | undefined): string => (textOf(propertyOf(it, 'name') ?? it) ?? 'default').replace(/^default$/, '');
const repositoryKey = (entity: Value | undefined, source: string, run: CodeRun): string => `typeorm ${source} ${keyOf(entity, run) ?? '*'}`;
const inject = (it: LibraryCall, run: CodeRun, key: string): Resource => run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, key)] });

function source(it: LibraryCall, run: CodeRun, name: string, make: (inject: Inject) => Value): Resource {
  const key = `typeorm ${name}`;
  const asked = token(run, it.place, key);
  const manager = (inject: Inject): Value => run.property(inject(asked), 'manager');
  const byClass = name === '' ? ['typeorm DataSource', 'typeorm Connection'].map((of) => ({ key: of, make: (inject: Inject) => inject(asked) })) : [];
  const managers = [`typeorm manager ${name}`, ...(name === '' ? ['typeorm EntityManager'] : [])].map((of) => ({ key: of, make: manager }));
  return libraryModule(it, run, { isGlobal: true, gives: [{ key, make }, ...byClass, ...managers] });
}

function repository(entity: Value, name: string, it: LibraryCall, run: CodeRun): { key: string; make: (inject: Inject) => Value } {
  const asked = token(run, it.place, `typeorm ${name}`);
  return {
    key: repositoryKey(entity, name, run),
    make: (inject) => {
      const found = run.property(inject(asked), 'getRepository');
      return isCallable(found) ? run.call(found, [entity]) : UNKNOWN;
    },
  };
}
