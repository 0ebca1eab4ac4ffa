import { describe, expect, it } from 'vitest';
import { applied, type Files, lineOf } from './bench.ts';

const run = (text: string, mark = '.set('): Promise<Files | { cannot: string }> =>
  applied('bound-collection', { file: 'src/app.ts', line: lineOf(text, mark), most: 10_000 }, { 'package.json': '{}\n', 'src/app.ts': text });
const bound = (name: string, indent: string): string =>
  `\n${indent}if (${name}.size > 10_000) {\n${indent}  const oldest = ${name}.keys().next();\n${indent}  if (!oldest.done) ${name}.delete(oldest.value);\n${indent}}`;

describe('bound-collection', () => {
  it.each<[string, string, string]>([
    ['a map', 'app.get(path, (req) => {\n  // Kept for later.\n  seen.set(req.id, 1);\n  done();\n});\n', 'seen'],
    ['a field, over several lines', 'class A {\n  put(id) {\n    if (id) {\n      this.seen.set(id, {\n        id,\n      });\n    }\n  }\n}\n', 'this.seen'],
  ])('%s', async (_says, text, name) => {
    const at = text.indexOf(');', text.indexOf('.set(')) + 2;
    const indent = / *$/.exec(text.slice(0, text.indexOf(`${name}.set`)))?.[0] ?? '';
    expect(await run(text)).toMatchObject({ 'src/app.ts': text.slice(0, at) + bound(name, indent) + text.slice(at) });
  });

  it('a set', async () => {
    expect(await run('function f(id) {\n  seen.add(id);\n}\n', '.add(')).toMatchObject({ 'src/app.ts': `function f(id) {\n  seen.add(id);${bound('seen', '  ')}\n}\n` });
  });

  it.each<[string, string]>([
    ['no block around it', 'function f(id) {\n  if (id) seen.set(id, 1);\n}\n'],
    ['a bound that is there', 'function f(id) {\n  seen.set(id, 1);\n  if (seen.size > 5) seen.clear();\n}\n'],
    ['a collection without a name', 'function f(id) {\n  all().set(id, 1);\n}\n'],
    ['a value that is used', 'function f(id) {\n  return seen.set(id, 1);\n}\n'],
  ])('refuses %s', async (_says, text) => {
    expect(await run(text)).toHaveProperty('cannot');
  });
});
