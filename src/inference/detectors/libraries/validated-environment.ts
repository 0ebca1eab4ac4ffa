import { isCallable, layOver, numberOf, object, type ObjectValue, propertyOf, text, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** Libraries that check variables at start and give them back with defaults: envalid, zod and T3 Env. Zod also checks requests, which stay what they are. */
export default {
  id: 'validated-environment',
  packages: ['envalid', 'zod', '@t3-oss/env-core', '@t3-oss/env-nextjs', '@t3-oss/env-nuxt'],
  call(it, run) {
    if (it.receiver) return onSchema(it, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.package.startsWith('@t3-oss/')) return name === 'createEnv' ? createEnv(it.args[0], run) : UNKNOWN;
    if (it.package === 'zod') return name === 'object' || name === 'strictObject' ? run.make('Schema', it.place, { shape: it.args[0] }) : run.make('Schema', it.place, {});
    if (name === 'cleanEnv' || name === 'customCleanEnv') return it.args[1]?.t === 'object' ? readVariables(it.args[1], run) : UNKNOWN;
    if (name === 'makeValidator' || name === 'makeExactValidator' || name === 'makeStructuredValidator')
      return { t: 'native', call: (args) => run.make('Schema', it.place, { initial: propertyOf(args[0], 'default') }) };
    return run.make('Schema', it.place, { initial: propertyOf(it.args[0], 'default'), kind: name });
  },
} satisfies LibraryDetector;

function onSchema(it: LibraryCall, run: CodeRun): Value {
  const of = it.receiver;
  const data = of?.data ?? {};
  const [given = UNKNOWN] = it.args;
  switch (it.name) {
    case 'default':
    case 'prefault':
    case 'catch':
      return run.make('Schema', it.place, { ...data, initial: given });
    case 'extend':
    case 'merge': {
      const more = given.t === 'resource' ? (given.data.shape as Value | undefined) : given;
      const shape = data.shape as Value | undefined;
      const merged = object([...(shape?.t === 'object' ? shape.props : []), ...(more?.t === 'object' ? more.props : [])]);
      return run.make('Schema', it.place, { ...data, shape: merged });
    }
    case 'parse':
    case 'parseAsync':
      return parsed(given, data.shape as Value | undefined, run);
    case 'safeParse':
    case 'safeParseAsync':
      return object([
        ['success', UNKNOWN],
        ['data', parsed(given, data.shape as Value | undefined, run)],
      ]);
    case 'transform':
      return run.make('Schema', it.place, { ...data, transforms: [...((data.transforms as readonly Value[] | undefined) ?? []), given] });
    default:
      // `.min(1)`, `.optional()`: the same variable.
      return run.make('Schema', it.place, data);
  }
}

function parsed(given: Value, shape: Value | undefined, run: CodeRun): Value {
  if (shape?.t !== 'object') return given;
  return given.t === 'environment' ? readVariables(shape, run) : given.t === 'object' && given.props.size > 0 ? withDefaults(given, shape) : given;
}

/** Settings that were put together by hand: what is left out, or waits for a variable that nobody sets, is its default; so is what lies deeper. */
function withDefaults(given: ObjectValue, shape: ObjectValue): ObjectValue {
  const made = object();
  layOver(made, given);
  for (const [name, schema] of shape.props) {
    if (schema.t !== 'resource') continue;
    const said = given.props.get(name);
    const initial = schema.data.initial as Value | undefined;
    const inner = schema.data.shape as Value | undefined;
    const isLeftOut = said === undefined ? given.open === undefined : said.t === 'nothing' || said.t === 'unset';
    if (isLeftOut && initial) made.props.set(name, initial);
    else if (said?.t === 'object' && inner?.t === 'object') made.props.set(name, withDefaults(said, inner));
  }
  return made;
}

/** Shapes for the server, the browser and both, beside environments that were made before. */
function createEnv(options: Value | undefined, run: CodeRun): Value {
  const shapes = ['shared', 'client', 'server'].map((name) => propertyOf(options, name)).filter((it) => it?.t === 'object');
  const before = propertyOf(options, 'extends');
  const extended = before?.t === 'list' ? before.items.filter((it) => it.t === 'object') : [];
  const read = object();
  for (const it of [...extended, ...shapes.map((shape) => readVariables(shape, run))])
    if (it.t === 'object')
      for (const [name, value] of it.props) {
        read.props.set(name, value);
        const place = it.places.get(name);
        if (place) read.places.set(name, place);
      }
  return read;
}

/** Each variable as the deployment sets it, else its default, else unset. */
function readVariables(shape: ObjectValue, run: CodeRun): Value {
  const read = object();
  for (const [name, schema] of shape.props) {
    const place = shape.places.get(name);
    if (place) read.places.set(name, place);
    read.props.set(name, variable(name, schema, run));
  }
  return read;
}

/** A transformation counts where something can be said of what it makes, such as the other variable that stands in. */
function variable(name: string, schema: Value, run: CodeRun): Value {
  const transforms = schema.t === 'resource' ? ((schema.data.transforms as readonly Value[] | undefined) ?? []) : [];
  return transforms.reduce(
    (before, transform) => {
      const made = isCallable(transform) ? run.call(transform, [before]) : UNKNOWN;
      return made.t === 'text' || made.t === 'number' || made.t === 'boolean' || made.t === 'unset' ? made : before;
    },
    asSet(name, schema, run),
  );
}

function asSet(name: string, schema: Value, run: CodeRun): Value {
  const said = run.env(name);
  const initial = schema.t === 'resource' ? (schema.data.initial as Value | undefined) : undefined;
  const isFlag = initial?.t === 'boolean' || (schema.t === 'resource' && schema.data.kind === 'bool');
  if (said) {
    if (isFlag) return { t: 'boolean', v: /^(true|t|yes|on|1)$/i.test(said.value) };
    const value = text(said.value, said.place);
    const number = initial?.t === 'number' ? numberOf(value) : undefined;
    return number === undefined ? value : { t: 'number', v: number, place: said.place };
  }
  if (name === 'NODE_ENV') return text('production');
  if (!initial || initial.t === 'nothing' || initial.t === 'unknown') return { t: 'unset', name };
  return initial.t === 'text' ? { ...initial, unlessSet: initial.unlessSet ?? name } : initial;
}
