import { isCallable, list, NOTHING, object, propertyOf, text, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { folderOf, joinPath, nameOf } from '../paths.ts';
import { noteWork } from './node-work.ts';

/** Settings in JSON and YAML: read as a file, parsed, or found by node-config in its folder. */
export default {
  id: 'config-files',
  packages: ['fs', 'fs/promises', 'js-yaml', 'yaml', 'node-yaml', 'config'],
  call(it, run) {
    if (it.receiver) return it.receiver.type === 'DataFile' ? it.receiver : undefined;
    if (it.package === 'config') return /(^|\.)get$/.test(it.name) ? setting(it, run) : undefined;
    const name = it.name.split('.').at(-1) ?? '';
    if (it.package === 'fs' && name === 'existsSync') return isThere(it.args[0], run);
    const listed = it.package === 'fs' && name === 'readdirSync' && !run.isTracing() ? namesIn(it.args[0], run) : undefined;
    if (listed) return listed;
    const reads = it.package.startsWith('fs') ? /^readFile(Sync)?$/ : /^read(Sync|Promise)?$/;
    if (it.package.startsWith('fs') || it.package === 'node-yaml') {
      noteWork(it, run);
      const read = reads.test(name) ? fileAt(it.args[0], it, run) : undefined;
      if (read) return answer(it, it.package === 'node-yaml' ? read : run.make('DataFile', it.place, { parsed: read, ...(read.t === 'text' && { text: read }) }), run);
      return undefined;
    }
    return /^(load|safeLoad|parse)$/.test(name) ? (parsedOf(it.args[0]) ?? UNKNOWN) : undefined;
  },
} satisfies LibraryDetector;

/** A file of code, of those that the program may load; what else lies where it runs nobody knows. */
function isThere(path: Value | undefined, run: CodeRun): Value | undefined {
  const given = textOf(path);
  if (given === undefined || given.startsWith('/') || !/\.[cm]?[jt]s$/.test(given)) return undefined;
  return { t: 'boolean', v: run.filesIn('.').includes(joinPath(given)) };
}

/** Names of the files of a folder, where the program may load some of them. */
function namesIn(path: Value | undefined, run: CodeRun): Value | undefined {
  const folder = textOf(path);
  if (folder === undefined || folder.startsWith('/')) return undefined;
  const inside = joinPath(folder);
  const files = run.filesIn(inside).filter((it) => folderOf(it) === inside);
  return files.length > 0 ? list(files.map((it) => text(nameOf(it)))) : undefined;
}

/** What a text that was read from a file holds once it is parsed. */
export const parsedOf = (it: Value | undefined): Value | undefined => (it?.t === 'resource' && it.type === 'DataFile' ? (it.data.parsed as Value) : undefined);

function answer(it: LibraryCall, read: Value, run: CodeRun): Value {
  const callback = it.args.findLast(isCallable);
  if (callback) run.call(callback, [NOTHING, read]);
  return read;
}

/** A path may be seen from the file that names it, from a folder above, or from where the process is started. */
function fileAt(path: Value | undefined, it: LibraryCall, run: CodeRun): Value | undefined {
  const given = textOf(path)?.replace(/^file:/, '');
  if (given === undefined || given.startsWith('/') || !/\.(json|ya?ml|graphqls?|gql)$/i.test(given)) return undefined;
  for (let folder = folderOf(it.place.file), last = ''; folder !== last; last = folder, folder = folderOf(folder)) {
    const found = run.load(joinPath(folder, given));
    if (found) return found.exports;
  }
  return run.load(joinPath(given))?.exports;
}

interface Settings extends Record<string, unknown> {
  all?: Value;
}

/** `config.get('db.host')`: the stage's file over the default one, and variables over both (github.com/node-config/node-config/wiki/Configuration-Files). */
function setting(it: LibraryCall, run: CodeRun): Value {
  const path = textOf(it.args[0]);
  if (path === undefined) return UNKNOWN;
  const settings = run.shared<Settings>('config-files', () => ({}));
  settings.all ??= settingsOf(run);
  return path.split('.').reduce<Value>((at, name) => propertyOf(at, name) ?? UNKNOWN, settings.all);
}

function settingsOf(run: CodeRun): Value {
  const files = run.filesIn('.').filter((it) => /(^|\/)config\/[^/]+$/.test(it));
  const stage = run.env('NODE_CONFIG_ENV')?.value ?? run.env('NODE_ENV')?.value ?? 'production';
  const named = (name: string): Value[] => files.filter((it) => new RegExp(`/${name}\\.(json|ya?ml|[cm]?[jt]s)$`).test(`/${it}`)).flatMap((it) => run.load(it)?.exports ?? []);
  const said = ['default', stage.replace(/[^\w-]/g, ''), 'local'].flatMap(named).map((it) => propertyOf(it, 'default') ?? it);
  const variables = named('custom-environment-variables').map((it) => fromVariables(it, run));
  return [...said, ...variables].reduce<Value>(over, object());
}

/** Objects are laid over each other, all else takes the place of what was there. */
function over(below: Value, above: Value): Value {
  if (above.t === 'nothing' || above.t === 'unknown') return below;
  if (below.t !== 'object' || above.t !== 'object')
    return above.t === 'unset' ? (below.t === 'text' ? { ...below, unlessSet: above.name } : below.t === 'object' ? above : below) : above;
  const made = object(below.props);
  for (const [name, place] of [...below.places, ...above.places]) made.places.set(name, place);
  for (const [name, it] of above.props) made.props.set(name, over(below.props.get(name) ?? UNKNOWN, it));
  return made;
}

/** Every text of the file names a variable; `__name` says how it is written. */
function fromVariables(it: Value, run: CodeRun): Value {
  if (it.t !== 'object') {
    const name = textOf(it);
    const variable = name === undefined ? undefined : run.env(name);
    return variable ? { t: 'text', parts: [variable.value], place: variable.place } : name === undefined ? UNKNOWN : { t: 'unset', name };
  }
  const name = propertyOf(it, '__name');
  return name ? fromVariables(name, run) : object([...it.props].map(([key, value]) => [key, fromVariables(value, run)]));
}
