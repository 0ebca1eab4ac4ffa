import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { memoryWorkspace } from './memory-workspace.ts';
import { keptCommand, keptLiteral, keptVariable } from '../../src/inference/code/redact.ts';

describe('environment values', () => {
  it.each<[string, string, string | null]>([
    ['DB_HOST', 'db', 'db'],
    ['DB_PORT', '5432', '5432'],
    ['USER_HOST', 'user', 'user'],
    ['DATABASE_URL', 'postgres://shop:hunter2@db:5432/shop?sslmode=require&connection_limit=5', 'postgres://db:5432/shop?sslmode=&connection_limit=5'],
    ['DATABASE_URL', 'postgres://shop:${PASSWORD:-hunter2}@db/shop', 'postgres://db/shop'],
    ['SEARCH_URL', '${SEARCH_URL:-http://${USER:-me}:${WORD:-hunter2}@search:9200?secure=false}', '${SEARCH_URL:-http://search:9200?secure=}'],
    ['SEARCH_URL', 'http://search:9200?secure=hunter2}more&n=1', 'http://search:9200?secure=&n=1'],
    ['KAFKA_BROKERS', 'a:9092,b:9092', 'a:9092,b:9092'],
    ['REDIS_URL', 'redis://:hunter2@cache:6379', 'redis://cache:6379'],
    ['DB_CONNECTION_STRING', 'Host=db;Username=shop;Password=hunter2;Database=shop', 'db'],
    ['DSN', 'user=shop password=hunter2 host=db port=5432', 'db'],
    ['DATABASE_DSN', 'user=shop;password=hunter2', null],
    ['DB_IMAGE', 'registry.example/postgres:18', 'registry.example/postgres:18'],
    ['DB_PASSWORD', 'db', null],
    ['DB_USER', 'admin', null],
    ['JWT_SECRET', '12345', null],
    ['STRIPE_KEY_URL', 'sk_live_abcdefgh', null],
    ['API_SERVER', 'AKIAIOSFODNN7EXAMPLE', null],
    ['GREETING', 'hello', null],
  ])('%s=%s', (name, value, kept) => expect(keptVariable(name, value)).toBe(kept));
});

describe('literals in code', () => {
  it.each<[string, string | null]>([
    ['/users/:id', '/users/:id'],
    ['email-queue', 'email-queue'],
    ['https://user:pw@api.example.com/v1', 'https://api.example.com/v1'],
    ["SELECT * FROM t WHERE k = 'hunter2'", "SELECT * FROM t WHERE k = ''"],
    ['ghp_0123456789abcdef', null],
    ['9f86d081884c7d659a2feaa0c55ad015', null],
  ])('%s', (literal, kept) => expect(keptLiteral(literal)).toBe(kept));
});

describe('commands', () => {
  it.each([
    ['node dist/server.js --port 3000', 'node dist/server.js --port 3000'],
    ['node dist/apps/oauth2-verification/main.js', 'node dist/apps/oauth2-verification/main.js'],
    ['node run.js /3f2a9c1e-8d4b-4c7a-9e21-77b0c5d1e9aa', 'node run.js /*'],
    ['redis-server --requirepass hunter2 --maxmemory 1gb', 'redis-server --requirepass * --maxmemory 1gb'],
    ['DB_PASSWORD=hunter2 node index.js', 'DB_PASSWORD=* node index.js'],
    ['wait-for postgres://u:hunter2@db:5432 -- node index.js', 'wait-for postgres://db:5432 -- node index.js'],
    ['curl https://hooks.example.com/services/T0123ABCD/a1b2c3d4e5f6g7h8i9', 'curl https://hooks.example.com/services/T0123ABCD/*'],
    ['pm2 start ecosystem.config.json --no-daemon', 'pm2 start ecosystem.config.json --no-daemon'],
  ])('%s', (command, kept) => expect(keptCommand(command)).toBe(kept));
});

it('no planted secret is kept anywhere: facts, topology, messages', async () => {
  const planted = (n: number) => `hunter${n}`;
  const files = {
    'package.json': `{ "name": "app", "scripts": { "start": "API_TOKEN=${planted(1)} node index.js" }, "dependencies": { "express": "4", "x": "git+https://${planted(2)}@example.com/x.git" } }`,
    'docker-compose.yml': `services:\n  app:\n    build: .\n    environment:\n      - SECRET_KEY=${planted(3)}\n      - LOGIN=${planted(4)}\n      - BASE_URL=https://${planted(5)}:x@example.com\n  redis:\n    image: redis\n    command: redis-server --requirepass ${planted(6)}\n  pay:\n    build: ./pay\n`,
    'pay/pay.py': `import os\nKEY = os.getenv('API_KEY', '${planted(7)}')\n`,
    '.env': `DB_PASSWORD=${planted(8)}\nGREETING=${planted(9)}\n`,
    'index.js': `const express = require('express'); const app = express(); const apiKey = '${planted(10)}'; const jwt = require('jsonwebtoken'); app.get('/it', async (q, s) => { jwt.sign({}, '${planted(11)}'); await fetch('https://api.example.com/a?token=${planted(12)}', { headers: { authorization: '${planted(13)}' } }); s.json({}); }); app.listen(1); const x = {`,
  };
  const kept: unknown[] = [];
  const { topology } = await infer(memoryWorkspace(files), {
    cache: {
      byStamp: () => undefined,
      byText: () => undefined,
      keep: (_path, _stamp, _text, facts) => void kept.push(facts),
      settle: () => undefined,
      answer: () => undefined,
      keepAnswer: (_inputs, it) => void kept.push(it),
      recall: () => undefined,
      remember: () => undefined,
      write: () => undefined,
    },
  });
  expect(topology.endpoints).toHaveLength(1);
  expect(kept.length).toBeGreaterThan(4);
  const all = JSON.stringify({ topology, kept });
  for (let n = 1; n <= 13; n++) expect(new RegExp(`${planted(n)}(?!\\d)`).test(all), planted(n)).toBe(false);
});
