import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeCache } from '../../src/inference/node-cache.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import { analyse } from '../../src/pipeline.ts';
import { cli, inFolder } from './run-cli.ts';

const SECRETS = ['cAnAry-pass-1', 'cAnAry-key-2', 'cAnAry-token-3', 'cAnAry-code-4', 'cAnAry-url-5', 'cAnAry-broken-6', 'cAnAry-redis-7'];

const FILES = {
  'package.json': '{"name":"vault","dependencies":{"express":"^5.0.0","pg":"^8.0.0","ioredis":"^5.0.0"}}',
  '.env': `DB_PASSWORD=${SECRETS[0]}\nAPI_KEY="${SECRETS[1]}"\nREDIS_URL=redis://:${SECRETS[6]}@cache:6379\n`,
  'docker-compose.yml': `services:\n  api:\n    build: .\n    ports: ["3000:3000"]\n    environment:\n      JWT_SECRET: ${SECRETS[2]}\n      DATABASE_URL: postgres://user:${SECRETS[4]}@db:5432/app\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: ${SECRETS[0]}\n  cache:\n    image: redis:7\n`,
  'docker-compose.broken.yml': `services:\n  api: [\n    TOKEN: ${SECRETS[5]}\n`,
  'index.js': `const express = require('express');\nconst { Pool } = require('pg');\nconst Redis = require('ioredis');\nconst redis = new Redis(process.env.REDIS_URL);\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL || 'postgres://u:${SECRETS[4]}@db/app', password: '${SECRETS[3]}', max: 4 });\nconst app = express();\napp.get('/a', async (req, res) => { const hit = await redis.get('greeting'); res.json(hit ?? (await pool.query("SELECT * FROM t WHERE k = '${SECRETS[3]}'")).rows); });\napp.listen(3000);\n`,
};

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((it) => join(folder, it))
    .filter((it) => statSync(it).isFile());

it('no planted secret occurs in any output or in the cache', () =>
  inFolder(FILES, (folder) =>
    inFolder({}, async (cacheFolder) => {
      const outputs: [string, string][] = ['text', 'json', 'sarif', 'markdown', 'mermaid'].map((format) => {
        const ran = cli('check', folder, '--rps', '1000', '--format', format);
        expect(ran.code, ran.err).not.toBe(2);
        return [format, ran.out + ran.err];
      });
      outputs.push(['scaffold', cli('scaffold', folder).out]);
      const cache = nodeCache(cacheFolder, folder);
      const report = await analyse(nodeWorkspace(folder), { cache });
      await analyse(nodeWorkspace(folder), { cache });
      cache.write();
      outputs.push(['report in memory', JSON.stringify(report)]);
      const cached = filesBelow(cacheFolder);
      expect(cached.length, 'the cache writes files').toBeGreaterThan(0);
      for (const file of cached) outputs.push([`cache ${file}`, readFileSync(file, 'latin1')]);
      expect(report.topology.components.length, 'something was read').toBeGreaterThan(1);
      const leaks = outputs.flatMap(([where, text]) => SECRETS.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${where}`));
      expect(leaks).toEqual([]);
    }),
  ));

it('recipes show statements of the code without the texts in them', () =>
  // Without the cache, so that the statement decides.
  inFolder({ ...FILES, 'index.js': FILES['index.js'].replace('hit ?? (await', '(await') }, (folder) => {
    const { out } = cli('measure', folder, '--rps', '1000');
    expect(out).toContain("SELECT * FROM t WHERE k = '…'");
    expect(SECRETS.filter((secret) => out.includes(secret))).toEqual([]);
  }));
