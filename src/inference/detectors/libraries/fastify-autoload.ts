import { FILE_URL, isCallable, NOTHING, object, propertyOf, type Resource, text, textOf, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector } from '../../detector.ts';
import { joinPath } from '../paths.ts';

const INDEX = /^index\.[cm]?[jt]s$/i;
const HOOKS = /^[_.]?auto_?hooks\.[cm]?[jt]s$/i;
const PLUGIN = /^(?!.*\.d\.[cm]?ts$).*\.[cm]?[jt]s$/i;

/** @fastify/autoload: every file below a folder is a plugin, under a prefix after its folder. */
export default {
  id: 'fastify-autoload',
  packages: ['@fastify/autoload', 'fastify-autoload'],
  call(it, run) {
    const [app, options] = it.args;
    if (it.name !== 'registered' && it.name !== 'fastifyAutoload.registered') return UNKNOWN;
    const folder = textOf(propertyOf(options, 'dir'))?.replace(FILE_URL, '');
    if (app?.t !== 'resource' || folder === undefined) return UNKNOWN;
    load(joinPath(folder), '', app, options, [], run);
    return UNKNOWN;
  },
} satisfies LibraryDetector;

/** One folder: its hooks, its index or else its files, then the folders in it. */
function load(folder: string, prefix: string, app: Resource, options: Value | undefined, inherited: readonly Value[], run: CodeRun): void {
  const below = run.filesIn(folder).map((it) => it.slice(folder === '.' ? 0 : folder.length + 1));
  const here = below.filter((it) => !it.includes('/') && PLUGIN.test(it));
  const hooks = [
    ...inherited,
    ...(flag(options, 'autoHooks', false) ? here.filter((it) => HOOKS.test(it)).map((it) => pluginOf(run.load(joinPath(folder, it))?.exports ?? UNKNOWN)) : []),
  ].filter(isCallable);
  const index = here.find((it) => INDEX.test(it));
  const plugins = index ? [index] : here.filter((it) => !HOOKS.test(it));
  for (const it of plugins) register(joinPath(folder, it), prefix, app, options, hooks, run);
  for (const name of [...new Set(below.flatMap((it) => (it.includes('/') ? [it.slice(0, it.indexOf('/'))] : [])))])
    load(joinPath(folder, name), prefixOf(prefix, folder, name, options, run), app, options, flag(options, 'cascadeHooks', false) ? hooks : [], run);
}

function prefixOf(prefix: string, folder: string, name: string, options: Value | undefined, run: CodeRun): string {
  const by = propertyOf(options, 'dirNameRoutePrefix');
  const own = isCallable(by) ? textOf(run.call(by, [text(folder), text(name)])) : by && truth(by) === false ? undefined : name;
  return own === undefined ? prefix : `${prefix}/${own}`;
}

/** The plugin of a file, with the options that all get and those that it says itself. */
function register(file: string, prefix: string, app: Resource, options: Value | undefined, hooks: readonly Value[], run: CodeRun): void {
  const { exports } = run.load(file) ?? { exports: UNKNOWN };
  const found = pluginOf(exports);
  const plugin = asPlugin(found, run);
  const says = (name: string): Value | undefined => propertyOf(exports, name) ?? (found.t === 'function' ? found.props.get(name) : undefined);
  if (!plugin || truth(says('autoload') ?? UNKNOWN) === false || isIgnored(file, options)) return;
  const given = propertyOf(options, 'options');
  const around = textOf(propertyOf(given, 'prefix'))?.replace(/\/$/, '') ?? '';
  const own = textOf(says('autoPrefix'));
  const ofFolder = own === undefined ? prefix : flag(options, 'appendAutoPrefix', false) && prefix ? `${prefix}/${own}` : own;
  const full = textOf(says('prefixOverride')) ?? around + (ofFolder.startsWith('/') || ofFolder === '' ? ofFolder : `/${ofFolder}`);
  const path = flag(options, 'routeParams', false) ? full.replace(/\/__?/g, '/:') : full;
  // Its own options, or a function that makes them for the app; those of the call come after (`autoConfig` and `overrideConfig` in index.js of @fastify/autoload 6).
  const config = says('autoConfig');
  const configured = isCallable(config) ? run.call(config, [app]) : config;
  const all = object([...(configured?.t === 'object' ? configured.props : []), ...(given?.t === 'object' ? given.props : []), ['prefix', text(path)]]);
  if (hooks.length === 0) {
    registerOn(app, plugin, all, run);
    return;
  }
  // Hooks of a folder are seen by its plugins alone.
  const withHooks: Value = {
    t: 'native',
    call: ([inner = UNKNOWN]) => {
      for (const hook of hooks) run.call(hook, [inner, UNKNOWN, { t: 'native', call: () => NOTHING }], inner);
      return registerOn(inner, plugin, all, run);
    },
  };
  registerOn(app, withHooks, UNKNOWN, run);
}

const registerOn = (app: Value, plugin: Value, options: Value, run: CodeRun): Value => run.call(run.property(app, 'register'), [plugin, options]);
const flag = (options: Value | undefined, name: string, otherwise: boolean): boolean => truth(propertyOf(options, name) ?? { t: 'boolean', v: otherwise }) === true;

function isIgnored(file: string, options: Value | undefined): boolean {
  const pattern = textOf(propertyOf(options, 'ignoreFilter')) ?? textOf(propertyOf(options, 'ignorePattern'));
  return pattern !== undefined && file.includes(pattern);
}

/** What a file exports as its plugin: a function, or a route as an object. */
const pluginOf = (exports: Value): Value => (exports.t === 'object' && !exports.props.has('method') ? (exports.props.get('default') ?? UNKNOWN) : exports);
const asPlugin = (it: Value, run: CodeRun): Value | undefined => {
  if (isCallable(it)) return it;
  return propertyOf(it, 'method') ? { t: 'native', call: ([app = UNKNOWN]) => run.call(run.property(app, 'route'), [it]) } : undefined;
};
