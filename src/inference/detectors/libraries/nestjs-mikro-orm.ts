import { isCallable, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { decoratorsNamed, itemsOf, keyOf, token } from './nestjs/tokens.ts';

type Inject = (token: Value) => Value;
type Given = { key: string; make: (inject: Inject) => Value };

const DRIVERS = ['core', 'knex', 'sql', 'postgresql', 'mysql', 'mariadb', 'mongodb', 'mssql', 'sqlite', 'better-sqlite', 'libsql'];
/** The class of the manager as each driver exports it. */
const MANAGERS = DRIVERS.flatMap((it) => ['EntityManager', 'SqlEntityManager', 'MongoEntityManager'].map((name) => `@mikro-orm/${it} ${name}`));

/** @mikro-orm/nestjs: the ORM, its entity manager, and repositories by entity or by their own class. */
export default {
  id: 'nestjs-mikro-orm',
  packages: ['@mikro-orm/nestjs'],
  call(it, run) {
    const [first, second] = it.args;
    switch (it.name) {
      case 'MikroOrmModule.forRoot':
        return source(it, run, nameOf(propertyOf(first, 'contextName')), () => first ?? UNKNOWN);
      case 'MikroOrmModule.forRootAsync':
        return source(it, run, nameOf(propertyOf(first, 'contextName')), (inject) => asyncOptions(first, 'createMikroOrmOptions', inject, run));
      case 'MikroOrmModule.forFeature': {
        const given = itemsOf(propertyOf(first, 'entities') ?? first);
        return libraryModule(it, run, { gives: given.flatMap((entity) => repositories(entity, nameOf(second), it, run)) });
      }
      case 'InjectRepository':
        return inject(it, run, repositoryKey(first, nameOf(second), run));
      case 'InjectEntityManager':
        return inject(it, run, `mikro-orm manager ${nameOf(first)}`);
      case 'InjectMikroORM':
        return inject(it, run, `mikro-orm ${nameOf(first)}`);
      case 'getRepositoryToken':
        return token(run, it.place, repositoryKey(first, nameOf(second), run));
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

const nameOf = (it: Value | undefined): string => textOf(it) ?? '';
const repositoryKey = (entity: Value | undefined, source: string, run: CodeRun): string => `mikro-orm ${source} ${keyOf(entity, run) ?? '*'}`;
const inject = (it: LibraryCall, run: CodeRun, key: string): Resource => run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, key)] });

function source(it: LibraryCall, run: CodeRun, name: string, options: (inject: Inject) => Value): Resource {
  const key = `mikro-orm ${name}`;
  const asked = token(run, it.place, key);
  const manager = (inject: Inject): Value => run.property(inject(asked), 'em');
  const byClass: Given[] = [
    ...DRIVERS.map((of) => ({ key: `@mikro-orm/${of} MikroORM`, make: (inject: Inject) => inject(asked) })),
    ...MANAGERS.map((of) => ({ key: of, make: manager })),
  ];
  const own: Given[] = [
    { key, make: (inject) => run.use('@mikro-orm/core', 'MikroORM.init', [options(inject)], it.place) },
    { key: `mikro-orm manager ${name}`, make: manager },
  ];
  return libraryModule(it, run, { isGlobal: true, gives: [...own, ...(name === '' ? byClass : [])] });
}

/** A repository is asked for by its entity, or by the class that the entity names for it. */
function repositories(entity: Value, name: string, it: LibraryCall, run: CodeRun): Given[] {
  const asked = token(run, it.place, `mikro-orm ${name}`);
  const made = (inject: Inject): Value => {
    const found = run.property(run.property(inject(asked), 'em'), 'getRepository');
    return isCallable(found) ? run.call(found, [entity]) : UNKNOWN;
  };
  const named = decoratorsNamed(entity.t === 'class' ? (entity.decorators ?? []) : [], 'Entity').map(({ args }) => propertyOf(args[0], 'repository'));
  const own = named.map((of) => (isCallable(of) ? run.call(of, []) : of)).find((of) => of?.t === 'class');
  const ofClass = (inject: Inject): Value => {
    const base = made(inject);
    return own?.t === 'class' && base.t === 'resource' ? { t: 'instance', of: own, props: new Map(), base } : base;
  };
  return [{ key: repositoryKey(entity, name, run), make: own ? ofClass : made }, ...(own ? [{ key: keyOf(own, run) ?? '', make: ofClass }] : [])];
}
