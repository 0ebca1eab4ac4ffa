/** A field as the schema language writes it: `posts(first: Int): [Post!]!`. */
export interface WrittenField {
  owner: string;
  name: string;
  type?: string;
  isList: boolean;
  line: number;
}

/** Fields of the types and interfaces of a schema's text, with their lines; built-in types count like any other. */
export function fieldTypesIn(schema: string): WrittenField[] {
  const blanked = (it: string): string => it.replace(/[^\n]/g, ' ');
  const plain = schema.replace(/"""[\s\S]*?"""|"[^"\n]*"|#[^\n]*/g, blanked);
  const found: WrittenField[] = [];
  for (const match of plain.matchAll(/\b(?:type|interface)\s+(\w+)[^{}]*\{([^{}]*)\}/g)) {
    const [whole, owner = '', body = ''] = match;
    const start = match.index + whole.length - 1 - body.length;
    for (const field of body.replace(/\([^()]*\)/g, blanked).matchAll(/(\w+)\s*:\s*(\[*)\s*(\w+)/g)) {
      const [, name = '', list, type] = field;
      found.push({ owner, name, isList: list !== '', ...(type && { type }), line: plain.slice(0, start + field.index).split('\n').length });
    }
  }
  return found;
}
