import { describe, expect, it } from 'vitest';
import { callsOf, topologyOf } from './memory-workspace.ts';

const base = {
  'api/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
  'api/package.json': JSON.stringify({ name: 'api', dependencies: { express: '4' } }),
  'api/index.js': `const app = require('express')(); app.get('/api/items/:id', (q, s) => s.json({})); app.post('/api/items', (q, s) => s.json({})); app.listen(3000);`,
  'web/Dockerfile': 'FROM node:22\nCMD ["npx", "vite", "preview"]\n',
  'web/package.json': JSON.stringify({ name: 'web', dependencies: { react: '19' } }),
  'compose.yaml': 'services:\n  web:\n    build: ./web\n    ports: ["80:80"]\n  api:\n    build: ./api\n    ports: ["8080:3000"]\n',
};

describe('what a front end asks for', () => {
  it.each<[string, string, Record<string, string>, string[]]>([
    ['a path that one service has a route for', 'fetch(`/api/items/${id}`, { method: "DELETE" })', {}, ['web http api']],
    ['axios with a type', 'axios.post<Item>("/api/items", it)', {}, ['web http api']],
    ['a base address with a published port', 'export const client = axios.create({ baseURL: "http://localhost:8080" })', {}, ['web http api']],
    [
      'a base address in a variable',
      'const base = import.meta.env.VITE_API_URL; fetch(base + path)',
      { 'web/.env.production': 'VITE_API_URL=http://localhost:8080/api\n' },
      ['web http api'],
    ],
    ['a default behind a variable', 'const apiUrl = process.env.REACT_APP_API_URL || "http://localhost:3000"', {}, ['web http api']],
    ['a path that nobody has a route for', 'fetch("/assets/words.json")', {}, []],
    ['somebody else in the world', 'fetch("https://maps.example.com/tiles")', {}, []],
    ['words in a text', 'const help = "fetch the /api/items yourself"', {}, []],
  ])('%s', async (_name, code, files, expected) => {
    expect(callsOf(await topologyOf({ ...base, 'web/src/api/client.ts': code, ...files }))).toEqual(expected);
  });
});

describe('ports of the machine that all share at a desk', () => {
  const asks = (url: string) => ({
    'orders/package.json': JSON.stringify({ name: 'orders', main: 'index.js', dependencies: { express: '4', axios: '1' } }),
    'orders/index.js': `const axios = require('axios'); const app = require('express')(); app.get('/orders', async (q, s) => { await axios.get(${url}); s.end(); }); app.listen(3001);`,
    'users/package.json': JSON.stringify({ name: 'users', main: 'index.js', dependencies: { fastify: '5' } }),
    'users/index.js': `const app = require('fastify')(); app.get('/users', async () => []); app.listen({ port: 3002 });`,
  });
  it.each<[string, string, string[]]>([
    ['written', '"http://localhost:3002/users"', ['orders http users']],
    ['as a default', '`${process.env.USERS_URL || "http://127.0.0.1:3002"}/users`', ['orders http users']],
    ['its own', '"http://localhost:3001/health"', []],
    ['of nobody', '"http://localhost:9999/x"', []],
  ])('%s', async (_name, url, expected) => {
    expect(callsOf(await topologyOf(asks(url)))).toEqual(expected);
  });

  it('a port that two listen on leads nowhere', async () => {
    const files = asks('"http://localhost:3002/users"');
    const third = { 'admin/package.json': files['users/package.json'].replace('users', 'admin'), 'admin/index.js': files['users/index.js'].replace('/users', '/admin') };
    expect(callsOf(await topologyOf({ ...files, ...third }))).toEqual([]);
  });
});
