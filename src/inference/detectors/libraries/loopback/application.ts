import type { Place } from '../../../../model/known.ts';
import type { Parameter } from '../../../code/decorators.ts';
import { type ClassValue, isCallable, NOTHING, propertyOf, REQUEST, type Resource, textOf, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun } from '../../../detector.ts';
import { folderOf } from '../../paths.ts';
import type { Mounted } from '../express.ts';
import { decoratorsNamed } from '../nestjs/tokens.ts';

/** An application while it is put together: what was given to it by kind and key. */
export interface Application {
  mounted: Mounted[];
  controllers: ClassValue[];
  /** `repositories.UserRepository`, `datasources.db`, `services.Mailer` → class or object. */
  classes: Map<string, Value>;
  bound: Map<string, { how: string; value: Value }>;
  /** What was made already, by key. */
  made: Map<string, Value>;
  place: Place;
  run: CodeRun;
}

type Kind = 'controller' | 'repository' | 'dataSource' | 'service';

/** Folders of the conventions, in the order in which they are loaded (https://loopback.io/doc/en/lb4/Booting-an-Application.html). */
const ARTIFACTS: readonly [kind: Kind, file: RegExp][] = [
  ['dataSource', /\/datasources\/.*\.datasource\.[cm]?[jt]s$/],
  ['repository', /\/repositories\/.*\.repository\.[cm]?[jt]s$/],
  ['service', /\/services\/.*\.service\.[cm]?[jt]s$/],
  ['controller', /\/controllers\/.*\.controller\.[cm]?[jt]s$/],
];

/** Loads what lies in the folders beside the application. */
export function boot(app: Application): void {
  const folder = folderOf(app.place.file);
  const files = app.run.filesIn(folder === '' ? '.' : folder);
  for (const [kind, file] of ARTIFACTS)
    for (const path of files) {
      const found = file.test(`/${path}`) ? app.run.load(path) : null;
      if (found?.exports.t === 'object') for (const it of found.exports.props.values()) if (it.t === 'class') keep(app, it, kind);
    }
}

/** Gives the application a class, or a datasource that is made already. */
export function keep(app: Application, it: Value, kind: Kind, name?: string): void {
  if (kind === 'controller') {
    if (it.t === 'class' && !app.controllers.some((other) => other.c === it.c)) app.controllers.push(it);
    return;
  }
  const own = it.t === 'class' ? (it.c.name ?? '') : '';
  if (kind === 'repository') app.classes.set(`repositories.${own}`, it);
  else if (kind === 'service') app.classes.set(`services.${own.replace(/Provider$/, '')}`, it);
  else app.classes.set(`datasources.${name ?? sourceName(app, it, own)}`, it);
}

const sourceName = (app: Application, it: Value, own: string): string =>
  textOf(it.t === 'class' ? app.run.property(it, 'dataSourceName') : propertyOf(it, 'name')) ?? own.replace(/DataSource$/, '').toLowerCase();

/** What is injected under a key; made once. Undefined: nobody has bound it. */
export function inject(app: Application, key: string): Value | undefined {
  const made = app.made.get(key);
  if (made) return made;
  const value = app.classes.get(key) ?? app.bound.get(key)?.value;
  if (!value) return undefined;
  // Whoever asks for it while it is made gets nothing further.
  app.made.set(key, UNKNOWN);
  const how = app.bound.get(key)?.how;
  let it = value.t === 'class' && how !== 'to' ? instance(app, value) : value;
  if (how === 'toDynamicValue' && isCallable(value)) it = app.run.call(value, [UNKNOWN]);
  const isProvider = how === 'toProvider' || (value.t === 'class' && /Provider$/.test(value.c.name ?? '') && key.startsWith('services.'));
  if (isProvider) {
    const give = app.run.property(it, 'value');
    if (isCallable(give)) it = app.run.call(give, [], it);
  }
  app.made.set(key, it);
  return it;
}

function instance(app: Application, of: ClassValue): Value {
  const self: Extract<Value, { t: 'instance' }> = { t: 'instance', of, props: new Map() };
  const { parameters, members } = app.run.inspect(of);
  app.run.construct(
    of,
    parameters.map((it) => argumentOf(app, it)),
    app.place,
    self,
  );
  for (const it of members) {
    if (it.kind !== 'field') continue;
    const value = argumentOf(app, it);
    if (value.t !== 'unknown' && value.t !== 'nothing') self.props.set(it.name, value);
  }
  return self;
}

/** What stands before a parameter tells what it gets; nothing for what is optional, so that its default holds. */
function argumentOf(app: Application, { decorators }: Pick<Parameter, 'decorators'>): Value {
  for (const it of decorators) {
    if (it.t !== 'resource' || it.type !== 'Decorator') continue;
    const [first] = it.data.args as readonly Value[];
    const [kind, how] = String(it.data.name).split('.');
    const prefix = kind === 'repository' ? 'repositories' : kind === 'service' ? 'services' : kind === 'inject' ? '' : undefined;
    if (prefix === undefined) continue;
    const name = first?.t === 'class' ? first.c.name?.replace(prefix === 'services' ? /Provider$/ : /^$/, '') : textOf(first);
    if (name === undefined) return UNKNOWN;
    const key = prefix === '' ? name : `${prefix}.${name}`;
    // A service may be asked for by its class wherever it was bound.
    const ofClass = (): Value | undefined => {
      if (first?.t !== 'class') return undefined;
      app.classes.set(key, first);
      return inject(app, key);
    };
    const give = (): Value => inject(app, key) ?? ofClass() ?? NOTHING;
    return how === 'getter' ? { t: 'native', call: app.run.keep(give) } : give();
  }
  return UNKNOWN;
}

const VERBS: Record<string, string> = { get: 'get', post: 'post', put: 'put', patch: 'patch', del: 'delete' };

/** Makes what was booted and mounts the controllers' methods. */
export function serve(app: Application, of: Resource): void {
  const { run } = app;
  if (app.mounted.length > 0) return;
  for (const key of app.classes.keys()) if (key.startsWith('datasources.')) inject(app, key);
  for (const it of app.controllers) {
    const base = textOf(propertyOf(decoratorsNamed(it.decorators ?? [], 'api')[0]?.args[0], 'basePath')) ?? '';
    const self = instance(app, it);
    for (const member of run.inspect(it).members) {
      const method = member.kind === 'method' ? run.property(self, member.name) : undefined;
      for (const said of member.decorators) {
        if (said.t !== 'resource' || said.type !== 'Decorator' || !isCallable(method)) continue;
        const args = said.data.args as readonly Value[];
        const verb = said.data.name === 'operation' ? textOf(args[0])?.toLowerCase() : VERBS[String(said.data.name)];
        const path = textOf(said.data.name === 'operation' ? args[1] : args[0]);
        if (verb === undefined || path === undefined) continue;
        app.mounted.push({
          path: `${base}${path}`.replace(/\{(\w+)\}/g, ':$1'),
          method: verb,
          handlers: [{ t: 'native', call: run.keep(() => run.call(method, member.parameters.map(ofRequest), self)) }],
          place: said.place,
        });
      }
    }
  }
  run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: app.place });
  run.claim({ kind: 'listens', place: app.place });
}

const ofRequest = (it: Parameter): Value => (it.decorators.length > 0 ? REQUEST : UNKNOWN);
