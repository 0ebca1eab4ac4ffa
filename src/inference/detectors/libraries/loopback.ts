import { list, NOTHING, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { type Application, boot, inject, keep, serve } from './loopback/application.ts';
import { dataSource, onRepository, repository, serviceOf } from './loopback/data.ts';

const APPLICATIONS = new Set(['RestApplication', 'Application']);
const REPOSITORIES = /^(DefaultCrudRepository|DefaultTransactionalRepository|DefaultKeyValueRepository|SequelizeCrudRepository)$/;

/** LoopBack 4: an application boots the controllers, repositories, datasources and services that lie in folders beside it, and injects them by keys. */
export default {
  id: 'loopback',
  packages: [
    ...['@loopback/core', '@loopback/context', '@loopback/rest', '@loopback/openapi-v3', '@loopback/repository', '@loopback/boot'],
    ...['@loopback/service-proxy', '@loopback/sequelize'],
  ],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (name.endsWith('Mixin')) return it.args[0];
    if (it.isNew && APPLICATIONS.has(name)) return application(it, run);
    if (it.isNew && /DataSource$/.test(name)) return dataSource(it, run);
    if (it.isNew && REPOSITORIES.test(name)) return repository(it, name, run);
    if (it.isNew) return UNKNOWN;
    if (it.name === 'BindingKey.create' || it.name === 'CoreBindings.create') return it.args[0];
    if (name === 'getService') return serviceOf(it, run);
    // Whatever else stands before a class, a method or a parameter.
    return run.make('Decorator', it.place, { name: it.name, args: it.args });
  },
} satisfies LibraryDetector;

function application(it: LibraryCall, run: CodeRun): Resource {
  const app: Application = { mounted: [], controllers: [], classes: new Map(), bound: new Map(), made: new Map(), place: it.place, run };
  return run.make('App', it.place, { app, mounted: app.mounted });
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Binding') return onBinding(it, of);
  if (of.type !== 'App') return onRepository(it, of, run);
  const app = of.data.app as Application;
  const [first, second] = it.args;
  switch (it.name) {
    case 'boot':
      boot(app);
      return NOTHING;
    case 'controller':
    case 'repository':
    case 'dataSource':
    case 'service':
      if (first) keep(app, first, it.name, textOf(second));
      return NOTHING;
    case 'bind':
      return run.make('Binding', it.place, { app, key: textOf(first) });
    case 'get':
    case 'getSync':
      return inject(app, textOf(first) ?? '') ?? UNKNOWN;
    case 'getRepository':
      return (first?.t === 'class' && inject(app, `repositories.${first.c.name}`)) || UNKNOWN;
    case 'start':
    case 'listen':
      serve(app, of);
      return NOTHING;
    default:
      return list([], true);
  }
}

/** `bind(key).toClass(Hasher)`: what is injected under a key. */
function onBinding(it: LibraryCall, of: Resource): Value {
  const { app, key } = of.data as { app: Application; key: string | undefined };
  const [given] = it.args;
  if (key !== undefined && given && /^to(Class|Provider|InjectableClass|DynamicValue)?$/.test(it.name)) app.bound.set(key, { how: it.name, value: given });
  return of;
}
