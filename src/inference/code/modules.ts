import { execute } from './execute.ts';
import { setIn } from './heap.ts';
import type { Machine } from './machine.ts';
import type { Statement } from './syntax.ts';
import { folderOf } from '../detectors/paths.ts';
import { FILE_URL, NOTHING, object, type Scope, text, UNKNOWN, type Value } from './values.ts';

/** What `require`, `import` and `export … from` give: the exports of a file, or a package. A circular import gives what is there so far. */
export function loadModule(m: Machine, from: string, specifier: string): Value {
  const target = m.program.resolve(from, specifier);
  if (!target) return UNKNOWN;
  if ('package' in target && target.package === 'process') return { t: 'package', name: 'global', path: ['process'] };
  if ('package' in target) return { t: 'package', name: target.package, path: target.path };
  return loadFile(m, target.file);
}

/** Repeats a binding once the file that an import of `from` leads to is read to its end; at once where it is already. */
export function whenLoaded(m: Machine, from: string, specifier: string, bind: () => void): void {
  const target = m.program.resolve(from, specifier);
  const waiting = target && 'file' in target ? m.loading.get(target.file) : undefined;
  waiting?.push(bind);
}

/** Reads a file from top to bottom, once. Its steps belong to nobody: they run at start. */
export function loadFile(m: Machine, file: string, isMain = false): Value {
  const before = m.loaded.get(file);
  if (before) return exportsOf(before);
  const syntax = m.program.modules.get(file);
  if (!syntax) return UNKNOWN;
  const exports = object();
  const module = object([
    ['exports', exports],
    ['parent', isMain ? NOTHING : object()],
  ]);
  if (isMain) Object.assign(m, { main: module, mainFile: file });
  const scope: Scope = {
    names: new Map<string, Value>([
      ['exports', exports],
      ['module', module],
      ['__dirname', text(folderOf(file))],
      ['__filename', text(file)],
      ['require', object(m.main && [['main', m.main]])],
    ]),
    parent: null,
    file,
    epoch: m.heap.epoch,
  };
  setIn(m, m.loaded, m.loaded, file, scope);
  m.loading.set(file, []);
  const { sink, tracing, holds, frames, conditional, inFinally, failures, inTry } = m;
  m.sink = [];
  m.tracing = 0;
  m.holds = [];
  m.frames = [];
  m.conditional = 0;
  m.inFinally = 0;
  m.inTry = undefined;
  // What a file imports and exports by name is there for circular imports as soon as it is imported.
  const own = syntax.body.filter((it): it is OwnExport => it.k === 'export' && !it.from);
  const imports = syntax.body.flatMap((it) => (it.k === 'import' ? [it, ...passedOn(it, own)] : []));
  execute(m, [...imports, ...syntax.body.filter((it) => it.k !== 'import')], scope);
  // Names exported before they were bound (functions apart) are set at the end once more.
  execute(m, own, scope);
  m.sink = sink;
  m.tracing = tracing;
  m.holds = holds;
  m.frames = frames;
  m.conditional = conditional;
  m.inFinally = inFinally;
  m.failures = failures;
  m.inTry = inTry;
  const waiting = m.loading.get(file) ?? [];
  m.loading.delete(file);
  for (const bind of waiting) bind();
  return exportsOf(scope);
}

type OwnExport = Extract<Statement, { k: 'export' }>;

const passedOn = (of: Extract<Statement, { k: 'import' }>, exports: readonly OwnExport[]): OwnExport[] =>
  exports.flatMap(({ names: all }) => {
    const names = all.filter(([local]) => of.names.some(([, bound]) => bound === local));
    return names.length > 0 ? [{ k: 'export' as const, names }] : [];
  });

function exportsOf(scope: Scope): Value {
  const module = scope.names.get('module');
  return (module?.t === 'object' && module.props.get('exports')) || UNKNOWN;
}

/** `import.meta`. Paths are those of the workspace: where it will lie when it runs nobody knows. */
export const importMeta = (file: string): Value =>
  object([
    ['url', text(`${FILE_URL}${file}`)],
    ['dirname', text(folderOf(file))],
    ['filename', text(file)],
  ]);
