import { describe, expect, it } from 'vitest';
import { callsOf, componentsOf, topologyOf } from './memory-workspace.ts';

const dockerfile = (stages: string) => `FROM alpine:3 AS base
RUN apk add nodejs
FROM base AS builder
WORKDIR /usr/src/app
COPY . .
${stages}`;
const backend = `FROM builder AS backend_builder
WORKDIR /usr/src/app/packages/backend
RUN pnpm build
FROM base AS backend
COPY --from=backend_builder /usr/src/app/packages/backend/dist /dist
WORKDIR /dist
CMD ["node", "run.mjs"]
`;
const web = `FROM builder AS web_builder
RUN cd packages/web && pnpm build
FROM base AS web
COPY --from=web_builder /usr/src/app/packages/web/dist /site
CMD ["node", "serve.mjs"]
`;
const files = {
  'package.json': JSON.stringify({ name: 'shop', private: true, scripts: { start: 'http-server' } }),
  'packages/backend/package.json': JSON.stringify({ name: 'backend', scripts: { start: 'node src/main.js' }, dependencies: { express: '5' } }),
  'packages/backend/run.mjs': `import { spawn } from 'node:child_process'; spawn('caddy', ['run']); spawn('node', ['/dist/src/main.js']);`,
  'packages/backend/src/main.js': `const app = require('express')(); app.get('/items', (q, s) => s.json([])); app.listen(3170);`,
  'packages/web/package.json': JSON.stringify({ name: 'web', dependencies: { vue: '3', '@shop/pages': 'workspace:^' } }),
  'packages/web/index.html': '<div id="app"></div>',
  'packages/web/serve.mjs': `import { spawn } from 'node:child_process'; spawn('caddy', ['run']);`,
  'packages/pages/package.json': JSON.stringify({ name: '@shop/pages' }),
  'packages/pages/src/client.ts': 'export const client = createClient({ url: import.meta.env.VITE_BACKEND_GQL_URL });',
  'compose.yaml':
    'services:\n  shop-backend:\n    build: { context: ., target: backend }\n    ports: ["3170:3170"]\n  shop-web:\n    build: { context: ., target: web }\n    ports: ["80:80"]\n',
};

describe('an image of a monorepo', () => {
  it('holds the package in whose folder its stages work; what its launcher starts is behind it', async () => {
    const topology = await topologyOf({ ...files, Dockerfile: dockerfile(backend + web) });
    expect(componentsOf(topology)).toEqual(['shop-backend service', 'shop-web frontend']);
    expect(topology.components.map((it) => it.root)).toEqual(['packages/backend', 'packages/web']);
    expect(topology.endpoints.map((it) => it.id)).toEqual(['shop-backend GET /items']);
    expect(callsOf(topology)).toEqual(['shop-web http shop-backend']);
  });

  it('of several packages is none of them', async () => {
    const both = `FROM base AS backend\nCOPY --from=backend_builder /a /a\nCOPY --from=web_builder /b /b\nCMD ["node", "all.mjs"]\n`;
    const topology = await topologyOf({
      ...files,
      Dockerfile: dockerfile(backend.replace(/FROM base[\s\S]*/, '') + web.replace(/FROM base[\s\S]*/, '') + both),
      'compose.yaml': 'services:\n  all:\n    build: { context: ., target: backend }\n',
    });
    expect(topology.components.filter((it) => it.id === 'all').map((it) => it.root)).toEqual(['.']);
  });
});

describe('variables of a front end', () => {
  const asking = (code: string, env = '') => ({
    'compose.yaml': `services:\n  client:\n    build: ./web\n    ports: ["80:80"]\n    environment: { VITE_X: y ${env} }\n  backend:\n    build: ./api\n    ports: ["8080:3000"]\n`,
    'api/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
    'api/package.json': JSON.stringify({ name: 'api', dependencies: { express: '4' } }),
    'api/index.js': `const app = require('express')(); app.get('/items', (q, s) => s.json({})); app.listen(3000);`,
    'web/Dockerfile': 'FROM node:22\nCMD ["npx", "vite", "preview"]\n',
    'web/package.json': JSON.stringify({ name: 'web', dependencies: { react: '19' } }),
    'web/src/api.ts': code,
  });
  it.each<[string, string, string, string[]]>([
    ['without a value is called after the server', 'export const base = import.meta.env.VITE_BACKEND_URL;', '', ['client http backend']],
    ['that another variable fills', 'export const base = process.env.NEXT_PUBLIC_BACKEND_URL;', ', NEXT_PUBLIC_BACKEND_URL: "${BASE_URL}"', ['client http backend']],
    ['taken apart under another name', 'export const { NX_REACT_APP_BACKEND_DATA_SOURCE: SOURCE, NX_OTHER } = process.env;', '', ['client http backend']],
    ['with the address of somebody else', 'export const base = process.env.NEXT_PUBLIC_BACKEND_URL;', ', NEXT_PUBLIC_BACKEND_URL: "https://api.example.com"', []],
    ['called after nobody', 'export const base = import.meta.env.VITE_MAPS_URL;', '', []],
  ])('%s', async (_name, code, env, expected) => {
    expect(callsOf(await topologyOf(asking(code, env)))).toEqual(expected);
  });
});
