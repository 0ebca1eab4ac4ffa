import { expect, it } from 'vitest';
import { topologyOf } from './memory-workspace.ts';

const start = `import { Command } from '@oclif/core'; import express from 'express';
export default class Start extends Command { async init() { this.app = express(); } async run() { this.app.get('/it', (q, s) => s.end()); this.app.listen(3000); } }`;
const worker = `import { Command } from '@oclif/core'; import { Worker } from 'bullmq';
export default class Work extends Command { async run() { new Worker('mail', async () => {}, { connection: { host: 'redis' } }); } }`;
const server = (more: object): string =>
  JSON.stringify({ name: '@shop/server', bin: { shop: './bin/run' }, dependencies: { express: '5', bullmq: '5', '@oclif/core': '4' }, ...more });
const oclif = {
  'packages/server/package.json': server({ oclif: { commands: './dist/commands' } }),
  'packages/server/bin/run': `#!/usr/bin/env node\nrequire('@oclif/core').run()`,
  'packages/server/src/commands/start.ts': start,
  'packages/server/src/commands/jobs/work.ts': worker,
};
const compose = (...commands: string[]): string =>
  ['services:', ...commands.flatMap((it, at) => [`  s${at}:`, '    build: .', `    command: ${JSON.stringify(it)}`]), '  redis: { image: "redis:7" }'].join('\n');
const image = { Dockerfile: 'FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["npm", "start"]' };

it.each<[string, Record<string, string>, string[]]>([
  ['installed under its name, topics as words', { ...oclif, 'compose.yaml': compose('shop start', 'shop jobs work') }, ['s0 GET /it', 's1 consumes mail']],
  ['topics with colons, after a pause', { ...oclif, 'compose.yaml': compose('/bin/sh -c "sleep 3; shop jobs:work"') }, ['s0 consumes mail']],
  [
    'scripts of the root for each system, from a folder of the package',
    {
      ...oclif,
      'package.json': JSON.stringify({
        name: 'shop',
        workspaces: ['packages/*'],
        scripts: { start: 'run-script-os', 'start:windows': 'cd packages/server/bin && run start', 'start:default': 'cd packages/server/bin && ./run start' },
      }),
      'compose.yaml': compose('npm start'),
    },
    ['s0 GET /it'],
  ],
  [
    'a program without a framework for commands',
    {
      'packages/server/package.json': server({ bin: './dist/cli.js' }).replace('@shop/server', 'shop'),
      'packages/server/src/cli.ts': `import express from 'express'; const app = express(); app.get('/it', (q, s) => s.end()); app.listen(3000);`,
      'compose.yaml': compose('shop serve'),
    },
    ['s0 GET /it'],
  ],
  [
    'a tool of the workspace that serves nothing starts what it is told to start',
    {
      'package.json': JSON.stringify({ name: 'shop', main: 'index.js', dependencies: { express: '5' }, scripts: { start: 'launch index.js' } }),
      'index.js': `import express from 'express'; const app = express(); app.get('/own', (q, s) => s.end()); app.listen(3000);`,
      'tools/package.json': JSON.stringify({ name: 'launch', bin: './cli.js' }),
      'tools/cli.js': `console.log(process.argv)`,
      'compose.yaml': compose('npm start'),
    },
    ['s0 GET /own'],
  ],
])('a command that a package here brings: %s', async (_name, files, expected) => {
  const topology = await topologyOf({ 'package.json': JSON.stringify({ name: 'shop', workspaces: ['packages/*'] }), ...image, ...files });
  expect(topology.endpoints.map((it) => it.id)).toEqual(expected);
});
