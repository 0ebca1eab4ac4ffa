/** As much of JSON Schema 2020-12 as our schemas use; any other keyword is an error, so nothing is passed over in silence. */
export interface Schema {
  [keyword: string]: unknown;
}

const NO_RULE = new Set(['$schema', '$id', '$defs', 'title', 'description', 'default', 'examples']);

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const isOfType = (value: unknown, type: string): boolean => (type === 'integer' ? Number.isInteger(value) : typeOf(value) === type);

/** Whether a value fits; `root` holds the definitions. */
export function fits(value: unknown, schema: Schema | boolean, root: Schema): boolean {
  if (typeof schema === 'boolean') return schema;
  return Object.entries(schema).every(([keyword, rule]) => NO_RULE.has(keyword) || holds(keyword, rule, value, schema, root));
}

function holds(keyword: string, rule: unknown, value: unknown, schema: Schema, root: Schema): boolean {
  const fields = typeOf(value) === 'object' ? (value as Record<string, unknown>) : null;
  const number = typeof value === 'number' ? value : null;
  const all = rule as readonly Schema[];
  switch (keyword) {
    case '$ref':
      return fits(value, (root.$defs as Record<string, Schema>)[(rule as string).slice('#/$defs/'.length)] as Schema, root);
    case 'type':
      return [rule].flat().some((type) => isOfType(value, type as string));
    case 'const':
      return value === rule;
    case 'enum':
      return (rule as readonly unknown[]).includes(value);
    case 'oneOf':
      return all.filter((it) => fits(value, it, root)).length === 1;
    case 'anyOf':
      return all.some((it) => fits(value, it, root));
    case 'required':
      return !fields || (rule as readonly string[]).every((name) => name in fields);
    case 'properties':
      return !fields || Object.entries(rule as Record<string, Schema>).every(([name, it]) => !(name in fields) || fits(fields[name], it, root));
    case 'additionalProperties':
      return !fields || Object.entries(fields).every(([name, it]) => name in ((schema.properties ?? {}) as object) || fits(it, rule as Schema | boolean, root));
    case 'items':
      return !Array.isArray(value) || value.every((it) => fits(it, rule as Schema, root));
    case 'minItems':
      return !Array.isArray(value) || value.length >= (rule as number);
    case 'minLength':
      return typeof value !== 'string' || value.length >= (rule as number);
    case 'minimum':
      return number === null || number >= (rule as number);
    case 'exclusiveMinimum':
      return number === null || number > (rule as number);
    case 'maximum':
      return number === null || number <= (rule as number);
    default:
      throw new Error(`a schema uses ${keyword}, which this check does not know`);
  }
}
