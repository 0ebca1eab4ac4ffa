import { describe, expect, it } from 'vitest';
import { applied, expectNodeAccepts, type Files, lineOf } from './bench.ts';

const compose = `# the whole shop
services:
  app:
    build: .   # from here
    container_name: shop-app
    ports:
      - "\${PORT:-3000}:3000"
    environment:
      - REDIS_HOST=redis
      # the password comes from outside
      - REDIS_PASSWORD=\${REDIS_PASSWORD}
    deploy:
      replicas: 2
  # the broker
  redis:
    image: redis:alpine
`;
const worker = "const { Worker } = require('bullmq');\n\nconst mailWorker = new Worker('mail', async (job) => send(job), { connection });\n\nmodule.exports = { mailWorker };\n";
const files: Files = {
  'package.json': '{ "name": "shop", "scripts": { "start": "node src/server.js" } }\n',
  'docker-compose.yml': compose,
  'src/mail/worker.js': worker,
  'src/server.js': "const express = require('express');\nrequire('./mail/worker'); // starts it\n\nexpress().listen(3000);\n",
  'tests/worker.test.js': "const { mailWorker } = require('../src/mail/worker');\n",
};
const args = { file: 'src/mail/worker.js', line: lineOf(worker, 'new Worker'), worker: 'mailWorker', service: 'app', compose: 'docker-compose.yml' };

describe('extract-worker', () => {
  it('takes the import away and adds a service, and nothing else', async () => {
    const after = (await applied('extract-worker', args, files)) as Files;
    expect(after).toEqual({
      ...files,
      'src/server.js': "const express = require('express');\n\nexpress().listen(3000);\n",
      'docker-compose.yml': compose.replace(
        '  # the broker\n',
        `  mail-worker:
    build: .   # from here
    command: node src/mail/worker.js
    environment:
      - REDIS_HOST=redis
      # the password comes from outside
      - REDIS_PASSWORD=\${REDIS_PASSWORD}
  # the broker
`,
      ),
    });
    expectNodeAccepts(after['src/server.js'] as string, 'commonjs');
    expect(await applied('extract-worker', args, after)).toEqual({ cannot: 'nothing in the web process imports src/mail/worker.js' });
  });

  it('TypeScript through the alias, started from the built output, CRLF kept', async () => {
    const typed: Files = {
      'package.json': '{ "scripts": { "start": "node dist/index.js" } }',
      'docker-compose.yml': 'services:\r\n  app:\r\n    build: .\r\n',
      'src/queues/mailWorker.ts': "import { Worker } from 'bullmq';\r\nexport const w = new Worker('mail', send);\r\n",
      'src/index.ts': "import express from 'express';\r\nimport '@/queues/mailWorker';\r\nexpress();\r\n",
    };
    const after = (await applied(
      'extract-worker',
      { file: 'src/queues/mailWorker.ts', line: 2, worker: 'app mail', service: 'app', compose: 'docker-compose.yml' },
      typed,
    )) as Files;
    expect(after['src/index.ts']).toBe("import express from 'express';\r\nexpress();\r\n");
    expect(after['docker-compose.yml']).toBe('services:\r\n  app:\r\n    build: .\r\n\r\n  app-mail:\r\n    build: .\r\n    command: node dist/queues/mailWorker.js\r\n');
  });

  it.each([
    [
      'an import that is used',
      { ...files, 'src/server.js': "const { mailWorker } = require('./mail/worker');\nprocess.on('SIGTERM', () => mailWorker.close());\n" },
      args,
      /uses what src\/mail\/worker\.js exports/,
    ],
    ['a re-export', { ...files, 'src/mail/index.mjs': "export * from './worker.js';\n" }, args, /uses what/],
    [
      'a worker made by a function',
      { ...files, 'src/mail/worker.js': "function start() {\n  return new Worker('mail', send);\n}\nstart();\n" },
      { ...args, line: 2 },
      /inside a function, not when it is loaded/,
    ],
    ['a file that serves requests', { ...files, 'src/mail/worker.js': "new Worker('mail', send);\napp.listen(80);\n" }, { ...args, line: 1 }, /serves requests, too/],
    ['a service that is not there', files, { ...args, service: 'web' }, /no service web/],
    ['a name that is taken', files, { ...args, worker: 'redis' }, /has a service redis already/],
    ['a broken compose file', { ...files, 'docker-compose.yml': 'services:\n  app: [\n' }, args, /is not valid YAML/],
    [
      'mongoose in what the worker uses',
      { ...files, 'package.json': '{ "dependencies": { "mongoose": "8" } }', 'src/mail/worker.js': `require('mongoose');\n${files['src/mail/worker.js']}` },
      { ...args, line: args.line + 1 },
      /start-up of its own/,
    ],
  ] as [string, Files, typeof args, RegExp][])('refuses: %s', async (_name, given, call, because) => {
    expect(await applied('extract-worker', call, given)).toEqual({ cannot: expect.stringMatching(because) });
  });
});
