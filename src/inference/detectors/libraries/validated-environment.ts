import { numberOf, object, type ObjectValue, propertyOf, text, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** Libraries that check variables at start and give them back with defaults: envalid and zod. Zod also checks requests, which stay what they are. */
export default {
  id: 'validated-environment',
  packages: ['envalid', 'zod'],
  call(it, run) {
    if (it.receiver) return onSchema(it, run);
    const name = it.name.split('.').at(-1) ?? '';
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
    default:
      // `.min(1)`, `.optional()`, `.transform(…)`: the same variable.
      return run.make('Schema', it.place, data);
  }
}

const parsed = (given: Value, shape: Value | undefined, run: CodeRun): Value => (given.t === 'environment' && shape?.t === 'object' ? readVariables(shape, run) : given);

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

function variable(name: string, schema: Value, run: CodeRun): Value {
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
