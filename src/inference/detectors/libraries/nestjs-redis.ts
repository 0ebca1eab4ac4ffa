import { object, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { itemsOf, token } from './nestjs/tokens.ts';

type Inject = (token: Value) => Value;

/** Modules that bring ioredis clients into NestJS, by name (@nestjs-modules/ioredis) or by namespace (@liaoliaots/nestjs-redis). */
export default {
  id: 'nestjs-redis',
  packages: ['@nestjs-modules/ioredis', '@liaoliaots/nestjs-redis', '@songkeys/nestjs-redis', 'nestjs-redis'],
  call(it, run) {
    const [first, second] = it.args;
    if (it.receiver) return it.receiver.type === 'Clients' ? clientOf(it.receiver, textOf(first) ?? '', run) : UNKNOWN;
    switch (it.name) {
      case 'RedisModule.forRoot':
      case 'RedisModule.register':
        return clients(it, run, first, textOf(second) ?? '', () => first ?? UNKNOWN);
      case 'RedisModule.forRootAsync':
      case 'RedisModule.forRootAsync.imported':
        return clients(it, run, undefined, textOf(second) ?? '', (inject) => asyncOptions(first, 'createRedisModuleOptions', inject, run));
      case 'InjectRedis':
        return run.make('Decorator', it.place, { name: 'Inject', args: [token(run, it.place, `ioredis ${textOf(first) ?? ''}`)] });
      case 'getRedisConnectionToken':
      case 'getRedisToken':
        return token(run, it.place, `ioredis ${textOf(first) ?? ''}`);
      default:
        return UNKNOWN;
    }
  },
} satisfies LibraryDetector;

/** Options of one client, or of several under `config`, each with its namespace. */
const listed = (options: Value | undefined): readonly Value[] => itemsOf(propertyOf(options, 'config') ?? options);
const nameIn = (options: Value | undefined): string => textOf(propertyOf(options, 'namespace') ?? propertyOf(options, 'name')) ?? '';

function clients(it: LibraryCall, run: CodeRun, known: Value | undefined, name: string, options: (inject: Inject) => Value): Resource {
  const names = new Set(known ? listed(known).map((one) => nameIn(one) || name) : [name]);
  const make = (wanted: string) => (inject: Inject) => {
    const all = listed(options(inject));
    return connect(all.find((one) => (nameIn(one) || name) === wanted) ?? all[0] ?? UNKNOWN, it, run);
  };
  const service = (inject: Inject): Value => run.make('Clients', it.place, { byName: (wanted: string) => inject(token(run, it.place, `ioredis ${wanted}`)) });
  return libraryModule(it, run, {
    isGlobal: true,
    gives: [...[...names].map((one) => ({ key: `ioredis ${one}`, make: make(one) })), { key: `${it.package} RedisService`, make: service }],
  });
}

/** The URL comes first where both are given; options of the client lie beside it or under `options`. */
function connect(options: Value, it: LibraryCall, run: CodeRun): Value {
  const url = propertyOf(options, 'url');
  const own = propertyOf(options, 'options');
  const args = url ? [url, own ?? object()] : [own ?? options];
  return run.use('ioredis', 'Redis', args, it.place, true);
}

const clientOf = (of: Resource, name: string, run: CodeRun): Value => run.keep(of.data.byName as (wanted: string) => Value)(name);
