import { DATA, FILE_URL, isCallable, NOTHING, propertyOf, REQUEST, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** What the code of each file answers to messages, where it is started as a thread, by file; `exec` finds functions by their names. */
interface Threads extends Record<string, unknown> {
  handlers: Map<string, Value[]>;
  methods: Map<string, Value>;
}
const threadsIn = (run: CodeRun): Threads => run.shared<Threads>('worker threads', () => ({ handlers: new Map(), methods: new Map() }));
const RUNS = /^(run|runTask)$/;

/** Worker threads and their pools: CPU time that the event loop is spared. */
export default {
  id: 'worker-threads',
  packages: ['worker_threads', 'piscina', 'tinypool', 'workerpool'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const last = it.name.split('.').at(-1) ?? '';
    const [first, options] = it.args;
    if (it.package === 'workerpool') {
      if (last === 'pool') return pool(it, first?.t === 'object' ? undefined : first, first?.t === 'object' ? first : options, run);
      if (last === 'worker' && first?.t === 'object') for (const [name, method] of first.props) threadsIn(run).methods.set(`${it.place.file} ${name}`, method);
      return UNKNOWN;
    }
    if (it.package === 'worker_threads') {
      if (it.isNew && last === 'Worker') return thread(it, run);
      const handler = it.args.findLast(isCallable);
      if (/^parentPort\.(on|once|addListener|addEventListener)$/.test(it.name) && textOf(first) === 'message' && handler) {
        const { handlers } = threadsIn(run);
        handlers.set(it.place.file, [...(handlers.get(it.place.file) ?? []), handler]);
      }
      return UNKNOWN;
    }
    return it.isNew && /^(|default|Piscina|Tinypool)$/.test(last) ? pool(it, propertyOf(first, 'filename'), first, run) : UNKNOWN;
  },
} satisfies LibraryDetector;

const fileIn = (it: Value | undefined): string | undefined => textOf(it)?.replace(FILE_URL, '');

function pool(it: LibraryCall, file: Value | undefined, options: Value | undefined, run: CodeRun): Resource {
  const told = toldNumber(options, it.package === 'workerpool' ? 'maxWorkers' : 'maxThreads');
  return run.make('Pool', it.place, { library: it.package, file: fileIn(file), name: textOf(propertyOf(options, 'name')), threads: told });
}

/** A thread of one's own: asked by messages, or by being started. */
function thread(it: LibraryCall, run: CodeRun): Resource {
  const file = fileIn(it.args[0]);
  const made = run.make('Thread', it.place, { library: it.package, file });
  const loaded = file === undefined ? null : run.load(file);
  const answers = loaded && threadsIn(run).handlers.has(loaded.file);
  if (run.isTracing() && !answers) record(made, [], it, run);
  return made;
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const file = of.data.file as string | undefined;
  if (of.type === 'Thread') {
    if (it.name === 'postMessage' && run.isTracing()) record(of, messageHandlers(file, run), it, run);
    // What answers is the rest of the program that asked.
    const handler = it.args.find(isCallable);
    if (/^(on|once)$/.test(it.name) && textOf(it.args[0]) === 'message' && handler) run.call(handler, [DATA]);
    return of;
  }
  if (RUNS.test(it.name)) {
    const options = it.args.find((arg, at) => at > 0 && arg.t === 'object');
    const exports = load(fileIn(propertyOf(options, 'filename')) ?? file, run);
    const named = textOf(propertyOf(options, 'name')) ?? (of.data.name as string | undefined);
    const task = isCallable(exports) ? exports : propertyOf(exports, named ?? 'default');
    return record(of, isCallable(task) ? [task] : [], it, run);
  }
  if (it.name === 'exec') {
    const [what, args] = it.args;
    load(file, run);
    const found = isCallable(what) ? what : [...threadsIn(run).methods].find(([name]) => name.endsWith(` ${textOf(what)}`))?.[1];
    return record(of, found ? [found] : [], it, run, args?.t === 'list' ? args.items : [REQUEST]);
  }
  return it.name === 'proxy' ? of : UNKNOWN;
}

const load = (file: string | undefined, run: CodeRun): Value | undefined => (file === undefined ? undefined : run.load(file)?.exports);
function messageHandlers(file: string | undefined, run: CodeRun): Value[] {
  const loaded = file === undefined ? null : run.load(file);
  return (loaded && threadsIn(run).handlers.get(loaded.file)) ?? [];
}

/** One task on one of the threads; without functions of which anything is known it is a task all the same. */
function record(of: Resource, functions: readonly Value[], it: LibraryCall, run: CodeRun, args: readonly Value[] = [it.args[0] ?? REQUEST]): Value {
  if (!run.isTracing()) return NOTHING;
  const steps = run.apart(() => {
    for (const one of functions) run.call(one, args);
  });
  const file = of.data.file as string | undefined;
  const threads = of.data.threads as ReturnType<typeof toldNumber>;
  run.record({
    kind: 'thread',
    pool: `threads of ${file?.slice(file.lastIndexOf('/') + 1) ?? String(of.data.library)}`,
    ...(threads && { threads }),
    library: String(of.data.library),
    steps: steps.filter((step) => step.kind !== 'respond'),
    awaited: true,
    place: it.place,
  });
  return DATA;
}
