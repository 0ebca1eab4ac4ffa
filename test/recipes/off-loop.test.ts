import { describe, expect, it } from 'vitest';
import { applied, type Files, lineOf } from './bench.ts';

const manifest = (more: object): string => `${JSON.stringify({ name: 'shop', dependencies: { bcryptjs: '^2.4.3', express: '^4.21.0' }, ...more }, null, 2)}\n`;
const CODE = "const bcrypt = require('bcryptjs');\nmodule.exports = (word) => bcrypt.hash(word, 10);\n";

describe('native-bcrypt', () => {
  const exchanged = (files: Files) => applied('native-bcrypt', { file: 'src/a.js' }, { 'src/a.js': CODE, ...files });

  it.each<[string, object, object]>([
    ['versions as the others have them', {}, { dependencies: { bcrypt: '^6.0.0', express: '^4.21.0' } }],
    ['exact versions among exact ones', { dependencies: { bcryptjs: '2.4.3', express: '4.21.0' } }, { dependencies: { bcrypt: '6.0.0', express: '4.21.0' } }],
    [
      'types that JavaScript is checked with',
      { devDependencies: { '@types/bcryptjs': '^2.4.6' } },
      { dependencies: { bcrypt: '^6.0.0', express: '^4.21.0' }, devDependencies: { '@types/bcrypt': '^6.0.0' } },
    ],
  ])('%s', async (_says, more, listed) => {
    const after = (await exchanged({ 'package.json': manifest(more) })) as Files;
    expect(JSON.parse(after['package.json'] as string)).toEqual({ name: 'shop', ...listed });
    expect(after['src/a.js']).toBe(CODE.replace('bcryptjs', 'bcrypt'));
  });

  it.each<[string, Files]>([
    ['a program of Deno', { 'package.json': manifest({ scripts: { start: 'deno run -A src/a.js' } }) }],
    ['a worker of Cloudflare', { 'package.json': manifest({}), 'wrangler.toml': '' }],
    ['a package that one of Deno takes in', { 'package.json': manifest({}), 'apps/web/package.json': manifest({ dependencies: { shop: '*' } }), 'apps/web/deno.json': '{}' }],
  ])('refuses %s', async (_says, files) => {
    expect(await exchanged(files)).toEqual({ cannot: expect.stringMatching(/is run by (Deno|Cloudflare Workers), which may load no native code/) });
  });
});

describe('await-async', () => {
  it.each([
    ['if (!bcrypt.compareSync(a, b)) throw new Error();', 'if (!(await bcrypt.compare(a, b))) throw new Error();'],
    ['return bcrypt.hashSync(a, 10).length;', 'return (await bcrypt.hash(a, 10)).length;'],
    ['return a && bcrypt.compareSync(a, b);', 'return a && await bcrypt.compare(a, b);'],
  ])('%s', async (before, after) => {
    const text = (line: string): string => `const bcrypt = require('bcrypt');\n\nasync function check(a, b) {\n  ${line}\n}\n`;
    expect(await applied('await-async', { file: 'a.js', line: lineOf(text(before), 'Sync') }, { 'a.js': text(before) })).toEqual({ 'a.js': text(after) });
  });
});
