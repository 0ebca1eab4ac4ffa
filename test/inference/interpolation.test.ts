import { expect, it } from 'vitest';
import { interpolate } from '../../src/inference/assemble/interpolation.ts';
import { callsOf, topologyOf } from './memory-workspace.ts';

const place = { file: '.env', line: 1 };
const set = { HOST: { value: 'db', place }, NONE: { value: '', place } };

it.each([
  ['plain', 'plain'],
  ['a $HOST b ${HOST}', 'a db b db'],
  ['${PORT:-3000}${PORT-1}', '30001'],
  ['${NONE-x}|${NONE:-x}', '|x'],
  ['${NONE:+x}|${NONE+x}|${HOST:+y}|${PORT:+z}', '|x|y|'],
  ['${URL:-http://${USER:-me}:${WORD}@${HOST}:8123?secure=false}', 'http://me:@db:8123?secure=false'],
  ['${PORT:?must be set}', ''],
  ['$$HOST ${', '$HOST ${'],
  ['a price of 5$', 'a price of 5$'],
])('%s becomes %s', (text, made) => expect(interpolate(text, set)).toBe(made));

it('a variable that stands in for another one leads to its server', async () => {
  const topology = await topologyOf({
    'docker-compose.yml': 'services:\n  api:\n    build: .\n    environment:\n      REDIS_HOST: ${CACHE_URL:-${CACHE_HOST:-redis}}\n  redis:\n    image: redis:8\n',
    Dockerfile: 'FROM node:24\nCMD ["node", "index.js"]\n',
    'package.json': JSON.stringify({ name: 'api', dependencies: { express: '4', ioredis: '5', zod: '4' } }),
    'index.js': `const { z } = require('zod'); const Redis = require('ioredis'); const app = require('express')();
const env = z.object({ LIMITS_HOST: z.string().optional().transform((v) => v ?? process.env.REDIS_HOST), PORT: z.string().transform((v) => Number(v)) }).parse(process.env);
const redis = new Redis({ host: env.LIMITS_HOST });
app.get('/limits', async (q, s) => s.json(await redis.get('limits')));
app.listen(env.PORT);
`,
  });
  expect(callsOf(topology)).toEqual(['api cache redis']);
});
