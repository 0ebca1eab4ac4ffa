import { expect, it } from 'vitest';
import { stepsOf, topologyOf } from './memory-workspace.ts';

const ask = `import { Pool } from 'pg'; const pool = new Pool({ host: 'db' }); export const ask = () => pool.query('SELECT 1 FROM a');`;

it.each<[string, object, string, string]>([
  ['a file', { exports: './src/client.ts' }, '@shop/db', 'src/client.ts'],
  ['a path', { exports: { '.': './src/client.ts' } }, '@shop/db', 'src/client.ts'],
  ['what is built, by conditions', { exports: { '.': { types: './dist/client.d.ts', import: './dist/client.js', require: './dist/client.cjs' } } }, '@shop/db', 'src/client.ts'],
  ['nested conditions', { exports: { './client': { node: { import: './lib/own.js' } } } }, '@shop/db/client', 'lib/own.js'],
  ['a star', { exports: { './*': './source/*/main.ts' } }, '@shop/db/client', 'source/client/main.ts'],
  ['a file that is nowhere: the usual one', { exports: { '.': './generated/index.js' } }, '@shop/db', 'src/index.ts'],
])('a package of the workspace exports %s', async (_name, exports, specifier, file) => {
  const topology = await topologyOf({
    'package.json': JSON.stringify({ name: 'shop', workspaces: ['packages/*'] }),
    'packages/api/package.json': JSON.stringify({ name: '@shop/api', main: 'index.js', dependencies: { express: '5', '@shop/db': '*' } }),
    'packages/api/index.js': `import express from 'express'; import { ask } from '${specifier}'; const app = express(); app.get('/it', async (q, s) => s.json(await ask())); app.listen(3000);`,
    'packages/db/package.json': JSON.stringify({ name: '@shop/db', dependencies: { pg: '8' }, ...exports }),
    [`packages/db/${file}`]: ask,
  });
  expect(stepsOf(topology, 'api GET /it')).toEqual(['SELECT a']);
});
